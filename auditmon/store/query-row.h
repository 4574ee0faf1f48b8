/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A row that outlives its statement
 *
 * Its values are copied, and the statement is reset at once: with it ends the read transaction.
 */

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"

#define QUERY_ROW_MAX 64

struct query_row {
	sqlite3_value *values[QUERY_ROW_MAX];
	size_t n_values;
};

/*
 * Steps statement to its next row, takes that row in place of the one before, and resets. 1, 0: no
 * row, or < 0.
 */
int query_row_take(struct query_row *row, sqlite3_stmt *statement);
void query_row_done(struct query_row *row);

/* Borrowed until the row changes. NULL: SQL NULL (or no memory to convert it). */
const char *query_row_text(const struct query_row *row, size_t column, size_t *ret_len);
int64_t query_row_integer(const struct query_row *row, size_t column, int64_t if_null);
enum tristate query_row_tristate(const struct query_row *row, size_t column);
