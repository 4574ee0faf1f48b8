/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/client-record.h"
#include "store/query-row.h"
#include "store/sql.h"

#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%fZ', " column " / 1000.0, 'unixepoch')"
#define BOOLEAN(column) "json(iif(" column ", 'true', iif(" column " IS NULL, 'null', 'false')))"

// clang-format off
static const char containers_sql[] =
	"SELECT id FROM (SELECT id, first_seen_msec FROM container"
	" WHERE first_seen_msec <= :until AND (ended_msec IS NULL OR ended_msec >= :since)"
	" AND (:container IS NULL OR container_id = :container OR name = :container"
	"	OR (length(:container) >= :prefix_len"
	"	AND substr(container_id, 1, length(:container)) = :container))"
	" ORDER BY first_seen_msec DESC, id DESC LIMIT :limit)"
	" ORDER BY first_seen_msec, id";

enum container_column {
	CONTAINER_ID,
	CONTAINER_NAME,
	CONTAINER_RUNTIME,
	CONTAINER_IMAGE,
	CONTAINER_PRIVILEGED,
	CONTAINER_FIRST_SEEN,
	CONTAINER_LAST_SEEN,
	CONTAINER_ENDED,
	CONTAINER_TOUCHES,
	CONTAINER_FLAGGED,
	CONTAINER_JSON,
};

/* Columns as in the enum. */
static const char container_sql[] =
	"SELECT container_id, name, runtime, image, privileged, first_seen_msec, last_seen_msec,"
	" ended_msec, touches, flagged,"
	" json_object('id', shown(container_id), 'name', shown(name), 'runtime', shown(runtime),"
	"	'image', shown(image), 'privileged', " BOOLEAN("privileged") ","
	"	'created', " TIME("created_msec") ", 'first_seen', " TIME("first_seen_msec") ","
	"	'last_seen', " TIME("last_seen_msec") ", 'ended', " TIME("ended_msec") ","
	"	'touches', touches, 'flagged', flagged, 'outer_id', shown(outer_id),"
	"	'pod_uid', shown(pod_uid), 'pod_name', shown(pod_name),"
	"	'pod_namespace', shown(pod_namespace), 'image_id', shown(image_id),"
	"	'image_digest', shown(image_digest), 'image_verified', NULL, 'command', json(command),"
	"	'created_by', json(created_by), 'init_pid', init_pid, 'labels', json(labels),"
	"	'mounts', json(mounts), 'posture', json(posture), 'rootfs', shown(rootfs), 'source', shown(source),"
	"	'entries', (SELECT json_group_array(json_object('pid', e.pid,"
	"		'began', " TIME("e.began_msec") ","
	"		'entry', (SELECT name FROM name WHERE kind = 'entry' AND number = e.kind),"
	"		'auid', e.auid, 'login', shown(e.login), 'client_pid', e.client_pid,"
	"		'exe', shown(e.exe), 'argv', json(iif(json_valid(e.argv), e.argv, NULL)),"
	"		'via', shown(e.via), 'confidence', (SELECT name FROM name"
	"		WHERE kind = 'confidence' AND number = e.confidence),"
	"		'evidence', json(iif(json_valid(e.evidence), e.evidence, NULL)),"
	"		'reason', shown(e.reason),"
	"		'content_trust', (SELECT name FROM name"
	"		WHERE kind = 'content_trust' AND number = e.content_trust),"
	"		'client_start', " TIME("c.start_msec") ", 'client_end', " TIME("c.end_msec") ","
	"		'client_ancestors', json(iif(json_valid(c.ancestors), c.ancestors, NULL))))"
	"	FROM (SELECT * FROM entry WHERE entry.container_id = container.container_id"
	"		AND entry.runtime = container.runtime ORDER BY id DESC LIMIT 100) AS e"
	"	LEFT JOIN client AS c ON c.id = (SELECT id FROM client WHERE boot = e.boot"
	"		AND pid = e.client_pid AND start_nsec <= e.start_nsec + " CLIENT_START_TOLERANCE_NSEC
	"		AND exe IS e.exe AND argv IS e.argv ORDER BY start_nsec DESC LIMIT 1)))"
	" FROM container WHERE id = ?";

