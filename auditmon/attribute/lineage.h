/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lineage: who was that pid, and which container was it in?
 *
 * Container membership is inherited along forks, from the moment in which a process is first seen
 * in a container's cgroup; a later move to another cgroup does not undo it. A cgroup is read only
 * where one can have become a container's: for a process of the host that executes a program,
 * starts a session, names itself (runc's and crun's stages do) or touches a watched file. What was
 * missed (an overflow of the connector, processes older than auditmon) is made up for by a scan of
 * /proc, and where a wrong answer is possible the answer is "doubt" instead.
 *
 * Fed with struct process_event from whoever reads the connector: a test feeds it by hand, with a
 * /proc of its own making. Single-threaded.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attribute/connector.h"
#include "attribute/container-table.h"
#include "attribute/process-table.h"
#include "runtime/runtime.h"

struct ancestor;
struct lineage;

struct lineage_options {
	const char *proc;        /* "/proc" */
	struct runtime *runtime; /* borrowed for the lineage's life */
	size_t process_limit;    /* incarnations, dead ones included */
	size_t container_limit;  /* 0: 16384 */
	/* A container appeared or more is known of it; it was left by its last process. */
	void (*on_container)(const struct container *container, void *userdata);
	void (*on_container_end)(const struct container *container, void *userdata);
	/* A runtime's command (runc, crun) has begun; an entry began that it made (maker 0: that nobody
	 * is known to have made). Both may be NULL. */
	void (*on_runtime)(pid_t pid, uint64_t time_nsec, void *userdata);
	void (*on_entry)(struct entry *entry, pid_t maker, uint64_t maker_start_nsec, void *userdata);
	void *userdata;
};

int lineage_new(const struct lineage_options *options, struct lineage **ret); /* -ENOMEM */
void lineage_free(struct lineage *lineage);
DEFINE_CLEANUP(struct lineage *, lineage_free)

void lineage_event(struct lineage *lineage, const struct process_event *event);

/* A container was there in an earlier run: its name is its own. of_user: see container_info. Before
 * the scan, the latest first, LINEAGE_REMEMBERS at most. */
#define LINEAGE_REMEMBERS CONTAINER_TABLE_REMEMBERS
void lineage_remember(struct lineage *lineage, const char *id, uid_t of_user);

/* Learns of every process that lives now. Call once after subscribing, before the first event is
 * handed on. 0, -ENOMEM or an error of reading /proc. */
int lineage_scan(struct lineage *lineage, uint64_t now_nsec);

/* Events were lost after since_nsec: scans again; all that cannot be proven to be the same process
 * carries doubt. As lineage_scan(). */
int lineage_rescan(struct lineage *lineage, uint64_t since_nsec, uint64_t now_nsec);

struct lineage_answer {
	struct process *process; /* NULL: not known */
	struct entry *entry;     /* NULL: a process of the host, or doubt */
	enum attributed_by attributed_by;
	bool has_chain;         /* above is known */
	struct ancestor *above; /* the chain down to its parent; NULL: it is the entry's first
				   process */
	unsigned left;          /* LEFT_ bits */
	const char *doubt;      /* static text; NULL: sure */
};

/* What a record says of a process. */
struct lineage_question {
	pid_t pid, ppid;
	uint64_t time_nsec;  /* CLOCK_MONOTONIC */
	uint64_t slack_nsec; /* how much too early that may be */
	const char *label;   /* its security context; NULL: not told */
};

/*
 * Looks whether the container has been renamed since, at most every second or so. A touch is told
 * with the name that the container has when it is read.
 */
void lineage_check_name(struct lineage *lineage, struct container *container, uint64_t now_nsec);

/* Who was that? Borrowed until the next question, event, scan or expire. */
void lineage_find(struct lineage *lineage, const struct lineage_question *question,
	struct lineage_answer *ret);

/* The entry that a process which lives now came by, as far as events told; NULL: of the host, or
 * *ret_doubt. Changes nothing. Borrowed as above. */
struct entry *lineage_entry_of(struct lineage *lineage, pid_t pid, const char **ret_doubt);

/*
 * Looks again at processes that may be on their way into a container: a runtime moves its stage
 * there some time between the stage's setsid and its exec, and no event tells. Call every few
 * milliseconds while it returns true.
 */
bool lineage_poll(struct lineage *lineage, uint64_t now_nsec);
bool lineage_has_suspects(const struct lineage *lineage);

/* No event from before time_nsec will be asked for any more. */
void lineage_expire(struct lineage *lineage, uint64_t time_nsec);

struct process_table_counts lineage_counts(const struct lineage *lineage);
size_t lineage_container_count(const struct lineage *lineage);
uint64_t lineage_containers_refused(const struct lineage *lineage);
