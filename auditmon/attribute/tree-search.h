/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The last resort for a name: looking through a watched tree for an inode
 *
 * Bounded in entries and in how often it may be done, because a container decides how often it is asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct tree_search;

int tree_search_new(struct tree_search **ret); /* -ENOMEM */
void tree_search_free(struct tree_search *search);
DEFINE_CLEANUP(struct tree_search *, tree_search_free)

/* A path below tree whose directory entry has this inode number (the caller verifies the device). False where there is none, or the bounds were met. */
bool tree_search(struct tree_search *search, const char *tree, uint64_t inode, int64_t now_msec,
	char *path, size_t size);
