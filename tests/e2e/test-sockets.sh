# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Engines and sockets that are elsewhere than usual, or come later than auditmon.

# Docker's daemon runs from wherever its package has put it. One that is hidden by a mount from us has no path that is good for a rule.
test_dockerd_from_elsewhere_has_its_rule() {
	local path
	mkdir -p "$work/snap/bin" "$work/hidden" "$work/link"
	cp "$(command -v sleep)" "$work/snap/bin/dockerd"
	ln -s "$work/snap/bin/dockerd" "$work/link/dockerd"
	"$work/link/dockerd" 60 &
	others+=($!)
	unshare -m --propagation private sh -c 'mount -t tmpfs none "$0" && cp "$(command -v sleep)" "$0/dockerd" && exec "$0/dockerd" 60' "$work/hidden" &
	others+=($!)
	cp "$(command -v sleep)" "$work/hidden/dockerd"
	until_true 10 eval "pgrep -f '$work/hidden/dockerd 60'" || fail "not started"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	path=$(readlink -f "$work/snap/bin/dockerd")
	[ "$(auditctl -l | grep -c -- "-S shutdown .*-F exe=$path -F key=engine-shutdown")" = 1 ] || fail "no rule: $(auditctl -l)"
	! auditctl -l | grep -q "$work/hidden/dockerd" || fail "a rule for another file: $(auditctl -l)"
	stop_daemon_well
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l)"
}
