/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch as the rows that the store has of it
 *
 * Three rows of numbers, in the order of their tables' columns: of the event, of its process and of
 * its launcher. Strings and arguments are the numbers that the interner has for them, so a row that
 * is the same as another is the same to the byte and can be the key of a cache.
 */

#include <stdint.h>

#include "base/touch.h"
#include "store/interner.h"

/* What a number cannot say: NULL. No column holds this value. */
#define ROW_NULL INT64_MIN

enum launcher_column {
	LAUNCHER_AUID,
	LAUNCHER_LOGIN,
	LAUNCHER_PID,
	LAUNCHER_EXE,
	LAUNCHER_ARGV,
	LAUNCHER_ARGV_COMPLETE,
	LAUNCHER_VIA,
	LAUNCHER_CONFIDENCE,
	LAUNCHER_EVIDENCE,
	LAUNCHER_CONTENT_TRUST,
	LAUNCHER_REASON,
	LAUNCHER_COLUMNS,
};

enum process_column {
	PROCESS_PID,
	PROCESS_PPID,
	PROCESS_COMM,
	PROCESS_EXE,
	PROCESS_ARGV,
	PROCESS_ARGV_COMPLETE,
	PROCESS_UID,
	PROCESS_USER,
	PROCESS_AUID,
	PROCESS_LOGIN,
	PROCESS_SESSION,
	PROCESS_ENTRY,
	PROCESS_ATTRIBUTED_BY,
	PROCESS_LAUNCHER,
	PROCESS_ANCESTORS,
	PROCESS_COLUMNS,
};

enum event_column {
	EVENT_TIME,
	EVENT_SERIAL,
	EVENT_NODE,
	EVENT_ITEM,
	EVENT_KEY_COLUMNS,
	EVENT_PATH = EVENT_KEY_COLUMNS,
	EVENT_PATH_SEEN,
	EVENT_PATH_BY,
	EVENT_DEVICE,
	EVENT_INODE,
	EVENT_ACTION,
	EVENT_SUCCESS,
	EVENT_ERROR,
	EVENT_SYSCALL,
	EVENT_WATCH,
	EVENT_PROCESS,
	EVENT_CONTAINER,
	EVENT_FLAGS,
	EVENT_SEVERITY,
	EVENT_DOUBT,
	EVENT_ARRIVAL,
	EVENT_SUPPRESSED,
	EVENT_COLUMNS,
};

/* 0 or -errno, with a row that is not whole. */

/* All but process, container and arrival; the container is ROW_NULL. */
int touch_row_event(
	struct interner *interner, const struct touch *touch, int64_t row[EVENT_COLUMNS]);

/* All but the launcher, which is ROW_NULL. */
int touch_row_process(
	struct interner *interner, const struct touch *touch, int64_t row[PROCESS_COLUMNS]);

int touch_row_launcher(
	struct interner *interner, const struct touch *touch, int64_t row[LAUNCHER_COLUMNS]);
