/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Open Cybersecurity Schema Framework
 *
 * Every touch is a File System Activity (1001); a flagged one is a Detection Finding (2004) as
 * well, which names the activity as its related event. Profiles: container, and linux/linux_users
 * for the loginuid. What OCSF has no attribute for is in `unmapped`, under the names of the view
 * `touch`.
 */

#include <string.h>

#include "detect/severity.h"
#include "output/format.h"
#include "output/json-tree.h"
#include "output/touch-line.h"

#define OCSF_VERSION "1.5.0"

#define CLASS_ACTIVITY 1001
#define CLASS_FINDING 2004
#define ACTIVITY_OTHER 99

#define STATUS_SUCCESS 1
#define STATUS_FAILURE 2
#define FINDING_NEW 1
#define FINDING_SUPPRESSED 3
#define TYPE_REGULAR_FILE 1

// clang-format off
static const struct {
	int id;
	const char *name; /* OCSF's, or for what it has none, ours */
} activities[ACTION_COUNT] = {
	[ACTION_WRITE]   = { 3, "Update" },
	[ACTION_ATTR]    = { 6, "Set Attributes" },
	[ACTION_CREATE]  = { 1, "Create" },
	[ACTION_DELETE]  = { 4, "Delete" },
	[ACTION_RENAME]  = { 5, "Rename" },
	[ACTION_LINK]    = { ACTIVITY_OTHER, "link" },
	[ACTION_READ]    = { 2, "Read" },
	[ACTION_EXEC]    = { ACTIVITY_OTHER, "exec" },
	[ACTION_CONNECT] = { ACTIVITY_OTHER, "connect" },
	[ACTION_MOUNT]   = { 12, "Mount" },
	[ACTION_DENIED]  = { ACTIVITY_OTHER, "denied" },
};

static const struct {
	int id;
	const char *name;
} severities[SEVERITY_COUNT] = {
	[SEVERITY_INFO]     = { 1, "Informational" },
	[SEVERITY_NOTICE]   = { 2, "Low" },
	[SEVERITY_WARNING]  = { 3, "Medium" },
	[SEVERITY_CRITICAL] = { 5, "Critical" },
};
// clang-format on

static void set_number(struct value *ret, int64_t number)
{
	ret->type = VALUE_NUMBER;
	ret->number = number;
}

static void make_activity(const struct record *record, struct value *ret)
{
	set_number(ret, activities[record->touch->action].id);
}

static void make_activity_name(const struct record *record, struct value *ret)
{
	value_set_text(ret, activities[record->touch->action].name);
}

static void make_type(const struct record *record, struct value *ret)
{
	set_number(ret, CLASS_ACTIVITY * 100 + activities[record->touch->action].id);
}

static void make_severity(const struct record *record, struct value *ret)
{
	set_number(ret, severities[record->touch->severity].id);
}

static void make_severity_name(const struct record *record, struct value *ret)
{
	value_set_text(ret, severities[record->touch->severity].name);
}

static void make_status(const struct record *record, struct value *ret)
{
	set_number(ret, record->touch->success ? STATUS_SUCCESS : STATUS_FAILURE);
}

static void make_status_name(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->success ? "Success" : "Failure");
}

static void make_message(const struct record *record, struct value *ret)
{
	FILE *out = fmemopen(ret->buffer, sizeof(ret->buffer), "w");

	ret->buffer[0] = '\0';
	if (out) {
		touch_sentence_print(out, record->touch);
		fclose(out);
	}
	ret->buffer[sizeof(ret->buffer) - 1] = '\0';
	value_set_text(ret, ret->buffer);
}

static void make_device_name(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->node ? record->touch->node : "");
}

/* What the record calls it where nobody knows the host's path; the schema wants a name. */
static void make_file_path(const struct record *record, struct value *ret)
{
	const struct touch *touch = record->touch;

	value_set_text(ret, touch->path ? touch->path : touch->path_seen);
}

