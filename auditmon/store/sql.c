/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/store.h"

int sql_errno(sqlite3 *db, int code)
{
	int system = sqlite3_system_errno(db);

	switch (code & 0xff) {
	case SQLITE_IOERR:
		if (system == ENOSPC || system == EDQUOT)
			return -ENOSPC;
		break;
	case SQLITE_CANTOPEN:
		if (system == ENOENT || system == EROFS || system == ENOSPC)
			return -system;
		if (system == EPERM || system == EACCES)
			return -EACCES;
		break;
	}
	return store_errno(code);
}

int sql_execute(sqlite3 *db, const char *sql)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sql_errno(db, code);
}

int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

	return code == SQLITE_OK ? 0 : sql_errno(db, code);
}

int sql_step(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	int r;

	if (code == SQLITE_ROW)
		return 1;
	r = code == SQLITE_DONE ? 0 : sql_errno(sqlite3_db_handle(statement), code);
	sqlite3_reset(statement);
	return r;
}

int sql_run(sqlite3_stmt *statement)
{
	int r;

	do
		r = sql_step(statement);
	while (r > 0);
	return r;
}

int sql_integer(sqlite3 *db, const char *sql, int64_t *ret)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(db, sql, &statement);

	if (r < 0)
		return r;
	r = sql_step(statement);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = sqlite3_column_int64(statement, 0);
	return 0;
}

void sql_bind_bytes(sqlite3_stmt *statement, int index, const char *bytes, size_t len)
{
	if (!bytes)
		sqlite3_bind_null(statement, index);
	else if (text_is_utf8(bytes, len))
		sqlite3_bind_text64(statement, index, bytes, len, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_blob64(statement, index, bytes, len, SQLITE_STATIC);
}

void sql_bind_string(sqlite3_stmt *statement, int index, const char *string)
{
	sql_bind_bytes(statement, index, string, string ? strlen(string) : 0);
}

void sql_bind_named(sqlite3_stmt *statement, const char *name, int64_t value)
{
	sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name), value);
}

void sql_bind_named_string(sqlite3_stmt *statement, const char *name, const char *string)
{
	sql_bind_string(statement, sqlite3_bind_parameter_index(statement, name), string);
}

/* JSON escapes control characters itself; here only what is no character at all. */
static size_t show(const char *bytes, size_t len, char *buffer)
{
	size_t out = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_char(bytes + i, len - i, &code);

		if (n > 0 && code > 0) {
			memcpy(buffer + out, bytes + i, n);
			out += n;
			i += n;
		} else {
			snprintf(buffer + out, 5, "\\x%02x", (unsigned char)bytes[i++]);
			out += 4;
		}
	}
	return out;
}

static void shown(sqlite3_context *context, int n_arguments, sqlite3_value **arguments)
{
	size_t len = (size_t)sqlite3_value_bytes(arguments[0]);
	char *buffer;

	if (sqlite3_value_type(arguments[0]) != SQLITE_BLOB) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	buffer = malloc(4 * len + 1);
	if (!buffer) {
		sqlite3_result_error_nomem(context);
		return;
	}
	len = show(sqlite3_value_blob(arguments[0]), len, buffer);
	sqlite3_result_text64(context, buffer, len, free, SQLITE_UTF8);
}

int sql_register(sqlite3 *db)
{
	return store_errno(sqlite3_create_function_v2(db, "shown", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, shown, NULL, NULL,
		NULL));
}
