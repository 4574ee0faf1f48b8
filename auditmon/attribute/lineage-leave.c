/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/cgroup-home.h"
#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

/* A process that touches a thousand files is not looked at a thousand times. */
#define LOOK_AGAIN_NSEC (10 * 1000000ull)

/* What a process of a container shows of itself at one moment. */
struct whereabouts {
	char *cgroup;
	size_t cgroup_len;
	char mounts[PROC_NAMESPACE_SIZE], pids[PROC_NAMESPACE_SIZE];
};

static int read_whereabouts(
	struct lineage *lineage, const struct process *process, struct whereabouts *ret)
{
	int proc_fd = lineage->proc_fd, r;
	struct proc_stat stat;

	r = proc_read_namespace(proc_fd, process->pid, "mnt", ret->mounts);
	r = r < 0 ? r : proc_read_namespace(proc_fd, process->pid, "pid", ret->pids);
	r = r < 0 ? r : proc_read_cgroup(proc_fd, process->pid, &ret->cgroup, &ret->cgroup_len);
	r = r < 0 ? r : proc_read_stat(proc_fd, process->pid, &stat);
	if (r < 0)
		return r;
	/* On version 1 a process that is ending is shown in the root (proc_cgroup_show() in
	 * kernel/cgroup/cgroup.c). */
	return stat.exiting || !lineage_same_start(process->start_nsec, stat.start_nsec) ? -ENOENT
											 : 0;
}

/* A container within the container: its processes are the inner one's from here on. */
static void enter_nested(
	struct lineage *lineage, struct process *process, const struct whereabouts *whereabouts)
{
	const struct container_info *info = process->entry->container->info;
	struct cgroup_match match;

	cgroup_match(whereabouts->cgroup, whereabouts->cgroup_len, NULL, NULL, &match);
	if (!match.runtime || !match.outer_id[0] || strcmp(match.container_id, info->id) == 0)
		return;
	/* Out of the inner one nobody comes back, but to a sibling one may move. */
	if (strcmp(match.outer_id, info->outer_id ? info->outer_id : info->id) != 0)
		return;
	lineage_enter_nested(lineage, process, &match);
}

bool lineage_look_again(struct lineage *lineage, struct process *process, uint64_t now_nsec)
{
	_cleanup_(freep) char *cgroup = NULL;
	struct whereabouts whereabouts = { 0 };
	const char *home;
	unsigned left = 0;
	int r;

	/* Until it has executed its program the first process of an entry is the runtime's stage,
	 * which enters the container step by step. */
	if (process->entry->pid == process->pid && !process->entry->is_in)
		return true;
	if (process->left_nsec != 0 && !process->on_way &&
		now_nsec < process->left_nsec + LOOK_AGAIN_NSEC)
		return true;
	process->left_nsec = now_nsec;
	r = read_whereabouts(lineage, process, &whereabouts);
	cgroup = whereabouts.cgroup;
	if (r < 0)
		return false;
	process->seen_nsec = now_nsec;
	enter_nested(lineage, process, &whereabouts);
	home = process->entry->container->cgroup_home;
	if (home && cgroup_home_is_left(home, cgroup, whereabouts.cgroup_len))
		left |= LEFT_CGROUP;
	if (strcmp(whereabouts.mounts, lineage->host_mounts) == 0)
		left |= LEFT_MOUNTS;
	if (strcmp(whereabouts.pids, lineage->host_pids) == 0)
		left |= LEFT_PIDS;
	process->left = (uint8_t)left;
	return true;
}

void lineage_read_posture(struct lineage *lineage, const struct process *process)
{
	struct entry *entry = process->entry;

	if (entry->kind != ENTRY_INIT || entry->pid != process->pid || !entry->is_in)
		return;
	if (posture_take_process(lineage->proc_fd, process->pid, entry->container->info) > 0 &&
		lineage->options.on_container)
		lineage->options.on_container(entry->container, lineage->options.userdata);
}

void lineage_remember_program(struct lineage *lineage, struct process *process)
{
	_cleanup_(freep) char *argv = NULL;
	struct ancestor *ancestor;
	size_t len = 0;

	/* A chain whose upper part could not be kept does not begin anew in the middle. */
	if (!process->ancestor && process->entry->pid != process->pid)
		return;
	if (proc_read_cmdline(lineage->proc_fd, process->pid, &argv, &len) < 0)
		argv = NULL;
	/* Without memory the chain has a gap rather than the former program. */
	if (ancestor_new(process->pid, ancestor_above(process->ancestor), argv, len, &ancestor) < 0)
		ancestor = NULL;
	ancestor_unref(process->ancestor);
	process->ancestor = ancestor;
}
