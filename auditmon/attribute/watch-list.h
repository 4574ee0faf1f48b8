/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The list of what is watched, and the ways into it
 *
 * The private part of watch-paths.h: entries by path, by key and by each identity that they have or
 * had. It looks at no file; what watch-paths.c saw is put into it.
 */

#include <string.h>

#include "attribute/chains.h"
#include "attribute/watch-paths.h"

#define N_FORMER 4
#define N_IDENTITIES (1 + N_FORMER)

/*
 * identities[0] is the present one, last seen to be so at seen_msec; the others ended with the
 * millisecond in which they were last seen, or when a record said so: changes come in the order of
 * the events, so what a record has ended is over even within its millisecond. What was found by
 * looking, without a record, counts from when its forerunner was seen last, or it was born.
 * node is each identity's own for as long as it is kept; it is in a chain where there is a file.
 */
struct watched {
	char *path, *key;
	bool tree;
	unsigned wants;
	int64_t seen_msec;
	int64_t key_refreshed_msec; /* of the key's first only */
	struct {
		struct file_identity identity; /* inode 0: no file */
		int64_t from_msec, until_msec;
		uint32_t node;
	} identities[N_IDENTITIES];
};

/*
 * Thousands may be watched, and each event asks, so nothing is searched from end to end: by_path
 * and by_key have the position of an entry for its node, by_identity N_IDENTITIES nodes for each.
 */
struct watch_list {
	struct watched *items;
	size_t n;
	struct chains by_path, by_key, by_identity;
	size_t *trees; /* positions */
	size_t n_trees;
};

bool identity_equal(const struct file_identity *a, const struct file_identity *b);
uint64_t identity_hash(const struct file_identity *identity);

/* n entries without anything in them, then the list in the order of the rules, so that the first of
 * a chain is the last of them; of paths that stay, what former knew is kept. 0 or -ENOMEM. */
int watch_list_init(struct watch_list *list, size_t n);
int watch_list_fill(
	struct watch_list *list, const struct watch_path *from, const struct watch_list *former);
void watch_list_done(struct watch_list *list);

/* Another file (inode 0: none) is at the path from from_msec on; the former was until until_msec.
 */
void watch_list_replace(struct watch_list *list, struct watched *watched,
	const struct file_identity *identity, int64_t until_msec, int64_t from_msec);

/* The next entry with that path or key, from the first (NULL) on. */
struct watched *watch_list_next_of_path(
	const struct watch_list *list, const char *path, size_t len, const struct watched *former);
struct watched *watch_list_next_of_key(
	const struct watch_list *list, const char *key, const struct watched *former);

/* Whose is the node of by_identity? */
struct watched *watch_list_of_node(const struct watch_list *list, uint32_t node);

/* The path that has the identity and had it then: of links that are all watched, the first. And the
 * one path that had it; where several had, which one is not to be said. NULL: none. */
const char *watch_list_present(
	const struct watch_list *list, const struct file_identity *identity, int64_t time_msec);
const char *watch_list_former(
	const struct watch_list *list, const struct file_identity *identity, int64_t time_msec);

#define EACH_OF_PATH(list, text, each)                                                             \
	for (struct watched *each = watch_list_next_of_path(list, text, strlen(text), NULL); each; \
		each = watch_list_next_of_path(list, text, strlen(text), each))
#define EACH_OF_KEY(list, text, each)                                                              \
	for (struct watched *each = watch_list_next_of_key(list, text, NULL); each;                \
		each = watch_list_next_of_key(list, text, each))
