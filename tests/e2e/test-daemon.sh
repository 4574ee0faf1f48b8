# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Starting, stopping, reloading, and every way in which it must refuse.

# refused STATUS PATTERN ARGUMENT... : the program ends with STATUS and says one line that matches.
refused() {
	local expected=$1 pattern=$2 result=0
	shift 2
	"$auditmon" "$@" > "$work/refused.out" 2> "$work/refused.err" || result=$?
	[ "$result" = "$expected" ] || fail "'$*' ended with $result, not $expected: $(cat "$work/refused.err")"
	[ "$(wc -l < "$work/refused.err")" = 1 ] || fail "'$*' said more or less than one line: $(cat "$work/refused.err")"
	grep -qE "^auditmon: .*$pattern" "$work/refused.err" || fail "'$*' did not say '$pattern': $(cat "$work/refused.err")"
}

test_clean_stop_leaves_the_audit_state_as_found() {
	touch "$work/mine" "$work/others"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	auditctl -b 777 >/dev/null
	auditctl -s > "$work/status.before"
	auditctl -l > "$work/rules.before"
	start_daemon "-w $work/mine -p wa -k mine"
	auditctl -l | grep -q 'k[= ]mine' || fail "our rule is not in the kernel with its key"
	[ "$(auditctl -s | sed -n 's/^pid //p')" = "$daemon" ] || fail "auditmon is not the audit daemon"
	stop_daemon_well
	auditctl -s | grep -v '^lost\|^backlog \|wait_time_actual' > "$work/status.after"
	grep -v '^lost\|^backlog \|wait_time_actual' "$work/status.before" | diff - "$work/status.after" >&2 || fail "the audit state has changed"
	auditctl -l | diff "$work/rules.before" - >&2 || fail "the rules have changed"
	auditctl -b "$found_backlog" >/dev/null
}

test_every_event_before_sigterm_is_committed() {
	local i
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k all"
	for i in $(seq 2000); do
		: >> "$work/f"
	done
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 2000 ] || fail "stored $(sqlite3 "$work/db" 'SELECT count(*) FROM touch') of 2000"
	no_losses
}

test_sighup_reloads_the_rules_without_a_gap() {
	touch "$work/a" "$work/b" "$work/c"
	start_daemon "-w $work/a -p wa -k a" "-w $work/b -p wa -k b"
	printf '%s\n' "-w $work/b -p wa -k b" "-w $work/c -p wa -k c" > "$work/test.rules"
	kill -HUP "$daemon"
	until_true 10 eval "auditctl -l | grep -q '$work/c' && ! auditctl -l | grep -q '$work/a'" || fail "not reloaded: $(auditctl -l)"
	echo x >> "$work/b"
	echo x >> "$work/c"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT group_concat(watch, ' ') FROM (SELECT watch FROM touch ORDER BY time_msec, serial)")" = 'b c' ] ||
		fail "touches: $(sqlite3 "$work/db" 'SELECT watch, path FROM touch')"
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l)"
}

test_bad_reload_keeps_the_rules_in_force() {
	touch "$work/a"
	start_daemon "-w $work/a -p wa -k a"
	auditctl -l > "$work/before"
	printf '%s\n' '# first' "-w $work/a -p wqa -k a" > "$work/test.rules"
	kill -HUP "$daemon"
	until_true 10 grep -q 'test.rules:2: ' "$work/log" || fail "file and line are not named: $(cat "$work/log")"
	auditctl -l | diff "$work/before" - >&2 || fail "the rules in the kernel have changed"
	echo x >> "$work/a"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 1 ] || fail "the rule in force did not report"
}

test_bad_rule_file_is_refused_with_file_line_and_reason() {
	touch "$work/others"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	auditctl -l > "$work/before"
	printf '%s\n' "-w $work/others -p wa -k ok" '-w relative/path -p wa' > "$work/bad.rules"
	refused 2 'bad.rules:2: ' daemon --rules "$work/bad.rules" --db "$work/db"
	auditctl -l | diff "$work/before" - >&2 || fail "the rules in the kernel have changed"
	refused 2 'No such file' daemon --rules "$work/absent.rules" --db "$work/db"
}

test_no_permission_is_one_clear_line() {
	chmod 755 "$state" "$work"
	mkdir "$work/for-nobody"
	chmod 777 "$work/for-nobody"
	echo "-w $work/x -p wa" > "$work/ok.rules"
	cp "$auditmon" "$work/auditmon"
	local result=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/auditmon" daemon --rules "$work/ok.rules" --db "$work/for-nobody/db" 2> "$work/err" || result=$?
	[ "$result" = 3 ] || fail "ended with $result: $(cat "$work/err")"
	[ "$(wc -l < "$work/err")" = 1 ] && grep -q '^auditmon: audit.*permission' "$work/err" || fail "$(cat "$work/err")"
}

