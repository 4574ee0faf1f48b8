/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/query-row.h"

#include <errno.h>

#include "store/sql.h"

void query_row_done(struct query_row *row)
{
	for (size_t i = 0; i < row->n_values; i++)
		sqlite3_value_free(row->values[i]);
	row->n_values = 0;
}

int query_row_take(struct query_row *row, sqlite3_stmt *statement)
{
	size_t n_columns = (size_t)sqlite3_column_count(statement);
	int r = sql_step(statement);

	query_row_done(row);
	if (r <= 0)
		return r;
	for (size_t i = 0; i < n_columns && i < QUERY_ROW_MAX; i++) {
		row->values[i] = sqlite3_value_dup(sqlite3_column_value(statement, (int)i));
		if (!row->values[i])
			r = -ENOMEM;
		row->n_values++;
	}
	sqlite3_reset(statement);
	return r;
}

const char *query_row_text(const struct query_row *row, size_t column, size_t *ret_len)
{
	sqlite3_value *value = row->values[column];
	/* A blob's bytes are text without a check: exactly what is wanted. */
	const char *text = (const char *)sqlite3_value_text(value);

	if (ret_len)
		*ret_len = text ? (size_t)sqlite3_value_bytes(value) : 0;
	return text;
}

int64_t query_row_integer(const struct query_row *row, size_t column, int64_t if_null)
{
	sqlite3_value *value = row->values[column];

	return sqlite3_value_type(value) == SQLITE_NULL ? if_null : sqlite3_value_int64(value);
}

enum tristate query_row_tristate(const struct query_row *row, size_t column)
{
	int64_t value = query_row_integer(row, column, TRISTATE_UNKNOWN);

	if (value == TRISTATE_UNKNOWN)
		return TRISTATE_UNKNOWN;
	return value ? TRISTATE_YES : TRISTATE_NO;
}
