/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/lineage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "attribute/entry.h"
#include "attribute/mounts.h"
#include "attribute/proc.h"

/* /proc/PID/stat counts starts in clock ticks, and the connector's stamp is a little later than the
 * kernel's own. */
#define START_TOLERANCE_NSEC (25 * 1000000ull)

#define DOUBT_MERGE_NSEC (60 * 1000000000ull)

/* Of a scan: one that is nested deeper is placed without its ancestors' word. */
#define MAX_PLACE_DEPTH 1024

#define DOUBT_UNKNOWN "process unknown: it ended before it could be seen"
#define DOUBT_LOST "process events were lost: this may be another process of that pid"
#define DOUBT_PARENT "process unknown: nothing was heard of its birth or its parent's"
#define DOUBT_MOVED "a runtime's stage that ended before it could be seen in which container"
#define DOUBT_LEFT "child of a container's process, found in the host's cgroup"
#define DOUBT_MONITOR                                                                              \
	"below a container's monitor in namespaces of its own, in no container's cgroup"
#define DOUBT_ADOPTED                                                                              \
	"child of a container's runtime: forked by it, or by a process of the container in its "   \
	"name"
#define DOUBT_OWNER "its cgroup bears the name of a container of another user's, or of none"
#define DOUBT_OTHER                                                                                \
	"in a container's cgroup without being of it, as far as its parent and its mounts tell"
#define DOUBT_MEMORY "out of memory: its container could not be kept"
#define DOUBT_REUSED "pid changed hands within the clock's resolution"

/* A runtime's stage has executed its program or given up by then. */
#define SUSPICION_NSEC (2 * 1000000000ull)
#define MAX_SUSPECTS 256

/* A runtime's stage names itself once or twice. To give oneself names is cheap, to look up is not:
 * whoever does it all day must not keep us busy. */
#define MAX_NAMES 4

struct lineage {
	struct lineage_options options;
	int proc_fd;
	struct process_table *processes;
	struct container_table *containers;
	uint64_t doubt_from_nsec,
		doubt_until_nsec; /* the last span in which events were lost; 0: none */
	uint64_t lost_since_nsec; /* of the rescan that is going on; 0: none is */
	unsigned place_depth;
	struct {
		pid_t pid;
		uint64_t until_nsec;
	} suspects[MAX_SUSPECTS];
	size_t n_suspects;
};

int lineage_new(const struct lineage_options *options, struct lineage **ret)
{
	_cleanup_(lineage_freep) struct lineage *lineage = calloc(1, sizeof(*lineage));
	int r;

	if (!lineage)
		return -ENOMEM;
	lineage->options = *options;
	lineage->proc_fd = open(options->proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lineage->proc_fd < 0)
		return -errno;
	r = process_table_new(options->process_limit, &lineage->processes);
	if (r < 0)
		return r;
	r = container_table_new(&lineage->containers);
	if (r < 0)
		return r;
	*ret = TAKE(lineage);
	return 0;
}

void lineage_free(struct lineage *lineage)
{
	if (!lineage)
		return;
	process_table_free(lineage->processes);
	container_table_free(lineage->containers);
	closep(&lineage->proc_fd);
	free(lineage);
}

/* Puts a process below an entry; the reference of the argument is taken. */
static void assign(struct process *process, struct entry *entry, enum attributed_by by)
{
	process->entry = entry;
	process->attributed_by = entry ? by : ATTRIBUTED_NONE;
	process->looked_up = entry != NULL;
	if (entry && process->end_nsec == 0)
		entry->container->n_alive++;
}

static void end_process(struct lineage *lineage, struct process *process, uint64_t time_nsec)
{
	struct entry *entry = process->entry;

	if (process->end_nsec != 0)
		return;
	process_table_end(lineage->processes, process, time_nsec);
	if (!entry)
		return;
	if (entry->pid == process->pid)
		entry->alive = false;
	if (--entry->container->n_alive == 0 && lineage->options.on_container_end)
		lineage->options.on_container_end(entry->container, lineage->options.userdata);
}

