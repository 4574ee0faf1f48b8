# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Every way to change a file that tests/e2e/ways has, from a container: under a plain -w, which is auditmon with coverage = none, and under
# auditmon as it comes; each once with the directory watched and once each file. Prints the table of auditmon-coverage(7).

ways_image() {
	local root=$state/ways-image
	[ ! -e "$root" ] || return 0
	mkdir -p "$root/bin"
	# A machine without a compiler may be given the program.
	if command -v cc >/dev/null; then
		cc -std=gnu17 -D_GNU_SOURCE -static -no-pie -O1 -o "$root/bin/ways" "$here"/ways/*.c || fail "ways does not compile"
	else
		cp "$build/ways" "$root/bin/ways" || skip 'no compiler'
	fi
}

# prepare DIRECTORY WAY: a file of its own for each way, and what some ways need beside it.
ways_prepare() {
	local dir=$1/$2
	mkdir "$dir"
	echo 'content of the file' > "$dir/f"
	echo other > "$dir/other"
	ln "$dir/f" "$dir/linked"
	ln -s f "$dir/symlink"
	"$state/ways-image/bin/ways" prepare "$dir"
}

# One run: ways_run NAME COVERAGE RULE-OF. Leaves $work/NAME.json with all touches and $work/NAME.refused with the ways that the kernel
# does not have.
ways_run() {
	local name=$1 coverage=$2 kind=$3 base=$work/$1 way
	mkdir "$base"
	for way in $ways; do
		ways_prepare "$base" "$way"
		[ "$kind" = directory ] || echo "-w $base/$way/f -p wa -k ways"
	done > "$work/$name.rules"
	[ "$kind" = file ] || echo "-w $base -p wa -k ways" > "$work/$name.rules"
	echo "coverage = $coverage" > "$work/$name.conf"
	in_docker run -d --name "$name" --privileged --pid=host --network=none -v "$state/ways-image/bin:/ways" -v "$base:/data" bb sleep 1000 >/dev/null
	in_docker exec -d "$name" /ways/ways old-descriptor /data/old-descriptor
	until_true 10 test -e "$base/old-descriptor/ready" || fail "the old descriptor is not open"
	"$auditmon" daemon --rules "$work/$name.rules" --config "$work/$name.conf" --db "$work/$name.db" > "$work/$name.out" 2> "$work/$name.log" &
	daemon=$!
	echo "$daemon" > "$state/daemon.pid"
	until_true 20 grep -q ready: "$work/$name.log" || fail "not ready: $(cat "$work/$name.log")"
	touch "$base/old-descriptor/go"
	# Those of io_uring wait to be asked for their descriptors: all at once.
	in_docker exec "$name" sh -c 'one() { /ways/ways $1 /data/$1 || echo $1 >> /data/refused; }
		: > /data/refused
		for way in $0; do case $way in old-descriptor) ;; uring-*) one $way & ;; *) one $way ;; esac; done; wait' "$(echo $ways)" 2> "$work/$name.err" || true
	sleep 0.2
	stop_daemon_well
	in_docker rm -f "$name" >/dev/null
	am events --db "$work/$name.db" --format json > "$work/$name.json"
	mv "$base/refused" "$work/$name.refused"
}

# Did the run see the way? yes, or no. What only opens for reading is no sight of a change. A path that could not be resolved is null or relative.
ways_seen() {
	local name=$1 way=$2
	if jq -e -s --arg way "$way" --arg dir "$work/$name/$way" --arg base "$work/$name" --arg name "$name" '
		any(.[]; .container.name == $name and .success and .action != "read" and .action != "exec" and
			((.process.argv // [])[1] == $way and ((.path // $dir) | startswith($base) or (startswith("/") | not))
			or (.process.argv // [])[1] == $way and (.action == "mount" or (.flags | index("raw-device")))
			or ((.path // "") | startswith($dir + "/"))))' "$work/$name.json" >/dev/null; then
		echo yes
	else
		echo no
	fi
}

ways_table() {
	local way why
	printf '%-25s %-6s %-6s %-6s %-6s %s\n' WAY '-w DIR' FILE DIR FILE 'WHY NOT'
	while IFS=$'\t' read -r way why; do
		printf '%-25s %-6s %-6s %-6s %-6s %s\n' "$way" "$(ways_seen plain-directory "$way")" "$(ways_seen plain-file "$way")" \
			"$(ways_seen directory "$way")" "$(ways_seen file "$way")" "$why" | sed 's/ *$//'
	done < "$work/ways"
}

# ways_documented KERNEL: the table in the manual, with the rows that it has for another kernel than that of the table.
ways_documented() {
	awk -v kernel="$1" '
		index($0, "On Linux " kernel " ") == 1 { others = 1; next }
		/^\.Ed/ { table = others = 0 }
		/^WAY  *-w DIR/ { table = 1 }
		/^\./ { next }
		table { rows[++n] = $0; name[n] = $1 }
		others { other[$1] = $0 }
		END { for (i = 1; i <= n; i++) print name[i] in other ? other[name[i]] : rows[i] }' "$here/../../contrib/man/auditmon-coverage.7"
}

test_every_way_to_change_a_file_is_seen() {
	need_docker
	local ways kernel documented
	ways_image
	"$state/ways-image/bin/ways" > "$work/ways"
	ways=$(cut -f 1 "$work/ways")
	ways_run plain-directory none directory
	ways_run plain-file none file
	ways_run directory all directory
	ways_run file all file
	ways_table > "$work/table"
	# What the manual is made of.
	cp "$work/table" "$build/auditmon-coverage.table"
	[ "$(wc -l < "$work/table")" -gt 41 ] || fail "only $(wc -l < "$work/table") ways"
	kernel=$(uname -r | cut -d . -f 1,2)
	ways_documented "$kernel" > "$work/documented"
	documented=$(sed -n 's/^.*[Oo]n Linux \([0-9.]*[0-9]\)\( .*\)*$/\1/p' "$here/../../contrib/man/auditmon-coverage.7" | tr '\n' ' ')
	if [[ " $documented" == *" $kernel "* ]]; then
		diff "$work/documented" "$work/table" >&2 || fail "auditmon-coverage(7) has another table"
		return
	fi
	echo "# the manual has Linux $documented, this is $kernel:" >&2
	diff "$work/documented" "$work/table" >&2 || true
	# Whatever the kernel, what a plain -w sees is seen, and what this kernel refused is no way.
	awk 'NR > 1 && ($2 == "yes" && $4 != "yes" || $3 == "yes" && $5 != "yes") { print; bad = 1 } END { exit bad }' "$work/table" >&2 ||
		fail "a plain -w sees more"
}
