/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The touch of a key, as a record and as JSON
 *
 * No transaction is open between two calls. What a call returns is borrowed until the next one of
 * the same kind: both forms of one touch may be held at a time.
 */

#include <sqlite3.h>

#include "base/cleanup.h"
#include "base/touch.h"
#include "store/query-filter.h"

struct touch_reader;

/* 0 or -ENOMEM. */
int touch_reader_new(sqlite3 *db, struct touch_reader **ret);
void touch_reader_free(struct touch_reader *reader);
DEFINE_CLEANUP(struct touch_reader *, touch_reader_free)

/* 1, 0: no such row any more, -ENOMEM, or a database error. */
int touch_reader_touch(struct touch_reader *reader, const struct key *key, struct touch *ret);

/* CONTRACT's object on one line. Returns as above. */
int touch_reader_json(struct touch_reader *reader, const struct key *key, const char **ret);
