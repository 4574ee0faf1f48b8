/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which row has this content?
 *
 * Spares the writer the question to the database for what repeats. A cache, so it may forget: at
 * most capacity keys of at most ID_CACHE_KEY_MAX bytes, the least recently used of a few neighbours
 * goes first. Keys are chosen by outsiders; the worst they can do is to make it forget.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define ID_CACHE_KEY_MAX 512

struct id_cache;

/* capacity is rounded up to a power of two. 0 or -ENOMEM. */
int id_cache_new(size_t capacity, struct id_cache **ret);
void id_cache_free(struct id_cache *cache);
DEFINE_CLEANUP(struct id_cache *, id_cache_free)

/* The id (never 0), or 0: not known here. */
int64_t id_cache_find(struct id_cache *cache, const void *key, size_t len);

/* Copies key. What is too long, or finds no memory, is not kept. */
void id_cache_add(struct id_cache *cache, const void *key, size_t len, int64_t id);

/* Forgets all: the ids were of a transaction that did not happen. */
void id_cache_clear(struct id_cache *cache);
