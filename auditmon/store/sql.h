/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * SQLite with our manners
 *
 * Statements that finalize themselves, errors as negative errno, and one rule for bytes from
 * outside: valid UTF-8 is stored as TEXT, anything else as BLOB. So nothing is changed on the way
 * in, and two different names never become one.
 */

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(sqlite3_stmt *, sqlite3_finalize)

/*
 * What db thinks of code: as store_errno(), but a full disk or quota behind an I/O error is
 * -ENOSPC, a refused file -EACCES.
 */
int sql_errno(sqlite3 *db, int code);

/* Statements without a result. */
int sql_execute(sqlite3 *db, const char *sql);

/* One statement, kept for long. */
int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);

/* 1 = row, 0 = end, < 0 = error; after the last two the statement is reset. */
int sql_step(sqlite3_stmt *statement);

/* Steps to the end. 0 or < 0. */
int sql_run(sqlite3_stmt *statement);

/* The one integer that sql yields; -ENOENT without a row. */
int sql_integer(sqlite3 *db, const char *sql, int64_t *ret);

/*
 * Borrowed until the statement is bound again. NULL binds NULL; a parameter that the statement does
 * not have is ignored.
 */
void sql_bind_bytes(sqlite3_stmt *statement, int index, const char *bytes, size_t len);
void sql_bind_string(sqlite3_stmt *statement, int index, const char *string);
void sql_bind_named(sqlite3_stmt *statement, const char *name, int64_t value);
void sql_bind_named_string(sqlite3_stmt *statement, const char *name, const char *string);

/*
 * Makes the SQL function shown(x) known to db: a BLOB as text with \xNN for each byte that is no
 * UTF-8, anything else as it is. JSON needs it, which knows no bytes.
 */
int sql_register(sqlite3 *db);
