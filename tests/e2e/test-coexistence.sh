# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Others delete our rules, we are killed, auditd comes and goes, the record is cut off: nothing is silently missing.

losses_of() {
	sqlite3 "$work/db" "SELECT since_msec, until_msec, detail FROM loss WHERE kind = (SELECT number FROM name WHERE kind = 'loss' AND name = '$1')"
}

test_deleted_rules_are_back_at_once_and_who_did_it_is_told() {
	local began ended span
	touch "$work/f" "$work/g"
	start_daemon "-w $work/f -p wa -k first" "-w $work/g -p wa -k second"
	began=$(date +%s%3N)
	as 3267 auditctl -D >/dev/null
	until_true 5 eval "[ \$(auditctl -l | grep -c -- '-w $work/[fg] ') = 2 ]" || fail "the rules did not come back: $(cat "$work/log")"
	ended=$(date +%s%3N)
	[ $((ended - began)) -lt 900 ] || fail "it took $((ended - began)) ms"
	echo x >> "$work/f"
	stop_daemon_well
	am alerts --db "$work/db" --format json > "$work/json"
	[ "$(grep -c log-tamper "$work/json")" -ge 2 ] || fail "nobody is accused: $(cat "$work/json")"
	jq -c 'select(.watch == "first")' "$work/json" > "$work/first"
	check_each "$work/first" '.action == "delete" and .path == null and .path_seen == null and .auid == 3267 and .process.comm == "auditctl" and .syscall == "sendto" and .success and .flags == ["log-tamper"]'
	span=$(losses_of rules-missing)
	[ "$(wc -l <<< "$span")" -ge 1 ] && [ -n "$span" ] || fail "the gap is not told: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	awk -F'|' -v began="$began" -v ended="$ended" '$1 < began - 50 || $2 > ended + 200 || $2 < $1 || $3 !~ /deleted/ { wrong = 1 } END { exit wrong }' <<< "$span" || fail "the gap is not that of $began to $ended: $span"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/f'")" = 1 ] || fail "not recorded"
}

test_rules_that_others_delete_of_their_own_are_no_gap() {
	touch "$work/f" "$work/others"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	start_daemon "-w $work/f -p wa -k f"
	as 3267 auditctl -W "$work/others" -p wa -k others >/dev/null
	until_true 5 eval "am alerts --db '$work/db' | grep -q log-tamper" || fail "not told: $(am events --db "$work/db")"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	stop_daemon_well
	no_losses
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM touch')" = 1 ] || fail "$(sqlite3 "$work/db" 'SELECT action, path, syscall, comm, watch FROM touch')"
	[ "$(auditctl -l)" = "-w $work/others -p wa -k others" ] || fail "$(auditctl -l)"
}

test_rule_of_a_directory_that_was_made_anew_is_told() {
	mkdir "$work/d"
	start_daemon "-w $work/d -p wa -k d"
	rmdir "$work/d"
	sleep 0.3
	mkdir "$work/d"
	until_true 5 eval "auditctl -l | grep -q '$work/d '" || fail "not loaded again: $(cat "$work/log")"
	echo x > "$work/d/f"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/d/f'")" = 1 ] || fail "not recorded"
	[ -n "$(losses_of rules-missing)" ] || fail "the gap is not told"
}

kill_daemon() {
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || true
}

test_rules_that_a_killed_daemon_left_are_ours_again() {
	mkdir "$work/tree"
	touch "$work/f" "$work/g" "$work/others"
	auditctl -w "$work/others" -p wa -k others >/dev/null
	start_daemon "-w $work/f -p wa -k f" "-w $work/g -p wa -k g" "-w $work/tree -p wa -k tree"
	kill_daemon
	[ "$(auditctl -l | grep -c -- "-w $work/\(f\|g\|tree\) ")" = 3 ] || fail "this test needs rules that are left: $(auditctl -l)"
	# One is not wanted any more.
	start_daemon "-w $work/f -p wa -k f" "-w $work/tree -p wa -k tree" "-w $work/others -p wa -k others"
	grep -q 'left behind by an earlier run' "$work/log" || fail "$(cat "$work/log")"
	! auditctl -l | grep -q "$work/g " || fail "an unwanted rule of ours stayed: $(auditctl -l)"
	echo x >> "$work/f"
	stop_daemon_well
	[ "$(auditctl -l)" = "-w $work/others -p wa -k others" ] || fail "not the others' rule alone: $(auditctl -l)"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$work/f'")" = 1 ] || fail "not recorded"
	[ ! -e "$work/db-rules" ] || fail "a file is left behind"
}

