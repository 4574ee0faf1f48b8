/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Engines within containers
 *
 * An engine in a container (Docker in Docker) makes containers as one of the host does: its runtime
 * forks a stage, moves it into the inner container's cgroup, and the stage executes the program. By
 * lineage all of that is the outer container's, and only the cgroup says better. So what is below a
 * runtime is on its way (struct process's on_way) until it is seen in the inner container, or seen
 * outside of it running another program than a runtime: a stage is in its place before it executes
 * what was asked for. One that ends unseen is told as the outer container's, with doubt.
 *
 * A program that ended before it could be seen, or that has no name, may have been a runtime; it
 * counts as one in a container that engines are known in.
 */

#include <string.h>

#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

/* Runtimes run copies of themselves that nobody can write to: in memory, of a file that is removed,
 * or on a mount that is detached. */
static bool has_no_name(const char *exe)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(exe);

	return strcmp(exe, "/") == 0 || strncmp(exe, "/memfd:", strlen("/memfd:")) == 0 ||
	       (len >= sizeof(deleted) && strcmp(exe + len - (sizeof(deleted) - 1), deleted) == 0);
}

static void learn_program(struct process *process, const char *exe)
{
	struct container *container = process->entry->container;

	if (proc_exe_is_runtime(exe) || proc_exe_is_engine(exe))
		container->nests = true;
	process->monitor = proc_exe_is_runtime(exe) || (container->nests && has_no_name(exe));
}

void lineage_see_program(struct lineage *lineage, struct process *process, uint64_t time_nsec)
{
	_cleanup_(freep) char *exe = NULL;
	/* The start of the process is compared afterwards, so this is its own. */
	bool is_known = proc_read_exe(lineage->proc_fd, process->pid, &exe) == 0;

	process->left_nsec = 0;
	is_known = lineage_look_again(lineage, process, time_nsec) && is_known;
	if (!is_known) {
		process->monitor = process->entry->container->nests;
		return;
	}
	learn_program(process, exe);
	process->on_way = process->on_way && process->monitor;
}

void lineage_meet_program(struct lineage *lineage, struct process *process)
{
	_cleanup_(freep) char *exe = NULL;

	if (proc_read_exe(lineage->proc_fd, process->pid, &exe) == 0)
		learn_program(process, exe);
}

void lineage_follow(struct lineage *lineage, struct process *process, uint64_t time_nsec)
{
	lineage_look_again(lineage, process, time_nsec);
	if (process->on_way)
		lineage_suspect(lineage, process, time_nsec);
}
