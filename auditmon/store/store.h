/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The database
 *
 * One SQLite file in WAL mode. Its application_id says that it is ours, its user_version which
 * schema it has. The tables are private; the view `touch` (CONTRACT.md) is the stable ground for
 * anyone's SQL.
 *
 * A struct store is one connection, for one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

#define STORE_DEFAULT_PATH "/var/lib/auditmon/auditmon.db"

#define STORE_APPLICATION_ID 0x61756d6e /* "aumn" */
#define STORE_SCHEMA_VERSION 5

struct sqlite3;
struct store;

enum store_mode {
	STORE_READ,   /* never creates a database nor changes one; works without write permission on
			 file and directory */
	STORE_WRITE,  /* creates the file (0640) and the schema where there is none */
	STORE_CURSOR, /* as STORE_READ, beside a writer, but may save cursors (store/cursor.h):
			needs write permission on the file */
};

/*
 * 0, or -ENOENT (no such database, or no directory for it), -EACCES, -EMEDIUMTYPE (something, but
 * not an auditmon database; a symlink is none), -EPROTO (a newer schema than this program's),
 * -ESTALE (an older one, which a writer brings up to date and a reader cannot read), -EBUSY
 * (another writer holds it), -ENOSPC, -EIO, -EROFS, -ENOMEM. A failed call has changed nothing but
 * for an empty PATH-lock.
 */
int store_open(const char *path, enum store_mode mode, struct store **ret);
void store_close(struct store *store);
DEFINE_CLEANUP(struct store *, store_close)

/* The database's absolute path. */
const char *store_path(const struct store *store);

/*
 * Whether a writer holds the database at this moment. 1, 0, or a negative errno where that cannot
 * be told (-EACCES).
 */
int store_has_writer(const struct store *store);

/*
 * One line for people about what store_open() returned, to follow "auditmon: PATH: ". Static text.
 */
const char *store_error_text(int error);

/* For the files of store/ only. */
struct sqlite3 *store_connection(struct store *store);

/* Maps an SQLite result code to a negative errno; 0 for OK, ROW and DONE. */
int store_errno(int sqlite_code);
