/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Containers and the ways into them
 *
 * A container is known by runtime and id. An entry is one way in: the container's first process, or
 * one that came by `exec`; the processes below it share it, and with it the human behind it.
 * Processes hold counted references to entries, entries to their container; a container without any
 * is forgotten. Single-threaded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/touch.h"
#include "runtime/container.h"

struct ancestor;
struct container_table;
struct launcher;
struct mounts;
struct picture;

struct container {
	struct container_info *info; /* owned */
	struct container
		*outer;        /* counted: the outermost container where this is nested; or NULL */
	char *cgroup_home;     /* see cgroup-home.h; NULL: no process of it was seen in a cgroup */
	struct mounts *mounts; /* its mount namespace as read from a live process; NULL: not read */
	bool has_overlay_root; /* at its root was an overlay when its mounts were first read ... */
	uint32_t root_major, root_minor; /* ... of this device */
	struct entry *init;   /* borrowed: cleared when that entry goes; NULL: none known */
	size_t n_alive;       /* processes */
	uid_t owner;          /* of a rootless engine; RUNTIME_NO_OWNER: root's */
	bool seen_from_start; /* it appeared while we watched */
	bool nests;           /* an engine was seen in it, or a container */
	bool had_init;        /* an entry of it was its init */
	uint64_t named_nsec;  /* when its name was last compared with its engine's */
	int64_t restarts;     /* by its restart policy, when an init of it began last; -1: not known */

	struct container_table *table;
	struct container *next;
	unsigned n_references;
};

/* When the engine was asked for an entry (asked.h); CLOCK_MONOTONIC, 0: not known. */
struct asked_nsec {
	uint64_t after_nsec, answered_nsec, about_nsec, by_nsec;
};

/* How the command that made an entry was seen. */
enum maker_sight {
	MAKER_SEEN,    /* to be a runtime's command, below a shim or the engine */
	MAKER_OUTSIDE, /* below a shim and outside of the container, and gone when its program was
			  to be looked at */
	MAKER_UNSEEN,  /* not at all: the kernel told its birth as a shim's child; or who ran it was
			  not seen */
	MAKER_BY_HAND, /* to be a runtime's command that no engine ran: entry's auid is its own */
};

struct entry {
	struct container *container; /* counted reference */
	enum entry_kind kind;
	bool kind_is_final; /* no later event of its first process says more */
	bool is_exec;  /* the runtime's command that made it was one to execute something in it */
	bool is_in;    /* its first process has executed its program: no runtime's stage any more */
	uint64_t in_nsec; /* when it did; 0: before we looked, or not yet */
	pid_t pid;     /* of its first process */
	bool alive;    /* its first process is */
	bool is_first_init; /* of its container, since that appeared */
	uint32_t auid; /* loginuid of the process outside that made it; meaningless without
			  auid_known */
	bool auid_known;

	bool made_by_engine; /* an ancestor is the engine itself: a service, or a restart */

	/* Of an entry that a daemon made: see launcher.h. */
	uint64_t began_nsec;        /* CLOCK_MONOTONIC; 0: before we looked */
	uint64_t start_nsec;        /* of its first process, as the process table has it */
	struct picture *picture;    /* counted: who was connected; NULL: none was taken in time */
	bool picture_is_proven;     /* the runtime was at work before and after */
	pid_t maker; /* the runtime's command that its first process was born of; 0: none known */
	uint64_t maker_start_nsec;
	enum maker_sight maker_sight;
	struct asked_nsec asked;
	bool ran_before;            /* its container had, as far as was known when it began */
	uint64_t exec_nsec;         /* when that executed its program; 0: not seen */
	struct ancestor *program;   /* counted: what its first process executed first; NULL: not known */
	struct launcher *launcher;  /* owned; NULL: not settled yet */
	int64_t restarts_before;    /* of the container, when an entry of it began last; -1: not known */

	/* The client of a fork and exec engine, found among the ancestors. */
	pid_t client_pid; /* 0: none found */
	char *client_exe;
	char *client_argv;
	size_t client_argv_len;

	unsigned n_references;
};

/* capacity: containers at once, because outsiders decide how many there are. -ENOMEM. */
int container_table_new(size_t capacity, struct container_table **ret);
void container_table_free(struct container_table *table);
DEFINE_CLEANUP(struct container_table *, container_table_free)

/* NULL where unknown. The runtime "unknown" finds the id whatever its engine turned out to be.
 * Borrowed until its last reference goes. */
struct container *container_table_find(
	struct container_table *table, const char *runtime, const char *id);

/*
 * The one container with processes that live whose label that is; NULL where there is none or
 * several (*ret_several).
 */
struct container *container_table_find_label(
	const struct container_table *table, const char *label, bool *ret_several);

/* Takes over info. The first reference is the caller's. 0, -ENOSPC, -ENOMEM (info is freed). */
int container_table_add(
	struct container_table *table, struct container_info *info, struct container **ret);
struct container *container_ref(struct container *container);
void container_unref(struct container *container); /* NULL is fine */
DEFINE_CLEANUP(struct container *, container_unref)

/* Some of those that were before we looked, the latest first. */
#define CONTAINER_TABLE_REMEMBERS 4096
void container_table_remember(struct container_table *table, const char *id, uid_t owner);

/* Has there been a container of that id that was in no other, and whose? Some thousands are
 * remembered. */
bool container_table_had(const struct container_table *table, const char *id, uid_t *ret_owner);

size_t container_table_count(const struct container_table *table);

/* How many found no room. */
uint64_t container_table_refused(const struct container_table *table);

/* A new entry with one reference, the caller's. -ENOMEM. */
int entry_new(struct container *container, pid_t pid, struct entry **ret);
struct entry *entry_ref(struct entry *entry); /* NULL is fine */
void entry_unref(struct entry *entry);        /* NULL is fine */
DEFINE_CLEANUP(struct entry *, entry_unref)
