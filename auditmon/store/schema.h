/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The tables, and the view `touch` over them
 *
 * A touch is one narrow row of numbers, in the order of time. All that repeats is kept once:
 * strings in `text`, who did it in `process`, the human behind it in `launcher`, the container in
 * `container`. Loginuids, sessions and pids that are unknown are NULL. Enums are their numbers; the
 * table `name` has their words, so that the view works in any SQLite shell.
 */

#include <sqlite3.h>
#include <stdbool.h>

/* Creates everything in an empty database, in one transaction. */
int schema_create(sqlite3 *db);

/* Brings an older schema up to this program's, what is recorded with it. Called within a
 * transaction. */
int schema_upgrade(sqlite3 *db);

/*
 * Words of this program's enums that an older one of the same schema did not know yet. Writes
 * nothing where all are there.
 */
int schema_add_names(sqlite3 *db);