/*
 * A pid's next process starts later than the one that we know. What is read may well be earlier
 * than what we know: the connector's stamp is taken when the parent comes to it, which on a busy
 * machine is late, and a suspension moves all that was before it.
 */
static bool same_start(uint64_t known_nsec, uint64_t read_nsec)
{
	return known_nsec == 0 || read_nsec <= known_nsec + START_TOLERANCE_NSEC;
}

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

/* NULL where it is not known. A scan's starts are a clock tick apart from the connector's. */
static struct process *parent_of(struct lineage *lineage, const struct process *process)
{
	if (process->parent == 0)
		return NULL;
	if (process->start_nsec == 0)
		return process_table_latest(lineage->processes, process->parent);
	return process_table_next_at(lineage->processes, process->parent, process->start_nsec,
		START_TOLERANCE_NSEC, NULL);
}

/* Who made this entry: the loginuid outside, and the client of a fork and exec engine among the
 * ancestors. */
static void learn_entry(struct lineage *lineage, struct entry *entry, const struct process *root)
{
	struct process *ancestor = parent_of(lineage, root);

	for (int level = 0; ancestor && level < 16; level++) {
		if (!ancestor->entry && ancestor->end_nsec == 0) {
			entry_learn_from(entry, lineage->proc_fd, ancestor->pid);
			ancestor->monitor = ancestor->monitor ||
					    proc_is_runtime(lineage->proc_fd, ancestor->pid);
		}
		ancestor = parent_of(lineage, ancestor);
	}
}

static void settle_kind(struct lineage *lineage, const struct process *root, bool has_executed)
{
	struct entry *entry = root->entry;

	if (entry->pid != root->pid || entry->kind_is_final)
		return;
	entry_settle(entry, lineage->proc_fd, has_executed);
}

/*
 * Reads the cgroup of a process that counts as the host's. Anything may have happened to the pid
 * meanwhile, so its start is compared. 0, or -ENOENT where the process is gone.
 */
static int look_up(struct lineage *lineage, struct process *process, bool seen_from_start)
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
		!same_start(process->start_nsec, stat.start_nsec))
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
	assign(process, entry, ATTRIBUTED_CGROUP);
	process->doubt = NULL;
	process->suspect = false;
	learn_entry(lineage, entry, process);
	return 0;
}

/* setsid and a name of its own are what runtimes' stages do; some other processes too, which does
 * no harm. */
static void suspect(struct lineage *lineage, struct process *process, uint64_t now_nsec)
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
		look_up(lineage, process, true);
		if (process->entry)
			settle_kind(lineage, process, false);
		else if (now_nsec < lineage->suspects[i].until_nsec)
			lineage->suspects[kept++] = lineage->suspects[i];
		else
			process->suspect = false;
	}
	lineage->n_suspects = kept;
	return kept > 0;
}

static void on_fork(struct lineage *lineage, const struct process_event *event)
{
	struct process *parent = process_table_latest(lineage->processes, event->parent);
	struct process *child = process_table_latest(lineage->processes, event->pid);
	struct entry *entry;
	const char *doubt;

	/* A scan may have met the child before its birth was read from the socket. */
	if (child && child->end_nsec == 0 &&
		child->start_nsec + START_TOLERANCE_NSEC >= event->time_nsec)
		return;
	entry = parent ? parent->entry : NULL;
	doubt = parent ? parent->doubt : DOUBT_PARENT;
	if (child)
		end_process(lineage, child, event->time_nsec);
	/* Held over the add, which may forget a dead parent and with it the entry. */
	entry_ref(entry);
	if (process_table_add(lineage->processes, event->pid, event->time_nsec, &child) < 0) {
		entry_unref(entry);
		return;
	}
	child->parent = event->parent;
	child->doubt = doubt;
	assign(child, entry, ATTRIBUTED_LINEAGE);
	/*
	 * The kernel tells the parent, not who forked: with CLONE_PARENT a container's process has
	 * children that are its parent's, and that is the runtime (proc_fork_connector() in
	 * drivers/connector/cn_proc.c).
	 */
	if (parent && parent->monitor && !entry) {
		look_up(lineage, child, true);
		if (!child->entry && !child->doubt)
			child->doubt = DOUBT_ADOPTED;
	}
}

