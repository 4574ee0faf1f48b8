/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/client-record.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/json-encode.h"
#include "store/block.h"
#include "store/sql.h"

int client_record_copy(const struct client_record *record, struct client_record **ret)
{
	static const size_t strings[] = {
		offsetof(struct client_record, boot),
		offsetof(struct client_record, exe),
		offsetof(struct client_record, via),
		offsetof(struct client_record, container_id),
		offsetof(struct client_record, ancestors),
	};
	static const size_t arguments[] = { offsetof(struct client_record, argv) };
	static const struct block_layout layout = { sizeof(*record), strings, arguments,
		ELEMENTS(strings), ELEMENTS(arguments) };
	struct client_record *copy = block_copy(&layout, record);

	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static void bind_known(sqlite3_stmt *statement, const char *name, int64_t value, int64_t unknown)
{
	if (value != unknown)
		sql_bind_named(statement, name, value);
}

static int run(sqlite3 *db, const char *sql, const struct client_record *record, const char *argv)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(db, sql, &statement);

	if (r < 0)
		return r;
	sql_bind_named_string(statement, ":boot", record->boot);
	sql_bind_named(statement, ":pid", record->pid);
	sql_bind_named(statement, ":start_nsec", (int64_t)record->start_nsec);
	bind_known(statement, ":start", record->start_msec, 0);
	bind_known(statement, ":end", record->end_msec, 0);
	bind_known(statement, ":first", record->first_msec, 0);
	bind_known(statement, ":auid", record->auid, AUID_UNSET);
	bind_known(statement, ":session", record->session, SESSION_UNSET);
	bind_known(statement, ":uid", record->uid, UINT32_MAX);
	sql_bind_named_string(statement, ":exe", record->exe);
	sql_bind_named_string(statement, ":argv", argv);
	sql_bind_named(statement, ":complete", record->argv.complete);
	sql_bind_named_string(statement, ":via", record->via);
	sql_bind_named_string(statement, ":container", record->container_id);
	sql_bind_named_string(statement, ":ancestors", record->ancestors);
	return sql_run(statement);
}

int client_record_put(sqlite3 *db, const struct client_record *record)
{
	static const char update[] =
		"UPDATE client SET end_msec = coalesce(end_msec, :end),"
		"	first_msec = coalesce(first_msec, :first),"
		"	start_msec = coalesce(start_msec, :start),"
		"	via = coalesce(via, :via), ancestors = coalesce(ancestors, :ancestors)"
		" WHERE boot = :boot AND pid = :pid AND start_nsec"
		"	BETWEEN :start_nsec - " CLIENT_START_TOLERANCE_NSEC
		"	AND :start_nsec + " CLIENT_START_TOLERANCE_NSEC
		"	AND auid IS :auid AND session IS :session AND uid IS :uid"
		"	AND exe IS :exe AND argv IS :argv AND argv_complete = :complete"
		"	AND container_id IS :container";
	static const char insert[] =
		"INSERT INTO client(boot, pid, start_nsec, start_msec, end_msec, first_msec, auid,"
		"	session, uid, exe, argv, argv_complete, via, container_id, ancestors)"
		" VALUES (:boot, :pid, :start_nsec, :start, :end, :first, :auid, :session, :uid,"
		"	:exe, :argv, :complete, :via, :container, :ancestors)";
	_cleanup_(freep) char *argv = json_arguments_text(record->argv.bytes, record->argv.len);
	int r;

	r = run(db, update, record, argv);
	if (r < 0 || sqlite3_changes(db) > 0)
		return r;
	return run(db, insert, record, argv);
}
