/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/bolt.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* page.go, db.go and bucket.go of go.etcd.io/bbolt 1.3; the byte order is that of the machine. */
#define PAGE_FLAGS_AT 8
#define PAGE_COUNT_AT 10
#define PAGE_OVERFLOW_AT 12
#define PAGE_HEADER_LEN 16
#define PAGE_BRANCH 1u
#define PAGE_LEAF 2u

#define META_MAGIC_AT 0
#define META_VERSION_AT 4
#define META_PAGE_SIZE_AT 8
#define META_ROOT_AT 16
#define META_TRANSACTION_AT 48
#define META_CHECKSUM_AT 56
#define META_LEN 64
#define MAGIC 0xed0cdaedu
#define VERSION 2

#define ELEMENT_LEN 16
#define LEAF_BUCKET 1u
#define BUCKET_LEN 16

#define PAGE_SIZE_MIN 512
#define PAGE_SIZE_MAX 65536
#define DEPTH_MAX 32

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t checksum(const uint8_t *bytes, size_t len)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 1099511628211u;
	return hash;
}

static bool take_meta(struct bolt *bolt, size_t at)
{
	const uint8_t *meta;
	size_t page_size;

	if (at > bolt->len || bolt->len - at < PAGE_HEADER_LEN + META_LEN)
		return false;
	meta = bolt->bytes + at + PAGE_HEADER_LEN;
	page_size = get32(meta + META_PAGE_SIZE_AT);
	if (get32(meta + META_MAGIC_AT) != MAGIC || get32(meta + META_VERSION_AT) != VERSION ||
		page_size < PAGE_SIZE_MIN || page_size > PAGE_SIZE_MAX ||
		(page_size & (page_size - 1)) != 0 || (at != 0 && page_size != at) ||
		get64(meta + META_CHECKSUM_AT) != checksum(meta, META_CHECKSUM_AT))
		return false;
	if (bolt->page_size != 0 && get64(meta + META_TRANSACTION_AT) < bolt->transaction)
		return true;
	bolt->page_size = page_size;
	bolt->root = get64(meta + META_ROOT_AT);
	bolt->transaction = get64(meta + META_TRANSACTION_AT);
	return true;
}

int bolt_open(const uint8_t *bytes, size_t len, struct bolt *ret)
{
	struct bolt bolt = { .bytes = bytes, .len = len };

	/* One of the two may be half written. Where the second is, only a page size tells. */
	take_meta(&bolt, 0);
	for (size_t at = PAGE_SIZE_MIN; at <= PAGE_SIZE_MAX; at *= 2)
		if (bolt.page_size == 0 || bolt.page_size == at)
			take_meta(&bolt, at);
	if (bolt.page_size == 0)
		return -EBADMSG;
	*ret = bolt;
	return 0;
}

/* A page with what overflows from it, or the one within a small bucket's value. */
struct page {
	const uint8_t *bytes;
	size_t len;
	unsigned flags, count;
};

static int take_page(const uint8_t *bytes, size_t len, struct page *ret)
{
	if (len < PAGE_HEADER_LEN)
		return -EBADMSG;
	*ret = (struct page){
		.bytes = bytes,
		.len = len,
		.flags = get16(bytes + PAGE_FLAGS_AT),
		.count = get16(bytes + PAGE_COUNT_AT),
	};
	return ret->count <= (len - PAGE_HEADER_LEN) / ELEMENT_LEN ? 0 : -EBADMSG;
}

static int find_page(const struct bolt *bolt, uint64_t number, struct page *ret)
{
	size_t n_pages = bolt->len / bolt->page_size, n;
	const uint8_t *bytes;

	/* The first two are the metas. */
	if (number < 2 || number >= n_pages)
		return -EBADMSG;
	bytes = bolt->bytes + number * bolt->page_size;
	n = (size_t)get32(bytes + PAGE_OVERFLOW_AT) + 1;
	if (n > n_pages - number)
		return -EBADMSG;
	return take_page(bytes, n * bolt->page_size, ret);
}

