/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/retention.h"

#include <errno.h>
#include <stdbool.h>

#include "store/sql.h"
#include "store/sweep.h"
#include "store/writer.h"

#define STEP_TOUCHES 500
#define STEP_ROWS 500
#define PAUSE_MSEC 60000
/* Where destinations keep what is due, looking at it each time is not worth the while. */
#define HELD_PAUSE_MSEC 3600000
#define SWEEP_PAUSE_MSEC (24 * 3600000ll)
/* By size, a part of the touches at a time: what the sweep frees counts as well. */
#define PART 20

enum statement {
	NEXT,
	DELETE_TOUCH,
	DELETE_DIGEST,
	UNCOUNT,
	UNCOUNT_CONTAINER,
	EXTEND_LOSS,
	ADD_LOSS,
	DELETE_ARRIVALS,
	DELETE_ENTRIES,
	DELETE_CONTAINERS,
	DELETE_CLIENTS,
	STATEMENTS,
};

#define KEY_COLUMNS 4
#define OF_KEY " WHERE time_msec = ?1 AND serial = ?2 AND node = ?3 AND item = ?4"
#define ENDED                                                                                      \
	"SELECT id FROM container AS c WHERE ended_msec < ?1 AND last_seen_msec < ?1"              \
	" AND NOT EXISTS (SELECT 1 FROM touch_event WHERE container = c.id) ORDER BY id LIMIT ?2"

// clang-format off
static const char *const statements[STATEMENTS] = {
	[NEXT] =
		"SELECT time_msec, serial, node, item, arrival, container, flags FROM touch_event"
		" WHERE (time_msec, serial, node, item) > (?1, ?2, ?3, ?4) AND time_msec < ?5"
		" ORDER BY time_msec, serial, node, item LIMIT ?6",
	[DELETE_TOUCH] = "DELETE FROM touch_event" OF_KEY,
	[DELETE_DIGEST] = "DELETE FROM digest" OF_KEY,
	[UNCOUNT] = "UPDATE total SET touches = touches - ?1, flagged = flagged - ?2",
	[UNCOUNT_CONTAINER] =
		"UPDATE container SET touches = touches - 1, flagged = flagged - ?2 WHERE id = ?1",
	[EXTEND_LOSS] =
		"UPDATE loss SET since_msec = min(since_msec, ?2), until_msec = max(until_msec, ?3),"
		" count = count + ?4 WHERE kind = ?1",
	[ADD_LOSS] =
		"INSERT INTO loss(kind, since_msec, until_msec, count) VALUES (?1, ?2, ?3, ?4)",
	/* Those before the first that may still have touches. */
	[DELETE_ARRIVALS] =
		"DELETE FROM arrival WHERE id IN (SELECT id FROM arrival WHERE id <"
		" coalesce((SELECT id FROM arrival WHERE last_msec >="
		"	coalesce((SELECT min(time_msec) FROM touch_event), 9223372036854775807)"
		"	ORDER BY id LIMIT 1), 9223372036854775807) ORDER BY id LIMIT ?1)",
	[DELETE_ENTRIES] =
		"DELETE FROM entry WHERE (container_id, runtime) IN"
		" (SELECT container_id, runtime FROM container WHERE id IN (" ENDED "))",
	[DELETE_CONTAINERS] = "DELETE FROM container WHERE id IN (" ENDED ")",
	/* Those of which nothing is left: neither touches of their time nor what they asked for. */
	[DELETE_CLIENTS] =
		"DELETE FROM client WHERE id IN (SELECT id FROM client AS c"
		" WHERE coalesce(end_msec, first_msec, start_msec, 0) <"
		"	coalesce((SELECT min(time_msec) FROM touch_event), 9223372036854775807)"
		" AND NOT EXISTS (SELECT 1 FROM entry WHERE boot = c.boot AND client_pid = c.pid)"
		" ORDER BY id LIMIT ?1)",
};
// clang-format on

