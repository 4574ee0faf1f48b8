# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Clients that handle their connections as no docker command does, beside an innocent login (3702) that goes on running the very same words:
# no name is ever wrong under certain, and whoever asked is among those that are told.

# Nothing of it tells whose it is: T comes from the environment, or through standard input.
words='echo x >> /data/$T'
words_of_input='read T; echo x >> /data/$T'

new_token() {
	echo "t$(od -An -N5 -tx1 /dev/urandom | tr -d ' ')"
}

# A POST by nobody, to prepare; prints the Id of what it made.
make_by() {
	SOCKET="$state/docker.sock" HEAR='}' REQUEST=$1 BODY=$2 "$work/engine-client" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p'
}

# A request for an entry that was prepared for TOKEN, into $request and $body: prepare TOKEN exec|start.
prepare() {
	local what="\"Env\":[\"T=$1\"],\"Cmd\":[\"sh\",\"-c\",\"$words\"]" id
	if [ "$2" = exec ]; then
		id=$(make_by /containers/shared/exec "{$what}")
		request="POST /exec/$id/start" body='{"Detach":true}'
	else
		id=$(make_by /containers/create "{\"Image\":\"bb\",$what,\"HostConfig\":{\"NetworkMode\":\"none\",\"AutoRemove\":true,\"Binds\":[\"$work/data:/data\"]}}")
		request="POST /containers/$id/start" body=
	fi
	[ -n "$id" ] || fail "nothing was prepared"
}

# One of the innocent login's commands: same_words LOGIN KIND.
same_words() {
	local login=$1 token
	token=$(new_token)
	echo "$token $login same-words-$2" >> "$work/truth.$login"
	case $2 in
	env) T=$token as "$login" in_docker exec -e T shared sh -c "$words" ;;
	detached) T=$token as "$login" in_docker exec -d -e T shared sh -c "$words" ;;
	input) as "$login" in_docker exec -i shared sh -c "$words_of_input" <<< "$token" ;;
	run) T=$token as "$login" in_docker run --rm --network=none -e T -v "$work/data:/data" bb sh -c "$words" ;;
	esac
}

prepare_attack() {
	need_docker
	command -v gcc >/dev/null || skip "no compiler"
	gcc -static -O1 -o "$work/engine-attack" "$here/engine-attack.c" || fail "cannot build the attacker"
	prepare_crowd
}

be_innocent() {
	while [ ! -e "$work/stop" ]; do
		same_words 3702 env
		same_words 3702 run
	done
}

attackers=()

# An attacker in the background, ready to ask: set_up N LOGIN HOW [NAME=VALUE...]; it goes on when $work/go.N is there.
set_up() {
	local n=$1 login=$2 how=$3
	shift 3
	as "$login" env "$@" HOW="$how" SOCKET="$state/docker.sock" REQUEST="${request:-}" BODY="${body:-}" GO="$work/go.$n" PASS="$work/pass.$n" \
		"$work/engine-attack" > "$work/ready.$n" 2>&1 &
	attackers+=($!)
}

is_ready() {
	grep -q ready "$work/ready.$1"
}

# Lets it go on while the innocent login has a command running.
let_go() {
	until_true 10 is_ready "$1" || fail "the attacker is not ready: $(cat "$work/ready.$1")"
	until_true 10 pgrep -f "^docker -H .* -e T .*echo x" || fail "nobody else is there"
	touch "$work/go.$1"
}

# One way, for an exec and for a container's start: attack HOW [NAME=VALUE...]. The file that it makes is the truth.
n_attacks=0
attack() {
	local how=$1 what token
	for what in exec start; do
		n_attacks=$((n_attacks + 1))
		token=$(new_token)
		echo "$token 3701 $how-$what" >> "$work/truth.3701"
		prepare "$token" $what
		set_up $n_attacks 3701 "$@"
		let_go $n_attacks
		until_true 20 test -e "$work/data/$token" || fail "what was asked for $how was not done: $what, $(cat "$work/ready.$n_attacks")"
		rm "$work/go.$n_attacks"
	done
}

