# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What every end-to-end test may use. A test is a function test_*; it fails by `fail WHY` (or any failing command that is last in a
# `check`), skips by `skip WHY`. It runs in a subshell with $work, a fresh directory, and no audit rules in the kernel.

fail() {
	echo "# $*" >&2
	exit 1
}

skip() {
	echo "$*" > "$work/skipped"
	exit 77
}

# Waits until a command succeeds: until SECONDS COMMAND...
until_true() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.05
	done
}

am() {
	"$auditmon" "$@"
}

# start_daemon RULE... : a daemon on $work/db with these rules; more of its options in the array daemon_options.
daemon_options=()
start_daemon() {
	printf '%s\n' "$@" > "$work/test.rules"
	start_daemon_with "$work/test.rules"
}

start_daemon_with() {
	: > "$work/log"
	"$auditmon" daemon --rules "$1" --db "$work/db" "${daemon_options[@]}" > "$work/out" 2> "$work/log" &
	daemon=$!
	echo "$daemon" > "$state/daemon.pid"
	until_true 20 eval "grep -q ready: '$work/log' || ! kill -0 $daemon" || fail "the daemon did not become ready: $(cat "$work/log")"
	grep -q ready: "$work/log" || fail "the daemon ended at its start: $(cat "$work/log")"
}

# Ends it as systemd would; its exit status is in $status.
stop_daemon() {
	kill -TERM "$daemon"
	status=0
	wait "$daemon" || status=$?
	rm -f "$state/daemon.pid"
}

stop_daemon_well() {
	stop_daemon
	[ "$status" = 0 ] || fail "the daemon ended with $status: $(cat "$work/log")"
}

# The touches of a path as JSON Lines.
touches() {
	local path=$1
	shift
	am who-touched "$path" --db "$work/db" --format json "$@"
}

# check FILE.json JQ-EXPRESSION : each line must make the expression true.
check_each() {
	local file=$1 wrong
	[ -s "$file" ] || fail "no touch at all for: $2"
	wrong=$(jq -c "select(($2) | not)" "$file" | head -n 3)
	[ -z "$wrong" ] || fail "not true: $2 of $wrong"
}

check_count() {
	local n
	n=$(wc -l < "$1")
	[ "$n" = "$2" ] || fail "expected $2 lines, got $n: $(head -n 3 "$1")"
}

no_losses() {
	local losses
	losses=$(sqlite3 "$work/db" 'SELECT * FROM loss')
	[ -z "$losses" ] || fail "losses: $losses"
}

in_docker() {
	docker -H "unix://$state/docker.sock" "$@"
}

# The image's own name for both engines is bb. $podman_base is the engine with its store in $state.
in_podman() {
	podman --root "$state/podman" --runroot "$state/podman-run" --runtime "$here/oci-runtime" \
		--cgroup-manager=cgroupfs --events-backend=file "$@"
}

# as AUID COMMAND... : as a session whose loginuid is AUID, which is what pam_loginuid does at login.
as() {
	local auid=$1
	shift
	(
		echo "$auid" > /proc/self/loginuid || exit 1
		"$@"
	)
}
