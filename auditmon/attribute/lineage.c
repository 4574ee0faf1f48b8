/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/lineage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attribute/ancestry.h"
#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

/* A runtime's stage names itself once or twice. To give oneself names is cheap, to look up is not:
 * whoever does it all day must not keep us busy. */
#define MAX_NAMES 4

/*
 * That of pid 1, or our own where its links are closed to us: they are to who has not all of its
 * capabilities (ptrace(2), PTRACE_MODE_READ). Where neither can be read nobody is said to be in it.
 */
static void read_host_namespace(
	struct lineage *lineage, const char *kind, char buffer[PROC_NAMESPACE_SIZE])
{
	if (proc_read_namespace(lineage->proc_fd, 1, kind, buffer) < 0 &&
		proc_read_namespace(lineage->proc_fd, getpid(), kind, buffer) < 0)
		buffer[0] = '\0';
}

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
	r = container_table_new(
		options->container_limit ? options->container_limit : 16384, &lineage->containers);
	if (r < 0)
		return r;
	read_host_namespace(lineage, "mnt", lineage->host_mounts);
	read_host_namespace(lineage, "pid", lineage->host_pids);
	*ret = TAKE(lineage);
	return 0;
}

void lineage_free(struct lineage *lineage)
{
	if (!lineage)
		return;
	entry_unref(lineage->label_entry);
	process_table_free(lineage->processes);
	container_table_free(lineage->containers);
	closep(&lineage->proc_fd);
	free(lineage);
}

void lineage_assign(struct process *process, struct entry *entry, enum attributed_by by)
{
	process->entry = entry;
	process->attributed_by = entry ? by : ATTRIBUTED_NONE;
	process->looked_up = entry != NULL;
	if (entry && process->end_nsec == 0)
		entry->container->n_alive++;
}

void lineage_leave_entry(struct lineage *lineage, struct process *process)
{
	struct entry *entry = process->entry;

	if (entry->pid == process->pid)
		entry->alive = false;
	if (--entry->container->n_alive == 0 && lineage->options.on_container_end)
		lineage->options.on_container_end(entry->container, lineage->options.userdata);
}

void lineage_end_process(struct lineage *lineage, struct process *process, uint64_t time_nsec)
{
	if (process->end_nsec != 0)
		return;
	process_table_end(lineage->processes, process, time_nsec);
	if (process->entry)
		lineage_leave_entry(lineage, process);
}

bool lineage_same_start(uint64_t known_nsec, uint64_t read_nsec)
{
	return known_nsec == 0 || read_nsec <= known_nsec + READ_TOLERANCE_NSEC;
}

struct process *lineage_parent_of(struct lineage *lineage, const struct process *process)
{
	if (process->parent == 0)
		return NULL;
	if (process->start_nsec == 0)
		return process_table_latest(lineage->processes, process->parent);
	return process_table_next_at(lineage->processes, process->parent, process->start_nsec,
		START_TOLERANCE_NSEC, NULL);
}

/* What a child has of its parent. Held over the add, which may forget a dead parent and with it the
 * entry. */
struct heritage {
	struct entry *entry;    /* counted */
	struct ancestor *above; /* counted */
	const char *doubt;
	uint8_t left;
	bool by_monitor; /* the parent is a runtime of the host */
	bool on_way;     /* the child may be on its way into a container within */
};

static struct heritage heritage_of(
	struct lineage *lineage, struct process *parent, uint64_t time_nsec)
{
	if (!parent)
		return (struct heritage){ .doubt = DOUBT_PARENT };
	/* What it has left its children have. */
	if (parent->entry && parent->end_nsec == 0)
		lineage_look_again(lineage, parent, time_nsec);
	return (struct heritage){
		.entry = entry_ref(parent->entry),
		.above = ancestor_ref(parent->ancestor),
		.doubt = parent->doubt,
		.left = parent->left,
		.by_monitor = parent->monitor && !parent->entry,
		.on_way = parent->entry && (parent->monitor || parent->on_way),
	};
}

/*
 * The kernel tells the parent, not who forked: with CLONE_PARENT a container's process has children
 * that are its parent's, and that is the runtime (proc_fork_connector() in
 * drivers/connector/cn_proc.c).
 */
static void look_at_adopted(struct lineage *lineage, struct process *child)
{
	lineage_look_up(lineage, child, true);
	if (child->entry || child->doubt)
		return;
	child->doubt = DOUBT_ADOPTED;
	lineage_see_adopted(lineage, child);
}

static void on_fork(struct lineage *lineage, const struct process_event *event)
{
	struct process *child = process_table_latest(lineage->processes, event->pid);
	struct heritage heritage;

	/* A scan may have met the child before its birth was read from the socket. */
	if (child && child->end_nsec == 0 &&
		child->start_nsec + START_TOLERANCE_NSEC >= event->time_nsec)
		return;
	heritage = heritage_of(
		lineage, process_table_latest(lineage->processes, event->parent), event->time_nsec);
	if (child)
		lineage_end_process(lineage, child, event->time_nsec);
	if (process_table_add(lineage->processes, event->pid, event->time_nsec, &child) < 0) {
		entry_unref(heritage.entry);
		ancestor_unref(heritage.above);
		return;
	}
	child->parent = event->parent;
	child->doubt = heritage.doubt;
	child->left = heritage.left;
	child->on_way = heritage.on_way;
	lineage_assign(child, heritage.entry, ATTRIBUTED_LINEAGE);
	if (heritage.above && ancestor_fork(heritage.above, child->pid, &child->ancestor) < 0)
		child->ancestor = NULL;
	ancestor_unref(heritage.above);
	if (heritage.by_monitor)
		look_at_adopted(lineage, child);
	/* One that a process of the inner container forked in its runtime's name is in there
	 * already. */
	if (child->on_way)
		lineage_look_again(lineage, child, event->time_nsec);
}

