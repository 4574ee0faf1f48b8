/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the tests of store/ share: a scratch directory with a database in it, and a private mount to
 * fill up
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/query.h"
#include "store/writer.h"

struct fixture {
	char directory[64];
	char path[96]; /* of a database that does not exist yet */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

#define store_test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* path with suffix behind it; borrowed until the next call. */
const char *beside(const struct fixture *fixture, const char *suffix);
bool exists(const char *path);

struct store *open_store(const struct fixture *fixture, enum store_mode mode);
struct writer *new_writer(const struct fixture *fixture, const struct writer_limits *limits);

#define WITHOUT_RESERVE                                                                            \
	&(struct writer_limits)                                                                    \
	{                                                                                          \
		.reserve_bytes = SIZE_MAX                                                          \
	}

/* By a writer of its own, into a database that need not be there yet. */
void put_all(const struct fixture *fixture, const struct touch *touches, size_t n);

#define EVERYTHING                                                                                 \
	(struct query_filter)                                                                      \
	{                                                                                          \
		.since_msec = INT64_MIN, .until_msec = INT64_MAX, .action = -1, .serial = -1,      \
		.limit = -1,                                                                       \
	}

/* A plain SQLite connection, as anyone may open one. */
sqlite3 *open_sqlite(const struct fixture *fixture);

/* The answer of a question that has one row; and that of the fixture's database, opened for the
 * moment. */
int64_t integer(sqlite3 *db, const char *sql);
int64_t stored(const struct fixture *fixture, const char *sql);

/* Runs check in a child, whose failures end it with another status than 0. */
void in_child(int (*check)(const struct fixture *fixture), const struct fixture *fixture);

/* They skip the test. */
void need_root(void);
void need_small(const struct fixture *fixture);

/* In a child: a small file system of its own over the fixture's directory. False: not allowed here.
 */
bool mount_small(const struct fixture *fixture, const char *options);

/* Takes all the room but that for the pages of leave. Returns the file that has it. */
int fill_disk(const struct fixture *fixture, const char *name, size_t leave);

/* One that knows everything, and one that knows next to nothing: of a host's process. */
struct touch full_touch(void);
struct touch plain_touch(int64_t time_msec, uint64_t serial, const char *path);
