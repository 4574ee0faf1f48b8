# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The shipped unit under a real service manager: its sandbox, its life, and who may query.

# The trees in which a sandbox of systemd's could have put something over a watched path.
watched_places='/etc /home /root /tmp /var/tmp /usr/lib/modules /usr/local/lib /dev /dev/shm /run /run/user /srv /opt /boot /var/lib /var/log'

# Makes $1/auditmon-e2e.PID/{file,tree/below} and prints two rules, one of each kind.
make_watched() {
	local here=$1/auditmon-e2e.$$
	mkdir -p "$here/tree" || return
	touch "$here/file" "$here/tree/below"
	echo "-a always,exit -F arch=b64 -S openat -F path=$here/file -F perm=wa -k path"
	echo "-a always,exit -F arch=b64 -S openat -F dir=$here/tree -F perm=wa -k tree"
}

remove_watched() {
	local place
	for place in $watched_places; do
		rm -rf "$place/auditmon-e2e.$$"
	done
}

test_unit_is_sandboxed_as_promised() {
	systemd-analyze security --offline=true --threshold=32 --no-pager "$build/contrib/auditmon.service" > "$work/score" 2>&1 ||
		fail "$(tail -n 1 "$work/score")"
	! systemd-analyze verify --man=no "$build/contrib/auditmon.service" 2>&1 | grep -v 'is not executable' | grep . >&2 || fail "not a good unit"
}

# probe_unit PID DIRECTORY OUTPUT : a drop-in that runs the probe in place of the daemon.
probe_unit() {
	printf '%s\n' '[Service]' 'Type=oneshot' 'Restart=no' 'ExecStart=' "ExecStart=$work/probe.sh $1 $2 $watched_places" \
		"StandardOutput=truncate:$3" 'StandardError=null'
}

# The tests below run the daemon under a user manager. What that says of the sandbox is true of the system's: as process 1, with the
# unit as `meson install` has put it there, systemd leaves a service exactly the same.
test_unit_has_the_same_sandbox_under_process_one() {
	cp "$here/probe.sh" "$work"
	start_process_one
	DESTDIR=/proc/$process_one/root meson install -C "$build" --no-rebuild > "$work/install.log" 2>&1 || fail "$(tail "$work/install.log")"
	in_process_one systemd-sysusers || fail "no group can be made"
	mkdir -p "/proc/$process_one/root/etc/systemd/system/auditmon.service.d"
	probe_unit 1 /var/lib/auditmon "$work/one.found" > "/proc/$process_one/root/etc/systemd/system/auditmon.service.d/probe.conf"
	in_process_one systemctl daemon-reload
	in_process_one systemctl enable --now auditmon.service > "$work/enable.log" 2>&1 || fail "$(cat "$work/enable.log") $(in_process_one systemctl status --no-pager auditmon.service)"
	[ "$(in_process_one stat -c '%a %U %G' /var/lib/auditmon)" = '2750 root auditmon' ] || fail "$(in_process_one stat -c '%a %U %G' /var/lib/auditmon)"

	# Without the stand-in it says where it belongs, and does not try for ever.
	rm "/proc/$process_one/root/etc/systemd/system/auditmon.service.d/probe.conf"
	printf '%s\n' '[Service]' "StandardError=truncate:$work/refusal" > "/proc/$process_one/root/etc/systemd/system/auditmon.service.d/log.conf"
	in_process_one systemctl daemon-reload
	in_process_one systemctl start auditmon.service > /dev/null 2>&1 && fail "it runs in a container"
	until_true 30 eval "in_process_one systemctl is-failed auditmon.service" || fail "it is tried again and again"
	grep -q "audit: no permission: run as root, in the host's own namespaces" "$work/refusal" || fail "$(cat "$work/refusal")"
	stop_process_one

	printf '' > "$work/test.rules"
	probe_unit $BASHPID "$work/lib" "$work/user.found" > "$work/drop-in.conf"
	start_manager
	in_manager start auditmon.service || fail "$(in_manager status --no-pager auditmon.service)"
	stop_manager
	diff "$work/one.found" "$work/user.found" >&2 || fail "the sandboxes differ"
	! grep -E 'masked|writable' "$work/one.found" | grep -v '^place /dev' >&2 || fail "not as the unit promises"
	[ "$(grep -c '^may not ' "$work/one.found") $(grep -c '^may ' "$work/one.found")" = '11 13' ] || fail "$(cat "$work/one.found")"
}

