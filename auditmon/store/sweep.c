/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/sweep.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/sql.h"

/* Rows of a step. */
#define STEP_TOUCHES 2000
#define STEP_ROWS 1000
/* 16 MiB of bits. */
#define MAX_ROWS ((int64_t)1 << 27)

enum table { PROCESS, LAUNCHER, TEXT, TABLES };

enum stage {
	MARK_TOUCHES,
	MARK_PROCESSES,
	MARK_LAUNCHERS,
	DELETE_PROCESSES,
	DELETE_LAUNCHERS,
	DELETE_TEXTS,
	DONE
};

enum statement {
	TOUCHES,
	NEW_TOUCHES,
	LAST_ARRIVAL,
	PROCESSES,
	LAUNCHERS,
	NODES,
	STATEMENTS,
};

#define KEY_COLUMNS 4
#define REFERENCES "process, path, path_seen, syscall, watch, doubt, suppressed, node"

// clang-format off
static const char *const statements[STATEMENTS] = {
	[TOUCHES] =
		"SELECT time_msec, serial, node, item, " REFERENCES " FROM touch_event"
		" WHERE (time_msec, serial, node, item) > (?1, ?2, ?3, ?4)"
		" ORDER BY time_msec, serial, node, item LIMIT ?5",
	/* An arrival's span may hold touches of others (store/arrival.h). */
	[NEW_TOUCHES] =
		"SELECT e.time_msec, e.serial, e.node, e.item, " REFERENCES
		" FROM arrival AS a CROSS JOIN touch_event AS e WHERE a.id > ?1"
		" AND e.time_msec BETWEEN a.first_msec AND a.last_msec AND e.arrival = a.id",
	[LAST_ARRIVAL] =
		"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'arrival'",
	[PROCESSES] =
		"SELECT id, comm, exe, argv, user, login, ancestors, launcher FROM process"
		" WHERE id > ?1 ORDER BY id LIMIT ?2",
	[LAUNCHERS] =
		"SELECT id, login, exe, argv, via, evidence, reason FROM launcher"
		" WHERE id > ?1 ORDER BY id LIMIT ?2",
	[NODES] = "SELECT node FROM digest UNION SELECT node FROM cursor",
};

static const struct {
	const char *max, *ids, *delete;
} tables[TABLES] = {
#define TABLE(name) { \
		"SELECT coalesce(max(id), 0) FROM " name, \
		"SELECT id FROM " name " WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3", \
		"DELETE FROM " name " WHERE id = ?1" }
	[PROCESS]  = TABLE("process"),
	[LAUNCHER] = TABLE("launcher"),
	[TEXT]     = TABLE("text"),
};
// clang-format on

/*
 * bits has one for each row of a table up to last, which is what there was at the beginning; rows
 * behind it are never deleted. at is the last row that the present stage has gone through, touch
 * the last touch. Processes and launchers up to seen, and touches of arrivals up to arrival, have
 * their references marked.
 */
struct sweep {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS], *ids[TABLES], *delete[TABLES];
	uint8_t *bits[TABLES];
	int64_t last[TABLES], seen[TABLES];
	int64_t at, arrival, touch[KEY_COLUMNS];
	enum stage stage;
};

static int prepare(struct sweep *sweep)
{
	int r = 0;

	for (size_t i = 0; i < STATEMENTS && r == 0; i++)
		r = sql_prepare(sweep->db, statements[i], &sweep->statements[i]);
	for (size_t i = 0; i < TABLES && r == 0; i++) {
		r = sql_prepare(sweep->db, tables[i].ids, &sweep->ids[i]);
		r = r < 0 ? r : sql_prepare(sweep->db, tables[i].delete, &sweep->delete[i]);
		r = r < 0 ? r : sql_integer(sweep->db, tables[i].max, &sweep->last[i]);
		if (r == 0 && sweep->last[i] > MAX_ROWS)
			return -E2BIG;
		if (r == 0) {
			sweep->bits[i] = calloc((size_t)sweep->last[i] / 8 + 1, 1);
			r = sweep->bits[i] ? 0 : -ENOMEM;
		}
	}
	return r < 0 ? r : sql_integer(sweep->db, statements[LAST_ARRIVAL], &sweep->arrival);
}

int sweep_new(sqlite3 *db, struct sweep **ret)
{
	_cleanup_(sweep_freep) struct sweep *sweep = calloc(1, sizeof(*sweep));
	int r;

	if (!sweep)
		return -ENOMEM;
	sweep->db = db;
	sweep->touch[0] = INT64_MIN;
	r = prepare(sweep);
	if (r < 0)
		return r;
	*ret = TAKE(sweep);
	return 0;
}

void sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(sweep->statements[i]);
	for (size_t i = 0; i < TABLES; i++) {
		sqlite3_finalize(sweep->ids[i]);
		sqlite3_finalize(sweep->delete[i]);
		free(sweep->bits[i]);
	}
	free(sweep);
}

static void mark(struct sweep *sweep, enum table table, int64_t id)
{
	if (id > 0 && id <= sweep->last[table])
		sweep->bits[table][id / 8] |= (uint8_t)(1 << id % 8);
}

static bool is_marked(const struct sweep *sweep, enum table table, int64_t id)
{
	return id > sweep->last[table] || (sweep->bits[table][id / 8] >> id % 8 & 1);
}

static void mark_texts(struct sweep *sweep, sqlite3_stmt *row, int first, int last)
{
	for (int i = first; i <= last; i++)
		mark(sweep, TEXT, sqlite3_column_int64(row, i));
}

