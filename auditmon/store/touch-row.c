/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/touch-row.h"

#include <stddef.h>

/* Where the strings of a touch go. */
struct text_column {
	size_t offset, column;
};

// clang-format off
static const struct text_column launcher_texts[] = {
	{ offsetof(struct touch, launcher.login), LAUNCHER_LOGIN },
	{ offsetof(struct touch, launcher.exe),   LAUNCHER_EXE },
	{ offsetof(struct touch, launcher.via),   LAUNCHER_VIA },
	{ offsetof(struct touch, launcher.reason), LAUNCHER_REASON },
};

static const struct text_column process_texts[] = {
	{ offsetof(struct touch, comm),  PROCESS_COMM },
	{ offsetof(struct touch, exe),   PROCESS_EXE },
	{ offsetof(struct touch, user),  PROCESS_USER },
	{ offsetof(struct touch, login), PROCESS_LOGIN },
	{ offsetof(struct touch, ancestors), PROCESS_ANCESTORS },
};

static const struct text_column event_texts[] = {
	{ offsetof(struct touch, path),      EVENT_PATH },
	{ offsetof(struct touch, path_seen), EVENT_PATH_SEEN },
	{ offsetof(struct touch, syscall),   EVENT_SYSCALL },
	{ offsetof(struct touch, watch),     EVENT_WATCH },
	{ offsetof(struct touch, doubt),     EVENT_DOUBT },
	{ offsetof(struct touch, suppressed), EVENT_SUPPRESSED },
};
// clang-format on

static int64_t or_none(int64_t value, int64_t unknown)
{
	return value == unknown ? ROW_NULL : value;
}

static int intern(struct interner *interner, const struct touch *touch,
	const struct text_column *texts, size_t n_texts, int64_t *row)
{
	for (size_t i = 0; i < n_texts; i++) {
		const char *string = *(const char **)((const char *)touch + texts[i].offset);
		int64_t id;
		int r = interner_string(interner, string, &id);

		if (r < 0)
			return r;
		row[texts[i].column] = or_none(id, 0);
	}
	return 0;
}

static int intern_arguments(
	struct interner *interner, const struct arguments *arguments, int64_t *ret)
{
	int64_t id;
	int r = interner_arguments(interner, arguments, &id);

	if (r == 0)
		*ret = or_none(id, 0);
	return r;
}

int touch_row_launcher(
	struct interner *interner, const struct touch *touch, int64_t row[LAUNCHER_COLUMNS])
{
	const struct touch_launcher *launcher = &touch->launcher;
	int r;

	row[LAUNCHER_AUID] = or_none(launcher->auid, AUID_UNSET);
	row[LAUNCHER_PID] = or_none(launcher->pid, 0);
	row[LAUNCHER_ARGV_COMPLETE] = launcher->argv.complete;
	row[LAUNCHER_CONFIDENCE] = launcher->confidence;
	row[LAUNCHER_CONTENT_TRUST] = or_none(launcher->content_trust, CONTENT_TRUST_UNKNOWN);
	r = intern(interner, touch, launcher_texts, ELEMENTS(launcher_texts), row);
	r = r < 0 ? r : intern_arguments(interner, &launcher->argv, &row[LAUNCHER_ARGV]);
	return r < 0 ? r : intern_arguments(interner, &launcher->evidence, &row[LAUNCHER_EVIDENCE]);
}

int touch_row_process(
	struct interner *interner, const struct touch *touch, int64_t row[PROCESS_COLUMNS])
{
	int r;

	row[PROCESS_PID] = or_none(touch->pid, 0);
	/* Only the first two processes have no parent; of others it was in no record. */
	row[PROCESS_PPID] = touch->pid && (touch->ppid || touch->pid <= 2) ? touch->ppid : ROW_NULL;
	row[PROCESS_ARGV_COMPLETE] = touch->argv.complete;
	row[PROCESS_UID] = or_none(touch->uid, UINT32_MAX);
	row[PROCESS_AUID] = or_none(touch->auid, AUID_UNSET);
	row[PROCESS_SESSION] = or_none(touch->session, SESSION_UNSET);
	row[PROCESS_ENTRY] = touch->container.entry;
	row[PROCESS_ATTRIBUTED_BY] = touch->container.attributed_by;
	row[PROCESS_LAUNCHER] = ROW_NULL;
	r = intern(interner, touch, process_texts, ELEMENTS(process_texts), row);
	return r < 0 ? r : intern_arguments(interner, &touch->argv, &row[PROCESS_ARGV]);
}

int touch_row_event(
	struct interner *interner, const struct touch *touch, int64_t row[EVENT_COLUMNS])
{
	int r = interner_string(interner, touch->node, &row[EVENT_NODE]);

	if (r < 0)
		return r;
	row[EVENT_TIME] = touch->time_msec;
	row[EVENT_SERIAL] = (int64_t)touch->serial;
	row[EVENT_ITEM] = touch->item;
	row[EVENT_PATH_BY] = touch->path_by;
	row[EVENT_DEVICE] =
		touch->inode ? (int64_t)touch->dev_major << 20 | touch->dev_minor : ROW_NULL;
	row[EVENT_INODE] = or_none((int64_t)touch->inode, 0);
	row[EVENT_ACTION] = touch->action;
	row[EVENT_SUCCESS] = touch->success;
	row[EVENT_ERROR] = or_none(touch->error, 0);
	row[EVENT_CONTAINER] = ROW_NULL;
	row[EVENT_FLAGS] = touch->flags;
	row[EVENT_SEVERITY] = touch->severity;
	return intern(interner, touch, event_texts, ELEMENTS(event_texts), row);
}
