/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/field.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "output/touch-line.h"

enum kind {
	KIND_NONE,
	KIND_ID,
	KIND_TIME,
	KIND_INT64,
	KIND_UINT32, /* UINT32_MAX: none */
	KIND_PID,    /* 0: none */
	KIND_PPID,   /* 0: none, but of the first processes */
	KIND_BOOL,
	KIND_TRISTATE,
	KIND_NAME,
	KIND_TEXT,
	KIND_ARGUMENTS,
	KIND_ARGUMENTS_COMPLETE,
	KIND_JSON,
	KIND_DEVICE,
	KIND_INODE,
	KIND_ERRNO,
	KIND_FLAGS,
};

/* Whose fields are absent where it is. */
enum part { PART_TOUCH, PART_CONTAINER, PART_LAUNCHER };

#define AT(member) offsetof(struct touch, member)

// clang-format off
static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *const *names;
	enum part part;
} fields[FIELD_COUNT] = {
	[FIELD_ID]              = { "id",            KIND_ID },
	[FIELD_TIME]            = { "time",          KIND_TIME },
	[FIELD_TIME_MSEC]       = { "time_msec",     KIND_INT64, AT(time_msec) },
	[FIELD_SERIAL]          = { "serial",        KIND_INT64, AT(serial) },
	[FIELD_NODE]            = { "node",          KIND_TEXT, AT(node) },
	[FIELD_PATH]            = { "path",          KIND_TEXT, AT(path) },
	[FIELD_PATH_SEEN]       = { "path_seen",     KIND_TEXT, AT(path_seen) },
	[FIELD_PATH_BY]         = { "path_by",       KIND_NAME, AT(path_by), path_by_names },
	[FIELD_DEVICE]          = { "device",        KIND_DEVICE },
	[FIELD_INODE]           = { "inode",         KIND_INODE },
	[FIELD_ACTION]          = { "action",        KIND_NAME, AT(action), action_names },
	[FIELD_SUCCESS]         = { "success",       KIND_BOOL, AT(success) },
	[FIELD_ERRNO]           = { "errno",         KIND_ERRNO },
	[FIELD_SYSCALL]         = { "syscall",       KIND_TEXT, AT(syscall) },
	[FIELD_WATCH]           = { "watch",         KIND_TEXT, AT(watch) },
	[FIELD_PID]             = { "pid",           KIND_PID, AT(pid) },
	[FIELD_PPID]            = { "ppid",          KIND_PPID, AT(ppid) },
	[FIELD_COMM]            = { "comm",          KIND_TEXT, AT(comm) },
	[FIELD_EXE]             = { "exe",           KIND_TEXT, AT(exe) },
	[FIELD_ARGV]            = { "argv",          KIND_ARGUMENTS, AT(argv) },
	[FIELD_ARGV_COMPLETE]   = { "argv_complete", KIND_ARGUMENTS_COMPLETE, AT(argv) },
	[FIELD_ANCESTORS]       = { "ancestors",     KIND_JSON, AT(ancestors) },
	[FIELD_UID]             = { "uid",           KIND_UINT32, AT(uid) },
	[FIELD_USER]            = { "user",          KIND_TEXT, AT(user) },
	[FIELD_AUID]            = { "auid",          KIND_UINT32, AT(auid) },
	[FIELD_LOGIN]           = { "login",         KIND_TEXT, AT(login) },
	[FIELD_SESSION]         = { "session",       KIND_UINT32, AT(session) },
	[FIELD_CONTAINER_ID] =
		{ "container_id", KIND_TEXT, AT(container.id), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_NAME] =
		{ "container_name", KIND_TEXT, AT(container.name), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_RUNTIME] =
		{ "container_runtime", KIND_TEXT, AT(container.runtime), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_IMAGE] =
		{ "container_image", KIND_TEXT, AT(container.image), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_IMAGE_ID] =
		{ "container_image_id", KIND_TEXT, AT(container.image_id), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_OUTER_ID] =
		{ "container_outer_id", KIND_TEXT, AT(container.outer_id), NULL, PART_CONTAINER },
	[FIELD_CONTAINER_PRIVILEGED] =
		{ "container_privileged", KIND_TRISTATE, AT(container.privileged), NULL,
			PART_CONTAINER },
	[FIELD_CONTAINER_ENTRY] =
		{ "container_entry", KIND_NAME, AT(container.entry), entry_names, PART_CONTAINER },
	[FIELD_CONTAINER_ATTRIBUTED_BY] =
		{ "container_attributed_by", KIND_NAME, AT(container.attributed_by),
			attributed_by_names, PART_CONTAINER },
	[FIELD_LAUNCHER_AUID] =
		{ "launcher_auid", KIND_UINT32, AT(launcher.auid), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_LOGIN] =
		{ "launcher_login", KIND_TEXT, AT(launcher.login), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_PID] =
		{ "launcher_pid", KIND_PID, AT(launcher.pid), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_EXE] =
		{ "launcher_exe", KIND_TEXT, AT(launcher.exe), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_ARGV] =
		{ "launcher_argv", KIND_ARGUMENTS, AT(launcher.argv), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_ARGV_COMPLETE] =
		{ "launcher_argv_complete", KIND_ARGUMENTS_COMPLETE, AT(launcher.argv), NULL,
			PART_LAUNCHER },
	[FIELD_LAUNCHER_VIA] =
		{ "launcher_via", KIND_TEXT, AT(launcher.via), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_CONFIDENCE] =
		{ "launcher_confidence", KIND_NAME, AT(launcher.confidence), confidence_names,
			PART_LAUNCHER },
	[FIELD_LAUNCHER_EVIDENCE] =
		{ "launcher_evidence", KIND_ARGUMENTS, AT(launcher.evidence), NULL, PART_LAUNCHER },
	[FIELD_LAUNCHER_REASON] = { "launcher_reason", KIND_TEXT, AT(launcher.reason) },
	[FIELD_FLAGS]           = { "flags",         KIND_FLAGS },
	[FIELD_SEVERITY]        = { "severity",      KIND_NAME, AT(severity), severity_names },
	[FIELD_DOUBT]           = { "doubt",         KIND_TEXT, AT(doubt) },
	[FIELD_LAUNCHER_CONTENT_TRUST] =
		{ "launcher_content_trust", KIND_NAME, AT(launcher.content_trust),
			content_trust_names, PART_LAUNCHER },
	[FIELD_SUPPRESSED]      = { "suppressed",    KIND_TEXT, AT(suppressed) },
	[FIELD_DIGEST_BEFORE]   = { "digest_before", KIND_TEXT, AT(digest_before) },
	[FIELD_DIGEST_AFTER]    = { "digest_after",  KIND_TEXT, AT(digest_after) },
};
// clang-format on