static void mark_touch(struct sweep *sweep, sqlite3_stmt *row)
{
	mark(sweep, PROCESS, sqlite3_column_int64(row, KEY_COLUMNS));
	mark_texts(sweep, row, KEY_COLUMNS + 1, sqlite3_column_count(row) - 1);
}

/* 1: there may be more. */
static int mark_touches(struct sweep *sweep)
{
	sqlite3_stmt *statement = sweep->statements[TOUCHES];
	int n = 0, r;

	for (int i = 0; i < KEY_COLUMNS; i++)
		sqlite3_bind_int64(statement, i + 1, sweep->touch[i]);
	sqlite3_bind_int64(statement, KEY_COLUMNS + 1, STEP_TOUCHES);
	for (; (r = sql_step(statement)) > 0; n++) {
		for (int i = 0; i < KEY_COLUMNS; i++)
			sweep->touch[i] = sqlite3_column_int64(statement, i);
		mark_touch(sweep, statement);
	}
	return r < 0 ? r : n == STEP_TOUCHES;
}

/* What the rows of table behind seen refer to, if they are referred to themselves. */
static int mark_rows(struct sweep *sweep, enum table table, int limit)
{
	sqlite3_stmt *statement = sweep->statements[table == PROCESS ? PROCESSES : LAUNCHERS];
	int n = 0, r;

	sqlite3_bind_int64(statement, 1, sweep->seen[table]);
	sqlite3_bind_int64(statement, 2, limit);
	for (; (r = sql_step(statement)) > 0; n++) {
		int last = sqlite3_column_count(statement) - 1;

		sweep->seen[table] = sqlite3_column_int64(statement, 0);
		if (!is_marked(sweep, table, sweep->seen[table]))
			continue;
		if (table == PROCESS)
			mark(sweep, LAUNCHER, sqlite3_column_int64(statement, last--));
		mark_texts(sweep, statement, 1, last);
	}
	return r < 0 ? r : n == limit;
}

/* What was recorded since the sweep began. */
static int catch_up(struct sweep *sweep)
{
	sqlite3_stmt *touches = sweep->statements[NEW_TOUCHES], *nodes = sweep->statements[NODES];
	int64_t arrival;
	int r = sql_integer(sweep->db, statements[LAST_ARRIVAL], &arrival);

	sqlite3_bind_int64(touches, 1, sweep->arrival);
	while (r >= 0 && (r = sql_step(touches)) > 0)
		mark_touch(sweep, touches);
	while (r >= 0 && (r = sql_step(nodes)) > 0)
		mark_texts(sweep, nodes, 0, 0);
	r = r < 0 ? r : mark_rows(sweep, PROCESS, -1);
	r = r < 0 ? r : mark_rows(sweep, LAUNCHER, -1);
	if (r == 0)
		sweep->arrival = arrival;
	return r;
}

/* Within a transaction. 1 with *ret_at: there may be more behind it. */
static int delete_some(struct sweep *sweep, enum table table, int64_t *ret_at)
{
	int64_t unmarked[STEP_ROWS], at = sweep->at;
	int n = 0, n_unmarked = 0, r;

	sqlite3_bind_int64(sweep->ids[table], 1, at);
	sqlite3_bind_int64(sweep->ids[table], 2, sweep->last[table]);
	sqlite3_bind_int64(sweep->ids[table], 3, STEP_ROWS);
	for (; (r = sql_step(sweep->ids[table])) > 0; n++) {
		at = sqlite3_column_int64(sweep->ids[table], 0);
		if (!is_marked(sweep, table, at))
			unmarked[n_unmarked++] = at;
	}
	for (int i = 0; i < n_unmarked && r == 0; i++) {
		sqlite3_bind_int64(sweep->delete[table], 1, unmarked[i]);
		r = sql_run(sweep->delete[table]);
	}
	*ret_at = at;
	return r < 0 ? r : n == STEP_ROWS;
}

static int delete_step(struct sweep *sweep, enum table table)
{
	int64_t at;
	int r = sql_execute(sweep->db, "BEGIN IMMEDIATE"), more = 0;

	r = r < 0 ? r : catch_up(sweep);
	if (r == 0) {
		more = delete_some(sweep, table, &at);
		r = more < 0 ? more : sql_execute(sweep->db, "COMMIT");
	}
	if (!sqlite3_get_autocommit(sweep->db))
		sqlite3_exec(sweep->db, "ROLLBACK", NULL, NULL, NULL);
	if (r < 0)
		return r;
	sweep->at = at;
	return more;
}

int sweep_step(struct sweep *sweep)
{
	int r = 0;

	switch (sweep->stage) {
	case MARK_TOUCHES:
		r = mark_touches(sweep);
		break;
	case MARK_PROCESSES:
		r = mark_rows(sweep, PROCESS, STEP_ROWS);
		break;
	case MARK_LAUNCHERS:
		r = mark_rows(sweep, LAUNCHER, STEP_ROWS);
		break;
	case DELETE_PROCESSES:
		r = delete_step(sweep, PROCESS);
		break;
	case DELETE_LAUNCHERS:
		r = delete_step(sweep, LAUNCHER);
		break;
	case DELETE_TEXTS:
		r = delete_step(sweep, TEXT);
		break;
	case DONE:
		return 0;
	}
	if (r != 0)
		return r;
	sweep->stage++;
	sweep->at = 0;
	return sweep->stage != DONE;
}
