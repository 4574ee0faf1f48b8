# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Engines and sockets that are elsewhere than usual, or come later than auditmon.

# Docker's daemon runs from wherever its package has put it. One that is hidden by a mount from us has no path that is good for a rule.
test_dockerd_from_elsewhere_has_its_rule() {
	local path
	mkdir -p "$work/snap/bin" "$work/hidden" "$work/link"
	cp "$(command -v sleep)" "$work/snap/bin/dockerd"
	ln -s "$work/snap/bin/dockerd" "$work/link/dockerd"
	"$work/link/dockerd" 60 &
	others+=($!)
	unshare -m --propagation private sh -c 'mount -t tmpfs none "$0" && cp "$(command -v sleep)" "$0/dockerd" && exec "$0/dockerd" 60' "$work/hidden" &
	others+=($!)
	cp "$(command -v sleep)" "$work/hidden/dockerd"
	until_true 10 eval "pgrep -f '$work/hidden/dockerd 60'" || fail "not started"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	path=$(readlink -f "$work/snap/bin/dockerd")
	[ "$(auditctl -l | grep -c -- "-S shutdown .*-F exe=$path -F key=engine-shutdown")" = 1 ] || fail "no rule: $(auditctl -l)"
	! auditctl -l | grep -q "$work/hidden/dockerd" || fail "a rule for another file: $(auditctl -l)"
	stop_daemon_well
	auditctl -l | grep -q '^No rules' || fail "rules left behind: $(auditctl -l)"
}

# late_dockerd SOCKET [TEXT] : another dockerd, that nothing knows of yet, at that socket; its executable has the text in it, too.
late_dockerd() {
	mkdir -p "$work/late/bin"
	cp "$(command -v dockerd)" "$work/late/bin/dockerd"
	printf '%s' "${2:-}" >> "$work/late/bin/dockerd"
	setsid "$work/late/bin/dockerd" -H "unix://$1" --pidfile "$work/late/pid" --iptables=false --ip6tables=false --bridge=none \
		--data-root "$work/late/data" --exec-root "$work/late/exec" --add-runtime "tests=$here/oci-runtime" --default-runtime tests \
		> "$work/late/log" 2>&1 < /dev/null &
	others+=($!)
	late=$1
	until_true 60 docker -H "unix://$1" info || fail "the other dockerd did not start: $(tail -n 3 "$work/late/log")"
}

end_late_dockerd() {
	kill "$(cat "$work/late/pid")"
	until_true 20 eval "! [ -e '$work/late/pid' ]" || fail "the other dockerd did not end"
	awk -v late="$work/late/" 'index($2, late) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
}

# An engine that comes later than auditmon, by a program and at a socket that nothing knows and under a name that is no engine's: the rules come by
# themselves, each once, and who asks it for a container is named, and on record.
test_engine_that_comes_later_is_watched() {
	need_docker
	local file=$work/data/precious path socket n
	mkdir "$work/data" "$work/odd"
	touch "$file"
	build_listener
	start_daemon "-w $file -p wa -k precious"
	listen_for_changes
	n=$(auditctl -l | grep -c 'key=engine-socket')
	socket=$(readlink -f "$work/odd")/api
	late_dockerd "$socket"
	until_true 5 eval "auditctl -l | grep -q -- '-F arch=b64 -S connect -F path=$socket '" || fail "not watched: $(auditctl -l; cat "$work/log")"
	path=$(readlink -f "$work/late/bin/dockerd")
	auditctl -l | grep -q -- "-S shutdown .*-F exe=$path " || fail "no rule on its shutdown: $(auditctl -l)"
	! changes | grep -q remove_rule || fail "rules were removed: $(changes)"
	n=$(($(auditctl -l | grep -c 'key=engine-socket') - n))
	[ "$(changes | grep -c 'add_rule "engine-socket"')" = "$n" ] || fail "not each of $n once: $(changes)"
	! auditctl -l | grep -q "$work/late/exec/metrics" || fail "what it has for itself is watched: $(auditctl -l)"
	docker -H "unix://$late" import "$state/image.tar" bb:latest >/dev/null
	as 3701 docker -H "unix://$late" run --rm --name late1 --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	as 3702 docker -H "unix://$late" run --rm --name late2 --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	end_late_dockerd
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".launcher.via == \"$socket\" and ($sure) and all(.launcher.evidence[]; test(\"outlive\") | not)"
	[ "$(jq -r .launcher.auid "$work/json" | tr '\n' ' ')" = "3701 3702 " ] || fail "launchers: $(jq -c .launcher "$work/json")"
	touches "$socket" --action connect > "$work/connects"
	check_each "$work/connects" '.watch == "engine-socket"'
	jq -e -s 'map(.auid) | (index(3701) != null) and (index(3702) != null)' "$work/connects" >/dev/null || fail "connects: $(jq -c '[.auid, .path]' "$work/connects")"
	no_losses
}

