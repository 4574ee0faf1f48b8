# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# auditmon is killed in the midst of a crowd, and started again while that goes on.

# A container, or an exec in it, that writes TOKEN, waits for $work/data/go, and writes TOKEN-later: long_words TOKEN
long_words() {
	echo "echo x >> /data/$1; until [ -e /data/go ]; do sleep 0.1; done; echo x >> /data/$1-later; sleep 60"
}

n_written() {
	[ "$(find "$work/data" -name 't*' | wc -l)" -ge "$1" ]
}

are_recorded() {
	local token
	am events --db "$work/db" --action create --format json > "$work/recorded"
	for token; do
		grep -q "\"$work/data/$token\"" "$work/recorded" || return 1
	done
}

# Tokens whose files were made, but of which nothing is recorded, and that lie in no span of a loss.
lost_in_silence() {
	sqlite3 -separator ' ' "$work/db" 'SELECT since_msec, until_msec FROM loss' > "$work/losses"
	jq -r .path "$work/json" > "$work/paths"
	find "$work/data" -name 't*' -printf '%p %T@\n' | awk '
		FILENAME == ARGV[1] { since[++n] = $1 - 20; until[n] = $2 + 20; next }
		FILENAME == ARGV[2] { recorded[$1] = 1; next }
		{ for (i = 1; i <= n && !($2 * 1000 >= since[i] && $2 * 1000 <= until[i]); i++); if (i > n && !($1 in recorded)) print }' \
		"$work/losses" "$work/paths" -
}

# Logins that go on until they are told to stop.
start_crowd() {
	local login i
	for login in 3001 3002 3003 3004; do
		for ((i = login; ; i++)); do
			[ ! -e "$work/stop" ] || exit 0
			enter "$login" "${kinds[i % ${#kinds[@]}]}"
		done &
		logins+=($!)
		others+=($!)
	done
}

test_launchers_of_a_crowd_over_a_kill_of_auditmon() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local logins=() run=(run -d --network=none -v "$work/data:/data") n wrong
	prepare_crowd
	as 3801 in_docker "${run[@]}" --name long1 bb sh -c "$(long_words told1)" >/dev/null
	as 3802 in_docker exec -d long1 sh -c "$(long_words told2)"
	as 3803 env SOCKET="$state/docker.sock" NAME=long2 BIND="$work/data:/data" COMMAND="$(long_words told3)" "$work/engine-client"
	until_true 20 are_recorded told1 told2 told3 || fail "not all is recorded: $(cat "$work/log")"
	start_crowd
	until_true 30 n_written 15 || fail "the crowd does nothing"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || true
	as 3804 in_docker "${run[@]}" --name between bb sh -c "$(long_words tbetween)" >/dev/null
	n=$(find "$work/data" -name 't*' | wc -l)
	until_true 30 n_written $((n + 8)) || fail "the crowd has stopped"
	start_daemon_with "$work/test.rules"
	touch "$work/data/go"
	n=$(find "$work/data" -name 't*' | wc -l)
	until_true 30 n_written $((n + 12)) || fail "the crowd has stopped"
	touch "$work/stop"
	wait "${logins[@]}"
	until_true 20 are_recorded told1-later told2-later told3-later tbetween-later || fail "not all is recorded: $(cat "$work/log")"
	in_docker rm -f long1 long2 between shared >/dev/null
	stop_daemon_well
	printf '%s\n' "told1 3801 before" "told1-later 3801 later" "told2 3802 before" "told2-later 3802 later" "told3 3803 before" \
		"told3-later 3803 later" > "$work/truth.38"
	weigh_verdicts
	! grep -q '^WRONG certain' "$work/verdicts" || fail "a wrong name under certain"
	! grep -Eq '^WRONG .* (before|later) ' "$work/verdicts" || fail "a wrong name: $(grep '^WRONG' "$work/verdicts")"
	n=$(grep -c '^WRONG' "$work/verdicts" || true)
	[ $((8 * n)) -le "$(wc -l < "$work/verdicts")" ] || fail "wrong names: $(grep '^WRONG' "$work/verdicts")"
	# Nobody is named only where it is said that this was not there to be seen, or who made it; one that was on its way into its
	# container when auditmon came may be in doubt altogether.
	wrong=$(grep '^LOST' "$work/verdicts" | grep -Ev 'auditmon was started after it began$| made it could not be seen, | in doubt: [^n]' | head -n 3 || true)
	[ -z "$wrong" ] || fail "nobody, without that reason: $wrong"
	[ "$(grep -c '^RIGHT .* later ' "$work/verdicts")" = 3 ] || fail "not all that was known is remembered: $(grep ' later ' "$work/verdicts")"
	jq -c 'select(.path | test("/told[123](-later)?$")) | {path: (.path | sub("-later$"; "")), launcher: (.launcher | del(.content_trust))}' "$work/json" | sort -u > "$work/told"
	# All but what the client thought of image trust, which is not kept.
	[ "$(wc -l < "$work/told")" = 3 ] || fail "they are told otherwise than before: $(cat "$work/told")"
	jq -c 'select(.path | endswith("/tbetween-later"))' "$work/json" > "$work/between"
	check_each "$work/between" '.launcher == null and .launcher_reason == "auditmon was started after it began"'
	sqlite3 "$work/db" 'SELECT 1 FROM loss WHERE until_msec - since_msec > 0' | grep -q 1 || fail "no time is told as lost"
	wrong=$(lost_in_silence)
	[ -z "$wrong" ] || fail "missing without a loss: $wrong; $(cat "$work/losses")"
	echo "$(sort "$work/verdicts" | cut -d ' ' -f 1,2 | uniq -c | tr '\n' ';') $(wc -l < "$work/losses") losses" > "$work/report"
}
