# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for auditmon(8) in bash. Names of containers come from the database, where it may be read.

_auditmon_containers()
{
	local db=/var/lib/auditmon/auditmon.db i

	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == --db ]] && db=${COMP_WORDS[i + 1]}
	done
	auditmon containers --db "$db" --format json 2>/dev/null |
		sed -n 's/.*"name":"\([A-Za-z0-9_.-]*\)".*/\1/p' | sort -u
}

_auditmon()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' i
	local commands='daemon ingest who-touched events alerts export containers show report identify rules status'
	local filters='--since --until --container --user --action --flagged --limit --format --db'
	local -A options=(
		[daemon]='--rules --db --config --show --source'
		[ingest]='--db --config --follow'
		[who-touched]=$filters
		[events]=$filters
		[alerts]="--suppressed $filters"
		[export]="$filters --to --follow --cursor --forget --facility --enterprise --tls-ca --tls-cert --tls-key"
		[containers]='--since --until --container --limit --format --db'
		[show]='--format --db'
		[report]='--since --until --container --param --reports --format --db'
		[identify]='--cgroup --format --config'
		[rules]='--rules --config --format'
		[status]='--format --db'
	)

	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ " $commands " == *" ${COMP_WORDS[i]} "* ]]; then
			command=${COMP_WORDS[i]}
			break
		fi
	done

	case $prev in
	--db | --config | --cgroup | --tls-ca | --tls-cert | --tls-key)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--reports)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--rules)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur"; compgen -f -X '!*.rules' -- "$cur")
		return
		;;
	--format)
		if [[ $command == export ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'json ocsf ecs cef leef syslog' -- "$cur")
		elif [[ $command == who-touched || $command == events || $command == alerts ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'sentence table json' -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W 'table json' -- "$cur")
		fi
		return
		;;
	--source)
		mapfile -t COMPREPLY < <(compgen -W 'auto kernel multicast plugin socket log' -- "$cur")
		return
		;;
	--show)
		mapfile -t COMPREPLY < <(compgen -W 'none flagged all' -- "$cur")
		return
		;;
	--action)
		mapfile -t COMPREPLY < <(compgen -W 'write attr create delete rename link read exec connect mount denied' -- "$cur")
		return
		;;
	--since | --until)
		mapfile -t COMPREPLY < <(compgen -W 'now today yesterday -1h -1d -7d' -- "$cur")
		return
		;;
	--user)
		mapfile -t COMPREPLY < <(compgen -W unset -- "$cur"; compgen -u -- "$cur")
		return
		;;
	--container)
		mapfile -t COMPREPLY < <(compgen -W "$(_auditmon_containers)" -- "$cur")
		return
		;;
	--to)
		mapfile -t COMPREPLY < <(compgen -W 'unix: udp: tcp: tls:' -- "$cur")
		return
		;;
	--limit | --param | --cursor | --facility | --enterprise)
		return
		;;
	esac

	if [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${options[$command]} --help" -- "$cur")
	else
		case $command in
		who-touched | ingest)
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		show)
			mapfile -t COMPREPLY < <(compgen -W "$(_auditmon_containers)" -- "$cur")
			;;
		report)
			mapfile -t COMPREPLY < <(
				cd /usr/share/auditmon/reports 2>/dev/null && compgen -f -X '!*.sql' -- "$cur" | sed 's/\.sql$//'
			)
			;;
		rules)
			mapfile -t COMPREPLY < <(compgen -W 'list check load unload' -- "$cur")
			;;
		identify)
			mapfile -t COMPREPLY < <(
				cd /proc && compgen -d -X '[!0-9]*' -- "$cur"
			)
			;;
		esac
	fi
}

complete -F _auditmon auditmon
