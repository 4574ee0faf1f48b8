/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json-encode.h"
#include "base/text.h"
#include "store/sql.h"

#define LOSS_GAP_MSEC 1000

const char *const loss_names[LOSS_COUNT] = {
	[LOSS_KERNEL] = "kernel-lost",
	[LOSS_SOCKET] = "socket-overrun",
	[LOSS_SERIAL] = "serial-gap",
	[LOSS_PROC_EVENTS] = "proc-events",
	[LOSS_QUEUE] = "queue-full",
	[LOSS_DOWNTIME] = "downtime",
	[LOSS_BROKEN_RECORD] = "broken-record",
	[LOSS_CANARY] = "canary",
	[LOSS_RULES] = "rules-missing",
	[LOSS_SOURCE] = "source-gone",
	[LOSS_RETENTION] = "retention",
	[LOSS_UNEXPORTED] = "retention-unexported",
};

enum statement {
	CONTAINER,
	CONTAINER_COUNT,
	CONTAINER_END,
	LOSS_FIND,
	LOSS_EXTEND,
	LOSS_ADD,
	META,
	STATEMENT_COUNT,
};

#define KEEP(column) column " = coalesce(excluded." column ", " column ")"

// clang-format off
static const char *const statements[STATEMENT_COUNT] = {
	[CONTAINER] =
		"INSERT INTO container(runtime, container_id, outer_id, pod_uid, pod_name,"
		"	pod_namespace, name, image, image_id, image_digest, command, created_by,"
		"	labels, mounts, posture, rootfs, source, created_msec, init_pid, privileged, of_user,"
		"	first_seen_msec, last_seen_msec)"
		" VALUES (coalesce(:runtime, 'unknown'), :id, :outer_id, :pod_uid, :pod_name,"
		"	:pod_namespace, :name, :image, :image_id, :image_digest, :command, :created_by,"
		"	CASE WHEN json_valid(:labels) THEN :labels END, :mounts, :posture, :rootfs, :source,"
		"	:created, :init_pid, :privileged, :of_user, :seen, :seen)"
		" ON CONFLICT (container_id, runtime) DO UPDATE SET"
		"	" KEEP("outer_id") ", " KEEP("pod_uid") ", " KEEP("pod_name") ","
		"	" KEEP("pod_namespace") ", " KEEP("name") ", " KEEP("image") ","
		"	" KEEP("image_id") ", " KEEP("image_digest") ", " KEEP("command") ","
		"	posture = CASE WHEN excluded.posture IS NULL THEN posture"
		"		ELSE json_patch(coalesce(posture, '{}'), excluded.posture) END,"
		"	" KEEP("created_by") ", " KEEP("labels") ", " KEEP("mounts") ","
		"	" KEEP("rootfs") ", " KEEP("source") ", " KEEP("created_msec") ","
		"	" KEEP("init_pid") ", " KEEP("privileged") ", " KEEP("of_user") ","
		"	first_seen_msec = min(first_seen_msec, excluded.first_seen_msec),"
		"	last_seen_msec = max(last_seen_msec, excluded.last_seen_msec),"
		"	ended_msec = CASE WHEN :alive AND ended_msec < :seen THEN NULL"
		"		ELSE ended_msec END"
		" RETURNING id",
	[CONTAINER_COUNT] =
		"UPDATE container SET touches = touches + ?2, flagged = flagged + ?3,"
		"	last_seen_msec = max(last_seen_msec, ?4) WHERE id = ?1",
	[CONTAINER_END] =
		"UPDATE container SET ended_msec = ?3, last_seen_msec = max(last_seen_msec, ?3)"
		" WHERE runtime = ?1 AND container_id = ?2",
	[LOSS_FIND] =
		"SELECT id, since_msec, until_msec, count FROM loss"
		" WHERE kind = ?1 AND until_msec >= ?2 AND since_msec <= ?3 AND detail IS ?4"
		" ORDER BY until_msec DESC LIMIT 1",
	[LOSS_EXTEND] =
		"UPDATE loss SET until_msec = max(until_msec, ?2), count = count + ?3 WHERE id = ?1",
	[LOSS_ADD] =
		"INSERT INTO loss(kind, since_msec, until_msec, count, detail)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
	[META] =
		"INSERT INTO meta VALUES (?1, ?2)"
		" ON CONFLICT DO UPDATE SET value = excluded.value",
};

