# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What leaves for a SIEM: documents that the published schemas admit. Needs no kernel and no engine: tests/fill makes the touches.

# fill FIRST COUNT [PER-SECOND] into $work/db
fill() {
	"$build/tests/fill" "$work/db" "$@"
}

export_as() {
	local format=$1
	shift
	am export --db "$work/db" --format "$format" "$@"
}

test_export_in_ocsf_is_what_the_schema_admits() {
	local schema=${AUDITMON_TEST_DATA:-/nonexistent}/schemas/ocsf-1.5.0.json wrong
	[ -f "$schema" ] || skip "no OCSF schema: AUDITMON_TEST_DATA is not set, or has no schemas/ocsf-1.5.0.json"
	check_ocsf() {
		jq -n -r --slurpfile schema "$schema" -f "$here/../schema/ocsf.jq" "$1" | sort | uniq -c | head -n 10
	}
	fill 0 1200
	export_as ocsf > "$work/documents"
	[ "$(jq -s 'map(.class_uid) | unique' -c "$work/documents")" = '[1001,2004]' ] || fail "not both classes"
	jq -r 'select(.class_uid == 2004) | .finding_info.related_events[].uid' "$work/documents" > "$work/findings"
	am events --flagged --db "$work/db" --format json | jq -r .id | diff - "$work/findings" >&2 || fail "not each flagged touch is a finding"
	wrong=$(check_ocsf "$work/documents")
	[ -z "$wrong" ] || fail "$wrong"
	# And the checker finds what is wrong.
	for change in 'del(.metadata.version)' '.severity_id = 77' '.time = "now"' '.device |= {type_id: 0}' '.unknown = 1' \
		'.type_uid += 1' '.metadata.profiles = []' '.finding_info? |= (. // {})' '.severity = "Fatal"' '.status_code = null'; do
		head -n 1 "$work/documents" | jq -c "$change" > "$work/changed"
		[ -n "$(check_ocsf "$work/changed")" ] || fail "the checker admits $change"
	done
}

test_export_in_ecs_is_what_the_schema_admits() {
	local schema=${AUDITMON_TEST_DATA:-/nonexistent}/schemas/ecs_flat.yml wrong
	[ -f "$schema" ] || skip "no ECS fields: AUDITMON_TEST_DATA is not set, or has no schemas/ecs_flat.yml"
	check_ecs() {
		jq -n -r --slurpfile fields "$work/fields" -f "$here/../schema/ecs.jq" "$1" | sort | uniq -c | head -n 10
	}
	awk -f "$here/../schema/ecs-fields.awk" "$schema" > "$work/fields"
	[ "$(wc -l < "$work/fields")" -gt 1000 ] || fail "the schema could not be read"
	fill 0 4000
	export_as ecs > "$work/documents"
	wrong=$(check_ecs "$work/documents")
	[ -z "$wrong" ] || fail "$wrong"
	for change in '.event.kind = "odd"' '.process.pid = "1"' '.tags = "x"' '.event.type = ["deletion", "start"]' '.odd.field = 1' \
		'del(.["@timestamp"])' '.event.action = null' '.container.security_context.privileged = "yes"'; do
		head -n 1 "$work/documents" | jq -c "$change" > "$work/changed"
		[ -n "$(check_ecs "$work/changed")" ] || fail "the checker admits $change"
	done
}

test_export_tells_what_events_tells() {
	local format
	fill 0 3000
	am events --db "$work/db" --format json > "$work/events"
	export_as json | cmp - "$work/events" || fail "export --format json is not events --format json"
	for format in ocsf ecs cef leef syslog; do
		export_as "$format" --limit 7 > "$work/few"
		[ "$(sed '/"class_uid":2004/d' "$work/few" | wc -l)" = 7 ] || fail "$format: not 7 of 7"
		status=0
		export_as "$format" --since @1 --until @2 > "$work/none" || status=$?
		[ "$status:$(wc -c < "$work/none")" = 1:0 ] || fail "$format: of nothing, status $status"
	done
	# One document, one line, and nothing that moves a terminal.
	for format in json ocsf ecs cef leef syslog; do
		export_as "$format" > "$work/all"
		LC_ALL=C tr -d '\11\12\40-\176\200-\377' < "$work/all" | cmp -s - /dev/null || fail "$format: control characters"
		[ "$(wc -l < "$work/all")" = "$(export_as "$format" | wc -l)" ] || fail "$format: not the same twice"
	done
	status=0
	export_as xml 2>/dev/null || status=$?
	[ "$status" = 2 ] || fail "an unknown format gives status $status"
}

