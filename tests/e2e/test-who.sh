# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What stands beside the engine's clients: the engine's own records, sudo and su, and what no human asked for.

# say_as_engine NAME AUID [SOCKET] : what a dockerd that records its requests would say of container NAME. Ends with the test.
say_as_engine() {
	local fifo=$work/word.$2
	mkfifo "$fifo"
	"$work/engine-word" "op=start reason=api vm=\"$1\" user=? auid=$2" ${3:+"$3"} < "$fifo" > "$work/said.$2" &
	others+=($!)
	exec {word}> "$fifo"
}

# A container that writes when it is told to, started by a login: start_waiting AUID NAME.
start_waiting() {
	as "$1" in_docker run -d --rm --name "$2" --network=none -v "$work/data:/data" bb \
		sh -c "until [ -e /data/go ]; do sleep 0.1; done; echo $2 >> /data/precious" >/dev/null
}

# The engine's record agrees, contradicts (then nobody is named), or is not the engine's at all (then it is not heard).
test_word_of_the_engine_is_heard_and_a_forged_one_is_not() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local file=$work/data/precious name auid socket
	mkdir "$work/data"
	touch "$file"
	gcc -O1 -o "$work/engine-word" "$here/engine-word.c" -laudit || fail "cannot build the engine"
	printf 'engine-socket = %s\n' "$state/docker.sock" "$work/agrees.sock" "$work/contradicts.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $file -p wa -k precious"
	for name in agrees contradicts forged; do
		auid=3511
		[ $name = agrees ] || auid=3512
		[ $name = forged ] && auid=3513 && socket= || socket=$work/$name.sock
		say_as_engine $name $auid $socket
		[ -z "$socket" ] || until_true 10 test -S "$socket" || fail "the engine does not listen"
		start_waiting 3511 $name
		echo now >&"$word"
		until_true 10 grep -q said "$work/said.$auid" || fail "the engine said nothing"
		# Only who lives is heard.
		sleep 0.5
		exec {word}>&-
	done
	touch "$work/data/go"
	until_true 10 eval "[ \$(wc -l < '$file') = 3 ]" || fail "not all have written"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	jq -c 'select(.container.name == "agrees")' "$work/json" > "$work/agrees"
	check_each "$work/agrees" '.launcher.auid == 3511 and any(.launcher.evidence[]; test("VIRT_CONTROL record says that auid 3511 asked"))'
	jq -c 'select(.container.name == "contradicts")' "$work/json" > "$work/contradicts"
	check_each "$work/contradicts" '.launcher.auid == null and .launcher.confidence == "ambiguous"'
	check_each "$work/contradicts" 'any(.launcher.evidence[]; test("^candidate: auid 3511,")) and any(.launcher.evidence[]; test("^candidate: auid 3512,"))'
	jq -c 'select(.container.name == "forged")' "$work/json" > "$work/forged"
	check_each "$work/forged" ".launcher.auid == 3511 and ($sure) and all(.launcher.evidence[]; test(\"VIRT_CONTROL\") | not)"
}

