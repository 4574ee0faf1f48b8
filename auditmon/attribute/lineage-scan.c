/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

#define DOUBT_MERGE_NSEC (60 * 1000000000ull)

/* Of a scan: one that is nested deeper is placed without its ancestors' word. */
#define MAX_PLACE_DEPTH 1024

/* The process ended unseen: when events were lost at some time since then, else not before the next
 * of its pid began. */
static void end_unseen(struct lineage *lineage, struct process *process, uint64_t next_nsec)
{
	uint64_t end_nsec = lineage->lost_since_nsec ? lineage->lost_since_nsec : next_nsec;

	lineage_end_process(
		lineage, process, end_nsec > process->start_nsec ? end_nsec : process->start_nsec);
}

int lineage_scan_one(struct lineage *lineage, pid_t pid, const char *doubt)
{
	struct process *process = process_table_latest(lineage->processes, pid);
	struct proc_stat stat;
	int r;

	if (proc_read_stat(lineage->proc_fd, pid, &stat) < 0)
		return 0;
	if (process && process->end_nsec == 0 &&
		lineage_same_start(process->start_nsec, stat.start_nsec)) {
		process->looked_up = process->entry != NULL;
		process->scanned = true;
		return 0;
	}
	if (process)
		end_unseen(lineage, process, stat.start_nsec);
	r = process_table_add(lineage->processes, pid, stat.start_nsec, &process);
	if (r < 0)
		return r == -ENOSPC ? 0 : r;
	process->parent = stat.parent;
	process->doubt = doubt;
	process->scanned = true;
	return 0;
}

static int scan_pids(struct lineage *lineage, const char *doubt)
{
	DIR *directory;
	int fd = openat(lineage->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	struct dirent *item;

	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory)
		return -errno;
	for (item = readdir(directory); item && r >= 0; item = readdir(directory)) {
		char *end;
		long pid = strtol(item->d_name, &end, 10);

		if (*end == '\0' && pid > 0)
			r = lineage_scan_one(lineage, (pid_t)pid, doubt);
	}
	closedir(directory);
	return r;
}

/*
 * In the container's cgroup, but not in its mounts, as its init or what came in by exec would be; or
 * in that of one that does not run, which whoever may make cgroups can have made.
 */
static bool is_strange(struct lineage *lineage, const struct process *process)
{
	const struct container *container = process->entry->container;
	pid_t init_pid = container->info->init_pid;

	/* Of one that we saw begin the word is from before it ran. */
	if (!container->seen_from_start && container->info->running == TRISTATE_NO)
		return true;
	return init_pid != 0 && init_pid != process->pid &&
	       !proc_share_mounts(lineage->proc_fd, process->pid, init_pid);
}

static bool is_nested_in(const struct entry *inner, const struct entry *outer)
{
	const char *outer_id = inner->container->info->outer_id;

	return outer_id && strcmp(outer_id, outer->container->info->id) == 0;
}

/* The chain of a process that a scan met, as its parent's is known by now. */
static void hang_below(struct lineage *lineage, struct process *process, struct process *parent)
{
	struct ancestor *link;

	if (ancestor_fork(parent->ancestor, process->pid, &link) < 0)
		return;
	ancestor_unref(process->ancestor);
	process->ancestor = link;
	lineage_remember_program(lineage, process);
}

/* In no container's cgroup, and yet not the host's? */
static void place_without_cgroup(
	struct lineage *lineage, struct process *process, struct process *parent)
{
	pid_t monitor;

	if (parent && parent->entry) {
		/* Where the container has no cgroup, its mounts are what tells. */
		if (!parent->entry->container->cgroup_home &&
			proc_share_mounts(lineage->proc_fd, process->pid, parent->pid))
			lineage_assign(process, entry_ref(parent->entry), ATTRIBUTED_SHIM);
		else
			process->doubt = DOUBT_LEFT;
		return;
	}
	monitor = lineage_monitor_of(lineage, process);
	if (monitor != 0 && lineage_enter_by_shim(lineage, process, monitor, false) < 0)
		process->doubt = DOUBT_MONITOR;
}

/* When all others have been placed: only then it is known which containers there are. */
static void place_by_label(struct process *process, void *userdata)
{
	if (!process->entry && process->scanned)
		lineage_enter_by_label(userdata, process);
}

/*
 * Where does a process live that a scan met? Its cgroup says; the parent only tells by which entry
 * it came. A child of a container in the host's cgroup has left the container, or came from the
 * host into its pid namespace: which, is not to be seen.
 */
static void place(struct process *process, void *userdata)
{
	struct lineage *lineage = userdata;
	struct process *parent;

	if (process->entry || process->looked_up || !process->scanned)
		return;
	process->looked_up = true;
	parent = lineage_parent_of(lineage, process);
	if (parent && parent != process && lineage->place_depth < MAX_PLACE_DEPTH) {
		lineage->place_depth++;
		place(parent, lineage);
		lineage->place_depth--;
	}
	lineage_look_up(lineage, process, false);
	if (!process->entry && !process->doubt)
		place_without_cgroup(lineage, process, parent);
	if (!process->entry)
		return;
	lineage_meet_program(lineage, process);
	if (parent && parent->entry && parent->entry->container == process->entry->container) {
		struct entry *entry = entry_of_child(parent->entry, lineage->proc_fd, process->pid);

		if (entry) {
			entry_unref(process->entry);
			process->entry = entry;
			if (entry->pid == process->pid)
				entry->start_nsec = process->start_nsec;
			if (entry == parent->entry)
				hang_below(lineage, process, parent);
		}
	} else {
		lineage_settle_kind(lineage, process, true);
		entry_read_mounts(process->entry, lineage->proc_fd, process->pid);
		lineage_read_posture(lineage, process);
		/* Docker in Docker is below; anything else has moved there, or was moved. */
		if ((parent && parent->entry && !is_nested_in(process->entry, parent->entry)) ||
			is_strange(lineage, process))
			process->doubt = DOUBT_OTHER;
	}
}

int lineage_scan(struct lineage *lineage, uint64_t now_nsec)
{
	int r = scan_pids(lineage, NULL);

	process_table_each_alive(lineage->processes, place, lineage);
	process_table_each_alive(lineage->processes, place_by_label, lineage);
	return r;
}

static void forget_scan(struct process *process, void *userdata)
{
	process->scanned = false;
}

/* Alive in the table but not met: its pid may have been another's since. */
static void end_missing(struct process *process, void *userdata)
{
	if (!process->scanned)
		end_unseen(userdata, process, 0);
}

int lineage_rescan(struct lineage *lineage, uint64_t since_nsec, uint64_t now_nsec)
{
	int r;

	/* Spans of doubt that follow each other closely are one. */
	if (lineage->doubt_until_nsec + DOUBT_MERGE_NSEC < since_nsec)
		lineage->doubt_from_nsec = since_nsec;
	lineage->doubt_until_nsec = now_nsec;
	lineage->lost_since_nsec = since_nsec;

	process_table_each_alive(lineage->processes, forget_scan, NULL);
	r = scan_pids(lineage, DOUBT_LOST);
	/* Of a scan that was broken off nobody can be said to be missing. */
	if (r >= 0)
		process_table_each_alive(lineage->processes, end_missing, lineage);
	process_table_each_alive(lineage->processes, place, lineage);
	process_table_each_alive(lineage->processes, place_by_label, lineage);
	lineage->lost_since_nsec = 0;
	return r;
}