static void make_file_name(const struct record *record, struct value *ret)
{
	make_file_path(record, ret);
	if (ret->type == VALUE_NONE)
		value_set_text(ret, "");
	value_base_name(ret);
}

/* Unique within the host as long as the file lives. */
static void make_file_uid(const struct record *record, struct value *ret)
{
	const struct touch *touch = record->touch;

	snprintf(ret->buffer, sizeof(ret->buffer), "%u:%u:%llu", touch->dev_major, touch->dev_minor,
		(unsigned long long)touch->inode);
	value_set_text(ret, touch->inode ? ret->buffer : NULL);
}

/* The schema wants a process to have an identity. */
static void make_process_uid(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->pid ? NULL : "unknown");
}

static void make_exe_name(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_EXE, ret);
	value_base_name(ret);
}

static void make_exe_type(const struct record *record, struct value *ret)
{
	set_number(ret, TYPE_REGULAR_FILE);
	ret->type = record->touch->exe ? VALUE_NUMBER : VALUE_NONE;
}

/* An image has no attributes but with its id, which the engine tells. */
static void make_image_name(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_CONTAINER_IMAGE_ID, ret);
	if (ret->type != VALUE_NONE)
		field_value(record, FIELD_CONTAINER_IMAGE, ret);
}

/* The arguments with spaces between; the exact ones are in unmapped.argv. */
static void make_command_line(const struct record *record, struct value *ret)
{
	const struct arguments *argv = &record->touch->argv;
	size_t len = argv->len < sizeof(ret->buffer) - 1 ? argv->len : sizeof(ret->buffer) - 1;

	if (!argv->bytes) {
		ret->type = VALUE_NONE;
		return;
	}
	for (size_t i = 0; i < len; i++)
		ret->buffer[i] = argv->bytes[i] ? argv->bytes[i] : ' ';
	ret->buffer[len] = '\0';
	value_set_text(ret, ret->buffer);
}

static void make_profiles(const struct record *record, struct value *ret)
{
	static const char profiles[] = "container\0linux/linux_users";

	ret->type = VALUE_LIST;
	ret->bytes = profiles;
	ret->len = sizeof(profiles) - 1;
}

static void make_data_sources(const struct record *record, struct value *ret)
{
	value_set_text(ret, "Linux audit");
}

static void make_finding_status(const struct record *record, struct value *ret)
{
	set_number(ret, record->touch->suppressed ? FINDING_SUPPRESSED : FINDING_NEW);
}

static void make_finding_status_name(const struct record *record, struct value *ret)
{
	value_set_text(ret, record->touch->suppressed ? "Suppressed" : "New");
}

static void make_finding_uid(const struct record *record, struct value *ret)
{
	field_value(record, FIELD_ID, ret);
	if (ret->len + sizeof("finding:") > sizeof(ret->buffer))
		return; /* a node of a thousand bytes: its activity's own id */
	snprintf(ret->buffer, sizeof(ret->buffer), "finding:%s", ret->bytes);
	value_set_text(ret, ret->buffer);
}

static void make_true(const struct record *record, struct value *ret)
{
	ret->type = VALUE_BOOLEAN;
	ret->number = true;
}

/* Its worst flag, which says what was found; the others are in types. */
static void make_title(const struct record *record, struct value *ret)
{
	enum flag flag = flag_worst(record->touch->flags);

	value_set_text(ret, flag_names[flag]);
}

// clang-format off
static const struct json_row activity_rows[] = {
	{ "activity_id",     .make = make_activity },
	{ "activity_name",   .make = make_activity_name },
	{ "category_uid",    .number = 1 },
	{ "category_name",   .text = "System Activity" },
	{ "class_uid",       .number = CLASS_ACTIVITY },
	{ "class_name",      .text = "File System Activity" },
	{ "type_uid",        .make = make_type },
	{ "status_id",       .make = make_status },
	{ "status",          .make = make_status_name },
	{ "status_code",     FIELD_ERRNO },
	{ "metadata.uid",    FIELD_ID },
};

