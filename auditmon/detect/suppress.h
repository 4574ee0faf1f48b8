/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Suppression: which flagged touches are no news
 *
 * A rule names what it is about, and a touch that fulfils all of it is marked with the rule's name
 * and comment; it is stored all the same. Whatever a container can choose for itself does not count
 * by itself: an exe without a container, image or label is a process of the host, a path must be
 * the host's, a login one that the container did not give itself. A rule that names flags means
 * touches that have no other flags: what is worse than was expected is told.
 *
 * Pure but for reading the files: whether a rule has expired is decided by the touch's own time.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/touch.h"

struct suppressions;

struct suppress_error {
	char *file; /* heap; NULL: the directory itself */
	unsigned line;
	char reason[160];
};
void suppress_error_done(struct suppress_error *error);

/* None. -ENOMEM. */
int suppressions_new(struct suppressions **ret);
void suppressions_free(struct suppressions *suppressions);
DEFINE_CLEANUP(struct suppressions *, suppressions_free)

/*
 * The *.conf files of directory, by name; no directory: none. 0, -EINVAL (error says where and
 * why), -ENOMEM, or an error of reading (error->file is the file).
 */
int suppressions_read(
	const char *directory, struct suppressions **ret, struct suppress_error *error);

/* Adds the rules of text: len bytes and a NUL, which are changed. 0, -EINVAL, -ENOMEM. */
int suppressions_parse(struct suppressions *suppressions, const char *file, char *text, size_t len,
	struct suppress_error *error);

/* The rule that keeps a flagged touch quiet, as touch.suppressed has it, borrowed; NULL: none. */
const char *suppressions_find(struct suppressions *suppressions, const struct touch *touch,
	const struct touch_facts *facts);

/* A rule that has expired and was not yet given out here: its name, NULL: no more. Borrowed. */
const char *suppressions_expired(
	struct suppressions *suppressions, int64_t now_msec, int64_t *ret_expiry_msec);

size_t suppressions_count(const struct suppressions *suppressions);