# The login is the one that logged in, the uid the one that sudo and su gave it; the sentence says both.
test_sudo_and_su_show_the_login_and_the_uid() {
	need_docker
	command -v sudo >/dev/null || skip "no sudo"
	local file=$work/data/precious write=(sh -c 'echo x >> /data/precious') run=(run --rm --network=none -v "$work/data:/data")
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3601 sudo docker -H "unix://$state/docker.sock" "${run[@]}" --name by-sudo bb "${write[@]}"
	as 3602 su -c "docker -H unix://$state/docker.sock ${run[*]} --name by-su bb sh -c 'echo x >> /data/precious'"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" "($sure) and .launcher.auid == (if .container.name == \"by-sudo\" then 3601 else 3602 end)"
	check_each "$work/json" '.launcher.exe | test("/docker$")'
	am who-touched "$file" --db "$work/db" > "$work/story"
	grep -q ' auid 3601, as root through sudo, by "docker ' "$work/story" || fail "no sudo: $(cat "$work/story")"
	grep -q ' auid 3602, as root through su, by "docker ' "$work/story" || fail "no su: $(cat "$work/story")"
}

# A health check is the engine's, an exec beside it a human's; a container that comes back by its policy is nobody's.
test_health_checks_and_restarts_are_the_engines() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3701 in_docker run -d --name checked --network=none -v "$work/data:/data" --health-cmd 'echo check >> /data/precious' \
		--health-interval=1s bb sleep 3600 >/dev/null
	until_true 20 grep -q check "$file" || fail "no health check"
	as 3702 in_docker exec checked sh -c 'echo human >> /data/precious'
	as 3703 in_docker run -d --name again --restart on-failure:1 --network=none -v "$work/data:/data" bb \
		sh -c 'echo again >> /data/precious; exit 1' >/dev/null
	until_true 20 eval "[ \$(grep -c again '$file') = 2 ]" || fail "it was not started again"
	in_docker rm -f checked again >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	jq -c 'select(.process.argv | any(test("check")))' "$work/json" > "$work/checks"
	check_each "$work/checks" '.launcher == null and .launcher_reason == "the engine ran its health check" and .container.entry == "exec"'
	jq -c 'select(.process.argv | any(test("human")))' "$work/json" > "$work/human"
	check_count "$work/human" 1
	check_each "$work/human" '.launcher.auid == 3702 and .launcher.confidence != "ambiguous"'
	jq -c 'select(.container.name == "again")' "$work/json" > "$work/again"
	check_count "$work/again" 2
	head -n 1 "$work/again" > "$work/first"
	check_each "$work/first" '.launcher.auid == 3703'
	tail -n 1 "$work/again" > "$work/second"
	check_each "$work/second" '.launcher == null and (.launcher_reason | test("restart policy"))'
}

# An engine that listens under a name that engines give their sockets is found without being configured.
test_engine_is_found_by_the_name_of_its_socket() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	auditctl -l | grep -q -- "-S connect -F path=$state/docker.sock" || fail "it is not watched: $(auditctl -l)"
	as 3901 in_docker run --rm --name found --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".launcher.auid == 3901 and ($sure) and .launcher.via == \"$state/docker.sock\""
}

# Where the engine can be asked over the network, too, nobody is certain; who asks there is not on this host, as far as is known.
test_client_over_the_network_is_not_of_this_host() {
	need_docker
	local file=$work/data/precious port=23750
	mkdir "$work/data" "$work/etc"
	touch "$file"
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
	echo "{\"hosts\": [\"unix://$state/docker.sock\", \"tcp://127.0.0.1:$port\"]}" > "$work/daemon.json"
	setsid dockerd --config-file "$work/daemon.json" --pidfile "$state/docker.pid" --iptables=false --ip6tables=false --bridge=none \
		--data-root "$state/docker" --exec-root "$state/exec" --add-runtime "tests=$here/oci-runtime" --default-runtime tests \
		> "$work/dockerd.log" 2>&1 < /dev/null &
	until_true 60 in_docker info || fail "no dockerd on the network: $(tail -n 3 "$work/dockerd.log")"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3911 docker -H "tcp://127.0.0.1:$port" run --rm --name remote --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	as 3912 in_docker run --rm --name local --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	stop_daemon_well
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
	start_dockerd || fail "dockerd does not come back"
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	jq -c 'select(.container.name == "remote")' "$work/json" > "$work/remote"
	check_each "$work/remote" '.launcher == null and (.launcher_reason | test("network, too, and who asks there is not known"))'
	jq -c 'select(.container.name == "local")' "$work/json" > "$work/local"
	check_each "$work/local" '.launcher.auid == 3912 and .launcher.confidence == "likely" and any(.launcher.evidence[]; test("network"))'
}

