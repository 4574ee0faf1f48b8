/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Answers about paths, for a moment
 *
 * A process that writes one file in a loop asks the same question each time. The cache is small, keyed by everything that the answer follows
 * from, and forgets after a second, since mounts and names change; and at once where a record says that a name came or went.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "collect/event.h"

struct host_path;
struct path_cache;

struct path_cache_key {
	const char *container;
	const char *seen;
	uint64_t inode;
	uint32_t dev_major, dev_minor;
	enum path_type type;
};

int path_cache_new(struct path_cache **ret); /* -ENOMEM */
void path_cache_free(struct path_cache *cache);
DEFINE_CLEANUP(struct path_cache *, path_cache_free)

bool path_cache_get(const struct path_cache *cache, const struct path_cache_key *key,
	int64_t now_msec, struct host_path *ret);

void path_cache_forget(struct path_cache *cache);

/* Keeps a copy; without memory it keeps nothing. */
void path_cache_put(struct path_cache *cache, const struct path_cache_key *key, int64_t now_msec,
	const struct host_path *answer);
