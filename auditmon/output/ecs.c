/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Elastic Common Schema
 *
 * What ECS has no field for is below "auditmon."; user.audit.id and user.audit.name are those of
 * Auditbeat, for the loginuid.
 */

#include <string.h>

#include "output/format.h"
#include "output/json-tree.h"
#include "output/touch-line.h"

#define ECS_VERSION "9.0.0"

/* ECS admits only certain types with a category. */
// clang-format off
static const struct {
	const char *category, *type;
} actions[ACTION_COUNT] = {
	[ACTION_WRITE]   = { "file",                "change" },
	[ACTION_ATTR]    = { "file",                "change" },
	[ACTION_CREATE]  = { "file",                "creation" },
	[ACTION_DELETE]  = { "file",                "deletion" },
	[ACTION_RENAME]  = { "file",                "change" },
	[ACTION_LINK]    = { "file",                "creation" },
	[ACTION_READ]    = { "file",                "access" },
	[ACTION_EXEC]    = { "process",             "start" },
	[ACTION_CONNECT] = { "network",             "connection" },
	[ACTION_MOUNT]   = { "host",                "change" },
	[ACTION_DENIED]  = { "intrusion_detection", "denied" },
};

static const int severities[SEVERITY_COUNT] = {
	[SEVERITY_INFO]     = 1,
	[SEVERITY_NOTICE]   = 2,
	[SEVERITY_WARNING]  = 3,
	[SEVERITY_CRITICAL] = 4,
};
// clang-format on

static void make_kind(const struct record *record, struct value *ret)
{
	value_set_text(ret, touch_is_alert(record->touch) ? "alert" : "event");
}

static void make_category(const struct record *record, struct value *ret)
{
	value_set_text(ret, actions[record->touch->action].category);
}

/* What did not happen began nothing and changed nothing: that is told, and no more. */
static void make_type(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->success ? actions[record->touch->action].type
			    : record->touch->action == ACTION_DENIED ? "denied"
								     : "info");
}

static void make_outcome(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->success ? "success" : "failure");
}

static void make_severity(const struct record *record, struct value *ret)
{
	ret->type = VALUE_NUMBER;
	ret->number = severities[record->touch->severity];
}

static void make_file_name(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_PATH, ret);
	value_base_name(ret);
}

static void make_directory(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_PATH, ret);
	value_directory(ret);
}

/* Everybody that the event knows, once each. */
static void make_related_users(const struct record *record, struct value *ret)
{
	static const enum field fields[] = { FIELD_USER, FIELD_LOGIN, FIELD_LAUNCHER_LOGIN };
	const char *names[ELEMENTS(fields)];
	struct value value;
	size_t n = 0, len = 0;

	ret->type = VALUE_NONE;
	for (size_t i = 0; i < ELEMENTS(fields); i++) {
		bool known = false;

		field_value(record, fields[i], &value);
		for (size_t j = 0; j < n; j++)
			known |= value.type == VALUE_TEXT && strcmp(names[j], value.bytes) == 0;
		if (value.type != VALUE_TEXT || known || value.len == 0 ||
			len + value.len + 1 > sizeof(ret->buffer))
			continue;
		names[n++] = value.bytes;
		memcpy(ret->buffer + len, value.bytes, value.len + 1);
		len += value.len + 1;
		ret->type = VALUE_LIST;
	}
	ret->bytes = ret->buffer;
	ret->len = len > 0 ? len - 1 : 0;
}

static void make_related_hosts(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_NODE, ret);
}

static void make_arguments_count(const struct record *record, struct value *ret)
{
	const struct arguments *argv = &record->touch->argv;

	ret->type = argv->bytes && argv->complete ? VALUE_NUMBER : VALUE_NONE;
	ret->number = argv->len > 0;
	for (size_t i = 0; argv->bytes && i < argv->len; i++)
		ret->number += argv->bytes[i] == '\0';
}

static void make_flags(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_FLAGS, ret);
	if (!record->touch->flags)
		ret->type = VALUE_NONE;
}

