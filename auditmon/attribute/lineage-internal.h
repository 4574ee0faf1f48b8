/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lineage from the inside: shared by lineage.c (its life, births, changes and ends),
 * lineage-lookup.c (from a cgroup to an entry; the suspects), lineage-scan.c (who lives now) and
 * lineage-find.c (who was that pid)
 */

#include "attribute/lineage.h"

/* /proc/PID/stat counts starts in clock ticks, and the connector's stamp is a little later than the
 * kernel's own. */
#define START_TOLERANCE_NSEC (25 * 1000000ull)

/* Why what is said of a process may be wrong. */
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

#define MAX_SUSPECTS 256

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

/* Puts a process below an entry (NULL: it is the host's); the reference of the argument is taken.
 */
void lineage_assign(struct process *process, struct entry *entry, enum attributed_by by);

/* Nothing happens to one that has ended. */
void lineage_end_process(struct lineage *lineage, struct process *process, uint64_t time_nsec);

/*
 * A pid's next process starts later than the one that we know. What is read may well be earlier
 * than what we know: the connector's stamp is taken when the parent comes to it, which on a busy
 * machine is late, and a suspension moves all that was before it.
 */
bool lineage_same_start(uint64_t known_nsec, uint64_t read_nsec);

/* NULL where it is not known. A scan's starts are a clock tick apart from the connector's. */
struct process *lineage_parent_of(struct lineage *lineage, const struct process *process);

/*
 * Reads the cgroup of a process that counts as the host's. Anything may have happened to the pid
 * meanwhile, so its start is compared. 0, or -ENOENT where the process is gone.
 */
int lineage_look_up(struct lineage *lineage, struct process *process, bool seen_from_start);

/* Is the entry whose first process root is the container's init or an exec? */
void lineage_settle_kind(struct lineage *lineage, const struct process *root, bool has_executed);

/* setsid and a name of its own are what runtimes' stages do; some other processes too, which does
 * no harm. */
void lineage_suspect(struct lineage *lineage, struct process *process, uint64_t now_nsec);

/* One process of a scan: known and the same, or a new incarnation that carries doubt. */
int lineage_scan_one(struct lineage *lineage, pid_t pid, const char *doubt);
