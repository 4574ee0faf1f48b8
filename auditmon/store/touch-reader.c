/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/touch-reader.h"

#include <errno.h>

#include "store/query-row.h"
#include "store/query-touch.h"
#include "store/sql.h"

/* A statement and what it found last. The statement is NULL until it is needed. */
struct form {
	sqlite3_stmt *statement;
	struct query_row row;
};

struct touch_reader {
	sqlite3 *db;
	struct form record, json;
};

/* By its key; the view knows the node's name. */
#define OF_KEY                                                                                     \
	" FROM touch WHERE time_msec = :time AND serial = :serial AND item = :item"                \
	" AND node IS (SELECT value FROM text WHERE id = :node)"

// clang-format off
#define BOOLEAN(column) "json(iif(" column ", 'true', iif(" column " IS NULL, 'null', 'false')))"

/* CONTRACT's object, key by key. */
static const char json_sql[] =
	"SELECT json_object('time', time, 'serial', serial, 'node', shown(node),"
	" 'path', shown(path), 'path_seen', shown(path_seen), 'action', action,"
	" 'success', " BOOLEAN("success") ", 'errno', iif(success, NULL, errno),"
	" 'syscall', shown(syscall), 'watch', shown(watch),"
	" 'process', json_object('pid', pid, 'ppid', ppid, 'comm', shown(comm),"
	"	'exe', shown(exe), 'argv', json(argv), 'ancestors', json(ancestors)),"
	" 'uid', uid, 'user', shown(user), 'auid', auid, 'login', shown(login),"
	" 'session', session,"
	" 'container', json(iif(container_id IS NULL, NULL, json_object("
	"	'id', shown(container_id), 'name', shown(container_name),"
	"	'runtime', shown(container_runtime), 'image', shown(container_image),"
	"	'privileged', " BOOLEAN("container_privileged") ", 'entry', container_entry,"
	"	'attributed_by', container_attributed_by,"
	"	'outer_id', shown(container_outer_id)))),"
	" 'launcher', json(iif(launcher_confidence IS NULL, NULL, json_object("
	"	'auid', launcher_auid, 'login', shown(launcher_login), 'pid', launcher_pid,"
	"	'exe', shown(launcher_exe), 'argv', json(launcher_argv),"
	"	'via', shown(launcher_via), 'confidence', launcher_confidence,"
	"	'evidence', json(launcher_evidence), 'content_trust', launcher_content_trust))),"
	" 'flags', json(flags), 'severity', severity, 'path_by', path_by,"
	" 'doubt', shown(doubt), 'suppressed', shown(suppressed),"
	" 'digest_before', digest_before, 'digest_after', digest_after,"
	" 'launcher_reason', shown(launcher_reason),"
	/* As touch_id() in output/record.h has it. */
	" 'id', format('%d.%03d:%d:%d:%s', time_msec / 1000, time_msec % 1000, serial, item,"
	"	coalesce(shown(node), '')))" OF_KEY;
// clang-format on

int touch_reader_new(sqlite3 *db, struct touch_reader **ret)
{
	struct touch_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->db = db;
	*ret = reader;
	return 0;
}

void touch_reader_free(struct touch_reader *reader)
{
	if (!reader)
		return;
	query_row_done(&reader->record.row);
	query_row_done(&reader->json.row);
	sqlite3_finalize(reader->record.statement);
	sqlite3_finalize(reader->json.statement);
	free(reader);
}

static int read_row(struct form *form, const struct key *key)
{
	sql_bind_named(form->statement, ":time", key->columns[KEY_TIME]);
	sql_bind_named(form->statement, ":serial", key->columns[KEY_SERIAL]);
	sql_bind_named(form->statement, ":node", key->columns[KEY_NODE]);
	sql_bind_named(form->statement, ":item", key->columns[KEY_ITEM]);
	return query_row_take(&form->row, form->statement);
}

static int prepare_record(struct touch_reader *reader)
{
	_cleanup_(freep) char *sql = NULL;
	int r = query_touch_sql(OF_KEY, &sql);

	return r < 0 ? r : sql_prepare(reader->db, sql, &reader->record.statement);
}

int touch_reader_touch(struct touch_reader *reader, const struct key *key, struct touch *ret)
{
	int r = reader->record.statement ? 0 : prepare_record(reader);

	r = r < 0 ? r : read_row(&reader->record, key);
	if (r > 0)
		query_touch_read(&reader->record.row, ret);
	return r;
}

int touch_reader_json(struct touch_reader *reader, const struct key *key, const char **ret)
{
	struct form *json = &reader->json;
	int r = json->statement ? 0 : sql_prepare(reader->db, json_sql, &json->statement);

	r = r < 0 ? r : read_row(json, key);
	if (r <= 0)
		return r;
	*ret = query_row_text(&json->row, 0, NULL);
	return *ret ? 1 : -ENOMEM;
}
