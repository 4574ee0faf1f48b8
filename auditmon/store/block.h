/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A record and all that it points to, as one heap block
 */

#include <stddef.h>

/* Where in a record are its strings (const char *, which may be NULL) and its struct arguments. */
struct block_layout {
	size_t size;
	const size_t *strings, *arguments;
	size_t n_strings, n_arguments;
};

/* The caller's to free(). NULL: no memory. */
void *block_copy(const struct block_layout *layout, const void *record);
