/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch's fields by name
 *
 * What every format for SIEMs is made of: CONTRACT's fields, flattened and named as the columns of
 * the view `touch` are. A format is a table that says where each field goes; what is not known has
 * no value, and no format prints it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"

enum field {
	FIELD_NONE,
	FIELD_ID,
	FIELD_TIME,
	FIELD_TIME_MSEC,
	FIELD_SERIAL,
	FIELD_NODE,
	FIELD_PATH,
	FIELD_PATH_SEEN,
	FIELD_PATH_BY,
	FIELD_DEVICE, /* major:minor */
	FIELD_INODE,
	FIELD_ACTION,
	FIELD_SUCCESS,
	FIELD_ERRNO,
	FIELD_SYSCALL,
	FIELD_WATCH,
	FIELD_PID,
	FIELD_PPID,
	FIELD_COMM,
	FIELD_EXE,
	FIELD_ARGV,
	FIELD_ARGV_COMPLETE,
	FIELD_ANCESTORS,
	FIELD_UID,
	FIELD_USER,
	FIELD_AUID,
	FIELD_LOGIN,
	FIELD_SESSION,
	FIELD_CONTAINER_ID,
	FIELD_CONTAINER_NAME,
	FIELD_CONTAINER_RUNTIME,
	FIELD_CONTAINER_IMAGE,
	FIELD_CONTAINER_IMAGE_ID,
	FIELD_CONTAINER_OUTER_ID,
	FIELD_CONTAINER_PRIVILEGED,
	FIELD_CONTAINER_ENTRY,
	FIELD_CONTAINER_ATTRIBUTED_BY,
	FIELD_LAUNCHER_AUID,
	FIELD_LAUNCHER_LOGIN,
	FIELD_LAUNCHER_PID,
	FIELD_LAUNCHER_EXE,
	FIELD_LAUNCHER_ARGV,
	FIELD_LAUNCHER_ARGV_COMPLETE,
	FIELD_LAUNCHER_VIA,
	FIELD_LAUNCHER_CONFIDENCE,
	FIELD_LAUNCHER_EVIDENCE,
	FIELD_LAUNCHER_REASON,
	FIELD_FLAGS,
	FIELD_SEVERITY,
	FIELD_DOUBT,
	FIELD_LAUNCHER_CONTENT_TRUST,
	FIELD_SUPPRESSED,
	FIELD_DIGEST_BEFORE,
	FIELD_DIGEST_AFTER,
	FIELD_COUNT,
};

/* What a format prints: the touch, its id and its JSON (NULL where the format does not ask for it).
 */
struct record {
	const struct touch *touch;
	const char *id;
	const char *json;
};

/*
 * The name of a touch that stays the same whenever it is exported: "SECONDS.MSEC:SERIAL:ITEM:NODE",
 * the first two as the kernel writes them in its records. Heap; NULL: no memory.
 */
char *touch_id(const struct touch *touch);

enum value_type {
	VALUE_NONE, /* not known */
	VALUE_TEXT, /* bytes, as the kernel gave them */
	VALUE_NUMBER,
	VALUE_BOOLEAN,
	VALUE_LIST, /* NUL-separated texts, maybe none */
	VALUE_JSON, /* text that is JSON already */
};

/* bytes are the record's or point into buffer: a value is not copied. */
struct value {
	enum value_type type;
	const char *bytes;
	size_t len;
	int64_t number;
	char buffer[1024];
};

/* Flagged, and no rule keeps that quiet. */
bool touch_is_alert(const struct touch *touch);

/* As in the view. */
const char *field_name(enum field field);

void field_value(const struct record *record, enum field field, struct value *ret);

/* Sets ret to text; NULL: to VALUE_NONE. */
void value_set_text(struct value *ret, const char *text);

/* The part of a path behind its last slash, or before it ("/" for the root's). Borrowed. */
void value_base_name(struct value *value);
void value_directory(struct value *value);

/*
 * The human: the login that the kernel has kept, unless the container gave it to itself, else the
 * launcher's where it is certain. VALUE_NONE where nobody is.
 */
void field_human_name(const struct record *record, struct value *ret);
void field_human_auid(const struct record *record, struct value *ret);
