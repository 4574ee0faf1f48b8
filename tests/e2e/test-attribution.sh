# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The book's experiment, and the ways of being somebody else: who touched the file of the host?

test_privileged_docker_container_is_named_for_its_write() {
	need_docker
	local file=$work/passwd id
	touch "$file"
	start_daemon "-w $file -p wa -k identity"
	in_docker run -d --name hack --privileged --network=none -v /:/host bb sh -c "echo x >> /host$file; sleep 60" > "$work/id"
	id=$(cat "$work/id")
	until_true 10 grep -q x "$file" || fail "the container did not write"
	in_docker rm -f hack >/dev/null
	stop_daemon_well

	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".path == \"$file\" and .path_seen == \"/host$file\" and .path_by == \"identity\""
	check_each "$work/json" ".container.id == \"$id\" and .container.name == \"hack\" and .container.image == \"bb\""
	check_each "$work/json" '.container.runtime == "docker" and .container.privileged == true and .container.entry == "init"'
	check_each "$work/json" '.auid == null and .login == null and .uid == 0 and .user == "root" and .watch == "identity"'
	check_each "$work/json" '(.flags | sort) == ["daemon-spawned","host-write","privileged"] and .severity == "critical"'
	check_each "$work/json" '.action == "write" and .success == true and .errno == null and .doubt == null and .launcher == null'
	check_each "$work/json" '.process.comm == "sh" and .process.argv[0] == "sh" and .process.argv[1] == "-c"'
	no_losses
}

test_removed_docker_container_is_still_named() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name gone --privileged --network=none -v /:/host bb sh -c "echo x >> /host$file"
	[ -z "$(in_docker ps -aq -f name=gone)" ] || fail "--rm has not removed the container"
	stop_daemon_well

	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container.name == "gone" and (.container.id | length) == 64 and .container.privileged == true'
	check_each "$work/json" '.severity == "critical"'
	am containers --db "$work/db" --format json > "$work/containers"
	check_count "$work/containers" 1
	am show gone --db "$work/db" > "$work/show" || fail "show does not find the container that is gone"
	grep -q gone "$work/show" || fail "show does not name it: $(cat "$work/show")"
}

test_short_docker_container_that_is_nothing_but_the_write() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	for i in 1 2 3 4 5; do
		in_docker run --rm --name "quick$i" --privileged --network=none -v /:/host bb chmod 600 "/host$file"
	done
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 5
	check_each "$work/json" ".path == \"$file\" and .action == \"attr\" and (.container.name | startswith(\"quick\")) and .container.entry == \"init\""
	[ "$(jq -r .container.id "$work/json" | sort -u | wc -l)" = 5 ] || fail "five containers were not told apart"
}

test_podman_container_is_named_with_its_human() {
	need_podman
	local file=$work/passwd
	touch "$file"
	start_daemon "-w $file -p wa -k identity"
	as 3267 in_podman run --rm --name book --privileged --net=none -v /:/host bb sh -c "echo x >> /host$file"
	stop_daemon_well

	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".path == \"$file\" and .path_seen == \"/host$file\""
	check_each "$work/json" '.container.runtime == "podman" and .container.name == "book" and (.container.id | length) == 64'
	check_each "$work/json" '.container.privileged == true and (.container.image | test("bb"))'
	check_each "$work/json" '.auid == 3267 and (.flags | sort) == ["host-write","privileged"]'
	check_each "$work/json" '.launcher.auid == 3267 and .launcher.via == null and .launcher.confidence == "certain"'
	check_each "$work/json" '(.launcher.exe | endswith("/podman")) and (.launcher.argv | index("run") != null)'
	no_losses
}

test_process_of_the_host_has_no_container() {
	local file=$work/passwd
	touch "$file"
	start_daemon "-w $file -p wa -k identity"
	as 3267 sh -c "echo x >> $file"
	sh -c "cd $work && echo y >> passwd"
	stop_daemon_well

	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".container == null and .launcher == null and .doubt == null and .path == \"$file\" and .flags == [] and .severity == \"info\""
	head -n 1 "$work/json" > "$work/first"
	check_each "$work/first" '.auid == 3267'
}

test_unprivileged_container_is_not_called_privileged() {
	need_docker
	local file=$work/shared/data
	mkdir "$work/shared"
	touch "$file"
	start_daemon "-w $work/shared -p wa -k shared"
	in_docker run --rm --name plain --network=none -v "$work/shared:/data" bb sh -c 'echo x >> /data/data; echo y > /data/new; echo z > /tmp/own'
	stop_daemon_well
	touches "$work/shared" > "$work/json"
	check_each "$work/json" '.container.privileged == false and (.flags | sort) == ["daemon-spawned","host-write"] and .severity == "warning"'
	[ "$(jq -r .path "$work/json" | sort | tr '\n' ' ')" = "$file $work/shared/new " ] || fail "paths: $(jq -r .path "$work/json")"
}

