# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The matrix: every engine, by every way into a container, by every way to a file of the host, with every operation. Each cell's
# touches are compared with what is expected: path, how it was found, the name as the process said it, action, container, entry.
# matrix.c does the operations and marks each with its cell; a plan tells it which way it goes.
#
#   =  exact     -  not applicable     .  nothing to report: not the host's
#   ~  honest: what is not known is not told (path_by is not `identity`, or null)
#   k  the kernel reports nothing: no record is made
#   X  wrong     0  missing
# A test fails by X and 0, and by ~ where the table below does not allow it.

# Ways into a container: engine, way. The number of the line is the cell's code.
matrix_entries='docker run
docker exec
docker detached
docker rm
docker restart
podman run
podman exec
podman detached
podman rm
podman restart
host -'

matrix_operations='write append truncate chmod chown xattr utimens rename link unlink create mkdir'
matrix_plain='write append truncate chmod chown xattr utimens'

# Ways to a file: name; operations, or all; `honest` where no name can be known, and operations that the kernel does not report, behind `late`
# those that it reports without a file: then the process's descriptors tell, while it lives; mode and
# arguments for matrix.c; the host's directory; the directory as the process says it. @ is the way in; %H the directory of the host's files in
# the watched tree, %W that of those with watches of their own, %V the volume, %M the host's mount of the device %D; %h, %w and %l as the
# container has %H, %W and the hard links, %r its name for the host's root, %T a directory of nobody's interest.
matrix_ways="root|all||at %h/@/root|%H/@/root|%h/@/root
directory|all||at /dir|%H/@/directory|/dir
file|$matrix_plain||files /file|%H/@/file|/file
relative|all||cwd %h/@/relative|%H/@/relative|%h/@/relative
chroot|all||chroot %r %H/@/chroot|%H/@/chroot|%H/@/chroot
nested mount|all||at /nest/deep/down|%H/@/inner|/nest/deep/down
beside it|all||at /nest|%H/@/nested|/nest
renamed mount|all||at /some/other/name|%H/@/renamed|/some/other/name
mount over a mount|all||bind %h/@/over /under|%H/@/over|/under
volume|all||at /volume/@|%V/@|/volume/@
symlink to directory|all||symlink %h/@/links %T/link.@|%H/@/links|%T/link.@
symlink to file|$matrix_plain||symlinks %h/@/symlinked %T/links.@|%H/@/symlinked|%T/links.@
hard link|$matrix_plain||files %l/@|%W/@/hard|%l/@
renamed over|$matrix_plain||replaced %w/@/replaced|%W/@/replaced|%w/@/replaced
created in the tree|all||fresh %h/@/made/new|%H/@/made/new|%h/@/made/new
mount namespace|all||unshare %h/@/unshared %T/unshared.@|%H/@/unshared|%T/unshared.@
directory descriptor|write append truncate chmod chown utimens rename link unlink create mkdir||dirfd %h/@/dirfd|%H/@/dirfd|
/proc/self/fd|all||procfd %h/@/procfd|%H/@/procfd|/proc/self/fd/9
descriptor|chmod chown xattr truncate utimens|truncate late utimens|fd %h/@/fd|%H/@/fd|-
deleted file|chmod chown xattr truncate utimens|honest truncate late utimens|removed %h/@/removed|%H/@/removed|-
second mount|all||device %D %T/device.@ %T/device.@/@|%M/@|%T/device.@/@"

