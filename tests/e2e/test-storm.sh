# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Twenty containers and the host write at once through processes that end at once, amid storms of others. Each writes to a file
# of its own, so that the files tell who is right whatever the daemon thinks.

storm_containers=20

# Starts the containers s1 .. s20, of both engines in turn: each waits for $work/data/go.ROUND, writes COUNT times, and says so.
start_storm() {
	local rounds=$1 count=$2 i
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -static -O1 -pthread -o "$work/data/storm" "$here/storm.c" || fail "cannot build the helper"
	cat > "$work/data/run" <<-END
		for round in $rounds; do
			while ! [ -f /data/go.\$round ]; do sleep 0.2; done
			/data/storm write /data/\$1 $count || echo failed > /data/failed
			: > /data/done.\$round.\$1
		done
		sleep 600
	END
	touch "$work/data/host"
	for i in $(seq $storm_containers); do
		touch "$work/data/s$i"
		if [ $((i % 2)) = 0 ]; then
			in_docker run -d --name "s$i" --network=none -v "$work/data:/data" bb sh /data/run "s$i"
		else
			in_podman run -d --name "s$i" --net=none -v "$work/data:/data" bb sh /data/run "s$i"
		fi
	done > "$work/started" || fail "the containers did not start"
	in_docker run -d --name noise --network=none -v "$work/data:/data" bb \
		sh -c 'while ! [ -f /data/quiet ]; do /data/storm fork 500; done; sleep 600' >/dev/null
}

end_storm() {
	in_docker ps -q | xargs docker -H "unix://$state/docker.sock" rm -f >/dev/null
	in_podman rm -fa -t 0 >/dev/null
}

round_is_done() {
	[ "$(find "$work/data" -name "done.$1.*" | wc -l)" = $storm_containers ]
}

# One round on all sides.
storm_round() {
	local round=$1 host_count=$2
	touch "$work/data/go.$round"
	"$work/data/storm" write "$work/data/host" "$host_count" || fail "the host's writers failed"
	until_true 120 round_is_done "$round" || fail "the containers did not finish"
	[ ! -f "$work/data/failed" ] || fail "some writers failed"
}

sql() {
	sqlite3 "$work/db" "$1"
}

# No touch names a container whose file it is not, nor calls a container's the host's; with doubt it names none.
nobody_is_wrong() {
	local wrong
	wrong=$(sql "SELECT path, container_name, doubt, comm, count(*) FROM touch WHERE watch = 'storm' AND action = 'write' AND NOT (
		CASE WHEN path = '$work/data/host' THEN container_id IS NULL
		ELSE (container_id IS NULL AND doubt IS NOT NULL) OR path = '$work/data/' || container_name END) GROUP BY 1, 2, 3, 4 LIMIT 5")
	[ -z "$wrong" ] || fail "wrong: $wrong"
}

nobody_is_doubtful() {
	[ "$(sql "SELECT count(*) FROM loss WHERE kind = (SELECT number FROM name WHERE kind = 'loss' AND name = 'proc-events')")" != 0 ] ||
		[ "$(sql "SELECT count(*) FROM touch WHERE watch = 'storm' AND action = 'write' AND doubt IS NOT NULL")" = 0 ] ||
		fail "doubt without a loss: $(sql "SELECT path, doubt, comm, count(*) FROM touch WHERE doubt IS NOT NULL GROUP BY 1, 2, 3")"
}

