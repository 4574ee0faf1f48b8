/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How far a destination is, kept in the database under its name
 *
 * One row a name. Saving is a transaction of one statement, beside the daemon's and of
 * microseconds; store must be open as STORE_CURSOR.
 */

#include <stdint.h>

#include "store/feed.h"

#define CURSOR_NAME_MAX 255

/* 0 with all zeros where the name is new, or a database error. */
int cursor_load(struct store *store, const char *name, struct feed_position *ret);

/* 0, -EBUSY (somebody has locked the database for seconds), or another database error. */
int cursor_save(struct store *store, const char *name, const struct feed_position *position);

/*
 * Why the destination is not reached, for `status`; NULL: it is. The name must have been saved.
 * Errors as above.
 */
int cursor_note(struct store *store, const char *name, const char *error);

/* The destination is none any more. 1, 0: there is no such cursor, or errors as above. */
int cursor_forget(struct store *store, const char *name);

/* What is counted of a destination's backlog, at most: a large one takes long to count. */
#define CURSOR_BEHIND_MAX 1000000

struct cursor_row {
	const char *name;
	int64_t position_msec;     /* of the last touch that was exported; 0: not known, or none */
	uint64_t behind;           /* stored touches after it, of whatever kind */
	int64_t behind_since_msec; /* of the first of them; 0: none */
	const char *error;         /* NULL: none */
	int64_t error_msec;
	const char *json;          /* all that, for `status --format json` */
};

/* Calls fn for each destination, by name; what row points to is borrowed for the call. 0 or a
 * database error. */
int cursors_each(struct store *store,
	void (*fn)(const struct cursor_row *row, void *userdata), void *userdata);
