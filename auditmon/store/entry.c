/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/entry.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/json-encode.h"
#include "store/block.h"
#include "store/sql.h"

static const size_t string_offsets[] = {
	offsetof(struct entry_record, runtime),
	offsetof(struct entry_record, container_id),
	offsetof(struct entry_record, boot),
	offsetof(struct entry_record, launcher.login),
	offsetof(struct entry_record, launcher.exe),
	offsetof(struct entry_record, launcher.via),
	offsetof(struct entry_record, launcher.reason),
};

static const size_t arguments_offsets[] = {
	offsetof(struct entry_record, launcher.argv),
	offsetof(struct entry_record, launcher.evidence),
};

int entry_record_copy(const struct entry_record *record, struct entry_record **ret)
{
	static const struct block_layout layout = { sizeof(*record), string_offsets,
		arguments_offsets, ELEMENTS(string_offsets), ELEMENTS(arguments_offsets) };
	struct entry_record *copy = block_copy(&layout, record);

	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* As a JSON array, which *keep holds as long as the statement needs it. */
static void bind_arguments(sqlite3_stmt *statement, const char *name,
	const struct arguments *arguments, char **keep)
{
	*keep = json_arguments_text(arguments->bytes, arguments->len);
	sql_bind_named_string(statement, name, *keep);
}

int entry_put(sqlite3 *db, const struct entry_record *record)
{
	static const char sql[] =
		"INSERT OR REPLACE INTO entry(runtime, container_id, boot, pid, start_nsec, "
		"began_msec,"
		"	kind, auid, login, client_pid, exe, argv, argv_complete, via, confidence,"
		"	evidence, reason, content_trust)"
		" VALUES (:runtime, :container, :boot, :pid, :start, :began, :kind, :auid, :login,"
		"	:client, :exe, :argv, :complete, :via, :confidence, :evidence, :reason,"
		"	:trust)";
	_cleanup_(freep) char *argv = NULL, *evidence = NULL;
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	const struct touch_launcher *launcher = &record->launcher;
	int r = sql_prepare(db, sql, &statement);

	if (r < 0)
		return r;
	sql_bind_named_string(statement, ":runtime", record->runtime);
	sql_bind_named_string(statement, ":container", record->container_id);
	sql_bind_named_string(statement, ":boot", record->boot);
	sql_bind_named(statement, ":pid", record->pid);
	sql_bind_named(statement, ":start", (int64_t)record->start_nsec);
	sql_bind_named(statement, ":began", record->began_msec);
	sql_bind_named(statement, ":kind", record->kind);
	if (launcher->auid != AUID_UNSET)
		sql_bind_named(statement, ":auid", launcher->auid);
	sql_bind_named_string(statement, ":login", launcher->login);
	if (launcher->pid != 0)
		sql_bind_named(statement, ":client", launcher->pid);
	sql_bind_named_string(statement, ":exe", launcher->exe);
	bind_arguments(statement, ":argv", &launcher->argv, &argv);
	sql_bind_named(statement, ":complete", launcher->argv.complete);
	sql_bind_named_string(statement, ":via", launcher->via);
	sql_bind_named(statement, ":confidence", launcher->confidence);
	bind_arguments(statement, ":evidence", &launcher->evidence, &evidence);
	sql_bind_named_string(statement, ":reason", launcher->reason);
	sql_bind_named(statement, ":trust", launcher->content_trust);
	return sql_run(statement);
}

enum column {
	COLUMN_RUNTIME,
	COLUMN_CONTAINER,
	COLUMN_PID,
	COLUMN_START,
	COLUMN_BEGAN,
	COLUMN_KIND,
	COLUMN_AUID,
	COLUMN_CLIENT,
	COLUMN_EXE,
	COLUMN_ARGV,
	COLUMN_COMPLETE,
	COLUMN_VIA,
	COLUMN_CONFIDENCE,
	COLUMN_EVIDENCE,
	COLUMN_REASON,
	COLUMN_TRUST,
};

static const char *text_of(sqlite3_stmt *row, enum column column)
{
	return (const char *)sqlite3_column_text(row, column);
}

static struct arguments arguments_of(sqlite3_stmt *row, enum column column)
{
	return (struct arguments){
		.bytes = text_of(row, column),
		.len = (size_t)sqlite3_column_bytes(row, column),
		.complete = true,
	};
}

static void take_row(sqlite3_stmt *row, const char *boot, entry_fn fn, void *userdata)
{
	struct entry_record record = {
		.runtime = text_of(row, COLUMN_RUNTIME),
		.container_id = text_of(row, COLUMN_CONTAINER),
		.boot = boot,
		.pid = sqlite3_column_int(row, COLUMN_PID),
		.start_nsec = (uint64_t)sqlite3_column_int64(row, COLUMN_START),
		.began_msec = sqlite3_column_int64(row, COLUMN_BEGAN),
		.kind = (enum entry_kind)sqlite3_column_int(row, COLUMN_KIND),
		.launcher = {
			.auid = AUID_UNSET,
			.pid = sqlite3_column_int(row, COLUMN_CLIENT),
			.exe = text_of(row, COLUMN_EXE),
			.argv = arguments_of(row, COLUMN_ARGV),
			.via = text_of(row, COLUMN_VIA),
			.confidence = (enum confidence)sqlite3_column_int(row, COLUMN_CONFIDENCE),
			.evidence = arguments_of(row, COLUMN_EVIDENCE),
			.reason = text_of(row, COLUMN_REASON),
			.content_trust = (enum content_trust)sqlite3_column_int(row, COLUMN_TRUST),
		},
	};

	if (sqlite3_column_type(row, COLUMN_AUID) == SQLITE_INTEGER)
		record.launcher.auid = (uint32_t)sqlite3_column_int64(row, COLUMN_AUID);
	record.launcher.argv.complete = sqlite3_column_int(row, COLUMN_COMPLETE) != 0;
	/* Whoever has written to the database may have written anything. */
	if (record.runtime && record.container_id && (unsigned)record.kind < ENTRY_COUNT &&
		(unsigned)record.launcher.confidence < CONFIDENCE_COUNT &&
		(unsigned)record.launcher.content_trust < CONTENT_TRUST_COUNT)
		fn(&record, userdata);
}

/* NUL-separated, out of their JSON. */
#define BYTES(column)                                                                              \
	"iif(" column " IS NULL OR NOT json_valid(" column "), NULL,"                              \
	" (SELECT group_concat(value, char(0)) FROM json_each(" column ")))"

int entry_each(struct store *store, const char *boot, unsigned max, entry_fn fn, void *userdata)
{
	/* Columns as in the enum. */
	static const char sql[] =
		"SELECT runtime, container_id, pid, start_nsec, began_msec, kind, auid, "
		"client_pid, exe,"
		" " BYTES("argv") ", argv_complete, via, confidence, " BYTES(
			"evidence") ", reason, content_trust"
				    " FROM entry WHERE boot = ?1 ORDER BY id DESC LIMIT ?2";
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(store_connection(store), sql, &statement);

	if (r < 0)
		return r;
	sql_bind_string(statement, 1, boot);
	sqlite3_bind_int64(statement, 2, max);
	while ((r = sql_step(statement)) > 0)
		take_row(statement, boot, fn, userdata);
	return r;
}
