/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/process-table.h"

#include <errno.h>

#include "attribute/ancestry.h"
#include "attribute/container-table.h"

/*
 * Buckets are lists, newest incarnation first; a bucket holds all incarnations of the pids that
 * fall into it. The dead are also on a list in the order in which they ended (head: longest dead).
 */
struct process_table {
	struct process **buckets;
	size_t n_buckets, capacity;
	struct process *dead_head, *dead_tail;
	struct process_table_counts counts;
};

int process_table_new(size_t capacity, struct process_table **ret)
{
	_cleanup_(process_table_freep) struct process_table *table = calloc(1, sizeof(*table));
	size_t n_buckets = 1024;

	if (!table)
		return -ENOMEM;
	while (n_buckets < capacity / 4)
		n_buckets *= 2;
	table->capacity = capacity;
	table->n_buckets = n_buckets;
	table->buckets = calloc(n_buckets, sizeof(*table->buckets));
	if (!table->buckets)
		return -ENOMEM;
	*ret = TAKE(table);
	return 0;
}

static struct process **bucket_of(struct process_table *table, pid_t pid)
{
	return &table->buckets[(size_t)pid & (table->n_buckets - 1)];
}

static void bury(struct process_table *table, struct process *process)
{
	process->dead_after = NULL;
	process->dead_before = table->dead_tail;
	if (table->dead_tail)
		table->dead_tail->dead_after = process;
	else
		table->dead_head = process;
	table->dead_tail = process;
	table->counts.alive--;
}

static void unbury(struct process_table *table, struct process *process)
{
	if (process->dead_before)
		process->dead_before->dead_after = process->dead_after;
	else
		table->dead_head = process->dead_after;
	if (process->dead_after)
		process->dead_after->dead_before = process->dead_before;
	else
		table->dead_tail = process->dead_before;
	process->dead_before = process->dead_after = NULL;
}

static void process_free(struct process *process)
{
	entry_unref(process->entry);
	ancestor_unref(process->ancestor);
	free(process->commanded);
	entry_unref(process->made);
	free(process);
}

static void forget_dead(struct process_table *table, struct process *process)
{
	struct process **link = bucket_of(table, process->pid);

	while (*link != process)
		link = &(*link)->older;
	*link = process->older;
	unbury(table, process);
	process_free(process);
	table->counts.known--;
}

void process_table_free(struct process_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; table->buckets && i < table->n_buckets; i++) {
		struct process *next;

		for (struct process *process = table->buckets[i]; process; process = next) {
			next = process->older;
			process_free(process);
		}
	}
	free(table->buckets);
	free(table);
}

struct process *process_table_latest(struct process_table *table, pid_t pid)
{
	struct process *process = *bucket_of(table, pid);

	while (process && process->pid != pid)
		process = process->older;
	return process;
}

int process_table_add(
	struct process_table *table, pid_t pid, uint64_t start_nsec, struct process **ret)
{
	struct process *former = process_table_latest(table, pid), *process;

	if (former && former->end_nsec == 0)
		process_table_end(table, former, start_nsec);
	if (table->counts.known >= table->capacity) {
		if (!table->dead_head) {
			table->counts.refused++;
			return -ENOSPC;
		}
		forget_dead(table, table->dead_head);
		table->counts.evicted++;
	}
	process = calloc(1, sizeof(*process));
	if (!process)
		return -ENOMEM;
	process->pid = pid;
	process->start_nsec = start_nsec;
	process->older = *bucket_of(table, pid);
	*bucket_of(table, pid) = process;
	table->counts.known++;
	table->counts.alive++;
	*ret = process;
	return 0;
}

struct process *process_table_next_between(struct process_table *table, pid_t pid,
	uint64_t from_nsec, uint64_t until_nsec, const struct process *after)
{
	struct process *process = after ? after->older : process_table_latest(table, pid);

	while (process && (process->pid != pid || process->start_nsec > until_nsec ||
				  (process->end_nsec != 0 && process->end_nsec < from_nsec)))
		process = process->older;
	return process;
}

struct process *process_table_next_at(struct process_table *table, pid_t pid, uint64_t time_nsec,
	uint64_t slack_nsec, const struct process *after)
{
	return process_table_next_between(table, pid, time_nsec, time_nsec + slack_nsec, after);
}

struct process *process_table_born_by(struct process_table *table, pid_t pid, uint64_t time_nsec)
{
	struct process *process = process_table_latest(table, pid);

	while (process && (process->pid != pid || process->start_nsec > time_nsec))
		process = process->older;
	return process;
}

void process_table_end(struct process_table *table, struct process *process, uint64_t end_nsec)
{
	if (process->end_nsec != 0)
		return;
	process->end_nsec = end_nsec ? end_nsec : 1;
	bury(table, process);
}

void process_table_revive(struct process_table *table, struct process *process)
{
	if (process->end_nsec == 0)
		return;
	unbury(table, process);
	process->end_nsec = 0;
	table->counts.alive++;
}

void process_table_expire(struct process_table *table, uint64_t time_nsec)
{
	while (table->dead_head && table->dead_head->end_nsec < time_nsec)
		forget_dead(table, table->dead_head);
}

void process_table_each_alive(struct process_table *table,
	void (*visit)(struct process *process, void *userdata), void *userdata)
{
	for (size_t i = 0; i < table->n_buckets; i++)
		for (struct process *process = table->buckets[i]; process; process = process->older)
			if (process->end_nsec == 0)
				visit(process, userdata);
}

struct process_table_counts process_table_counts(const struct process_table *table)
{
	return table->counts;
}
