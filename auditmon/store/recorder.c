/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/recorder.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "store/arrival.h"
#include "store/id-cache.h"
#include "store/interner.h"
#include "store/sql.h"
#include "store/touch-row.h"

#define MAX_PROCESSES 8192
#define MAX_LAUNCHERS 1024
#define MAX_CONTAINERS 1024

enum statement {
	BEGIN,
	COMMIT,
	EVENT_EXISTS,
	EVENT_ADD,
	PROCESS_ADD,
	LAUNCHER_ADD,
	TOTAL_ADD,
	DIGEST_ADD,
	STATEMENT_COUNT,
};

// clang-format off
static const char *const statements[STATEMENT_COUNT] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[EVENT_EXISTS] =
		"SELECT 1 FROM touch_event"
		" WHERE time_msec = ? AND serial = ? AND node = ? AND item = ?",
	[EVENT_ADD] =
		"INSERT OR IGNORE INTO touch_event"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[PROCESS_ADD] =
		"INSERT INTO process VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[LAUNCHER_ADD] =
		"INSERT INTO launcher VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[TOTAL_ADD] =
		"UPDATE total SET touches = touches + ?, flagged = flagged + ?",
	[DIGEST_ADD] =
		"INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?, ?)",
};
// clang-format on

/* Touches that the counters of their container, and of all, do not have yet. container 0: none. */
struct uncounted {
	int64_t container;
	uint64_t touches, flagged;
	int64_t last_msec;
};

struct recorder {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct interner *interner;
	struct facts *facts;
	struct arrivals *arrivals;
	struct id_cache *processes, *launchers, *containers;
	struct uncounted container; /* of the container that was seen last */
	struct uncounted total;
};

int recorder_new(struct store *store, struct recorder **ret)
{
	_cleanup_(recorder_freep) struct recorder *recorder = calloc(1, sizeof(*recorder));
	int r = 0;

	if (!recorder)
		return -ENOMEM;
	recorder->db = store_connection(store);
	for (size_t i = 0; i < STATEMENT_COUNT && r == 0; i++)
		r = sql_prepare(recorder->db, statements[i], &recorder->statements[i]);
	r = r < 0 ? r : interner_new(recorder->db, &recorder->interner);
	r = r < 0 ? r : facts_new(recorder->db, &recorder->facts);
	r = r < 0 ? r : arrivals_new(recorder->db, &recorder->arrivals);
	r = r < 0 ? r : id_cache_new(MAX_PROCESSES, &recorder->processes);
	r = r < 0 ? r : id_cache_new(MAX_LAUNCHERS, &recorder->launchers);
	r = r < 0 ? r : id_cache_new(MAX_CONTAINERS, &recorder->containers);
	if (r < 0)
		return r;
	*ret = TAKE(recorder);
	return 0;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(recorder->statements[i]);
	interner_free(recorder->interner);
	facts_free(recorder->facts);
	arrivals_free(recorder->arrivals);
	id_cache_free(recorder->processes);
	id_cache_free(recorder->launchers);
	id_cache_free(recorder->containers);
	free(recorder);
}

struct facts *recorder_facts(struct recorder *recorder)
{
	return recorder->facts;
}

int recorder_begin(struct recorder *recorder)
{
	return sql_run(recorder->statements[BEGIN]);
}

static int count_container(struct recorder *recorder)
{
	const struct uncounted *container = &recorder->container;
	int r;

	if (!container->container)
		return 0;
	r = facts_container_count(recorder->facts, container->container, container->touches,
		container->flagged, container->last_msec);
	if (r == 0)
		recorder->container = (struct uncounted){ 0 };
	return r;
}

static int count_total(struct recorder *recorder)
{
	sqlite3_stmt *statement = recorder->statements[TOTAL_ADD];
	int r;

	if (recorder->total.touches == 0)
		return 0;
	sqlite3_bind_int64(statement, 1, (int64_t)recorder->total.touches);
	sqlite3_bind_int64(statement, 2, (int64_t)recorder->total.flagged);
	r = sql_run(statement);
	if (r == 0)
		recorder->total = (struct uncounted){ 0 };
	return r;
}

