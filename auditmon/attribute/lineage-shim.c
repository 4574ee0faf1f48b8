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
	if (!process->commands || shim_identify(lineage->proc_fd, process->pid, &match) < 0)
		return;
	kept = malloc(sizeof(*kept));
	if (kept)
		*kept = match;
	process->commanded = kept;
}

int lineage_enter_by_command(struct lineage *lineage, struct process *process)
{
	const struct process *ancestor = lineage_parent_of(lineage, process);

	for (int level = 0; ancestor && level < LEVELS_MAX; level++) {
		if (!ancestor->entry && !ancestor->doubt && ancestor->commanded)
			return lineage_enter(
				lineage, process, ancestor->commanded, ATTRIBUTED_SHIM, true);
		ancestor = lineage_parent_of(lineage, ancestor);
	}
	return -ENOENT;
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
