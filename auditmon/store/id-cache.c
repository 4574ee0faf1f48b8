/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/id-cache.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define WAYS 4

/* id 0: free, and key is NULL. */
struct entry {
	uint64_t hash;
	int64_t id;
	size_t len;
	void *key;
};

/* entries of one set, the most recently used first; free ones last. */
struct set {
	struct entry entries[WAYS];
};

struct id_cache {
	uint64_t seed;
	size_t n_sets; /* a power of two */
	struct set sets[];
};

int id_cache_new(size_t capacity, struct id_cache **ret)
{
	struct id_cache *cache;
	size_t n_sets = 1;

	while (n_sets * WAYS < capacity)
		n_sets *= 2;
	cache = calloc(1, sizeof(*cache) + n_sets * sizeof(struct set));
	if (!cache)
		return -ENOMEM;
	cache->n_sets = n_sets;
	/* Without randomness collisions can be foreseen, and make the writer slower, not wrong. */
	if (getrandom(&cache->seed, sizeof(cache->seed), GRND_NONBLOCK) < 0)
		cache->seed = 0;
	*ret = cache;
	return 0;
}

void id_cache_clear(struct id_cache *cache)
{
	for (size_t i = 0; i < cache->n_sets; i++) {
		for (size_t way = 0; way < WAYS; way++)
			free(cache->sets[i].entries[way].key);
		cache->sets[i] = (struct set){ 0 };
	}
}

void id_cache_free(struct id_cache *cache)
{
	if (!cache)
		return;
	id_cache_clear(cache);
	free(cache);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0x9e3779b97f4a7c15;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const struct id_cache *cache, const void *key, size_t len)
{
	const char *bytes = key;
	uint64_t hash = mix(cache->seed, len), word;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, bytes, len);
	return mix(mix(hash, word), cache->seed);
}

static struct set *set_of(struct id_cache *cache, uint64_t hash)
{
	return &cache->sets[hash & (cache->n_sets - 1)];
}

static void move_to_front(struct set *set, size_t way)
{
	struct entry entry = set->entries[way];

	memmove(&set->entries[1], &set->entries[0], way * sizeof(entry));
	set->entries[0] = entry;
}

int64_t id_cache_find(struct id_cache *cache, const void *key, size_t len)
{
	struct set *set;
	uint64_t hash;

	if (len > ID_CACHE_KEY_MAX)
		return 0;
	hash = hash_of(cache, key, len);
	set = set_of(cache, hash);
	for (size_t way = 0; way < WAYS && set->entries[way].id; way++) {
		const struct entry *entry = &set->entries[way];

		if (entry->hash == hash && entry->len == len && memcmp(entry->key, key, len) == 0) {
			move_to_front(set, way);
			return set->entries[0].id;
		}
	}
	return 0;
}

void id_cache_add(struct id_cache *cache, const void *key, size_t len, int64_t id)
{
	void *copy = len <= ID_CACHE_KEY_MAX ? malloc(len + 1) : NULL;
	struct set *set;
	uint64_t hash;

	if (!copy)
		return;
	memcpy(copy, key, len);
	hash = hash_of(cache, key, len);
	set = set_of(cache, hash);
	free(set->entries[WAYS - 1].key);
	set->entries[WAYS - 1] = (struct entry){ hash, id, len, copy };
	move_to_front(set, WAYS - 1);
}
