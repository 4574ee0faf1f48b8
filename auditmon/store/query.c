/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/query.h"

#include <errno.h>

#include "store/query-filter.h"
#include "store/sql.h"
#include "store/touch-reader.h"

/*
 * The first keys come fast; later batches are large, because each may mean another look at all that
 * the filter admits.
 */
#define FIRST_BATCH 256
#define MAX_BATCH (256 * 1024)
#define BATCH_GROWTH 4

/*
 * keys[at] .. keys[n_keys - 1] are still to be given out; complete: there are none behind them.
 * later_than is the lower bound of the answer, or, by time, the last key so far.
 */
struct query {
	sqlite3 *db;
	const struct query_filter *filter;
	enum query_order order;
	sqlite3_stmt *more;
	struct touch_reader *reader;
	struct key *keys;
	size_t n_keys, at, max_keys;
	bool complete;
	struct key later_than, previous;
	int64_t until_msec, left; /* left -1: no limit */
};

static int newest_time(sqlite3 *db, int64_t *ret)
{
	*ret = INT64_MIN;
	return sql_integer(db, "SELECT max(time_msec) FROM touch_event", ret);
}

/*
 * The answer begins where it has limit rows: newer rows than the one found here, and that one
 * itself.
 */
static int find_limit(struct query *query)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = filter_prepare(query->db, query->filter, FILTER_BOUND, &statement);

	if (r < 0)
		return r;
	filter_bind_bounds(statement, &query->later_than, query->until_msec);
	sql_bind_named(statement, ":skip", query->left - 1);
	r = sql_step(statement);
	if (r <= 0)
		return r;
	for (int i = 0; i < KEY_COLUMNS; i++)
		query->later_than.columns[i] = sqlite3_column_int64(statement, i);
	query->later_than.columns[KEY_ITEM]--;
	sqlite3_reset(statement);
	return 0;
}

int query_new(struct store *store, const struct query_filter *filter, struct query **ret)
{
	_cleanup_(query_freep) struct query *query = calloc(1, sizeof(*query));
	int64_t newest;
	int r;

	if (!query)
		return -ENOMEM;
	*query = (struct query){
		.db = store_connection(store),
		.filter = filter,
		.order = filter->order,
		.left = filter->limit,
		.complete = filter->limit == 0,
		.later_than = { { [KEY_TIME] = filter->since_msec, [KEY_SERIAL] = -1 } },
		.until_msec = filter->until_msec,
	};
	for (size_t i = 0; i < KEY_COLUMNS; i++)
		query->previous.columns[i] = INT64_MAX;
	r = newest_time(query->db, &newest);
	if (r < 0)
		return r;
	if (newest < query->until_msec)
		query->until_msec = newest;
	if (filter->limit > 0) {
		r = find_limit(query);
		if (r < 0)
			return r;
	}
	r = filter_prepare(query->db, filter, FILTER_ANSWER, &query->more);
	r = r < 0 ? r : touch_reader_new(query->db, &query->reader);
	if (r < 0)
		return r;
	*ret = TAKE(query);
	return 0;
}

void query_free(struct query *query)
{
	if (!query)
		return;
	sqlite3_finalize(query->more);
	touch_reader_free(query->reader);
	free(query->keys);
	free(query);
}

static int add_key(struct query *query, const struct key *key)
{
	if (query->n_keys == query->max_keys) {
		size_t max = query->max_keys ? 2 * query->max_keys : FIRST_BATCH;
		struct key *keys = reallocarray(query->keys, max, sizeof(*keys));

		if (!keys)
			return -ENOMEM;
		query->keys = keys;
		query->max_keys = max;
	}
	query->keys[query->n_keys++] = *key;
	return 0;
}

static int read_keys(struct query *query)
{
	struct key key;
	int r, error = 0;

	query->n_keys = query->at = 0;
	while ((r = sql_step(query->more)) > 0 && error == 0) {
		for (int i = 0; i < KEY_COLUMNS; i++)
			key.columns[i] = sqlite3_column_int64(query->more, i);
		error = add_key(query, &key);
	}
	sqlite3_reset(query->more);
	return r < 0 ? r : error;
}

static int64_t next_batch_size(const struct query *query)
{
	int64_t size = query->max_keys ? (int64_t)query->n_keys * BATCH_GROWTH : FIRST_BATCH;

	size = size > MAX_BATCH ? MAX_BATCH : size;
	return query->left >= 0 && query->left < size ? query->left : size;
}

static int more_keys(struct query *query)
{
	int64_t size = next_batch_size(query);
	int r;

	filter_bind_bounds(query->more, &query->later_than, query->until_msec);
	filter_bind_previous(query->more, &query->previous);
	sql_bind_named(query->more, ":limit", size);
	r = read_keys(query);
	if (r < 0)
		return r;
	query->complete = (int64_t)query->n_keys < size;
	if (query->left >= 0)
		query->left -= (int64_t)query->n_keys;
	if (query->left == 0)
		query->complete = true;
	if (query->n_keys == 0)
		return 0;
	query->previous = query->keys[query->n_keys - 1];
	if (query->order == QUERY_OLDEST_FIRST)
		query->later_than = query->previous;
	return 0;
}

/* 1 with the next key, 0 at the end. */
static int next_key(struct query *query, struct key *ret)
{
	while (query->at == query->n_keys) {
		int r;

		if (query->complete)
			return 0;
		r = more_keys(query);
		if (r < 0)
			return r;
	}
	*ret = query->keys[query->at++];
	return 1;
}

int query_next(struct query *query, struct touch *ret)
{
	struct key key;
	int r;

	/* A key whose row is gone meanwhile is passed over. */
	while ((r = next_key(query, &key)) > 0) {
		r = touch_reader_touch(query->reader, &key, ret);
		if (r != 0)
			return r;
	}
	return r;
}

int query_next_json(struct query *query, const char **ret)
{
	struct key key;
	int r;

	while ((r = next_key(query, &key)) > 0) {
		r = touch_reader_json(query->reader, &key, ret);
		if (r != 0)
			return r;
	}
	return r;
}