test_exec_is_told_from_init() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run -d --name box --network=none -v "$work:/data" bb sh -c 'echo init >> /data/precious; sleep 60' >/dev/null
	until_true 10 grep -q init "$file" || fail "the container did not write"
	in_docker exec box sh -c 'echo exec >> /data/precious'
	in_docker exec box sh -c '(echo child >> /data/precious)'
	in_docker rm -f box >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	[ "$(jq -r .container.entry "$work/json" | tr '\n' ' ')" = "init exec exec " ] || fail "entries: $(jq -c .container "$work/json")"
}

test_container_older_than_the_daemon_is_known() {
	need_docker
	local file=$work/precious
	touch "$file"
	in_docker run -d --name old --privileged --network=none -v /:/host bb \
		sh -c "while ! [ -f /host$work/go ]; do sleep 0.1; done; echo x >> /host$file; sleep 60" >/dev/null
	start_daemon "-w $file -p wa -k precious"
	touch "$work/go"
	until_true 10 grep -q x "$file" || fail "the container did not write"
	in_docker exec old sh -c "echo y >> /host$file"
	in_docker rm -f old >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".container.name == \"old\" and .path == \"$file\" and .container.privileged == true and .doubt == null"
	[ "$(jq -r .container.entry "$work/json" | tr '\n' ' ')" = "init exec " ] || fail "entries: $(jq -c .container "$work/json")"
}

test_names_that_the_container_chose_lead_to_the_file() {
	need_docker
	local file=$work/etc/passwd
	mkdir "$work/etc"
	touch "$file"
	start_daemon "-w $file -p wa -k identity"
	in_docker run --rm --name names --privileged --network=none -v /:/host -v "$work/etc:/data" bb sh -c "
		echo 1 >> /host$file
		cd /data && echo 2 >> passwd
		cd /host$work && echo 3 >> ./etc/../etc/passwd
		chroot /host /bin/sh -c 'echo 4 >> $file'
		ln -s /data/passwd /tmp/link && echo 5 >> /tmp/link
		ln /data/passwd /data/other && echo 6 >> /data/other
		mkdir /tmp/again && mount --bind /data /tmp/again && echo 7 >> /tmp/again/passwd
	"
	[ "$(wc -l < "$file")" = 7 ] || fail "not all were written: $(cat "$file")"
	stop_daemon_well
	touches "$file" > "$work/all"
	jq -c 'select(.action == "write")' "$work/all" > "$work/json"
	check_count "$work/json" 7
	check_each "$work/json" ".path == \"$file\" and .path_by == \"identity\" and .container.name == \"names\""
	jq -r .path_seen "$work/json" > "$work/seen"
	printf '%s\n' "/host$file" /data/passwd "/host$work/./etc/../etc/passwd" "$file" /tmp/link /data/other /tmp/again/passwd > "$work/expected"
	diff "$work/expected" "$work/seen" >&2 || fail "path_seen is not what the process said"
	jq -c 'select(.action == "link")' "$work/all" > "$work/link"
	check_each "$work/link" '.syscall | startswith("link")'
}

test_rename_over_a_watched_file_keeps_the_watch() {
	need_docker
	local file=$work/etc/passwd
	mkdir "$work/etc"
	echo old > "$file"
	start_daemon "-w $file -p wa -k identity"
	in_docker run --rm --name swap --privileged --network=none -v "$work/etc:/data" bb sh -c \
		'echo new > /data/fresh; mv /data/fresh /data/passwd; echo more >> /data/passwd; rm /data/passwd; echo again > /data/passwd'
	stop_daemon_well
	touches "$file" > "$work/json"
	check_each "$work/json" ".path == \"$file\" and .path_by != \"seen\" and .container.name == \"swap\""
	# What was written and deleted at once could not be looked at any more; what came or went is proven by its directory.
	jq -c 'select(.action != "write")' "$work/json" > "$work/moved"
	check_each "$work/moved" '.path_by == "identity"'
	[ "$(jq -r .action "$work/json" | tr '\n' ' ')" = "rename write delete create " ] ||
		fail "actions: $(jq -r .action "$work/json" | tr '\n' ' ')"
	am who-touched "$work/etc/fresh" --db "$work/db" --format json > "$work/fresh" || fail "the other name of the rename is not recorded"
	check_each "$work/fresh" '.action == "rename"'
}