test_service_sandbox_leaves_no_watch_dead() {
	local place
	trap 'remove_watched; stop_manager' EXIT
	for place in $watched_places; do
		make_watched "$place" || fail "$place: cannot be written"
	done > "$work/rules"
	start_manager
	trap 'remove_watched; stop_manager' EXIT
	mapfile -t rules < "$work/rules"
	start_service "${rules[@]}" '-a always,exit -F arch=b64 -S openat -F path=/proc/sys/kernel/core_pattern -F perm=wa -k kernel'

	# The restrictions are in force, so that what follows means something.
	nsenter -t "$daemon" -m sh -c ': > /etc/auditmon-e2e.'$$'/file' 2> "$work/err" && fail "its file system can be written"
	grep -q 'Read-only' "$work/err" || fail "$(cat "$work/err")"
	nsenter -t "$daemon" -m sh -c ': > /proc/sys/kernel/core_pattern' 2>/dev/null && fail "it can change the kernel's settings"
	grep -q '^NoNewPrivs:.1$' "/proc/$daemon/status" || fail "it may gain privileges"
	grep -q '^Seccomp:.2$' "/proc/$daemon/status" || fail "no system call filter"
	# AUDIT_CONTROL, AUDIT_READ, AUDIT_WRITE, DAC_READ_SEARCH, SYS_PTRACE, NET_ADMIN
	[ "$(sed -n 's/^CapBnd:.//p' "/proc/$daemon/status")" = "$(printf '%016x' $((1 << 30 | 1 << 37 | 1 << 29 | 1 << 2 | 1 << 19 | 1 << 12)))" ] ||
		fail "$(grep Cap "/proc/$daemon/status")"

	for place in $watched_places; do
		echo x >> "$place/auditmon-e2e.$$/file"
		echo x >> "$place/auditmon-e2e.$$/tree/below"
	done
	: >> /proc/sys/kernel/core_pattern
	stop_service_well
	for place in $watched_places; do
		service_rows "SELECT path_by || ' ' || watch FROM touch WHERE success AND path LIKE '$place/auditmon-e2e.$$/%' ORDER BY path" > "$work/found"
		printf '%s\n' 'identity path' 'identity tree' | diff - "$work/found" >&2 || fail "$place: $(cat "$work/found")"
	done
	[ "$(service_rows "SELECT count(*) FROM touch WHERE success AND path = '/proc/sys/kernel/core_pattern'")" = 1 ] || fail "the kernel's settings are watched in vain"
	[ "$(service_rows 'SELECT count(*) FROM loss')" = 0 ] || fail "losses: $(service_rows 'SELECT * FROM loss')"
}

# What the test above would say to a directive that masks.
test_masked_path_is_watched_in_vain() {
	trap 'remove_watched; stop_manager' EXIT
	make_watched /home > "$work/rules"
	make_watched /etc >> "$work/rules"
	printf '%s\n' '[Service]' 'ProtectHome=tmpfs' > "$work/drop-in.conf"
	# The build may be below /root, which is masked as well.
	cp "$auditmon" "$work/auditmon"
	auditmon=$work/auditmon
	start_manager
	trap 'remove_watched; stop_manager' EXIT
	mapfile -t rules < "$work/rules"
	start_service "${rules[@]}"
	echo x >> "/home/auditmon-e2e.$$/file"
	echo x >> "/etc/auditmon-e2e.$$/file"
	stop_service_well
	[ "$(service_rows 'SELECT path FROM touch')" = "/etc/auditmon-e2e.$$/file" ] || fail "$(service_rows 'SELECT path FROM touch')"
}

