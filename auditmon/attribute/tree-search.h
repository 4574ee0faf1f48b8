/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The last resort for a name: which entry of a watched tree has this inode?
 *
 * Each tree that is asked about is walked once and remembered as pairs of inode and path. What is
 * remembered may be out of date, so the caller verifies what it is given; only where nothing holds
 * is the tree walked again. Bounded in entries and in how often that is done, because a container
 * decides how often it is asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct mounts;
struct tree_search;

int tree_search_new(struct tree_search **ret); /* -ENOMEM */
void tree_search_free(struct tree_search *search);
DEFINE_CLEANUP(struct tree_search *, tree_search_free)

/*
 * Calls verify with the path of each entry of tree, the tree itself among them, that had this inode
 * number (of whatever device), until it says true: those whose last component is name (NULL: none)
 * first. False where none did, or the bounds were met. tree: absolute. mounts: the host's, of which
 * what may make us wait is left out; NULL: not known.
 */
typedef bool (*tree_search_fn)(const char *path, void *userdata);
bool tree_search(struct tree_search *search, const struct mounts *mounts, const char *tree,
	uint64_t inode, const char *name, int64_t now_msec, tree_search_fn verify, void *userdata);

/* Something with this inode has come to path: remembered where a tree above it is. */
void tree_search_add(struct tree_search *search, const char *path, uint64_t inode);
