# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Alerts in a real journal: every field as it is in the database, nothing twice, nothing that loops, no waiting.

. "$here/journald.sh"

# What the database has, under the journal's names. An argument list is JSON in both; a field that is not known is not there.
as_journal() {
	sqlite3 "$work/db" -json "SELECT * FROM touch WHERE flag_bits <> 0 AND suppressed IS NULL ORDER BY time_msec, serial, item" |
		jq -cS '.[] | {AUDITMON_SERIAL: .serial, AUDITMON_ITEM_: .item, AUDITMON_TIME: .time, AUDITMON_NODE: .node, AUDITMON_PATH: .path,
			AUDITMON_PATH_SEEN: .path_seen, AUDITMON_PATH_BY: .path_by, AUDITMON_ACTION: .action, AUDITMON_SUCCESS: (.success == 1), AUDITMON_SYSCALL: .syscall,
			AUDITMON_WATCH: .watch, AUDITMON_PID: .pid, AUDITMON_PPID: .ppid, AUDITMON_COMM: .comm, AUDITMON_EXE: .exe, AUDITMON_ARGV: .argv, AUDITMON_UID: .uid,
			AUDITMON_USER: .user, AUDITMON_AUID: .auid, AUDITMON_LOGIN: .login, AUDITMON_SESSION: .session, AUDITMON_CONTAINER_ID: .container_id,
			AUDITMON_CONTAINER_NAME: .container_name, AUDITMON_CONTAINER_RUNTIME: .container_runtime, AUDITMON_CONTAINER_IMAGE: .container_image,
			AUDITMON_CONTAINER_ENTRY: .container_entry, AUDITMON_CONTAINER_ATTRIBUTED_BY: .container_attributed_by, AUDITMON_SEVERITY: .severity,
			AUDITMON_LAUNCHER_LOGIN: .launcher_login, AUDITMON_LAUNCHER_CONFIDENCE: .launcher_confidence, AUDITMON_DOUBT: .doubt, AUDITMON_FLAGS: .flags}
			| del(.AUDITMON_ITEM_) | with_entries(select(.value != null) | .value |= if type == "string" then . else tostring end)'
}

# The same fields of the journal; bytes that are no UTF-8 come as numbers.
as_stored() {
	journal -t auditmon | jq -cS --argjson names "$(as_journal | jq -cs 'map(keys) | add | unique')" \
		'with_entries(select(.key as $key | $names | index($key)) | .value |= if type == "array" then implode else . end)'
}

test_every_alert_is_in_the_journal_with_all_its_fields() {
	need_docker
	local long
	long=$(printf 'long%.0s' $(seq 60))
	mkdir "$work/dir"
	start_journald
	start_daemon "-w $work/dir -p wa -k dir"
	in_docker run --rm --name plain --network=none --privileged -v "$work:/data" bb sh -c 'echo x >> /data/dir/f'
	in_docker run --rm --name "hostile" --network=none -v "$work:/data" -e "LONG=$long" bb sh -c '
		touch "/data/dir/new
line" "/data/dir/PRIORITY=0" "/data/dir/$(printf "esc\033[31m\"|=")" "/data/dir/ space "
		cd /data/dir; for i in 1 2 3 4 5 6 7; do mkdir $LONG; cd $LONG; done; echo x > f; chmod 600 f'
	in_docker run --rm --name failing --network=none -u 1000 -v "$work:/data" bb sh -c 'rm /data/dir/f; rmdir /data/dir/none' || true
	: >> "$work/dir/f" # by the host: not flagged
	until_true 10 eval "[ \$(journal -t auditmon | wc -l) -ge \$(sqlite3 '$work/db' 'SELECT count(*) FROM touch WHERE flag_bits <> 0') ] && [ \$(sqlite3 '$work/db' 'SELECT count(*) FROM touch') -gt 15 ]" || true
	stop_daemon_well
	stop_journald
	as_journal > "$work/stored"
	as_stored > "$work/sent"
	[ "$(wc -l < "$work/stored")" -gt 12 ] || fail "only $(wc -l < "$work/stored") alerts are stored"
	diff "$work/stored" "$work/sent" >&2 || fail "the journal differs from the database"
	journal -t auditmon > "$work/json"
	check_each "$work/json" '.SYSLOG_IDENTIFIER == "auditmon" and .MESSAGE_ID and .PRIORITY and (.MESSAGE | type == "string") and (._EXE | test("auditmon$"))'
	jq -c 'select(.AUDITMON_CONTAINER_NAME == "plain")' "$work/json" > "$work/plain"
	check_each "$work/plain" '.PRIORITY == "2" and (.AUDITMON_FLAG | sort) == ["daemon-spawned","host-write","privileged"]'
	jq -c 'select(.AUDITMON_SUCCESS == "false")' "$work/json" > "$work/failed"
	check_each "$work/failed" '.ERRNO and .AUDITMON_ERRNO'
	no_losses
}