test_second_audit_daemon_is_refused() {
	touch "$work/f"
	echo "-w $work/f -p wa" > "$work/ok.rules"
	start_daemon "-w $work/f -p wa -k f"
	auditctl -s | sed -n 's/^pid //p' > "$work/before"
	refused 3 'audit daemon is there already' daemon --source kernel --rules "$work/ok.rules" --db "$work/other.db"
	refused 3 "$work/db: " daemon --rules "$work/ok.rules" --db "$work/db"
	auditctl -s | sed -n 's/^pid //p' | diff "$work/before" - >&2 || fail "the audit daemon was replaced"
	echo x >> "$work/f"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 1 ] || fail "the first daemon lost its event"
}

test_auditd_is_respected() {
	command -v auditd >/dev/null || skip "no auditd here"
	mkdir "$work/etc"
	printf '%s\n' "log_file = $work/audit.log" 'log_format = RAW' 'flush = NONE' 'write_logs = yes' 'num_logs = 0' 'max_log_file_action = IGNORE' 'space_left = 3' 'admin_space_left = 2' 'disk_full_action = IGNORE' 'disk_error_action = IGNORE' 'space_left_action = IGNORE' 'admin_space_left_action = IGNORE' > "$work/etc/auditd.conf"
	chmod 640 "$work/etc/auditd.conf"
	auditd -f -c "$work/etc" > "$work/auditd.out" 2>&1 &
	other_daemon=$!
	until_true 10 eval "[ \"\$(auditctl -s | sed -n 's/^pid //p')\" = $other_daemon ]" || fail "auditd did not start: $(cat "$work/auditd.out")"
	echo "-w $work/f -p wa" > "$work/ok.rules"
	refused 3 "audit daemon is there already \(pid $other_daemon\)" daemon --source kernel --rules "$work/ok.rules" --db "$work/db"
	[ "$(auditctl -s | sed -n 's/^pid //p')" = "$other_daemon" ] || fail "auditd lost its place"
}

test_unknown_source_is_wrong_usage() {
	echo "-w $work/f -p wa" > "$work/ok.rules"
	refused 2 'source tape: expected auto, kernel' daemon --source tape --rules "$work/ok.rules" --db "$work/db"
	refused 2 'source kernel:/x: expected auto, kernel' daemon --source kernel:/x --rules "$work/ok.rules" --db "$work/db"
	echo 'source = tape' > "$work/conf"
	refused 2 'source tape: expected auto, kernel' daemon --config "$work/conf" --rules "$work/ok.rules" --db "$work/db"
	[ ! -e "$work/db" ] || fail "a database was made"
}

test_database_that_is_not_ours_is_left_alone() {
	echo "-w $work/f -p wa" > "$work/ok.rules"
	sqlite3 "$work/foreign.db" 'CREATE TABLE t(x); INSERT INTO t VALUES (1)'
	cp "$work/foreign.db" "$work/foreign.before"
	refused 3 'foreign.db: .*not an auditmon database' daemon --rules "$work/ok.rules" --db "$work/foreign.db"
	cmp "$work/foreign.db" "$work/foreign.before" >&2 || fail "it was changed"
	echo 'no database at all, but long enough to be one' > "$work/text.db"
	refused 3 'text.db: .*not an auditmon database' daemon --rules "$work/ok.rules" --db "$work/text.db"
	refused 3 'text.db: .*not an auditmon database' who-touched /etc/passwd --db "$work/text.db"
	refused 3 'absent.db: ' who-touched /etc/passwd --db "$work/absent.db"
	[ ! -e "$work/absent.db" ] || fail "a reader created a database"
}

test_newer_schema_is_left_alone() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	stop_daemon_well
	sqlite3 "$work/db" 'PRAGMA user_version = 999'
	refused 3 'db: .*newer' daemon --rules "$work/test.rules" --db "$work/db"
	refused 3 'db: .*newer' events --db "$work/db"
}

test_time_not_running_is_a_loss() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	echo 1 >> "$work/f"
	stop_daemon_well
	start_daemon "-w $work/f -p wa -k f"
	echo 2 >> "$work/f"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 2 ] || fail "touches were lost over the restart"
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM loss')" = 1 ] || fail "losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	am status --db "$work/db" --format json | jq -e '.losses[] | select(.kind == "downtime")' >/dev/null || fail "status does not show it"
	am who-touched "$work/f" --db "$work/db" > "$work/table"
	grep -qi 'not running\|gap\|downtime' "$work/table" || fail "the answer does not show it: $(cat "$work/table")"
	am who-touched "$work/f" --db "$work/db" --format json 2> "$work/note" >/dev/null
	grep -q '^auditmon: note: ' "$work/note" || fail "the JSON answer does not show it: $(cat "$work/note")"
}