test_service_tells_containers_from_within_its_sandbox() {
	need_docker
	need_podman
	touch "$work/f"
	start_manager
	start_service "-w $work/f -p wa -k f"
	in_docker run --rm --name boxed --privileged --network=none -v /:/host bb sh -c "sleep 1; echo x >> /host$work/f"
	as 3267 in_podman run --rm --name casked --privileged --net=none -v /:/host bb sh -c "sleep 1; echo x >> /host$work/f"
	in_docker run --rm --name outside --privileged --network=none --pid=host -v /:/host bb sh -c "chroot /host /bin/sh -c 'sleep 1; echo x >> $work/f'"
	stop_service_well
	am who-touched "$work/f" --db "$db" --format json > "$work/json"
	check_count "$work/json" 3
	check_each "$work/json" '.path_by == "identity" and .container.privileged == true and .severity == "critical" or .container.name == "casked"'
	jq -r '.container.name + " " + (.auid | tostring)' "$work/json" | diff - <(printf '%s\n' 'boxed null' 'casked 3267' 'outside null') >&2 || fail "$(cat "$work/json")"
	jq -r 'select(.flags | index("host-namespace")) | .container.name' "$work/json" | grep -qx outside || fail "the sandbox's namespace was taken for the host's"
}

test_service_is_started_reloaded_crashed_and_stopped() {
	touch "$work/a" "$work/b"
	start_manager
	start_service "-w $work/a -p wa -k a"
	[ "$(auditctl -s | sed -n 's/^pid //p')" = "$daemon" ] || fail "not the audit daemon"
	echo 1 >> "$work/a"

	echo "-w $work/b -p wa -k b" > "$work/test.rules"
	in_manager reload auditmon.service || fail "not reloaded"
	until_true 10 eval "auditctl -l | grep -q '$work/b'" || fail "the rules are the old ones: $(auditctl -l)"
	[ "$(service_property MainPID)" = "$daemon" ] || fail "it was restarted"
	echo 2 >> "$work/b"
	until_true 10 eval "[ \"\$(sqlite3 '$db' 'SELECT count(*) FROM touch')\" = 2 ]" || fail "not stored"

	kill -KILL "$daemon"
	until_true 20 eval "[ \"\$(timeout 60 systemctl --user show --value -p NRestarts auditmon.service)\" = 1 ] && timeout 60 systemctl --user -q is-active auditmon.service" ||
		fail "not restarted: $(in_manager status --no-pager auditmon.service)"
	daemon=$(service_property MainPID)
	[ "$(auditctl -s | sed -n 's/^pid //p')" = "$daemon" ] || fail "after the crash it is not the audit daemon"
	echo 3 >> "$work/b"
	stop_service_well
	[ "$(service_rows "SELECT group_concat(watch, ' ') FROM (SELECT watch FROM touch ORDER BY time_msec, serial)")" = 'a b b' ] || fail "$(service_rows 'SELECT watch, path FROM touch')"
	auditctl -l | grep -q '^No rules' || fail "rules of the run that was killed stay: $(auditctl -l)"
	am status --db "$db" --format json | jq -e '[.losses[].kind] == ["downtime"]' >/dev/null || fail "losses: $(service_rows 'SELECT * FROM loss')"
	sqlite3 "$db" 'PRAGMA integrity_check' | grep -qx ok || fail "the database is damaged"
}

