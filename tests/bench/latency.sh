# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# From a container's write to the journal's receipt of the alert: 1,000 touches a second for ten seconds from a privileged
# container of Docker, whose every touch is critical, for which journald syncs its file. The write's time is the kernel's in the
# record (milliseconds), the receipt's is journald's own stamp.

. "$here/journald.sh"

latency_limit_msec=250
latency_rate=1000
latency_seconds=10

# percentile P FILE : of sorted numbers.
percentile() {
	awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p / 100 + 0.999999); print v[i < 1 ? 1 : i] }' "$2"
}

test_bench_latency_from_write_to_journal() {
	need_docker
	local n p50 p99
	command -v gcc >/dev/null || skip 'no gcc'
	gcc -static -O1 -o "$work/pace" "$here/../bench/pace.c" || fail "cannot build the helper"
	touch "$work/f"
	start_journald
	start_daemon "-w $work/f -p wa -k f"
	in_docker run --rm --name pace --network=none --privileged -v "$work:/data" bb /data/pace /data/f $latency_rate $latency_seconds > "$work/done"
	n=$(cat "$work/done")
	until_true 30 eval "[ \$(sqlite3 '$work/db' 'SELECT count(*) FROM touch') = $n ]" || fail "stored $(sqlite3 "$work/db" 'SELECT count(*) FROM touch') of $n"
	stop_daemon_well
	stop_journald
	journal -t auditmon --output-fields=AUDITMON_TIME_MSEC | jq -r '(.__REALTIME_TIMESTAMP | tonumber) / 1000 - (.AUDITMON_TIME_MSEC | tonumber)' | sort -n > "$work/latencies"
	[ "$(wc -l < "$work/latencies")" = "$n" ] || fail "the journal has $(wc -l < "$work/latencies") of $n: $(cat "$work/log")"
	p50=$(percentile 50 "$work/latencies")
	p99=$(percentile 99 "$work/latencies")
	echo "$n touches at $latency_rate/s, write to journal: p50 $p50 ms, p99 $p99 ms, worst $(tail -n 1 "$work/latencies") ms" > "$work/report"
	awk -v p="$p99" -v limit=$latency_limit_msec 'BEGIN { exit !(p < limit) }' || fail "p99 is $p99 ms, not under $latency_limit_msec ms"
	no_losses
}
