# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is said of the program (help, manual, completion, README, packages) is what it is.

all_commands() {
	am --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'
}

# Long options, sorted, of whatever text comes in.
options_in() {
	grep -oE -- '--[a-z][a-z-]+' | sort -u
}

test_completion_offers_what_help_tells() {
	local command
	. "$here/../../contrib/completions/auditmon.bash"
	compopt() { :; }
	COMP_WORDS=(auditmon '') COMP_CWORD=1
	_auditmon
	printf '%s\n' "${COMPREPLY[@]}" | grep -v -- -- | sort > "$work/offered"
	all_commands | sort | diff - "$work/offered" >&2 || fail "other commands"
	for command in $(all_commands); do
		am "$command" --help | options_in > "$work/told"
		COMP_WORDS=(auditmon "$command" --) COMP_CWORD=2
		_auditmon
		printf '%s\n' "${COMPREPLY[@]}" | sort -u | diff "$work/told" - >&2 || fail "$command: other options"
	done
}

test_every_option_is_in_the_manual() {
	local command missing
	sed 's/\\-/-/g' "$here"/../../contrib/man/auditmon*.[58] | grep -oE 'Fl (-[a-z][a-z-]+)' | sed 's/Fl /-/' | sort -u > "$work/manual"
	for command in $(all_commands); do
		missing=$(am "$command" --help | options_in | comm -23 - "$work/manual")
		[ -z "$missing" ] || fail "$command: not in the manual:" $missing
	done
}

test_manual_is_good() {
	local page
	for page in "$here"/../../contrib/man/*; do
		man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2> "$work/warnings" > /dev/null
		[ ! -s "$work/warnings" ] || fail "$page: $(head -n 3 "$work/warnings")"
	done
}

# Of each kind of wrong call one line, that says what and why, and the status of CONTRACT.
test_errors_are_one_line_that_says_what_and_why() {
	local expected words result
	cd "$work"
	echo 'garbage, garbage, garbage' > bad.db
	: > empty.db
	echo 'nonsense = 1' > bad.conf
	echo '-w /etc/passwd -p zz' > bad.rules
	am ingest /dev/null --db good.db 2> /dev/null
	cp good.db newer.db
	sqlite3 newer.db 'PRAGMA user_version = 9999'
	cp good.db cut.db
	truncate -s 9000 cut.db
	while read -r expected words; do
		result=0
		# shellcheck disable=SC2086
		am $words > out 2> err < /dev/null || result=$?
		[ "$result" = "$expected" ] || fail "auditmon $words: ended with $result, not $expected: $(cat err)"
		[ "$(wc -l < err)" = 1 ] && grep -qE '^auditmon: .+: .' err || fail "auditmon $words: $(cat err)"
		[ ! -s out ] || fail "auditmon $words: $(cat out)"
	done <<-'END'
		2 nonsense
		2 daemon --nonsense
		2 daemon extra
		2 daemon --rules /nonexistent --db x.db
		2 daemon --rules bad.rules --db x.db
		2 daemon --config bad.conf --db x.db
		2 daemon --source nonsense --db x.db
		2 who-touched
		3 who-touched /etc --db none.db
		3 who-touched /etc --db bad.db
		3 who-touched /etc --db empty.db
		3 who-touched /etc --db newer.db
		3 who-touched /etc --db cut.db
		2 who-touched /etc --format xml
		2 who-touched /etc --since nonsense
		2 who-touched /etc --limit many
		2 events --action fly --db good.db
		1 show nothing --db good.db
		1 show event:99 --db good.db
		2 show event:x --db good.db
		2 report nonsense --db good.db
		3 status --db none.db
		2 identify nobody
		3 identify 999999999
		2 identify
		2 rules nonsense
		2 rules check --rules bad.rules
		2 export --format nonsense --db good.db
		2 export --to nonsense --db good.db
		2 ingest
		2 ingest /nonexistent --db x.db
		3 ingest /dev/null --db /nonexistent/x.db
		3 ingest /dev/null --db bad.db
	END
}

# Each command of the README's examples is one, and each file that it names is there.
test_readme_names_what_there_is() {
	local top=$here/../.. word
	for word in $(grep -oE '`auditmon [a-z-]+' "$top/README.md" | awk '{ print $2 }' | sort -u); do
		am "$word" --help > /dev/null 2>&1 || fail "auditmon $word"
	done
	for word in $(grep -oE '(contrib|tests|rules|reports)/[a-z][a-z0-9./-]*[a-z]' "$top/README.md" | sort -u); do
		[ -e "$top/$word" ] || fail "$word is not there"
	done
	for word in $(grep -oE 'man auditmon[a-z.-]*' "$top/README.md" | awk '{ print $2 }' | sort -u); do
		ls "$top/contrib/man/$word".[578] > /dev/null || fail "man $word"
	done
}

test_rpm_takes_along_what_is_installed() {
	local file pattern packed
	DESTDIR=$work/root meson install -C "$build" --no-rebuild > "$work/install.log" 2>&1 || fail "$(tail "$work/install.log")"
	sed -n '/^%files/,/^%changelog/p' "$here/../../contrib/rpm/auditmon.spec" |
		sed -nE 's/^(%[a-z]+(\([^)]*\))? +)*(%\{_[^ ]*).*/\3/p' |
		sed -e 's,%{_sysconfdir},/etc,; s,%{_sbindir},/usr/sbin,; s,%{_datadir},/usr/share,; s,%{_mandir},/usr/share/man,' \
			-e 's,%{_unitdir},*/systemd/system,; s,%{_prefix},/usr,; s,%{_sysusersdir},/usr/lib/sysusers.d,' \
			-e 's,%{_tmpfilesdir},/usr/lib/tmpfiles.d,' > "$work/patterns"
	find "$work/root" -type f | sed "s,^$work/root,," > "$work/installed"
	[ "$(wc -l < "$work/installed")" -gt 20 ] || fail "$(cat "$work/installed")"
	while read -r file; do
		packed=
		while read -r pattern; do
			# A directory is packed with all that is below it, but for a %dir.
			# shellcheck disable=SC2053
			if [[ $file == $pattern || $file == $pattern/* && $pattern != /etc/* ]]; then packed=yes; fi
		done < "$work/patterns"
		[ -n "$packed" ] || fail "$file would not be packed"
	done < "$work/installed"
}

test_what_is_no_log_is_told_without_a_time() {
	head -c 4096 "$auditmon" > "$work/no.log"
	am ingest "$work/no.log" --db "$work/db" 2> /dev/null
	am events --db "$work/db" > "$work/answer" && fail "something was found"
	grep -q 'an unknown time .* broken lines' "$work/answer" || fail "$(cat "$work/answer")"
}
