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
