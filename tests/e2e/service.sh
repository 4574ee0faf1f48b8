# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A real service manager for the tests, with the unit that is shipped.
#
# Only process 1 can be systemd's system manager, and the kernel's audit is for the first namespaces alone: so it is a user
# manager that root runs there. That has root's rights and applies every directive of the unit as the system manager does
# (process-one.sh compares), but for those that are programs of the cgroup (IPAddressDeny=, DevicePolicy=). It lives in a mount
# namespace where it looks as if systemd had booted, and in a cgroup of its own, so that it does not take the machine's processes
# for its own. contrib/check-service goes through the same life under the system manager of a machine that may be thrown away.

manager_cgroup=auditmon-e2e
# What tmpfiles.d does for the group auditmon is done for this one.
query_group=4240

each_hierarchy() {
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts
}

# start_manager: and installs the unit with $work/test.rules, and what is in $work/drop-in.conf.
start_manager() {
	local systemd=/usr/lib/systemd/systemd units=$work/manager/config/systemd/user place
	[ -x $systemd ] || systemd=/lib/systemd/systemd
	[ -x $systemd ] || skip "no systemd here"
	mkdir -p "$work"/manager/{run,home} "$units/auditmon.service.d"
	chmod 700 "$work/manager/run"
	export XDG_RUNTIME_DIR=$work/manager/run XDG_CONFIG_HOME=$work/manager/config XDG_CACHE_HOME=$work/manager/cache HOME=$work/manager/home
	unset DBUS_SESSION_BUS_ADDRESS NOTIFY_SOCKET
	cp "$build/contrib/auditmon.service" "$units"
	printf '%s\n' '[Service]' 'ExecStart=' \
		"ExecStart=$auditmon daemon --rules $work/test.rules --db $work/lib/auditmon.db" \
		'ExecStartPre=' "ExecStartPre=+install -d -m 2750 -g $query_group $work/lib" "ReadWritePaths=-$work/lib" \
		"StandardOutput=append:$work/log" "StandardError=append:$work/log" > "$units/auditmon.service.d/test.conf"
	[ ! -f "$work/drop-in.conf" ] || cp "$work/drop-in.conf" "$units/auditmon.service.d/zz.conf"
	db=$work/lib/auditmon.db
	for place in $(each_hierarchy); do
		mkdir -p "$place/$manager_cgroup"
	done
	# shellcheck disable=SC2016
	setsid unshare --mount --propagation slave sh -c '
		for place in '"$(each_hierarchy | tr '\n' ' ')"'; do
			echo $$ > "$place/'$manager_cgroup'/cgroup.procs" || [ ! -e "$place/cgroup.controllers" ] || exit 1
		done 2>/dev/null
		mkdir -p /run/systemd && mount -t tmpfs -o mode=755 tmpfs /run/systemd && mkdir /run/systemd/system
		exec '$systemd' --user --log-target=console --log-level=info' > "$work/manager.log" 2>&1 < /dev/null &
	other_daemon=$!
	trap 'stop_manager' EXIT
	until_true 20 test -S "$work/manager/run/systemd/private" || fail "no manager: $(cat "$work/manager.log")"
}

stop_manager() {
	local place leaf
	in_manager stop auditmon.service >/dev/null 2>&1 || true
	kill -TERM "$other_daemon" 2>/dev/null || true
	wait "$other_daemon" 2>/dev/null || true
	for place in $(each_hierarchy); do
		[ -d "$place/$manager_cgroup" ] || continue
		find "$place/$manager_cgroup" -depth -type d | while read -r leaf; do
			rmdir "$leaf" 2>/dev/null
		done
	done
	return 0
}

in_manager() {
	timeout 60 systemctl --user "$@"
}

# start_service RULE...
start_service() {
	printf '%s\n' "$@" > "$work/test.rules"
	in_manager start auditmon.service || fail "not started: $(in_manager status --no-pager auditmon.service; cat "$work/log")"
	daemon=$(service_property MainPID)
}

service_property() {
	in_manager show --value -p "$1" auditmon.service
}

stop_service_well() {
	in_manager stop auditmon.service || fail "not stopped: $(cat "$work/log")"
	[ "$(service_property ActiveState) $(service_property Result) $(service_property ExecMainStatus)" = 'inactive success 0' ] ||
		fail "$(in_manager status --no-pager auditmon.service) $(cat "$work/log")"
}

service_rows() {
	sqlite3 "$db" "$1"
}