test_process_that_left_its_cgroup_keeps_its_container() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name escaped --privileged --network=none -v /:/host bb sh -c "
		for tasks in /host/sys/fs/cgroup/cgroup.procs /host/sys/fs/cgroup/*/cgroup.procs; do echo \$\$ > \$tasks; done 2>/dev/null
		(echo x >> /host$file)"
	grep -q x "$file" || fail "the container did not write"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container.name == "escaped"'
}

test_loginuid_that_a_container_gave_itself_names_nobody() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name liar --privileged --network=none -v /:/host bb sh -c "echo 3267 > /proc/self/loginuid; echo x >> /host$file"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.auid == 3267 and .launcher == null and (.doubt | test("loginuid")) and (.flags | index("daemon-spawned") != null)'
}

test_failed_attempt_is_recorded_as_failed() {
	need_docker
	local file=$work/precious
	touch "$file"
	chmod 600 "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name meek --network=none --user 12345 -v "$work:/data" bb sh -c 'echo x >> /data/precious' 2>/dev/null || true
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.success == false and .errno == "EACCES" and .flags == ["failed"] and .uid == 12345 and .container.name == "meek"'
}

test_child_told_as_the_runtimes_is_not_the_hosts() {
	need_docker
	local file=$work/precious i
	touch "$file"
	gcc -static -O1 -o "$work/clone-parent" "$here/clone-parent.c" || fail "cannot build the helper"
	start_daemon "-w $file -p wa -k precious"
	in_docker run -d --name forger --network=none -v "$work:/data" bb sleep 60 >/dev/null
	in_docker exec forger /data/clone-parent $(for i in $(seq 20); do echo /data/precious; done)
	until_true 10 eval "[ \$(wc -c < '$file') = 20 ]" || fail "only $(wc -c < "$file") were written"
	in_docker rm -f forger >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 20
	check_each "$work/json" '.container.name == "forger" or .doubt != null'
}

test_mount_over_its_root_does_not_hide_a_host_write() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run --rm --name hider --privileged --network=none -v /:/host bb sh -c \
		"mount -o bind /host$work /; exec sh -c 'echo x >> /host$file'"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.severity == "critical" and (.flags | index("host-write") != null)'
}

test_restarted_container_is_the_same_with_a_new_init() {
	need_docker
	local file=$work/precious
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	in_docker run -d --name again --network=none -v "$work:/data" bb sh -c 'echo x >> /data/precious; sleep 60' >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 1 ]" || fail "the container did not write"
	in_docker restart -t 0 again >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 2 ]" || fail "the restarted container did not write"
	in_docker rm -f again >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" '.container.name == "again" and .container.entry == "init" and .doubt == null'
	[ "$(jq -r .container.id "$work/json" | sort -u | wc -l)" = 1 ] || fail "two ids for one container"
}

test_podman_service_names_who_asked_it_not_who_started_it() {
	need_podman
	local file=$work/precious
	touch "$file"
	echo "engine-socket = $work/podman.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $file -p wa -k precious"
	as 3267 in_podman system --log-level=error service -t 0 "unix://$work/podman.sock" > "$work/service.log" 2>&1 &
	other_daemon=$!
	until_true 20 test -S "$work/podman.sock" || fail "the service did not start: $(cat "$work/service.log")"
	as 4000 podman --remote --url "unix://$work/podman.sock" run --rm --name served --net=none -v "$work:/data" bb sh -c 'echo x >> /data/precious' ||
		fail "the service does not serve: $(cat "$work/service.log")"
	pkill -f "unix://$work/podman.sock" || true
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container.name == "served" and .launcher.auid == 4000 and .launcher.confidence == "certain"'
}

test_a_container_that_is_renamed_is_told_by_its_new_name() {
	need_docker
	need_podman
	local file=$work/precious engine
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	for engine in docker podman; do
		"in_$engine" run -d --name "before-$engine" --net=none -v "$work:/data" bb sh -c \
			"echo x >> /data/precious; while ! [ -f /data/go.$engine ]; do sleep 0.1; done; echo y >> /data/precious; : > /data/done.$engine; sleep 60" >/dev/null
	done
	until_true 10 eval "[ \$(wc -l < '$file') = 2 ]" || fail "the containers did not write"
	sleep 1.2
	for engine in docker podman; do
		"in_$engine" rename "before-$engine" "after-$engine"
		: > "$work/go.$engine"
	done
	until_true 10 test -f "$work/done.docker" -a -f "$work/done.podman" || fail "the containers did not write again"
	stop_daemon_well
	in_docker rm -f after-docker >/dev/null
	in_podman rm -f -t 0 after-podman >/dev/null
	touches "$file" > "$work/json"
	check_count "$work/json" 4
	check_each "$work/json" '.container.name | startswith("after-")'
}

test_what_only_podmans_database_knows_is_told() {
	need_podman
	start_daemon "-w $work/none -p wa -k none"
	in_podman run -d --name known --label team=blue --net=none bb sleep 60 >/dev/null
	in_podman rm -f -t 0 known >/dev/null
	stop_daemon_well
	am show --db "$work/db" --format json known > "$work/json"
	check_each "$work/json" '.labels.team == "blue" and (.created_by | index("--label") != null and index("known") != null) and (.image_digest | startswith("sha256:"))'
}
