/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How long touches are kept
 *
 * Off unless it is asked for. The oldest touches go, a few hundred in a transaction, between two
 * batches of the writer. By age only what every destination of `export` has: one that has not been
 * reached for long keeps what it lacks. By size whatever is oldest, as a full disk would lose what
 * is new. Each deletion is in a loss in the same transaction: of what was exported, or not.
 *
 * Then what no touch refers to goes (store/sweep.h), as do the containers that ended. The file does
 * not shrink; its space is used again. Belongs to the writer's thread.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "store/recorder.h"
#include "store/store.h"

struct retention_limits {
	int64_t max_age_msec; /* 0: any */
	int64_t max_bytes;    /* of the database, without pages that are free; 0: any */
};

struct retention;

/* Both must outlive it. 0, -ENOMEM, or a database error. */
int retention_new(struct store *store, struct recorder *recorder,
	const struct retention_limits *limits, struct retention **ret);
void retention_free(struct retention *retention);
DEFINE_CLEANUP(struct retention *, retention_free)

/*
 * Outside of a transaction, some milliseconds' work. 1: there is more to do; 0: nothing for the
 * moment; or a database error: may be tried again.
 */
int retention_step(struct retention *retention, int64_t now_msec);
