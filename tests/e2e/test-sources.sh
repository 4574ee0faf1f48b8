# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Beside auditd, and by every way in which its records can be had: nothing of auditd's is taken away, and the rows are the same.

# make_auditd [FORMAT] : a configuration of the test's own in $work/etc; its plugins in $work/etc/plugins.d.
make_auditd() {
	command -v auditd >/dev/null || skip "no auditd here"
	mkdir -p "$work/etc/plugins.d"
	printf '%s\n' "log_file = $work/audit.log" "log_format = ${1:-RAW}" 'flush = INCREMENTAL_ASYNC' 'freq = 1' 'write_logs = yes' 'num_logs = 5' 'max_log_file = 100' \
		'max_log_file_action = IGNORE' 'space_left = 3' 'admin_space_left = 2' 'disk_full_action = IGNORE' 'disk_error_action = IGNORE' \
		'space_left_action = IGNORE' 'admin_space_left_action = IGNORE' "plugin_dir = $work/etc/plugins.d" 'q_depth = 2000' 'overflow_action = IGNORE' > "$work/etc/auditd.conf"
	chmod 640 "$work/etc/auditd.conf"
}

audit_pid() {
	auditctl -s | sed -n 's/^pid //p'
}

# Without a fork, so that nothing but the test ends it. Fails where another audit daemon is.
try_auditd() {
	auditd -n -c "$work/etc" >> "$work/auditd.out" 2>&1 &
	other_daemon=$!
	until_true 10 eval "[ \"\$(audit_pid)\" = $other_daemon ] || ! kill -0 $other_daemon"
	[ "$(audit_pid)" = "$other_daemon" ]
}

start_auditd() {
	# As its own rule files do; with the 64 of a fresh kernel the whole host waits for it.
	auditctl -b 8192 >/dev/null
	try_auditd || fail "auditd did not start: $(cat "$work/auditd.out")"
}

stop_auditd() {
	kill -TERM "$other_daemon"
	wait "$other_daemon" 2>/dev/null || true
	other_daemon=
	auditctl -b "$found_backlog" >/dev/null
}

# Writes to $work/f from a number of short processes.
write_times() {
	local i
	for i in $(seq "$1"); do
		sh -c ": >> '$work/f'"
	done
}

# stored N : so many touches of $work/f, and not one more.
stored() {
	local n
	n=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/f'")
	[ "$n" = "$1" ] || fail "stored $n of $1; losses: $(sqlite3 "$work/db" 'SELECT * FROM loss'); $(cat "$work/log")"
}

test_listens_beside_auditd_and_takes_nothing_away() {
	need_docker
	local id
	make_auditd
	start_auditd
	touch "$work/f" "$work/others"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	start_daemon "-w $work/f -p wa -k f"
	[ "$(audit_pid)" = "$other_daemon" ] || fail "auditd lost its place"
	grep -q "source: multicast: an audit daemon is there (.*auditd, pid $other_daemon)" "$work/log" || fail "$(cat "$work/log")"
	write_times 100
	id=$(in_docker run -d --name beside --privileged --network=none -v /:/host bb sh -c "echo x >> /host$work/f; sleep 60")
	until_true 10 touches "$work/f" --container beside || fail "the container's write is not told: $(cat "$work/log")"
	in_docker rm -f beside >/dev/null
	am status --db "$work/db" --format json > "$work/status"
	jq -e '.source == "multicast" and (.source_why | test("audit daemon is there"))' "$work/status" >/dev/null || fail "$(cat "$work/status")"
	stop_daemon_well
	stored 101
	no_losses
	touches "$work/f" --container beside > "$work/json"
	check_each "$work/json" ".container.id == \"$id\" and .action == \"write\" and .path_by == \"identity\""
	[ "$(audit_pid)" = "$other_daemon" ] || fail "auditd lost its place at the stop"
	[ "$(auditctl -l)" = "-w $work/others -p wa -k others" ] || fail "the rules of others have changed: $(auditctl -l)"
	[ "$(grep -c "$work/f" "$work/audit.log")" -ge 101 ] || fail "auditd lost events"
}