/* Of both, behind the class's table, which ends in metadata. */
static const struct json_row common_rows[] = {
	{ "metadata.version",      .text = OCSF_VERSION },
	{ "metadata.sequence",     FIELD_SERIAL },
	{ "metadata.log_provider", .text = "audit" },
	{ "metadata.profiles",     .make = make_profiles },
	{ "metadata.product.name",        .text = FORMAT_PRODUCT },
	{ "metadata.product.vendor_name", .text = FORMAT_PRODUCT },
	{ "metadata.product.version",     .text = AUDITMON_VERSION },
	{ "time",                  FIELD_TIME_MSEC },
	{ "severity_id",           .make = make_severity },
	{ "severity",              .make = make_severity_name },
	{ "message",               .make = make_message },
};

static const struct json_row finding_rows[] = {
	{ "activity_id",     .number = 1 },
	{ "activity_name",   .text = "Create" },
	{ "category_uid",    .number = 2 },
	{ "category_name",   .text = "Findings" },
	{ "class_uid",       .number = CLASS_FINDING },
	{ "class_name",      .text = "Detection Finding" },
	{ "type_uid",        .number = CLASS_FINDING * 100 + 1 },
	{ "status_id",       .make = make_finding_status },
	{ "status",          .make = make_finding_status_name },
	{ "is_alert",        .make = make_true },
	{ "finding_info.uid",             .make = make_finding_uid },
	{ "finding_info.title",           .make = make_title },
	{ "finding_info.desc",            .make = make_message },
	{ "finding_info.types",           FIELD_FLAGS },
	{ "finding_info.created_time",    FIELD_TIME_MSEC },
	{ "finding_info.data_sources",    .make = make_data_sources, .as = JSON_AS_LIST },
	{ "finding_info.analytic.name",    .make = make_title },
	{ "finding_info.analytic.type_id", .number = 1 },
	{ "finding_info.analytic.type",    .text = "Rule" },
	{ "finding_info.related_events[].uid",      FIELD_ID },
	{ "finding_info.related_events[].type_uid", .make = make_type },
	{ "metadata.uid",                 .make = make_finding_uid },
};

static const struct json_row device_rows[] = {
	{ "device.type_id",    .number = 0 },
	{ "device.type",       .text = "Unknown" },
	{ "device.name",       .make = make_device_name },
	{ "device.hostname",   FIELD_NODE },
	{ "device.os.name",    .text = "Linux" },
	{ "device.os.type_id", .number = 200 },
	{ "device.os.type",    .text = "Linux" },
};

/* What was done, in an activity at the top and in a finding as its evidence. */
static const struct json_row deed_rows[] = {
	{ "actor.process.pid",               FIELD_PID },
	{ "actor.process.uid",               .make = make_process_uid },
	{ "actor.process.name",              FIELD_COMM },
	{ "actor.process.cmd_line",          .make = make_command_line },
	{ "actor.process.auid",              FIELD_AUID },
	{ "actor.process.euid",              FIELD_UID },
	{ "actor.process.file.path",         FIELD_EXE },
	{ "actor.process.file.name",         .make = make_exe_name },
	{ "actor.process.file.type_id",      .make = make_exe_type },
	{ "actor.process.parent_process.pid", FIELD_PPID },
	{ "actor.process.user.uid",          FIELD_UID, JSON_AS_STRING },
	{ "actor.process.user.name",         FIELD_USER },
	{ "actor.process.container.uid",     FIELD_CONTAINER_ID },
	{ "actor.process.container.name",    FIELD_CONTAINER_NAME },
	{ "actor.process.container.runtime", FIELD_CONTAINER_RUNTIME },
	{ "actor.process.container.image.uid",  FIELD_CONTAINER_IMAGE_ID },
	{ "actor.process.container.image.name", .make = make_image_name },
	{ "actor.user.uid",                  .make = field_human_auid, .as = JSON_AS_STRING },
	{ "actor.user.name",                 .make = field_human_name },
	{ "actor.session.uid",               FIELD_SESSION, JSON_AS_STRING },
	{ "file.name",                       .make = make_file_name },
	{ "file.path",                       .make = make_file_path },
	{ "file.type_id",                    .number = 0 },
	{ "file.type",                       .text = "Unknown" },
	{ "file.uid",                        .make = make_file_uid },
};

