/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/tree-search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mounts.h"
#include "base/path-walk.h"

#define MAX_TREES 64
/* Of all trees together. */
#define MAX_ENTRIES 50000
#define MAX_TEXT ((size_t)4 << 20)
#define MAX_ADDED 256
#define MAX_DEPTH 32

/* A walk is repeated after this pause, and after ten times as long as it took. */
#define PAUSE_MSEC 200
#define PAUSE_FACTOR 10

struct entry {
	uint64_t inode;
	uint32_t path; /* below the tree, "" or "/...": where in text */
};

/* The entries up to n_sorted are sorted by inode; those that came later are MAX_ADDED at most. */
struct tree {
	char *path;
	struct entry *entries;
	size_t n, n_sorted, room;
	char *text;
	size_t text_len, text_room;
	size_t n_most, text_most;
	int64_t walked_msec, pause_msec; /* 0: never */
	const struct mounts *mounts;     /* borrowed for a walk */
};

struct tree_search {
	struct tree trees[MAX_TREES];
	size_t n;
};

int tree_search_new(struct tree_search **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void tree_search_free(struct tree_search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < search->n; i++) {
		free(search->trees[i].path);
		free(search->trees[i].entries);
		free(search->trees[i].text);
	}
	free(search);
}

static bool make_room(void **block, size_t *room, size_t wanted, size_t size)
{
	size_t larger = *room ? *room * 2 : 1024;
	void *grown;

	if (wanted <= *room)
		return true;
	if (larger < wanted)
		larger = wanted;
	grown = reallocarray(*block, larger, size);
	if (!grown)
		return false;
	*block = grown;
	*room = larger;
	return true;
}

/* False at a bound. */
static bool add(struct tree *tree, const char *path, uint64_t inode)
{
	size_t len = strlen(path) + 1;

	if (tree->n >= tree->n_most || tree->text_len + len > tree->text_most ||
		!make_room((void **)&tree->entries, &tree->room, tree->n + 1,
			sizeof(*tree->entries)) ||
		!make_room((void **)&tree->text, &tree->text_room, tree->text_len + len, 1))
		return false;
	tree->entries[tree->n++] = (struct entry){ inode, (uint32_t)tree->text_len };
	memcpy(tree->text + tree->text_len, path, len);
	tree->text_len += len;
	return true;
}

/* See base/path-walk.h. */
static bool may_enter(const struct tree *tree, const char *below)
{
	char path[2 * PATH_MAX];

	if (!tree->mounts || tree->mounts->n_asking == 0)
		return true;
	return snprintf(path, sizeof(path), "%s%s", strcmp(tree->path, "/") == 0 ? "" : tree->path,
		       below) < (int)sizeof(path) &&
	       !mounts_asks_at(tree->mounts, path);
}

/* path holds the directory's name below the tree (len bytes of it) and grows with each level. Takes
 * over fd. False at a bound. */