# With the places of this run; root: where the host's root is seen.
matrix_place() {
	local text=$1 way=$2 root=$3 volume=$4 scratch=/tmp
	[ -n "$root" ] || scratch=$work/tmp
	text=${text//%h/$root$work/m}
	text=${text//%l/$root$work/l}
	text=${text//%w/$root$work/w}
	text=${text//%r/${root:-/}}
	text=${text//%H/$work/m}
	text=${text//%W/$work/w}
	text=${text//%M/$work/mounted}
	text=${text//%V/$volume}
	text=${text//%T/$scratch}
	text=${text//%D/$loop}
	echo "${text//@/$way}"
}

# The rows of one operation, without the columns of whom: action, host's path, path as said.
matrix_rows() {
	local operation=$1 host=$2 said=$3
	local seen=$said/$operation
	case $said in
	'') seen=$operation ;;
	-) seen=null ;;
	esac
	case $operation in
	write | append | truncate) echo "write $host/$operation $seen" ;;
	chmod | chown | xattr | utimens) echo "attr $host/$operation $seen" ;;
	rename) echo "rename $host/rename $seen"; echo "rename $host/renamed ${seen}d" ;;
	link) echo "link $host/link $seen"; echo "link $host/linked ${seen}ed" ;;
	unlink) echo "delete $host/unlink $seen" ;;
	*) echo "create $host/$operation $seen" ;;
	esac
}

# One way in: its plan for matrix.c, its files, and what is expected of it.
matrix_prepare() {
	local code=$1 engine=$2 way=$3 root=/host volume=$4
	local number=10 name operations honest plan host said operation allowed id=$engine-$way entry=init container=$engine-$way row
	case $way in
	exec) entry=exec ;;
	-) root='' id=host container=null entry=null ;;
	esac
	while IFS='|' read -r name operations honest plan host said; do
		number=$((number + 1))
		[ "$operations" != all ] || operations=$matrix_operations
		if [ $engine = host ]; then
			case $name in root | relative | 'symlink to directory' | 'symlink to file' | 'hard link' | 'renamed over' | 'created in the tree' | *descriptor | /proc* | 'deleted file' | 'mount namespace' | 'second mount') ;; *) continue ;; esac
		fi
		host=$(matrix_place "$host" "$id" "$root" "$volume")
		said=$(matrix_place "$said" "$id" "$root" "$volume")
		echo "$number $(matrix_place "$plan" "$id" "$root" "$volume")" >> "$work/plan/$id"
		case $name in
		'created in the tree') mkdir -p "${host%/*}" ;;
		*)
			mkdir -p "$host"
			for operation in $operations; do
				case $operation in create | mkdir) ;; *) : > "$host/$operation" ;; esac
			done
			;;
		esac
		[ "$name" != 'hard link' ] || cp -rl "$host" "$work/l/$id"
		[ "$name" != 'renamed over' ] || operations="$operations rename"
		for operation in $operations; do
			allowed=
			[[ "$honest" != honest* ]] || allowed='~'
			[[ " $honest " != *" $operation "* ]] || allowed=k
			[[ " ${honest#*late} " != *" $operation "* || $honest != *late* ]] || allowed=late
			matrix_rows "$operation" "$host" "$said" | while read -r row; do
				echo "m$code$number$operation|$engine $way|$name|$operation|$allowed|$row|$container|$entry"
			done
		done >> "$work/expected"
	done <<< "$matrix_ways"
}

# matrix_container NAME ENGINE OPTIONS COMMAND... : one with all the ways in it.
matrix_container() {
	local id=$1 engine=$2 options=$3 file files=()
	shift 3
	for file in $matrix_plain; do
		files+=(-v "$work/m/$id/file/$file:/file/$file")
	done
	# shellcheck disable=SC2086
	"in_$engine" run $options --privileged --net=none -v /:/host -v "$work/plan:/plan" -v "$work/m/$id/directory:/dir" \
		-v "$work/m/$id/nested:/nest" -v "$work/m/$id/inner:/nest/deep/down" -v "$work/m/$id/renamed:/some/other/name" \
		-v "$work/m/$id/under:/under" -v matrix:/volume "${files[@]}" --name "$id" bb "$@"
}

# The same program runs once more under another name, for which there is a rule wherever it goes: in the container's own overlay.
matrix_go() {
	local code=$1 engine=$2 way=$3 id=$2-$3 command
	command="/plan/matrix $1 /plan/$2-$3 /plan/failures; /plan/own $1 /plan/own-plan /plan/failures; : > /plan/done.$2-$3"
	case $way in
	run) matrix_container "$id" "$engine" '' sh -c "$command" ;;
	rm) matrix_container "$id" "$engine" --rm sh -c "$command" ;;
	detached) matrix_container "$id" "$engine" -d sh -c "$command" ;;
	exec)
		matrix_container "$id" "$engine" -d sleep 600
		"in_$engine" exec "$id" sh -c "$command"
		;;
	restart)
		matrix_container "$id" "$engine" -d sh -c "[ -f /plan/again.$id ] || { : > /plan/first.$id; sleep 600; }; $command; sleep 600"
		until_true 20 test -f "$work/plan/first.$id" || fail "$id did not start"
		: > "$work/plan/again.$id"
		"in_$engine" restart -t 0 "$id"
		;;
	-)
		"$work/plan/matrix" "$code" "$work/plan/host" "$work/plan/failures"
		: > "$work/plan/done.$engine-$way"
		;;
	esac
}

