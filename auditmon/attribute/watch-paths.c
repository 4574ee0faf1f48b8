/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/watch-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/host-mounts.h"
#include "base/path-walk.h"

#define N_FORMER 4

/*
 * identities[0] is the present one, last seen to be so at seen_msec; the others ended with the
 * millisecond in which they were last seen, or when a record said so: changes come in the order of
 * the events, so what a record has ended is over even within its millisecond. What was found by
 * looking, without a record, counts from when its forerunner was seen last, or it was born.
 */
struct watched {
	char *path, *key;
	bool tree;
	unsigned wants;
	int64_t seen_msec;
	struct {
		struct file_identity identity; /* inode 0: no file */
		int64_t from_msec, until_msec;
	} identities[1 + N_FORMER];
};

struct watch_paths {
	struct watched *list;
	size_t n;
	struct host_mounts *mounts;
};

int watch_paths_new(struct watch_paths **ret)
{
	_cleanup_(watch_paths_freep) struct watch_paths *paths = calloc(1, sizeof(*paths));
	int r = paths ? host_mounts_new("/proc", &paths->mounts) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = TAKE(paths);
	return 0;
}

static void free_list(struct watched *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].path);
		free(list[i].key);
	}
	free(list);
}

void watch_paths_free(struct watch_paths *paths)
{
	if (!paths)
		return;
	free_list(paths->list, paths->n);
	host_mounts_free(paths->mounts);
	free(paths);
}

static bool same(const struct file_identity *a, const struct file_identity *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

static void replace(struct watched *watched, const struct file_identity *identity,
	int64_t until_msec, int64_t from_msec)
{
	memmove(&watched->identities[1], &watched->identities[0],
		N_FORMER * sizeof(watched->identities[0]));
	watched->identities[1].until_msec = until_msec;
	watched->identities[0].identity = *identity;
	watched->identities[0].from_msec = from_msec;
	watched->identities[0].until_msec = INT64_MAX;
}

/*
 * The name itself: of a symlink, not what it leads to. Where something is mounted that may make us
 * wait, the way there is gone with care. 0, -EXDEV (not to be had without waiting) or another
 * error.
 */
static int ask(struct watch_paths *paths, const char *path, unsigned mask, struct statx *ret)
{
	const struct mounts *mounts = host_mounts_now(paths->mounts);
	_cleanup_(closep) int fd = -1;
	char canonical[PATH_WALK_SIZE];

	if (!mounts || mounts->n_asking == 0)
		return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, mask, ret) < 0 ? -errno : 0;
	fd = path_walk(mounts, path, false, canonical);
	if (fd < 0)
		return fd;
	return statx(fd, "", AT_EMPTY_PATH, mask, ret) < 0 ? -errno : 0;
}

/* A watch is of the name itself, too (audit_get_nd(), kernel/audit_watch.c). */
static void look(struct watch_paths *paths, struct watched *watched, int64_t now_msec)
{
	struct file_identity identity = { 0 };
	int64_t from_msec = watched->seen_msec, birth_msec = 0;
	struct statx stx;
	int r;

	if (!watched->path || watched->tree)
		return;
	r = ask(paths, watched->path, STATX_INO | STATX_BTIME, &stx);
	if (r == -EXDEV)
		return;
	if (r == 0) {
		identity = (struct file_identity){
			.inode = stx.stx_ino,
			.dev_major = stx.stx_dev_major,
			.dev_minor = stx.stx_dev_minor,
		};
		birth_msec = file_birth_msec(&stx, now_msec);
	}
	birth_msec -= file_clock_slack_msec();
	if (!same(&identity, &watched->identities[0].identity))
		replace(watched, &identity, watched->seen_msec + 1,
			birth_msec > from_msec ? birth_msec : from_msec);
	if (now_msec > watched->seen_msec)
		watched->seen_msec = now_msec;
}