test_service_that_hangs_is_restarted_by_the_watchdog() {
	local first
	touch "$work/f"
	printf '%s\n' '[Service]' 'WatchdogSec=2s' 'TimeoutAbortSec=1s' "ExecStopPost=sh -c 'echo ended: \$\$SERVICE_RESULT'" > "$work/drop-in.conf"
	start_manager
	start_service "-w $work/f -p wa -k f"
	first=$daemon
	sleep 5
	[ "$(service_property MainPID)" = "$first" ] || fail "a daemon that is well was ended: $(cat "$work/log")"
	kill -STOP "$first"
	until_true 20 eval "[ \"\$(timeout 60 systemctl --user show --value -p NRestarts auditmon.service)\" = 1 ] && timeout 60 systemctl --user -q is-active auditmon.service" ||
		fail "not restarted: $(in_manager status --no-pager auditmon.service)"
	grep -q 'ended: watchdog' "$work/log" || fail "not by the watchdog: $(cat "$work/log")"
	echo x >> "$work/f"
	stop_service_well
	[ "$(service_rows 'SELECT count(*) FROM touch')" = 1 ] || fail "not recorded after the restart"
}

# While a lock of somebody else's keeps the writer from writing, a restart would only lose what is queued.
test_watchdog_waits_with_a_writer_that_waits() {
	local first
	touch "$work/f"
	printf '%s\n' '[Service]' 'WatchdogSec=4s' 'TimeoutAbortSec=1s' > "$work/drop-in.conf"
	start_manager
	start_service "-w $work/f -p wa -k f"
	first=$daemon
	mkfifo "$work/shell"
	sqlite3 "$db" < "$work/shell" > "$work/locked" &
	exec 8> "$work/shell"
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&8
	until_true 10 test -s "$work/locked" || fail "the database could not be locked"
	echo x >> "$work/f"
	sleep 9
	[ "$(service_property MainPID)" = "$first" ] || fail "it was ended: $(cat "$work/log")"
	exec 8>&-
	stop_service_well
	[ "$(service_rows 'SELECT count(*) FROM touch')" = 1 ] || fail "not recorded"
}

# as_querier GROUPS COMMAND... : an ordinary user of that supplementary group.
as_querier() {
	local groups=$1
	shift
	setpriv --reuid=4241 --regid=4241 $groups --bounding-set=-all --inh-caps=-all -- "$@"
}

