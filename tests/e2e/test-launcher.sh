# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The human behind a daemon's container: the engine's clients are watched, matched with what the engine starts, and never named wrongly.

# With nothing but a watch of a file the engines' sockets are watched, too; what goes with the rule files stays once.
test_daemon_watches_engine_sockets_by_itself() {
	local file=$work/precious n
	touch "$file"
	daemon_options=(--config "$work/conf")
	echo "engine-socket = $work/other.sock" > "$work/conf"
	start_daemon "-w $file -p wa -k precious" "-a always,exit -F arch=b64 -S connect -F path=/run/docker.sock -k engine-socket"
	n=$(auditctl -l | grep -c -- '-S connect -F path=/run/docker.sock')
	[ "$n" = 1 ] || fail "$n rules for the socket: $(auditctl -l)"
	auditctl -l | grep -q -- "-S connect -F path=$work/other.sock" || fail "the configured socket is not watched: $(auditctl -l)"
	auditctl -l | grep -q -- "-F arch=b32.*path=$work/other.sock" || fail "not for 32-bit programs: $(auditctl -l)"
	kill -HUP "$daemon"
	stop_daemon_well
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l)"
}

# One login at a time, in every way that a container or an exec can be asked for: always right, and as sure as can be.
test_launcher_of_one_login_at_a_time_is_named() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	local write=(sh -c 'echo x >> /data/precious') run=(--network=none -v "$work/data:/data" bb)
	as 3001 in_docker run --rm --name a1 "${run[@]}" "${write[@]}"
	as 3002 in_docker run -d --name a2 "${run[@]}" sh -c 'echo x >> /data/precious; sleep 60' >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 2 ]" || fail "the container did not write"
	as 3003 in_docker exec a2 "${write[@]}"
	as 3004 in_docker create --name a4 "${run[@]}" "${write[@]}" >/dev/null
	as 3005 in_docker start -a a4
	as 3006 in_docker exec -d a2 "${write[@]}"
	until_true 10 eval "[ \$(wc -l < '$file') = 5 ]" || fail "the detached exec did not write"
	as 3007 in_docker restart -t 0 a2 >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 6 ]" || fail "the restarted container did not write"
	in_docker rm -f a2 >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 6
	check_each "$work/json" ".auid == null and ($sure)"
	[ "$(jq -r .launcher.auid "$work/json" | tr '\n' ' ')" = "3001 3002 3003 3005 3006 3007 " ] || fail "launchers: $(jq -c .launcher "$work/json")"
	check_each "$work/json" ".launcher.via == \"$state/docker.sock\" and (.launcher.evidence | length) > 2 and .launcher_reason == null"
	no_losses
}

# Eight logins at once, in every way. Whatever is not certain or likely, and right, has the right login among its candidates.
test_launchers_of_a_crowd_are_right_or_among_the_candidates() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local login n_bad n
	prepare_crowd renewed
	local logins=()
	for login in 3001 3002 3003 3004 3005 3006 3007 3008; do
		be_login "$login" $((crowd_size / 8)) &
		logins+=($!)
	done
	wait "${logins[@]}"
	sleep 2
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -Eq '^(WRONG|LOST)' "$work/verdicts" || fail "wrong or lost: $(grep -E '^(WRONG|LOST)' "$work/verdicts" | head -n 3)"
	n=$(wc -l < "$work/verdicts")
	n_bad=$(grep -vc '^RIGHT' "$work/verdicts" || true)
	# One in twenty at the full size. In a small one a few pairs of clients whose command lines tell nothing, and that ask within the same
	# milliseconds, are more than that.
	[ $((n_bad * (crowd_size < 400 ? 5 : 20))) -le "$n" ] || fail "$n_bad of $n are not named"
}

# The same ways, one login at a time: all right, and certain.
test_launchers_one_after_the_other_are_certain() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local kind login=3100 round
	prepare_crowd renewed
	for round in 1 2; do
		for kind in "${kinds[@]}"; do
			login=$((login + 1))
			enter "$login" "$kind"
			# Who is gone before its container has begun has the next login beside it.
			until_true 20 eval "[ \$(ls '$work/data' | wc -l) = \$(cat '$work'/truth.* | wc -l) ]" || fail "nothing was written: $kind"
		done
	done
	sleep 2
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -qv '^RIGHT certain' "$work/verdicts" || fail "not certain: $(grep -v '^RIGHT certain' "$work/verdicts" | head -n 3)"
}

