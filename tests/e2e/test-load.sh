# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Nothing lost, everything attributed, little memory: short lives, many at once, and a flood.

check_all_from() {
	local file=$1 expected=$2 id=$3 wrong
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$file'")" = "$expected" ] ||
		fail "expected $expected touches, stored $(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$file'"); losses: $(sqlite3 "$work/db" 'SELECT * FROM loss')"
	wrong=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE path = '$file' AND container_id IS NOT '$id'")
	[ "$wrong" = 0 ] || fail "$wrong of $expected were not attributed: $(sqlite3 "$work/db" "SELECT container_id, doubt, comm, count(*) FROM touch WHERE path = '$file' GROUP BY 1, 2, 3")"
	no_losses
}

# check_thousand_writes SCRIPT : of the container, in whose shell it writes 1,000 times to /data/f.
check_thousand_writes() {
	need_docker
	local id
	mkdir "$work/data"
	touch "$work/data/f"
	start_daemon "-w $work/data/f -p wa -k short"
	id=$(in_docker run -d --name writer --network=none -v "$work/data:/data" bb sh -c "$1; echo done > /data/done; sleep 60")
	until_true 60 test -s "$work/data/done" || fail "the container did not finish"
	in_docker rm -f writer >/dev/null
	stop_daemon_well
	check_all_from "$work/data/f" 1000 "$id"
}

test_thousand_short_lives_in_a_row() {
	check_thousand_writes 'i=0; while [ $i -lt 1000 ]; do sh -c "echo x >> /data/f"; i=$((i+1)); done'
}

test_five_hundred_at_once_twice() {
	check_thousand_writes 'for round in 1 2; do i=0; while [ $i -lt 500 ]; do (echo x >> /data/f) & i=$((i+1)); done; wait; done'
}

test_short_lives_of_container_and_host_are_told_apart() {
	need_docker
	local host
	mkdir "$work/data"
	touch "$work/data/f"
	start_daemon "-w $work/data/f -p wa -k short"
	in_docker run -d --name mixed --network=none -v "$work/data:/data" bb sh -c \
		'i=0; while [ $i -lt 300 ]; do (echo x >> /data/f) & sh -c "echo x >> /data/f"; i=$((i+1)); done; wait; echo done > /data/done; sleep 60' >/dev/null
	for _ in $(seq 300); do
		sh -c "echo h >> $work/data/f"
	done
	until_true 60 test -s "$work/data/done" || fail "the container did not finish"
	in_docker rm -f mixed >/dev/null
	stop_daemon_well
	host=$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE watch = 'short' AND container_id IS NULL AND doubt IS NULL AND path_seen = path")
	[ "$host" = 300 ] || fail "$host of the host's 300 are the host's"
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE container_name = 'mixed' AND path_seen = '/data/f'")" = 600 ] ||
		fail "$(sqlite3 "$work/db" "SELECT container_name, path_seen, doubt, count(*) FROM touch GROUP BY 1, 2, 3")"
	no_losses
}

test_flood_of_fifty_thousand_opens() {
	need_docker
	local id rss
	mkdir "$work/data"
	touch "$work/data/f"
	start_daemon "-w $work/data/f -p wa -k flood"
	id=$(in_docker run -d --name flood --network=none -v "$work/data:/data" bb sh -c \
		'i=0; while [ $i -lt 50000 ]; do : >> /data/f; i=$((i+1)); done; echo done > /data/done; sleep 60')
	until_true 300 test -s "$work/data/done" || fail "the container did not finish"
	rss=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$daemon/status")
	in_docker rm -f flood >/dev/null
	stop_daemon_well
	[ "$rss" -lt 65536 ] || fail "the daemon took $rss KiB"
	echo "peak resident memory: $rss KiB"
	check_all_from "$work/data/f" 50000 "$id"
}
