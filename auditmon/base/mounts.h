/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One mount namespace, as its mountinfo tells it (proc_pid_mountinfo(5))
 *
 * Translates a path of that namespace to a place in a file system (device, path below the file system's root), and back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct mount {
	int id;
	uint32_t dev_major, dev_minor;
	char *root;  /* what of the file system is mounted here */
	char *point; /* where, in this namespace */
	char *type;
	bool read_only; /* the mount, or its file system */
	bool asks; /* its file system asks somebody else, who may be gone or never answer */
};

struct mounts {
	struct mount *list; /* in mount order: a later one hides an earlier one at the same place */
	size_t n, n_asking;
};

/* Parses the text of a mountinfo file. Lines that are none are left out. 0 or -ENOMEM. */
int mounts_parse(const char *text, struct mounts **ret);
void mounts_free(struct mounts *mounts);
DEFINE_CLEANUP(struct mounts *, mounts_free)

/* Is path the directory dir or below it? Both absolute, dir without trailing '/', except "/" itself. */
bool path_is_below(const char *path, const char *dir);

/* The mount that path (absolute, normalised) lies on; NULL where none covers it. *ret_rest: what follows the mount point, "" or "/...". */
const struct mount *mounts_covering(const struct mounts *mounts, const char *path,
	const char **ret_rest);

/* Is something mounted at just that path that asks? Whoever goes in there can be made to wait for
 * ever. */
bool mounts_asks_at(const struct mounts *mounts, const char *path);

/* The same of path, of any directory that leads there, and of anything below. */
bool mounts_asks_around(const struct mounts *mounts, const char *path);

/* Any mount of this device; NULL where the namespace has none. */
const struct mount *mounts_of_device(const struct mounts *mounts, uint32_t dev_major,
	uint32_t dev_minor);

const struct mount *mounts_by_id(const struct mounts *mounts, int id);

/*
 * The name that a place of a file system has in this namespace: the longest mounted root above fs_path wins. Heap text.
 * 0, -ENOENT (not mounted here), -ENOMEM.
 */
int mounts_name_of(const struct mounts *mounts, uint32_t dev_major, uint32_t dev_minor,
	const char *fs_path, char **ret);