# As many touches as there are entries: then all that is known of them is settled.
all_are_recorded() {
	[ "$(am events --db "$work/db" --action create --format json | grep -c "\"$work/data/t")" -ge "$(cat "$work"/truth.* | wc -l)" ]
}

# Runs the attacks of a function beside the innocent, and judges.
attack_beside_an_innocent() {
	prepare_attack
	go_on_beside_an_innocent "$@"
}

go_on_beside_an_innocent() {
	local innocent
	be_innocent &
	innocent=$!
	others+=($innocent)
	"$@"
	touch "$work/stop"
	wait "$innocent" "${attackers[@]}" || true
	until_true 20 all_are_recorded || true
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	am events --db "$work/db" --action create --format json > "$work/json"
	either_is_right
	judge
	! grep -q '^LOST' "$work/verdicts" || fail "lost: $(grep '^LOST' "$work/verdicts" | head -n 3)"
}

attack_late_and_in_pieces() {
	local way
	# One is there all the time, and asks nothing.
	set_up holder 3703 idle
	until_true 10 is_ready holder || fail "it does not hold"
	for way in late in-a-line behind-a-line before-the-body endless; do
		attack $way
		attack $way PING=1 QUICK=1
	done
	touch "$work/go.holder"
}

test_launcher_of_a_request_that_comes_late_or_in_pieces() {
	attack_beside_an_innocent attack_late_and_in_pieces
}

# Behind a request that waits for a container's end: sent with it in one write, or while the engine is at work on it.
attack_behind_another_request() {
	local token what way
	for what in exec start; do
		for way in pipelined behind; do
			n_attacks=$((n_attacks + 1))
			token=$(new_token)
			echo "$token 3701 $way-$what" >> "$work/truth.3701"
			prepare "$token" $what
			# Which dockerd does not read.
			[ $what = exec ] || body=xxxxx
			in_docker run -d --name "first$n_attacks" --network=none bb sleep 3600 >/dev/null
			set_up $n_attacks 3701 $way PING=1 FIRST="POST /containers/first$n_attacks/wait"
			let_go $n_attacks
			# Time in which it would be done, if it did not wait.
			sleep 0.3
			[ ! -e "$work/data/$token" ] || fail "it did not wait: $way, $what"
			in_docker rm -f "first$n_attacks" >/dev/null
			until_true 20 test -e "$work/data/$token" || fail "what was asked for second was not done: $way, $what, $(cat "$work/ready.$n_attacks")"
		done
	done
}

test_launcher_of_a_request_that_waited_behind_another() {
	attack_beside_an_innocent attack_behind_another_request
}

# After more requests than are remembered; among connections of a moment whose numbers go round.
attack_among_many() {
	set_up churner 3704 churn
	until_true 10 is_ready churner || fail "nothing comes and goes"
	attack late PING=40
	attack late PING=1 QUICK=1
	attack late QUICK=1
	attack behind FIRST="GET /_ping" PING=40
	touch "$work/go.churner"
}

test_launcher_of_a_request_among_many() {
	attack_beside_an_innocent attack_among_many
}

# The rules by which the engine's reads are told are gone when the request comes.
attack_without_rules() {
	local what token
	for what in exec start exec start; do
		n_attacks=$((n_attacks + 1))
		token=$(new_token)
		echo "$token 3701 unruled-$what" >> "$work/truth.3701"
		prepare "$token" $what
		set_up $n_attacks 3701 late PING=1 QUICK=1
		until_true 10 is_ready $n_attacks || fail "the attacker is not ready"
		until_true 10 pgrep -f "^docker -H .* -e T .*echo x" || fail "nobody else is there"
		auditctl -D >/dev/null
		touch "$work/go.$n_attacks"
		until_true 20 test -e "$work/data/$token" || fail "what was asked for was not done: $(cat "$work/ready.$n_attacks")"
		until_true 10 eval "auditctl -l | grep -q 'dir=$work/data'" || fail "the rules are not loaded again: $(auditctl -l)"
	done
}

