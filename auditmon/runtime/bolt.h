/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Reading a bbolt file (go.etcd.io/bbolt), of which Podman before 5.0 keeps its state in one
 *
 * Over the bytes of a whole file, which nobody vouches for: every offset, count and length in it is
 * compared with what is there, and loops end by a limit on depth. A writer does not change the
 * pages of the last transaction that was committed, so bytes that were read while the transaction
 * number stayed the same are one state.
 */

#include <stddef.h>
#include <stdint.h>

struct bolt {
	const uint8_t *bytes; /* borrowed */
	size_t len, page_size;
	uint64_t root;        /* page */
	uint64_t transaction; /* number of the last one that was committed */
};

struct bolt_value {
	const uint8_t *bytes; /* borrowed */
	size_t len;
};

/* Both first pages are needed for that. 0 or -EBADMSG. */
int bolt_open(const uint8_t *bytes, size_t len, struct bolt *ret);

/* How many bytes bolt_open() looks at, at most. */
#define BOLT_HEAD_LEN ((size_t)2 << 16)

/*
 * The value behind a path of n keys, all but the last of which are buckets. 0, -ENOENT (no such
 * key, or a bucket where a value was expected or the other way round), -EBADMSG (broken).
 */
int bolt_get(const struct bolt *bolt, const char *const *keys, size_t n, struct bolt_value *ret);
