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
