/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What engines' ids look like
 *
 * A directory's name is taken for a container's or pod's id only if it has exactly the length and
 * alphabet that the engine gives its ids.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "runtime/cgroup.h"

/* A piece of a text; never NUL-terminated. */
struct span {
	const char *text;
	size_t len;
};

static inline bool span_is(struct span span, const char *text)
{
	return strlen(text) == span.len && memcmp(span.text, text, span.len) == 0;
}

static inline bool span_starts_with(struct span span, const char *prefix)
{
	size_t len = strlen(prefix);

	return span.len >= len && memcmp(span.text, prefix, len) == 0;
}

static inline bool span_ends_with(struct span span, const char *suffix)
{
	size_t len = strlen(suffix);

	return span.len >= len && memcmp(span.text + span.len - len, suffix, len) == 0;
}

static inline struct span span_skip(struct span span, size_t len)
{
	return (struct span){ span.text + len, span.len - len };
}

enum id_shape {
	HEX64,      /* Docker, Podman, containerd's CRI, CRI-O */
	HEX32,      /* Kubernetes' static pods */
	BASE36,     /* 25 of [0-9a-z]: BuildKit */
	DIGITS,     /* Buildah */
	UUID,       /* 8-4-4-4-12 */
	GARDEN,     /* 8-4-4-4-4 */
	FARGATE,    /* 32 hex digits, '-', digits */
	WORD,       /* of [0-9A-Za-z_-] */
	IDENTIFIER, /* containerd's pkg/identifiers: cannot lead out of a directory */
	NAME,       /* free text */
	ESCAPED,    /* free text in a unit name: \x2d is '-' */
	ESC_UUID,   /* a UUID in a unit name */
	ANYTHING,
};

/* True where text has the shape; then ret holds it, unescaped where the shape says so. */
bool cgroup_id_take(struct span text, enum id_shape shape, char ret[CGROUP_ID_MAX]);