int recorder_commit(struct recorder *recorder)
{
	int r = count_container(recorder);

	r = r < 0 ? r : count_total(recorder);
	r = r < 0 ? r : arrivals_close(recorder->arrivals);
	r = r < 0 ? r : sql_run(recorder->statements[COMMIT]);
	if (r == 0)
		arrivals_committed(recorder->arrivals);
	return r;
}

void recorder_forget(struct recorder *recorder)
{
	interner_forget(recorder->interner);
	id_cache_clear(recorder->processes);
	id_cache_clear(recorder->launchers);
	id_cache_clear(recorder->containers);
}

void recorder_rollback(struct recorder *recorder)
{
	/* Some errors have rolled back already. */
	if (!sqlite3_get_autocommit(recorder->db))
		sqlite3_exec(recorder->db, "ROLLBACK", NULL, NULL, NULL);
	recorder_forget(recorder);
	arrivals_forget(recorder->arrivals);
	recorder->container = recorder->total = (struct uncounted){ 0 };
}

void recorder_relax(struct recorder *recorder)
{
	sqlite3_db_release_memory(recorder->db);
	malloc_trim(0);
}

static int run_row(sqlite3_stmt *statement, const int64_t *row, int n_columns)
{
	for (int i = 0; i < n_columns; i++) {
		if (row[i] == ROW_NULL)
			sqlite3_bind_null(statement, i + 1);
		else
			sqlite3_bind_int64(statement, i + 1, row[i]);
	}
	return sql_run(statement);
}

static int event_exists(struct recorder *recorder, const int64_t *event)
{
	sqlite3_stmt *statement = recorder->statements[EVENT_EXISTS];
	int r;

	for (int i = 0; i < EVENT_KEY_COLUMNS; i++)
		sqlite3_bind_int64(statement, i + 1, event[i]);
	r = sql_step(statement);
	if (r > 0)
		sqlite3_reset(statement);
	return r;
}

static int add_row(struct recorder *recorder, enum statement statement, struct id_cache *cache,
	const int64_t *row, int n_columns, int64_t *ret)
{
	int r = run_row(recorder->statements[statement], row, n_columns);

	if (r < 0)
		return r;
	*ret = sqlite3_last_insert_rowid(recorder->db);
	id_cache_add(cache, row, (size_t)n_columns * sizeof(*row), *ret);
	return 0;
}

/*
 * 1 with the process's id in event; 0: the touch is there already. Asked for only where the process
 * is new: the same log twice would leave a second row for each process that the cache has
 * forgotten.
 */
static int find_process(struct recorder *recorder, const struct touch *touch, int64_t *event)
{
	int64_t launcher[LAUNCHER_COLUMNS], process[PROCESS_COLUMNS], launcher_id = 0;
	bool launched = touch->launcher.confidence != CONFIDENCE_NONE || touch->launcher.reason;
	int r = touch_row_process(recorder->interner, touch, process);

	if (r == 0 && launched)
		r = touch_row_launcher(recorder->interner, touch, launcher);
	if (r < 0)
		return r;
	if (launched)
		launcher_id = id_cache_find(recorder->launchers, launcher, sizeof(launcher));
	process[PROCESS_LAUNCHER] = launcher_id ? launcher_id : ROW_NULL;
	event[EVENT_PROCESS] = 0;
	if (!launched || launcher_id)
		event[EVENT_PROCESS] = id_cache_find(recorder->processes, process, sizeof(process));
	if (event[EVENT_PROCESS])
		return 1;

	r = event_exists(recorder, event);
	if (r != 0)
		return r < 0 ? r : 0;
	if (launched && !launcher_id) {
		r = add_row(recorder, LAUNCHER_ADD, recorder->launchers, launcher, LAUNCHER_COLUMNS,
			&process[PROCESS_LAUNCHER]);
		if (r < 0)
			return r;
	}
	r = add_row(recorder, PROCESS_ADD, recorder->processes, process, PROCESS_COLUMNS,
		&event[EVENT_PROCESS]);
	return r < 0 ? r : 1;
}