static const struct json_row unmapped_rows[] = {
	{ "unmapped.path",          FIELD_PATH },
	{ "unmapped.path_seen",     FIELD_PATH_SEEN },
	{ "unmapped.path_by",       FIELD_PATH_BY },
	{ "unmapped.action",        FIELD_ACTION },
	{ "unmapped.success",       FIELD_SUCCESS },
	{ "unmapped.syscall",       FIELD_SYSCALL },
	{ "unmapped.watch",         FIELD_WATCH },
	{ "unmapped.argv",          FIELD_ARGV },
	{ "unmapped.argv_complete", FIELD_ARGV_COMPLETE },
	{ "unmapped.ancestors",     FIELD_ANCESTORS },
	{ "unmapped.login",         FIELD_LOGIN },
	{ "unmapped.container_image",         FIELD_CONTAINER_IMAGE },
	{ "unmapped.container_privileged",    FIELD_CONTAINER_PRIVILEGED },
	{ "unmapped.container_entry",         FIELD_CONTAINER_ENTRY },
	{ "unmapped.container_attributed_by", FIELD_CONTAINER_ATTRIBUTED_BY },
	{ "unmapped.container_outer_id",      FIELD_CONTAINER_OUTER_ID },
	{ "unmapped.launcher_auid",           FIELD_LAUNCHER_AUID },
	{ "unmapped.launcher_login",          FIELD_LAUNCHER_LOGIN },
	{ "unmapped.launcher_pid",            FIELD_LAUNCHER_PID },
	{ "unmapped.launcher_exe",            FIELD_LAUNCHER_EXE },
	{ "unmapped.launcher_argv",           FIELD_LAUNCHER_ARGV },
	{ "unmapped.launcher_argv_complete",  FIELD_LAUNCHER_ARGV_COMPLETE },
	{ "unmapped.launcher_via",            FIELD_LAUNCHER_VIA },
	{ "unmapped.launcher_confidence",     FIELD_LAUNCHER_CONFIDENCE },
	{ "unmapped.launcher_evidence",       FIELD_LAUNCHER_EVIDENCE },
	{ "unmapped.launcher_reason",         FIELD_LAUNCHER_REASON },
	{ "unmapped.flags",                   FIELD_FLAGS },
	{ "unmapped.severity",                FIELD_SEVERITY },
	{ "unmapped.doubt",                   FIELD_DOUBT },
	{ "unmapped.suppressed",              FIELD_SUPPRESSED },
	{ "unmapped.digest_before",           FIELD_DIGEST_BEFORE },
	{ "unmapped.digest_after",            FIELD_DIGEST_AFTER },
	{ "unmapped.launcher_content_trust",  FIELD_LAUNCHER_CONTENT_TRUST },
};
// clang-format on

unsigned ocsf_count(const struct touch *touch)
{
	return touch->flags ? 2 : 1;
}

void ocsf_print(FILE *out, const struct record *record, unsigned index)
{
	const char *prefix = index == 0 ? "" : "evidences[].";
	struct json_tree tree;

	json_tree_begin(&tree, out);
	if (index == 0)
		json_tree_rows(&tree, "", activity_rows, ELEMENTS(activity_rows), record);
	else
		json_tree_rows(&tree, "", finding_rows, ELEMENTS(finding_rows), record);
	json_tree_rows(&tree, "", common_rows, ELEMENTS(common_rows), record);
	json_tree_rows(&tree, "", device_rows, ELEMENTS(device_rows), record);
	json_tree_rows(&tree, prefix, deed_rows, ELEMENTS(deed_rows), record);
	json_tree_rows(&tree, "", unmapped_rows, ELEMENTS(unmapped_rows), record);
	json_tree_end(&tree);
}