# ssh:// of docker's runs \`docker system dial-stdio\` as the login's own: that is the client, and sshd stands above it.
test_client_over_ssh_is_its_login() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	cp "$(command -v bash)" "$work/sshd"
	start_launcher_daemon "-w $file -p wa -k precious"
	mkfifo "$work/to" "$work/from"
	as 3921 "$work/sshd" -c "docker -H unix://$state/docker.sock system dial-stdio < $work/to > $work/from; :" &
	others+=($!)
	exec {to}> "$work/to" {from}< "$work/from"
	create='{"Image":"bb","Cmd":["sh","-c","echo x >> /data/precious"],"HostConfig":{"NetworkMode":"none","Binds":["'$work/data:/data'"]}}'
	printf 'POST /containers/create?name=far HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
		${#create} "$create" >&"$to"
	until_true 10 in_docker inspect far || fail "not created"
	printf 'POST /containers/far/start HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n' >&"$to"
	until_true 10 grep -q x "$file" || fail "not started"
	sleep 1
	exec {to}>&- {from}<&-
	in_docker rm -f far >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".launcher.auid == 3921 and ($sure) and (.launcher.argv | index(\"dial-stdio\")) != null"
}

# A task of a service is Swarm's, whoever made the service.
test_task_of_a_swarm_service_is_the_schedulers() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	in_docker swarm init --advertise-addr 127.0.0.1 > "$work/swarm" 2>&1 || skip "no Swarm here: $(tail -n 1 "$work/swarm")"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3801 in_docker service create --detach --name served --network host --restart-condition none \
		--mount "type=bind,source=$work/data,target=/data" bb sh -c 'echo task >> /data/precious; sleep 3600' > "$work/service" 2>&1 ||
		{ in_docker swarm leave --force; fail "no service: $(cat "$work/service")"; }
	until_true 30 grep -q task "$file" || { in_docker service ps --no-trunc served > "$work/ps"; in_docker swarm leave --force; fail "no task: $(cat "$work/ps")"; }
	in_docker service rm served >/dev/null
	in_docker swarm leave --force >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.launcher == null and (.launcher_reason | test("Swarm.*task of a service")) and (.container.name | test("^served"))'
}

# Podman's service makes containers itself, but for who asks at its socket: its own login is not who asked.
test_client_of_podmans_service_is_named() {
	need_podman
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	echo "engine-socket = $work/podman.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	# By itself and not by in_podman(), so that it is what is ended with the test.
	podman --root "$state/podman" --runroot "$state/podman-run" --runtime "$here/oci-runtime" --cgroup-manager=cgroupfs --events-backend=file \
		system service --time=0 "unix://$work/podman.sock" > "$work/service" 2>&1 &
	others+=($!)
	until_true 20 test -S "$work/podman.sock" || fail "no service: $(cat "$work/service")"
	start_daemon "-w $file -p wa -k precious"
	as 3931 podman --url "unix://$work/podman.sock" run --rm --name served --net=none -v "$work/data:/data" bb \
		sh -c 'echo x >> /data/precious' > "$work/run" 2>&1 || fail "it cannot be asked: $(cat "$work/run")"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".container.name == \"served\" and .launcher.auid == 3931 and ($sure) and .launcher.via == \"$work/podman.sock\""
}

# Who asks containerd without Docker is named as well, where the container's id is one (as the kubelet's are): a cgroup /tests/plain could be anything.
test_client_of_containerd_is_named() {
	need_docker
	command -v ctr >/dev/null || skip "no ctr"
	local file=$work/data/precious socket=$state/exec/containerd/containerd.sock id
	id=$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')
	mkdir "$work/data"
	touch "$file"
	[ -S "$socket" ] || skip "dockerd uses a containerd of the machine's"
	in_docker save bb -o "$work/bb.tar"
	ctr -a "$socket" -n tests images import "$work/bb.tar" > "$work/import" 2>&1 || fail "no image: $(cat "$work/import")"
	echo "engine-socket = $socket" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $file -p wa -k precious"
	as 3941 ctr -a "$socket" -n tests run --rm --runc-binary "$here/oci-runtime" --mount "type=bind,src=$work/data,dst=/data,options=rbind:rw" \
		docker.io/library/bb:latest "$id" sh -c 'sleep 1; echo x >> /data/precious; sleep 1' > "$work/run" 2>&1 || fail "it cannot be asked: $(cat "$work/run")"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".container.id == \"$id\" and .launcher.auid == 3941 and ($sure) and .launcher.via == \"$socket\""
}

