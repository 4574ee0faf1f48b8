/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A suppression rule from the inside: shared by suppress.c (which touches it means) and
 * suppress-file.c (how it is written)
 */

#include <stdbool.h>

#include "detect/suppress.h"

#define SUPPRESS_MAX_RULES 1024
#define SUPPRESS_MAX_PATTERNS 64 /* of one kind in one rule */

enum condition {
	CONDITION_CONTAINER,
	CONDITION_IMAGE,
	CONDITION_LABEL, /* KEY=GLOB */
	CONDITION_EXE,
	CONDITION_LOGIN,
	CONDITION_PATH,
	CONDITION_FLAG,
	CONDITION_COUNT,
};

/* One of the patterns must match; none: anything does. */
struct patterns {
	char **items;
	size_t n;
};

struct suppression {
	char *name, *comment;
	char *text;          /* what touches are marked with */
	int64_t expiry_msec; /* INT64_MAX: never */
	bool expiry_told;
	unsigned line; /* of its head */
	struct patterns conditions[CONDITION_COUNT];
};

struct suppressions {
	struct suppression *rules;
	size_t n;
	struct json *json; /* for labels; NULL until it is needed */
};