test_killed_daemon_leaves_what_it_committed() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	echo 1 >> "$work/f"
	until_true 10 eval "[ \"\$(sqlite3 '$work/db' 'SELECT count(*) FROM touch')\" = 1 ]" || fail "not stored within ten seconds"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || true
	auditctl -D >/dev/null
	start_daemon "-w $work/f -p wa -k f"
	echo 2 >> "$work/f"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 2 ] || fail "stored: $(sqlite3 "$work/db" 'SELECT count(*) FROM touch')"
	sqlite3 "$work/db" 'PRAGMA integrity_check' | grep -qx ok || fail "the database is damaged"
}

test_full_disk_loses_nothing_that_was_received() {
	local i written stored
	mkdir "$work/small"
	mount -t tmpfs -o size=24m tmpfs "$work/small" || skip "cannot mount a tmpfs"
	touch "$work/f"
	echo "-w $work/f -p wa -k f" > "$work/test.rules"
	# Every event must be a touch: what is seen of other processes for coverage's sake has serial numbers too.
	echo 'coverage = none' > "$work/conf"
	"$auditmon" daemon --config "$work/conf" --rules "$work/test.rules" --db "$work/small/db" > "$work/out" 2> "$work/log" &
	daemon=$!
	until_true 20 grep -q ready: "$work/log" || fail "not ready: $(cat "$work/log")"
	: >> "$work/f"
	head -c 24m /dev/zero > "$work/small/filler" 2>/dev/null || true
	written=1
	# Until it has noticed: each name is new, so the database must grow.
	while kill -0 "$daemon" 2>/dev/null && [ $written -lt 60000 ]; do
		for i in $(seq 200); do
			: >> "$work/f"
		done
		written=$((written + 200))
		auditctl -l | grep -q "$work/f" || break
	done
	local result=0
	wait "$daemon" || result=$?
	[ "$result" = 3 ] || fail "ended with $result after $written writes: $(cat "$work/log")"
	grep -q '^auditmon: .*disk is full' "$work/log" || fail "$(cat "$work/log")"
	auditctl -l | grep -q '^No rules' || fail "rules left behind"
	rm "$work/small/filler"
	stored=$(sqlite3 "$work/small/db" 'SELECT count(*) FROM touch')
	sqlite3 "$work/small/db" 'PRAGMA integrity_check' | grep -qx ok || fail "the database is damaged"
	# Serial numbers without a hole: all that came before the stop has been stored.
	sqlite3 "$work/small/db" 'SELECT DISTINCT serial FROM touch ORDER BY serial' |
		awk 'NR > 1 && $1 != last + 1 { holes++ } { last = $1 } END { exit holes > 0 }' || fail "a hole among $stored stored touches"
	[ "$stored" -gt 200 ] || fail "only $stored of $written stored"
}

test_reader_without_write_permission() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	echo 1 >> "$work/f"
	until_true 10 eval "[ \"\$(sqlite3 '$work/db' 'SELECT count(*) FROM touch')\" = 1 ]" || fail "not stored"
	chmod 755 "$state" "$work"
	chmod 644 "$work"/db*
	cp "$auditmon" "$work/auditmon"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/auditmon" who-touched "$work/f" --db "$work/db" > "$work/while" || fail "not readable while the daemon runs"
	stop_daemon_well
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/auditmon" who-touched "$work/f" --db "$work/db" > "$work/after" || fail "not readable after a clean stop"
	grep -q "$work/f" "$work/after" || fail "$(cat "$work/after")"
}

test_flagged_touches_are_shown_as_they_happen() {
	need_docker
	touch "$work/f"
	daemon_options=(--show flagged)
	start_daemon "-w $work/f -p wa -k f"
	echo host >> "$work/f"
	in_docker run --rm --name shown --privileged --network=none -v /:/host bb sh -c "echo x >> /host$work/f"
	until_true 10 grep -q shown "$work/out" || fail "nothing shown: $(cat "$work/out")"
	stop_daemon_well
	[ "$(wc -l < "$work/out")" = 1 ] || fail "$(cat "$work/out")"
	grep -q "$work/f" "$work/out" && grep -q host-write "$work/out" || fail "$(cat "$work/out")"
}

