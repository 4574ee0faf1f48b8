/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/podman-database.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/sqlite-file.h"
#include "runtime/bolt.h"

#define DATABASE_MAX ((size_t)64 << 20)
#define SQLITE_HEAD_LEN 100

/* Of what there is one row for each: libpod/sqlite_state.go, libpod/boltdb_state_internal.go. */
struct subject {
	struct sqlite_column column;
	const char *bucket, *key;
};
static const struct subject container = { { "ContainerConfig", "ID", "JSON" }, "ctr", "config" };
static const struct subject state = { { "ContainerState", "ID", "JSON" }, "ctr", "state" };
static const struct subject pod = { { "PodConfig", "ID", "JSON" }, "pod", "config" };

/* By libpod's ContainerStatus (libpod/define/containerstate.go): unknown, configured, created (its
 * first process is there), running, stopped, paused, exited, removing, stopping. */
static const enum tristate runs[] = { TRISTATE_UNKNOWN, TRISTATE_NO, TRISTATE_YES, TRISTATE_YES,
	TRISTATE_NO, TRISTATE_YES, TRISTATE_NO, TRISTATE_NO, TRISTATE_YES };

// clang-format off
static const struct state_field config_fields[] = {
	{ "$.name",            offsetof(struct container_info, name) },
	{ "$.rootfsImageName", offsetof(struct container_info, image) },
	{ "$.RawImageName",    offsetof(struct container_info, image) },
	{ "$.pod",             offsetof(struct container_info, pod_uid) },
};
// clang-format on

int podman_database_take_config(struct json *json, struct container_info *info)
{
	int r = state_take_fields(json, config_fields, ELEMENTS(config_fields), info);

	r = r < 0 ? r : state_take_labels(json, "$.labels", &info->labels);
	r = r < 0 ? r
		  : state_take_arguments(
			    json, "$.CreateCommand", &info->created_by, &info->created_by_len);
	return r < 0 ? r : state_take_time(json, "$.createdTime", &info->created_msec);
}

int podman_database_take_state(struct json *json, struct container_info *info)
{
	int64_t status, pid;
	int r = json_int(json, "$.state", &status);

	if (r < 0 || status < 0 || status >= (int64_t)ELEMENTS(runs))
		return r == -ENOMEM ? r : 0;
	info->running = runs[status];
	r = json_int(json, "$.pid", &pid);
	if (r == 0 && info->running == TRISTATE_YES && pid > 0 && pid <= INT_MAX)
		info->init_pid = (pid_t)pid;
	return r == -ENOMEM ? r : 0;
}

static int only_enomem(int r)
{
	return r == 0 || r == -ENOMEM ? r : -ENOENT;
}

/* While one is written in place, its journal stands beside it (sqlite.org/atomiccommit.html). */
static bool is_written(const struct state_directory *directory, const char *file)
{
	char journal[64], byte;
	size_t len;

	snprintf(journal, sizeof(journal), "%s-journal", file);
	return file_read_head(directory->fd, journal, &byte, 1, &len) == 0 && len > 0;
}

static int read_sqlite(const struct state_directory *directory, const char *file,
	const struct subject *subject, const char *id, char **ret)
{
	_cleanup_(freep) char *bytes = NULL;
	char head[SQLITE_HEAD_LEN];
	size_t len, head_len;
	int r;

	if (is_written(directory, file))
		return -ENOENT;
	r = file_read(directory->fd, file, DATABASE_MAX, &bytes, &len);
	if (r < 0)
		return only_enomem(r);
	/* The header counts the transactions. */
	if (is_written(directory, file) ||
		file_read_head(directory->fd, file, head, sizeof(head), &head_len) < 0 ||
		head_len != sizeof(head) || len < sizeof(head) ||
		memcmp(head, bytes, sizeof(head)) != 0)
		return -ENOENT;
	return only_enomem(sqlite_file_text(bytes, len, &subject->column, id, ret));
}

static int read_bolt(const struct state_directory *directory, const char *file,
	const struct subject *subject, const char *id, char **ret)
{
	const char *const keys[] = { subject->bucket, id, subject->key };
	_cleanup_(freep) char *bytes = NULL, *head = malloc(BOLT_HEAD_LEN);
	struct bolt_value value;
	struct bolt bolt, now;
	size_t len, head_len;
	int r;

	if (!head)
		return -ENOMEM;
	r = file_read(directory->fd, file, DATABASE_MAX, &bytes, &len);
	r = r < 0 ? r : file_read_head(directory->fd, file, head, BOLT_HEAD_LEN, &head_len);
	r = r < 0 ? r : bolt_open((const uint8_t *)bytes, len, &bolt);
	r = r < 0 ? r : bolt_open((const uint8_t *)head, head_len, &now);
	if (r < 0 || bolt.transaction != now.transaction)
		return only_enomem(r < 0 ? r : -ENOENT);
	if (bolt_get(&bolt, keys, ELEMENTS(keys), &value) < 0 || value.len > STATE_FILE_MAX)
		return -ENOENT;
	*ret = strndup((const char *)value.bytes, value.len);
	return *ret ? 0 : -ENOMEM;
}

/* Newer Podman has it in its static directory, which is libpod unless configured. */
static const struct {
	const char *file;
	int (*read)(const struct state_directory *directory, const char *file,
		const struct subject *subject, const char *id, char **ret);
} databases[] = {
	{ "db.sql", read_sqlite },
	{ "libpod/db.sql", read_sqlite },
	{ "libpod/bolt_state.db", read_bolt },
};

/* Which of them says something of the id: its configuration is loaded. */
static int load(struct json *json, const struct state_directory *storage,
	const struct subject *subject, const char *id, const char **ret_file)
{
	for (size_t i = 0; i < ELEMENTS(databases); i++) {
		_cleanup_(freep) char *text = NULL;
		int r = databases[i].read(storage, databases[i].file, subject, id, &text);

		r = r < 0 ? r : json_load(json, text, strlen(text));
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		*ret_file = databases[i].file;
		return 0;
	}
	return -ENOENT;
}

static int take_pod_name(
	struct json *json, const struct state_directory *storage, struct container_info *info)
{
	const char *file;
	int r;

	if (!info->pod_uid || info->pod_name || !state_id_is_hex64(info->pod_uid))
		return 0;
	r = load(json, storage, &pod, info->pod_uid, &file);
	r = r < 0 ? r : state_take_string(json, "$.name", &info->pod_name);
	return r == -ENOMEM ? r : 0;
}

static int take_state(
	struct json *json, const struct state_directory *storage, struct container_info *info)
{
	const char *file;
	int r = load(json, storage, &state, info->id, &file);

	r = r < 0 ? r : podman_database_take_state(json, info);
	return r == -ENOMEM ? r : 0;
}

int podman_database_describe(
	struct json *json, const struct state_directory *storage, struct container_info *info)
{
	const char *file;
	int r = load(json, storage, &container, info->id, &file);

	r = r < 0 ? r : podman_database_take_config(json, info);
	r = r < 0 ? r : state_credit(storage, file, info);
	r = r < 0 ? r : take_state(json, storage, info);
	return r < 0 ? r : take_pod_name(json, storage, info);
}
