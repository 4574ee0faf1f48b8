/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/query-touch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum field_type {
	FIELD_INT64,
	FIELD_UINT64,
	FIELD_UNSIGNED,
	FIELD_UINT32, /* unset is UINT32_MAX */
	FIELD_INT,
	FIELD_BOOL,
	FIELD_TRISTATE,
	FIELD_NAME,
	FIELD_STRING,
	FIELD_ARGUMENTS,
};

struct names {
	const char *const *names;
	int count;
};

/* The arguments as NUL-separated bytes, out of their JSON. */
#define BYTES(argv)                                                                                \
	"iif(" argv " IS NULL, NULL,"                                                              \
	" coalesce((SELECT group_concat(value, char(0)) FROM json_each(" argv ")), ''))"

#define AT(member) offsetof(struct touch, member)

// clang-format off
static const struct names actions = { action_names, ACTION_COUNT };
static const struct names severities = { severity_names, SEVERITY_COUNT };
static const struct names path_bys = { path_by_names, PATH_BY_COUNT };
static const struct names entries = { entry_names, ENTRY_COUNT };
static const struct names attributions = { attributed_by_names, ATTRIBUTED_COUNT };
static const struct names content_trusts = { content_trust_names, CONTENT_TRUST_COUNT };
static const struct names confidences = { confidence_names, CONFIDENCE_COUNT };

/*
 * The record's members, and what they are in the view. A word that this program does not know is
 * the first of its enum.
 */
static const struct {
	const char *sql;
	enum field_type type;
	size_t offset;
	const struct names *names;
} fields[] = {
	{ "time_msec",               FIELD_INT64,     AT(time_msec) },
	{ "serial",                  FIELD_UINT64,    AT(serial) },
	{ "item",                    FIELD_UNSIGNED,  AT(item) },
	{ "node",                    FIELD_STRING,    AT(node) },
	{ "path",                    FIELD_STRING,    AT(path) },
	{ "path_seen",               FIELD_STRING,    AT(path_seen) },
	{ "path_by",                 FIELD_NAME,      AT(path_by), &path_bys },
	{ "inode",                   FIELD_UINT64,    AT(inode) },
	{ "dev_major",               FIELD_UNSIGNED,  AT(dev_major) },
	{ "dev_minor",               FIELD_UNSIGNED,  AT(dev_minor) },
	{ "action",                  FIELD_NAME,      AT(action), &actions },
	{ "success",                 FIELD_BOOL,      AT(success) },
	{ "error",                   FIELD_INT,       AT(error) },
	{ "syscall",                 FIELD_STRING,    AT(syscall) },
	{ "watch",                   FIELD_STRING,    AT(watch) },
	{ "pid",                     FIELD_INT,       AT(pid) },
	{ "ppid",                    FIELD_INT,       AT(ppid) },
	{ "comm",                    FIELD_STRING,    AT(comm) },
	{ "exe",                     FIELD_STRING,    AT(exe) },
	{ BYTES("argv"),             FIELD_ARGUMENTS, AT(argv) },
	{ "argv_complete",           FIELD_BOOL,      AT(argv.complete) },
	{ "ancestors",               FIELD_STRING,    AT(ancestors) },
	{ "uid",                     FIELD_UINT32,    AT(uid) },
	{ "user",                    FIELD_STRING,    AT(user) },
	{ "auid",                    FIELD_UINT32,    AT(auid) },
	{ "login",                   FIELD_STRING,    AT(login) },
	{ "session",                 FIELD_UINT32,    AT(session) },
	{ "container_id",            FIELD_STRING,    AT(container.id) },
	{ "container_name",          FIELD_STRING,    AT(container.name) },
	{ "container_runtime",       FIELD_STRING,    AT(container.runtime) },
	{ "container_image",         FIELD_STRING,    AT(container.image) },
	{ "container_image_id",      FIELD_STRING,    AT(container.image_id) },
	{ "container_outer_id",      FIELD_STRING,    AT(container.outer_id) },
	{ "container_privileged",    FIELD_TRISTATE,  AT(container.privileged) },
	{ "container_entry",         FIELD_NAME,      AT(container.entry), &entries },
	{ "container_attributed_by", FIELD_NAME,      AT(container.attributed_by), &attributions },
	{ "launcher_auid",           FIELD_UINT32,    AT(launcher.auid) },
	{ "launcher_login",          FIELD_STRING,    AT(launcher.login) },
	{ "launcher_pid",            FIELD_INT,       AT(launcher.pid) },
	{ "launcher_exe",            FIELD_STRING,    AT(launcher.exe) },
	{ BYTES("launcher_argv"),    FIELD_ARGUMENTS, AT(launcher.argv) },
	{ "launcher_argv_complete",  FIELD_BOOL,      AT(launcher.argv.complete) },
	{ "launcher_via",            FIELD_STRING,    AT(launcher.via) },
	{ "launcher_confidence",     FIELD_NAME,      AT(launcher.confidence), &confidences },
	{ BYTES("launcher_evidence"), FIELD_ARGUMENTS, AT(launcher.evidence) },
	{ "launcher_content_trust",  FIELD_NAME,      AT(launcher.content_trust), &content_trusts },
	{ "launcher_reason",         FIELD_STRING,    AT(launcher.reason) },
	{ "flag_bits",               FIELD_UNSIGNED,  AT(flags) },
	{ "severity",                FIELD_NAME,      AT(severity), &severities },
	{ "doubt",                   FIELD_STRING,    AT(doubt) },
	{ "suppressed",              FIELD_STRING,    AT(suppressed) },
	{ "digest_before",           FIELD_STRING,    AT(digest_before) },
	{ "digest_after",            FIELD_STRING,    AT(digest_after) },
};
_Static_assert(ELEMENTS(fields) <= QUERY_ROW_MAX, "a row holds all fields");

