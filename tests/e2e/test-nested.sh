# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Docker in Docker: an engine within a privileged container, with this machine's own programs.

test_docker_in_docker_is_told_by_both() {
	need_docker
	local file=$work/precious outer inner
	touch "$file"
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
		echo outer >> /data/precious
		engine run -d --name deep --network=none -v /data:/data bb sh -c 'echo inner >> /data/precious; sleep 60' > /data/id 2>> /data/inner.log
		for i in $(seq 100); do grep -q inner /data/precious && break; sleep 0.1; done
		engine exec deep sh -c '(echo exec >> /data/precious; sleep 0.5); true'
		mv /data/id /data/inner
		sleep 60
	END
	start_daemon "-w $file -p wa -k precious"
	outer=$(in_docker run -d --name outer --privileged --network=none -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v /etc/ssl:/etc/ssl:ro \
		-v "$here:/tests:ro" -v "$work:/data" bb sh /data/engine)
	until_true 60 test -f "$work/inner" || skip "no Docker in Docker here: $(tail -n 1 "$work/inner.log" 2>&1)"
	inner=$(cat "$work/inner")
	in_docker rm -f outer >/dev/null
	stop_daemon_well
	[ "$inner" != none ] || skip "no Docker in Docker here: $(tail -n 1 "$work/inner.log" 2>&1)"
	grep -q inner "$file" || fail "the inner container did not write: $(tail -n 3 "$work/inner.log")"
	touches "$file" > "$work/json"
	check_count "$work/json" 3
	[ "$(jq -r '.container | [.id, .outer_id] | map(tostring) | join(" ")' "$work/json" | tr '\n' ';')" = "$outer null;$inner $outer;$inner $outer;" ] ||
		fail "$(jq -c .container "$work/json")"
	check_each "$work/json" ".path == \"$file\" and .container.privileged == true and .doubt == null and (.flags | index(\"host-write\") != null)"
}
