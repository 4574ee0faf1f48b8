# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Nothing is missing at the receiver after receiver, daemon and exporter were killed in turn and the receiver's disk was full, while
# containers touched 100,000 files.

# A receiver that is killed while it writes, or whose disk is full, leaves a torn line.
ids_received() {
	grep -o ' id="[^"]*"' "$work/small/ids" | sed 's/^ id="//; s/"$//' | grep -E "^[0-9]+\.[0-9]{3}:[0-9]+:[0-9]+:$(uname -n)\$"
}

start_exporter() {
	"$auditmon" export --follow --db "$work/db" --to "tcp:127.0.0.1:$((port + 3))" >> "$work/exporter.log" 2>&1 &
	exporter=$!
}

n_received() {
	[ "$(ids_received | sort -u | wc -l)" -ge "$1" ]
}

# The first arrivals of each container's touches, in the order of its ids; $work/touches has id and container of each.
check_order() {
	ids_received | awk '!seen[$0]++' > "$work/first"
	awk -F '\t' 'NR == FNR { container[$1] = $2; place[$1] = NR; next }
		{ c = container[$1]; if (c == "") { print "unknown " $1; exit } if (place[$1] < last[c]) { print "out of order: " $1; exit }
		last[c] = place[$1] }' "$work/touches" "$work/first"
}

# Containers that make COUNT files each, a few thousand a second together: what each touch was, and when, the files themselves tell.
start_touching() {
	local name
	for name in a b c d; do
		in_docker run --rm --name "toucher-$name" --network=none -v "$work/watched:/data" bb sh -c "
			i=0; while [ \$i -lt $1 ]; do : > /data/$name/\$i; i=\$((i + 1)); [ \$((i % 400)) != 0 ] || sleep 0.4; done" > "$work/$name.log" 2>&1 &
		touchers+=($!)
	done
}

# What is not stored lies within the span of a loss; nothing is stored that was not; and it is told of whom it was.
check_stored() {
	local wrong
	am events --db "$work/db" --format json | jq -r '[.id, .container.id // "host", .container.name // "host", .action, .path, (.doubt == null)] | @tsv' > "$work/touches"
	sqlite3 "$work/db" 'SELECT since_msec, until_msec FROM loss' | tr '|' ' ' > "$work/losses"
	find "$work/watched" -type f -printf '%p\t%T@\n' > "$work/made"
	[ "$(wc -l < "$work/made")" = "$1" ] || fail "$(wc -l < "$work/made") files were made"
	wrong=$(awk -F '\t' -v watched="$work/watched/" '
		FILENAME ~ /losses$/ { split($0, loss, " "); since[++n] = loss[1] - 20; until[n] = loss[2] + 20; next }
		FILENAME ~ /touches$/ { if (index($5, watched) == 1 && $4 == "create") { stored[$5] = $3; certain[$5] = $6 } next }
		{ made[$1] = 1; name = substr($1, length(watched) + 1, 1) }
		$1 in stored { if (stored[$1] != "toucher-" name && certain[$1] != "false") print $1 " is told as by " stored[$1]; next }
		{ lost = 0; for (i = 1; i <= n; i++) if ($2 * 1000 >= since[i] && $2 * 1000 <= until[i]) lost = 1; if (!lost) print $1 " is missing without a loss: " $2 }
		END { for (path in stored) if (!(path in made)) print path " was invented" }' "$work/losses" "$work/touches" "$work/made" | head -n 5)
	[ -z "$wrong" ] || fail "$wrong: $(cat "$work/losses" "$work/log")"
}

test_receivers_miss_nothing_whoever_is_killed() {
	need_rsyslog
	need_docker
	trap end_all EXIT
	local total=${CHAOS_TOUCHES:-100000} part n touchers=()
	part=$((total / 8))
	mkdir -p "$work/small" "$work"/watched/{a,b,c,d}
	mount -t tmpfs -o size=64m none "$work/small" || skip "cannot mount a tmpfs"
	start_rsyslog
	start_daemon "-w $work/watched -p wa -k watched"
	start_exporter
	start_touching $((total / 4))
	# The receiver, with what it has not read.
	until_true 60 n_received $part || fail "nothing arrives: $(cat "$work/exporter.log" "$work/log" "$work"/?.log; ls "$work/watched/a" | wc -l; am status --db "$work/db")"
	kill -KILL "$receiver"
	sleep 2
	start_rsyslog
	# The daemon, with what it has not committed, what is in its socket, and what happens while none runs.
	until_true 60 n_received $((2 * part)) || fail "nothing arrives any more: $(cat "$work/exporter.log")"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || true
	sleep 0.5
	start_daemon_with "$work/test.rules"
	# The exporter.
	until_true 60 n_received $((3 * part)) || fail "nothing arrives after the daemon's end: $(cat "$work/exporter.log" "$work/log")"
	kill -KILL "$exporter"
	start_exporter
	# The receiver's disk: it takes nothing for some seconds, and the exporter waits.
	until_true 60 n_received $((4 * part)) || fail "nothing arrives after the exporter's end: $(cat "$work/exporter.log")"
	dd if=/dev/zero of="$work/small/filler" bs=64k 2>/dev/null || true
	sleep 4
	kill -KILL "$receiver"
	rm -f "$work/small/filler"
	start_rsyslog
	wait "${touchers[@]}" || fail "the containers failed: $(cat "$work"/?.log)"
	stop_daemon_well
	check_stored "$total"
	until_true 120 n_received "$(wc -l < "$work/touches")" || fail "$(ids_received | sort -u | wc -l) of $(wc -l < "$work/touches") arrived: $(cat "$work/exporter.log")"
	n=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$exporter/status")
	[ "$n" -lt 32768 ] || fail "the exporter took $n KiB"
	kill -TERM "$exporter"
	wait "$exporter" || fail "the exporter ended with $?: $(cat "$work/exporter.log")"
	cut -f 1 "$work/touches" | sort > "$work/stored"
	ids_received | sort -u > "$work/received"
	cmp -s "$work/stored" "$work/received" || fail "not each arrived: $(diff "$work/stored" "$work/received" | head -n 5)"
	n=$(check_order)
	[ -z "$n" ] || fail "$n"
	echo "$(ids_received | wc -l) messages for $(wc -l < "$work/stored") touches of $total; the others lie within losses: $(cat "$work/losses" | tr '\n' ';')" > "$work/report"
}