test_auditd_restarts_beside_us_and_nothing_is_missed() {
	make_auditd
	start_auditd
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	write_times 20
	stop_auditd
	write_times 20
	until_true 5 grep -q 'the audit daemon is gone' "$work/log" || fail "not noticed: $(cat "$work/log")"
	[ "$(audit_pid)" = 0 ] || fail "auditmon took the place that auditd will want back"
	start_auditd
	write_times 20
	stop_daemon_well
	stored 60
	no_losses
	[ "$(audit_pid)" = "$other_daemon" ] || fail "auditd lost its place"
}

test_place_is_given_up_to_auditd_without_a_gap() {
	local i
	make_auditd
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	[ "$(audit_pid)" = "$daemon" ] || fail "auditmon is not the audit daemon"
	write_times 200 &
	local writer=$!
	for i in 1 2 3 4 5; do
		try_auditd && break
		sleep 0.2
	done
	[ "$(audit_pid)" = "$other_daemon" ] || fail "auditd was kept out: $(cat "$work/auditd.out" "$work/log")"
	wait "$writer"
	until_true 10 grep -q 'source: multicast' "$work/log" || fail "$(cat "$work/log")"
	write_times 20
	stop_daemon_well
	stored 220
	no_losses
	[ "$(audit_pid)" = "$other_daemon" ] || fail "auditd lost its place"
}

test_kernel_source_keeps_the_place_when_asked_to() {
	make_auditd
	touch "$work/f"
	daemon_options=(--source kernel)
	start_daemon "-w $work/f -p wa -k f"
	! try_auditd || fail "auditd took the place"
	until_true 10 grep -q 'wants to be the audit daemon' "$work/log" || fail "$(cat "$work/log")"
	write_times 5
	stop_daemon_well
	stored 5
	no_losses
}

test_own_writes_are_no_touches_beside_auditd() {
	make_auditd
	start_auditd
	mkdir "$work/state"
	touch "$work/f"
	echo "-w $work -p wa -k all" > "$work/test.rules"
	"$auditmon" daemon --rules "$work/test.rules" --db "$work/state/db" > "$work/out" 2> "$work/log" &
	daemon=$!
	until_true 20 grep -q ready: "$work/log" || fail "not ready: $(cat "$work/log")"
	write_times 10
	sleep 2
	stop_daemon_well
	[ "$(sqlite3 "$work/state/db" "SELECT count(*) FROM touch WHERE exe LIKE '%auditmon'")" = 0 ] ||
		fail "$(sqlite3 "$work/state/db" "SELECT syscall, path, count(*) FROM touch WHERE exe LIKE '%auditmon' GROUP BY 1, 2")"
	[ "$(sqlite3 "$work/state/db" "SELECT count(*) FROM touch WHERE path = '$work/f'")" = 10 ] || fail "the others' writes are missing"
}

# plugin NAME FORMAT RULES : auditd's plugin conf for a daemon on $work/NAME.db. In a script, as auditd 3 takes two arguments only.
plugin() {
	printf '%s\n' '#!/bin/sh' "exec '$auditmon' daemon --source=plugin --rules '$3' --db '$work/$1.db' 2> '$work/$1.log'" > "$work/$1.sh"
	chmod 755 "$work/$1.sh"
	printf '%s\n' 'active = yes' 'direction = out' "path = $work/$1.sh" 'type = always' "format = $2" > "$work/etc/plugins.d/$1.conf"
	chmod 640 "$work/etc/plugins.d/$1.conf"
}

# background NAME SOURCE : a daemon of its own; its pid is added to $others.
background() {
	"$auditmon" daemon --source "$2" --rules "$work/test.rules" --db "$work/$1.db" > /dev/null 2> "$work/$1.log" &
	others+=("$!")
	until_true 20 grep -q ready: "$work/$1.log" || fail "$1 is not ready: $(cat "$work/$1.log")"
}

# Every source must have come up to here: what is resolved later finds the file under its later name.
settle() {
	sleep 1.5
}

# Ways to touch, names that are quoted or in hex in a record, refusals, and a container.
workload() {
	local data=$work/data
	echo x >> "$data/f"
	settle
	mv "$data/f" "$data/with blank"
	chmod 600 "$data/with blank"
	ln "$data/with blank" "$data/$(printf 'new\nline"quote')"
	mkdir "$data/dir"
	(cd "$data/dir" && : > relative && rm relative)
	! setpriv --reuid=65534 --clear-groups sh -c ": > '$data/dir/refused'" 2>/dev/null
	settle
	rm "$data/with blank"
	[ -z "$has_docker" ] || in_docker run --rm --name guest --network=none -v "$data:/data" bb sh -c 'echo x > /data/guest; rm /data/guest'
	echo end > "$data/end"
}