static char *copy_or_null(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

static void take_over(struct watched *watched, const struct watched *former)
{
	memcpy(watched->identities, former->identities, sizeof(watched->identities));
	watched->seen_msec = former->seen_msec;
}

int watch_paths_set(struct watch_paths *paths, const struct watch_path *list, size_t n,
	int64_t now_msec)
{
	struct watched *fresh = calloc(n ? n : 1, sizeof(*fresh));
	bool failed = !fresh;

	for (size_t i = 0; !failed && i < n; i++) {
		fresh[i].tree = list[i].tree;
		fresh[i].wants = list[i].wants;
		fresh[i].path = copy_or_null(list[i].path, &failed);
		fresh[i].key = copy_or_null(list[i].key, &failed);
		for (size_t j = 0; list[i].path && j < paths->n; j++)
			if (paths->list[j].path && strcmp(paths->list[j].path, list[i].path) == 0)
				take_over(&fresh[i], &paths->list[j]);
	}
	if (failed) {
		if (fresh)
			free_list(fresh, n);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		bool first = fresh[i].identities[0].until_msec == 0;

		look(paths, &fresh[i], now_msec);
		/* What is there when the watch begins has been there before. */
		if (first) {
			fresh[i].identities[0].from_msec = INT64_MIN;
			fresh[i].identities[0].until_msec = INT64_MAX;
		}
	}
	free_list(paths->list, paths->n);
	paths->list = fresh;
	paths->n = n;
	return 0;
}

void watch_paths_changed(struct watch_paths *paths, const char *path,
	const struct file_identity *identity, int64_t time_msec)
{
	const struct file_identity none = { 0 };

	for (size_t i = 0; i < paths->n; i++) {
		struct watched *watched = &paths->list[i];

		if (!watched->path || watched->tree || strcmp(watched->path, path) != 0)
			continue;
		replace(watched, identity ? identity : &none, time_msec, time_msec);
		/* Looking may have met this change before its record was read, and ended its forerunner
		 * with the millisecond. */
		for (size_t j = 1; j <= N_FORMER; j++)
			if (watched->identities[j].until_msec > time_msec)
				watched->identities[j].until_msec = time_msec;
		if (time_msec > watched->seen_msec)
			watched->seen_msec = time_msec;
	}
}

void watch_paths_refresh(struct watch_paths *paths, const char *path, int64_t now_msec)
{
	for (size_t i = 0; i < paths->n; i++)
		if (paths->list[i].path && strcmp(paths->list[i].path, path) == 0)
			look(paths, &paths->list[i], now_msec);
}

static bool has_key(const struct watched *watched, const char *key)
{
	return watched->key && strcmp(watched->key, key) == 0;
}

void watch_paths_refresh_key(struct watch_paths *paths, const char *key, int64_t now_msec)
{
	for (size_t i = 0; i < paths->n; i++)
		if (has_key(&paths->list[i], key))
			look(paths, &paths->list[i], now_msec);
}

static bool lived(const struct watched *watched, size_t i, const struct file_identity *identity,
	int64_t time_msec)
{
	return same(&watched->identities[i].identity, identity) &&
	       watched->identities[i].from_msec <= time_msec &&
	       watched->identities[i].until_msec > time_msec;
}

/* Of links that are all watched, any. */
static const char *find_present(
	const struct watch_paths *paths, const struct file_identity *identity, int64_t time_msec)
{
	for (size_t i = 0; i < paths->n; i++)
		if (lived(&paths->list[i], 0, identity, time_msec))
			return paths->list[i].path;
	return NULL;
}

/* The one path that had it; where several had, which one is not to be said. */
static const char *find_former(
	const struct watch_paths *paths, const struct file_identity *identity, int64_t time_msec)
{
	const char *found = NULL;

	for (size_t i = 0; i < paths->n; i++)
		for (size_t j = 1; j <= N_FORMER; j++) {
			if (!lived(&paths->list[i], j, identity, time_msec))
				continue;
			if (found && strcmp(found, paths->list[i].path) != 0)
				return NULL;
			found = paths->list[i].path;
		}
	return found;
}

const char *watch_paths_find(struct watch_paths *paths, const struct file_identity *identity,
	int64_t time_msec, int64_t now_msec)
{
	const char *found;

	if (identity->inode == 0)
		return NULL;
	for (size_t i = 0; i < paths->n; i++)
		if (same(&paths->list[i].identities[0].identity, identity))
			look(paths, &paths->list[i], now_msec);
	found = find_present(paths, identity, time_msec);
	return found ? found : find_former(paths, identity, time_msec);
}

const char *watch_paths_only(const struct watch_paths *paths, const char *key)
{
	const char *only = NULL;

	for (size_t i = 0; i < paths->n; i++) {
		const struct watched *watched = &paths->list[i];

		if (!has_key(watched, key))
			continue;
		if (watched->tree || !watched->path || (only && strcmp(only, watched->path) != 0))
			return NULL;
		only = watched->path;
	}
	return only;
}

const char *watch_paths_tree(const struct watch_paths *paths, const char *key, size_t *position)
{
	while (*position < paths->n) {
		const struct watched *watched = &paths->list[(*position)++];

		if (watched->tree && (!key || has_key(watched, key)))
			return watched->path;
	}
	return NULL;
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (len == 1)
		return path[0] == '/';
	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool watch_paths_covering(
	const struct watch_paths *paths, const char *path, unsigned wants, const char **ret_key)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct watched *watched = &paths->list[i];

		if (!watched->path || !(watched->wants & wants))
			continue;
		if (watched->tree ? !is_below(path, watched->path)
				  : strcmp(path, watched->path) != 0)
			continue;
		*ret_key = watched->key;
		return true;
	}
	return false;
}

static bool is_on_device(
	struct watch_paths *paths, const char *directory, const struct file_identity *identity)
{
	struct statx stx;

	return ask(paths, directory, STATX_INO, &stx) == 0 &&
	       stx.stx_dev_major == identity->dev_major && stx.stx_dev_minor == identity->dev_minor;
}

bool watch_paths_may_be_in(
	struct watch_paths *paths, const char *directory, const struct file_identity *identity)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct watched *watched = &paths->list[i];

		if (!watched->path || !(watched->wants & WATCH_CHANGES) ||
			!is_below(watched->path, directory))
			continue;
		if (watched->tree ? strcmp(watched->path, directory) == 0 &&
					    is_on_device(paths, directory, identity)
				  : same(&watched->identities[0].identity, identity))
			return true;
	}
	return false;
}