char *touch_id(const struct touch *touch)
{
	char *id;

	if (asprintf(&id, "%" PRId64 ".%03d:%" PRIu64 ":%u:%s", touch->time_msec / 1000,
		    (int)(touch->time_msec % 1000), touch->serial, touch->item,
		    touch->node ? touch->node : "") < 0)
		return NULL;
	return id;
}

bool touch_is_alert(const struct touch *touch)
{
	return touch->flags && !touch->suppressed;
}

const char *field_name(enum field field)
{
	return fields[field].name;
}

void value_set_text(struct value *ret, const char *text)
{
	ret->type = text ? VALUE_TEXT : VALUE_NONE;
	ret->bytes = text;
	ret->len = text ? strlen(text) : 0;
}

static void set_number(struct value *ret, int64_t number, bool known)
{
	ret->type = known ? VALUE_NUMBER : VALUE_NONE;
	ret->number = number;
}

static void set_boolean(struct value *ret, int value, bool known)
{
	ret->type = known ? VALUE_BOOLEAN : VALUE_NONE;
	ret->number = value != 0;
}

static void set_list(struct value *ret, const struct arguments *arguments)
{
	ret->type = arguments->bytes ? VALUE_LIST : VALUE_NONE;
	ret->bytes = arguments->bytes;
	ret->len = arguments->len;
}

static void set_flags(struct value *ret, unsigned flags)
{
	size_t len = 0;

	for (int i = 0; i < FLAG_COUNT; i++)
		if (flags & FLAG_BIT(i)) {
			assert(len + strlen(flag_names[i]) < sizeof(ret->buffer));
			len += (size_t)sprintf(ret->buffer + len, "%s", flag_names[i]) + 1;
		}
	ret->type = VALUE_LIST;
	ret->bytes = ret->buffer;
	ret->len = len > 0 ? len - 1 : 0;
}

