/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lines of a log, with a bound
 *
 * A log may hold anything, a gigabyte without a newline included: what is longer than a record can
 * be is skipped and told.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct lines;

/* fd: borrowed, read from where it stands. -ENOMEM. */
int lines_new(int fd, struct lines **ret);
void lines_free(struct lines *lines);
DEFINE_CLEANUP(struct lines *, lines_free)

/*
 * The next line without its newline, borrowed until the next call; *ret_whole is false (and the
 * line empty) for one that was too long and is skipped. 1, 0 at the end, or a negative errno of
 * read(2).
 */
int lines_next(struct lines *lines, const char **ret, size_t *ret_len, bool *ret_whole);