bool lineage_has_suspects(const struct lineage *lineage)
{
	return lineage->n_suspects > 0;
}

/*
 * Below a runtime, in mounts of its own, and yet in no container's cgroup: not there yet, gone from
 * there, or a rootless Podman's on cgroup v1, which has no cgroups to put it into. A process of the
 * host it is not.
 */
static bool is_monitored(struct lineage *lineage, const struct process *process)
{
	const struct process *ancestor = parent_of(lineage, process);

	for (int level = 0; ancestor && level < 4; level++) {
		if (!ancestor->entry && ancestor->end_nsec == 0 &&
			proc_is_runtime(lineage->proc_fd, ancestor->pid))
			return !proc_share_mounts(lineage->proc_fd, process->pid, ancestor->pid);
		ancestor = parent_of(lineage, ancestor);
	}
	return false;
}

static void look_up_changed(
	struct lineage *lineage, struct process *process, const struct process_event *event)
{
	int r = look_up(lineage, process, true);

	if (process->entry)
		return;
	if (event->type == PROCESS_EXEC)
		process->monitor = proc_is_runtime(lineage->proc_fd, process->pid);
	/* What a runtime forked itself is told from what a container's process forked in its name
	 * by being a runtime again. */
	if (process->doubt && strcmp(process->doubt, DOUBT_ADOPTED) == 0 && process->monitor &&
		!is_monitored(lineage, process))
		process->doubt = NULL;
	if (event->type != PROCESS_EXEC)
		suspect(lineage, process, event->time_nsec);
	if (process->suspect && event->type != PROCESS_NAME && !process->doubt &&
		is_monitored(lineage, process))
		process->doubt = DOUBT_MONITOR;
	if (event->type != PROCESS_EXEC)
		return;
	/* It was on its way somewhere, and is gone before it could be seen where. */
	if (process->suspect && r < 0)
		process->doubt = DOUBT_MOVED;
	process->suspect = false;
}

static void revive(struct lineage *lineage, struct process *process)
{
	struct entry *entry = process->entry;

	process_table_revive(lineage->processes, process);
	if (!entry)
		return;
	if (entry->pid == process->pid)
		entry->alive = true;
	if (entry->container->n_alive++ == 0 && lineage->options.on_container)
		lineage->options.on_container(entry->container, lineage->options.userdata);
}

static void on_change(struct lineage *lineage, const struct process_event *event)
{
	struct process *process = process_table_latest(lineage->processes, event->pid);

	if (!process) {
		struct proc_stat stat;

		if (process_table_add(lineage->processes, event->pid, event->time_nsec, &process) <
			0)
			return;
		process->doubt = DOUBT_PARENT;
		if (proc_read_stat(lineage->proc_fd, event->pid, &stat) == 0) {
			process->parent = stat.parent;
			process->start_nsec = stat.start_nsec;
		}
	}
	if (event->type == PROCESS_NAME) {
		if (process->n_names == MAX_NAMES)
			return;
		process->n_names++;
	} else if (event->type == PROCESS_EXEC) {
		process->n_names = 0;
	}
	/* A thread that executes takes over its ended leader's pid. Other words from the threads of
	 * an ended leader bring it no second end. */
	if (process->end_nsec != 0 && event->type == PROCESS_EXEC)
		revive(lineage, process);
	if (!process->entry)
		look_up_changed(lineage, process, event);
	if (process->entry && event->type != PROCESS_NAME)
		settle_kind(lineage, process, event->type == PROCESS_EXEC);
	if (process->entry && process->entry->pid == process->pid && event->type == PROCESS_EXEC)
		entry_read_mounts(process->entry, lineage->proc_fd, process->pid);
}