# What the records alone say of each touch, and (all of it) what a live daemon adds. What depends on how late it comes to a process that has
# ended meanwhile (argv after an exec, and doubt) is not compared. Mounts are told of containers' processes only,
# which a log cannot know.
rows() {
	sqlite3 "$1" "SELECT serial, item, path_seen, action, success, errno, syscall, watch, pid, ppid, comm, exe, uid, auid, session $2
		FROM touch WHERE path_seen NOT LIKE '%-canary' AND action <> 'mount' AND serial <= (SELECT max(serial) FROM touch WHERE path_seen LIKE '%/data/end') ORDER BY serial, item"
}

check_same_rows() {
	local name added=", path, path_by, user, login, container_id, container_name, container_entry, container_attributed_by, flags, severity"
	make_auditd "$1"
	mkdir "$work/data"
	touch "$work/data/f"
	chmod 755 "$work/data"
	echo "-w $work/data -p wa -k same" > "$work/test.rules"
	plugin string string "$work/test.rules"
	plugin binary binary "$work/test.rules"
	start_auditd
	until_true 10 test -e "$work/audit.log" || fail "auditd has no log: $(cat "$work/auditd.out")"
	background multicast auto
	background log "log:$work/audit.log"
	for name in string binary; do
		until_true 20 grep -q ready: "$work/$name.log" || fail "$name is not ready: $(cat "$work/$name.log" "$work/auditd.out")"
	done
	workload
	for name in multicast log string binary; do
		until_true 15 eval "[ -n \"\$(sqlite3 '$work/$name.db' \"SELECT 1 FROM touch WHERE path = '$work/data/end'\")\" ]" ||
			fail "$name did not get to the end: $(cat "$work/$name.log")"
	done
	stop_auditd
	kill "${others[@]}"
	wait "${others[@]}" || fail "ended badly: $(cat "$work"/*.log)"
	"$auditmon" ingest --db "$work/ingest.db" "$work/audit.log" 2> "$work/ingest.err" || fail "$(cat "$work/ingest.err")"
	rows "$work/multicast.db" "$added" > "$work/expected"
	rows "$work/multicast.db" '' > "$work/expected.records"
	[ "$(wc -l < "$work/expected")" -ge 12 ] || fail "too few touches: $(cat "$work/expected")"
	[ -z "$has_docker" ] || grep -q '|guest|' "$work/expected" || fail "the container is missing: $(cat "$work/expected")"
	for name in log string binary; do
		rows "$work/$name.db" "$added" | diff "$work/expected" - >&2 || fail "$name gives other rows"
		[ -z "$(sqlite3 "$work/$name.db" 'SELECT * FROM loss')" ] || fail "$name: $(sqlite3 "$work/$name.db" 'SELECT * FROM loss')"
	done
	rows "$work/ingest.db" '' | diff "$work/expected.records" - >&2 || fail "ingest gives other rows"
	until_true 10 eval '! pgrep -f "source=plugin.*$work" >/dev/null' || fail "a plugin has outlived auditd"
	grep -q 'has closed our input\|ready' "$work/string.log" || fail "$(cat "$work/string.log")"
}

test_every_source_gives_the_same_rows() {
	check_same_rows RAW
	[ "$(auditctl -l)" = 'No rules' ] || fail "rules were left behind: $(auditctl -l)"
}

test_every_source_gives_the_same_rows_of_enriched_records() {
	check_same_rows ENRICHED
}