/* Once it has executed its program there is no cgroup to wait for: its shim is the one to tell. */
static void look_at_monitor(struct lineage *lineage, struct process *process, bool has_executed)
{
	bool is_doubted = process->doubt && strcmp(process->doubt, DOUBT_MONITOR) == 0;
	pid_t monitor = process->doubt && !is_doubted ? 0 : lineage_monitor_of(lineage, process);

	if (monitor == 0)
		return;
	if (!has_executed || lineage_enter_by_shim(lineage, process, monitor, true) < 0)
		process->doubt = DOUBT_MONITOR;
}

static void look_at_program(struct lineage *lineage, struct process *process, uint64_t time_nsec)
{
	process->monitor = proc_is_runtime(lineage->proc_fd, process->pid);
	process->commands =
		process->monitor && proc_is_runtime_command(lineage->proc_fd, process->pid);
	lineage_hear_command(lineage, process);
	if (process->commands && lineage->options.on_runtime)
		lineage->options.on_runtime(process->pid, time_nsec, lineage->options.userdata);
}

static void look_up_changed(
	struct lineage *lineage, struct process *process, const struct process_event *event)
{
	int r = lineage_look_up(lineage, process, true);

	if (process->entry)
		return;
	if (event->type == PROCESS_EXEC)
		look_at_program(lineage, process, event->time_nsec);
	if (event->type == PROCESS_EXEC && lineage_is_adopted(process))
		lineage_see_adopted(lineage, process);
	/* What a runtime forked itself is told from what a container's process forked in its name
	 * by being a runtime again. */
	if (lineage_is_adopted(process) && process->monitor &&
		lineage_monitor_of(lineage, process) == 0)
		process->doubt = NULL;
	if (event->type != PROCESS_EXEC)
		lineage_suspect(lineage, process, event->time_nsec);
	if (process->suspect && event->type != PROCESS_NAME)
		look_at_monitor(lineage, process, event->type == PROCESS_EXEC);
	if (event->type != PROCESS_EXEC || process->entry)
		return;
	/* It was on its way somewhere, and is gone before it could be seen where. */
	if (process->suspect && r < 0 && lineage_enter_by_command(lineage, process) < 0)
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

/* What the entry's first process executed first is what was asked for. */
static void keep_program(struct process *process, uint64_t time_nsec)
{
	struct entry *entry = process->entry;

	if (entry->exec_nsec == 0)
		entry->exec_nsec = time_nsec;
	if (!entry->program && entry->is_in)
		entry->program = ancestor_ref(process->ancestor);
}

/* A stage names itself before it has executed anything (nsexec.c of runc), and then executes what
 * was asked for. */
static bool is_last_stage(const struct process *process)
{
	return process->n_names > 0 && process->exec_nsec == 0;
}

static void note_exec(struct process *process, uint64_t time_nsec)
{
	process->n_names = 0;
	process->exec_nsec = time_nsec;
}

/* A process of a container executed a program. */
static void on_exec_inside(
	struct lineage *lineage, struct process *process, uint64_t time_nsec, bool was_last_stage)
{
	/* In the order in which it matters that the process lives still. */
	lineage_see_program(lineage, process, time_nsec);
	lineage_remember_program(lineage, process);
	if (process->entry->pid == process->pid) {
		entry_read_mounts(process->entry, lineage->proc_fd, process->pid);
		keep_program(process, time_nsec);
		if (was_last_stage)
			lineage_note_made(lineage, process);
	}
	lineage_read_posture(lineage, process);
}

static void on_change(struct lineage *lineage, const struct process_event *event)
{
	struct process *process = process_table_latest(lineage->processes, event->pid);
	bool was_last_stage;

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
	}
	/* A thread that executes takes over its ended leader's pid. Other words from the threads of
	 * an ended leader bring it no second end. */
	if (process->end_nsec != 0 && event->type == PROCESS_EXEC)
		revive(lineage, process);
	if (!process->entry)
		look_up_changed(lineage, process, event);
	was_last_stage = is_last_stage(process);
	if (event->type == PROCESS_EXEC)
		note_exec(process, event->time_nsec);
	if (process->entry && event->type != PROCESS_NAME) {
		bool was_in = process->entry->is_in;

		lineage_settle_kind(lineage, process, event->type == PROCESS_EXEC);
		if (!was_in && process->entry->is_in)
			process->entry->in_nsec = event->time_nsec;
	}
	if (process->entry && event->type == PROCESS_EXEC)
		on_exec_inside(lineage, process, event->time_nsec, was_last_stage);
	else if (process->entry && process->on_way)
		lineage_follow(lineage, process, event->time_nsec);
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
			lineage_end_process(lineage, process, event->time_nsec);
		break;
	default:
		on_change(lineage, event);
		break;
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

void lineage_remember(struct lineage *lineage, const char *id, uid_t of_user)
{
	container_table_remember(lineage->containers, id, of_user ? of_user : RUNTIME_NO_OWNER);
}

size_t lineage_container_count(const struct lineage *lineage)
{
	return container_table_count(lineage->containers);
}

uint64_t lineage_containers_refused(const struct lineage *lineage)
{
	return container_table_refused(lineage->containers);
}