void lineage_event(struct lineage *lineage, const struct process_event *event)
{
	struct process *process;

	switch (event->type) {
	case PROCESS_FORK:
		on_fork(lineage, event);
		break;
	case PROCESS_EXIT:
		process = process_table_latest(lineage->processes, event->pid);
		if (process && process->start_nsec <= event->time_nsec)
			end_process(lineage, process, event->time_nsec);
		break;
	default:
		on_change(lineage, event);
		break;
	}
}

/* The process ended unseen: when events were lost at some time since then, else not before the next
 * of its pid began. */
static void end_unseen(struct lineage *lineage, struct process *process, uint64_t next_nsec)
{
	uint64_t end_nsec = lineage->lost_since_nsec ? lineage->lost_since_nsec : next_nsec;

	end_process(
		lineage, process, end_nsec > process->start_nsec ? end_nsec : process->start_nsec);
}

/* One process of a scan: known and the same, or a new incarnation. */
static int scan_one(struct lineage *lineage, pid_t pid, const char *doubt)
{
	struct process *process = process_table_latest(lineage->processes, pid);
	struct proc_stat stat;
	int r;

	if (proc_read_stat(lineage->proc_fd, pid, &stat) < 0)
		return 0;
	if (process && process->end_nsec == 0 && same_start(process->start_nsec, stat.start_nsec)) {
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
			r = scan_one(lineage, (pid_t)pid, doubt);
	}
	closedir(directory);
	return r;
}

/* In the container's cgroup, but not in its mounts, as its init or what came in by exec would be.
 */
static bool is_strange(struct lineage *lineage, const struct process *process)
{
	pid_t init_pid = process->entry->container->info->init_pid;

	return init_pid != 0 && init_pid != process->pid &&
	       !proc_share_mounts(lineage->proc_fd, process->pid, init_pid);
}

