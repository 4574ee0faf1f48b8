/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Digests of what decides about trust, before and after a change
 *
 * Small files are hashed (SHA-256) at the start and after each change. A record tells of an open or
 * a rename, not of what is written afterwards, so the digest after a change is taken when the file
 * has come to rest: it looks the same for a second, or ten seconds have passed. Touches of one file
 * until then share both digests: what it held before the first of them, and after the last.
 *
 * Reading is bounded in files, in bytes a file and in bytes a tick, and follows no symlink; what is
 * not known has no digest.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/touch.h"

#define DIGEST_LEN 32

struct digests;

struct digest_limits {
	size_t max_files;      /* 0: 1024 */
	size_t max_file_bytes; /* 0: 512 KiB */
	size_t max_tick_bytes; /* hashed in one tick; 0: 8 MiB */
};

/* One touch whose file has come to rest. Borrowed for the call. */
struct digest_pair {
	const char *path;
	bool is_alert; /* flagged, and not suppressed */
	int64_t time_msec;
	uint64_t serial;
	unsigned item;
	const char *node;
	const uint8_t *before, *after; /* NULL: not known, or no file */
};
typedef void (*digest_fn)(const struct digest_pair *pair, void *userdata);

/* root: "" for this host; paths are looked for below it. 0, -ENOMEM, or an error of opening root.
 */
int digests_new(const char *root, const struct digest_limits *limits, struct digests **ret);
void digests_free(struct digests *digests);
DEFINE_CLEANUP(struct digests *, digests_free)

/*
 * Takes in what path holds now, of a directory all files below it on its file system. pattern is a
 * glob(7) of such paths. What is known already is not read again. 0 or -ENOMEM.
 */
int digests_learn(struct digests *digests, const char *pattern);

/* A change: sets touch->digest_before (borrowed until the next call on digests), and waits. */
void digests_touch(struct digests *digests, struct touch *touch, int64_t now_msec);

/* Once a second: tells of the touches whose files are at rest; at_once: of all. */
void digests_tick(
	struct digests *digests, int64_t now_msec, bool at_once, digest_fn fn, void *userdata);

/* Files that are known, and touches that wait. */
size_t digests_count(const struct digests *digests);
size_t digests_waiting(const struct digests *digests);