static void set_errno(struct value *ret, const struct touch *touch)
{
	const char *name = touch->error ? strerrorname_np(touch->error) : NULL;

	if (!name && touch->error) {
		snprintf(ret->buffer, sizeof(ret->buffer), "%d", touch->error);
		name = ret->buffer;
	}
	value_set_text(ret, touch->success ? NULL : name);
}

static bool has_part(const struct touch *touch, enum part part)
{
	switch (part) {
	case PART_CONTAINER:
		return touch->container.id;
	case PART_LAUNCHER:
		return touch->launcher.confidence != CONFIDENCE_NONE;
	default:
		return true;
	}
}

void field_value(const struct record *record, enum field field, struct value *ret)
{
	const struct touch *touch = record->touch;
	const void *member = (const char *)touch + fields[field].offset;
	const struct arguments *arguments = member;
	enum kind kind = has_part(touch, fields[field].part) ? fields[field].kind : KIND_NONE;

	switch (kind) {
	case KIND_NONE:
		ret->type = VALUE_NONE;
		break;
	case KIND_ID:
		value_set_text(ret, record->id);
		break;
	case KIND_TIME:
		time_format_utc(touch->time_msec, ret->buffer, sizeof(ret->buffer));
		value_set_text(ret, ret->buffer);
		break;
	case KIND_INT64:
		set_number(ret, *(const int64_t *)member, true);
		break;
	case KIND_UINT32:
		set_number(ret, *(const uint32_t *)member, *(const uint32_t *)member != UINT32_MAX);
		break;
	case KIND_PID:
		set_number(ret, *(const pid_t *)member, *(const pid_t *)member != 0);
		break;
	case KIND_PPID:
		set_number(ret, touch->ppid, touch->pid && (touch->ppid || touch->pid <= 2));
		break;
	case KIND_BOOL:
		set_boolean(ret, *(const bool *)member, true);
		break;
	case KIND_TRISTATE:
		set_boolean(ret, *(const enum tristate *)member == TRISTATE_YES,
			*(const enum tristate *)member != TRISTATE_UNKNOWN);
		break;
	case KIND_NAME:
		value_set_text(ret, fields[field].names[*(const int *)member]);
		break;
	case KIND_TEXT:
		value_set_text(ret, *(const char *const *)member);
		break;
	case KIND_ARGUMENTS:
		set_list(ret, arguments);
		break;
	case KIND_ARGUMENTS_COMPLETE:
		set_boolean(ret, arguments->complete, arguments->bytes);
		break;
	case KIND_JSON:
		value_set_text(ret, *(const char *const *)member);
		ret->type = ret->bytes ? VALUE_JSON : VALUE_NONE;
		break;
	case KIND_DEVICE:
		snprintf(ret->buffer, sizeof(ret->buffer), "%u:%u", touch->dev_major,
			touch->dev_minor);
		value_set_text(ret, touch->inode ? ret->buffer : NULL);
		break;
	case KIND_INODE:
		set_number(ret, (int64_t)touch->inode, touch->inode != 0);
		break;
	case KIND_ERRNO:
		set_errno(ret, touch);
		break;
	case KIND_FLAGS:
		set_flags(ret, touch->flags);
		break;
	}
}

void value_base_name(struct value *value)
{
	const char *slash =
		value->type == VALUE_TEXT ? memrchr(value->bytes, '/', value->len) : NULL;

	if (slash) {
		value->len -= (size_t)(slash + 1 - value->bytes);
		value->bytes = slash + 1;
	}
}

void value_directory(struct value *value)
{
	const char *slash =
		value->type == VALUE_TEXT ? memrchr(value->bytes, '/', value->len) : NULL;

	if (!slash)
		value->type = VALUE_NONE;
	else
		value->len = slash == value->bytes ? 1 : (size_t)(slash - value->bytes);
}

static void human(
	const struct record *record, enum field login, enum field launcher, struct value *ret)
{
	const struct touch *touch = record->touch;

	if (touch_has_login(touch))
		field_value(record, login, ret);
	else if (touch->launcher.confidence == CONFIDENCE_CERTAIN)
		field_value(record, launcher, ret);
	else
		ret->type = VALUE_NONE;
}

void field_human_name(const struct record *record, struct value *ret)
{
	human(record, FIELD_LOGIN, FIELD_LAUNCHER_LOGIN, ret);
}

void field_human_auid(const struct record *record, struct value *ret)
{
	human(record, FIELD_AUID, FIELD_LAUNCHER_AUID, ret);
}
