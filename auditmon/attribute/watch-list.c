/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/watch-list.h"

#include <errno.h>
#include <string.h>

void watch_list_done(struct watch_list *list)
{
	for (size_t i = 0; list->items && i < list->n; i++) {
		free(list->items[i].path);
		free(list->items[i].key);
	}
	free(list->items);
	free(list->trees);
	chains_done(&list->by_path);
	chains_done(&list->by_key);
	chains_done(&list->by_identity);
	*list = (struct watch_list){ 0 };
}

int watch_list_init(struct watch_list *list, size_t n)
{
	int r;

	*list = (struct watch_list){
		.items = calloc(n + 1, sizeof(*list->items)),
		.trees = calloc(n + 1, sizeof(*list->trees)),
		.n = n,
	};
	r = list->items && list->trees ? 0 : -ENOMEM;
	r = r < 0 ? r : chains_init(&list->by_path, n);
	r = r < 0 ? r : chains_init(&list->by_key, n);
	r = r < 0 ? r : chains_init(&list->by_identity, n * N_IDENTITIES);
	if (r < 0)
		watch_list_done(list);
	return r;
}

bool identity_equal(const struct file_identity *a, const struct file_identity *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

uint64_t identity_hash(const struct file_identity *identity)
{
	return identity->inode * UINT64_C(0x9e3779b97f4a7c15);
}

static void link_identity(struct watch_list *list, const struct watched *watched, size_t i)
{
	const struct file_identity *identity = &watched->identities[i].identity;

	if (identity->inode != 0)
		chains_link(
			&list->by_identity, identity_hash(identity), watched->identities[i].node);
}

void watch_list_replace(struct watch_list *list, struct watched *watched,
	const struct file_identity *identity, int64_t until_msec, int64_t from_msec)
{
	const struct file_identity *oldest = &watched->identities[N_FORMER].identity;
	uint32_t node = watched->identities[N_FORMER].node;

	if (oldest->inode != 0)
		chains_unlink(&list->by_identity, identity_hash(oldest), node);
	memmove(&watched->identities[1], &watched->identities[0],
		N_FORMER * sizeof(watched->identities[0]));
	watched->identities[1].until_msec = until_msec;
	watched->identities[0].identity = *identity;
	watched->identities[0].from_msec = from_msec;
	watched->identities[0].until_msec = INT64_MAX;
	watched->identities[0].node = node;
	link_identity(list, watched, 0);
}

static char *copy_or_null(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

struct watched *watch_list_next_of_path(
	const struct watch_list *list, const char *path, size_t len, const struct watched *former)
{
	uint32_t i = former ? chains_next(&list->by_path, (uint32_t)(former - list->items))
			    : chains_first(&list->by_path, chains_hash(path, len));

	for (; i != CHAIN_END; i = chains_next(&list->by_path, i))
		if (strncmp(list->items[i].path, path, len) == 0 && !list->items[i].path[len])
			return &list->items[i];
	return NULL;
}

struct watched *watch_list_next_of_key(
	const struct watch_list *list, const char *key, const struct watched *former)
{
	uint32_t i = former ? chains_next(&list->by_key, (uint32_t)(former - list->items))
			    : chains_first(&list->by_key, chains_hash(key, strlen(key)));

	for (; i != CHAIN_END; i = chains_next(&list->by_key, i))
		if (strcmp(list->items[i].key, key) == 0)
			return &list->items[i];
	return NULL;
}

/* What is known of the path from before. */
static void take_over(
	const struct watch_list *former, struct watch_list *list, struct watched *watched)
{
	uint32_t first_node = (uint32_t)(watched - list->items) * N_IDENTITIES;

	if (watched->path)
		EACH_OF_PATH(former, watched->path, same_path)
		{
			memcpy(watched->identities, same_path->identities,
				sizeof(watched->identities));
			watched->seen_msec = same_path->seen_msec;
		}
	for (size_t i = 0; i < N_IDENTITIES; i++) {
		watched->identities[i].node = first_node + (uint32_t)i;
		link_identity(list, watched, i);
	}
}

int watch_list_fill(
	struct watch_list *list, const struct watch_path *from, const struct watch_list *former)
{
	bool failed = false;

	for (size_t i = 0; i < list->n; i++) {
		struct watched *watched = &list->items[i];

		watched->tree = from[i].tree;
		watched->wants = from[i].wants;
		watched->path = copy_or_null(from[i].path, &failed);
		watched->key = copy_or_null(from[i].key, &failed);
		if (failed)
			return -ENOMEM;
		if (watched->path)
			chains_link(&list->by_path,
				chains_hash(watched->path, strlen(watched->path)), (uint32_t)i);
		if (watched->key)
			chains_link(&list->by_key, chains_hash(watched->key, strlen(watched->key)),
				(uint32_t)i);
		if (watched->tree)
			list->trees[list->n_trees++] = i;
		take_over(former, list, watched);
	}
	return 0;
}

struct watched *watch_list_of_node(const struct watch_list *list, uint32_t node)
{
	return &list->items[node / N_IDENTITIES];
}

static bool lived(const struct watched *watched, size_t i, const struct file_identity *identity,
	int64_t time_msec)
{
	return identity_equal(&watched->identities[i].identity, identity) &&
	       watched->identities[i].from_msec <= time_msec &&
	       watched->identities[i].until_msec > time_msec;
}

const char *watch_list_present(
	const struct watch_list *list, const struct file_identity *identity, int64_t time_msec)
{
	const struct watched *found = NULL;

	for (uint32_t node = chains_first(&list->by_identity, identity_hash(identity));
		node != CHAIN_END; node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = watch_list_of_node(list, node);

		if (lived(watched, 0, identity, time_msec) && (!found || watched < found))
			found = watched;
	}
	return found ? found->path : NULL;
}

const char *watch_list_former(
	const struct watch_list *list, const struct file_identity *identity, int64_t time_msec)
{
	const char *found = NULL;

	for (uint32_t node = chains_first(&list->by_identity, identity_hash(identity));
		node != CHAIN_END; node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = watch_list_of_node(list, node);

		for (size_t j = 1; j <= N_FORMER; j++) {
			if (!lived(watched, j, identity, time_msec))
				continue;
			if (found && strcmp(found, watched->path) != 0)
				return NULL;
			found = watched->path;
		}
	}
	return found;
}