# The examples for Elastic and Splunk, as far as that can be told without either: they parse, and speak of fields that are there.
test_export_examples_fit_what_is_exported() {
	local examples=$here/../../contrib/siem prefix
	fill 0 200
	export_as ecs > "$work/documents"
	jq -e '[.processors[] | keys[0]] == ["json", "set", "remove"]' "$examples/elastic-pipeline.json" >/dev/null || fail "no pipeline"
	jq -r '.processors[].set.copy_from // empty | split(".") | tojson' "$examples/elastic-pipeline.json" > "$work/fields"
	jq -e --slurpfile fields "$work/fields" 'all($fields[] as $field | getpath($field); type == "string") and (has("message") | not)' "$work/documents" > "$work/each" ||
		fail "the pipeline copies what is not there"
	grep -v '^#\|^\[.*\]$\|^[A-Z_]* = ' "$examples/splunk-props.conf" && fail "no props.conf"
	prefix=$(sed -n 's/^TIME_PREFIX = //p' "$examples/splunk-props.conf")
	[ -n "$prefix" ] || fail "no TIME_PREFIX"
	export_as json > "$work/documents"
	# What stands behind the first match is the touch's own time, in the format that is named.
	[ "$(grep -c "^{${prefix}[0-9-]*T[0-9:]*\.[0-9]\{3\}Z\"" "$work/documents")" = 200 ] || fail "the time is not where Splunk is told to look"
	[ "$(sed -n 's/^TIME_FORMAT = //p' "$examples/splunk-props.conf")" = '%Y-%m-%dT%H:%M:%S.%3NZ' ] || fail "another TIME_FORMAT"
}

test_export_as_a_service_is_confined() {
	local unit=$here/../../contrib/siem/auditmon-export.service
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	systemd-analyze security --offline=true --threshold=25 "$unit" > "$work/security" 2>&1 || fail "$(tail -n 3 "$work/security")"
}

# The unit as it is shipped, under a real service manager: its system calls, capabilities and address families. What hides our places, and
# what mounts a /proc or /dev of its own, which a manager that is not process 1 cannot do everywhere, is left out.
test_export_as_a_service_sends_from_its_sandbox() {
	need_rsyslog
	local units
	fill 0 300
	start_rsyslog
	start_manager
	trap 'in_manager stop auditmon-export.service >/dev/null 2>&1 || true; stop_manager; end_all' EXIT
	units=$work/manager/config/systemd/user
	mkdir "$units/auditmon-export.service.d" "$work/lib"
	mv "$work"/db* "$work/lib/"
	cp "$here/../../contrib/siem/auditmon-export.service" "$units/"
	printf '%s\n' '[Service]' 'ExecStart=' "ExecStart=$auditmon export --follow --format json --db $work/lib/db --to tcp:127.0.0.1:$port" \
		'ReadWritePaths=' "ReadWritePaths=$work/lib" 'PrivateTmp=no' 'ProcSubset=all' 'ProtectProc=default' 'ProtectHome=no' 'PrivateDevices=no' 'ProtectKernelTunables=no' 'ProtectControlGroups=no' 'ProtectKernelModules=no' 'ProtectKernelLogs=no' "StandardError=append:$work/log" > "$units/auditmon-export.service.d/test.conf"
	in_manager daemon-reload
	in_manager start auditmon-export.service || fail "not started: $(in_manager status --no-pager auditmon-export.service; cat "$work/log")"
	until_true 20 eval "[ \$(wc -l < '$work/json') = 300 ]" || fail "$(wc -l < "$work/json") arrived: $(cat "$work/log")"
	in_manager stop auditmon-export.service || fail "not stopped: $(cat "$work/log")"
	[ "$(in_manager show --value -p Result auditmon-export.service)" = success ] || fail "$(in_manager status --no-pager auditmon-export.service; cat "$work/log")"
	am status --db "$work/lib/db" --format json | jq -e '.exports[0] | .behind == 0 and .error == null' >/dev/null || fail "$(am status --db "$work/lib/db")"
}

# Touches of long ago, and a daemon that is to keep an hour: they go, but not before a destination has them, and each answer says so.
test_export_of_what_the_retention_deletes() {
	local n
	fill 0 3000
	am export --db "$work/db" --cursor nightly --limit 1 2>/dev/null && fail "--cursor takes --limit"
	am export --db "$work/db" --cursor nightly --since @1 --until @2 > "$work/none" || true
	am export --db "$work/db" --cursor never-again > "$work/all"
	sqlite3 "$work/db" "UPDATE cursor SET arrival = 0, time_msec = 0, serial = 0, node = 0, item = 0 WHERE name = 'never-again'"
	echo 'retention = 1h' > "$work/conf"
	daemon_options=(--config "$work/conf")
	touch "$work/f"
	start_daemon "-w $work/f -p wa -k f"
	sleep 7
	[ "$(sqlite3 "$work/db" 'SELECT touches FROM total')" -ge 3000 ] || fail "something was deleted that a destination lacks"
	stop_daemon_well
	am export --db "$work/db" --cursor never-again --forget || fail "not forgotten"
	start_daemon "-w $work/f -p wa -k f"
	: >> "$work/f"
	until_true 20 eval "[ \$(sqlite3 '$work/db' 'SELECT touches FROM total') = 1 ]" || fail "$(sqlite3 "$work/db" 'SELECT touches FROM total') are left"
	stop_daemon_well
	[ "$(sqlite3 "$work/db" 'SELECT count(*) FROM process')" -lt 10 ] || fail "what no touch has any more is still there"
	am who-touched "$work/f" --db "$work/db" > "$work/answer"
	grep -q '3000 touches deleted by the retention$' "$work/answer" || fail "the answer does not say so: $(cat "$work/answer")"
	am export --db "$work/db" --cursor nightly > "$work/new" 2> "$work/err"
	[ "$(wc -l < "$work/new")" = 1 ] && [ ! -s "$work/err" ] || fail "not what is new: $(wc -l < "$work/new"): $(cat "$work/err")"
	sqlite3 "$work/db" 'PRAGMA integrity_check' | grep -qx ok || fail "the database is damaged"
}
