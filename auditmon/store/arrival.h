/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * In which order did the touches arrive?
 *
 * Touches are kept in the order of their time, and what an old log tells, or what comes late, lies
 * between those that were there before: "later than the last one that I have seen" would miss it.
 * So each touch carries the number of its arrival: a stretch of touches that were committed
 * together and whose times rise. Numbers grow with each commit and are never used again; a row for
 * each says which span of time to look into. A reader that goes from arrival to arrival sees every
 * touch once, without an index over all of them. A live recording has an arrival for each commit,
 * a log whose times go back and forth one for each time that they do.
 *
 * A touch whose digests become known only when its file is at rest arrives once more with them: the
 * number of that arrival is with the digests.
 *
 * Belongs to the writer's thread.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "base/cleanup.h"

struct arrivals;

/* 0, -ENOMEM, or a database error. */
int arrivals_new(sqlite3 *db, struct arrivals **ret);
void arrivals_free(struct arrivals *arrivals);
DEFINE_CLEANUP(struct arrivals *, arrivals_free)

/*
 * The arrival for a touch of this time; where the time does not fit to the touches before it,
 * theirs is closed. 0 or a database error.
 */
int arrivals_of(struct arrivals *arrivals, int64_t time_msec, int64_t *ret);

/* Such a touch is a row now. */
void arrivals_add(struct arrivals *arrivals, int64_t time_msec);

/* Before the commit; after it, or after a rollback. */
int arrivals_close(struct arrivals *arrivals);
void arrivals_committed(struct arrivals *arrivals);
void arrivals_forget(struct arrivals *arrivals);