/* Arrivals before this one are with every destination. */
#define FLOOR                                                                                      \
	"SELECT coalesce(min(arrival + (time_msec = 9223372036854775807)), 9223372036854775807)"   \
	" FROM cursor"
#define USED                                                                                       \
	"SELECT (page_count - freelist_count) * page_size"                                         \
	" FROM pragma_page_count, pragma_freelist_count, pragma_page_size"

enum stage { IDLE, PRUNE, ARRIVALS, CONTAINERS, CLIENTS, SWEEP };

/* Of a pass: touches from before cutoff_msec, at most quota, behind at. */
struct retention {
	struct retention_limits limits;
	struct recorder *recorder;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	struct sweep *sweep; /* while there is one */
	enum stage stage;
	bool by_size, has_held, has_orphans;
	int64_t cutoff_msec, quota, at[KEY_COLUMNS];
	int64_t due_msec, sweep_due_msec;
};

int retention_new(struct store *store, struct recorder *recorder,
	const struct retention_limits *limits, struct retention **ret)
{
	_cleanup_(retention_freep) struct retention *retention = calloc(1, sizeof(*retention));
	int r = retention ? 0 : -ENOMEM;

	for (size_t i = 0; i < STATEMENTS && r == 0; i++)
		r = sql_prepare(store_connection(store), statements[i], &retention->statements[i]);
	if (r < 0)
		return r;
	retention->limits = *limits;
	retention->recorder = recorder;
	retention->db = store_connection(store);
	*ret = TAKE(retention);
	return 0;
}

void retention_free(struct retention *retention)
{
	if (!retention)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(retention->statements[i]);
	sweep_free(retention->sweep);
	free(retention);
}

/* What was deleted in a step, and goes into one loss. */
struct deleted {
	int64_t n, since_msec, until_msec;
};

static void note(struct deleted *deleted, int64_t time_msec)
{
	if (deleted->n++ == 0)
		deleted->since_msec = time_msec;
	deleted->until_msec = time_msec;
}

static int put_loss(struct retention *retention, enum loss_kind kind, const struct deleted *deleted)
{
	static const enum statement ways[] = { EXTEND_LOSS, ADD_LOSS };
	int r = 0;

	if (deleted->n == 0)
		return 0;
	for (size_t i = 0; i < ELEMENTS(ways) && r == 0; i++) {
		sqlite3_stmt *statement = retention->statements[ways[i]];

		sqlite3_bind_int(statement, 1, kind);
		sqlite3_bind_int64(statement, 2, deleted->since_msec);
		sqlite3_bind_int64(statement, 3, deleted->until_msec);
		sqlite3_bind_int64(statement, 4, deleted->n);
		r = sql_run(statement);
		if (r == 0 && sqlite3_changes(retention->db) > 0)
			return 0;
	}
	return r;
}

struct row {
	int64_t key[KEY_COLUMNS], arrival, container;
	unsigned flags;
};

static int delete_of_key(sqlite3_stmt *statement, const int64_t *key)
{
	for (int i = 0; i < KEY_COLUMNS; i++)
		sqlite3_bind_int64(statement, i + 1, key[i]);
	return sql_run(statement);
}

static int delete_touch(struct retention *retention, const struct row *row)
{
	sqlite3_stmt *uncount = retention->statements[UNCOUNT_CONTAINER];
	int r = delete_of_key(retention->statements[DELETE_TOUCH], row->key);

	if (r == 0 && row->flags & FLAG_BIT(FLAG_TRUST_CHANGE))
		r = delete_of_key(retention->statements[DELETE_DIGEST], row->key);
	if (r < 0 || row->container == 0)
		return r;
	sqlite3_bind_int64(uncount, 1, row->container);
	sqlite3_bind_int(uncount, 2, row->flags != 0);
	return sql_run(uncount);
}