# Who sends a request, and is gone before another comes whose command line fits: never certain for that one.
test_launcher_of_a_request_that_was_sent_in_passing_is_not_who_came_next() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local i id
	prepare_crowd
	local request=(as 3601 env SOCKET="$state/docker.sock")
	for i in 1 2 3 4 5 6 7 8; do
		echo "ts$i 3601 start" >> "$work/truth.3601"
		echo "te$i 3601 exec" >> "$work/truth.3601"
		echo "ty$i 3602 exec" >> "$work/truth.3602"
		in_docker create --rm --name "n$i" --network=none -v "$work/data:/data" bb sh -c "echo x >> /data/ts$i" >/dev/null
		"${request[@]}" REQUEST="/containers/n$i/start" "$work/engine-client"
		sleep 0.01
		as 3602 in_docker start "n$i" >/dev/null 2>&1 || true
		id=$(HEAR='}' SOCKET="$state/docker.sock" REQUEST=/containers/shared/exec BODY="{\"Cmd\":[\"sh\",\"-c\",\"echo x >> /data/te$i\"]}" \
			"$work/engine-client" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p')
		"${request[@]}" REQUEST="/exec/$id/start" BODY='{"Detach":true}' "$work/engine-client"
		sleep 0.01
		as 3602 in_docker exec shared sh -c "echo x >> /data/ty$i"
	done
	sleep 2
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -q '^LOST' "$work/verdicts" || fail "lost: $(grep '^LOST' "$work/verdicts" | head -n 3)"
}

# A start that failed has left its files: who comes for the next one is not too late, and who only is there is not it.
test_launcher_of_a_second_attempt_is_not_who_was_there_at_the_first() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local hold
	prepare_crowd
	as 3603 env SOCKET="$state/docker.sock" HOLD=30 "$work/engine-client" &
	hold=$!
	echo "tfail 3602 start" > "$work/truth.3602"
	as 3602 in_docker create --name again --network=none -v "$work/data:/data" bb /data/program >/dev/null
	! as 3602 in_docker start again 2>/dev/null || fail "there was something to start"
	sleep 1
	printf '#!/bin/sh\necho x >> /data/tfail\n' > "$work/data/program"
	chmod +x "$work/data/program"
	as 3602 in_docker start again >/dev/null
	until_true 10 test -e "$work/data/tfail" || fail "nothing was written"
	# Not only the shell around it: it would be connected in the tests that follow.
	pkill -KILL -f "^$work/engine-client"
	wait "$hold" 2>/dev/null || true
	in_docker rm -f again shared >/dev/null
	stop_daemon_well
	judge
}

# Four logins at once whose commands are all the same, and give no names: the directory that is mounted tells, and nothing else does.
test_launchers_of_a_crowd_of_the_same_words_are_never_wrong_under_certain() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local login pids=()
	prepare_crowd
	mkdir "$work"/data/300{1,2,3,4}
	for login in 3001 3002 3003 3004; do
		(
			cd "$work/data/$login"
			for ((i = 0; i < crowd_size / 16; i++)); do
				as "$login" in_docker run --rm --network=none -v "$work/data/$login:/data" bb sh -c 'echo x >> /data/$(hostname)'
				as "$login" in_docker run -d --rm --network=none -v "$work/data/$login:/data" bb sh -c 'echo x >> /data/$(hostname)' >/dev/null
			done
		) &
		pids+=($!)
	done
	wait "${pids[@]}"
	sleep 2
	for login in 3001 3002 3003 3004; do
		(cd "$work/data/$login" && printf "%s $login same\n" *) > "$work/truth.$login"
	done
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -q '^LOST' "$work/verdicts" || fail "lost: $(grep '^LOST' "$work/verdicts" | head -n 3)"
}

# What was found out of an entry is known to the next auditmon; what nobody saw begin names nobody, and says why.
test_launcher_is_known_after_a_restart_of_auditmon() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	as 3201 in_docker run -d --name early --network=none -v "$work/data:/data" bb \
		sh -c 'until [ -e /data/go ]; do sleep 0.1; done; echo early >> /data/precious; sleep 60' >/dev/null
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3202 in_docker run -d --name late --network=none -v "$work/data:/data" bb \
		sh -c 'until [ -e /data/go ]; do sleep 0.1; done; echo late >> /data/precious; sleep 60' >/dev/null
	as 3203 in_docker exec -d late sh -c 'until [ -e /data/go ]; do sleep 0.1; done; echo exec >> /data/precious; sleep 60'
	sleep 5
	stop_daemon_well
	start_daemon_with "$work/test.rules"
	touch "$work/data/go"
	until_true 20 eval "[ \$(wc -l < '$file') = 3 ]" || fail "not all have written"
	in_docker rm -f early late >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	jq -c 'select(.container.name == "early")' "$work/json" > "$work/early"
	check_each "$work/early" '.launcher == null and (.launcher_reason | test("started after"))'
	jq -c 'select(.container.name == "late")' "$work/json" > "$work/late"
	check_each "$work/late" ".launcher.auid == (if .container.entry == \"init\" then 3202 else 3203 end) and ($sure)"
	check_each "$work/late" '.launcher.argv[0] == "docker" and (.launcher.evidence | length) > 2'
	am show late --db "$work/db" > "$work/show"
	grep -q 'auid 3202' "$work/show" && grep -q 'auid 3203' "$work/show" || fail "show does not name them: $(cat "$work/show")"
	[ "$(grep -Ec '^ +evidence +its command line names the container$' "$work/show")" = 2 ] || fail "show has no evidence: $(cat "$work/show")"
}

