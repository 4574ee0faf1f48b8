/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A filter becomes SQL
 *
 * The statement finds keys of touches, so that it reads indexes and little else; only the
 * conditions that are set are in it, and the index is named, so that SQLite cannot choose to look
 * at every touch there is.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "store/query.h"

/* The columns of a key. Those of the order's head are 0 where it is by time. */
enum key_column {
	KEY_DAY, /* local midnight, seconds */
	KEY_SEVERITY,
	KEY_TIME,
	KEY_SERIAL,
	KEY_NODE, /* id of text */
	KEY_ITEM,
	KEY_COLUMNS,
};

struct key {
	int64_t columns[KEY_COLUMNS];
};

enum filter_use {
	FILTER_ANSWER,  /* the next :limit keys in the filter's order */
	FILTER_BOUND,   /* the one key that has :skip newer ones */
	FILTER_ARRIVAL, /* as FILTER_ANSWER, but only of :arrival; always by time */
};

/* 0, -ENOMEM, or a database error. The bounds are still to be bound. */
int filter_prepare(
	sqlite3 *db, const struct query_filter *filter, enum filter_use use, sqlite3_stmt **ret);

/* Only what is later than key and not after until_msec. */
void filter_bind_bounds(sqlite3_stmt *statement, const struct key *later_than, int64_t until_msec);

/* For QUERY_WORST_FIRST: only what comes after key in that order. */
void filter_bind_previous(sqlite3_stmt *statement, const struct key *previous);
