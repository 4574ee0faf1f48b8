# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Rule files beside auditctl: the samples that the package auditd brings, file by file.

sample_rules() {
	local dir
	for dir in /usr/share/doc/auditd/examples/rules /usr/share/audit-rules /usr/share/audit/sample-rules; do
		[ ! -d "$dir" ] || find "$dir" -name '*.rules' -o -name '*.rules.gz'
	done | sort
}

# The line that auditctl stops at; empty: it takes the file. A path that is absent is no reason for auditmon, which waits for it: such a line is
# left out, and auditctl asked again.
auditctl_verdict() {
	local line=
	cp "$1" "$work/theirs.rules"
	while auditctl -D >/dev/null && ! auditctl -R "$work/theirs.rules" > "$work/auditctl" 2>&1; do
		line=$(sed -n 's/^There was an error in line \([0-9]*\) of .*/\1/p' "$work/auditctl")
		# It says nothing at all of a user who is not there.
		grep -q 'No such file or directory' "$work/auditctl" || { line=${line:-?}; break; }
		sed -i "${line}s/^/#/" "$work/theirs.rules"
		line=
	done
	echo "$line"
	auditctl -l | sort > "$work/auditctl.list"
}

auditmon_verdict() {
	auditctl -D >/dev/null
	echo 'coverage = none' > "$work/conf"
	"$auditmon" rules load "$1" --config "$work/conf" > "$work/auditmon" 2>&1 || true
	grep -v 'blind to Docker' "$work/auditmon" | sed -n "s/^auditmon: [^ ]*:\\([0-9]*\\): .*/\\1/p" | sort -nu | head -n 1
	auditctl -l | sort > "$work/auditmon.list"
}

test_sample_rules_have_auditctls_verdict() {
	local file n=0 theirs ours
	[ -n "$(sample_rules)" ] || skip "no sample rules of auditd here"
	for file in $(sample_rules); do
		gzip -dcf < "$file" > "$work/sample.rules"
		# What it sets cannot be undone before the next boot.
		! grep -q '^--loginuid-immutable\|^-e 2' "$work/sample.rules" || continue
		theirs=$(auditctl_verdict "$work/sample.rules")
		ours=$(auditmon_verdict "$work/sample.rules")
		[ "$theirs" = "$ours" ] || [ "$theirs${ours:+x}" = '?x' ] || fail "$file: auditctl says line ${theirs:-none}, auditmon ${ours:-none}: $(cat "$work/auditmon")"
		# Where it is taken, the kernel holds the same.
		[ -n "$ours" ] || diff "$work/auditctl.list" "$work/auditmon.list" >&2 || fail "$file makes other rules"
		n=$((n + 1))
	done
	auditctl -D >/dev/null
	auditctl -f 1 >/dev/null
	auditctl --backlog_wait_time 15000 >/dev/null
	[ "$n" -gt 10 ] || fail "only $n files"
}

test_check_warns_of_rules_that_are_blind_to_docker() {
	echo "-a always,exit -F path=/etc/passwd -F perm=wa -F auid!=unset -k x" > "$work/blind.rules"
	"$auditmon" rules check "$work/blind.rules" 2> "$work/err" >/dev/null || fail "$(cat "$work/err")"
	grep -q 'blind.rules:1: blind to Docker' "$work/err" || fail "$(cat "$work/err")"
}

kernel_setting() {
	auditctl -s | sed -n "s/^$1 //p"
}

test_settings_of_rule_files_are_in_force_and_put_back() {
	local before_limit before_failure
	before_limit=$(kernel_setting backlog_limit)
	before_failure=$(kernel_setting failure)
	touch "$work/a"
	start_daemon "-D" "-b 9001" "-f 0" "-w $work/a -p wa -k a"
	[ "$(kernel_setting backlog_limit) $(kernel_setting failure)" = '9001 0' ] || fail "$(auditctl -s)"
	# What the files do not ask for any more is as it was.
	printf '%s\n' "-b 9002" "-w $work/a -p wa -k a" > "$work/test.rules"
	kill -HUP "$daemon"
	until_true 10 eval '[ "$(kernel_setting backlog_limit)" = 9002 ]' || fail "$(auditctl -s)"
	[ "$(kernel_setting failure)" = "$before_failure" ] || fail "$(auditctl -s)"
	stop_daemon_well
	[ "$(kernel_setting backlog_limit) $(kernel_setting failure)" = "$before_limit $before_failure" ] || fail "not put back: $(auditctl -s)"
}

test_check_says_what_becomes_of_settings_and_links() {
	ln -s /etc/passwd "$work/link"
	printf '%s\n' -D '-b 8192' '-r 100' '-e 2' "-w $work/link -p wa -k x" > "$work/x.rules"
	"$auditmon" rules check "$work/x.rules" > "$work/out" 2> "$work/err" || fail "$(cat "$work/err")"
	grep -q 'x.rules:5: .*link is a symbolic link: .*watch /etc/passwd' "$work/err" || fail "$(cat "$work/err")"
	grep -q 'x.rules:3: -r 100: .*events are lost' "$work/out" || fail "$(cat "$work/out")"
	grep -q 'x.rules:4: -e 2: .*next boot' "$work/out" || fail "$(cat "$work/out")"
	grep -q '^1 lines (-D' "$work/out" || fail "$(cat "$work/out")"
	echo '-e 3' > "$work/x.rules"
	if "$auditmon" rules check "$work/x.rules" 2> "$work/err"; then fail "-e 3 is taken"; fi
	grep -q 'x.rules:1: .*0 (off), 1 (on) or 2 (locked)' "$work/err" || fail "$(cat "$work/err")"
}

# What starts under a rule of the list task is never audited, and nobody's silence proves anything then: that is said, also where the rule comes later.
test_rule_of_the_list_task_is_warned_of() {
	start_daemon "-w $work/db.d -p wa -k k"
	! grep -q 'list task' "$work/log" || fail "warned of nothing: $(cat "$work/log")"
	auditctl -a never,task >/dev/null
	until_true 10 grep -q 'list task' "$work/log" || fail "a rule that came later is not warned of: $(cat "$work/log")"
	stop_daemon_well
	start_daemon "-w $work/db.d -p wa -k k"
	grep -q 'list task' "$work/log" || fail "a rule that was there is not warned of: $(cat "$work/log")"
	auditctl -d never,task >/dev/null
	stop_daemon_well
}