static const char losses_sql[] =
	"SELECT id FROM loss WHERE since_msec <= :until AND until_msec >= :since"
	" ORDER BY since_msec, id";

enum loss_column {
	LOSS_COLUMN_KIND,
	LOSS_COLUMN_SINCE,
	LOSS_COLUMN_UNTIL,
	LOSS_COLUMN_COUNT,
	LOSS_COLUMN_DETAIL,
	LOSS_COLUMN_JSON,
};

/* Columns as in the enum. */
static const char loss_sql[] =
	"SELECT kind, since_msec, until_msec, count, detail,"
	" json_object('kind', (SELECT name FROM name WHERE kind = 'loss' AND number = loss.kind),"
	"	'since', " TIME("since_msec") ", 'until', " TIME("until_msec") ","
	"	'count', count, 'detail', shown(detail))"
	" FROM loss WHERE id = ?";

static const struct {
	const char *sql;
	size_t offset;
} summaries[] = {
	{ "SELECT touches FROM total",                offsetof(struct store_summary, n_touches) },
	{ "SELECT flagged FROM total",                offsetof(struct store_summary, n_flagged) },
	{ "SELECT count(*) FROM container",           offsetof(struct store_summary, n_containers) },
	{ "SELECT count(*) FROM loss",                offsetof(struct store_summary, n_losses) },
	{ "SELECT min(time_msec) FROM touch_event",   offsetof(struct store_summary, first_msec) },
	{ "SELECT max(time_msec) FROM touch_event",   offsetof(struct store_summary, last_msec) },
};
// clang-format on

/* All the ids at first, then row by row: see query.h. */
struct query_list {
	sqlite3_stmt *statement;
	int64_t *ids;
	size_t n_ids, at;
	struct query_row row;
};

void query_list_free(struct query_list *list)
{
	if (!list)
		return;
	query_row_done(&list->row);
	sqlite3_finalize(list->statement);
	free(list->ids);
	free(list);
}

/* Of a statement whose parameters are bound. */
static int read_ids(struct query_list *list, sqlite3_stmt *statement)
{
	size_t max = 0;
	int r;

	while ((r = sql_step(statement)) > 0) {
		if (list->n_ids == max) {
			int64_t *ids;

			max = max ? 2 * max : 64;
			ids = reallocarray(list->ids, max, sizeof(*ids));
			if (!ids)
				return -ENOMEM;
			list->ids = ids;
		}
		list->ids[list->n_ids++] = sqlite3_column_int64(statement, 0);
	}
	return r;
}

static int list_new(sqlite3 *db, sqlite3_stmt *ids, const char *row_sql, struct query_list **ret)
{
	_cleanup_(query_list_freep) struct query_list *list = calloc(1, sizeof(*list));
	int r = list ? read_ids(list, ids) : -ENOMEM;

	r = r < 0 ? r : sql_prepare(db, row_sql, &list->statement);
	if (r < 0)
		return r;
	*ret = TAKE(list);
	return 0;
}

static int list_next(struct query_list *list)
{
	int r = 0;

	while (r == 0 && list->at < list->n_ids) {
		sqlite3_bind_int64(list->statement, 1, list->ids[list->at++]);
		r = query_row_take(&list->row, list->statement);
	}
	return r;
}

int query_containers_new(
	struct store *store, const struct query_filter *filter, struct query_list **ret)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *ids = NULL;
	sqlite3 *db = store_connection(store);
	int r = sql_prepare(db, containers_sql, &ids);

	if (r < 0)
		return r;
	sql_bind_named(ids, ":since", filter->since_msec);
	sql_bind_named(ids, ":until", filter->until_msec);
	sql_bind_named_string(ids, ":container", filter->container);
	sql_bind_named(ids, ":prefix_len", QUERY_PREFIX_LEN);
	sql_bind_named(ids, ":limit", filter->limit);
	return list_new(db, ids, container_sql, ret);
}

