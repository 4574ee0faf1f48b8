/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Bolt files as bbolt writes them, small: pages 0 and 1 metas, 2 the free list, 3 the root (a leaf
 * with one bucket), 4 that bucket's branch, from 5 on its leaves, each with one bucket that lies
 * within its value. Keys must be put in their order, below one bucket. Include after cmocka.h.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bolt.h"

#define BOLT_FILE_PAGE 1024
#define BOLT_FILE_PAGES 16

struct bolt_file {
	uint8_t bytes[BOLT_FILE_PAGE * BOLT_FILE_PAGES];
	size_t len;
	char bucket[32];
	unsigned n;
	char keys[BOLT_FILE_PAGES][80];
};

static inline struct bolt_file *bolt_file_new(void)
{
	struct bolt_file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	return file;
}

static inline void bolt_file_free(struct bolt_file *file)
{
	free(file);
}

static inline void bolt_put(uint8_t *at, uint64_t value, size_t size)
{
	memcpy(at, &value, size); /* little endian, as the machines that this is tested on */
}

static inline void bolt_file_page(uint8_t *page, unsigned number, unsigned flags, unsigned count)
{
	bolt_put(page, number, 8);
	bolt_put(page + 8, flags, 2);
	bolt_put(page + 10, count, 2);
}

static inline uint8_t *bolt_file_at(struct bolt_file *file, unsigned page)
{
	assert_true(page < BOLT_FILE_PAGES);
	return file->bytes + page * BOLT_FILE_PAGE;
}

/* A leaf's only element: its key and value follow. Returns where the value goes. */
static inline uint8_t *bolt_file_leaf(
	uint8_t *page, unsigned number, const char *key, bool is_bucket, size_t value_len)
{
	bolt_file_page(page, number, 2, 1);
	bolt_put(page + 16, is_bucket, 4);
	bolt_put(page + 20, 16, 4);
	bolt_put(page + 24, strlen(key), 4);
	bolt_put(page + 28, value_len, 4);
	memcpy(page + 32, key, strlen(key));
	return page + 32 + strlen(key);
}

/* pairs: keys and their texts in turn, in the keys' order; NULL behind the last. */
static inline void bolt_file_put_all(
	struct bolt_file *file, const char *bucket, const char *id, const char *const *pairs)
{
	unsigned number = 5 + file->n, n = 0;
	size_t len = 16;
	uint8_t *page, *at;

	for (; pairs[2 * n]; n++)
		len += 16 + strlen(pairs[2 * n]) + strlen(pairs[2 * n + 1]);
	assert_true(32 + strlen(id) + 16 + len <= BOLT_FILE_PAGE);
	strcpy(file->bucket, bucket);
	strcpy(file->keys[file->n++], id);
	page = bolt_file_leaf(bolt_file_at(file, number), number, id, true, 16 + len) + 16;
	bolt_file_page(page, 0, 2, n);
	at = page + 16 + 16 * n;
	for (unsigned i = 0; i < n; i++) {
		const char *key = pairs[2 * i], *text = pairs[2 * i + 1];
		uint8_t *element = page + 16 + 16 * i;

		bolt_put(element + 4, (size_t)(at - element), 4);
		bolt_put(element + 8, strlen(key), 4);
		bolt_put(element + 12, strlen(text), 4);
		memcpy(at, key, strlen(key));
		memcpy(at + strlen(key), text, strlen(text));
		at += strlen(key) + strlen(text);
	}
}

static inline void bolt_file_put(struct bolt_file *file, const char *bucket, const char *id,
	const char *key, const char *text)
{
	bolt_file_put_all(file, bucket, id, (const char *const[]){ key, text, NULL });
}

static inline void bolt_file_meta(
	struct bolt_file *file, unsigned number, uint64_t transaction, uint64_t root)
{
	uint8_t *page = bolt_file_at(file, number), *meta = page + 16;
	uint64_t hash = 14695981039346656037u;

	bolt_file_page(page, number, 4, 0);
	bolt_put(meta, 0xed0cdaed, 4);
	bolt_put(meta + 4, 2, 4);
	bolt_put(meta + 8, BOLT_FILE_PAGE, 4);
	bolt_put(meta + 16, root, 8);
	bolt_put(meta + 32, 2, 8);
	bolt_put(meta + 48, transaction, 8);
	for (size_t i = 0; i < 56; i++)
		hash = (hash ^ meta[i]) * 1099511628211u;
	bolt_put(meta + 56, hash, 8);
}

static inline void bolt_file_finish(struct bolt_file *file, uint64_t transaction)
{
	uint8_t *branch = bolt_file_at(file, 4), *names = branch + 16 + 16 * file->n;

	file->len = BOLT_FILE_PAGE * (5 + file->n);
	bolt_put(bolt_file_leaf(bolt_file_at(file, 3), 3, file->bucket, true, 16), 4, 8);
	bolt_file_page(branch, 4, 1, file->n);
	for (unsigned i = 0; i < file->n; i++) {
		uint8_t *element = branch + 16 + 16 * i;

		bolt_put(element, (size_t)(names - element), 4);
		bolt_put(element + 4, strlen(file->keys[i]), 4);
		bolt_put(element + 8, 5 + i, 8);
		memcpy(names, file->keys[i], strlen(file->keys[i]));
		names += strlen(file->keys[i]);
	}
	bolt_file_page(bolt_file_at(file, 2), 2, 16, 0);
	bolt_file_meta(file, 0, transaction, 3);
	bolt_file_meta(file, 1, transaction - 1, 3);
}
