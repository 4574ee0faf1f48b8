/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Process table: a pid is a pid at a time
 *
 * Holds every incarnation of every pid with its birth and its end, so that an event which is read
 * late is attributed to the process that lived at the event's time. The dead stay until
 * process_table_expire() says that no event about them can come any more. Times are CLOCK_MONOTONIC
 * nanoseconds.
 *
 * The table owns the processes; a pointer lasts until the next add or expire. The number of
 * incarnations is bounded, because outsiders decide how many there are: beyond it the longest dead
 * go first, and without any dead the add fails. Both are counted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/touch.h"

struct ancestor;
struct entry;

struct cgroup_match;

/* Where a process that is told as a runtime's child was seen to be. */
enum place_seen {
	PLACE_UNSEEN,
	PLACE_OUTSIDE, /* in that runtime's own namespaces: no container's process */
	PLACE_OTHER,
};

struct process {
	pid_t pid;
	pid_t parent;        /* 0: not known */
	uint64_t start_nsec; /* 0: since before we looked */
	uint64_t end_nsec;   /* 0: alive */
	struct entry *entry; /* counted reference; NULL: a process of the host */
	enum attributed_by attributed_by;
	struct ancestor *ancestor; /* counted reference; NULL: of the host, or not kept */
	uint8_t left;              /* LEFT_ bits: where it was when last looked at */
	uint64_t left_nsec;        /* when that was; 0: not looked at itself */
	bool looked_up;            /* its cgroup has been read since it last could have changed */
	bool suspect; /* may be a runtime's stage on its way into a container: see lineage.h */
	const char
		*doubt; /* why what is said of it may be wrong, as a static text; NULL: nothing */
	bool monitor; /* a container's runtime, of the host or within a container: children are told
			 as its own that are not */
	bool on_way;  /* of a container, below a runtime in it: see lineage-inner.c */
	uint64_t seen_nsec; /* of such a one: when it was last seen to be where its entry says */
	bool commands;  /* of the host, a runtime's command: runc, crun */
	enum place_seen place;          /* of a shim's child */
	struct entry *made; /* counted: of a runtime's command, the entry that it has made, once the
			       program runs; NULL: none yet, or not seen */
	struct cgroup_match *commanded; /* owned: which container a command or a shim says it is
					   for; NULL: not known */
	bool scanned;   /* met by the scan that is going on */
	uint64_t exec_nsec;  /* when it last executed a program; 0: not seen */
	uint64_t title_nsec; /* of its first record, and what it was called then: see title.h; 0:
				none yet */
	uint64_t title_name;
	uint8_t n_names; /* names it gave itself since its last exec, as far as they count */

	/* The table's own. */
	struct process *older; /* former incarnation of the same pid, or of another in the bucket */
	struct process *dead_before, *dead_after;
};

/* What a process of a container has left of it, or never was in. */
#define LEFT_CGROUP 1u
#define LEFT_MOUNTS 2u /* it is in the host's mount namespace */
#define LEFT_PIDS 4u   /* it is in the host's pid namespace */

struct process_table;

int process_table_new(size_t capacity, struct process_table **ret); /* -ENOMEM */
void process_table_free(struct process_table *table);
DEFINE_CLEANUP(struct process_table *, process_table_free)

/* A new incarnation of pid, alive; a former one that had not ended ends now. 0, -ENOSPC, -ENOMEM.
 */
int process_table_add(
	struct process_table *table, pid_t pid, uint64_t start_nsec, struct process **ret);

/* The newest incarnation, dead or alive; NULL where there is none. */
struct process *process_table_latest(struct process_table *table, pid_t pid);

/*
 * The incarnations that can have lived at time_nsec, where the reading may be up to slack_nsec too
 * early: newest first, after is NULL for the first.
 */
struct process *process_table_next_at(struct process_table *table, pid_t pid, uint64_t time_nsec,
	uint64_t slack_nsec, const struct process *after);

/* Those that can have lived at some time between the two, likewise. */
struct process *process_table_next_between(struct process_table *table, pid_t pid,
	uint64_t from_nsec, uint64_t until_nsec, const struct process *after);

/* The newest incarnation that was born by time_nsec, whenever it ended. */
struct process *process_table_born_by(struct process_table *table, pid_t pid, uint64_t time_nsec);

void process_table_end(struct process_table *table, struct process *process, uint64_t end_nsec);
void process_table_revive(struct process_table *table, struct process *process);

/* Forgets those that ended before time_nsec. */
void process_table_expire(struct process_table *table, uint64_t time_nsec);

/* Calls visit for each incarnation that is alive. visit must not add or expire. */
void process_table_each_alive(struct process_table *table,
	void (*visit)(struct process *process, void *userdata), void *userdata);

struct process_table_counts {
	size_t known, alive;
	uint64_t evicted; /* dead ones that went before their time */
	uint64_t refused; /* births that found no room */
};
struct process_table_counts process_table_counts(const struct process_table *table);
