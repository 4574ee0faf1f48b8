/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/path-cache.h"

#include <errno.h>
#include <string.h>

#include "attribute/host-path.h"

#define N_SLOTS 256
#define MAX_AGE_MSEC 1000

struct slot {
	struct path_cache_key key; /* its strings stand in text, before the path */
	int64_t since_msec;
	uint64_t generation;
	enum path_by by;
	bool container_own_file;
	const char *path;
	char *text;
};

/* Slots of another generation are empty. */
struct path_cache {
	uint64_t generation;
	struct slot slots[N_SLOTS];
};

int path_cache_new(struct path_cache **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void path_cache_free(struct path_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < N_SLOTS; i++)
		free(cache->slots[i].text);
	free(cache);
}

static size_t slot_of(const struct path_cache_key *key)
{
	uint64_t hash = key->inode * 0x9e3779b97f4a7c15ull ^ key->dev_minor ^ (uint64_t)key->type << 32;

	for (const char *c = key->seen; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211ull;
	for (const char *c = key->container; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211ull;
	return (hash ^ hash >> 32) % N_SLOTS;
}

bool path_cache_get(const struct path_cache *cache, const struct path_cache_key *key,
	int64_t now_msec, struct host_path *ret)
{
	const struct slot *slot = &cache->slots[slot_of(key)];

	if (!slot->text || slot->generation != cache->generation || now_msec < slot->since_msec || now_msec - slot->since_msec > MAX_AGE_MSEC ||
		slot->key.inode != key->inode || slot->key.dev_major != key->dev_major ||
		slot->key.dev_minor != key->dev_minor || slot->key.type != key->type ||
		strcmp(slot->key.seen, key->seen) != 0 ||
		strcmp(slot->key.container, key->container) != 0)
		return false;
	strcpy(ret->path, slot->path);
	ret->by = slot->by;
	ret->container_own_file = slot->container_own_file;
	return true;
}

void path_cache_forget(struct path_cache *cache)
{
	cache->generation++;
}

void path_cache_put(struct path_cache *cache, const struct path_cache_key *key, int64_t now_msec,
	const struct host_path *answer)
{
	struct slot *slot = &cache->slots[slot_of(key)];
	size_t container_len = strlen(key->container) + 1, seen_len = strlen(key->seen) + 1;
	char *text = malloc(container_len + seen_len + strlen(answer->path) + 1);

	free(slot->text);
	slot->text = text;
	if (!text)
		return;
	slot->key = *key;
	slot->key.container = text;
	slot->key.seen = text + container_len;
	slot->path = text + container_len + seen_len;
	memcpy(text, key->container, container_len);
	memcpy(text + container_len, key->seen, seen_len);
	strcpy(text + container_len + seen_len, answer->path);
	slot->since_msec = now_msec;
	slot->generation = cache->generation;
	slot->by = answer->by;
	slot->container_own_file = answer->container_own_file;
}