# A client in a container is named with that container, and with the human behind it.
test_client_in_a_container_leads_to_its_launcher() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	gcc -static -O1 -o "$work/data/engine-client" "$here/engine-client.c" || fail "cannot build the client"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3301 in_docker run --rm --name outer --network=none -v "$state/docker.sock:/s.sock" -v "$work/data:/data" bb sh -c "
		echo 3999 > /proc/self/loginuid
		SOCKET=/s.sock NAME=inner BIND=$work/data:/data COMMAND='echo x >> /data/precious' /data/engine-client; sleep 2"
	until_true 10 eval "[ \$(wc -l < '$file') = 1 ]" || fail "the container did not write"
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" ".container.name == \"inner\" and .launcher.auid == 3301 and ($sure)"
	check_each "$work/json" '.launcher.evidence | any(test("runs in container outer"))'
}

# dockerd is killed and comes back in the midst of it; a container that it starts by itself is nobody's.
test_launchers_over_a_kill_of_dockerd() {
	need_docker
	local file=$work/data/precious id
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	as 3401 in_docker run --rm --name before --network=none -v "$work/data:/data" bb sh -c 'echo before >> /data/precious'
	as 3402 in_docker run -d --restart always --name again --network=none -v "$work/data:/data" bb sh -c 'echo again >> /data/precious; sleep 3600' >/dev/null
	until_true 10 eval "[ \$(wc -l < '$file') = 2 ]" || fail "the container did not write"
	kill -KILL "$(cat "$state/docker.pid")"
	# Its containerd goes with it, or is in the way of the next one's.
	[ ! -f "$state/exec/containerd/containerd.pid" ] || kill -KILL "$(cat "$state/exec/containerd/containerd.pid")" 2>/dev/null || true
	rm -f "$state/docker.pid" "$state/exec/containerd/containerd.pid"
	start_dockerd || fail "dockerd does not come back: $(tail -n 3 "$state/dockerd.log")"
	until_true 20 eval "[ \$(wc -l < '$file') = 3 ]" || fail "the container was not started again"
	as 3403 in_docker run --rm --name after --network=none -v "$work/data:/data" bb sh -c 'echo after >> /data/precious'
	as 3404 in_docker exec again sh -c 'echo exec >> /data/precious'
	in_docker rm -f again >/dev/null
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 5
	[ "$(jq -r '"\(.container.name):\(.launcher.auid)"' "$work/json" | tr '\n' ' ')" = "before:3401 again:3402 again:null after:3403 again:3404 " ] ||
		fail "launchers: $(jq -c '[.container.name, .launcher, .launcher_reason]' "$work/json")"
	jq -c 'select(.launcher != null)' "$work/json" > "$work/named"
	check_each "$work/named" "$sure"
}

# A container's process makes what looks as a runtime and its stages do, beside a login that is connected: nobody has asked for that.
test_launcher_of_what_a_container_forks_in_its_runtimes_name_is_nobody() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	local busy=() hold i
	prepare_crowd
	gcc -static -O1 -o "$work/data/clone-parent" "$here/clone-parent.c" || fail "cannot build the helper"
	as 3405 env SOCKET="$state/docker.sock" HOLD=30 "$work/engine-client" &
	hold=$!
	# So busy that some are gone before anybody can look.
	for i in 1 2 3 4; do
		while :; do :; done &
		busy+=($!)
	done
	as 3406 in_docker exec shared /data/clone-parent --enter /data/t{1..60}
	until_true 20 eval "[ \$(ls '$work/data' | grep -c ^t) = 60 ]" || fail "only $(ls "$work/data" | grep -c ^t) were written"
	kill "${busy[@]}"
	pkill -KILL -f "^$work/engine-client"
	wait "$hold" "${busy[@]}" 2>/dev/null || true
	sleep 2
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	am events --db "$work/db" --action create --format json | jq -c 'select(.path | test("/t[0-9]+$"))' > "$work/json"
	check_count "$work/json" 60
	# The first of them are told as those of the exec that they came by.
	check_each "$work/json" '.launcher == null or .launcher.auid == 3406 or .launcher.confidence == "ambiguous"'
	check_each "$work/json" '.container.name == "shared" or .doubt != null'
	jq -r '[.launcher.confidence // "none", .launcher.auid // "-", .container.attributed_by // .doubt] | join(" ")' "$work/json" | sort | uniq -c > "$work/report"
}

test_podman_command_without_a_login_is_said() {
	need_podman
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	in_podman run --rm --name nobodys --net=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	stop_daemon_well
	touches "$work/f" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.launcher == null and (.launcher_reason | contains("a podman command that was run without a login"))'
}
