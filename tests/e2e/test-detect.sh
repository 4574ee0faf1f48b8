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
	local before
	mkdir -p "$work/keys"
	echo '{}' > "$work/policy.json"
	before=$(sha256sum < "$work/policy.json" | cut -d ' ' -f 1)
	echo "trust-path = $work/policy.json" > "$work/conf"
	daemon_options=(--config "$work/conf")
	start_daemon "-w $work/policy.json -p rwa -k plain" "-w $work/keys -p wa -k trust"
	cat "$work/policy.json" >/dev/null
	echo '{"default":[]}' > "$work/policy.json"
	in_docker run --rm --network=none -v "$work:/data" bb sh -c 'echo key > /data/keys/new.gpg'
	stop_daemon_well
	touches "$work/policy.json" | jq -c 'select(.action == "write")' > "$work/json"
	check_each "$work/json" ".digest_before == \"$before\" and .digest_after == \"$(sha256sum < "$work/policy.json" | cut -d ' ' -f 1)\""
	touches "$work/keys/new.gpg" > "$work/json"
	check_each "$work/json" ".digest_before == null and .digest_after == \"$(sha256sum < "$work/keys/new.gpg" | cut -d ' ' -f 1)\""
	flags_of "$work/policy.json" '.action == "write"' | grep -qx trust-change || fail "$(touches "$work/policy.json")"
	flags_of "$work/policy.json" '.action == "read"' | grep -q . && fail "a read is flagged: $(touches "$work/policy.json")"
	touches "$work/keys/new.gpg" > "$work/json"
	check_each "$work/json" '(.flags | index("trust-change")) and .severity == "critical"'
	no_losses
}

# digest FILE : as a touch has it, null where there is no file.
digest() {
	if [ -f "$1" ]; then sha256sum < "$1" | cut -d ' ' -f 1; else echo null; fi
}

# Each kind of file that the container books name, changed in each way in which such files are changed.
test_each_kind_of_trust_is_told_with_what_it_was_and_is() {
	local files='policy.json registries.d/default.yaml registries.conf keys/release.gpg daemon.json certs.d/ca.crt apparmor.d/docker-default seccomp.json trust/private/root.key swarm/swarm-root-ca.crt'
	local file change n=0
	mkdir "$work/conf"
	for file in $files; do
		mkdir -p "$(dirname "$work/conf/$file")"
		echo "old $file" > "$work/conf/$file"
	done
	start_daemon "-w $work/conf -p wa -k trust"
	for file in $files; do
		digest "$work/conf/$file" > "$work/before.$n"
		case $((n % 4)) in
		0) echo "new $file" > "$work/conf/$file" ;;
		1) echo "new $file" >> "$work/conf/$file" ;;
		2) echo "new $file" > "$work/conf/$file.tmp"; mv "$work/conf/$file.tmp" "$work/conf/$file" ;;
		3) rm "$work/conf/$file" ;;
		esac
		n=$((n + 1))
	done
	echo added > "$work/conf/registries.d/added.yaml"
	# So long that what is written is at rest: the digests are those of the file, not of the daemon's stop.
	until_true 15 eval "am who-touched '$work/conf/registries.d/added.yaml' --db '$work/db' --format json | jq -e .digest_after" || fail "no digest: $(touches "$work/conf")"
	stop_daemon_well
	n=0
	for file in $files; do
		touches "$work/conf/$file" > "$work/json"
		check_each "$work/json" ".flags == [\"trust-change\"] and (.digest_before // \"null\") == \"$(cat "$work/before.$n")\" and (.digest_after // \"null\") == \"$(digest "$work/conf/$file")\""
		n=$((n + 1))
	done
	touches "$work/conf/registries.d/added.yaml" > "$work/json"
	check_each "$work/json" ".digest_before == null and .digest_after == \"$(digest "$work/conf/registries.d/added.yaml")\""
	no_losses
}

