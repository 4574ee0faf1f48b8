# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The flags on the real kernel with real engines: each one raised, and not raised.

# flags_of PATH [jq-SELECT] : the flags of its touches, one line each.
flags_of() {
	touches "$1" | jq -r "select(${2:-true}) | .flags | join(\",\")"
}

test_a_container_that_opens_a_block_device_is_a_raw_device() {
	need_docker
	local loop
	truncate -s 1M "$work/disk"
	loop=$(losetup -f --show "$work/disk") || skip "no loop device here"
	touch "$work/plain"
	start_daemon "-a always,exit -F arch=b64 -S open,openat,openat2,mknod,mknodat -F filetype=block -k block" "-w $work/plain -p wa -k plain"
	in_docker run --rm --name writer --privileged --network=none bb sh -c "echo x > $loop; head -c 1 $loop" > "$work/out" || true
	in_docker run --rm --name reader --privileged --network=none -v "$work:/data" bb sh -c "head -c 1 $loop; echo x >> /data/plain" > "$work/out" || true
	echo host > "$loop"
	stop_daemon_well
	losetup -d "$loop"
	am events --db "$work/db" --format json > "$work/json"
	jq -c 'select(.container.name == "writer" and .action == "write" and .watch == "block")' "$work/json" > "$work/writes"
	check_each "$work/writes" '(.flags | index("raw-device")) and .severity == "critical"'
	jq -c 'select((.container.name == "reader" or .container == null or .action != "write"))' "$work/json" > "$work/others"
	check_each "$work/others" '.flags | index("raw-device") | not'
	jq -c 'select(.container.name == "reader" and .watch == "plain")' "$work/json" > "$work/plain.json"
	check_each "$work/plain.json" '.flags | index("host-write")'
	no_losses
}

test_a_change_of_image_trust_is_told_whoever_makes_it() {
	need_docker
	mkdir -p "$work/keys"
	echo '{}' > "$work/policy.json"
	echo "trust-path = $work/policy.json" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $work/policy.json -p rwa -k plain" "-w $work/keys -p wa -k trust"
	cat "$work/policy.json" >/dev/null
	echo '{"default":[]}' > "$work/policy.json"
	in_docker run --rm --network=none -v "$work:/data" bb sh -c 'echo key > /data/keys/new.gpg'
	stop_daemon_well
	flags_of "$work/policy.json" '.action == "write"' | grep -qx trust-change || fail "$(touches "$work/policy.json")"
	flags_of "$work/policy.json" '.action == "read"' | grep -q . && fail "a read is flagged: $(touches "$work/policy.json")"
	touches "$work/keys/new.gpg" > "$work/json"
	check_each "$work/json" '(.flags | index("trust-change")) and .severity == "critical"'
	no_losses
}

test_a_secret_is_for_its_readers() {
	need_docker
	echo secret > "$work/key"
	cp "$(command -v cat)" "$work/engine"
	printf '%s\n' "secret-reader = exe=$work/engine uid=0 path=$work/*" "secret-reader = exe=/bin/busybox container=allowed" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $work/key -p r -k secrets"
	"$work/engine" "$work/key" >/dev/null
	cat "$work/key" >/dev/null
	ls -lZ "$work/key" >/dev/null
	in_docker run --rm --name allowed --network=none -v "$work:/data" bb cat /data/key >/dev/null
	in_docker run --rm --name thief --network=none -v "$work:/data" bb cat /data/key >/dev/null
	stop_daemon_well
	touches "$work/key" > "$work/json"
	jq -c 'select(.flags | index("secret-read"))' "$work/json" > "$work/told"
	check_count "$work/told" 2
	jq -c 'select(.container == null)' "$work/told" > "$work/host"
	check_each "$work/host" '.process.comm == "cat" and .severity == "warning"'
	jq -c 'select(.container)' "$work/told" > "$work/inside"
	check_each "$work/inside" '.container.name == "thief" and .severity == "critical"'
	jq -c 'select(.container.name == "allowed")' "$work/json" > "$work/allowed"
	check_count "$work/allowed" 1
	no_losses
}

test_who_touches_the_log_is_told_but_for_ourselves() {
	need_docker
	mkdir "$work/audit"
	echo record > "$work/audit/audit.log"
	start_daemon "-w $work/audit -p wa -k auditmon" "-w $work/db -p wa -k db" "-w $work/db-wal -p wa -k db"
	echo forged >> "$work/audit/audit.log"
	in_docker run --rm --name forger --network=none -v "$work:/data" bb rm /data/audit/audit.log
	am events --db "$work/db" >/dev/null || true
	: >> "$work/db-wal"
	stop_daemon_well
	touches "$work/audit/audit.log" > "$work/json"
	check_count "$work/json" 2
	check_each "$work/json" '(.flags | index("log-tamper")) and .severity == "critical"'
	touches "$work/db-wal" > "$work/json"
	jq -c 'select(.process.exe | test("auditmon$") | not)' "$work/json" > "$work/others"
	check_each "$work/others" '.flags == ["log-tamper"]'
	jq -c 'select(.process.exe | test("auditmon$"))' "$work/json" > "$work/ours"
	check_each "$work/ours" '.flags == []'
	no_losses
}