# What was not recorded meanwhile lies in a loss; all else is judged.
test_launcher_of_a_request_while_somebody_removes_the_rules() {
	local innocent missing
	prepare_attack
	be_innocent &
	innocent=$!
	others+=($innocent)
	attack_without_rules
	touch "$work/stop"
	wait "$innocent" "${attackers[@]}" || true
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	weigh_verdicts
	! grep -q '^WRONG certain' "$work/verdicts" || fail "a wrong name under certain"
	missing=$(lost_in_silence)
	[ -z "$missing" ] || fail "missing without a loss: $missing; $(cat "$work/losses")"
}

# dockerd's executable is another file while it runs, as after an upgrade: nothing of its reads is told any more.
replace_and_attack() {
	attack late PING=1
	cp "$work/bin/dockerd" "$work/bin/new"
	mv "$work/bin/new" "$work/bin/dockerd"
	attack late PING=1
	attack late PING=1 QUICK=1
}

end_dockerd() {
	kill "$(cat "$state/docker.pid")"
	until_true 20 eval "! [ -f '$state/docker.pid' ]"
}

test_launcher_where_the_engine_was_replaced() {
	need_docker
	end_dockerd
	mkdir "$work/bin"
	cp "$(command -v dockerd)" "$work/bin/dockerd"
	PATH=$work/bin:$PATH start_dockerd || fail "no dockerd: $(tail -n 3 "$state/dockerd.log")"
	attack_beside_an_innocent replace_and_attack
	end_dockerd
	start_dockerd || fail "dockerd does not come back: $(tail -n 3 "$state/dockerd.log")"
}

attack_and_go() {
	local way
	for way in forked killed half-closed; do
		attack $way PING=1
		attack $way QUICK=1
	done
}

test_launcher_of_a_request_whose_sender_is_another_process_or_gone() {
	attack_beside_an_innocent attack_and_go
}

# Who connects before auditmon is there has no record of it, and is found by what holds the connection.
test_launcher_of_a_request_on_a_connection_from_before_auditmon() {
	local tokens=() what quick token
	prepare_attack
	stop_daemon_well
	for quick in '' QUICK=1; do
		for what in exec start; do
			n_attacks=$((n_attacks + 1))
			token=$(new_token)
			tokens+=("$token")
			echo "$token 3701 early-$what" >> "$work/truth.3701"
			prepare "$token" $what
			set_up $n_attacks 3701 late PING=1 $quick
			until_true 10 is_ready $n_attacks || fail "the attacker is not ready"
		done
	done
	start_daemon_with "$work/test.rules"
	go_on_beside_an_innocent let_them_go
}

let_them_go() {
	local i
	for ((i = 1; i <= n_attacks; i++)); do
		let_go $i
		until_true 20 test -e "$work/data/${tokens[i - 1]}" || fail "what was asked for was not done: $(cat "$work/ready.$i")"
	done
}