test_rules_that_others_made_after_a_kill_are_not_ours() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	kill_daemon
	auditctl -D >/dev/null
	auditctl -w "$work/f" -p wa -k f >/dev/null
	start_daemon "-w $work/f -p wa -k f"
	grep -q 'deleted since' "$work/log" || fail "$(cat "$work/log")"
	stop_daemon_well
	[ "$(auditctl -l)" = "-w $work/f -p wa -k f" ] || fail "a rule of others is gone: $(auditctl -l)"
}

test_file_of_rules_that_is_damaged_costs_nothing() {
	local text
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	kill_daemon
	for text in '' 'auditmon rules 1' $'auditmon rules 1\nx\n' "$(head -n 2 "$work/db-rules")"; do
		printf '%s' "$text" > "$work/db-rules"
		start_daemon "-w $work/f -p wa -k f"
		stop_daemon_well
	done
	auditctl -l | grep -q "$work/f " || fail "a rule that could be anybody's was removed"
}

test_canary_comes_through_and_is_no_touch() {
	echo 'canary-interval = 2s' > "$work/conf"
	touch "$work/f"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $work -p wa -k all"
	until_true 15 eval "am status --db '$work/db' --format json | jq -e '.canaries >= 2'" || fail "$(am status --db "$work/db"; cat "$work/log")"
	am status --db "$work/db" --format json | jq -e '(.proven | fromdateiso8601? // sub("\\.[0-9]+Z"; "Z") | if type == "string" then fromdateiso8601 else . end) > now - 60 and .unproven_since == null' >/dev/null || fail "$(am status --db "$work/db" --format json)"
	am status --db "$work/db" | grep -q '^proven ' || fail "$(am status --db "$work/db")"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path LIKE '%-canary'")" = 0 ] || fail "a canary is a touch: $(sqlite3 "$work/db" 'SELECT path, comm FROM touch')"
	[ "$(stat -c '%a %U' "$work/db-canary")" = '600 root' ] || fail "$(stat "$work/db-canary")"
	no_losses
}

test_canary_that_does_not_come_is_a_loss_and_an_alert() {
	echo 'canary-interval = 2s' > "$work/conf"
	touch "$work/f"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $work/f -p wa -k f"
	until_true 15 eval "am status --db '$work/db' --format json | jq -e '.canaries >= 1'" || fail "$(cat "$work/log")"
	# Somebody has a rule before ours that hides the path from all: a prefix of the file's own field.
	auditctl -A never,exit -F "path=$work/db-canary" -F key=hidden >/dev/null
	until_true 40 grep -q 'canary: a change of .* did not come through' "$work/log" || fail "not noticed: $(cat "$work/log")"
	until_true 10 eval "am status --db '$work/db' --format json | jq -e '.unproven_since != null'" || fail "status does not tell"
	auditctl -d never,exit -F "path=$work/db-canary" -F key=hidden >/dev/null
	until_true 90 grep -q 'canary: came through again' "$work/log" || fail "no end of it: $(cat "$work/log")"
	stop_daemon_well
	[ -n "$(losses_of canary)" ] || fail "not stored"
	awk -F'|' '$2 - $1 < 10000 { exit 1 }' <<< "$(losses_of canary)" || fail "no span: $(losses_of canary)"
}

test_canary_file_of_somebody_else_is_not_touched() {
	echo precious > "$work/precious"
	ln -s "$work/precious" "$work/db-canary"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	grep -q 'canary: .*db-canary: ' "$work/log" || fail "$(cat "$work/log")"
	stop_daemon_well
	[ "$(cat "$work/precious")" = precious ] || fail "written through a symlink"
}

test_silenced_process_events_are_noticed_and_come_again() {
	need_docker
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -O1 -o "$work/silence" "$here/silence.c" || fail "cannot build the helper"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	"$work/silence" "$daemon" || fail "cannot silence it"
	until_true 40 grep -q 'process events have stopped coming: subscribed' "$work/log" || fail "not noticed: $(cat "$work/log")"
	in_docker run --rm --name heard --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT container_name FROM touch WHERE path = '$work/f'")" = heard ] || fail "$(sqlite3 "$work/db" 'SELECT container_name, doubt FROM touch')"
	[ -n "$(losses_of proc-events)" ] || fail "the gap is not told: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
}

# The kernel's answer to any subscription counts in the sequence of process events.
test_another_listener_of_process_events_is_no_loss() {
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	"$auditmon" daemon --rules "$work/test.rules" --db "$work/other.db" > /dev/null 2> "$work/other.log" &
	others+=("$!")
	until_true 20 grep -q ready: "$work/other.log" || fail "$(cat "$work/other.log")"
	kill "${others[0]}"
	wait "${others[0]}" || true
	sleep 1.2
	stop_daemon_well
	no_losses
}

