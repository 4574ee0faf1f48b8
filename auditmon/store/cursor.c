/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/cursor.h"

#include <errno.h>

#include "base/time.h"
#include "store/sql.h"

/* The columns behind the name, in the order of the statements. */
#define COLUMNS 5

static void to_columns(const struct feed_position *position, int64_t columns[COLUMNS])
{
	columns[0] = position->arrival;
	columns[1] = position->time_msec;
	columns[2] = position->serial;
	columns[3] = position->node;
	columns[4] = position->item;
}

int cursor_load(struct store *store, const char *name, struct feed_position *ret)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(store_connection(store),
		"SELECT arrival, time_msec, serial, node, item FROM cursor WHERE name = ?",
		&statement);

	if (r < 0)
		return r;
	sql_bind_string(statement, 1, name);
	r = sql_step(statement);
	if (r < 0)
		return r;
	*ret = (struct feed_position){ 0 };
	if (r > 0)
		*ret = (struct feed_position){
			.arrival = sqlite3_column_int64(statement, 0),
			.time_msec = sqlite3_column_int64(statement, 1),
			.serial = sqlite3_column_int64(statement, 2),
			.node = sqlite3_column_int64(statement, 3),
			.item = sqlite3_column_int64(statement, 4),
		};
	return 0;
}

int cursor_save(struct store *store, const char *name, const struct feed_position *position)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int64_t columns[COLUMNS];
	int r = sql_prepare(store_connection(store),
		"INSERT INTO cursor(name, arrival, time_msec, serial, node, item, saved_msec)"
		" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
		" arrival = excluded.arrival, time_msec = excluded.time_msec,"
		" serial = excluded.serial, node = excluded.node, item = excluded.item,"
		" saved_msec = excluded.saved_msec",
		&statement);

	if (r < 0)
		return r;
	to_columns(position, columns);
	sql_bind_string(statement, 1, name);
	for (int i = 0; i < COLUMNS; i++)
		sqlite3_bind_int64(statement, i + 2, columns[i]);
	sqlite3_bind_int64(statement, COLUMNS + 2, time_now_msec());
	return sql_run(statement);
}

int cursor_note(struct store *store, const char *name, const char *error)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(store_connection(store),
		"UPDATE cursor SET error = ?2, error_msec = iif(?2 IS NULL, NULL, ?3)"
		" WHERE name = ?1",
		&statement);

	if (r < 0)
		return r;
	sql_bind_string(statement, 1, name);
	sql_bind_string(statement, 2, error);
	sqlite3_bind_int64(statement, 3, time_now_msec());
	return sql_run(statement);
}

int cursor_forget(struct store *store, const char *name)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(
		store_connection(store), "DELETE FROM cursor WHERE name = ?", &statement);

	if (r < 0)
		return r;
	sql_bind_string(statement, 1, name);
	r = sql_run(statement);
	return r < 0 ? r : sqlite3_changes(store_connection(store));
}

#define STRING(number) STRING_OF(number)
#define STRING_OF(number) #number
#define END "9223372036854775807" /* the time of an arrival that was exported to its end */
#define UTC(column) "strftime('%Y-%m-%dT%H:%M:%fZ', " column " / 1000.0, 'unixepoch')"

enum column { NAME, POSITION, BEHIND, BEHIND_SINCE, ERROR, ERROR_SINCE, JSON };

// clang-format off
/* Columns as in the enum. An arrival's span may hold touches of others (store/arrival.h). */
static const char cursors_sql[] =
	"WITH behind AS MATERIALIZED (SELECT c.name AS name,"
	"	(SELECT json_array(count(*), min(time_msec)) FROM (SELECT e.time_msec AS time_msec"
	"		FROM arrival AS a CROSS JOIN touch_event AS e"
	"		WHERE a.id >= c.arrival AND e.arrival = a.id"
	"		AND e.time_msec BETWEEN a.first_msec AND a.last_msec"
	"		AND (a.id > c.arrival OR (e.time_msec, e.serial, e.node, e.item)"
	"			> (c.time_msec, c.serial, c.node, c.item))"
	"		LIMIT " STRING(CURSOR_BEHIND_MAX) ")) AS touches,"
	"	CASE WHEN c.time_msec > 0 AND c.time_msec < " END " THEN c.time_msec"
	"	ELSE (SELECT last_msec FROM arrival WHERE id <= c.arrival AND"
	"		(id < c.arrival OR c.time_msec = " END ") ORDER BY id DESC LIMIT 1)"
	"	END AS position FROM cursor AS c)"
	" SELECT c.name, b.position, b.touches ->> 0, b.touches ->> 1, c.error, c.error_msec,"
	" json_object('name', shown(c.name), 'saved', " UTC("c.saved_msec") ","
	"	'position', " UTC("b.position") ", 'behind', b.touches ->> 0,"
	"	'behind_since', " UTC("(b.touches ->> 1)") ", 'error', shown(c.error),"
	"	'error_since', " UTC("c.error_msec") ")"
	" FROM cursor AS c JOIN behind AS b USING (name) ORDER BY c.name";
// clang-format on

int cursors_each(
	struct store *store, void (*fn)(const struct cursor_row *row, void *userdata), void *userdata)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(store_connection(store), cursors_sql, &statement);

	while (r >= 0 && (r = sql_step(statement)) > 0) {
		const struct cursor_row row = {
			.name = (const char *)sqlite3_column_text(statement, NAME),
			.position_msec = sqlite3_column_int64(statement, POSITION),
			.behind = (uint64_t)sqlite3_column_int64(statement, BEHIND),
			.behind_since_msec = sqlite3_column_int64(statement, BEHIND_SINCE),
			.error = (const char *)sqlite3_column_text(statement, ERROR),
			.error_msec = sqlite3_column_int64(statement, ERROR_SINCE),
			.json = (const char *)sqlite3_column_text(statement, JSON),
		};

		if (!row.name || !row.json)
			return -ENOMEM;
		fn(&row, userdata);
	}
	return r;
}