static bool is_nested_in(const struct entry *inner, const struct entry *outer)
{
	const char *outer_id = inner->container->info->outer_id;

	return outer_id && strcmp(outer_id, outer->container->info->id) == 0;
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
	parent = parent_of(lineage, process);
	if (parent && parent != process && lineage->place_depth < MAX_PLACE_DEPTH) {
		lineage->place_depth++;
		place(parent, lineage);
		lineage->place_depth--;
	}
	look_up(lineage, process, false);
	if (!process->entry) {
		if (!process->doubt && parent && parent->entry)
			process->doubt = DOUBT_LEFT;
		return;
	}
	if (parent && parent->entry && parent->entry->container == process->entry->container) {
		struct entry *entry = entry_of_child(parent->entry, lineage->proc_fd, process->pid);

		if (entry) {
			entry_unref(process->entry);
			process->entry = entry;
			process->attributed_by = ATTRIBUTED_CGROUP;
		}
	} else {
		settle_kind(lineage, process, true);
		entry_read_mounts(process->entry, lineage->proc_fd, process->pid);
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
	lineage->lost_since_nsec = 0;
	return r;
}

/* A process that no event told of: from /proc, if it still lives. */
static struct process *find_unknown(
	struct lineage *lineage, pid_t pid, uint64_t time_nsec, uint64_t slack_nsec)
{
	struct process *process;

	if (scan_one(lineage, pid, DOUBT_UNKNOWN) < 0)
		return NULL;
	process = process_table_latest(lineage->processes, pid);
	if (!process || process->start_nsec > time_nsec + slack_nsec + START_TOLERANCE_NSEC)
		return NULL;
	return process;
}

/*
 * Which incarnation of pid lived then? Where the clock leaves several, their parent tells them
 * apart, or it does not matter because they came by one entry; else there is doubt.
 */
static struct process *find_known(struct lineage *lineage, pid_t pid, pid_t ppid,
	uint64_t time_nsec, uint64_t slack_nsec, const char **ret_doubt)
{
	struct process *first, *chosen, *process;
	bool agree = true;

	first = process_table_next_at(lineage->processes, pid, time_nsec, slack_nsec, NULL);
	if (!first) {
		/* A process lives on in its threads when the first of them has ended; then its pid
		 * is not given away. */
		process = process_table_born_by(lineage->processes, pid, time_nsec);
		if (process && process != process_table_latest(lineage->processes, pid))
			*ret_doubt = DOUBT_REUSED;
		return process;
	}
	chosen = first->parent == ppid ? first : NULL;
	for (process = first; process; process = process_table_next_at(lineage->processes, pid,
					       time_nsec, slack_nsec, process)) {
		if (!chosen && process->parent == ppid)
			chosen = process;
		agree = agree && process->entry == first->entry;
	}
	if (agree)
		return chosen ? chosen : first;
	for (process = first; chosen && process; process = process_table_next_at(lineage->processes,
							 pid, time_nsec, slack_nsec, process))
		if (process->parent == ppid && process->entry != chosen->entry)
			chosen = NULL;
	if (!chosen)
		*ret_doubt = DOUBT_REUSED;
	return chosen ? chosen : first;
}

static bool in_lost_span(
	const struct lineage *lineage, const struct process *process, uint64_t time_nsec)
{
	return process->end_nsec != 0 && process->end_nsec < time_nsec &&
	       lineage->doubt_until_nsec > process->end_nsec &&
	       lineage->doubt_from_nsec < time_nsec;
}

static bool is_unseen(const char *doubt)
{
	static const char *const unseen[] = { DOUBT_UNKNOWN, DOUBT_LOST, DOUBT_REUSED,
		DOUBT_PARENT };

	for (size_t i = 0; i < ELEMENTS(unseen); i++)
		if (strcmp(doubt, unseen[i]) == 0)
			return true;
	return false;
}

void lineage_find(struct lineage *lineage, pid_t pid, pid_t ppid, uint64_t time_nsec,
	uint64_t slack_nsec, struct lineage_answer *ret)
{
	const char *parent_doubt = NULL;
	struct process *process, *parent;

	*ret = (struct lineage_answer){ 0 };
	process = find_known(lineage, pid, ppid, time_nsec, slack_nsec, &ret->doubt);
	if (!process)
		process = find_unknown(lineage, pid, time_nsec, slack_nsec);
	if (process && !process->entry && !process->looked_up && process->end_nsec == 0)
		look_up(lineage, process, true);
	ret->process = process;
	if (process && !ret->doubt)
		ret->doubt =
			in_lost_span(lineage, process, time_nsec) ? DOUBT_LOST : process->doubt;
	if (!process)
		ret->doubt = DOUBT_UNKNOWN;
	if (!ret->doubt) {
		ret->entry = process->entry;
		ret->attributed_by = process->attributed_by;
		return;
	}
	/*
	 * The kernel's word for the parent is evidence of its own about a process that was not
	 * seen: a container's process has children in the container. Not so its init, which adopts
	 * what comes into its pid namespace.
	 */
	if (!is_unseen(ret->doubt))
		return;
	parent = find_known(lineage, ppid, -1, time_nsec, slack_nsec, &parent_doubt);
	if (parent && !parent_doubt && parent->entry && !parent->doubt &&
		!(parent->entry->kind == ENTRY_INIT && parent->entry->pid == parent->pid) &&
		!in_lost_span(lineage, parent, time_nsec)) {
		ret->entry = parent->entry;
		ret->attributed_by = ATTRIBUTED_LINEAGE;
		ret->doubt = NULL;
	}
}

void lineage_expire(struct lineage *lineage, uint64_t time_nsec)
{
	process_table_expire(lineage->processes, time_nsec);
}

struct process_table_counts lineage_counts(const struct lineage *lineage)
{
	return process_table_counts(lineage->processes);
}

size_t lineage_container_count(const struct lineage *lineage)
{
	return container_table_count(lineage->containers);
}
