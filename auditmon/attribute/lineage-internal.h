/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lineage from the inside: shared by lineage.c (its life, births, changes and ends),
 * lineage-lookup.c (from a cgroup to an entry; the suspects), lineage-leave.c (where a container's
 * process is now), lineage-maker.c (what made an entry), lineage-scan.c (who lives now),
 * lineage-shim.c and lineage-label.c (where a cgroup does not tell), lineage-inner.c (engines
 * within containers) and lineage-find.c (who was that pid)
 */

#include "attribute/lineage.h"
#include "attribute/proc.h"

/* /proc/PID/stat counts starts in clock ticks, and the connector's stamp is a little later than the
 * kernel's own. */
#define START_TOLERANCE_NSEC (25 * 1000000ull)

/*
 * The same start read twice is this far apart at most (see proc_read_stat()), and what is read,
 * being cut to a tick, is not later than the connector's stamp. More would let a pid pass for its
 * former owner where few pids come round in tens of milliseconds.
 */
#define READ_TOLERANCE_NSEC (2 * 1000000ull)

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
#define DOUBT_MEMORY "its container could not be kept: out of memory, or too many containers"
#define DOUBT_LABEL "its SELinux label is that of containers, and of no known one alone"
#define DOUBT_INNER                                                                                \
	"below a container's own engine, and ended before it could be seen: of this container, "   \
	"or of one within it"
#define DOUBT_REUSED "pid changed hands within the clock's resolution"

#define MAX_SUSPECTS 256

struct lineage {
	struct lineage_options options;
	int proc_fd;
	char host_mounts[PROC_NAMESPACE_SIZE], host_pids[PROC_NAMESPACE_SIZE]; /* "": unreadable */
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
	struct entry *label_entry; /* counted: see lineage_entry_of_label() */
};

/* Puts a process below an entry (NULL: it is the host's); the reference of the argument is taken.
 */
void lineage_assign(struct process *process, struct entry *entry, enum attributed_by by);

/* A process that lives is none of its entry's any more; its reference stays the caller's to drop.
 */
void lineage_leave_entry(struct lineage *lineage, struct process *process);

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
 * meanwhile, so its start is compared. 0, or -ENOENT where the process is gone, or going.
 */
int lineage_look_up(struct lineage *lineage, struct process *process, bool seen_from_start);

/*
 * Puts a process into the container that match names, as the first process of an entry, and learns
 * who made that. A name that something weaker than the cgroup tree said counts only if an engine
 * knows it. 0, -EXDEV (another's container, or nobody's), -ENOMEM: then nothing has changed.
 */
int lineage_enter(struct lineage *lineage, struct process *process,
	const struct cgroup_match *match, enum attributed_by by, bool seen_from_start);

/*
 * The runtime's process on the host that a process in mounts of its own, in no container's cgroup,
 * is below; 0: none. It is not in its cgroup yet, has left it, or has none, as a rootless Podman's
 * under cgroup v1. A process of the host it is not.
 */
pid_t lineage_monitor_of(struct lineage *lineage, const struct process *process);

/* Puts it into the container that the monitor's command line names. 0, -ENOENT (it names none), or
 * as lineage_enter(). */
int lineage_enter_by_shim(
	struct lineage *lineage, struct process *process, pid_t monitor, bool seen_from_start);

/* Keeps which container a runtime's command, or a shim, is for, while it can be read. */
void lineage_hear_command(struct lineage *lineage, struct process *process);

/* Is it told as the child of a container's runtime, and nothing else known of it? */
bool lineage_is_adopted(const struct process *process);

/* The shim, or another monitor, whose child the kernel says that it is; NULL: it is nobody's. */
const struct process *lineage_shim_of(struct lineage *lineage, const struct process *command);

/* Looks where such a child is, while it lives. */
void lineage_see_adopted(struct lineage *lineage, struct process *process);

/*
 * Puts a stage of a runtime's that was gone before its cgroup could be read into the container that
 * the command which it was born of was for, or that the shim above is for. Call before its exec is
 * noted. 0, -ENOENT (not known), or as lineage_enter().
 */
int lineage_enter_by_command(struct lineage *lineage, struct process *process);

/*
 * The last resort for a process that neither cgroup nor shim tells of: puts it into the one
 * container whose SELinux label it has. False where the label is no container's (then process is as
 * it was), or where it does not say which (then there is doubt).
 */
bool lineage_enter_by_label(struct lineage *lineage, struct process *process);

/* The same of the label that a record has of a process that is gone: an entry that is borrowed
 * until the next call. *ret_several: there are several. */
struct entry *lineage_entry_of_label(struct lineage *lineage, const char *label, bool *ret_several);

/* Was root born of a command to execute something in a container? */
bool lineage_is_exec(struct lineage *lineage, const struct process *root);

/* Tells of a new entry and of the command that made it: root was born of that. */
void lineage_tell_entry(struct lineage *lineage, struct entry *entry, const struct process *root);

/* The command that root was born of has made root's entry: its program runs. */
void lineage_note_made(struct lineage *lineage, const struct process *root);

/*
 * A command makes one entry. Once the program of that runs it has children that are told as the
 * command's as long as that is there (CLONE_PARENT), and those came by that entry. NULL: process is
 * none. Borrowed.
 */
struct entry *lineage_made_before(
	struct lineage *lineage, const struct process *process, const struct container *container);

/* Is the entry whose first process root is the container's init or an exec? */
void lineage_settle_kind(struct lineage *lineage, const struct process *root, bool has_executed);

/* setsid and a name of its own are what runtimes' stages do; some other processes too, which does
 * no harm. */
void lineage_suspect(struct lineage *lineage, struct process *process, uint64_t now_nsec);

/*
 * A process of a container is seen in the one that match names, which is nested in it: that one's
 * it is from now on. What cannot be kept, or is another's name, changes nothing.
 */
void lineage_enter_nested(
	struct lineage *lineage, struct process *process, const struct cgroup_match *match);

/*
 * Is a process of a container still where its container is? Sets process->left; what cannot be seen
 * leaves it as it was, and gives false. A container within the container is entered.
 */
bool lineage_look_again(struct lineage *lineage, struct process *process, uint64_t now_nsec);

/* Looks again at a process of a container that has executed a program: where it is, and whether the
 * program is an engine's. */
void lineage_see_program(struct lineage *lineage, struct process *process, uint64_t time_nsec);

/* The latter of one that a scan met, in the container that it is in. */
void lineage_meet_program(struct lineage *lineage, struct process *process);

/* Looks at one that is on its way now and in the next moments: it took a step of a runtime's stage.
 */
void lineage_follow(struct lineage *lineage, struct process *process, uint64_t time_nsec);

/* What the kernel says of a container, by its first process once that runs its program. */
void lineage_read_posture(struct lineage *lineage, const struct process *process);

/* Makes the argv that a process of a container has now that of its link in the chain. */
void lineage_remember_program(struct lineage *lineage, struct process *process);

/* One process of a scan: known and the same, or a new incarnation that carries doubt. */
int lineage_scan_one(struct lineage *lineage, pid_t pid, const char *doubt);
