/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_LINKS 40 /* the kernel's own limit (path_resolution(7)) */

/* Where it has come to, and what is still to go. The place is a directory unless nothing is to go.
 */
struct walk {
	const struct mounts *mounts;
	bool follow;
	int fd;
	char *name; /* of the place, "" for the root */
	size_t name_len;
	char rest[PATH_WALK_SIZE];
	unsigned n_links;
};

static int go_to(struct walk *walk, int fd)
{
	if (fd < 0)
		return -errno;
	closep(&walk->fd);
	walk->fd = fd;
	return 0;
}

static int go_to_root(struct walk *walk)
{
	walk->name_len = 0;
	walk->name[0] = '\0';
	return go_to(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The name alone; false where it becomes too long. */
static bool name_down(struct walk *walk, const char *component)
{
	int len = snprintf(
		walk->name + walk->name_len, PATH_WALK_SIZE - walk->name_len, "/%s", component);

	if (len < 0 || (size_t)len >= PATH_WALK_SIZE - walk->name_len)
		return false;
	walk->name_len += (size_t)len;
	return true;
}

static void name_up(struct walk *walk)
{
	while (walk->name_len > 0 && walk->name[--walk->name_len] != '/')
		;
	walk->name[walk->name_len] = '\0';
}

static int go_up(struct walk *walk)
{
	if (walk->name_len == 0)
		return 0;
	name_up(walk);
	return go_to(walk, openat(walk->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Of a link in /proc the text may be a mere description of what it leads to. */
static bool is_in_proc(int directory_fd)
{
	struct statfs st;

	return fstatfs(directory_fd, &st) < 0 || st.f_type == PROC_SUPER_MAGIC;
}

/* What is to go becomes the link's text and what followed the link. */
static int follow_link(struct walk *walk, int link_fd)
{
	char target[PATH_MAX], rest[PATH_WALK_SIZE];
	ssize_t len = readlinkat(link_fd, "", target, sizeof(target) - 1);
	int n;

	if (len < 0)
		return -errno;
	if (len == 0 || ++walk->n_links > MAX_LINKS)
		return len == 0 ? -ENOENT : -ELOOP;
	if (is_in_proc(walk->fd))
		return -EXDEV;
	target[len] = '\0';
	n = snprintf(rest, sizeof(rest), "%s%s%s", target, walk->rest[0] ? "/" : "", walk->rest);
	if (n < 0 || (size_t)n >= sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(walk->rest, rest);
	return target[0] == '/' ? go_to_root(walk) : 0;
}

static int go_down(struct walk *walk, const char *component)
{
	_cleanup_(closep) int fd = -1;
	bool is_last = walk->rest[0] == '\0';
	struct stat st;

	if (!name_down(walk, component))
		return -ENAMETOOLONG;
	if (walk->mounts && mounts_asks_at(walk->mounts, walk->name))
		return -EXDEV;
	/* Most are directories: then nothing more is to be asked. */
	if (!is_last) {
		fd = openat(walk->fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || errno != ENOTDIR)
			return go_to(walk, TAKE_FD(fd));
	}
	fd = openat(walk->fd, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_last && !walk->follow)
		return go_to(walk, TAKE_FD(fd));
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode)) {
		name_up(walk);
		return follow_link(walk, fd);
	}
	return is_last ? go_to(walk, TAKE_FD(fd)) : -ENOTDIR;
}

/* The next component, out of what is to go; false at the end. */
static bool next_component(struct walk *walk, char component[NAME_MAX + 1], int *ret_error)
{
	const char *at = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(at, "/");
	const char *next = at + len + strspn(at + len, "/");

	*ret_error = len > NAME_MAX ? -ENAMETOOLONG : 0;
	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(component, at, len);
	component[len] = '\0';
	memmove(walk->rest, next, strlen(next) + 1);
	return true;
}

int path_walk(
	const struct mounts *mounts, const char *path, bool follow, char canonical[PATH_WALK_SIZE])
{
	struct walk walk = { .mounts = mounts, .follow = follow, .fd = -1, .name = canonical };
	char component[NAME_MAX + 1];
	int r, error;

	if (path[0] != '/')
		return -EINVAL;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	r = go_to_root(&walk);
	while (r == 0 && next_component(&walk, component, &error)) {
		if (strcmp(component, "..") == 0)
			r = go_up(&walk);
		else if (strcmp(component, ".") != 0)
			r = go_down(&walk, component);
	}
	r = r < 0 ? r : error;
	if (r < 0) {
		closep(&walk.fd);
		return r;
	}
	if (canonical[0] == '\0')
		strcpy(canonical, "/");
	return walk.fd;
}
