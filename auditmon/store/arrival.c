/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/arrival.h"

#include <errno.h>
#include <stdbool.h>

#include "store/sql.h"

/* Events that ran at the same time on several processors come out of order by a little. */
#define BACK_MSEC 1000
/* Whoever reads an arrival looks at all touches within its span, also at those of others. */
#define AHEAD_MSEC 60000

/* id is the number of the open arrival, or of the next one; first_msec > last_msec: it is empty. */
struct arrivals {
	sqlite3_stmt *add;
	int64_t committed; /* the last number that is for good */
	int64_t id;
	int64_t first_msec, last_msec;
};

static void begin(struct arrivals *arrivals, int64_t id)
{
	arrivals->id = id;
	arrivals->first_msec = INT64_MAX;
	arrivals->last_msec = INT64_MIN;
}

static bool is_empty(const struct arrivals *arrivals)
{
	return arrivals->first_msec > arrivals->last_msec;
}

int arrivals_new(sqlite3 *db, struct arrivals **ret)
{
	_cleanup_(arrivals_freep) struct arrivals *arrivals = calloc(1, sizeof(*arrivals));
	int r;

	if (!arrivals)
		return -ENOMEM;
	r = sql_prepare(db, "INSERT INTO arrival VALUES (?, ?, ?)", &arrivals->add);
	r = r < 0 ? r
		  : sql_integer(db,
			    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
			    " WHERE name = 'arrival'",
			    &arrivals->committed);
	if (r < 0)
		return r;
	begin(arrivals, arrivals->committed + 1);
	*ret = TAKE(arrivals);
	return 0;
}

void arrivals_free(struct arrivals *arrivals)
{
	if (!arrivals)
		return;
	sqlite3_finalize(arrivals->add);
	free(arrivals);
}

int arrivals_of(struct arrivals *arrivals, int64_t time_msec, int64_t *ret)
{
	int r = 0;

	if (!is_empty(arrivals) && (time_msec < arrivals->last_msec - BACK_MSEC ||
					   time_msec > arrivals->last_msec + AHEAD_MSEC))
		r = arrivals_close(arrivals);
	if (r == 0)
		*ret = arrivals->id;
	return r;
}

void arrivals_add(struct arrivals *arrivals, int64_t time_msec)
{
	if (time_msec < arrivals->first_msec)
		arrivals->first_msec = time_msec;
	if (time_msec > arrivals->last_msec)
		arrivals->last_msec = time_msec;
}

int arrivals_close(struct arrivals *arrivals)
{
	int r;

	if (is_empty(arrivals))
		return 0;
	sqlite3_bind_int64(arrivals->add, 1, arrivals->id);
	sqlite3_bind_int64(arrivals->add, 2, arrivals->first_msec);
	sqlite3_bind_int64(arrivals->add, 3, arrivals->last_msec);
	r = sql_run(arrivals->add);
	if (r == 0)
		begin(arrivals, arrivals->id + 1);
	return r;
}

void arrivals_committed(struct arrivals *arrivals)
{
	arrivals->committed = arrivals->id - 1;
}

void arrivals_forget(struct arrivals *arrivals)
{
	begin(arrivals, arrivals->committed + 1);
}
