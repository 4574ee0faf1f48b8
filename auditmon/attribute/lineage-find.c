/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/lineage-internal.h"

/* How far away another incarnation of a pid is far enough: in slacks, and at least. */
#define FAR 10
#define FAR_NSEC (250 * 1000000ull)

/* Without slack the time is sure. */
static uint64_t far_of(uint64_t slack_nsec)
{
	if (slack_nsec == 0 || FAR * slack_nsec > FAR_NSEC)
		return FAR * slack_nsec;
	return FAR_NSEC;
}

/* A process that no event told of: from /proc, if it still lives. */
static struct process *find_unknown(
	struct lineage *lineage, pid_t pid, uint64_t time_nsec, uint64_t slack_nsec)
{
	struct process *process;

	if (lineage_scan_one(lineage, pid, DOUBT_UNKNOWN) < 0)
		return NULL;
	process = process_table_latest(lineage->processes, pid);
	if (!process || process->start_nsec > time_nsec + slack_nsec + START_TOLERANCE_NSEC)
		return NULL;
	return process;
}

/*
 * Several incarnations came by different entries. The clock's slack is what it was seen to be, not
 * a promise: a processor that stands still for long takes the clock with it. So the word of the
 * parent must fit one of those of that time, and none of another entry far around it. NULL: doubt.
 */
static struct process *by_parent(struct lineage *lineage, pid_t pid, pid_t ppid, uint64_t time_nsec,
	uint64_t slack_nsec, uint64_t far_nsec)
{
	struct process_table *table = lineage->processes;
	uint64_t from_nsec = time_nsec > far_nsec ? time_nsec - far_nsec : 0;
	struct process *chosen, *process;

	chosen = process_table_next_at(table, pid, time_nsec, slack_nsec, NULL);
	while (chosen && chosen->parent != ppid)
		chosen = process_table_next_at(table, pid, time_nsec, slack_nsec, chosen);
	if (!chosen)
		return NULL;
	process = process_table_next_between(table, pid, from_nsec, time_nsec + far_nsec, NULL);
	for (; process; process = process_table_next_between(
				table, pid, from_nsec, time_nsec + far_nsec, process))
		if (process->parent == ppid && process->entry != chosen->entry)
			return NULL;
	return chosen;
}

/*
 * Which incarnation of pid lived then? Where the clock leaves several, their parent tells them
 * apart, or it does not matter because they came by one entry; else there is doubt.
 */
