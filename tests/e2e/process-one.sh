# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# systemd as process 1 of a container: the machine's own file system below an overlay, with namespaces and a cgroup of its own.
#
# auditmon itself cannot run there, as the kernel takes audit's configuration from processes of the first pid namespace alone: this
# is for what only a system manager does with the unit. The daemon's own life is tested under a user manager (service.sh).

process_one_cgroup=auditmon-e2e-one

unified_hierarchy() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

# start_process_one: its root is $root, seen from outside below /proc/$process_one/root.
start_process_one() {
	local systemd=/usr/lib/systemd/systemd unified
	[ -x $systemd ] || systemd=/lib/systemd/systemd
	[ -x $systemd ] || skip "no systemd here"
	unified=$(unified_hierarchy)
	[ -n "$unified" ] || skip "no cgroup2 here"
	root=$work/one
	mkdir -p "$root" "$unified/$process_one_cgroup"
	cat > "$work/boot" <<-END
		set -e
		mount -t tmpfs tmpfs $root
		mkdir $root/upper $root/work $root/root
		mount -t overlay overlay -o lowerdir=/,upperdir=$root/upper,workdir=$root/work $root/root
		cd $root/root
		mount -t proc proc proc
		mount --rbind /dev dev
		mount -t sysfs sysfs sys
		mount -t cgroup2 cgroup2 sys/fs/cgroup
		mount -t tmpfs -o mode=755 tmpfs run
		mount -t tmpfs tmpfs tmp
		mount --bind $work ./$work
		rm -rf etc/systemd/system/*.wants etc/auditmon
		printf '[Unit]\nAfter=basic.target\n' > etc/systemd/system/auditmon-e2e.target
		exec env -i container=auditmon-e2e PATH=\$PATH chroot . $systemd --unit=auditmon-e2e.target --log-target=null
	END
	(
		echo "$BASHPID" > "$unified/$process_one_cgroup/cgroup.procs" &&
			exec setsid unshare --mount --propagation private --pid --uts --ipc --cgroup --fork --kill-child sh "$work/boot"
	) > "$work/boot.log" 2>&1 < /dev/null &
	other_daemon=$!
	trap 'stop_process_one' EXIT
	until_true 20 eval "process_one=\$(pgrep -P $other_daemon -f '^$systemd')" || fail "no systemd: $(cat "$work/boot.log")"
	until_true 30 eval "in_process_one systemctl is-system-running --wait" || fail "not booted: $(in_process_one systemctl --failed --no-pager)"
}

in_process_one() {
	nsenter -t "$process_one" -m -p -u -i -C -r -w "$@"
}

stop_process_one() {
	[ -z "${process_one:-}" ] || kill -KILL "$process_one" 2>/dev/null
	kill -TERM "$other_daemon" 2>/dev/null || true
	wait "$other_daemon" 2>/dev/null || true
	find "$(unified_hierarchy)/$process_one_cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null || true
	return 0
}
