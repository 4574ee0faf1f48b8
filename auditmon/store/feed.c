/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/feed.h"

#include <errno.h>
#include <string.h>

#include "store/query-filter.h"
#include "store/sql.h"
#include "store/touch-reader.h"

#define MAX_KEYS 1024

/* The key of an arrival that has been read to its end. */
#define END INT64_MAX

/*
 * keys[at] .. keys[n_keys - 1] are of position.arrival and still to be given out. complete: behind
 * them position.arrival has no more; until_msec is its last time.
 */
struct feed {
	sqlite3_stmt *next_arrival, *more;
	struct touch_reader *reader;
	int64_t since_msec, until_msec;
	struct feed_position position;
	int64_t arrival_since_msec, arrival_until_msec;
	struct key keys[MAX_KEYS], last;
	size_t n_keys, at;
	bool complete, gap;
};

static int64_t at_least(int64_t value, int64_t least)
{
	return value < least ? least : value;
}

static int64_t at_most(int64_t value, int64_t most)
{
	return value > most ? most : value;
}

int feed_new(struct store *store, const struct query_filter *filter,
	const struct feed_position *position, struct feed **ret)
{
	_cleanup_(feed_freep) struct feed *feed = calloc(1, sizeof(*feed));
	sqlite3 *db = store_connection(store);
	int r;

	if (!feed)
		return -ENOMEM;
	feed->since_msec = filter->since_msec;
	feed->until_msec = filter->until_msec;
	r = sql_prepare(db,
		"SELECT id, first_msec, last_msec FROM arrival WHERE id >= ? ORDER BY id LIMIT 1",
		&feed->next_arrival);
	r = r < 0 ? r : filter_prepare(db, filter, FILTER_ARRIVAL, &feed->more);
	r = r < 0 ? r : touch_reader_new(db, &feed->reader);
	if (r < 0)
		return r;
	feed_seek(feed, position);
	*ret = TAKE(feed);
	return 0;
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	sqlite3_finalize(feed->next_arrival);
	sqlite3_finalize(feed->more);
	touch_reader_free(feed->reader);
	free(feed);
}

void feed_seek(struct feed *feed, const struct feed_position *position)
{
	feed->position = *position;
	feed->n_keys = feed->at = 0;
	feed->complete = true;
	feed->arrival_since_msec = END; /* not looked up yet */
}

void feed_position(const struct feed *feed, struct feed_position *ret)
{
	*ret = feed->position;
}

bool feed_take_gap(struct feed *feed)
{
	bool gap = feed->gap;

	feed->gap = false;
	return gap;
}

/* The arrival to read, from the position on. 1, 0: none yet, or < 0. */
static int find_arrival(struct feed *feed)
{
	struct feed_position *position = &feed->position;
	int64_t wanted = position->arrival, found;
	int r;

	if (wanted == 0 || position->time_msec == END)
		wanted++;
	sqlite3_bind_int64(feed->next_arrival, 1, wanted);
	r = sql_step(feed->next_arrival);
	if (r <= 0)
		return r;
	found = sqlite3_column_int64(feed->next_arrival, 0);
	feed->arrival_since_msec = sqlite3_column_int64(feed->next_arrival, 1);
	feed->arrival_until_msec = sqlite3_column_int64(feed->next_arrival, 2);
	sqlite3_reset(feed->next_arrival);
	/* Who has not begun yet misses nothing. */
	if (found != wanted && position->arrival > 0)
		feed->gap = true;
	if (found != position->arrival)
		*position = (struct feed_position){ .arrival = found, .time_msec = INT64_MIN };
	feed->complete = false;
	return 1;
}

static int read_keys(struct feed *feed)
{
	const struct feed_position *position = &feed->position;
	struct key later_than = { { [KEY_TIME] = position->time_msec,
		[KEY_SERIAL] = position->serial,
		[KEY_NODE] = position->node,
		[KEY_ITEM] = position->item } };
	int64_t since = at_least(feed->arrival_since_msec, feed->since_msec);
	int r;

	if (position->time_msec < since)
		later_than = (struct key){ { [KEY_TIME] = since, [KEY_SERIAL] = -1 } };
	filter_bind_bounds(
		feed->more, &later_than, at_most(feed->arrival_until_msec, feed->until_msec));
	sql_bind_named(feed->more, ":arrival", position->arrival);
	sql_bind_named(feed->more, ":trust_change", FLAG_BIT(FLAG_TRUST_CHANGE));
	sql_bind_named(feed->more, ":limit", MAX_KEYS);
	feed->n_keys = feed->at = 0;
	while ((r = sql_step(feed->more)) > 0) {
		for (int i = 0; i < KEY_COLUMNS; i++)
			feed->keys[feed->n_keys].columns[i] = sqlite3_column_int64(feed->more, i);
		feed->n_keys++;
	}
	feed->complete = feed->n_keys < MAX_KEYS;
	return r;
}

static void move_to(struct feed *feed, const struct key *key)
{
	feed->last = *key;
	feed->position.time_msec = key->columns[KEY_TIME];
	feed->position.serial = key->columns[KEY_SERIAL];
	feed->position.node = key->columns[KEY_NODE];
	feed->position.item = key->columns[KEY_ITEM];
}

/* 1: there is a key, 0: not now, or < 0. */
static int need_key(struct feed *feed)
{
	int r = 1;

	while (feed->at == feed->n_keys && r > 0) {
		if (feed->complete && feed->arrival_since_msec != END)
			feed->position.time_msec = END;
		if (feed->complete)
			r = find_arrival(feed);
		if (r > 0) {
			r = read_keys(feed);
			r = r < 0 ? r : 1;
		}
	}
	return r;
}

int feed_next(struct feed *feed, struct touch *ret)
{
	int r;

	while ((r = need_key(feed)) > 0) {
		move_to(feed, &feed->keys[feed->at++]);
		r = touch_reader_touch(feed->reader, &feed->last, ret);
		if (r != 0)
			return r;
	}
	return r;
}

int feed_json(struct feed *feed, const char **ret)
{
	return touch_reader_json(feed->reader, &feed->last, ret);
}