// clang-format off
static const struct json_row rows[] = {
	{ "@timestamp",                FIELD_TIME },
	{ "ecs.version",               .text = ECS_VERSION },
	{ "event.id",                  FIELD_ID },
	{ "event.sequence",            FIELD_SERIAL },
	{ "event.kind",                .make = make_kind },
	{ "event.category",            .make = make_category, .as = JSON_AS_LIST },
	{ "event.type",                .make = make_type, .as = JSON_AS_LIST },
	{ "event.action",              FIELD_ACTION },
	{ "event.outcome",             .make = make_outcome },
	{ "event.severity",            .make = make_severity },
	{ "event.module",              .text = FORMAT_PRODUCT },
	{ "event.dataset",             .text = FORMAT_PRODUCT ".touch" },
	{ "event.provider",            .text = "linux-audit" },
	{ "observer.vendor",           .text = FORMAT_PRODUCT },
	{ "observer.product",          .text = FORMAT_PRODUCT },
	{ "observer.version",          .text = AUDITMON_VERSION },
	{ "observer.type",             .text = "hids" },
	{ "host.hostname",             FIELD_NODE },
	{ "host.name",                 FIELD_NODE },
	{ "error.code",                FIELD_ERRNO },
	{ "rule.name",                 FIELD_WATCH },
	{ "tags",                      .make = make_flags },
	{ "file.path",                 FIELD_PATH },
	{ "file.directory",            .make = make_directory },
	{ "file.name",                 .make = make_file_name },
	{ "file.inode",                FIELD_INODE, JSON_AS_STRING },
	{ "file.device",               FIELD_DEVICE },
	{ "process.pid",               FIELD_PID },
	{ "process.parent.pid",        FIELD_PPID },
	{ "process.name",              FIELD_COMM },
	{ "process.executable",        FIELD_EXE },
	{ "process.args",              FIELD_ARGV },
	{ "process.args_count",        .make = make_arguments_count },
	{ "process.user.id",           FIELD_UID, JSON_AS_STRING },
	{ "process.user.name",         FIELD_USER },
	{ "user.id",                   FIELD_UID, JSON_AS_STRING },
	{ "user.name",                 FIELD_USER },
	{ "user.audit.id",             FIELD_AUID, JSON_AS_STRING },
	{ "user.audit.name",           FIELD_LOGIN },
	{ "container.id",              FIELD_CONTAINER_ID },
	{ "container.name",            FIELD_CONTAINER_NAME },
	{ "container.runtime",         FIELD_CONTAINER_RUNTIME },
	{ "container.image.name",      FIELD_CONTAINER_IMAGE },
	{ "container.image.hash.all",  FIELD_CONTAINER_IMAGE_ID, JSON_AS_LIST },
	{ "container.security_context.privileged", FIELD_CONTAINER_PRIVILEGED },
	{ "related.user",              .make = make_related_users },
	{ "related.hosts",             .make = make_related_hosts, .as = JSON_AS_LIST },
	{ "auditmon.path_seen",        FIELD_PATH_SEEN },
	{ "auditmon.path_by",          FIELD_PATH_BY },
	{ "auditmon.success",          FIELD_SUCCESS },
	{ "auditmon.syscall",          FIELD_SYSCALL },
	{ "auditmon.session",          FIELD_SESSION },
	{ "auditmon.argv_complete",    FIELD_ARGV_COMPLETE },
	{ "auditmon.ancestors",        FIELD_ANCESTORS },
	{ "auditmon.severity",         FIELD_SEVERITY },
	{ "auditmon.doubt",            FIELD_DOUBT },
	{ "auditmon.suppressed",       FIELD_SUPPRESSED },
	{ "auditmon.digest_before",    FIELD_DIGEST_BEFORE },
	{ "auditmon.digest_after",     FIELD_DIGEST_AFTER },
	{ "auditmon.container.entry",         FIELD_CONTAINER_ENTRY },
	{ "auditmon.container.attributed_by", FIELD_CONTAINER_ATTRIBUTED_BY },
	{ "auditmon.container.outer_id",      FIELD_CONTAINER_OUTER_ID },
	{ "auditmon.launcher.auid",           FIELD_LAUNCHER_AUID },
	{ "auditmon.launcher.login",          FIELD_LAUNCHER_LOGIN },
	{ "auditmon.launcher.pid",            FIELD_LAUNCHER_PID },
	{ "auditmon.launcher.exe",            FIELD_LAUNCHER_EXE },
	{ "auditmon.launcher.argv",           FIELD_LAUNCHER_ARGV },
	{ "auditmon.launcher.argv_complete",  FIELD_LAUNCHER_ARGV_COMPLETE },
	{ "auditmon.launcher.via",            FIELD_LAUNCHER_VIA },
	{ "auditmon.launcher.confidence",     FIELD_LAUNCHER_CONFIDENCE },
	{ "auditmon.launcher.evidence",       FIELD_LAUNCHER_EVIDENCE },
	{ "auditmon.launcher.content_trust",  FIELD_LAUNCHER_CONTENT_TRUST },
	{ "auditmon.launcher_reason",         FIELD_LAUNCHER_REASON },
};
// clang-format on

void ecs_print(FILE *out, const struct record *record, unsigned index)
{
	struct json_tree tree;

	json_tree_begin(&tree, out);
	json_tree_rows(&tree, "", rows, ELEMENTS(rows), record);
	json_tree_end(&tree);
}