everybody_is_named() {
	local expected=$1 host=$2 short
	short=$(sql "SELECT path, count(*) FROM touch WHERE path GLOB '$work/data/s*' AND action = 'write' AND container_name IS NOT NULL AND doubt IS NULL
		GROUP BY path HAVING count(*) <> $expected")
	[ -z "$short" ] || fail "not $expected: $short; $(sql "SELECT doubt, comm, count(*) FROM touch WHERE container_id IS NULL GROUP BY 1, 2")"
	[ "$(sql "SELECT count(DISTINCT path) FROM touch WHERE path GLOB '$work/data/s*' AND action = 'write'")" = $storm_containers ] || fail "containers are missing"
	[ "$(sql "SELECT count(*) FROM touch WHERE path = '$work/data/host' AND action = 'write' AND container_id IS NULL AND doubt IS NULL")" = "$host" ] ||
		fail "of the host: $(sql "SELECT container_name, doubt, count(*) FROM touch WHERE path = '$work/data/host' GROUP BY 1, 2")"
}

test_ten_thousand_short_lives_in_twenty_containers_and_the_host() {
	need_docker
	need_podman
	mkdir "$work/data"
	start_daemon "-w $work/data -p wa -k storm"
	start_storm 1 480
	(while ! [ -f "$work/data/quiet" ]; do "$work/data/storm" fork 500; done) &
	storm_round 1 400
	touch "$work/data/quiet"
	wait $!
	stop_daemon_well
	end_storm
	nobody_is_wrong
	nobody_is_doubtful
	# On a machine that is slower than its storm the kernel gives records up; then, and only then, some may be missing.
	[ "$(sql 'SELECT count(*) FROM loss')" != 0 ] || everybody_is_named 480 400
}

test_the_storm_with_a_thousand_pids() {
	need_docker
	need_podman
	local pid_max
	pid_max=$(cat /proc/sys/kernel/pid_max)
	mkdir "$work/data"
	start_daemon "-w $work/data -p wa -k storm"
	start_storm 1 240
	trap 'echo '"$pid_max"' > /proc/sys/kernel/pid_max; end_daemons || true' EXIT
	echo 1000 > /proc/sys/kernel/pid_max || skip 'pid_max cannot be set here'
	storm_round 1 200
	touch "$work/data/quiet"
	echo "$pid_max" > /proc/sys/kernel/pid_max
	stop_daemon_well
	end_storm
	nobody_is_wrong
	# A pid may come round within the audit clock's resolution: then there is doubt.
	[ "$(sql 'SELECT count(*) FROM loss')" != 0 ] ||
		[ "$(sql "SELECT count(*) FROM touch WHERE path GLOB '$work/data/s[0-9]*' AND action = 'write'")" = $((storm_containers * 240)) ] ||
		fail "some are missing without a loss"
	[ "$(sql "SELECT count(*) FROM touch WHERE path GLOB '$work/data/s[0-9]*' AND action = 'write' AND container_id IS NOT NULL")" -gt $((storm_containers * 50)) ] ||
		fail "too much doubt: $(sql "SELECT doubt, count(*) FROM touch GROUP BY 1")"
}

test_lost_process_events_leave_doubt_and_nobody_wrong() {
	need_docker
	need_podman
	local before
	mkdir "$work/data"
	start_daemon "-w $work/data -p wa -k storm"
	start_storm '1 2' 20
	storm_round 1 20
	# Stopped, it reads neither records nor process events; the kernel keeps the records.
	kill -STOP "$daemon"
	"$work/data/storm" fork 60000
	touch "$work/data/go.2"
	"$work/data/storm" write "$work/data/host" 20
	"$work/data/storm" fork 500
	kill -CONT "$daemon"
	until_true 60 round_is_done 2 || fail "the containers did not finish"
	touch "$work/data/quiet"
	until_true 20 grep -q 'process events were lost' "$work/log" || fail "nothing was lost: the test proves nothing"
	before=$(sql "SELECT count(*) FROM touch WHERE doubt IS NULL AND path = '$work/data/s2'")
	for _ in 1 2 3 4 5; do
		in_docker exec s2 sh -c 'echo x >> /data/s2'
	done
	stop_daemon_well
	end_storm
	nobody_is_wrong
	[ "$(sql "SELECT count(*) FROM loss WHERE kind = (SELECT number FROM name WHERE kind = 'loss' AND name = 'proc-events') AND until_msec > since_msec")" -gt 0 ] ||
		fail "the loss is not stored: $(sql 'SELECT * FROM loss')"
	[ "$(sql "SELECT count(*) FROM touch WHERE doubt IS NULL AND path = '$work/data/s2'")" -ge $((before + 5)) ] ||
		fail "it does not recover: $(sql "SELECT doubt, container_name, count(*) FROM touch WHERE path = '$work/data/s2' GROUP BY 1, 2")"
}