int query_containers_next(struct query_list *list, struct container_row *ret)
{
	const struct query_row *row = &list->row;
	int r = list_next(list);

	if (r <= 0)
		return r;
	*ret = (struct container_row){
		.id = query_row_text(row, CONTAINER_ID, NULL),
		.name = query_row_text(row, CONTAINER_NAME, NULL),
		.runtime = query_row_text(row, CONTAINER_RUNTIME, NULL),
		.image = query_row_text(row, CONTAINER_IMAGE, NULL),
		.privileged = query_row_tristate(row, CONTAINER_PRIVILEGED),
		.first_seen_msec = query_row_integer(row, CONTAINER_FIRST_SEEN, 0),
		.last_seen_msec = query_row_integer(row, CONTAINER_LAST_SEEN, 0),
		.ended_msec = query_row_integer(row, CONTAINER_ENDED, 0),
		.n_touches = (uint64_t)query_row_integer(row, CONTAINER_TOUCHES, 0),
		.n_flagged = (uint64_t)query_row_integer(row, CONTAINER_FLAGGED, 0),
		.json = query_row_text(row, CONTAINER_JSON, NULL),
	};
	return ret->id && ret->runtime && ret->json ? 1 : -ENOMEM;
}

int query_losses_new(
	struct store *store, int64_t since_msec, int64_t until_msec, struct query_list **ret)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *ids = NULL;
	sqlite3 *db = store_connection(store);
	int r = sql_prepare(db, losses_sql, &ids);

	if (r < 0)
		return r;
	sql_bind_named(ids, ":since", since_msec);
	sql_bind_named(ids, ":until", until_msec);
	return list_new(db, ids, loss_sql, ret);
}

int query_losses_next(struct query_list *list, struct loss_row *ret)
{
	const struct query_row *row = &list->row;
	int64_t kind;
	int r;

	/*
	 * A kind that this program does not know is one of a newer program; there is no word for it
	 * here.
	 */
	do {
		r = list_next(list);
		if (r <= 0)
			return r;
		kind = query_row_integer(row, LOSS_COLUMN_KIND, -1);
	} while (kind < 0 || kind >= LOSS_COUNT);
	*ret = (struct loss_row){
		.loss = {
			.kind = (enum loss_kind)kind,
			.since_msec = query_row_integer(row, LOSS_COLUMN_SINCE, 0),
			.until_msec = query_row_integer(row, LOSS_COLUMN_UNTIL, 0),
			.count = (uint64_t)query_row_integer(row, LOSS_COLUMN_COUNT, 0),
			.detail = query_row_text(row, LOSS_COLUMN_DETAIL, NULL),
		},
		.json = query_row_text(row, LOSS_COLUMN_JSON, NULL),
	};
	return ret->json ? 1 : -ENOMEM;
}

int query_meta(struct store *store, const char *name, char **ret)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	const char *text;
	char *copy;
	int r = sql_prepare(store_connection(store),
		"SELECT value FROM meta WHERE name = ? AND value IS NOT NULL", &statement);

	if (r < 0)
		return r;
	sql_bind_string(statement, 1, name);
	r = sql_step(statement);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	text = (const char *)sqlite3_column_text(statement, 0);
	copy = text ? strdup(text) : NULL;
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int64_t file_size(const char *path, const char *suffix)
{
	_cleanup_(freep) char *whole = NULL;
	struct stat st;

	if (asprintf(&whole, "%s%s", path, suffix) < 0 || stat(whole, &st) < 0)
		return 0;
	return st.st_size;
}

int query_summary(struct store *store, struct store_summary *ret)
{
	const char *path = store_path(store);
	struct store_summary summary = {
		.size_bytes = file_size(path, "") + file_size(path, "-wal"),
	};
	int64_t version;
	int r = sql_integer(store_connection(store), "PRAGMA user_version", &version);

	for (size_t i = 0; i < ELEMENTS(summaries) && r == 0; i++)
		r = sql_integer(store_connection(store), summaries[i].sql,
			(int64_t *)((char *)&summary + summaries[i].offset));
	if (r < 0)
		return r;
	summary.schema_version = (int)version;
	*ret = summary;
	return 0;
}
