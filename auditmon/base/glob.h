/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Globs over bytes that outsiders chose
 *
 * '*' is any run of bytes, '/' too; '?' is one byte; a backslash takes the next byte as it is.
 * fnmatch() takes a time exponential in the number of stars and depends on the locale for bytes
 * that are no UTF-8; this one takes at most pattern times text.
 */

#include <stdbool.h>

/* text NULL: no match. */
bool glob_match(const char *pattern, const char *text);

/* A pattern that matches what begins with text, heap; NULL: no memory. */
char *glob_beginning(const char *text);