int query_touch_sql(const char *from, char **ret)
{
	_cleanup_(freep) char *sql = NULL;
	FILE *out = open_memstream(&sql, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		fprintf(out, "%s%s", i == 0 ? "SELECT " : ", ", fields[i].sql);
	fputs(from, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = TAKE(sql);
	return 0;
}

static int read_name(const struct query_row *row, size_t column, const struct names *names)
{
	const char *text = query_row_text(row, column, NULL);
	int value = text ? name_lookup(names->names, (size_t)names->count, text) : 0;

	return value < 0 ? 0 : value;
}

static void read_field(const struct query_row *row, size_t column, struct touch *touch)
{
	void *member = (char *)touch + fields[column].offset;
	struct arguments *arguments;

	switch (fields[column].type) {
	case FIELD_INT64:
	case FIELD_UINT64:
		*(int64_t *)member = query_row_integer(row, column, 0);
		break;
	case FIELD_UNSIGNED:
	case FIELD_INT:
		*(int *)member = (int)query_row_integer(row, column, 0);
		break;
	case FIELD_UINT32:
		*(uint32_t *)member = (uint32_t)query_row_integer(row, column, UINT32_MAX);
		break;
	case FIELD_BOOL:
		*(bool *)member = query_row_integer(row, column, 0) != 0;
		break;
	case FIELD_TRISTATE:
		*(enum tristate *)member = query_row_tristate(row, column);
		break;
	case FIELD_NAME:
		*(int *)member = read_name(row, column, fields[column].names);
		break;
	case FIELD_STRING:
		*(const char **)member = query_row_text(row, column, NULL);
		break;
	case FIELD_ARGUMENTS:
		arguments = member;
		arguments->bytes = query_row_text(row, column, &arguments->len);
		arguments->complete = arguments->bytes; /* unless a column says otherwise */
		break;
	}
}

void query_touch_read(const struct query_row *row, struct touch *ret)
{
	*ret = (struct touch){ 0 };
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		read_field(row, i, ret);
}
