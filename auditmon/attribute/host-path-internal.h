/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The resolver of host paths from the inside: host-path.c (the ways to a name),
 * host-path-verify.c (is it that file?)
 */

#include <stdint.h>

#include "attribute/host-path.h"

struct host_mounts;
struct mounts;
struct path_cache;
struct tree_search;

struct path_resolver {
	struct host_mounts *mounts;
	const struct mounts
		*host; /* borrowed from them, for the question at hand; NULL: not known */
	struct watch_paths *watched;
	struct path_cache *cache;
	struct tree_search *search;
	int64_t clock_slack_msec;
};

/* One question, as the steps below share it. */
struct question {
	struct path_resolver *resolver;
	const struct container *container;
	const struct event_path *item;
	const struct event_path *parent;
	const char *seen;
	bool absolute;               /* seen is */
	char normal[HOST_PATH_SIZE]; /* seen, without "." and ".."; begins with '/' in any case */
	const char *key;
	int64_t time_msec, now_msec; /* of the event; of the answer */
	bool by_inode;               /* no name has led to what is looked at */
	struct host_path *answer;
};

/* Then the name is what the record is about, and the file behind it may be another one by now. */
bool path_came_or_went(const struct event_path *item);

/*
 * The item that says on which device it was; NULL: none does. Of what came or went that is the
 * directory: what is removed from an overlay is told with the identity that it had in the layer
 * below (may_delete() in fs/namei.c is called for both).
 */
const struct event_path *path_on_device(const struct question *question);

/* Is candidate, an absolute name of the host's, what the question is about? Then it is the answer,
 * by identity. */
bool path_verify(struct question *question, const char *candidate);

/* The same of what rest, "" or with or without a '/' at its begin, is in directory. */
bool path_verify_joined(struct question *question, const char *directory, const char *rest);
