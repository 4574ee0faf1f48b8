#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is left to a service in its sandbox, a line each: probe.sh HOST-PID DIRECTORY PLACE...
# HOST-PID is a process that has the machine's own view of the places; DIRECTORY is where the record would be.
host=$1
record=$2
shift 2
grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp|Uid|Gid|Groups|Umask):' /proc/self/status | tr '\t' ' '
echo "oom $(cat /proc/self/oom_score_adj)"
for place in "$@"; do
	[ "$(stat -c %d:%i "$place")" = "$(stat -c %d:%i "/proc/$host/root$place")" ] && own=own || own=masked
	(: > "$place/auditmon-e2e-probe") 2>/dev/null && how=writable || how=read-only
	rm -f "$place/auditmon-e2e-probe" 2>/dev/null
	echo "place $place $own $how"
done
attempt() {
	"${@:2}" > /dev/null 2>&1 && echo "may $1" || echo "may not $1"
}
attempt 'change a setting of the kernel' sh -c ': > /proc/sys/kernel/core_pattern'
attempt 'make a cgroup' sh -c 'd=$(awk "\$3 == \"cgroup2\" { print \$2; exit }" /proc/mounts) && mkdir $d/auditmon-e2e-probe && rmdir $d/auditmon-e2e-probe'
attempt 'mount' mount -t tmpfs tmpfs /mnt
attempt 'make a user namespace' unshare --user true
attempt 'make a mount namespace' unshare --mount true
attempt 'set the clock' date -s '+0 seconds'
attempt 'run in real time' chrt -f 1 true
attempt 'be of higher priority' nice -n -5 sh -c '[ $(nice) = -5 ]'
attempt 'set the host name' sh -c 'hostname x && [ $(hostname) = x ]'
attempt 'write the record' touch "$record/probe"
attempt 'make a set-user-ID file' chmod u+s "$record/probe"
rm -f "$record/probe"
attempt 'speak TCP' bash -c '(exec 3<> /dev/tcp/127.0.0.1/1) 2>&1 | grep -q refused'
attempt 'read the processes of others' test -r "/proc/$host/root" -a -r "/proc/$host/environ"