static bool walk(struct tree *tree, int fd, unsigned depth, char path[PATH_MAX], size_t len)
{
	DIR *directory = fdopendir(fd);
	bool goes_on = true;
	struct stat st;

	if (!directory) {
		close(fd);
		return true;
	}
	/* The entry of a mount point has the inode of what is hidden. */
	path[len] = '\0';
	if (fstat(dirfd(directory), &st) == 0)
		goes_on = add(tree, path, st.st_ino);
	for (struct dirent *item = readdir(directory); item && goes_on; item = readdir(directory)) {
		int added, below;

		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		added = snprintf(path + len, PATH_MAX - len, "/%s", item->d_name);
		if (added < 0 || (size_t)added >= PATH_MAX - len)
			continue;
		if (item->d_type != DT_DIR || depth == MAX_DEPTH) {
			goes_on = add(tree, path, item->d_ino);
			continue;
		}
		below = !may_enter(tree, path)
				? -1
				: openat(dirfd(directory), item->d_name,
					  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			goes_on = walk(tree, below, depth + 1, path, len + (size_t)added);
	}
	closedir(directory);
	return goes_on;
}

static int compare(const void *a, const void *b)
{
	const struct entry *first = a, *second = b;

	return (first->inode > second->inode) - (first->inode < second->inode);
}

static void sort(struct tree *tree)
{
	qsort(tree->entries, tree->n, sizeof(*tree->entries), compare);
	tree->n_sorted = tree->n;
}

static int64_t monotonic_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What the other trees leave; where that is little they are forgotten until it is their turn. */
static void allot(struct tree_search *search, struct tree *tree)
{
	size_t n = 0, text_len = 0;

	tree->n = tree->n_sorted = tree->text_len = 0;
	for (size_t i = 0; i < search->n; i++) {
		n += search->trees[i].n;
		text_len += search->trees[i].text_len;
	}
	for (size_t i = 0; (n > MAX_ENTRIES / 2 || text_len > MAX_TEXT / 2) && i < search->n; i++) {
		n -= search->trees[i].n;
		text_len -= search->trees[i].text_len;
		search->trees[i].n = search->trees[i].n_sorted = search->trees[i].text_len = 0;
		search->trees[i].n_most = search->trees[i].text_most = 0;
	}
	tree->n_most = MAX_ENTRIES - n;
	tree->text_most = MAX_TEXT - text_len;
}

static int open_root(const struct mounts *mounts, const char *path)
{
	char canonical[PATH_WALK_SIZE];
	_cleanup_(closep) int fd = path_walk(mounts, path, false, canonical);

	return fd < 0 ? fd : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* True where it was walked. */
static bool walk_again(struct tree_search *search, const struct mounts *mounts, struct tree *tree,
	int64_t now_msec)
{
	int64_t begun_msec = monotonic_msec();
	char path[PATH_MAX];
	int fd;

	if (tree->walked_msec != 0 && now_msec >= tree->walked_msec &&
		now_msec - tree->walked_msec < tree->pause_msec)
		return false;
	fd = open_root(mounts, tree->path);
	if (fd < 0)
		return false;
	allot(search, tree);
	tree->mounts = mounts;
	walk(tree, fd, 0, path, 0);
	tree->mounts = NULL;
	sort(tree);
	/* Some room for what is added, and for the next tree. */
	tree->n_most = tree->n_most < tree->n + MAX_ADDED ? tree->n_most : tree->n + MAX_ADDED;
	tree->walked_msec = now_msec;
	tree->pause_msec = PAUSE_MSEC + PAUSE_FACTOR * (monotonic_msec() - begun_msec);
	return true;
}

static bool is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return name && slash && strcmp(slash + 1, name) == 0;
}

/* named: only those with that name, or only the others. */
static bool try_entry(const struct tree *tree, const struct entry *entry, const char *name,
	bool named, tree_search_fn verify, void *userdata)
{
	const char *below = tree->text + entry->path;
	char path[2 * PATH_MAX];
	int len;

	if (is_named(below, name) != named)
		return false;
	len = snprintf(path, sizeof(path), "%s%s",
		strcmp(tree->path, "/") == 0 && below[0] ? "" : tree->path, below);
	return len < (int)sizeof(path) && verify(path, userdata);
}

static bool try_all(const struct tree *tree, uint64_t inode, const char *name, bool named,
	tree_search_fn verify, void *userdata)
{
	size_t low = 0, high = tree->n_sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tree->entries[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < tree->n_sorted && tree->entries[low].inode == inode; low++)
		if (try_entry(tree, &tree->entries[low], name, named, verify, userdata))
			return true;
	for (size_t i = tree->n; i > tree->n_sorted; i--)
		if (tree->entries[i - 1].inode == inode &&
			try_entry(tree, &tree->entries[i - 1], name, named, verify, userdata))
			return true;
	return false;
}

static bool try_tree(const struct tree *tree, uint64_t inode, const char *name,
	tree_search_fn verify, void *userdata)
{
	return (name && try_all(tree, inode, name, true, verify, userdata)) ||
	       try_all(tree, inode, name, false, verify, userdata);
}

static struct tree *find_tree(struct tree_search *search, const char *path)
{
	struct tree *tree;

	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->trees[i].path, path) == 0)
			return &search->trees[i];
	if (search->n == MAX_TREES)
		return NULL;
	tree = &search->trees[search->n];
	tree->path = strdup(path);
	search->n += tree->path != NULL;
	return tree->path ? tree : NULL;
}

bool tree_search(struct tree_search *search, const struct mounts *mounts, const char *tree_path,
	uint64_t inode, const char *name, int64_t now_msec, tree_search_fn verify, void *userdata)
{
	struct tree *tree = find_tree(search, tree_path);

	if (!tree)
		return false;
	return try_tree(tree, inode, name, verify, userdata) ||
	       (walk_again(search, mounts, tree, now_msec) &&
		       try_tree(tree, inode, name, verify, userdata));
}

void tree_search_add(struct tree_search *search, const char *path, uint64_t inode)
{
	for (size_t i = 0; i < search->n; i++) {
		struct tree *tree = &search->trees[i];

		if (tree->walked_msec == 0 || !path_is_below(path, tree->path))
			continue;
		add(tree, path + (strcmp(tree->path, "/") == 0 ? 0 : strlen(tree->path)), inode);
	}
}
