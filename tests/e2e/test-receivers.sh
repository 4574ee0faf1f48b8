# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Real syslog receivers take what export sends, and parse every field back.

port=5601

need_rsyslog() {
	command -v rsyslogd >/dev/null || skip "no rsyslogd"
}

# A certificate authority and a certificate for localhost in $work.
make_certificates() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-authority \
		-keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
		-keyout "$work/receiver.key" -out "$work/receiver.csr" 2>/dev/null
	printf 'subjectAltName=DNS:localhost\n' > "$work/extensions"
	openssl x509 -req -days 2 -in "$work/receiver.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
		-extfile "$work/extensions" -out "$work/receiver.pem" 2>/dev/null
}

start_rsyslog() {
	local offset
	[ -f "$work/ca.pem" ] || make_certificates
	sed "s|@WORK@|$work|g; s|@HERE@|$here|; s|@PORT@|$port|; s|@PORT1@|$((port + 1))|; s|@PORT2@|$((port + 2))|; s|@PORT3@|$((port + 3))|" \
		"$here/receivers/rsyslog.conf" > "$work/rsyslog.conf"
	mkdir -p "$work/small"
	rm -f "$work/rsyslog.pid"
	rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" >> "$work/rsyslog.log" 2>&1 &
	receiver=$!
	for offset in 0 1 3; do
		until_true 20 eval "exec 7<>/dev/tcp/127.0.0.1/$((port + offset))" || fail "rsyslog does not listen: $(cat "$work/rsyslog.log")"
	done
}