# --- every order ---

# The verbs. Each ends with the daemon running.
order_kill() {
	kill_daemon
	sleep 0.3
	order_start
}
order_restart() {
	stop_daemon_well
	sleep 0.3
	order_start
}
order_reload() {
	kill -HUP "$daemon"
	sleep 0.2
}
order_delete() {
	auditctl -D >/dev/null
	sleep 0.2
}
order_auditd_on() {
	[ -z "${other_daemon:-}" ] || return 0
	# The first attempt may find the place taken, and frees it.
	try_auditd || { wait "$other_daemon" 2>/dev/null || true; sleep 0.5; start_auditd; }
}
order_auditd_off() {
	[ -z "${other_daemon:-}" ] || stop_auditd
}
order_start() {
	"$auditmon" daemon --rules "$work/test.rules" --db "$work/db" > /dev/null 2>> "$work/log" &
	daemon=$!
	until_true 20 eval "[ \$(grep -c ready: '$work/log') -gt $order_starts ] || ! kill -0 $daemon" || fail "not ready: $(tail -n 5 "$work/log")"
	kill -0 "$daemon" || fail "it ended: $(tail -n 5 "$work/log")"
	order_starts=$((order_starts + 1))
}

# order_walk VERB... : each ordered pair of verbs once, one after the other: a walk over all edges of the complete graph.
order_walk() {
	awk -v verbs="$*" 'BEGIN {
		n = split(verbs, verb, " ")
		at = 1
		for (step = 1; step <= n * n; step++) {
			# To where the fewest ways have been taken, so that no way is left over at the end.
			best = 0
			for (to = 1; to <= n; to++)
				if (!taken[at, to] && (!best || used[to] < used[best]))
					best = to
			if (!best)
				for (to = 1; to <= n; to++)
					if (!best || used[to] < used[best])
						best = to
			taken[at, best] = 1
			used[best]++
			at = best
			print verb[at]
		}
	}'
}

# A kill leaves a gap back to the last sign of life, five seconds at most: so the others have a walk of their own.
test_in_every_order_nothing_is_silently_missing() {
	walk_in_every_order restart reload delete auditd_on auditd_off
}

test_in_every_order_with_kills_nothing_is_silently_missing() {
	walk_in_every_order kill restart reload delete auditd_on auditd_off
}

walk_in_every_order() {
	local verb writer missing
	command -v auditd >/dev/null || skip "no auditd here"
	make_auditd
	mkdir "$work/d"
	echo "-w $work/d -p wa -k d" > "$work/test.rules"
	: > "$work/log"
	order_starts=0
	order_start
	# A file every few milliseconds; its name is when.
	(
		trap 'exit 0' TERM
		while :; do
			: > "$work/d/${EPOCHREALTIME/./}"
			read -rt 0.02 < <(:) || true
			sleep 0.02
		done
	) &
	writer=$!
	others+=("$writer")
	order_walk "$@" > "$work/walk"
	while read -r verb <&7; do
		"order_$verb" || fail "$verb failed: $(tail -n 5 "$work/log")"
		sleep 0.1
	done 7< "$work/walk"
	sleep 0.5
	kill "$writer"
	wait "$writer" 2>/dev/null || true
	sleep 1
	stop_daemon_well
	ls "$work/d" | sort > "$work/written"
	[ "$(wc -l < "$work/written")" -gt 300 ] || fail "only $(wc -l < "$work/written") were written"
	sqlite3 "$work/db" "SELECT DISTINCT replace(path, '$work/d/', '') FROM touch WHERE path LIKE '$work/d/%'" | sort > "$work/stored"
	# Those that are not stored must lie within a loss (by the writer's clock, which is read a little before).
	comm -23 "$work/written" "$work/stored" > "$work/missing"
	missing=$(while read -r usec; do
		sqlite3 "$work/db" "SELECT '$usec' WHERE NOT EXISTS (SELECT 1 FROM loss WHERE since_msec <= $usec / 1000 + 30 AND until_msec >= $usec / 1000 - 30)"
	done < "$work/missing")
	[ -z "$missing" ] || fail "$(wc -w <<< "$missing") of $(wc -l < "$work/written") are missing without a word: $missing; $(sqlite3 "$work/db" 'SELECT * FROM loss'); $(cat "$work/walk" | tr '\n' ' ')"
	echo "$(wc -l < "$work/written") written, $(wc -l < "$work/stored") stored, $(wc -l < "$work/missing") within $(sqlite3 "$work/db" 'SELECT count(*) FROM loss') losses"
	[ "$(auditctl -l)" = 'No rules' ] || fail "rules were left behind: $(auditctl -l)"
}
