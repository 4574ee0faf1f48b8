/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The watched paths and the files that have been behind them
 *
 * A file is (device, inode); a watched path is one file now and another after a rename over it. For each watched file this keeps which identities it had
 * and when, so that an event which is read late still finds the path of its time. Directories (trees) have no single identity; they are
 * kept for the searches of host-path.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct file_identity {
	uint64_t inode;
	uint32_t dev_major, dev_minor;
};

#define WATCH_READS 1u
#define WATCH_CHANGES 2u

struct watch_path {
	const char *path; /* NULL: a rule without path */
	const char *key;  /* NULL: none */
	bool tree;
	unsigned wants; /* WATCH_ bits: what the rule is for */
};

struct watch_paths;

int watch_paths_new(struct watch_paths **ret); /* -ENOMEM */
void watch_paths_free(struct watch_paths *paths);
DEFINE_CLEANUP(struct watch_paths *, watch_paths_free)

/* Replaces the list (copied) and looks at each file; what is known of paths that stay is kept. 0 or -ENOMEM, with the former list in force. */
int watch_paths_set(struct watch_paths *paths, const struct watch_path *list, size_t n,
	int64_t now_msec);

/*
 * A record says that at time_msec something came to the name path, or went from it (identity NULL). Linux 6.18 re-points its watches without a
 * CONFIG_CHANGE record, so this is what keeps an inode that is given to another file from being taken for the watched one.
 */
void watch_paths_changed(struct watch_paths *paths, const char *path,
	const struct file_identity *identity, int64_t time_msec);

/* Looks at the file behind path again, as after the kernel said that it re-pointed the watch. */
void watch_paths_refresh(struct watch_paths *paths, const char *path, int64_t now_msec);

/* Looks at all files of a key again; where that are many, once a second at most. */
void watch_paths_refresh_key(struct watch_paths *paths, const char *key, int64_t now_msec);

/* The watched path that had this identity at time_msec, or NULL, also where several of former times had. What it is believed to be now is looked at before. Borrowed until the next set. */
const char *watch_paths_find(struct watch_paths *paths, const struct file_identity *identity,
	int64_t time_msec, int64_t now_msec);

/* The one path that a rule with this key can have fired for: NULL where it has several, or a tree, or none. */
const char *watch_paths_only(const struct watch_paths *paths, const char *key);

/* The trees of a key (any, where key is NULL), one after another: *position starts at 0. NULL: no more. */
const char *watch_paths_tree(const struct watch_paths *paths, const char *key, size_t *position);

/* Is path, or a directory that it is below, watched for any of wants? *ret_key is the rule's; it may be NULL. Borrowed until the next set. */
bool watch_paths_covering(
	const struct watch_paths *paths, const char *path, unsigned wants, const char **ret_key);

/* Can the file be one that is watched for changes in directory, or a tree's that begins there? Cheap: of a tree only the device is compared. */
bool watch_paths_may_be_in(
	struct watch_paths *paths, const char *directory, const struct file_identity *identity);