static void append(char key[ID_CACHE_KEY_MAX], size_t *len, const char *string)
{
	size_t size = string ? strlen(string) + 1 : 1;

	if (*len + size <= ID_CACHE_KEY_MAX)
		memcpy(key + *len, string ? string : "", size);
	*len += size;
}

/* The facts are part of the key: what a later touch knows more reaches the row. */
static int find_container(struct recorder *recorder, const struct touch_container *container,
	int64_t time_msec, int64_t *ret)
{
	char key[ID_CACHE_KEY_MAX] = { (char)container->privileged };
	size_t len = 1;
	int r;

	append(key, &len, container->id);
	append(key, &len, container->runtime);
	append(key, &len, container->name);
	append(key, &len, container->image);
	*ret = id_cache_find(recorder->containers, key, len);
	if (*ret)
		return 0;
	r = facts_container_seen(recorder->facts, container, time_msec, ret);
	if (r == 0)
		id_cache_add(recorder->containers, key, len, *ret);
	return r;
}

static int count(struct recorder *recorder, const struct touch *touch, int64_t container)
{
	int r;

	recorder->total.touches++;
	recorder->total.flagged += touch->flags != 0;
	if (container == ROW_NULL)
		return 0;
	if (recorder->container.container != container) {
		r = count_container(recorder);
		if (r < 0)
			return r;
	}
	recorder->container.container = container;
	recorder->container.touches++;
	recorder->container.flagged += touch->flags != 0;
	if (touch->time_msec > recorder->container.last_msec)
		recorder->container.last_msec = touch->time_msec;
	return 0;
}

int recorder_touch(struct recorder *recorder, const struct touch *touch)
{
	int64_t event[EVENT_COLUMNS];
	int r = touch_row_event(recorder->interner, touch, event);

	if (r < 0)
		return r;
	r = find_process(recorder, touch, event);
	if (r <= 0)
		return r;
	if (touch->container.id) {
		r = find_container(
			recorder, &touch->container, touch->time_msec, &event[EVENT_CONTAINER]);
		if (r < 0)
			return r;
	}
	r = arrivals_of(recorder->arrivals, touch->time_msec, &event[EVENT_ARRIVAL]);
	r = r < 0 ? r : run_row(recorder->statements[EVENT_ADD], event, EVENT_COLUMNS);
	if (r < 0 || sqlite3_changes(recorder->db) == 0)
		return r;
	arrivals_add(recorder->arrivals, touch->time_msec);
	r = count(recorder, touch, event[EVENT_CONTAINER]);
	return r < 0 ? r : 1;
}

int recorder_digest(struct recorder *recorder, const struct touch_digest *digest)
{
	sqlite3_stmt *statement = recorder->statements[DIGEST_ADD];
	int64_t node, arrival = 0;
	int r = interner_string(recorder->interner, digest->node, &node);

	if (r == 0 && digest->has_after)
		r = arrivals_of(recorder->arrivals, digest->time_msec, &arrival);
	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, digest->time_msec);
	sqlite3_bind_int64(statement, 2, (int64_t)digest->serial);
	sqlite3_bind_int64(statement, 3, node);
	sqlite3_bind_int64(statement, 4, digest->item);
	sql_bind_bytes(statement, 5, digest->has_before ? (const char *)digest->before : NULL,
		sizeof(digest->before));
	sql_bind_bytes(statement, 6, digest->has_after ? (const char *)digest->after : NULL,
		sizeof(digest->after));
	sqlite3_bind_int64(statement, 7, arrival);
	r = sql_run(statement);
	if (r == 0 && arrival != 0)
		arrivals_add(recorder->arrivals, digest->time_msec);
	return r;
}
