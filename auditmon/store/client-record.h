/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Clients of engines: each process that connected to an engine's socket, from its start to its end
 *
 * A process is told by boot, pid and start; one that runs another program, or acts as another user,
 * when it connects again is one more client.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "base/touch.h"

/* As a process's start is told in clock ticks by /proc, and to the nanosecond by its birth. SQL. */
#define CLIENT_START_TOLERANCE_NSEC "20000000"

struct client_record {
	const char *boot; /* /proc/sys/kernel/random/boot_id */
	pid_t pid;
	uint64_t start_nsec; /* CLOCK_MONOTONIC; of its first connect where that is not known */
	/* Each 0: not known. No end: it lives still, or ended when nobody looked. */
	int64_t start_msec, end_msec, first_msec;
	uint32_t auid, session, uid;
	const char *exe;
	struct arguments argv;
	const char *via;          /* the engine's socket */
	const char *container_id; /* that it runs in; NULL: on the host */
	const char *ancestors;    /* JSON, as a touch has it; NULL: not known */
};

/* A block that owns all that it points to; free() it. -ENOMEM. */
int client_record_copy(const struct client_record *record, struct client_record **ret);

/* In the writer's transaction. Of a client that is there already what is known stays, and what was
 * not known is added. 0 or -errno. */
int client_record_put(sqlite3 *db, const struct client_record *record);
