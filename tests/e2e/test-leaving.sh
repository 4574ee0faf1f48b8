# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who leaves the container keeps it, and is told to have left; who was above is kept with the event.

# A privileged container `leaver` that runs SCRIPT with the host at /host; its id is in $id.
run_leaver() {
	id=$(in_docker run -d --name leaver --privileged --network=none -v /:/host bb sh -c "$1; echo done > /host$work/done; sleep 60")
	until_true 20 test -s "$work/done" || fail "the container did not finish: $(in_docker logs leaver 2>&1 | tail -n 3)"
	in_docker rm -f leaver >/dev/null
}

test_who_enters_the_hosts_mounts_keeps_its_container() {
	need_docker
	local file=$work/precious id
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	run_leaver "echo a >> /host$file; nsenter --mount=/host/proc/$$/ns/mnt sh -c 'sleep 0.2; echo b >> $file; (echo c >> $file)'"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	check_each "$work/json" ".container.id == \"$id\" and .path == \"$file\" and .doubt == null and (.flags | index(\"host-write\") != null)"
	[ "$(jq -c '.flags | index("host-namespace") != null' "$work/json" | tr '\n' ' ')" = 'false true true ' ] ||
		fail "flags: $(jq -c .flags "$work/json")"
	[ "$(jq -r .path_seen "$work/json" | tr '\n' ' ')" = "/host$file $file $file " ] || fail "seen: $(jq -r .path_seen "$work/json")"
	no_losses
}

test_who_shares_the_hosts_pids_acts_in_its_namespace() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name sharer --pid=host --network=none -v "$work:/data" bb sh -c 'echo x >> /data/precious'
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container.name == "sharer" and (.flags | sort) == ["daemon-spawned","host-namespace","host-write"]'
}

test_who_moves_to_another_cgroup_keeps_its_container() {
	need_docker
	local file=$work/precious id
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	run_leaver "echo a >> /host$file; for group in /host/sys/fs/cgroup/cgroup.procs /host/sys/fs/cgroup/*/cgroup.procs; do [ ! -f \$group ] || echo \$\$ > \$group; done 2>/dev/null; sleep 0.1; echo b >> /host$file; (echo c >> /host$file); sh -c 'echo d >> /host$file'"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 4
	check_each "$work/json" ".container.id == \"$id\" and .doubt == null"
	[ "$(jq -c '.flags | index("cgroup-escape") != null' "$work/json" | tr '\n' ' ')" = 'false true true true ' ] ||
		fail "flags: $(jq -c .flags "$work/json")"
	no_losses
}

test_who_stays_is_not_told_to_have_left() {
	need_docker
	need_podman
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --network=none -v "$work:/data" bb sh -c 'echo x >> /data/precious; unshare -m sh -c "echo y >> /data/precious"' || true
	in_docker run --rm --privileged --network=none -v /:/host bb sh -c "echo x >> /host$file; chroot /host sh -c 'echo y >> $file'; unshare -m sh -c 'echo y >> /host$file'"
	in_podman run --rm --privileged --net=none -v /:/host bb sh -c "echo x >> /host$file; chroot /host sh -c 'echo y >> $file'"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_each "$work/json" '.container != null and (.flags | (index("host-namespace") == null) and (index("cgroup-escape") == null) and (index("host-write") != null))'
}

test_who_asks_the_engine_is_told() {
	need_docker
	need_podman
	local id
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -static -O1 -o "$work/connect" "$here/connect.c" || fail "cannot build the helper"
	echo "engine-socket = $state/docker.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-a always,exit -F arch=b64 -S connect -F path=$state/docker.sock -k engine-socket"
	id=$(in_docker run -d --name asker --network=none -v "$work:/data" -v "$state/docker.sock:/run/docker.sock" bb \
		sh -c '/data/connect /run/docker.sock && echo done > /data/done; sleep 60')
	until_true 20 test -s "$work/done" || fail "the container did not connect"
	"$work/connect" "$state/docker.sock"
	in_docker rm -f asker >/dev/null
	in_podman run --rm --net=none --name podman-asker -v "$work:/data" -v "$state:/engine" bb /data/connect /engine/docker.sock
	stop_daemon_well
	am events --db "$work/db" --format json --action connect > "$work/all"
	jq -c 'select(.process.comm == "connect" and .container != null)' "$work/all" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".path == \"$state/docker.sock\" and (.flags | index(\"engine-socket\") != null) and .severity == \"warning\""
	[ "$(jq -r .container.name "$work/json" | tr '\n' ' ')" = 'asker podman-asker ' ] || fail "$(jq -c .container "$work/json")"
	[ "$(head -n 1 "$work/json" | jq -r .container.id)" = "$id" ] || fail "not $id"
	# The host's own clients are nobody's container.
	jq -c 'select(.process.comm != "connect" or .container == null)' "$work/all" > "$work/json"
	check_each "$work/json" '.container == null and (.flags | index("engine-socket")) == null'
}

