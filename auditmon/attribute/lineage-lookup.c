/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/mounts.h"
#include "attribute/proc.h"

/* A runtime's stage has executed its program or given up by then. */
#define SUSPICION_NSEC (2 * 1000000000ull)

/* A container that all its processes had left runs again: its engine may say something else by now.
 */
static void refresh_container(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	struct container *container)
{
	struct container_info *info;

	if (runtime_describe(lineage->options.runtime, match, pid, &info) == 0) {
		/* State files that are gone by now take nothing back. */
		bool better = info->source || !container->info->source;

		container_info_free(better ? container->info : info);
		container->info = better ? info : container->info;
	}
	mounts_free(container->mounts);
	container->mounts = NULL;
	container->seen_from_start = true;
	if (lineage->options.on_container)
		lineage->options.on_container(container, lineage->options.userdata);
}

/*
 * The container that match names, from the table or made now. The reference is the caller's. A user
 * may name a unit as an engine would, with any id: below user@UID.service a name counts only if
 * that user's engine knows the container. 0, -EXDEV (another's, or nobody's), -ENOMEM.
 */
static int get_container(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	bool seen_from_start, struct container **ret)
{
	struct container *container =
		container_table_find(lineage->containers, match->runtime, match->container_id);
	uid_t owner = runtime_owner(match);
	struct container_info *info;
	int r;

	if (container && container->owner != owner)
		return -EXDEV;
	if (container) {
		if (container->n_alive == 0)
			refresh_container(lineage, match, pid, container);
		*ret = container_ref(container);
		return 0;
	}
	r = runtime_describe(lineage->options.runtime, match, pid, &info);
	if (r < 0)
		return r;
	if (owner != RUNTIME_NO_OWNER && !info->source) {
		container_info_free(info);
		return -EXDEV;
	}
	r = container_table_add(lineage->containers, info, &container);
	if (r < 0)
		return r;
	container->owner = owner;
	container->seen_from_start = seen_from_start;
	if (lineage->options.on_container)
		lineage->options.on_container(container, lineage->options.userdata);
	*ret = container;
	return 0;
}

/* Who made this entry: the loginuid outside, and the client of a fork and exec engine among the
 * ancestors. */
static void learn_entry(struct lineage *lineage, struct entry *entry, const struct process *root)
{
	struct process *ancestor = lineage_parent_of(lineage, root);

	for (int level = 0; ancestor && level < 16; level++) {
		if (!ancestor->entry && ancestor->end_nsec == 0) {
			entry_learn_from(entry, lineage->proc_fd, ancestor->pid);
			ancestor->monitor = ancestor->monitor ||
					    proc_is_runtime(lineage->proc_fd, ancestor->pid);
		}
		ancestor = lineage_parent_of(lineage, ancestor);
	}
}

void lineage_settle_kind(struct lineage *lineage, const struct process *root, bool has_executed)
{
	struct entry *entry = root->entry;

	if (entry->pid != root->pid || entry->kind_is_final)
		return;
	entry_settle(entry, lineage->proc_fd, has_executed);
}

int lineage_look_up(struct lineage *lineage, struct process *process, bool seen_from_start)
{
	_cleanup_(container_unrefp) struct container *container = NULL;
	_cleanup_(freep) char *text = NULL;
	struct cgroup_match match;
	struct proc_stat stat;
	struct entry *entry;
	size_t len;
	int r;

	if (proc_read_cgroup(lineage->proc_fd, process->pid, &text, &len) < 0)
		return -ENOENT;
	process->looked_up = true;
	cgroup_match(text, len, runtime_task_exists, lineage->options.runtime, &match);
	if (!match.runtime)
		return 0;
	if (proc_read_stat(lineage->proc_fd, process->pid, &stat) < 0 ||
		!lineage_same_start(process->start_nsec, stat.start_nsec))
		return -ENOENT;
	r = get_container(lineage, &match, process->pid, seen_from_start, &container);
	if (r == -EXDEV) {
		process->doubt = DOUBT_OWNER;
		return 0;
	}
	if (r < 0 || entry_new(container, process->pid, &entry) < 0) {
		/* Without memory it cannot be told: not even that it is the host's. */
		process->doubt = DOUBT_MEMORY;
		return 0;
	}
	lineage_assign(process, entry, ATTRIBUTED_CGROUP);
	process->doubt = NULL;
	process->suspect = false;
	learn_entry(lineage, entry, process);
	return 0;
}

void lineage_suspect(struct lineage *lineage, struct process *process, uint64_t now_nsec)
{
	if (process->suspect)
		return;
	process->suspect = true;
	if (lineage->n_suspects == MAX_SUSPECTS)
		return;
	lineage->suspects[lineage->n_suspects].pid = process->pid;
	lineage->suspects[lineage->n_suspects++].until_nsec = now_nsec + SUSPICION_NSEC;
}

bool lineage_poll(struct lineage *lineage, uint64_t now_nsec)
{
	size_t kept = 0;

	for (size_t i = 0; i < lineage->n_suspects; i++) {
		struct process *process =
			process_table_latest(lineage->processes, lineage->suspects[i].pid);

		if (!process || process->end_nsec != 0 || !process->suspect)
			continue;
		lineage_look_up(lineage, process, true);
		if (process->entry)
			lineage_settle_kind(lineage, process, false);
		else if (now_nsec < lineage->suspects[i].until_nsec)
			lineage->suspects[kept++] = lineage->suspects[i];
		else
			process->suspect = false;
	}
	lineage->n_suspects = kept;
	return kept > 0;
}

bool lineage_has_suspects(const struct lineage *lineage)
{
	return lineage->n_suspects > 0;
}