# start_syslog_ng [CONFIGURATION]
start_syslog_ng() {
	local beside=/usr/local/lib/auditmon-test/syslog-ng program=/usr/sbin/syslog-ng modules=()
	if [ ! -x $program ]; then
		program=$beside/usr/sbin/syslog-ng
		[ -x $program ] || skip "no syslog-ng"
		modules=("--module-path=$(echo $beside/usr/lib/syslog-ng/[0-9]*)")
		export LD_LIBRARY_PATH=$beside/usr/lib/syslog-ng:$(echo $beside/usr/lib/*-linux-gnu)
	fi
	[ $# = 1 ] || sed "s|@WORK@|$work|g; s|@PORT@|$port|" "$here/receivers/syslog-ng.conf" > "$work/syslog-ng.conf"
	"$program" "${modules[@]}" --no-caps -F -f "$work/syslog-ng.conf" -p "$work/syslog-ng.pid" -c "$work/syslog-ng.ctl" \
		-R "$work/syslog-ng.persist" > "$work/syslog-ng.log" 2>&1 &
	receiver=$!
	until_true 20 eval "exec 7<>/dev/tcp/127.0.0.1/$port" || fail "syslog-ng does not listen: $(cat "$work/syslog-ng.log")"
}

end_all() {
	kill -KILL ${receiver:-} ${exporter:-} ${daemon:-} 2>/dev/null || true
	umount -l "$work/small" 2>/dev/null || true
}

# expected FORMAT < documents as exported, or events, to what a receiver's output is compared with
same() {
	local what=$1 got=$2 expected=$3
	cmp -s "$got" "$expected" || fail "$what: received is not what was stored: $(diff "$got" "$expected" | cut -c1-300 | head -n 4)"
}

flat() {
	jq -n -c -S --arg from "$1" -f "$here/receivers/flat.jq"
}

# LEEF's attributes as an object; rsyslog has no parser for them.
leef_attributes() {
	jq -c '.msg | split("|")[6:] | join("|") | split("^") |
		map(split("=") | { key: .[0], value: (.[1:] | join("=")) }) | from_entries' "$1"
}

# CEF's extensions as an object; syslog-ng has no parser for them. A '=' of a value has a backslash before it.
cef_extensions() {
	jq -c '(.msg | split("|")[7:] | join("|") | split("=")) |
		reduce .[1:][] as $part ([.[0]]; if .[-1] | endswith("\\") then .[-1] += "=" + $part else . + [$part] end) |
		. as $parts | [range(1; length) | {
			key: ($parts[. - 1] | split(" ") | .[-1]),
			value: (if . == ($parts | length) - 1 then $parts[.] else $parts[.] | split(" ") | .[:-1] | join(" ") end |
				split("\\\\") | map(split("\\=") | join("=")) | join("\\")) }] | from_entries' "$1"
}

# Each format over --to $1: everything comes, and is parsed into what is stored.
check_every_format() {
	local to=$1 format parse_cef=${parse_cef:-cat} n
	shift
	am events --db "$work/db" --format json | flat events > "$work/events"
	n=$(wc -l < "$work/events")
	[ "$n" -gt 0 ] || fail "nothing to send"
	for format in ${formats:-json ocsf ecs cef leef syslog}; do
		: > "$work/json" > "$work/cef" > "$work/leef" > "$work/sd"
		am export --db "$work/db" --format $format --to "$to" "$@" || fail "$format to $to: status $?"
		until_true 60 eval "[ \$(cat $work/json $work/cef $work/leef $work/sd 2>/dev/null | wc -l) -ge $n ]" || true
		sleep 0.3
		case $format in
		json | ocsf | ecs)
			jq -c -S "${expect_json:-.}" "$work/json" > "$work/got"
			am export --db "$work/db" --format $format | jq -c -S "${expect_json:-.}" > "$work/expected"
			same "$format to $to" "$work/got" "$work/expected"
			;;
		cef) $parse_cef "$work/cef" | flat cef > "$work/got" ;;
		leef) leef_attributes "$work/leef" | flat leef > "$work/got" ;;
		syslog) flat syslog < "$work/sd" > "$work/got" ;;
		esac
		case $format in
		cef | leef | syslog) same "$format to $to" "$work/got" "$work/events" ;;
		esac
	done
}

test_receivers_rsyslog_parses_every_field_of_ten_thousand_back() {
	need_rsyslog
	trap end_all EXIT
	"$build/tests/fill" "$work/db" 0 10000
	start_rsyslog
	check_every_format "tcp:127.0.0.1:$port"
}

test_receivers_syslog_ng_parses_every_field_of_ten_thousand_back() {
	trap end_all EXIT
	local parse_cef=cef_extensions expect_json
	# Its lists turn some control characters within into \xNN and leave others: in lists both count as the same.
	expect_json='def text: if test("[\\u0000-\\u001f]") then explode | map(if . < 32 then 92, 120, ("0123456789abcdef" | explode)[(. / 16 | floor), . % 16] else . end) | implode else . end;
		def lists: if type == "object" then map_values(lists) elif type == "array" and all(type == "string") then map(text) else . end; lists'
	"$build/tests/fill" "$work/db" 0 10000
	start_syslog_ng
	check_every_format "tcp:127.0.0.1:$port"
}

test_receivers_rsyslog_takes_every_transport() {
	need_rsyslog
	trap end_all EXIT
	"$build/tests/fill" "$work/db" 0 300
	start_rsyslog
	local formats='json syslog'
	check_every_format "tls:localhost:$((port + 1))" --tls-ca "$work/ca.pem"
	check_every_format "unix:$work/socket"
	# A datagram of UDP holds 65,507 bytes: those of this length stay below.
	rm -f "$work"/db*
	FILL_SHORT=1 "$build/tests/fill" "$work/db" 0 300
	check_every_format "udp:127.0.0.1:$((port + 2))"
}

test_receivers_tls_trusts_only_whom_it_is_told_to() {
	need_rsyslog
	trap end_all EXIT
	local status
	"$build/tests/fill" "$work/db" 0 10
	start_rsyslog
	refuses() {
		status=0
		am export --db "$work/db" --to "$@" 2> "$work/why" || status=$?
		[ "$status" = 3 ] || fail "$*: status $status"
		[ ! -s "$work/json" ] || fail "$*: something was sent"
	}
	refuses "tls:localhost:$((port + 1))"
	grep -qi 'not trusted' "$work/why" || fail "$(cat "$work/why")"
	refuses "tls:127.0.0.1:$((port + 1))" --tls-ca "$work/ca.pem"
	grep -q 'name in the certificate does not match' "$work/why" || fail "$(cat "$work/why")"
}

# The examples that are shipped, with other paths and ports.
test_receivers_examples_for_rsyslog_and_syslog_ng_work() {
	need_rsyslog
	trap end_all EXIT
	local examples=$here/../../contrib/siem
	"$build/tests/fill" "$work/db" 0 200
	am events --db "$work/db" --format json > "$work/events"
	make_certificates
	sed "s|/etc/rsyslog.d/|$work/|; s|/var/log/|$work/|; s|port=\"6514\"|address=\"127.0.0.1\" port=\"$port\"|; s|^global(|global(workDirectory=\"$work\" |" \
		"$examples/rsyslog.conf" > "$work/rsyslog.conf"
	rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" > "$work/rsyslog.log" 2>&1 &
	receiver=$!
	until_true 20 eval "exec 7<>/dev/tcp/127.0.0.1/$port" || fail "rsyslog does not listen: $(cat "$work/rsyslog.log")"
	am export --db "$work/db" --format json --to "tls:localhost:$port" --tls-ca "$work/ca.pem" || fail "not sent: $(cat "$work/rsyslog.log")"
	until_true 10 eval "[ \$(wc -l < '$work/auditmon-touches.log') -ge 200 ]" || true
	jq -r '"\(.id) \(.severity)"' "$work/events" > "$work/expected"
	grep '^[0-9]*\.[0-9]*:' "$work/auditmon-touches.log" | cut -d ' ' -f 1,2 | diff - "$work/expected" >&2 || fail "rsyslog: not what was stored"
	kill -KILL "$receiver"
	sed "s|/var/log/|$work/|; s|transport(\"tcp\")|ip(127.0.0.1) &|; s|port(601)|port($port)|" "$examples/syslog-ng.conf" > "$work/syslog-ng.conf"
	start_syslog_ng as-it-is
	am export --db "$work/db" --format syslog --to "tcp:127.0.0.1:$port" || fail "not sent: $(cat "$work/syslog-ng.log")"
	until_true 10 eval "[ \$(wc -l < '$work/auditmon.json') -ge 200 ]" || true
	jq -r .id "$work/auditmon.json" > "$work/got"
	jq -r .id "$work/events" | diff - "$work/got" >&2 || fail "syslog-ng: not what was stored"
}