static int read_rows(struct retention *retention, struct row *rows)
{
	sqlite3_stmt *next = retention->statements[NEXT];
	int n = 0, r;

	for (int i = 0; i < KEY_COLUMNS; i++)
		sqlite3_bind_int64(next, i + 1, retention->at[i]);
	sqlite3_bind_int64(next, 5, retention->cutoff_msec);
	sqlite3_bind_int64(
		next, 6, retention->quota < STEP_TOUCHES ? retention->quota : STEP_TOUCHES);
	for (; (r = sql_step(next)) > 0; n++) {
		for (int i = 0; i < KEY_COLUMNS; i++)
			rows[n].key[i] = sqlite3_column_int64(next, i);
		rows[n].arrival = sqlite3_column_int64(next, KEY_COLUMNS);
		rows[n].container = sqlite3_column_int64(next, KEY_COLUMNS + 1);
		rows[n].flags = (unsigned)sqlite3_column_int64(next, KEY_COLUMNS + 2);
	}
	return r < 0 ? r : n;
}

/* Within a transaction. */
static int delete_rows(
	struct retention *retention, const struct row *rows, int n, int64_t floor, bool *ret_held)
{
	sqlite3_stmt *uncount = retention->statements[UNCOUNT];
	struct deleted exported = { 0 }, unexported = { 0 };
	int64_t flagged = 0;
	int r = 0;

	for (int i = 0; i < n && r == 0; i++) {
		bool held = rows[i].arrival >= floor;

		*ret_held |= held;
		if (held && !retention->by_size)
			continue;
		note(held ? &unexported : &exported, rows[i].key[0]);
		flagged += rows[i].flags != 0;
		r = delete_touch(retention, &rows[i]);
	}
	sqlite3_bind_int64(uncount, 1, exported.n + unexported.n);
	sqlite3_bind_int64(uncount, 2, flagged);
	r = r < 0 ? r : sql_run(uncount);
	r = r < 0 ? r : put_loss(retention, LOSS_RETENTION, &exported);
	return r < 0 ? r : put_loss(retention, LOSS_UNEXPORTED, &unexported);
}

/* 1: there may be more. */
static int prune(struct retention *retention)
{
	struct row rows[STEP_TOUCHES];
	bool held = false;
	int64_t floor;
	int n = 0, r;

	r = sql_integer(retention->db, FLOOR, &floor);
	if (r == 0)
		n = read_rows(retention, rows);
	r = r < 0 ? r : n < 0 ? n : delete_rows(retention, rows, n, floor, &held);
	r = r < 0 ? r : sql_execute(retention->db, "COMMIT");
	if (r < 0)
		return r;
	retention->has_held |= held;
	retention->has_orphans |= n > 0;
	retention->quota -= n;
	for (int i = 0; n > 0 && i < KEY_COLUMNS; i++)
		retention->at[i] = rows[n - 1].key[i];
	return n == STEP_TOUCHES;
}

static int delete_some(struct retention *retention, enum statement which)
{
	sqlite3_stmt *statement = retention->statements[which];
	int n, r;

	sqlite3_bind_int64(statement, 1, STEP_ROWS);
	r = sql_run(statement);
	n = sqlite3_changes(retention->db);
	r = r < 0 ? r : sql_execute(retention->db, "COMMIT");
	return r < 0 ? r : n == STEP_ROWS;
}

static int delete_arrivals(struct retention *retention)
{
	return delete_some(retention, DELETE_ARRIVALS);
}

static int delete_clients(struct retention *retention)
{
	return delete_some(retention, DELETE_CLIENTS);
}

static int delete_containers(struct retention *retention)
{
	static const enum statement both[] = { DELETE_ENTRIES, DELETE_CONTAINERS };
	int n = 0, r = 0;

	for (size_t i = 0; i < ELEMENTS(both) && r == 0; i++) {
		sqlite3_stmt *statement = retention->statements[both[i]];

		sqlite3_bind_int64(statement, 1, retention->cutoff_msec);
		sqlite3_bind_int64(statement, 2, STEP_ROWS);
		r = sql_run(statement);
		n = sqlite3_changes(retention->db);
	}
	r = r < 0 ? r : sql_execute(retention->db, "COMMIT");
	return r < 0 ? r : n == STEP_ROWS;
}

