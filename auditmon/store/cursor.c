/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/cursor.h"

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
		"INSERT OR REPLACE INTO cursor(name, arrival, time_msec, serial, node, item,"
		" saved_msec) VALUES (?, ?, ?, ?, ?, ?, ?)",
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
