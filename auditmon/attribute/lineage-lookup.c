/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/cgroup-home.h"
#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"
#include "base/mounts.h"

/* A runtime's stage has executed its program or given up by then. */
#define SUSPICION_NSEC (2 * 1000000000ull)

/* A container that all its processes had left runs again: its engine may say something else by now.
 */
static void refresh_container(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	bool seen_from_start, struct container *container)
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
	free(container->cgroup_home);
	container->cgroup_home = NULL;
	container->seen_from_start = seen_from_start;
	if (lineage->options.on_container)
		lineage->options.on_container(container, lineage->options.userdata);
}

#define NAME_PAUSE_NSEC (1000 * 1000000ull)

void lineage_check_name(struct lineage *lineage, struct container *container, uint64_t now_nsec)
{
	struct container_info *info = container->info, *fresh;
	struct cgroup_match match = { .runtime = info->runtime,
		.of_user = container->owner == RUNTIME_NO_OWNER ? 0 : container->owner };

	if (now_nsec < container->named_nsec + NAME_PAUSE_NSEC || strlen(info->id) >= CGROUP_ID_MAX)
		return;
	container->named_nsec = now_nsec;
	if (!runtime_is_renamed(lineage->options.runtime, info))
		return;
	strcpy(match.container_id, info->id);
	if (runtime_describe(lineage->options.runtime, &match,
		    container->init && container->init->alive ? container->init->pid : 0,
		    &fresh) < 0)
		return;
	if (container_info_take_over(info, fresh) && lineage->options.on_container)
		lineage->options.on_container(container, lineage->options.userdata);
	container_info_free(fresh);
}

/*
 * Whose container can be made to bear whose name? A user may name a unit as an engine would, with
 * any id; so may who can make cgroups within a container.
 */
static bool is_same(
	const struct container *container, const struct cgroup_match *match, uid_t owner)
{
	const char *outer_id = container->info->outer_id ? container->info->outer_id : "";

	return container->owner == owner && strcmp(outer_id, match->outer_id) == 0;
}

static int get_container(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	bool seen_from_start, bool must_be_known, struct container **ret);

/*
 * Within a container anybody can give a cgroup the name of one of the host's: one that an engine of
 * the host knows, running or not, or that was there before. So can a user whose part of the tree it
 * is with a container of root's, or of another user's.
 */
static bool is_anothers_name(struct lineage *lineage, const struct cgroup_match *match,
	const struct container_info *info, uid_t owner)
{
	uid_t former;
	bool had = container_table_had(lineage->containers, info->id, &former);

	if (match->outer_id[0])
		return info->source || had;
	return owner != RUNTIME_NO_OWNER &&
	       ((had && former != owner) || runtime_root_knows(lineage->options.runtime, match));
}

/* The outermost container of a nested one: NULL in ret where there is none. 0, -EXDEV, -ENOMEM. */
static int get_outer(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	bool seen_from_start, struct container **ret)
{
	struct cgroup_match outer = *match;

	if (!match->outer_id[0])
		return 0;
	outer.runtime = match->outer_runtime;
	strcpy(outer.container_id, match->outer_id);
	outer.outer_id[0] = '\0';
	outer.outer_runtime = NULL;
	return get_container(lineage, &outer, pid, seen_from_start, false, ret);
}

/*
 * The container that match names, from the table or made now. The reference is the caller's.
 * must_be_known: the name is what anybody can write, and counts only if an engine knows the
 * container. 0, -EXDEV (another's, or nobody's), -ENOMEM.
 */
static int get_container(struct lineage *lineage, const struct cgroup_match *match, pid_t pid,
	bool seen_from_start, bool must_be_known, struct container **ret)
{
	struct container *container =
		container_table_find(lineage->containers, match->runtime, match->container_id);
	_cleanup_(container_unrefp) struct container *outer = NULL;
	uid_t owner = runtime_owner_of(lineage->options.runtime, match, pid);
	struct container_info *info;
	int r;

	if (container && !is_same(container, match, owner))
		return -EXDEV;
	if (container) {
		if (container->n_alive == 0)
			refresh_container(lineage, match, pid, seen_from_start, container);
		*ret = container_ref(container);
		return 0;
	}
	r = get_outer(lineage, match, pid, seen_from_start, &outer);
	r = r < 0 ? r : runtime_describe(lineage->options.runtime, match, pid, &info);
	if (r < 0)
		return r;
	if (is_anothers_name(lineage, match, info, owner) ||
		(!match->outer_id[0] && must_be_known && !info->source)) {
		container_info_free(info);
		return -EXDEV;
	}
	r = container_table_add(lineage->containers, info, &container);
	if (r < 0)
		return r;
	container->owner = owner;
	if (outer)
		outer->nests = true;
	container->outer = TAKE(outer);
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

	if (entry->pid != root->pid || entry->is_in)
		return;
	entry_settle(entry, lineage->proc_fd, has_executed);
}