# A configured socket that is a link, made before what it leads to is there; and a copy that the host itself has mounted elsewhere: it is the
# socket, whatever path leads there.
test_engine_socket_behind_links_and_mounts_is_one() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file" "$work/copy.sock"
	ln -s "$state/docker.sock" "$work/link.sock"
	mount --bind "$state/docker.sock" "$work/copy.sock"
	echo "engine-socket = $work/link.sock" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $file -p wa -k precious"
	for way in link copy; do
		as "$([ $way = link ] && echo 3711 || echo 3712)" docker -H "unix://$work/$way.sock" run --rm --name "by-$way" --network=none -v "$work/data:/data" bb \
			sh -c 'echo x >> /data/precious'
	done
	stop_daemon_well
	umount "$work/copy.sock"
	touches "$file" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".launcher.via == \"$(readlink -f "$state/docker.sock")\" and ($sure)"
	[ "$(jq -r .launcher.auid "$work/json" | tr '\n' ' ')" = "3711 3712 " ] || fail "launchers: $(jq -c .launcher "$work/json")"
	am events --db "$work/db" --action connect --format json > "$work/connects"
	jq -e -s 'map(.auid) | (index(3711) != null) and (index(3712) != null)' "$work/connects" >/dev/null || fail "connects: $(jq -c '[.auid, .path]' "$work/connects")"
	no_losses
}

# Since 29 dockerd speaks HTTP/2, whose requests outlive their connections: who had been connected not long before can have asked, too. The program is
# told by the names of its packages.
test_dockerd_that_may_speak_http2_makes_nobody_certain() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_daemon "-w $file -p wa -k precious"
	late_dockerd "$work/docker.sock" 'github.com/moby/moby/v2/daemon'
	docker -H "unix://$late" import "$state/image.tar" bb:latest >/dev/null
	until_true 5 eval "auditctl -l | grep -q -- '-S connect -F path=$work/docker.sock '" || fail "not watched: $(auditctl -l)"
	as 3721 docker -H "unix://$late" ps >/dev/null
	as 3722 docker -H "unix://$late" run --rm --name h2 --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	end_late_dockerd
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.launcher.auid == 3722 and .launcher.confidence == "likely" and any(.launcher.evidence[]; test("outlive"))'
	no_losses
}

# What only the network reaches has no socket that could be watched: who asks another engine meanwhile is not certain to have asked for it.
test_dockerd_on_the_network_alone_makes_nobody_certain() {
	need_docker
	local file=$work/data/precious
	mkdir "$work/data"
	touch "$file"
	start_launcher_daemon "-w $file -p wa -k precious"
	cp "$BASH" "$work/dockerd"
	"$work/dockerd" -c 'sleep 60; :' dockerd -H tcp://127.0.0.1:1 &
	others+=($!)
	kill -HUP "$daemon"
	until_true 5 eval "[ \$(grep -c 'rules loaded' '$work/log') = 2 ]" || fail "no reload: $(cat "$work/log")"
	as 3731 in_docker run --rm --name net1 --network=none -v "$work/data:/data" bb sh -c 'echo x >> /data/precious'
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.launcher.auid == 3731 and .launcher.confidence == "likely" and any(.launcher.evidence[]; test("listens on the network, too"))'
}

