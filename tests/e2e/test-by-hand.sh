# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Engines that need not be installed: their containers' first processes, begun and moved as they do it.

# The directories in which a cgroup can be made: one of version 2, or one for each hierarchy.
cgroup_roots() {
	local root
	for root in /sys/fs/cgroup /sys/fs/cgroup/*/; do
		case "$(stat -f -c %T "$root")" in cgroupfs | cgroup2fs) echo "${root%/}" ;; esac
	done
}

# begin_by_hand CGROUP COMMAND... : a first process in namespaces of its own, in $first, that was in CGROUP before it executed COMMAND.
begin_by_hand() {
	local cgroup=$1 root
	shift
	mkfifo "$work/go"
	unshare -m -p -u -i --fork sh -c 'read -r _ < "$0"; exec "$@"' "$work/go" "$@" &
	others+=($!)
	until_true 10 pgrep -P $! || fail "no first process"
	first=$(pgrep -P $!)
	others+=("$first")
	for root in $(cgroup_roots); do
		# cpuset takes nobody in before it has been given processors.
		mkdir -p "$root/$cgroup" && { echo "$first" > "$root/$cgroup/cgroup.procs"; } 2>/dev/null || true
	done
	grep -q "$cgroup" "/proc/$first/cgroup" || skip 'no cgroup can be made here'
	echo go > "$work/go"
}

end_by_hand() {
	local cgroup=$1 root
	kill -KILL "$first"
	others=()
	for root in $(cgroup_roots); do
		[ ! -d "$root/$cgroup" ] || until_true 5 rmdir "$root/$cgroup" || fail "$root/$cgroup stays"
	done
}

check_posture_of_box() {
	am show --db "$work/db" --format json box > "$work/container" || fail "no container box"
	check_each "$work/container" '.runtime == "lxc" and .name == "box" and .privileged == null and .image == null'
	check_each "$work/container" '.posture | (keys | length) >= 7 and all(.source | test("^/proc/'"$first"'/"))'
	check_each "$work/container" '.posture | map_values(.value) | .user_namespace == "host" and .no_new_privileges == true and .seccomp == "disabled" and .read_only_root == false
		and (.host_namespaces | (index("mnt") == null) and (index("pid") == null) and (index("net") != null))
		and (.host_paths | map(select(.destination == "/mnt")) == [{"source": "'"$work"'", "destination": "/mnt", "writable": false}])'
}

test_the_posture_of_an_lxc_container_is_what_the_kernel_has_in_force() {
	local file=$work/precious
	touch "$file"
	cat > "$work/begin" <<-END
		mount --make-rprivate / && mount --bind "$work" /mnt && mount -o remount,bind,ro /mnt
		exec setpriv --no-new-privs sh -c "echo x >> '$file'; sleep 60"
	END
	start_daemon "-w $file -p wa -k precious"
	begin_by_hand lxc.payload.box sh "$work/begin"
	until_true 10 grep -q x "$file" || fail "it did not write"
	sleep 0.3
	stop_daemon_well
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container.id == "box" and .container.runtime == "lxc" and .container.entry == "init" and .doubt == null'
	rm "$work/db"*
	# The same where it was there before the daemon.
	start_daemon "-w $file -p wa -k precious"
	check_posture_of_box
	stop_daemon_well
	end_by_hand lxc.payload.box
}

# Podman has no daemon that would notice: its database says which of its containers run.
test_the_cgroup_of_a_podman_container_that_does_not_run_is_not_believed() {
	need_podman
	local file=$work/precious id
	touch "$file"
	id=$(in_podman create --name stopped --net=none bb true)
	echo "podman-root = $state/podman" > "$work/conf"
	daemon_options=(--config "$work/conf")
	begin_by_hand "libpod_parent/libpod-$id" sh -c "while ! [ -f '$work/again' ]; do sleep 0.1; done; echo x >> '$file'; sleep 60"
	start_daemon "-w $file -p wa -k precious"
	touch "$work/again"
	until_true 10 grep -q x "$file" || fail "it did not write"
	stop_daemon_well
	end_by_hand "libpod_parent/libpod-$id"
	in_podman rm stopped >/dev/null
	touches "$file" > "$work/json"
	check_count "$work/json" 1
	check_each "$work/json" '.container == null and .doubt != null'
}