/* The key of an element, and what follows it in the page. */
static int take_key(const struct page *page, size_t element_at, size_t key_at, size_t key_len,
	const uint8_t **ret_key, size_t *ret_rest)
{
	size_t left = page->len - element_at;

	if (key_at > left || key_len > left - key_at)
		return -EBADMSG;
	*ret_key = page->bytes + element_at + key_at;
	*ret_rest = left - key_at - key_len;
	return 0;
}

static int compare(const uint8_t *key, size_t len, const char *wanted)
{
	size_t wanted_len = strlen(wanted);
	int difference = memcmp(key, wanted, len < wanted_len ? len : wanted_len);

	return difference ? difference : (len > wanted_len) - (len < wanted_len);
}

/* The page below a branch in which key is, if it is anywhere. */
static int descend(const struct page *page, const char *key, uint64_t *ret)
{
	bool found = false;

	for (unsigned i = 0; i < page->count; i++) {
		size_t at = PAGE_HEADER_LEN + (size_t)i * ELEMENT_LEN, rest;
		const uint8_t *element = page->bytes + at, *name;
		int r = take_key(page, at, get32(element), get32(element + 4), &name, &rest);

		if (r < 0)
			return r;
		if (found && compare(name, get32(element + 4), key) > 0)
			break;
		*ret = get64(element + 8);
		found = true;
	}
	return found ? 0 : -ENOENT;
}

static int find_leaf(
	const struct page *page, const char *key, bool is_bucket, struct bolt_value *ret)
{
	for (unsigned i = 0; i < page->count; i++) {
		size_t at = PAGE_HEADER_LEN + (size_t)i * ELEMENT_LEN, rest, len;
		const uint8_t *element = page->bytes + at, *name;
		size_t name_len = get32(element + 8);
		int r = take_key(page, at, get32(element + 4), name_len, &name, &rest);

		if (r < 0)
			return r;
		if (compare(name, name_len, key) != 0)
			continue;
		len = get32(element + 12);
		if (len > rest)
			return -EBADMSG;
		if (!(get32(element) & LEAF_BUCKET) != !is_bucket)
			return -ENOENT;
		*ret = (struct bolt_value){ name + name_len, len };
		return 0;
	}
	return -ENOENT;
}

/* From a bucket's first page down. */
static int find(const struct bolt *bolt, struct page page, const char *key, bool is_bucket,
	struct bolt_value *ret)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		uint64_t number = 0;
		int r;

		if (page.flags & PAGE_LEAF)
			return find_leaf(&page, key, is_bucket, ret);
		if (!(page.flags & PAGE_BRANCH))
			return -EBADMSG;
		r = descend(&page, key, &number);
		r = r < 0 ? r : find_page(bolt, number, &page);
		if (r < 0)
			return r;
	}
	return -EBADMSG;
}

/* Small buckets lie within their value, behind a header whose root is 0. */
static int open_bucket(const struct bolt *bolt, const struct bolt_value *value, struct page *ret)
{
	uint64_t root;

	if (value->len < BUCKET_LEN)
		return -EBADMSG;
	root = get64(value->bytes);
	if (root != 0)
		return find_page(bolt, root, ret);
	return take_page(value->bytes + BUCKET_LEN, value->len - BUCKET_LEN, ret);
}

int bolt_get(const struct bolt *bolt, const char *const *keys, size_t n, struct bolt_value *ret)
{
	struct bolt_value value = { 0 };
	struct page page;
	int r = find_page(bolt, bolt->root, &page);

	for (size_t i = 0; i < n && r == 0; i++) {
		r = find(bolt, page, keys[i], i + 1 < n, &value);
		if (r == 0 && i + 1 < n)
			r = open_bucket(bolt, &value, &page);
	}
	if (r == 0)
		*ret = value;
	return r;
}
