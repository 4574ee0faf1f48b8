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