test_the_chain_of_processes_is_kept_with_the_event() {
	need_docker
	local file=$work/precious serial
	touch "$file"
	# They stay until they have been looked at.
	echo '(echo x >> /data/precious); sleep 0.5; true' > "$work/inner"
	echo 'sh /data/inner first "second  arg"; true' > "$work/outer"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name chain --network=none -v "$work:/data" bb sh -c 'sh /data/outer; true'
	in_docker run -d --name box --network=none -v "$work:/data" bb sleep 60 >/dev/null
	in_docker exec box sh -c 'echo x >> /data/precious'
	in_docker rm -f box >/dev/null
	sh -c "echo x >> $file"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	[ "$(jq -c '[.process.ancestors[]?.argv]' "$work/json" | head -n 1)" = '[["sh","-c","sh /data/outer; true"],["sh","/data/outer"],["sh","/data/inner","first","second  arg"]]' ] ||
		fail "chain: $(jq -c .process.ancestors "$work/json")"
	[ "$(jq -c .process.ancestors "$work/json" | tail -n 2 | tr '\n' ' ')" = '[] null ' ] || fail "chains: $(jq -c .process.ancestors "$work/json")"
	[ "$(head -n 1 "$work/json" | jq '.process.ppid == .process.ancestors[-1].pid')" = true ] || fail "the chain does not end with the parent"
	serial=$(head -n 1 "$work/json" | jq .serial)
	am show --db "$work/db" "event:$serial" > "$work/shown"
	grep -q 'chain  *[0-9]* sh -c sh /data/outer; true$' "$work/shown" || fail "$(cat "$work/shown")"
	grep -q '^ *\\_ [0-9]* sh /data/inner first second  arg$' "$work/shown" || fail "$(cat "$work/shown")"
}

test_a_chain_is_known_of_containers_older_than_the_daemon() {
	need_docker
	local file=$work/precious
	touch "$file"
	echo 'while ! [ -f /data/go ]; do sleep 0.1; done; (echo x >> /data/precious); sleep 60' > "$work/inner"
	in_docker run -d --name old --network=none -v "$work:/data" bb sh -c 'sh /data/inner; true' >/dev/null
	start_daemon "-w $file -p wa -k precious"
	touch "$work/go"
	until_true 10 grep -q x "$file" || fail "the container did not write"
	in_docker rm -f old >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_each "$work/json" '[.process.ancestors[].argv] == [["sh","-c","sh /data/inner; true"],["sh","/data/inner"]]'
}

# What an engine within a container does to the cgroups; the inner container's name is for the outer to choose.
test_a_container_within_a_container_is_named_with_the_outer() {
	need_docker
	local file=$work/precious id inner
	inner=$(printf '%064d' 0 | tr 0 d)
	touch "$file"
	cat > "$work/engine" <<-END
		for own in /host/sys/fs/cgroup/docker/\$1 /host/sys/fs/cgroup/*/docker/\$1; do
			[ -d \$own ] || continue
			mkdir -p \$own/docker/$inner
			case \$own in */cpuset/*) for name in cpus mems; do for below in docker docker/$inner; do
				cat \$own/cpuset.\$name > \$own/\$below/cpuset.\$name; done; done;; esac
			echo \$\$ > \$own/docker/$inner/cgroup.procs
		done 2>/dev/null
		exec sh -c 'echo b >> /data/precious; (echo c >> /data/precious); sleep 0.1'
	END
	start_daemon "-w $file -p wa -k precious"
	id=$(in_docker run -d --name outer --privileged --network=none -v /:/host -v "$work:/data" bb \
		sh -c 'echo a >> /data/precious; while ! [ -f /data/id ]; do sleep 0.1; done; sh /data/engine $(cat /data/id); (echo d >> /data/precious); echo done > /data/done; sleep 60')
	echo "$id" > "$work/id"
	until_true 20 test -s "$work/done" || fail "the container did not finish"
	in_docker rm -f outer >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 4
	[ "$(jq -r '.container.id + " " + (.container.outer_id | tostring)' "$work/json" | tr '\n' ';')" = "$id null;$inner $id;$inner $id;$id null;" ] ||
		fail "$(jq -c .container "$work/json")"
	check_each "$work/json" '.container.privileged == true and .doubt == null and (.flags | (index("host-write") != null) and (index("cgroup-escape") == null))'
	am show --db "$work/db" "$inner" --format json > "$work/shown"
	check_each "$work/shown" ".outer_id == \"$id\" and .name == null"
}

test_a_nested_name_that_is_another_containers_is_not_believed() {
	need_docker
	local file=$work/precious id victim
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	victim=$(in_docker run -d --name victim --network=none bb sleep 60)
	cat > "$work/engine" <<-END
		for own in /host/sys/fs/cgroup/docker/\$1 /host/sys/fs/cgroup/*/docker/\$1; do
			mkdir -p \$own/docker/$victim && echo \$\$ > \$own/docker/$victim/cgroup.procs
		done 2>/dev/null
		exec sh -c 'echo b >> /data/precious; (echo c >> /data/precious); sleep 0.1'
	END
	id=$(in_docker run -d --name liar --privileged --network=none -v /:/host -v "$work:/data" bb \
		sh -c 'while ! [ -f /data/id ]; do sleep 0.1; done; sh /data/engine $(cat /data/id); echo done > /data/done; sleep 60')
	echo "$id" > "$work/id"
	until_true 20 test -s "$work/done" || fail "the container did not finish"
	in_docker rm -f liar victim >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".container.id == \"$id\""
}