test_the_catalog_explains_an_alert() {
	local id
	sed -n 's/^-- //p' "$here/../../contrib/catalog/auditmon.catalog" > "$work/ids"
	mkdir "$work/root"
	journalctl --help >/dev/null 2>&1 || skip "no journalctl here"
	mkdir -p "$work/root/usr/lib/systemd/catalog" "$work/root/var/lib/systemd/catalog"
	cp "$here/../../contrib/catalog/auditmon.catalog" "$work/root/usr/lib/systemd/catalog/"
	journalctl --root "$work/root" --update-catalog 2> "$work/err" || fail "$(cat "$work/err")"
	[ "$(journalctl --root "$work/root" --list-catalog 2>/dev/null | wc -l)" = "$(wc -l < "$work/ids")" ] || fail "$(journalctl --root "$work/root" --list-catalog)"
}

test_a_rule_for_every_datagram_makes_no_loop() {
	need_docker
	touch "$work/f"
	start_journald
	start_daemon "-w $work/f -p wa -k f" "-a always,exit -F arch=b64 -S sendmsg,sendto,connect -F path=$work/journald/socket -k datagrams" \
		"-a always,exit -F arch=b64 -S sendmsg -F exe=$auditmon -k own"
	in_docker run --rm --name once --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	until_true 10 eval "journal -t auditmon | grep -q once" || fail "no entry"
	sleep 2
	stop_daemon_well
	stop_journald
	[ "$(journal -t auditmon | wc -l)" = 1 ] || fail "$(journal -t auditmon | wc -l) entries"
}

test_a_journald_that_hangs_is_not_waited_for() {
	need_docker
	local begin
	touch "$work/f"
	start_journald
	start_daemon "-w $work/f -p wa -k f"
	kill -STOP "$journald"
	in_docker run --rm --name many --network=none -v "$work:/data" bb sh -c 'for i in $(seq 3000); do : >> /data/f; done'
	until_true 20 eval "[ \$(sqlite3 '$work/db' \"SELECT count(*) FROM touch WHERE watch = 'f'\") = 3000 ]" ||
		fail "stored $(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE watch = 'f'") of 3000"
	begin=$SECONDS
	stop_daemon_well
	[ $((SECONDS - begin)) -lt 8 ] || fail "the stop took $((SECONDS - begin)) s"
	grep -q 'journal: .* alerts were not taken' "$work/log" || fail "$(cat "$work/log")"
	kill -CONT "$journald"
	stop_journald
	no_losses
}

test_the_journal_can_be_switched_off() {
	need_docker
	touch "$work/f"
	echo 'journal = no' > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_journald
	start_daemon "-w $work/f -p wa -k f"
	in_docker run --rm --name silent --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	stop_daemon_well
	[ "$(sqlite3 "$work/db" "SELECT count(*) FROM touch WHERE flag_bits <> 0")" = 1 ] || fail "not recorded"
	stop_journald
	[ -z "$(journal -t auditmon 2>/dev/null)" ] || fail "$(journal -t auditmon)"
}

# At once, and once more with the digests when the file is at rest: to the journal, and to who follows.
test_what_decides_about_trust_is_told_at_once_and_with_its_digests() {
	local before after id
	echo old > "$work/policy.json"
	before=$(sha256sum < "$work/policy.json" | cut -d ' ' -f 1)
	start_journald
	start_daemon "-w $work/policy.json -p wa -k trust"
	"$auditmon" export --follow --db "$work/db" > "$work/followed" 2> "$work/exporter.log" &
	exporter=$!
	others+=("$exporter")
	echo new > "$work/policy.json"
	after=$(sha256sum < "$work/policy.json" | cut -d ' ' -f 1)
	until_true 3 eval "[ \$(wc -l < '$work/followed') = 1 ]" || fail "not exported at once: $(cat "$work/followed" "$work/exporter.log")"
	jq -e '.digest_after == null' "$work/followed" > "$work/first" || fail "known before the file was at rest: $(cat "$work/followed")"
	until_true 15 eval "[ \$(wc -l < '$work/followed') = 2 ]" || fail "not exported again: $(cat "$work/followed")"
	until_true 5 eval "[ \$(journal -t auditmon | wc -l) = 2 ]" || true
	stop_daemon_well
	kill "$exporter"
	stop_journald
	id=$(head -n 1 "$work/followed" | jq -r .id)
	tail -n 1 "$work/followed" > "$work/last"
	check_each "$work/last" ".id == \"$id\" and .digest_before == \"$before\" and .digest_after == \"$after\""
	journal -t auditmon > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" ".AUDITMON_ID == \"$id\" and .AUDITMON_DIGEST_BEFORE == \"$before\""
	tail -n 1 "$work/json" > "$work/last"
	check_each "$work/last" ".MESSAGE_ID == \"907180a48c804045bf6c42dceb1a2224\" and .AUDITMON_DIGEST_AFTER == \"$after\""
}
