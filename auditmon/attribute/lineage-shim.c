/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"
#include "runtime/shim.h"

#define LEVELS_MAX 4

pid_t lineage_monitor_of(struct lineage *lineage, const struct process *process)
{
	const struct process *ancestor = lineage_parent_of(lineage, process);

	for (int level = 0; ancestor && level < LEVELS_MAX; level++) {
		if (!ancestor->entry && ancestor->end_nsec == 0 &&
			proc_is_runtime(lineage->proc_fd, ancestor->pid))
			return proc_share_mounts(lineage->proc_fd, process->pid, ancestor->pid)
				       ? 0
				       : ancestor->pid;
		ancestor = lineage_parent_of(lineage, ancestor);
	}
	return 0;
}

void lineage_hear_command(struct lineage *lineage, struct process *process)
{
	struct cgroup_match match, *kept;

	free(process->commanded);
	process->commanded = NULL;
	if (!process->monitor || shim_identify(lineage->proc_fd, process->pid, &match) < 0)
		return;
	kept = malloc(sizeof(*kept));
	if (kept)
		*kept = match;
	process->commanded = kept;
}

bool lineage_is_adopted(const struct process *process)
{
	return process->doubt && strcmp(process->doubt, DOUBT_ADOPTED) == 0;
}

/* Of one kind; what cannot be read says nothing. */
static enum place_seen compare(
	struct lineage *lineage, const struct process *process, pid_t other, const char *kind)
{
	char first[PROC_NAMESPACE_SIZE], second[PROC_NAMESPACE_SIZE];

	if (proc_read_namespace(lineage->proc_fd, process->pid, kind, first) < 0 ||
		proc_read_namespace(lineage->proc_fd, other, kind, second) < 0)
		return PLACE_UNSEEN;
	return strcmp(first, second) == 0 ? PLACE_OUTSIDE : PLACE_OTHER;
}

const struct process *lineage_shim_of(struct lineage *lineage, const struct process *command)
{
	const struct process *shim = lineage_parent_of(lineage, command);

	return shim && !shim->entry && !shim->doubt && shim->monitor && !shim->commands ? shim
											: NULL;
}

/* The pid of one that is gone may be another's by now. */
static bool is_still(struct lineage *lineage, const struct process *process)
{
	struct proc_stat stat;

	return process->end_nsec == 0 &&
	       proc_read_stat(lineage->proc_fd, process->pid, &stat) == 0 &&
	       lineage_same_start(process->start_nsec, stat.start_nsec);
}

void lineage_see_adopted(struct lineage *lineage, struct process *process)
{
	const struct process *shim = lineage_shim_of(lineage, process);
	enum place_seen mounts, pids;

	if (!shim || process->place != PLACE_UNSEEN)
		return;
	mounts = compare(lineage, process, shim->pid, "mnt");
	pids = compare(lineage, process, shim->pid, "pid");
	if (!is_still(lineage, process) || !is_still(lineage, shim))
		return;
	if (mounts == PLACE_OTHER || pids == PLACE_OTHER)
		process->place = PLACE_OTHER;
	else if (mounts == PLACE_OUTSIDE && pids == PLACE_OUTSIDE)
		process->place = PLACE_OUTSIDE;
}

/*
 * With Docker each container has a shim of its own. What its runtime forks for the container names
 * itself before it executes anything (nsexec.c of runc). What it forks for the host, as hooks,
 * executes at once; what those fork is not looked at. And what a container's process has forked in
 * its runtime's name is the container's, too.
 */
static int enter_by_shim_above(struct lineage *lineage, struct process *process)
{
	const struct process *command = lineage_parent_of(lineage, process), *shim;
	struct cgroup_match match;
	int r = -ENOENT;

	if (process->n_names == 0 || process->exec_nsec != 0 || !command || command->entry ||
		!(command->commands || lineage_is_adopted(command)))
		return -ENOENT;
	shim = lineage_shim_of(lineage, command);
	if (!shim)
		return -ENOENT;
	if (shim->commanded)
		return lineage_enter(lineage, process, shim->commanded, ATTRIBUTED_SHIM, true);
	if (shim->end_nsec == 0)
		r = shim_identify(lineage->proc_fd, shim->pid, &match);
	return r < 0 ? r : lineage_enter(lineage, process, &match, ATTRIBUTED_SHIM, true);
}

int lineage_enter_by_command(struct lineage *lineage, struct process *process)
{
	const struct process *ancestor = lineage_parent_of(lineage, process);

	for (int level = 0; ancestor && level < LEVELS_MAX; level++) {
		if (!ancestor->entry && !ancestor->doubt && ancestor->commands &&
			ancestor->commanded)
			return lineage_enter(
				lineage, process, ancestor->commanded, ATTRIBUTED_SHIM, true);
		ancestor = lineage_parent_of(lineage, ancestor);
	}
	return enter_by_shim_above(lineage, process);
}

int lineage_enter_by_shim(
	struct lineage *lineage, struct process *process, pid_t monitor, bool seen_from_start)
{
	struct cgroup_match match;

	/* A stage of the runtime's is on its way: its cgroup may yet say more. */
	if (proc_is_runtime(lineage->proc_fd, process->pid) ||
		shim_identify(lineage->proc_fd, monitor, &match) < 0)
		return -ENOENT;
	return lineage_enter(lineage, process, &match, ATTRIBUTED_SHIM, seen_from_start);
}
