# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Docker in Docker: an engine within a privileged container, with this machine's own programs.

# start_outer TASK: the container `outer`, with an engine in it (`engine ARGUMENT...`) that has the image bb. There the script TASK runs; it
# ends with making /data/inner. The container's id is in $outer.
start_outer() {
	ln "$state/image.tar" "$work/image.tar"
	cat > "$work/engine" <<-'END'
		export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
		for place in /run /var /tmp; do mkdir -p $place; mount -t tmpfs tmpfs $place; done
		engine() { docker -H unix:///run/inner.sock "$@"; }
		dockerd -H unix:///run/inner.sock --storage-driver=vfs --iptables=false --ip6tables=false --bridge=none --data-root /var/docker \
			--exec-root /run/inner --pidfile /run/inner.pid --add-runtime tests=/tests/oci-runtime --default-runtime tests > /data/inner.log 2>&1 &
		for i in $(seq 150); do engine info > /dev/null 2>&1 && break; sleep 0.2; done
		engine info > /dev/null 2>&1 || { echo none > /data/inner; exit; }
		engine import /data/image.tar bb:latest > /dev/null
		. /data/task
		sleep 60
	END
	echo "$1" > "$work/task"
	outer=$(in_docker run -d --name outer --privileged --network=none -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v /etc/ssl:/etc/ssl:ro \
		-v "$here:/tests:ro" -v "$work:/data" bb sh /data/engine)
	until_true 90 test -f "$work/inner" || skip "no Docker in Docker here: $(tail -n 1 "$work/inner.log" 2>&1)"
	[ "$(cat "$work/inner")" != none ] || skip "no Docker in Docker here: $(tail -n 1 "$work/inner.log" 2>&1)"
}

test_docker_in_docker_is_told_by_both() {
	need_docker
	local file=$work/precious outer inner
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	start_outer '
		echo outer >> /data/precious
		engine run -d --name deep --network=none -v /data:/data bb sh -c "echo inner >> /data/precious; sleep 60" > /data/id 2>> /data/inner.log
		for i in $(seq 100); do grep -q inner /data/precious && break; sleep 0.1; done
		engine exec deep sh -c "(echo exec >> /data/precious; sleep 0.5); true"
		mv /data/id /data/inner'
	inner=$(cat "$work/inner")
	in_docker rm -f outer >/dev/null
	stop_daemon_well
	grep -q inner "$file" || fail "the inner container did not write: $(tail -n 3 "$work/inner.log")"
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	[ "$(jq -r '.container | [.id, .outer_id] | map(tostring) | join(" ")' "$work/json" | tr '\n' ';')" = "$outer null;$inner $outer;$inner $outer;" ] ||
		fail "$(jq -c .container "$work/json")"
	check_each "$work/json" ".path == \"$file\" and .container.privileged == true and .doubt == null and (.flags | index(\"host-write\") != null)"
}

# Who comes in by the inner engine's exec or run, writes and ends at once is of the inner container, or is told with doubt; what the
# outer's own processes write meanwhile is the outer's. Each has a file of its own, so that the files tell who is right.
test_short_lives_in_an_inner_container_are_never_the_outers_for_certain() {
	need_docker
	command -v gcc >/dev/null || skip 'no gcc'
	local outer inner wrong files=$work/precious
	mkdir "$files"
	touch "$files"/{exec,run,deep,outer}
	gcc -static -O1 -pthread -o "$work/storm" "$here/storm.c" || fail "cannot build the helper"
	start_daemon "-w $files -p wa -k precious"
	start_outer '
		engine run -d --name deep --network=none -v /data:/data bb sleep 600 > /data/id 2>> /data/inner.log
		(while ! [ -f /data/quiet ]; do /data/storm fork 500; done) &
		(for i in $(seq 30); do sh -c "echo x >> /data/precious/outer"; /data/storm once /data/precious/outer; sleep 0.1; done; : > /data/outer.done) &
		(for i in $(seq 10); do engine run --rm --network=none -v /data:/data bb /data/storm once /data/precious/run; done; : > /data/run.done) &
		for i in $(seq 15); do
			engine exec deep /data/storm once /data/precious/exec
			engine exec deep sh -c "echo x >> /data/precious/exec"
		done
		engine exec deep /data/storm write /data/precious/deep 200
		for i in $(seq 300); do [ -f /data/run.done ] && [ -f /data/outer.done ] && break; sleep 0.1; done
		: > /data/quiet
		mv /data/id /data/inner'
	inner=$(cat "$work/inner")
	in_docker rm -f outer >/dev/null
	stop_daemon_well
	sqlite3 -separator ' ' "$work/db" "SELECT replace(path, '$files/', ''), comm, container_id = '$outer' AS is_outer, doubt IS NOT NULL AS doubtful, count(*) FROM touch
		WHERE watch = 'precious' AND action = 'write' GROUP BY 1, 2, 3, 4" | sed '1i file comm is_outer doubtful touches' > "$work/report"
	sqlite3 "$work/db" "SELECT doubt, count(*) FROM touch WHERE doubt IS NOT NULL GROUP BY 1; SELECT 'loss', * FROM loss" >> "$work/report"
	wrong=$(sqlite3 "$work/db" "SELECT path, container_id, container_outer_id, doubt, comm, pid FROM touch WHERE watch = 'precious' AND action = 'write' AND NOT coalesce(CASE
		WHEN doubt IS NOT NULL THEN container_id IS NULL OR container_id IN ('$outer', '$inner')
		WHEN path = '$files/outer' THEN container_id = '$outer' AND container_outer_id IS NULL
		WHEN path = '$files/run' THEN container_id NOT IN ('$outer', '$inner') AND container_outer_id = '$outer'
		ELSE container_id = '$inner' AND container_outer_id = '$outer' END, 0) LIMIT 5")
	[ -z "$wrong" ] || fail "wrong: $wrong"
	# On a machine that is slower than its storm the kernel gives events up: then there is doubt of everybody.
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM loss')" = 0 ] || return 0
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$files/exec' AND action = 'write' AND container_id = '$inner'")" -ge 3 ] ||
		fail "too much doubt: $(cat "$work/report")"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$files/outer' AND action = 'write' AND doubt IS NULL")" -ge 30 ] ||
		fail "too much doubt of the outer: $(cat "$work/report")"
}

# Who may make cgroups within a container can give one the name of a container of the host, of one that is stopped for instance.
test_a_nested_cgroup_with_a_stopped_containers_name_is_not_believed() {
	need_docker
	local file=$work/precious stopped outer
	touch "$file"
	stopped=$(in_docker create --name stopped --network=none bb true)
	cat > "$work/liar" <<-END
		for place in /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs; do
			[ -w "\$place" ] || continue
			nested=\$(dirname "\$place")/docker/$stopped
			mkdir -p "\$nested" && echo \$\$ > "\$nested/cgroup.procs" && echo "\$nested" >> /data/nested
		done
		exec sh -c 'sleep 0.3; echo x >> /data/precious; : > /data/written; while ! [ -f /data/again ]; do sleep 0.1; done; echo x >> /data/precious; sleep 60'
	END
	start_daemon "-w $file -p wa -k precious"
	outer=$(in_docker run -d --name outer --privileged --network=none -v "$work:/data" bb sh -c '(sh /data/liar) & sleep 100')
	until_true 20 test -f "$work/written" || fail "it did not write"
	[ -s "$work/nested" ] || skip 'no cgroup can be made in a container here'
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".container.id == \"$outer\" and .container.outer_id == null and .container.name == \"outer\""
	# Met by a scan there is no lineage to go by.
	start_daemon "-w $file -p wa -k precious"
	touch "$work/again"
	until_true 20 eval "[ \"\$(wc -l < '$file')\" = 2 ]" || fail "it did not write again"
	stop_daemon_well
	in_docker rm -f outer stopped >/dev/null
	touches "$file" | tail -n 1 > "$work/json"
	check_each "$work/json" "(.container == null and .doubt != null) or .container.id == \"$outer\""
}
