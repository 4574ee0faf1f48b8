/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sqlite-file.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define HEADER_LEN 100
#define WRITE_VERSION_AT 18
#define READ_VERSION_AT 19
#define VALUE_MAX (4 << 20)
#define STEPS_PER_CALL 1000
#define CALLS_MAX 1000

static void closep_database(sqlite3 **database)
{
	sqlite3_close(*database);
}

static void finalizep(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement);
}

static void freep_sql(char **text)
{
	sqlite3_free(*text);
}

/* Of a view's columns the innermost name is not NULL; no function has business here. */
static int authorize(void *userdata, int action, const char *first, const char *second,
	const char *database, const char *inner)
{
	if (inner)
		return SQLITE_DENY;
	return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

static int count_down(void *calls)
{
	return --*(unsigned *)calls == 0;
}

static int translate(int code)
{
	switch (code) {
	case SQLITE_ROW:
		return 0;
	case SQLITE_DONE:
		return -ENOENT;
	case SQLITE_NOMEM:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int open_image(char *bytes, size_t len, sqlite3 **ret)
{
	_cleanup_(closep_database) sqlite3 *database = NULL;

	/* Its write-ahead log is not here: what had been moved over before has to do. */
	if (len < HEADER_LEN || memcmp(bytes, "SQLite format 3", 16) != 0)
		return -EBADMSG;
	bytes[WRITE_VERSION_AT] = 1;
	bytes[READ_VERSION_AT] = 1;
	if (sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		return -ENOMEM;
	sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(database, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	if (sqlite3_exec(database, "PRAGMA cell_size_check = 1", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_deserialize(database, "main", (unsigned char *)bytes, (sqlite3_int64)len,
			(sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
		return -ENOMEM;
	*ret = TAKE(database);
	return 0;
}

/* parameters: as many as the query has, NULL behind the last. */
static int prepare(
	sqlite3 *database, const char *query, const char *const *parameters, sqlite3_stmt **ret)
{
	int code = query ? sqlite3_prepare_v2(database, query, -1, ret, NULL) : SQLITE_NOMEM;

	for (int i = 0; code == SQLITE_OK && parameters[i]; i++)
		code = sqlite3_bind_text(*ret, i + 1, parameters[i], -1, SQLITE_STATIC);
	return code == SQLITE_OK ? 0 : translate(code);
}

/* A table with pages of its own, and columns that are stored there: no view, no virtual table,
 * which would run code of its module, and no generated column. */
static int require_table(sqlite3 *database, const struct sqlite_column *column)
{
	static const char query[] =
		"SELECT 1 FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c"
		" WHERE s.type = 'table' AND s.name = ?1 AND s.rootpage > 0"
		" AND c.name IN (?2, ?3) AND c.hidden = 0 GROUP BY s.name HAVING count(*) = 2";
	const char *const parameters[] = { column->table, column->key, column->value, NULL };
	_cleanup_(finalizep) sqlite3_stmt *statement = NULL;
	int r = prepare(database, query, parameters, &statement);

	return r < 0 ? r : translate(sqlite3_step(statement));
}

static int copy_text(sqlite3_stmt *row, char **ret)
{
	const char *text = NULL;
	char *copy;

	if (sqlite3_column_type(row, 0) == SQLITE_TEXT)
		text = (const char *)sqlite3_column_text(row, 0);
	if (!text)
		return -ENOENT;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

int sqlite_file_text(
	char *bytes, size_t len, const struct sqlite_column *column, const char *key, char **ret)
{
	_cleanup_(closep_database) sqlite3 *database = NULL;
	_cleanup_(finalizep) sqlite3_stmt *statement = NULL;
	_cleanup_(freep_sql) char *query = NULL;
	const char *const parameters[] = { key, NULL };
	unsigned calls = CALLS_MAX;
	int r = open_image(bytes, len, &database);

	if (r < 0)
		return r;
	sqlite3_progress_handler(database, STEPS_PER_CALL, count_down, &calls);
	r = require_table(database, column);
	if (r < 0)
		return r;
	sqlite3_set_authorizer(database, authorize, NULL);
	query = sqlite3_mprintf("SELECT \"%w\" FROM main.\"%w\" WHERE \"%w\" = ?1 LIMIT 1",
		column->value, column->table, column->key);
	r = prepare(database, query, parameters, &statement);
	r = r < 0 ? r : translate(sqlite3_step(statement));
	return r < 0 ? r : copy_text(statement, ret);
}