static struct process *find_known(struct lineage *lineage, pid_t pid, pid_t ppid,
	uint64_t time_nsec, uint64_t slack_nsec, const char **ret_doubt)
{
	struct process_table *table = lineage->processes;
	uint64_t far_nsec = far_of(slack_nsec);
	uint64_t from_nsec = time_nsec > far_nsec ? time_nsec - far_nsec : 0;
	struct process *first, *chosen, *process;
	bool agree = true;

	first = process_table_next_at(table, pid, time_nsec, slack_nsec, NULL);
	if (!first) {
		/* A process lives on in its threads when the first of them has ended; then its pid
		 * is not given away. */
		process = process_table_born_by(table, pid, time_nsec);
		if (process && process != process_table_latest(table, pid))
			*ret_doubt = DOUBT_REUSED;
		return process;
	}
	process = process_table_next_between(table, pid, from_nsec, time_nsec + far_nsec, NULL);
	for (; process; process = process_table_next_between(
				table, pid, from_nsec, time_nsec + far_nsec, process))
		agree = agree && process->entry == first->entry;
	chosen = by_parent(lineage, pid, ppid, time_nsec, slack_nsec, far_nsec);
	if (!agree && !chosen)
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

/* Has the pid been another's, too, who came by another entry? Without slack the time is sure, and
 * that does not matter. */
static bool has_rival(struct lineage *lineage, const struct process *process, uint64_t slack_nsec)
{
	const struct process *other = slack_nsec == 0
					      ? NULL
					      : process_table_next_between(lineage->processes,
							process->pid, 0, UINT64_MAX, NULL);

	while (other && (other == process || other->entry == process->entry))
		other = process_table_next_between(
			lineage->processes, process->pid, 0, UINT64_MAX, other);
	return other;
}

/*
 * Who adopts an orphan? A parent of the host, a container's init, or what is around a nested
 * container may have (find_new_reaper() in kernel/exit.c). Any other process has children of its
 * own container alone.
 */
static bool may_adopt(const struct process *parent, const struct process *process)
{
	if (!parent->entry || parent->entry->pid == parent->pid)
		return true;
	return process->entry && process->entry->container->outer == parent->entry->container;
}

#define MAX_ANCESTORS 64

/* An orphan goes to an ancestor that asked for orphans, as a shim does. */
static bool is_ancestor(struct lineage *lineage, const struct process *process, pid_t pid)
{
	const struct process *ancestor = lineage_parent_of(lineage, process);

	for (int i = 0; ancestor && i < MAX_ANCESTORS; i++) {
		if (ancestor->pid == pid)
			return true;
		ancestor = lineage_parent_of(lineage, ancestor);
	}
	return false;
}

static bool is_of_one_container(const struct process *a, const struct process *b)
{
	return a->entry && b->entry ? a->entry->container == b->entry->container
				    : a->entry == b->entry;
}

/* Can the pid have been, at that time, a process of the same container as process, or one above? */
static bool may_be_near(struct lineage *lineage, const struct process *process,
	const struct lineage_question *question)
{
	const struct process *parent = NULL;

	do
		parent = process_table_next_at(lineage->processes, question->ppid,
			question->time_nsec, question->slack_nsec, parent);
	while (parent && !is_of_one_container(parent, process));
	return parent || is_ancestor(lineage, process, question->ppid);
}

/*
 * The record names another parent than the process had, by the clock, that had the pid. It was
 * adopted since; or the clock stood still, and it was another process: so it was where that parent
 * is of another container and adopts nobody, and so it may have been where another has had the pid.
 */
static bool contradicts_parent(struct lineage *lineage, const struct process *process,
	const struct lineage_question *question)
{
	const char *doubt = NULL;
	const struct process *parent;

	if (process->parent == question->ppid || question->ppid <= 0)
		return false;
	parent = find_known(lineage, question->ppid, -1, question->time_nsec, question->slack_nsec,
		&doubt);
	if (!parent || doubt || parent->doubt || in_lost_span(lineage, parent, question->time_nsec))
		return !may_be_near(lineage, process, question) &&
		       has_rival(lineage, process, question->slack_nsec);
	if (is_of_one_container(parent, process))
		return false;
	return !may_adopt(parent, process) ||
	       (!is_ancestor(lineage, process, question->ppid) &&
		       has_rival(lineage, process, question->slack_nsec));
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

static void answer_of(struct lineage *lineage, struct process *process,
	const struct lineage_question *question, struct lineage_answer *ret)
{
	uint64_t time_nsec = question->time_nsec;
	bool is_seen = process->entry && process->end_nsec == 0 &&
		       lineage_look_again(lineage, process, time_nsec);

	/* Out of an inner container nobody comes back: where it is now it was then, or further out.
	 */
	if (process->on_way && !is_seen && process->seen_nsec < time_nsec + question->slack_nsec)
		ret->doubt = DOUBT_INNER;
	ret->entry = process->entry;
	ret->attributed_by = process->attributed_by;
	ret->has_chain = process->ancestor != NULL;
	ret->above = ancestor_above(process->ancestor);
	ret->left = process->left;
}

/*
 * The kernel's word for the parent is evidence of its own about a process that was not seen: a
 * container's process has children in the container. Not so its init, which adopts what comes into
 * its pid namespace, nor an engine's runtime in it.
 */
static bool answer_by_parent(struct lineage *lineage, const struct lineage_question *question,
	struct lineage_answer *ret)
{
	const char *doubt = NULL;
	struct process *parent = find_known(
		lineage, question->ppid, -1, question->time_nsec, question->slack_nsec, &doubt);

	if (!parent || doubt || !parent->entry || parent->doubt || parent->monitor ||
		parent->on_way ||
		(parent->entry->kind == ENTRY_INIT && parent->entry->pid == parent->pid) ||
		in_lost_span(lineage, parent, question->time_nsec))
		return false;
	ret->entry = parent->entry;
	ret->attributed_by = ATTRIBUTED_LINEAGE;
	ret->has_chain = parent->ancestor != NULL;
	ret->above = parent->ancestor;
	ret->left = parent->left;
	ret->doubt = NULL;
	return true;
}

/* The kernel's word for the label is, too. */
static void answer_by_label(struct lineage *lineage, const char *label, struct lineage_answer *ret)
{
	bool several;

	ret->entry = lineage_entry_of_label(lineage, label, &several);
	if (several)
		ret->doubt = DOUBT_LABEL;
	if (!ret->entry)
		return;
	ret->attributed_by = ATTRIBUTED_LABEL;
	ret->doubt = NULL;
}

void lineage_find(struct lineage *lineage, const struct lineage_question *question,
	struct lineage_answer *ret)
{
	uint64_t time_nsec = question->time_nsec, slack_nsec = question->slack_nsec;
	struct process *process;

	*ret = (struct lineage_answer){ 0 };
	process = find_known(
		lineage, question->pid, question->ppid, time_nsec, slack_nsec, &ret->doubt);
	if (!process)
		process = find_unknown(lineage, question->pid, time_nsec, slack_nsec);
	if (process && !process->entry && !process->looked_up && process->end_nsec == 0)
		lineage_look_up(lineage, process, true);
	ret->process = process;
	if (process && !ret->doubt)
		ret->doubt =
			in_lost_span(lineage, process, time_nsec) ? DOUBT_LOST : process->doubt;
	if (!process)
		ret->doubt = DOUBT_UNKNOWN;
	else if (!ret->doubt && contradicts_parent(lineage, process, question))
		ret->doubt = DOUBT_REUSED;
	if (!ret->doubt) {
		answer_of(lineage, process, question, ret);
		return;
	}
	if (is_unseen(ret->doubt) && !answer_by_parent(lineage, question, ret) && question->label)
		answer_by_label(lineage, question->label, ret);
}

struct entry *lineage_entry_of(struct lineage *lineage, pid_t pid, const char **ret_doubt)
{
	struct process *process = process_table_latest(lineage->processes, pid);

	*ret_doubt = DOUBT_UNKNOWN;
	if (!process || process->end_nsec != 0)
		return NULL;
	*ret_doubt = process->doubt;
	return process->entry;
}
