# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A Docker daemon and a Podman store of the tests' own, beside whatever this machine runs, with one image: a static busybox.
# Sets has_docker and has_podman; a test that needs one says `need_docker` or `need_podman`.

has_docker=
has_podman=
why_no_docker='no docker here'
why_no_podman='no podman here'

need_docker() {
	[ -n "$has_docker" ] || skip "$why_no_docker"
}

need_podman() {
	[ -n "$has_podman" ] || skip "$why_no_podman"
}

make_image() {
	local root=$state/image applet
	mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in $("$root/bin/busybox" --list); do
		[ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
	done
	echo 'root:x:0:0:root:/:/bin/sh' > "$root/etc/passwd"
	tar -C "$root" -c . > "$state/image.tar"
}

# More of its options in the array dockerd_options.
dockerd_options=()
start_dockerd() {
	setsid dockerd "${dockerd_options[@]}" -H "unix://$state/docker.sock" --pidfile "$state/docker.pid" --iptables=false --ip6tables=false \
		--bridge=none --data-root "$state/docker" --exec-root "$state/exec" \
		--add-runtime "tests=$here/oci-runtime" --default-runtime tests > "$state/dockerd.log" 2>&1 < /dev/null &
	until_true 60 in_docker info
}

# One that is younger than the auditmon that a test has started: all that it does is on record.
renew_dockerd() {
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]" || fail "dockerd does not end"
	start_dockerd || fail "dockerd does not come back: $(tail -n 3 "$state/dockerd.log")"
}

engines_up() {
	local busybox
	busybox=$(command -v busybox) || { why_no_docker='no busybox'; why_no_podman='no busybox'; return; }
	ldd "$busybox" 2>/dev/null | grep -q '=>' && { why_no_docker='busybox is not static'; why_no_podman=$why_no_docker; return; }
	make_image
	if command -v dockerd >/dev/null && command -v runc >/dev/null && command -v jq >/dev/null; then
		if start_dockerd && in_docker import "$state/image.tar" bb:latest >/dev/null; then
			has_docker=yes
		else
			why_no_docker="dockerd did not start: $(tail -n 1 "$state/dockerd.log")"
		fi
	fi
	if command -v podman >/dev/null && command -v runc >/dev/null && command -v jq >/dev/null; then
		if in_podman import -q "$state/image.tar" bb:latest > "$state/podman.log" 2>&1; then
			has_podman=yes
		else
			why_no_podman="podman does not work: $(tail -n 1 "$state/podman.log")"
		fi
	fi
}

engines_down() {
	if [ -f "$state/docker.pid" ]; then
		in_docker ps -aq 2>/dev/null | while read -r id; do
			in_docker rm -f "$id" >/dev/null 2>&1
		done
		kill "$(cat "$state/docker.pid")" 2>/dev/null
		until_true 20 eval "! [ -f '$state/docker.pid' ]"
	fi
	[ -z "$has_podman" ] || in_podman rm -fa >/dev/null 2>&1
	awk -v state="$state/" 'index($2, state) == 1 { print $2 }' /proc/mounts | sort -r | while read -r point; do
		umount "$point" 2>/dev/null
	done
}