matrix_rules() {
	local tree file
	for tree in "$work/m" "$work/mounted" "$state/docker/volumes/matrix/_data" "$state/podman/volumes/matrix/_data"; do
		echo "-w $tree -p wa -k matrix"
		echo "-a always,exit -F arch=b64 -S utimensat -F dir=$tree -k matrix"
	done
	for file in "$work"/w/*/*/*; do
		case $file in
		*/utimens) echo "-a always,exit -F arch=b64 -S utimensat -F path=$file -k matrix" ;;
		*) echo "-w $file -p wa -k matrix" ;;
		esac
	done
	echo "-a always,exit -F arch=b64 -S openat,truncate,fchmodat,fchownat,setxattr,utimensat,renameat,linkat,unlinkat,mkdirat" \
		"-F exe=$work/plan/own -k matrix-own"
}

# The table on standard output, what is wrong on standard error; false where something is.
matrix_compare() {
	awk -F '|' -v operations="$matrix_operations own" '
		function judge(comm, want, by_row,    i, j, n, parts, result, left) {
			n = 0
			left = n_actual[comm]
			if (left == 0)
				return "0"
			result = "="
			for (i = 1; i <= n_expected[comm]; i++) {
				for (j = 1; j <= n_actual[comm]; j++)
					if (!taken[comm, j] && row[comm, j] == expected[comm, i] && who[comm, j] == want && by[comm, j] == "identity" &&
						written[comm, j] == (want ~ /^null/ ? "false" : "true"))
						break
				if (j <= n_actual[comm]) {
					taken[comm, j] = 1
					left--
				} else
					n++
			}
			for (j = 1; j <= n_actual[comm]; j++)
				if (!taken[comm, j])
					result = honest(comm, j, want) && result != "X" ? "~" : "X"
			if (left != n)
				result = left < n ? "0" : "X"
			return result
		}
		# Who may be unknown with doubt; the path may be as seen, or right without proof.
		function honest(comm, j, want,    i, columns) {
			if (who[comm, j] != want && !(who[comm, j] ~ /^null/ && doubt[comm, j] != "null"))
				return 0
			split(row[comm, j], columns, " ")
			if (by[comm, j] == "seen")
				return columns[2] == columns[3] || columns[2] == "null"
			for (i = 1; i <= n_expected[comm]; i++)
				if (by[comm, j] == "name" && row[comm, j] == expected[comm, i])
					return 1
			return 0
		}
		# The container and the entry are told, and nothing is called a write to the host.
		function judge_own(comm, want,    j) {
			for (j = 1; j <= n_actual[comm]; j++)
				if (who[comm, j] != want || written[comm, j] != "false")
					return "X"
			return n_actual[comm] ? "." : "0"
		}
		NR == FNR {
			n = ++n_actual[$1]
			row[$1, n] = $2; who[$1, n] = $3 "|" $4; by[$1, n] = $5; written[$1, n] = $6; doubt[$1, n] = $7
			next
		}
		!($1 in wanted) { cells[++n_cells] = $1; wanted[$1] = $7 "|" $8; way_of[$1] = $3; operation_of[$1] = $4; allowed[$1] = $5; entry_of[$1] = $2 }
		{ expected[$1, ++n_expected[$1]] = $6 }
		END {
			for (c = 1; c <= n_cells; c++) {
				comm = cells[c]
				result = allowed[comm] == "own" ? judge_own(comm, wanted[comm]) : judge(comm, wanted[comm])
				if ((allowed[comm] == "k" || allowed[comm] == "late") && result == "0")
					result = "k"
				if (allowed[comm] == "late" && result == "~")
					allowed[comm] = result
				way = way_of[comm]
				if (!(way in seen)) { ways[++n_ways] = way; seen[way] = 1 }
				text[way, operation_of[comm]] = text[way, operation_of[comm]] result
				if (result == "=" || result == "." || result == "k" || result == allowed[comm])
					continue
				if (++n_wrong > 40) continue
				printf "%s by %s, %s: %s, expected of %s:\n", operation_of[comm], way, entry_of[comm], result, wanted[comm] > "/dev/stderr"
				for (i = 1; i <= n_expected[comm]; i++) printf "    expected %s\n", expected[comm, i] > "/dev/stderr"
				for (j = 1; j <= n_actual[comm]; j++)
					printf "    found    %s by %s of %s host-write %s doubt %s\n", row[comm, j], by[comm, j], who[comm, j], written[comm, j], doubt[comm, j] > "/dev/stderr"
			}
			n = split(operations, list, " ")
			printf "%-22s", ""
			for (o = 1; o < n; o++) printf " %-8s", list[o]
			print ""
			for (w = 1; w <= n_ways; w++) {
				printf "%-22s", ways[w]
				for (o = 1; o < n; o++) {
					cell = text[ways[w], list[o]]
					first = substr(cell, 1, 1)
					bare = cell
					gsub(first == "." ? "[.]" : first, "", bare)
					printf " %-8s", cell == "" ? "-" : bare == "" ? first : cell
				}
				print ""
			}
			printf "%d cells, %d wrong or missing\n", n_cells, n_wrong
			exit n_wrong > 0
		}' "$work/actual" "$work/expected"
}