/* A stage joins the hierarchies one after another, so the more is known, the better. */
static void keep_home(struct container *container, const char *text, size_t len)
{
	char *home;

	if (cgroup_home_take(text, len, container->info->id, &home) < 0)
		return;
	if (home[0] == '\0' ||
		(container->cgroup_home && strlen(home) <= strlen(container->cgroup_home))) {
		free(home);
		return;
	}
	free(container->cgroup_home);
	container->cgroup_home = home;
}

static void take_in(struct process *process, struct entry *entry, enum attributed_by by)
{
	lineage_assign(process, entry, by);
	process->doubt = NULL;
	process->suspect = false;
}

int lineage_enter(struct lineage *lineage, struct process *process,
	const struct cgroup_match *match, enum attributed_by by, bool seen_from_start)
{
	_cleanup_(container_unrefp) struct container *container = NULL;
	struct entry *entry;
	int r;

	r = get_container(lineage, match, process->pid, seen_from_start,
		by == ATTRIBUTED_SHIM || runtime_owner(match) != RUNTIME_NO_OWNER, &container);
	if (r < 0)
		return r;
	entry = lineage_made_before(lineage, process, container);
	if (entry) {
		take_in(process, entry_ref(entry), by);
		return 0;
	}
	r = entry_new(container, process->pid, &entry);
	if (r < 0)
		return r;
	take_in(process, entry, by);
	lineage_remember_program(lineage, process);
	learn_entry(lineage, entry, process);
	entry->start_nsec = process->start_nsec;
	entry->is_exec = lineage_is_exec(lineage, process);
	if (seen_from_start && lineage->options.on_entry)
		lineage_tell_entry(lineage, entry, process);
	return 0;
}

/* On version 1 a process that is ending is shown in the root (proc_cgroup_show() in
 * kernel/cgroup/cgroup.c). Only of one that may be in a container it matters. */
static bool is_shown_late(struct lineage *lineage, const struct process *process)
{
	struct proc_stat stat;

	return process->suspect &&
	       (proc_read_stat(lineage->proc_fd, process->pid, &stat) < 0 || stat.exiting);
}

int lineage_look_up(struct lineage *lineage, struct process *process, bool seen_from_start)
{
	_cleanup_(freep) char *text = NULL;
	struct cgroup_match match;
	struct proc_stat stat;
	size_t len;
	int r;

	if (proc_read_cgroup(lineage->proc_fd, process->pid, &text, &len) < 0)
		return -ENOENT;
	process->looked_up = true;
	cgroup_match(text, len, runtime_task_exists, lineage->options.runtime, &match);
	if (!match.runtime)
		return is_shown_late(lineage, process) ? -ENOENT : 0;
	if (proc_read_stat(lineage->proc_fd, process->pid, &stat) < 0 ||
		!lineage_same_start(process->start_nsec, stat.start_nsec))
		return -ENOENT;
	r = lineage_enter(lineage, process, &match, ATTRIBUTED_CGROUP, seen_from_start);
	if (r == -EXDEV)
		process->doubt = DOUBT_OWNER;
	/* Without room for it nothing can be told: not even that it is the host's. */
	else if (r < 0)
		process->doubt = DOUBT_MEMORY;
	else
		keep_home(process->entry->container, text, len);
	return 0;
}

void lineage_enter_nested(
	struct lineage *lineage, struct process *process, const struct cgroup_match *match)
{
	_cleanup_(container_unrefp) struct container *container = NULL;
	struct entry *outer = process->entry, *entry;

	if (get_container(lineage, match, process->pid, true, false, &container) < 0 ||
		entry_new(container, process->pid, &entry) < 0)
		return;
	entry->auid = outer->auid;
	entry->auid_known = outer->auid_known;
	lineage_leave_entry(lineage, process);
	lineage_assign(process, entry, ATTRIBUTED_CGROUP);
	outer->container->nests = true;
	entry_unref(outer);
	process->on_way = process->monitor = process->suspect = false;
	/* The chain of the inner container begins here. */
	ancestor_unref(process->ancestor);
	process->ancestor = NULL;
	lineage_remember_program(lineage, process);
	lineage_settle_kind(lineage, process, !proc_is_runtime(lineage->proc_fd, process->pid));
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

/* True where nothing more is to be waited for. */
static bool poll_one(struct lineage *lineage, struct process *process, uint64_t now_nsec)
{
	if (process->on_way) {
		lineage_look_again(lineage, process, now_nsec);
		return !process->on_way;
	}
	lineage_look_up(lineage, process, true);
	if (process->entry)
		lineage_settle_kind(lineage, process, false);
	return process->entry;
}

bool lineage_poll(struct lineage *lineage, uint64_t now_nsec)
{
	size_t kept = 0;

	for (size_t i = 0; i < lineage->n_suspects; i++) {
		struct process *process =
			process_table_latest(lineage->processes, lineage->suspects[i].pid);

		if (!process || process->end_nsec != 0 || !process->suspect)
			continue;
		if (poll_one(lineage, process, now_nsec))
			continue;
		if (now_nsec < lineage->suspects[i].until_nsec)
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