# With live-restore a container outlives its dockerd, and so does who launched it.
test_launcher_outlives_dockerd_with_live_restore() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	echo '{"live-restore": true}' > "$work/daemon.json"
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
	dockerd_options=(--config-file "$work/daemon.json")
	start_dockerd || fail "no dockerd: $(tail -n 3 "$state/dockerd.log")"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3951 in_docker run -d --name survivor --network=none -v "$work/data:/data" bb \
		sh -c 'until [ -e /data/go ]; do sleep 0.1; done; echo x >> /data/precious; sleep 3600' >/dev/null
	sleep 4
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
	start_dockerd || fail "dockerd does not come back"
	[ "$(in_docker inspect -f '{{.State.Running}} {{.RestartCount}}' survivor)" = "true 0" ] || fail "it did not survive"
	touch "$work/data/go"
	until_true 10 grep -q x "$file" || fail "it did not write"
	as 3952 in_docker exec survivor sh -c 'echo exec >> /data/precious'
	in_docker rm -f survivor >/dev/null
	stop_daemon_well
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
	dockerd_options=()
	start_dockerd || fail "dockerd does not come back"
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	[ "$(jq -r .launcher.auid "$work/json" | tr '\n' ' ')" = "3951 3952 " ] || fail "launchers: $(jq -c '[.launcher, .launcher_reason]' "$work/json")"
}

# The engine's client is on record from its start to its end, with who stood above it; so it is after a restart of auditmon, as is what its
# environment said.
test_client_is_recorded_with_its_callers_from_start_to_end() {
	need_docker
	local file=$work/data/precious docker="docker -H unix://$state/docker.sock" way
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	DOCKER_CONTENT_TRUST=0 as 3001 bash -c "$docker run -d --name kept --network=none -v $work/data:/data bb \
		sh -c 'until [ -e /data/go ]; do sleep 0.1; done; echo x >> /data/precious; sleep 60' >/dev/null; exit 0" caller
	until_true 10 eval "am show kept --db '$work/db' --format json | jq -e '.entries[0].client_end' >/dev/null" || fail "its end is not on record"
	as 3002 bash -c "$docker events >/dev/null & echo \$! > $work/pid; wait" &
	others+=($!)
	sleep 1
	for way in before after; do
		am show kept --db "$work/db" --format json | jq -c '.entries[]' > "$work/$way"
		check_count "$work/$way" 1
		check_each "$work/$way" '.auid == 3001 and .client_start < .client_end and .client_start < .began and .content_trust == "off"'
		check_each "$work/$way" '.client_ancestors[-1].argv | .[0] == "bash" and .[1] == "-c" and .[3] == "caller"'
		check_each "$work/$way" '(.client_ancestors | length) > 2'
		[ $way = before ] || break
		stop_daemon_well
		start_daemon_with "$work/test.rules"
	done
	# Who was connected all the while is the same client, and its end is seen by the second.
	sleep 2
	kill "$(cat "$work/pid")"
	cmp -s "$work/before" "$work/after" || fail "another answer after the restart: $(diff "$work/before" "$work/after")"
	touch "$work/data/go"
	until_true 10 grep -q x "$file" || fail "it has not written"
	in_docker rm -f kept >/dev/null
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT auid, first_msec < end_msec FROM client WHERE pid = $(cat "$work/pid")")" = '3002|1' ] ||
		fail "not one client with its end: $(sqlite3 "$work/db" "SELECT * FROM client WHERE pid = $(cat "$work/pid")")"
	am show kept --db "$work/db" > "$work/show"
	grep -Eq '^ +process +pid [0-9]+, from 20.*Z to 20.*Z$' "$work/show" || fail "no process: $(cat "$work/show")"
	grep -Eq '^ +called by +bash \([0-9]+\), ' "$work/show" || fail "no callers: $(cat "$work/show")"
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.launcher.auid == 3001 and .launcher.content_trust == "off"'
	touches "$state/docker.sock" --action connect --user 3001 > "$work/connects"
	check_each "$work/connects" '.auid == 3001 and (.process.ancestors[-1].argv | .[3] == "caller")'
}
