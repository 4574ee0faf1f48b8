# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What seccomp refuses a container is told, with the container; what a filter only has logged is not.

# seccomp_profile ACTION SYSCALL...
seccomp_profile() {
	local action=$1
	shift
	printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[%s],"action":"%s"}]}' \
		"$(printf '"%s",' "$@" | sed 's/,$//')" "$action"
}

test_seccomp_denial_is_told_with_its_container() {
	need_docker
	local id
	seccomp_profile SCMP_ACT_KILL mkdir mkdirat > "$work/kill.json"
	seccomp_profile SCMP_ACT_LOG mkdir mkdirat > "$work/log.json"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	id=$(in_docker run -d --name refused --network=none --security-opt "seccomp=$work/kill.json" bb sh -c 'mkdir /new; sleep 60')
	in_docker run --rm --name logged --network=none --security-opt "seccomp=$work/log.json" bb mkdir /new
	until_true 10 eval "am events --db '$work/db' --action denied" || fail "no denial is told: $(cat "$work/log")"
	in_docker rm -f refused >/dev/null
	stop_daemon_well
	am events --db "$work/db" --action denied --format json > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.action == "denied" and .success == false and .errno == null and .path == null and (.syscall | test("^mkdir")) and .process.comm == "mkdir" and .process.exe == "/bin/busybox" and .process.ppid == null'
	check_each "$work/json" ".container.id == \"$id\" and .container.name == \"refused\" and .auid == null and .user == \"root\" and (.flags | index(\"failed\")) != null"
}
