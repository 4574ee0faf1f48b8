# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A crowd of logins that ask the engine for containers and execs, and the truth that their entries are judged by: who asked for an entry
# is told by the file that it creates in $work/data, which is named in $work/truth.LOGIN and, where the test is about it, by no command line.

# A daemon that knows the tests' own engine.
start_launcher_daemon() {
	echo "engine-socket = $state/docker.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "$@"
}

# Certain; or likely, and it says why: dockerd still held a connection of a login that had gone and is not known to be done with it, against
# which only a command line speaks; or one of which nobody knows whose it is; or a dockerd that is older than auditmon may have read what is not on record.
sure='.launcher.confidence == "certain" or (.launcher.confidence == "likely" and any(.launcher.evidence[]; test("who fits.$|not known$|need be on record$")))'

# How many entries the crowd makes; the full size is 400.
crowd_size=${AUDITMON_CROWD:-64}

# One entry, or two, of a login: enter LOGIN KIND. Its name is chance, its truth is in $work/truth.
enter() {
	local login=$1 kind=$2 token name
	token=t$(od -An -N5 -tx1 /dev/urandom | tr -d ' ')
	name=n$(od -An -N5 -tx1 /dev/urandom | tr -d ' ')
	echo "$token $login $kind" >> "$work/truth.$login"
	local write="echo x >> /data/$token" run=(--network=none -v "$work/data:/data" bb sh -c)
	case $kind in
	run) as "$login" in_docker run --rm --name "$name" "${run[@]}" "$write" ;;
	detached) as "$login" in_docker run -d --rm --name "$name" "${run[@]}" "$write" >/dev/null ;;
	exec) as "$login" in_docker exec shared sh -c "$write" ;;
	started)
		as "$login" in_docker create --rm --name "$name" "${run[@]}" "$write" >/dev/null
		as "$login" in_docker start "$name" >/dev/null
		;;
	script)
		echo "${token}b $login $kind" >> "$work/truth.$login"
		as "$login" bash -c 'docker -H "$1" run -d --rm --name "$2" "${@:5}" "$4" >/dev/null
			docker -H "$1" run --rm --name "$3" "${@:5}" "${4}b"' script "unix://$state/docker.sock" "$name" "${name}b" "$write" "${run[@]}"
		;;
	client) as "$login" env SOCKET="$state/docker.sock" NAME="$name" BIND="$work/data:/data" COMMAND="$write" "$work/engine-client" ;;
	quick) as "$login" env SOCKET="$state/docker.sock" NAME="$name" BIND="$work/data:/data" COMMAND="$write" QUICK=1 "$work/engine-client" ;;
	esac
}

kinds=(run detached exec started script client quick)

# Entries of one login, one after the other.
be_login() {
	local login=$1 n=$2 i
	for ((i = 0; i < n; i++)); do
		enter "$login" "${kinds[(i + login) % ${#kinds[@]}]}"
	done
}

# weigh_verdicts: each touch with its truth, as lines RIGHT|WRONG|AMBIGUOUS|LOST CONFIDENCE KIND REASON in $work/verdicts.
weigh_verdicts() {
	am events --db "$work/db" --action create --format json > "$work/json" || fail "nothing is recorded"
	cat "$work"/truth.* > "$work/truth"
	[ -z "${AUDITMON_CROWD_KEEP:-}" ] || cp -f "$work/json" "$work/truth" "$work/log" "$AUDITMON_CROWD_KEEP/"
	jq -r --rawfile truth "$work/truth" '
		($truth | split("\n") | map(select(. != "") | split(" ") | {key: .[0], value: .}) | from_entries) as $truth
		| ($truth[.path | split("/")[-1]] // empty) as [$token, $login, $kind]
		| .launcher as $l
		| (if $l == null then "LOST"
			elif $l.confidence == "ambiguous" then
				(if any($l.evidence[]; test("^candidate: (.*\\()?auid \($login)[,)]")) then "AMBIGUOUS" else "LOST" end)
			elif $l.auid == ($login | tonumber) then "RIGHT" else "WRONG" end)
		+ " " + ($l.confidence // "none") + " " + $kind + " " + (if $l == null then .launcher_reason // "in doubt: \(.doubt)" else "" end)' "$work/json" > "$work/verdicts"
	sort "$work/verdicts" | uniq -c | sed 's/^/# /' | tee ${AUDITMON_CROWD_REPORT:+-a "$AUDITMON_CROWD_REPORT"} >&2
}

# judge: so weighed each entry is recorded, and no name is wrong under certain.
judge() {
	weigh_verdicts
	[ "$(wc -l < "$work/verdicts")" = "$(wc -l < "$work/truth")" ] ||
		fail "$(wc -l < "$work/verdicts") entries are recorded of $(wc -l < "$work/truth")"
	! grep -q '^WRONG certain' "$work/verdicts" || fail "a wrong name under certain"
}

# renewed: with a dockerd that is younger than auditmon.
prepare_crowd() {
	mkdir "$work/data"
	gcc -static -O1 -o "$work/engine-client" "$here/engine-client.c" || fail "cannot build the client"
	start_launcher_daemon "-w $work/data -p wa -k crowd"
	[ "${1:-}" != renewed ] || renew_dockerd
	in_docker run -d --rm --name shared --network=none -v "$work/data:/data" bb sleep 3600 >/dev/null
}