static const struct {
	const char *parameter;
	size_t offset;
} container_strings[] = {
	{ ":runtime",       offsetof(struct container_info, runtime) },
	{ ":id",            offsetof(struct container_info, id) },
	{ ":outer_id",      offsetof(struct container_info, outer_id) },
	{ ":pod_uid",       offsetof(struct container_info, pod_uid) },
	{ ":pod_name",      offsetof(struct container_info, pod_name) },
	{ ":pod_namespace", offsetof(struct container_info, pod_namespace) },
	{ ":name",          offsetof(struct container_info, name) },
	{ ":image",         offsetof(struct container_info, image) },
	{ ":image_id",      offsetof(struct container_info, image_id) },
	{ ":image_digest",  offsetof(struct container_info, image_digest) },
	{ ":rootfs",        offsetof(struct container_info, rootfs) },
	{ ":source",        offsetof(struct container_info, source) },
};
// clang-format on

struct facts {
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

int facts_new(sqlite3 *db, struct facts **ret)
{
	_cleanup_(facts_freep) struct facts *facts = calloc(1, sizeof(*facts));
	int r = facts ? 0 : -ENOMEM;

	for (size_t i = 0; i < STATEMENT_COUNT && r == 0; i++)
		r = sql_prepare(db, statements[i], &facts->statements[i]);
	if (r < 0)
		return r;
	*ret = TAKE(facts);
	return 0;
}

void facts_free(struct facts *facts)
{
	if (!facts)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(facts->statements[i]);
	free(facts);
}

static void bind_tristate(sqlite3_stmt *statement, const char *parameter, enum tristate value)
{
	if (value != TRISTATE_UNKNOWN)
		sql_bind_named(statement, parameter, value);
}

/* Runs the statement of a container whose parameters are bound. */
static int put_container(sqlite3_stmt *statement, int64_t seen_msec, int64_t *ret)
{
	int64_t id = 0;
	int r;

	sql_bind_named(statement, ":seen", seen_msec);
	while ((r = sql_step(statement)) > 0)
		id = sqlite3_column_int64(statement, 0);
	if (r < 0)
		return r;
	*ret = id;
	return 0;
}

static char *mounts_text(const struct container_info *info)
{
	char *json = NULL;
	FILE *out = info->n_mounts > 0 ? open_memstream(&json, &(size_t){ 0 }) : NULL;

	if (!out)
		return NULL;
	for (size_t i = 0; i < info->n_mounts; i++) {
		const struct container_mount *mount = &info->mounts[i];

		fputs(i == 0 ? "[{\"source\":" : ",{\"source\":", out);
		json_encode_string(out, mount->source, strlen(mount->source));
		fputs(",\"destination\":", out);
		json_encode_string(out, mount->destination, strlen(mount->destination));
		fprintf(out, ",\"writable\":%s,\"recursive\":%s}",
			mount->writable ? "true" : "false", mount->recursive ? "true" : "false");
	}
	fputc(']', out);
	fclose(out);
	return json;
}

int facts_container(struct facts *facts, const struct container_info *info, int64_t seen_msec)
{
	_cleanup_(freep) char *command = json_arguments_text(info->command, info->command_len);
	_cleanup_(freep) char *created_by =
		json_arguments_text(info->created_by, info->created_by_len);
	_cleanup_(freep) char *mounts = mounts_text(info);
	_cleanup_(freep) char *posture = NULL;
	sqlite3_stmt *statement = facts->statements[CONTAINER];
	int64_t id;
	int r = posture_json(info, &posture);

	if (r < 0)
		return r;
	sqlite3_clear_bindings(statement);
	for (size_t i = 0; i < ELEMENTS(container_strings); i++)
		sql_bind_named_string(statement, container_strings[i].parameter,
			*(char **)((char *)info + container_strings[i].offset));
	sql_bind_named_string(statement, ":command", command);
	sql_bind_named_string(statement, ":created_by", created_by);
	sql_bind_named_string(statement, ":mounts", mounts);
	sql_bind_named_string(statement, ":posture", posture);
	if (info->labels && text_is_utf8(info->labels, strlen(info->labels)))
		sql_bind_named_string(statement, ":labels", info->labels);
	if (info->created_msec)
		sql_bind_named(statement, ":created", info->created_msec);
	if (info->init_pid)
		sql_bind_named(statement, ":init_pid", info->init_pid);
	bind_tristate(statement, ":privileged", info->privileged);
	sql_bind_named(statement, ":of_user", info->of_user);
	sql_bind_named(statement, ":alive", 1);
	return put_container(statement, seen_msec, &id);
}

int facts_container_seen(struct facts *facts, const struct touch_container *container,
	int64_t seen_msec, int64_t *ret)
{
	sqlite3_stmt *statement = facts->statements[CONTAINER];

	sqlite3_clear_bindings(statement);
	sql_bind_named_string(statement, ":runtime", container->runtime);
	sql_bind_named_string(statement, ":id", container->id);
	sql_bind_named_string(statement, ":name", container->name);
	sql_bind_named_string(statement, ":image", container->image);
	bind_tristate(statement, ":privileged", container->privileged);
	return put_container(statement, seen_msec, ret);
}

int facts_container_count(
	struct facts *facts, int64_t id, uint64_t touches, uint64_t flagged, int64_t seen_msec)
{
	sqlite3_stmt *statement = facts->statements[CONTAINER_COUNT];

	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_int64(statement, 2, (int64_t)touches);
	sqlite3_bind_int64(statement, 3, (int64_t)flagged);
	sqlite3_bind_int64(statement, 4, seen_msec);
	return sql_run(statement);
}

int facts_container_end(struct facts *facts, const char *runtime, const char *id, int64_t time_msec)
{
	sqlite3_stmt *statement = facts->statements[CONTAINER_END];

	sql_bind_string(statement, 1, runtime ? runtime : "unknown");
	sql_bind_string(statement, 2, id);
	sqlite3_bind_int64(statement, 3, time_msec);
	return sql_run(statement);
}

static void bind_count(sqlite3_stmt *statement, int index, uint64_t count)
{
	if (count)
		sqlite3_bind_int64(statement, index, (int64_t)count);
	else
		sqlite3_bind_null(statement, index);
}

static int add_loss(struct facts *facts, const struct loss *loss)
{
	sqlite3_stmt *statement = facts->statements[LOSS_ADD];

	sqlite3_bind_int(statement, 1, loss->kind);
	sqlite3_bind_int64(statement, 2, loss->since_msec);
	sqlite3_bind_int64(statement, 3, loss->until_msec);
	bind_count(statement, 4, loss->count);
	sql_bind_string(statement, 5, loss->detail);
	return sql_run(statement);
}

int facts_loss(struct facts *facts, const struct loss *loss)
{
	sqlite3_stmt *find = facts->statements[LOSS_FIND];
	sqlite3_stmt *extend = facts->statements[LOSS_EXTEND];
	bool same;
	int r;

	sqlite3_bind_int(find, 1, loss->kind);
	sqlite3_bind_int64(find, 2, loss->since_msec - LOSS_GAP_MSEC);
	sqlite3_bind_int64(find, 3, loss->since_msec);
	sql_bind_string(find, 4, loss->detail);
	r = sql_step(find);
	if (r < 0)
		return r;
	if (r == 0)
		return add_loss(facts, loss);

	same = sqlite3_column_int64(find, 1) == loss->since_msec &&
	       sqlite3_column_int64(find, 2) == loss->until_msec &&
	       (uint64_t)sqlite3_column_int64(find, 3) == loss->count;
	sqlite3_bind_int64(extend, 1, sqlite3_column_int64(find, 0));
	sqlite3_reset(find);
	if (same)
		return 0;
	sqlite3_bind_int64(extend, 2, loss->until_msec);
	bind_count(extend, 3, loss->count);
	return sql_run(extend);
}

int facts_entry(struct facts *facts, const struct entry_record *entry)
{
	return entry_put(sqlite3_db_handle(facts->statements[META]), entry);
}

int facts_client(struct facts *facts, const struct client_record *client)
{
	return client_record_put(sqlite3_db_handle(facts->statements[META]), client);
}

int facts_meta(struct facts *facts, const char *name, const char *value)
{
	sqlite3_stmt *statement = facts->statements[META];

	sql_bind_string(statement, 1, name);
	sql_bind_string(statement, 2, value);
	return sql_run(statement);
}