test_matrix_of_engines_ways_and_operations() {
	need_docker
	need_podman
	local code=0 engine way operation volume row
	command -v gcc >/dev/null || skip 'no gcc'
	command -v mkfs.ext4 >/dev/null || skip 'no mkfs.ext4'
	mkdir "$work"/{m,w,l,plan,mounted,tmp}
	gcc -static -O1 -o "$work/plan/matrix" "$here/matrix.c" || fail "cannot build the helper"
	cp "$work/plan/matrix" "$work/plan/own"
	echo '50 fresh /own' > "$work/plan/own-plan"
	truncate -s 16M "$work/image"
	mkfs.ext4 -q "$work/image"
	loop=$(losetup -f --show "$work/image") || skip 'no loop devices here'
	trap 'umount "$work/mounted"; losetup -d "$loop"; end_daemons || true' EXIT
	mount "$loop" "$work/mounted"
	in_docker volume create matrix >/dev/null
	in_podman volume create matrix >/dev/null

	while read -r engine way; do
		code=$((code + 1))
		mkdir -p "$work/m/$engine-$way"/{nested/deep/down,under}
		volume=$state/$engine/volumes/matrix/_data
		matrix_prepare "$((code + 9))" "$engine" "$way" "$volume"
		[ "$engine" = host ] && continue
		row="$engine-$way|$([ "$way" = exec ] && echo exec || echo init)"
		for operation in $matrix_operations; do
			echo "m$((code + 9))50$operation|$engine $way|own overlay|$operation|own||$row"
		done >> "$work/expected"
	done <<< "$matrix_entries"
	for file in "$work"/w/*/replaced; do
		: > "$file/renamed"
	done
	matrix_rules > "$work/matrix.rules"
	start_daemon_with "$work/matrix.rules"
	code=0
	while read -r engine way; do
		code=$((code + 1))
		matrix_go "$((code + 9))" "$engine" "$way" < /dev/null >/dev/null
	done <<< "$matrix_entries"
	while read -r engine way; do
		until_true 20 test -f "$work/plan/done.$engine-$way" || fail "$engine $way did not finish"
	done <<< "$matrix_entries"
	stop_daemon_well
	in_docker ps -aq | xargs docker -H "unix://$state/docker.sock" rm -f >/dev/null
	in_podman rm -fa -t 0 >/dev/null
	in_docker volume rm matrix >/dev/null
	in_podman volume rm matrix >/dev/null
	[ ! -s "$work/plan/failures" ] || fail "operations failed: $(head -n 5 "$work/plan/failures")"
	[ -z "${MATRIX_KEEP:-}" ] || cp "$work"/{log,db} "$MATRIX_KEEP"
	no_losses
	am events --db "$work/db" --format json > "$work/json"
	jq -r 'select(.process.comm | test("^m[0-9]{4}")) | [.process.comm, "\(.action) \(.path) \(.path_seen)", .container.name, .container.entry, .path_by,
		(.flags | index("host-write") != null), .doubt] | map(tostring) | join("|")' "$work/json" > "$work/actual"
	[ -z "${MATRIX_KEEP:-}" ] || cp "$work"/{actual,expected,json,log,db} "$MATRIX_KEEP"
	matrix_compare > "$work/report" || { cat "$work/report" >&2; fail 'the matrix is not as expected'; }
}
