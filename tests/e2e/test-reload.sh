# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a reload changes in the kernel: the difference, and at no moment is a watch missing.

# The changes of rules that the kernel has recorded, in order: `add_rule KEY` and `remove_rule KEY`. No audit daemon's socket is needed: the kernel
# hands its records to any listener of the multicast group.
listen_for_changes() {
	"$work/listen" > "$work/heard" &
	others+=("$!")
	until_true 5 test -s "$work/heard" || fail "the listener does not listen"
}

changes() {
	sed -n 's/.* op=\(add_rule\|remove_rule\) key=\(.*\) list=.* res=1.*/\1 \2/p' "$work/heard"
}

reload_daemon() {
	local n
	n=$(grep -c 'rules loaded' "$work/log")
	kill -HUP "$daemon"
	until_true 20 eval "[ \$(grep -c 'rules loaded' '$work/log') -gt $n ]" || fail "no reload: $(cat "$work/log")"
}

build_listener() {
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -O1 -o "$work/listen" "$here/listen.c" || fail "cannot build the helper"
}

# A change of one line's key, with a watch as it is written: one rule comes, then one goes.
test_reload_of_one_changed_line_touches_one_rule() {
	build_listener
	mkdir "$work/d"
	for i in $(seq 100); do
		: > "$work/d/f$i"
		echo "-w $work/d/f$i -p wa -k key$i"
	done > "$work/test.rules"
	echo 'coverage = none' > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon_with "$work/test.rules"
	listen_for_changes
	reload_daemon
	sleep 0.3
	[ -z "$(changes)" ] || fail "a reload of the same rules changed some: $(changes)"
	sed -i 's/-k key50$/-k other50/' "$work/test.rules"
	reload_daemon
	until_true 5 eval '[ $(changes | wc -l) -ge 2 ]' || fail "only: $(changes)"
	sleep 0.3
	[ "$(changes)" = "$(printf '%s\n' 'add_rule "other50"' 'remove_rule "key50"')" ] || fail "not one rule added, then one removed: $(changes)"
	stop_daemon_well
	no_losses
}

# The same with all that goes with a watch: those of that line alone, and each new one before any goes.
test_reload_of_one_changed_line_touches_its_companions_alone() {
	local n_added n_removed
	build_listener
	for i in $(seq 20); do
		mkdir "$work/$i"
		: > "$work/$i/f"
		echo "-w $work/$i/f -p wa -k key$i"
	done > "$work/test.rules"
	echo 'coverage = watches' > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon_with "$work/test.rules"
	listen_for_changes
	sed -i 's/-k key5$/-k other5/' "$work/test.rules"
	reload_daemon
	until_true 5 eval '[ $(changes | grep -c remove_rule) -ge 1 ]' || fail "only: $(changes)"
	sleep 0.3
	n_added=$(changes | grep -c add_rule)
	n_removed=$(changes | grep -c remove_rule)
	[ "$n_added" = "$n_removed" ] || fail "$n_added added, $n_removed removed: $(changes)"
	[ "$n_added" -le 4 ] || fail "$n_added rules for one watch: $(changes)"
	[ "$(changes | cut -d ' ' -f 1 | uniq)" = "$(printf 'add_rule\nremove_rule')" ] || fail "something went before all had come: $(changes)"
	# Keys that are joined are told in hexadecimal.
	[ -z "$(changes | grep add_rule | grep -v 'other5\|6F7468657235')" ] || fail "rules of others: $(changes)"
	echo "$n_added rules for one watch" > "$work/report"
	stop_daemon_well
	no_losses
}