test_demo_ends_with_the_answer() {
	need_docker
	DOCKER="docker -H unix://$state/docker.sock" BUILD=$build "$here/../../contrib/run" --demo > "$work/demo" 2>&1 || fail "$(cat "$work/demo")"
	tail -n 8 "$work/demo" | grep -q 'hack.*precious' || fail "$(cat "$work/demo")"
	auditctl -l | grep -q '^No rules' || fail "rules left behind"
}

test_ingest_counts_broken_lines_and_goes_on() {
	{
		echo 'type=SYSCALL msg=audit(1700000000.123:77): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=441 a3=1b6 items=2 ppid=1 pid=4242 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="sh" exe="/usr/bin/dash" subj=unconfined key="identity"'
		echo 'type=CWD msg=audit(1700000000.123:77): cwd="/root"'
		echo 'this is no record'
		printf 'type=PATH msg=audit(17000\n\001\002\377\n'
		echo 'type=PATH msg=audit(1700000000.123:77): item=0 name="/etc/passwd" inode=12 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0'
		echo 'type=PROCTITLE msg=audit(1700000000.123:77): proctitle=7368002D63006563686F20783E3E2F6574632F706173737764'
	} > "$work/audit.log"
	am ingest "$work/audit.log" --db "$work/db" 2> "$work/err" || fail "$(cat "$work/err")"
	grep -q '3 broken lines' "$work/err" || fail "$(cat "$work/err")"
	touches /etc/passwd > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.serial == 77 and .time == "2023-11-14T22:13:20.123Z" and .auid == 1000 and .session == 3 and .process.argv == ["sh","-c","echo x>>/etc/passwd"] and .action == "write"'
	check_each "$work/json" '.container == null and .doubt != null and .login == null'
	am ingest - --db "$work/db" < "$work/audit.log" 2>/dev/null || fail "standard input was not taken"
	touches /etc/passwd > "$work/json"
	check_count "$work/json" 1
	refused 2 'No such file' ingest "$work/absent.log" --db "$work/db"
}

test_shipped_rules_are_all_taken() {
	local wanted loaded
	"$auditmon" rules check --rules "$here/../../rules" > "$work/check" || fail "$(cat "$work/check")"
	"$auditmon" rules load --rules "$here/../../rules" > "$work/load" 2>&1 || fail "$(cat "$work/load")"
	"$auditmon" rules list --rules "$here/../../rules" --format json > "$work/list" || fail "cannot list"
	loaded=$(jq -c 'select(.loaded == true)' "$work/list" | wc -l)
	[ "$loaded" -gt 50 ] || fail "only $loaded are loaded: $(head -n 3 "$work/list")"
	[ "$(auditctl -l | wc -l)" = "$loaded" ] || fail "the kernel has $(auditctl -l | wc -l), not $loaded"
	"$auditmon" rules unload --rules "$here/../../rules" >/dev/null || fail "cannot unload"
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l | head -n 3)"
}

test_deleted_rules_come_back_and_the_gap_is_told() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	auditctl -D >/dev/null
	until_true 10 eval "auditctl -l | grep -q '$work/f'" || fail "the rule did not come back: $(cat "$work/log")"
	echo x >> "$work/f"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/f'")" = 1 ] || fail "not recorded"
	am status --db "$work/db" --format json | jq -e '.losses[] | select(.detail | test("deleted"))' >/dev/null || fail "the gap is not told"
}

test_auditing_switched_off_is_told() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	auditctl -e 0 >/dev/null
	until_true 10 grep -q 'switched off' "$work/log" || fail "not noticed: $(cat "$work/log")"
	auditctl -e 1 >/dev/null
	stop_daemon_well
	am status --db "$work/db" --format json | jq -e '.losses[] | select(.detail | test("switched off"))' >/dev/null || fail "the gap is not told"
}

test_locked_database_at_the_stop_is_waited_for() {
	local i
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	mkfifo "$work/shell"
	sqlite3 "$work/db" < "$work/shell" > "$work/locked" &
	exec 8> "$work/shell"
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&8
	until_true 10 test -s "$work/locked" || fail "the database could not be locked"
	for i in $(seq 300); do
		: >> "$work/f"
	done
	kill -TERM "$daemon"
	until_true 10 eval "auditctl -l | grep -q '^No rules'" || fail "the rules stay"
	sleep 1
	exec 8>&-
	status=0
	wait "$daemon" || status=$?
	[ "$status" = 0 ] || fail "ended with $status: $(cat "$work/log")"
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 300 ] || fail "stored $(sqlite3 "$work/db" 'SELECT count(*) FROM touch') of 300"
}
