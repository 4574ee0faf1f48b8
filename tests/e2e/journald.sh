# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A real systemd-journald for the tests: in a mount namespace of its own, its sockets and files below $work. Programs reach it by a
# link at the place where journald's socket is, which is made only where there is no journald.

journald_socket=/run/systemd/journal/socket

start_journald() {
	local program
	program=$(command -v systemd-journald /lib/systemd/systemd-journald /usr/lib/systemd/systemd-journald | head -n 1)
	[ -n "$program" ] || skip "no systemd-journald here"
	[ -s /etc/machine-id ] || skip "no machine id here"
	[ -L $journald_socket ] || [ ! -e $journald_socket ] || skip "this machine has a journald of its own"
	mkdir -p "$work/journald" "$work/journal" /run/systemd/journal /run/log/journal
	printf '%s\n' '[Journal]' 'Storage=volatile' 'Audit=' 'ReadKMsg=no' 'RateLimitIntervalSec=0' 'ForwardToSyslog=no' 'ForwardToWall=no' > "$work/journald.conf"
	unshare -m --propagation private sh -ec '
		mount --bind "$1/journald" /run/systemd/journal
		mount --bind "$1/journal" /run/log/journal
		[ -e /etc/systemd/journald.conf ] && mount --bind "$1/journald.conf" /etc/systemd/journald.conf
		exec "$2"' sh "$work" "$program" > "$work/journald.log" 2>&1 9>&- &
	journald=$!
	other_daemon=$journald
	until_true 10 test -S "$work/journald/socket" || fail "journald did not start: $(cat "$work/journald.log")"
	ln -sfn "$work/journald/socket" $journald_socket
}

stop_journald() {
	remove_journald_link
	kill -TERM "$journald"
	wait "$journald" || true
	other_daemon=
}

remove_journald_link() {
	[ ! -L $journald_socket ] || rm -f $journald_socket
	rmdir /run/systemd/journal /run/log/journal 2>/dev/null || true
}

# The entries as JSON Lines. --all: by default, what is longer than 4096 bytes is null.
journal() {
	journalctl --directory "$work/journal" --all --output json "$@"
}
