/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Touches in the order in which they arrived
 *
 * For who wants every touch once, also those that come late or out of old logs (store/arrival.h):
 * arrival after arrival, and within one by time; twice one whose digests came later. A position
 * says how far a reader is, and outlives the program (store/cursor.h). Between two calls no
 * transaction is open.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/touch.h"
#include "store/query.h"
#include "store/store.h"

/* All of the arrivals before this one, and of this one what is not later than the key. All zeros:
 * nothing yet. node is an id of this database. */
struct feed_position {
	int64_t arrival;
	int64_t time_msec, serial, node, item;
};

struct feed;

/*
 * What comes behind position, of which filter (it must outlive the feed) admits; its limit and
 * order do not count. 0, -ENOMEM, or a database error.
 */
int feed_new(struct store *store, const struct query_filter *filter,
	const struct feed_position *position, struct feed **ret);
void feed_free(struct feed *feed);
DEFINE_CLEANUP(struct feed *, feed_free)

/* The next touch. 1, 0: nothing more now, there may be later, or < 0. Borrowed until the next call.
 */
int feed_next(struct feed *feed, struct touch *ret);

/* CONTRACT's JSON object of the touch that came last. 1, 0: gone meanwhile, or < 0. Borrowed as
 * above. */
int feed_json(struct feed *feed, const char **ret);

/* Behind the touch that came last, and what the filter has passed over. */
void feed_position(const struct feed *feed, struct feed_position *ret);

/* Back, or forth, to position. */
void feed_seek(struct feed *feed, const struct feed_position *position);

/*
 * True once after arrivals were missing behind the position: what they held was deleted before this
 * reader came to it.
 */
bool feed_take_gap(struct feed *feed);