test_group_may_query_and_nothing_else() {
	local member=--groups=$query_group stranger='--clear-groups' file directory
	chmod 711 "$state" "$work"
	echo 'the host secret' > "$work/f"
	chmod 600 "$work/f"
	cp "$auditmon" "$work/auditmon"
	start_manager
	directory=$(dirname "$db")
	start_service "-w $work/f -p wa -k f"
	echo 1 >> "$work/f"
	until_true 10 eval "[ \"\$(sqlite3 '$db' 'SELECT count(*) FROM touch')\" = 1 ]" || fail "not stored"

	[ "$(stat -c '%a %u %g' "$directory")" = "2750 0 $query_group" ] || fail "directory: $(stat -c '%a %u %g' "$directory")"
	for file in "$db" "$db-wal" "$db-shm"; do
		[ "$(stat -c '%a %u %g' "$file")" = "640 0 $query_group" ] || fail "$file: $(stat -c '%a %u %g' "$file")"
	done

	# While the daemon writes.
	(while [ ! -e "$work/enough" ]; do echo x >> "$work/f"; done) &
	for _ in 1 2 3 4 5; do
		as_querier $member "$work/auditmon" who-touched "$work/f" --db "$db" --limit 3 > "$work/answer" 2> "$work/err" || fail "a member cannot query: $(cat "$work/err")"
		grep -q "$work/f" "$work/answer" || fail "$(cat "$work/answer")"
	done
	touch "$work/enough"
	wait $!
	as_querier $member "$work/auditmon" status --db "$db" --format json > "$work/status" || fail "a member cannot ask for the status"
	jq -e '.running == true' "$work/status" >/dev/null || fail "$(cat "$work/status")"

	# Nothing can be changed, nor made, by a member; and what only the daemon needs is not readable.
	as_querier $member "$work/auditmon" ingest /dev/null --db "$db" >/dev/null 2>&1 && fail "a member can write"
	as_querier $member sqlite3 "$db" 'DELETE FROM touch' 2>/dev/null && fail "a member can delete"
	as_querier $member touch "$directory/new" 2>/dev/null && fail "a member can make files there"
	for file in "$directory"/*; do
		as_querier $member test ! -w "$file" || fail "$file can be written by a member"
		case $file in
		"$db" | "$db"-wal | "$db"-shm | "$db"-lock) ;;
		*) as_querier $member test ! -r "$file" || fail "$file can be read by a member" ;;
		esac
	done
	as_querier $member cat "$work/f" >/dev/null 2>&1 && fail "the watched file can be read"

	# Who is not of the group is told so, in one line.
	local result=0
	as_querier $stranger "$work/auditmon" who-touched "$work/f" --db "$db" > "$work/answer" 2> "$work/err" || result=$?
	[ "$result" = 3 ] && [ ! -s "$work/answer" ] || fail "ended with $result: $(cat "$work/answer")"
	[ "$(wc -l < "$work/err")" = 1 ] && grep -q '^auditmon: .*no permission' "$work/err" || fail "$(cat "$work/err")"

	stop_service_well
	as_querier $member "$work/auditmon" who-touched "$work/f" --db "$db" --limit 1 >/dev/null 2> "$work/err" || fail "not after the stop: $(cat "$work/err")"
	[ "$(service_rows 'SELECT count(*) FROM touch')" -gt 1 ] || fail "the record is gone"
}

# Members read command lines: what `redact` names has no way into any file that they can read.
test_group_sees_no_secret_that_is_redacted() {
	need_docker
	local member=--groups=$query_group
	chmod 711 "$state" "$work"
	cp "$auditmon" "$work/auditmon"
	install -d -m 2750 -g $query_group "$work/lib"
	touch "$work/f"
	printf '%s\n' 'redact = --password' 'redact = *_TOKEN' > "$work/conf"
	printf '%s\n' "-w $work/f -p wa -k f" > "$work/test.rules"
	"$auditmon" daemon --config "$work/conf" --rules "$work/test.rules" --db "$work/lib/db" > "$work/out" 2> "$work/log" &
	daemon=$!
	until_true 20 grep -q ready: "$work/log" || fail "not ready: $(cat "$work/log")"
	cp "$(command -v busybox)" "$work/busybox"
	"$work/busybox" sh -c ': >> "$3"' sh --password hunter2-host "$work/f"
	as 3001 in_docker run --rm --name told -e API_TOKEN=hunter2-run --network=none -v "$work:/data" bb sh -c ': >> /data/f' sh --password=hunter2-inside
	until_true 10 eval "[ \$(sqlite3 '$work/lib/db' 'SELECT count(*) FROM touch WHERE watch = '\''f'\''') = 2 ]" || fail "not stored"
	as_querier $member "$work/auditmon" who-touched "$work/f" --db "$work/lib/db" --format json > "$work/json" || fail "a member cannot query"
	check_count "$work/json" 2
	jq -c 'select(.container == null)' "$work/json" > "$work/host"
	check_each "$work/host" '.process.argv[5:7] == ["--password", "***"]'
	jq -c 'select(.container)' "$work/json" > "$work/inside"
	check_each "$work/inside" '.process.argv[-1] == "--password=***" and (.launcher.argv | index("API_TOKEN=***"))'
	as_querier $member "$work/auditmon" show told --db "$work/lib/db" --format json > "$work/container" || fail "a member cannot look at the container"
	stop_daemon_well
	as_querier $member cat "$work/lib/db" "$work/lib/db-wal" > "$work/bytes"
	grep -c hunter2 "$work/bytes" "$work/json" "$work/container" | grep -v ':0$' && fail "a secret is readable"
	true
}