test_plugin_reloads_and_ends_with_auditd() {
	local pid
	make_auditd
	touch "$work/f" "$work/g"
	echo "-w $work/f -p wa -k f" > "$work/test.rules"
	plugin db string "$work/test.rules"
	mv "$work/db.sh" "$work/plugin.sh"
	sed -i "s|$work/db.sh|$work/plugin.sh|" "$work/etc/plugins.d/db.conf"
	sed -i "s|--source=plugin||; s|db.db|db|; s|db.log|log|" "$work/plugin.sh"
	start_auditd
	until_true 20 grep -q ready: "$work/log" || fail "$(cat "$work/log" "$work/auditd.out")"
	grep -q 'source: plugin: started by the audit daemon' "$work/log" || fail "auto did not see that auditd started it: $(cat "$work/log")"
	write_times 5
	echo "-w $work/g -p wa -k g" >> "$work/test.rules"
	kill -HUP "$other_daemon"
	until_true 10 eval "auditctl -l | grep -q '$work/g'" || fail "the reload did not reach the plugin: $(cat "$work/log")"
	echo x > "$work/g"
	until_true 10 touches "$work/g" || fail "not told"
	pid=$(pgrep -f "daemon.*$work/test.rules")
	stop_auditd
	until_true 10 eval "! kill -0 $pid" || fail "the plugin has outlived auditd"
	[ "$(auditctl -l)" = 'No rules' ] || fail "rules were left behind: $(auditctl -l)"
	stored 5
	no_losses
}

test_socket_of_auditd_is_read_and_found_again() {
	[ -e /sbin/audisp-af_unix ] || dpkg-query -W -f='${Version}' auditd 2>/dev/null | grep -q '^1:3\.0' || skip "no af_unix plugin that is known"
	make_auditd
	if [ -e /sbin/audisp-af_unix ]; then
		printf '%s\n' 'active = yes' 'direction = out' 'path = /sbin/audisp-af_unix' 'type = always' "args = 0600 $work/events string" 'format = binary' > "$work/etc/plugins.d/af_unix.conf"
	else
		printf '%s\n' 'active = yes' 'direction = out' 'path = builtin_af_unix' 'type = builtin' "args = 0600 $work/events" 'format = string' > "$work/etc/plugins.d/af_unix.conf"
	fi
	chmod 640 "$work/etc/plugins.d/af_unix.conf"
	touch "$work/f"
	start_auditd
	daemon_options=(--source "socket:$work/events")
	start_daemon "-w $work/f -p wa -k f"
	write_times 10
	until_true 10 eval "[ \"\$(sqlite3 '$work/db' 'SELECT count(*) FROM touch')\" = 10 ]" || fail "stored $(sqlite3 "$work/db" 'SELECT count(*) FROM touch'): $(cat "$work/log")"
	stop_auditd
	until_true 5 grep -q 'source socket: gone' "$work/log" || fail "$(cat "$work/log")"
	start_auditd
	until_true 5 grep -q 'source socket: back' "$work/log" || fail "$(cat "$work/log")"
	write_times 10
	until_true 10 eval "[ \"\$(sqlite3 '$work/db' 'SELECT count(*) FROM touch')\" = 20 ]" || fail "not told after the restart"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM loss WHERE kind = (SELECT number FROM name WHERE kind = 'loss' AND name = 'source-gone') AND until_msec > since_msec")" = 1 ] ||
		fail "the gap is not told: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
}

# One event of a log, with a number.
log_event() {
	echo "type=SYSCALL msg=audit(17000000$1.123:$1): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=441 a3=1b6 items=1 ppid=1 pid=4242 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm=\"sh\" exe=\"/usr/bin/dash\" key=\"k\""
	echo "type=CWD msg=audit(17000000$1.123:$1): cwd=\"/\""
	echo "type=PATH msg=audit(17000000$1.123:$1): item=0 name=\"/etc/passwd\" inode=12 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
	echo "type=PROCTITLE msg=audit(17000000$1.123:$1): proctitle=\"sh\""
}

serials() {
	sqlite3 "$work/db" "SELECT group_concat(serial, ' ') FROM (SELECT serial FROM touch ORDER BY serial)"
}