static int in_transaction(struct retention *retention, int (*step)(struct retention *))
{
	int r = sql_execute(retention->db, "BEGIN IMMEDIATE");

	r = r < 0 ? r : step(retention);
	if (!sqlite3_get_autocommit(retention->db))
		sqlite3_exec(retention->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static int sweep(struct retention *retention)
{
	int r = 0;

	recorder_forget(retention->recorder);
	if (!retention->sweep)
		r = sweep_new(retention->db, &retention->sweep);
	/* What is too large to be gone through stays as it is. */
	if (r == -E2BIG)
		return 0;
	r = r < 0 ? r : sweep_step(retention->sweep);
	if (r != 0)
		return r;
	sweep_free(TAKE(retention->sweep));
	retention->has_orphans = false;
	return 0;
}

/* 1: something is due. */
static int begin_pass(struct retention *retention, int64_t now_msec)
{
	const struct retention_limits *limits = &retention->limits;
	int64_t used = 0, n_touches, oldest_msec;
	int r = sql_integer(retention->db, "SELECT touches FROM total", &n_touches);

	if (r == 0 && limits->max_bytes)
		r = sql_integer(retention->db, USED, &used);
	r = r < 0 ? r
		  : sql_integer(retention->db,
			    "SELECT coalesce(min(time_msec), 9223372036854775807) FROM touch_event",
			    &oldest_msec);
	if (r < 0)
		return r;
	retention->by_size = limits->max_bytes && used > limits->max_bytes;
	retention->cutoff_msec = retention->by_size ? INT64_MAX : now_msec - limits->max_age_msec;
	retention->quota = retention->by_size ? n_touches / PART + 1 : INT64_MAX;
	retention->has_held = false;
	retention->at[0] = INT64_MIN;
	for (int i = 1; i < KEY_COLUMNS; i++)
		retention->at[i] = 0;
	if (!retention->by_size && (!limits->max_age_msec || oldest_msec >= retention->cutoff_msec))
		return 0;
	return n_touches > 0;
}

static void end_pass(struct retention *retention, int64_t now_msec)
{
	retention->due_msec = now_msec + (retention->has_held ? HELD_PAUSE_MSEC : PAUSE_MSEC);
	/* It may not be enough yet. */
	if (retention->by_size)
		retention->due_msec = now_msec;
}

static bool is_sweep_due(const struct retention *retention, int64_t now_msec)
{
	return retention->has_orphans &&
	       (retention->by_size || now_msec >= retention->sweep_due_msec);
}

int retention_step(struct retention *retention, int64_t now_msec)
{
	int r = 0;

	switch (retention->stage) {
	case IDLE:
		/* A clock that was set back holds nothing up for longer than the pause. */
		if (now_msec < retention->due_msec &&
			retention->due_msec - now_msec <= HELD_PAUSE_MSEC)
			return 0;
		r = begin_pass(retention, now_msec);
		retention->due_msec = now_msec + PAUSE_MSEC;
		retention->stage = r > 0 ? PRUNE : IDLE;
		return r;
	case PRUNE:
		r = in_transaction(retention, prune);
		break;
	case ARRIVALS:
		r = in_transaction(retention, delete_arrivals);
		break;
	case CONTAINERS:
		recorder_forget(retention->recorder);
		r = retention->by_size ? 0 : in_transaction(retention, delete_containers);
		break;
	case CLIENTS:
		r = in_transaction(retention, delete_clients);
		break;
	case SWEEP:
		r = is_sweep_due(retention, now_msec) ? sweep(retention) : 0;
		if (r == 0 && !retention->has_orphans)
			retention->sweep_due_msec = now_msec + SWEEP_PAUSE_MSEC;
		break;
	}
	if (r != 0)
		return r;
	if (retention->stage == SWEEP)
		end_pass(retention, now_msec);
	retention->stage = retention->stage == SWEEP ? IDLE : retention->stage + 1;
	return 1;
}
