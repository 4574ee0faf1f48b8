# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# How far a container is held apart from its host, as its engine wrote it and as the kernel has it in force.

# posture NAME : the facts of a container without their sources, as one JSON object in $work/posture.
posture() {
	am show --db "$work/db" --format json "$1" > "$work/container" || fail "no container $1"
	jq -c '.posture | map_values(.value)' "$work/container" > "$work/posture"
	jq -e '.posture | all(.source != null and .source != "")' "$work/container" >/dev/null || fail "a fact without source: $(cat "$work/container")"
}

test_the_posture_of_docker_containers() {
	need_docker
	start_daemon "-w $work/none -p wa -k none"
	in_docker run -d --name plain --network=none bb sleep 60 >/dev/null
	in_docker run -d --name strong --network=none --privileged --pid=host --security-opt seccomp=unconfined -v "$state:/engine" bb sleep 60 >/dev/null
	in_docker run -d --name weak --network=none --read-only --cap-add SYS_TIME --security-opt no-new-privileges \
		-v "$work:/data:ro" -v "$state/docker.sock:/run/docker.sock" bb sleep 60 >/dev/null
	until_true 10 sh -c "sqlite3 '$work/db' \"SELECT posture FROM container WHERE name = 'weak'\" | grep -q /proc/" || true
	in_docker rm -f plain strong weak >/dev/null
	stop_daemon_well

	posture plain
	check_each "$work/posture" '.capabilities_added == [] and .no_new_privileges == false and .read_only_root == false'
	check_each "$work/posture" '(.host_namespaces | (index("mnt") == null) and (index("pid") == null) and (index("net") == null)) and .user_namespace == "host" and .engine_sockets == []'
	check_each "$work/container" '.posture.capabilities_added.source | test("^/proc/[0-9]+/status$")'
	posture strong
	check_each "$work/posture" '(.capabilities_added | (index("SYS_ADMIN") != null) and (index("SYS_MODULE") != null)) and .seccomp == "disabled"'
	check_each "$work/posture" '(.host_namespaces | index("pid")) != null and (.host_namespaces | index("mnt")) == null'
	posture weak
	check_each "$work/posture" '.capabilities_added == ["SYS_TIME"] and .no_new_privileges == true and .read_only_root == true'
	check_each "$work/posture" ".engine_sockets == [\"$state/docker.sock\"]"
	check_each "$work/container" '.posture.read_only_root.source | test("^/proc/[0-9]+/mountinfo$")'
	jq -c '.posture.host_paths.value[] | select(.destination == "/data" or .destination == "/run/docker.sock") | [.source, .writable]' "$work/container" > "$work/json"
	[ "$(sort "$work/json")" = "$(printf '["%s",true]\n["%s",false]' "$state/docker.sock" "$work" | sort)" ] || fail "$(cat "$work/container")"
	jq -c '.mounts[] | select(.destination == "/data")' "$work/container" > "$work/json"
	check_each "$work/json" ".source == \"$work\" and .writable == false"
	am show --db "$work/db" weak > "$work/shown"
	grep -q 'capabilities added *\["SYS_TIME"\]  (/proc/' "$work/shown" || fail "$(cat "$work/shown")"
}

test_the_posture_of_podman_containers() {
	need_podman
	start_daemon "-w $work/none -p wa -k none"
	in_podman run -d --name plain --net=none bb sleep 60 >/dev/null
	in_podman run -d --name open --net=host --cap-add SYS_PTRACE --security-opt no-new-privileges bb sleep 60 >/dev/null
	in_podman rm -f -t 0 plain open >/dev/null
	stop_daemon_well
	posture plain
	check_each "$work/posture" '.capabilities_added == [] and .no_new_privileges == false and (.host_namespaces | index("net")) == null'
	posture open
	check_each "$work/posture" '.capabilities_added == ["SYS_PTRACE"] and .no_new_privileges == true and (.host_namespaces | index("net")) != null'
}