# An engine that is started again binds another file at its path: that is watched from the first moment. A copy of the former one, mounted elsewhere,
# leads nowhere any more.
test_engine_socket_that_is_bound_again_stays_watched() {
	local socket way
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -O1 -o "$work/serve" "$here/serve.c" && gcc -O1 -o "$work/connect" "$here/connect.c" || fail "cannot build the helpers"
	socket=$(readlink -f "$work")/s.sock
	echo "engine-socket = $socket" > "$work/conf"
	daemon_options=(--config "$work/conf")
	"$work/serve" "$socket" &
	others+=($!)
	until_true 5 "$work/connect" "$socket" || fail "nobody listens"
	touch "$work/f" "$work/copy.sock"
	mount --bind "$socket" "$work/copy.sock"
	start_daemon "-w $work/f -p wa -k f"
	as 3741 "$work/connect" "$work/copy.sock" || fail "the copy leads nowhere"
	kill "${others[-1]}"
	"$work/serve" "$socket" &
	others+=($!)
	until_true 5 as 3742 "$work/connect" "$socket" || fail "nobody listens again"
	! as 3743 "$work/connect" "$work/copy.sock" || fail "a copy of what is gone leads somewhere"
	stop_daemon_well
	umount "$work/copy.sock"
	am events --db "$work/db" --action connect --format json > "$work/json"
	[ "$(jq -s -c 'map(select(.success) | .auid) | unique' "$work/json")" = '[3741,3742]' ] || fail "connects: $(jq -c '[.auid, .path, .success]' "$work/json")"
	check_each "$work/json" '.watch == "engine-socket"'
	no_losses
}

# Root can make sockets of an engine's name as many as it likes; those that are not watched are said, and counted.
test_engine_sockets_beyond_the_limit_are_said() {
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -O1 -o "$work/serve" "$here/serve.c" || fail "cannot build the helper"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	for i in $(seq 40); do
		mkdir "$work/$i"
		"$work/serve" "$work/$i/docker.sock" &
		others+=($!)
	done
	until_true 10 grep -q 'are more than are watched' "$work/log" || fail "not said: $(cat "$work/log")"
	until_true 10 eval "[ \"\$(am status --db '$work/db' --format json | jq .engine_sockets_left_out)\" -ge 8 ]" || fail "$(am status --db "$work/db" --format json)"
	am status --db "$work/db" | grep -q 'sockets.*more than are watched' || fail "$(am status --db "$work/db")"
	stop_daemon_well
}

# The kernel drops a rule with the directory that it is about. Of an engine that has gone for good nothing was missed.
test_engine_that_goes_with_its_directory_is_no_loss() {
	local way
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -O1 -o "$work/serve" "$here/serve.c" || fail "cannot build the helper"
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	for way in first second; do
		mkdir "$work/$way"
		"$work/serve" "$work/$way/docker.sock" &
		others+=($!)
		until_true 5 eval "auditctl -l | grep -q -- '-S connect -F path=$work/$way/docker.sock '" || fail "not watched: $(auditctl -l; cat "$work/log")"
		kill "${others[-1]}"
		rm -r "${work:?}/$way"
		until_true 5 eval "! auditctl -l | grep -q '$work/$way'" || fail "the rule stays"
		sleep 0.3
	done
	# Not what somebody has deleted.
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM loss')" = 0 ] || fail "losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	auditctl -d always,exit -F arch=b64 -S connect -F path=/run/docker.sock -k engine-socket
	until_true 5 eval "grep -q 'watch rules were deleted: 1 are loaded again' '$work/log'" || fail "not brought back: $(cat "$work/log")"
	stop_daemon_well
}

# A user's own engine is watched at its socket, too, as long as it is there.
test_engine_of_a_user_is_watched() {
	local uid=64123 socket
	command -v gcc >/dev/null || skip 'no gcc'
	[ ! -e /run/user/$uid ] || skip "there is /run/user/$uid"
	gcc -O1 -o "$work/serve" "$here/serve.c" && gcc -O1 -o "$work/connect" "$here/connect.c" || fail "cannot build the helpers"
	mkdir -p /run/user/$uid/podman
	# shellcheck disable=SC2064 # by now
	trap "rm -rf /run/user/$uid; end_daemons || true" EXIT
	# The tests' own directory is closed to users.
	cp "$work/serve" "$work/connect" /run/user/$uid
	chown -R $uid:$uid /run/user/$uid
	socket=/run/user/$uid/podman/podman.sock
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	setpriv --reuid=$uid --regid=$uid --clear-groups /run/user/$uid/serve $socket &
	others+=($!)
	until_true 5 eval "auditctl -l | grep -q -- '-S connect -F path=$socket '" || fail "not watched: $(auditctl -l; cat "$work/log")"
	as 3751 setpriv --reuid=$uid --regid=$uid --clear-groups /run/user/$uid/connect $socket || fail "nobody listens"
	kill "${others[-1]}"
	rm -r /run/user/$uid
	until_true 5 eval "! auditctl -l | grep -q $socket" || fail "the rule stays"
	sleep 0.3
	stop_daemon_well
	touches $socket --action connect > "$work/json"
	check_each "$work/json" '.auid == 3751 and .watch == "engine-socket"'
	no_losses
}
