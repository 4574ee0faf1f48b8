# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The human behind a daemon's container: the engine's clients are watched, matched with what the engine starts, and never named wrongly.

# With nothing but a watch of a file the engines' sockets are watched, too; what goes with the rule files stays once.
test_daemon_watches_engine_sockets_by_itself() {
	local file=$work/precious n
	touch "$file"
	daemon_options=(--config "$work/conf")
	echo "engine-socket = $work/other.sock" > "$work/conf"
	start_daemon "-w $file -p wa -k precious" "-a always,exit -F arch=b64 -S connect -F path=/run/docker.sock -k engine-socket"
	n=$(auditctl -l | grep -c -- '-S connect -F path=/run/docker.sock')
	[ "$n" = 1 ] || fail "$n rules for the socket: $(auditctl -l)"
	auditctl -l | grep -q -- "-S connect -F path=$work/other.sock" || fail "the configured socket is not watched: $(auditctl -l)"
	auditctl -l | grep -q -- "-F arch=b32.*path=$work/other.sock" || fail "not for 32-bit programs: $(auditctl -l)"
	kill -HUP "$daemon"
	stop_daemon_well
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l)"
}

# A daemon that knows the tests' own engine.
start_launcher_daemon() {
	echo "engine-socket = $state/docker.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "$@"
}

# One login at a time, in every way that a container or an exec can be asked for: always certain, and right.
test_launcher_of_one_login_at_a_time_is_certain() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	local write=(sh -c 'echo x >> /data/precious') run=(--network=none -v "$work/data:/data" bb)
	as 3001 in_docker run --rm --name a1 "${run[@]}" "${write[@]}"
	as 3002 in_docker run -d --name a2 "${run[@]}" sh -c 'echo x >> /data/precious; sleep 60' >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 2 ]" || fail "the container did not write"
	as 3003 in_docker exec a2 "${write[@]}"
	as 3004 in_docker create --name a4 "${run[@]}" "${write[@]}" >/dev/null
	as 3005 in_docker start -a a4
	as 3006 in_docker exec -d a2 "${write[@]}"
	until_true 10 eval "[ \$(wc -l < '$file') = 5 ]" || fail "the detached exec did not write"
	as 3007 in_docker restart -t 0 a2 >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 6 ]" || fail "the restarted container did not write"
	in_docker rm -f a2 >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 6
	check_each "$work/json" '.auid == null and .launcher.confidence == "certain"'
	[ "$(jq -r .launcher.auid "$work/json" | tr '\n' ' ')" = "3001 3002 3003 3005 3006 3007 " ] || fail "launchers: $(jq -c .launcher "$work/json")"
	check_each "$work/json" ".launcher.via == \"$state/docker.sock\" and (.launcher.evidence | length) > 2 and .launcher_reason == null"
	no_losses
}
