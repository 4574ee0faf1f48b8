/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One text out of an SQLite file of others
 *
 * The file's bytes are read beforehand and handed in: SQLite opens no path, takes no lock that its
 * owner could wait for, and plays back no journal that its owner could have made up. Its schema may
 * be made up just the same, so nothing of it is run: only a plain table's columns are read, within
 * a limit on the work.
 */

#include <stddef.h>

struct sqlite_column {
	const char *table;
	const char *key; /* the column that is compared with the key */
	const char *value;
};

/*
 * The value, heap text, of the row of column->table whose key is key. bytes are changed. 0, -ENOENT
 * (no such table, row or text), -EBADMSG (no SQLite file, or a broken one, or more work than it is
 * worth), -ENOMEM.
 */
int sqlite_file_text(
	char *bytes, size_t len, const struct sqlite_column *column, const char *key, char **ret);
