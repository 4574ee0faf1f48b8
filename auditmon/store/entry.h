/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Entries: each way into a container, with the human behind it
 *
 * What a daemon found out of an entry when that began is still true for one that is started later,
 * and cannot be found out again: it takes it up for the processes that live still. A process is
 * told by boot, pid and start.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "base/touch.h"
#include "store/store.h"

struct entry_record {
	const char *runtime, *container_id;
	const char *boot; /* /proc/sys/kernel/random/boot_id */
	pid_t pid;        /* of its first process */
	uint64_t start_nsec;
	int64_t began_msec;
	enum entry_kind kind;
	struct touch_launcher launcher;
};

/* A block that owns all that it points to; free() it. -ENOMEM. */
int entry_record_copy(const struct entry_record *record, struct entry_record **ret);

/* In the writer's transaction; what is there of the same entry is replaced. 0 or -errno. */
int entry_put(sqlite3 *db, const struct entry_record *record);

/* Calls fn for the newest entries of this boot, at most max. 0 or -errno. */
typedef void (*entry_fn)(const struct entry_record *record, void *userdata);
int entry_each(struct store *store, const char *boot, unsigned max, entry_fn fn, void *userdata);