# A writer that never rests, while one line's key goes to and fro.
test_no_write_is_lost_during_fifty_reloads() {
	local n stored
	build_listener
	mkdir "$work/d"
	for i in $(seq 50); do
		: > "$work/d/f$i"
		echo "-w $work/d/f$i -p wa -k key$i"
	done > "$work/test.rules"
	start_daemon_with "$work/test.rules"
	(
		trap 'stop=1' TERM
		stop= n=0
		until [ -n "$stop" ]; do
			: >> "$work/d/f25"
			n=$((n + 1))
			[ $((n % 20)) != 0 ] || sleep 0.01
		done
		echo "$n" > "$work/written"
	) &
	others+=("$!")
	for i in $(seq 50); do
		if [ $((i % 2)) = 1 ]; then
			sed -i 's/-k key25$/-k other25/' "$work/test.rules"
		else
			sed -i 's/-k other25$/-k key25/' "$work/test.rules"
		fi
		reload_daemon
	done
	kill "${others[0]}"
	wait "${others[0]}" || true
	n=$(cat "$work/written")
	stop_daemon_well
	stored=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/d/f25'")
	[ "$n" -gt 500 ] || fail "only $n were written"
	[ "$stored" = "$n" ] || fail "$n written, $stored stored; losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/d/f25' AND watch NOT IN ('key25', 'other25')")" = 0 ] || fail "other keys: $(sqlite3 "$work/db" 'SELECT DISTINCT watch FROM touch')"
	echo "$n written during 50 reloads, $stored stored" > "$work/report"
	no_losses
}

# The kernel takes its time for each rule that goes; the service manager must not take that for a hang.
test_service_manager_is_told_that_a_long_stop_goes_on() {
	build_listener
	mkdir "$work/d"
	for i in $(seq 400); do
		: > "$work/d/f$i"
		echo "-w $work/d/f$i -p wa -k key$i"
	done > "$work/test.rules"
	echo 'coverage = none' > "$work/conf"
	daemon_options=(--config "$work/conf")
	"$work/listen" "$work/notify" > "$work/told" &
	others+=("$!")
	until_true 5 test -s "$work/told" || fail "nobody listens"
	export NOTIFY_SOCKET=$work/notify
	start_daemon_with "$work/test.rules"
	unset NOTIFY_SOCKET
	kill -TERM "$daemon"
	until_true 10 grep -q STOPPING=1 "$work/told" || fail "$(cat "$work/told")"
	# What is touched now is read now: half of the rules are there still.
	sleep 0.5
	for i in $(seq 200 400); do
		: >> "$work/d/f$i"
	done
	status=0
	wait "$daemon" || status=$?
	rm -f "$state/daemon.pid"
	[ "$status" = 0 ] || fail "the daemon ended with $status: $(cat "$work/log")"
	[ "$(sed '1,/STOPPING=1/d' "$work/told" | grep -c EXTEND_TIMEOUT_USEC=)" -ge 2 ] || fail "told: $(cat "$work/told")"
	[ "$(auditctl -l)" = 'No rules' ] || fail "rules were left behind"
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" -gt 50 ] || fail "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch') touches"
}

# The kernel must not be asked while it waits for us to read: reloads under a flood that nothing slows down.
test_reloads_under_a_flood_overrun_nothing() {
	local n stored
	build_listener
	gcc -O2 -o "$work/hammer" "$here/hammer.c" || fail "cannot build the helper"
	mkdir "$work/d"
	for i in $(seq 50); do
		: > "$work/d/f$i"
		echo "-w $work/d/f$i -p wa -k key$i"
	done > "$work/test.rules"
	start_daemon_with "$work/test.rules"
	"$work/hammer" "$work/d/f25" 30000 > "$work/written" &
	others+=("$!")
	for i in 1 2 3 4; do
		sed -i "s/-k [a-z0-9]*$/-k round$i/" "$work/test.rules"
		reload_daemon
	done
	wait "${others[0]}" || fail "the writer failed"
	n=$(cat "$work/written")
	stop_daemon_well
	stored=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/d/f25'")
	[ "$stored" = "$n" ] || fail "$n written, $stored stored; losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	echo "$n written during 4 reloads of 50 rules, $stored stored" > "$work/report"
	no_losses
}