# A rotation of its certificate authority. Join tokens are in the raft log, which dockerd has open: no file tells of them.
test_swarms_certificates_are_trust() {
	need_docker
	local ca=$state/docker/swarm/certificates/swarm-root-ca.crt before
	in_docker swarm init --advertise-addr 127.0.0.1 > "$work/swarm" 2>&1 || skip "no swarm here: $(tail -n 1 "$work/swarm")"
	before=$(digest "$ca")
	start_daemon "-w $state/docker/swarm/certificates -p wa -k trust"
	in_docker swarm ca --rotate --detach > "$work/swarm" 2>&1 || fail "not rotated: $(cat "$work/swarm")"
	until_true 30 eval "[ \"\$(digest '$ca')\" != $before ]" || fail "the authority was not changed"
	until_true 15 eval "am who-touched '$ca' --db '$work/db' --format json | jq -e .digest_after" || fail "no digest: $(touches "$ca")"
	stop_daemon_well
	touches "$ca" > "$work/all"
	jq -c 'select(.digest_after)' "$work/all" > "$work/json"
	check_each "$work/json" '(.flags | index("trust-change")) and (.process.exe | test("dockerd$"))'
	[ "$(head -n 1 "$work/json" | jq -r .digest_before)" = "$before" ] || fail "not what it was: $(cat "$work/json")"
	[ "$(tail -n 1 "$work/json" | jq -r .digest_after)" = "$(digest "$ca")" ] || fail "not what it is: $(cat "$work/json")"
	in_docker swarm leave --force > /dev/null
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

# The engines' own stores, which they read all the time: only who else reads them is told.
test_engines_read_their_own_secrets_without_an_alarm() {
	need_docker
	need_podman
	local secret read_by
	echo secret > "$work/secret"
	mkdir -p "$state/podman/secrets"
	start_daemon "-w $state/docker/swarm -p r -k secrets" "-w $state/podman/secrets -p r -k secrets"
	in_docker swarm init --advertise-addr 127.0.0.1 > "$work/swarm" 2>&1 || skip "no Swarm here: $(tail -n 1 "$work/swarm")"
	in_docker secret create e2e "$work/secret" >/dev/null
	in_docker secret ls >/dev/null
	in_podman secret create e2e "$work/secret" >/dev/null
	[ "$(in_podman run --rm --net=none --secret e2e bb cat /run/secrets/e2e)" = secret ] || fail "the container has no secret"
	in_podman secret inspect e2e >/dev/null
	secret=$(find "$state/podman/secrets" -type f | head -n 1)
	cat "$secret" "$(find "$state/docker/swarm" -name '*.key' | head -n 1)" >/dev/null
	in_docker swarm leave --force >/dev/null
	in_podman secret rm e2e >/dev/null
	stop_daemon_well
	am events --db "$work/db" --action read --format json > "$work/json"
	read_by=$(jq -r .process.comm "$work/json" | sort -u | tr '\n' ' ')
	[[ $read_by == *dockerd* && $read_by == *podman* ]] || fail "no engine has read a secret, only: $read_by"
	jq -c 'select(.flags | index("secret-read"))' "$work/json" > "$work/told"
	check_count "$work/told" 2
	check_each "$work/told" '.process.comm == "cat"'
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

test_suppressed_touches_are_stored_and_marked_and_not_told() {
	need_docker
	mkdir "$work/suppress"
	touch "$work/f" "$work/g"
	echo "suppress-directory = $work/suppress" > "$work/conf"
	printf '%s\n' '[nightly]' 'comment = writes its stamp' 'label = role=backup' "path = $work/f" 'flag = host-write' 'flag = daemon-spawned' \
		'[old]' 'container = *' 'expires = 2020-01-01' > "$work/suppress/a.conf"
	daemon_options=(--config "$work/conf" --show flagged)
	start_daemon "-w $work/f -p wa -k f" "-w $work/g -p wa -k g"
	grep -q "suppression rule 'old' has expired" "$work/log" || fail "$(cat "$work/log")"
	in_docker run --rm --name quiet --label role=backup --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f; echo x >> /data/g'
	in_docker run --rm --name loud --label role=web --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	until_true 10 eval "am events --db '$work/db' --container loud" || fail "not stored"
	printf '%s\n' '[bad]' 'flag = nonsense' > "$work/suppress/b.conf"
	kill -HUP "$daemon"
	until_true 10 grep -q "b.conf:2: 'flag' is no flag; the suppression in force stays" "$work/log" || fail "$(cat "$work/log")"
	printf '%s\n' '[all]' 'container = loud2' > "$work/suppress/b.conf"
	kill -HUP "$daemon"
	until_true 10 grep -q '3 suppression rules' "$work/log" || fail "$(cat "$work/log")"
	in_docker run --rm --name loud2 --network=none -v "$work:/data" bb sh -c 'echo x >> /data/f'
	stop_daemon_well
	[ "$(grep -c "suppression rule 'old'" "$work/log")" -le 3 ] || fail "$(cat "$work/log")"
	touches "$work/f" | jq -c 'select(.container.name == "quiet")' > "$work/json"
	check_each "$work/json" '.suppressed == "nightly: writes its stamp" and .flags == ["host-write","daemon-spawned"]'
	am alerts --db "$work/db" --format json > "$work/json"
	check_each "$work/json" '.suppressed == null'
	[ "$(jq -r '.container.name + " " + .path' "$work/json" | sort | tr '\n' ';')" = "loud $work/f;quiet $work/g;" ] || fail "$(cat "$work/json")"
	am alerts --suppressed --db "$work/db" --format json > "$work/json"
	[ "$(jq -r '.container.name' "$work/json" | sort | tr '\n' ' ')" = 'loud2 quiet ' ] || fail "$(cat "$work/json")"
	[ "$(grep -c . "$work/out")" = 2 ] || fail "shown: $(cat "$work/out")"
	am report --reports "$here/../../reports" --db "$work/db" --format json host-writes | jq -r '"\(.container) \(.path) \(.alerts) \(.suppressed)"' | sort > "$work/report.rows"
	printf '%s\n' "loud $work/f 1 0" "loud2 $work/f 0 1" "quiet $work/f 0 1" "quiet $work/g 1 0" | diff - "$work/report.rows" >&2 || fail "the report counts otherwise"
	no_losses
}

test_a_dockerds_own_seccomp_profile_and_configuration_are_watched() {
	local fake
	mkdir "$work/d"
	mkfifo "$work/fifo"
	echo '{"defaultAction":"SCMP_ACT_ERRNO"}' > "$work/d/profile.json"
	printf '{"seccomp-profile":"%s"}\n' "$work/d/profile.json" > "$work/d/daemon.json"
	bash -c 'exec -a dockerd bash -c "read -r _ < \$0" "$1" "--config-file=$2"' bash "$work/fifo" "$work/d/daemon.json" &
	fake=$!
	until_true 5 grep -q config-file "/proc/$fake/cmdline" || fail "no such process"
	start_daemon "-w $work/none -p wa -k none"
	echo '{}' > "$work/d/profile.json"
	echo '{"debug":true}' > "$work/d/daemon.json"
	stop_daemon_well
	kill "$fake" 2>/dev/null || true
	for name in profile daemon; do
		touches "$work/d/$name.json" > "$work/json"
		check_count "$work/json" 1
		check_each "$work/json" ".flags == [\"trust-change\"] and .watch == \"trust\" and .digest_before != null and .digest_after == \"$(sha256sum < "$work/d/$name.json" | cut -d ' ' -f 1)\""
	done
}

test_content_trust_of_the_client_is_told() {
	need_docker
	touch "$work/f"
	start_launcher_daemon "-w $work/f -p wa -k f"
	in_docker run -d --name trusting --network=none -v "$work:/data" bb sleep 60 >/dev/null
	DOCKER_CONTENT_TRUST=1 as 3001 in_docker exec trusting sh -c 'echo on >> /data/f'
	as 3002 in_docker exec trusting sh -c 'echo off >> /data/f'
	in_docker rm -f trusting >/dev/null
	stop_daemon_well
	touches "$work/f" > "$work/json"
	check_count "$work/json" 2
	[ "$(jq -r '"\(.launcher.auid) \(.launcher.content_trust)"' "$work/json" | tr '\n' ';')" = '3001 on;3002 off;' ] || fail "$(jq -c .launcher "$work/json")"
	am show --db "$work/db" --format json trusting > "$work/container"
	check_each "$work/container" 'has("image_verified") and .image_verified == null'
}