# A connection that one login opens and another gets (SCM_RIGHTS), who asks by it: pass_on KIND [QUICK=1], after which the opener is gone.
pass_on() {
	local kind=$1 what token
	shift
	for what in exec start; do
		n_attacks=$((n_attacks + 1))
		token=$(new_token)
		echo "$token 3701 $kind-$what" >> "$work/truth.3701"
		prepare "$token" $what
		set_up $n_attacks 3703 take
		until_true 10 test -S "$work/pass.$n_attacks" || fail "nobody takes: $(cat "$work/ready.$n_attacks")"
		as 3701 env HOW=pass SOCKET="$state/docker.sock" PASS="$work/pass.$n_attacks" GO="$work/go.$n_attacks" "$@" "$work/engine-attack" &
		attackers+=($!)
		[ $# = 0 ] || wait $!
		until_true 10 is_ready $n_attacks || fail "the attacker is not ready: $(cat "$work/ready.$n_attacks")"
		[ -z "${innocent:-}" ] || let_go $n_attacks
		touch "$work/go.$n_attacks"
		until_true 20 test -e "$work/data/$token" || fail "what was asked for by a passed connection was not done: $(cat "$work/ready.$n_attacks")"
	done
}

pass_on_and_stay_or_go() {
	pass_on kept
	pass_on left QUICK=1
}

# Both are meant: who opened it, and who asked.
either_is_right() {
	local token
	for token in $(jq -r 'select(.launcher.auid == 3703) | .path | split("/")[-1]' "$work/json"); do
		sed -i "s/^$token 3701 /$token 3703 /" "$work/truth.3701"
	done
}

# Who opened a connection answers for it, or who is found with it: the innocent never does.
test_launcher_of_a_request_by_a_connection_that_was_passed_on() {
	attack_beside_an_innocent pass_on_and_stay_or_go
}

# With nobody else there: nobody is certain for what was asked by a connection whose opener had gone.
test_launcher_of_a_request_by_a_connection_that_was_left_to_another() {
	prepare_attack
	pass_on left QUICK=1
	pass_on left QUICK=1
	wait "${attackers[@]}" || true
	until_true 20 all_are_recorded || true
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -Eq '^LOST none|certain' "$work/verdicts" || fail "lost, or certain: $(grep -E '^LOST none|certain' "$work/verdicts" | head -n 3)"
	# Who was left it, and was gone before he was looked for, is nobody's candidate: then it is said that somebody is not known.
	check_each "$work/json" '.launcher.confidence == "ambiguous" or any(.launcher.evidence[]; test("can have been another login"))'
	[ "$(grep -c '^LOST' "$work/verdicts")" -le "$(jq -c 'select(.launcher.confidence == "ambiguous" and any(.launcher.evidence[]; test("not known|another login")))' "$work/json" | wc -l)" ] ||
		fail "the right login is no candidate, and it is not said why: $(jq -c .launcher "$work/json")"
}

# A runtime that somebody runs by himself is not what the engine was asked for: it is his, or nobody's.
run_by_hand() {
	local i id root=$state/exec/runtime-runc/moby
	id=$(in_docker inspect -f '{{.Id}}' shared)
	for i in 1 2 3 4 5; do
		until_true 10 pgrep -f "^docker -H .* exec -e T .*echo x" || fail "nobody else is there"
		runc --root "$root" exec "$id" sh -c "echo x >> /data/nobody$i"
		as 3701 runc --root "$root" exec "$id" sh -c "echo x >> /data/somebody$i"
	done
}

test_launcher_of_a_runtime_that_is_run_by_hand() {
	need_docker
	command -v runc >/dev/null || skip "no runc"
	attack_beside_an_innocent run_by_hand
	jq -c 'select(.path | test("/(no|some)body[0-9]$"))' "$work/json" > "$work/by-hand"
	check_count "$work/by-hand" 10
	check_each "$work/by-hand" 'if (.path | test("/nobody")) then .launcher == null and (.launcher_reason | test("by hand"))
		else .launcher.auid == 3701 and .launcher.via == null end'
}

# Four logins at once that run the very same commands.
test_launchers_of_a_crowd_of_the_same_words_in_execs_are_never_wrong() {
	local login pids=()
	prepare_attack
	for login in 3001 3002 3003 3004; do
		(
			for ((i = 0; i < crowd_size / 16; i++)); do
				for kind in env input detached; do
					same_words "$login" $kind
				done
			done
		) &
		pids+=($!)
	done
	wait "${pids[@]}"
	until_true 20 all_are_recorded || true
	in_docker rm -f shared >/dev/null
	stop_daemon_well
	judge
	! grep -Eq '^(LOST|WRONG)' "$work/verdicts" || fail "wrong or lost: $(grep -E '^(LOST|WRONG)' "$work/verdicts" | head -n 3)"
}