test_ingest_unpacks_what_rotation_has_packed() {
	local program
	# An event that the rotation came into.
	log_event 14 | tail -n +3 > "$work/audit.log"
	{ log_event 13; log_event 14 | head -n 2; } > "$work/audit.log.1"
	log_event 12 | gzip > "$work/audit.log.2.gz"
	log_event 11 > "$work/audit.log.3"
	log_event 10 > "$work/audit.log.4"
	for program in xz:3 zstd:4; do
		command -v "${program%:*}" >/dev/null || continue
		# The name says nothing.
		"${program%:*}" -c "$work/audit.log.${program#*:}" > "$work/packed"
		mv "$work/packed" "$work/audit.log.${program#*:}"
	done
	log_event 15 >> "$work/audit.log"
	GZIP=--fast am ingest --db "$work/db" "$work"/audit.log* 2> "$work/err" || fail "$(cat "$work/err")"
	[ "$(serials)" = '10 11 12 13 14 15' ] || fail "$(serials): $(cat "$work/err")"
	head -n 1 "$work/err" | grep -q 'audit.log.4: '  || fail "not the oldest first: $(cat "$work/err")"
	head -c 100 "$work/audit.log.2.gz" > "$work/cut.gz"
	am ingest --db "$work/db" "$work/cut.gz" 2> "$work/err" || fail "$(cat "$work/err")"
	grep -q 'cut.gz: damaged or cut short: gzip' "$work/err" || fail "$(cat "$work/err")"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM loss WHERE detail LIKE '%cut.gz'")" = 1 ] || fail "the damage is not stored"
}

test_ingest_follows_a_log_through_its_rotation() {
	local follower
	log_event 10 > "$work/audit.log"
	"$auditmon" ingest --follow --db "$work/db" "$work/audit.log" 2> "$work/err" &
	follower=$!
	others+=("$follower")
	until_true 10 eval '[ "$(serials)" = 10 ]' || fail "$(cat "$work/err")"
	log_event 11 >> "$work/audit.log"
	mv "$work/audit.log" "$work/audit.log.1"
	log_event 12 > "$work/audit.log"
	until_true 10 eval '[ "$(serials)" = "10 11 12" ]' || fail "$(serials): $(cat "$work/err")"
	kill -TERM "$follower"
	wait "$follower" || fail "ended with $?: $(cat "$work/err")"
	grep -q '3 events, 3 touches, 0 broken' "$work/err" || fail "$(cat "$work/err")"
	refused 2 'standard input' ingest --follow --db "$work/db" -
}

test_records_of_another_host_get_no_container_of_ours() {
	need_docker
	local pid
	: > "$work/audit.log"
	touch "$work/f"
	daemon_options=(--source "log:$work/audit.log")
	start_daemon "-w $work/f -p wa -k f"
	in_docker run -d --name ours --network=none bb sleep 60 >/dev/null
	pid=$(in_docker inspect -f '{{.State.Pid}}' ours)
	log_event 10 | sed "s/pid=4242/pid=$pid/; s/1700000010.123/$(date +%s.%3N)/" > "$work/local"
	sed 's/^/node=elsewhere /; s/:10)/:11)/' "$work/local" > "$work/foreign"
	cat "$work/local" "$work/foreign" >> "$work/audit.log"
	until_true 10 eval "[ \"\$(sqlite3 '$work/db' 'SELECT count(*) FROM touch')\" = 2 ]" || fail "stored $(sqlite3 "$work/db" 'SELECT count(*) FROM touch'): $(cat "$work/log")"
	in_docker rm -f ours >/dev/null
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT serial || container_name FROM touch WHERE serial = 10")" = 10ours ] || fail "$(sqlite3 "$work/db" 'SELECT serial, container_name, doubt FROM touch')"
	[ "$(sqlite3 "$work/db" "SELECT node, container_id IS NULL, doubt LIKE 'from a log%' FROM touch WHERE serial = 11")" = 'elsewhere|1|1' ] || fail "$(sqlite3 "$work/db" 'SELECT serial, container_name, doubt FROM touch')"
}

test_flood_beside_auditd_is_stored_or_told() {
	need_docker
	local n
	make_auditd
	start_auditd
	mkdir "$work/data"
	touch "$work/data/f"
	start_daemon "-w $work/data/f -p wa -k flood"
	in_docker run -d --name flood --network=none -v "$work/data:/data" bb sh -c \
		'i=0; while [ $i -lt 20000 ]; do : >> /data/f; i=$((i+1)); done; echo done > /data/done; sleep 60' >/dev/null
	until_true 120 test -s "$work/data/done" || fail "the container did not finish"
	in_docker rm -f flood >/dev/null
	sleep 1
	stop_daemon_well
	n=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/data/f' AND container_name = 'flood'")
	echo "$n of 20000 stored, losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	[ "$n" = 20000 ] || [ -n "$(sqlite3 "$work/db" 'SELECT 1 FROM loss')" ] || fail "only $n of 20000 are stored, without a word"
}
