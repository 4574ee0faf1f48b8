/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The command that made an entry
 *
 * An entry's first process is born of a runtime's command: runc, crun. What an engine is asked for
 * its shim has done, so such a command is below a shim, or below the engine itself; anybody of the
 * host may run one by hand, and then no engine was asked. A command lives for some milliseconds, and
 * may have ended before it could be looked at.
 */

#include <string.h>

#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

#define LEVELS_MAX 4

/* A shim, or the engine? */
static bool is_engines(struct lineage *lineage, const struct process *process)
{
	_cleanup_(freep) char *exe = NULL;

	if (process->monitor && !process->commands)
		return true;
	return process->end_nsec == 0 &&
	       proc_read_exe(lineage->proc_fd, process->pid, &exe) == 0 && proc_exe_is_engine(exe);
}

/* Who ran a command? A wrapper may be between. */
static enum maker_sight who_ran(struct lineage *lineage, const struct process *command)
{
	const struct process *process = command;

	for (int level = 0; level < LEVELS_MAX && process->pid != 1; level++) {
		process = lineage_parent_of(lineage, process);
		if (!process || process->entry)
			return MAKER_UNSEEN;
		if (is_engines(lineage, process))
			return MAKER_SEEN;
		/* Of another command: its hook. */
		if (process->commands)
			break;
	}
	return MAKER_BY_HAND;
}

/*
 * Is it a runtime's command, or one that may have been one before it could be looked at? What a
 * shim forks and what then has a child in the container is its runtime; but a process of the
 * container can have children that are told as the shim's, too.
 */
static bool may_make_entries(
	struct lineage *lineage, const struct process *maker, enum maker_sight *ret)
{
	if (!maker || maker->entry)
		return false;
	if (maker->commands && !maker->doubt) {
		*ret = who_ran(lineage, maker);
		return true;
	}
	*ret = maker->place == PLACE_OUTSIDE ? MAKER_OUTSIDE : MAKER_UNSEEN;
	return lineage_is_adopted(maker) && maker->exec_nsec != 0 && maker->place != PLACE_OTHER &&
	       lineage_shim_of(lineage, maker);
}

/* Then it is the human's, and that of no other process. */
static void learn_hand(struct lineage *lineage, struct entry *entry, const struct process *maker)
{
	struct proc_stat stat;

	entry->auid_known =
		maker->end_nsec == 0 &&
		proc_read_loginuid(lineage->proc_fd, maker->pid, &entry->auid) == 0 &&
		proc_read_stat(lineage->proc_fd, maker->pid, &stat) == 0 &&
		lineage_same_start(maker->start_nsec, stat.start_nsec);
}

bool lineage_is_exec(struct lineage *lineage, const struct process *root)
{
	const struct process *maker = lineage_parent_of(lineage, root);

	/* Of other commands it is not kept what they are for. */
	return maker && !maker->entry && !maker->doubt && maker->commands && maker->commanded;
}

void lineage_tell_entry(struct lineage *lineage, struct entry *entry, const struct process *root)
{
	const struct process *maker = lineage_parent_of(lineage, root);
	enum maker_sight sight;

	if (!may_make_entries(lineage, maker, &sight)) {
		lineage->options.on_entry(entry, 0, 0, lineage->options.userdata);
		return;
	}
	entry->maker_sight = sight;
	if (sight == MAKER_BY_HAND)
		learn_hand(lineage, entry, maker);
	lineage->options.on_entry(entry, maker->pid, maker->start_nsec, lineage->options.userdata);
}

void lineage_note_made(struct lineage *lineage, const struct process *root)
{
	struct process *maker = lineage_parent_of(lineage, root);
	enum maker_sight sight;

	if (may_make_entries(lineage, maker, &sight) && !maker->made)
		maker->made = entry_ref(root->entry);
}

struct entry *lineage_made_before(
	struct lineage *lineage, const struct process *process, const struct container *container)
{
	const struct process *maker = lineage_parent_of(lineage, process);

	return maker && maker->made && maker->made->container == container ? maker->made : NULL;
}
