/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/tree-search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MAX_ENTRIES 20000
#define MAX_DEPTH 32
#define PAUSE_MSEC 200

struct tree_search {
	int64_t last_msec;
	unsigned entries_left;
};

int tree_search_new(struct tree_search **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void tree_search_free(struct tree_search *search)
{
	free(search);
}

/* path holds the directory's name (len bytes of it) and grows with each level. Takes over fd. */
static bool walk(struct tree_search *search, int fd, uint64_t inode, unsigned depth, char *path,
	size_t len, size_t size)
{
	DIR *directory = fdopendir(fd);
	bool found = false;

	if (!directory) {
		close(fd);
		return false;
	}
	for (struct dirent *item = readdir(directory); item && !found && search->entries_left > 0;
		item = readdir(directory)) {
		int added, below;

		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		search->entries_left--;
		added = snprintf(path + len, size - len, "/%s", item->d_name);
		if (added < 0 || (size_t)added >= size - len)
			continue;
		found = item->d_ino == inode;
		if (found || item->d_type != DT_DIR || depth == MAX_DEPTH)
			continue;
		below = openat(dirfd(directory), item->d_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			found = walk(search, below, inode, depth + 1, path, len + (size_t)added, size);
	}
	closedir(directory);
	return found;
}

bool tree_search(struct tree_search *search, const char *tree, uint64_t inode, int64_t now_msec,
	char *path, size_t size)
{
	int fd, len = snprintf(path, size, "%s", strcmp(tree, "/") == 0 ? "" : tree);

	if (len < 0 || (size_t)len >= size)
		return false;
	if (now_msec - search->last_msec >= PAUSE_MSEC || now_msec < search->last_msec) {
		search->entries_left = MAX_ENTRIES;
		search->last_msec = now_msec;
	}
	if (search->entries_left == 0)
		return false;
	fd = open(tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && walk(search, fd, inode, 0, path, (size_t)len, size);
}
