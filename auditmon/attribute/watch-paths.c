/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/watch-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/watch-list.h"
#include "base/file.h"
#include "base/host-mounts.h"
#include "base/path-walk.h"

/* Of more files than this one look a second must do, see watch_paths_refresh_key(). */
#define MANY_FILES 64
#define MANY_PAUSE_MSEC 1000

struct watch_paths {
	struct watch_list list;
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

void watch_paths_free(struct watch_paths *paths)
{
	if (!paths)
		return;
	watch_list_done(&paths->list);
	host_mounts_free(paths->mounts);
	free(paths);
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

/* A watch is of the name itself, too (audit_get_nd(), kernel/audit_watch.c). Is it another file? */
static bool look(
	struct watch_paths *paths, struct watch_list *list, struct watched *watched, int64_t now_msec)
{
	struct file_identity identity = { 0 };
	int64_t from_msec = watched->seen_msec, birth_msec = 0;
	struct statx stx;
	bool is_another;
	int r;

	if (!watched->path || watched->tree)
		return false;
	r = ask(paths, watched->path, STATX_INO | STATX_BTIME, &stx);
	if (r == -EXDEV)
		return false;
	if (r == 0) {
		identity = (struct file_identity){
			.inode = stx.stx_ino,
			.dev_major = stx.stx_dev_major,
			.dev_minor = stx.stx_dev_minor,
		};
		birth_msec = file_birth_msec(&stx, now_msec);
	}
	birth_msec -= file_clock_slack_msec();
	is_another = !identity_equal(&identity, &watched->identities[0].identity);
	if (is_another)
		watch_list_replace(list, watched, &identity, watched->seen_msec + 1,
			birth_msec > from_msec ? birth_msec : from_msec);
	if (now_msec > watched->seen_msec)
		watched->seen_msec = now_msec;
	return is_another;
}

int watch_paths_set(
	struct watch_paths *paths, const struct watch_path *list, size_t n, int64_t now_msec)
{
	struct watch_list fresh;
	int r = watch_list_init(&fresh, n);

	if (r < 0)
		return r;
	r = watch_list_fill(&fresh, list, &paths->list);
	if (r < 0) {
		watch_list_done(&fresh);
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		struct watched *watched = &fresh.items[i];
		bool first = watched->identities[0].until_msec == 0;

		look(paths, &fresh, watched, now_msec);
		/* What is there when the watch begins has been there before. */
		if (first) {
			watched->identities[0].from_msec = INT64_MIN;
			watched->identities[0].until_msec = INT64_MAX;
		}
	}
	watch_list_done(&paths->list);
	paths->list = fresh;
	return 0;
}

void watch_paths_changed(struct watch_paths *paths, const char *path,
	const struct file_identity *identity, int64_t time_msec)
{
	const struct file_identity none = { 0 };

	EACH_OF_PATH(&paths->list, path, watched)
	{
		if (watched->tree)
			continue;
		watch_list_replace(&paths->list, watched, identity ? identity : &none, time_msec,
			time_msec);
		/* Looking may have met this change before its record was read, and ended its
		 * forerunner with the millisecond. */
		for (size_t j = 1; j <= N_FORMER; j++)
			if (watched->identities[j].until_msec > time_msec)
				watched->identities[j].until_msec = time_msec;
		if (time_msec > watched->seen_msec)
			watched->seen_msec = time_msec;
	}
}

void watch_paths_refresh(struct watch_paths *paths, const char *path, int64_t now_msec)
{
	EACH_OF_PATH(&paths->list, path, watched)
	look(paths, &paths->list, watched, now_msec);
}

/* Whether as many as that have just been looked at; notes that they are now. */
static bool were_just_refreshed(const struct watch_list *list, const char *key, int64_t now_msec)
{
	struct watched *first = watch_list_next_of_key(list, key, NULL);
	size_t n = 0;

	EACH_OF_KEY(list, key, watched)
	if (++n > MANY_FILES)
		break;
	if (n <= MANY_FILES)
		return false;
	if (now_msec >= first->key_refreshed_msec &&
		now_msec - first->key_refreshed_msec < MANY_PAUSE_MSEC)
		return true;
	first->key_refreshed_msec = now_msec;
	return false;
}

void watch_paths_refresh_key(struct watch_paths *paths, const char *key, int64_t now_msec)
{
	if (were_just_refreshed(&paths->list, key, now_msec))
		return;
	EACH_OF_KEY(&paths->list, key, watched)
	look(paths, &paths->list, watched, now_msec);
}

/* What has turned out to be another file is in another chain now: the walk begins again, and does
 * not meet it. */
static void look_at_present(
	struct watch_paths *paths, const struct file_identity *identity, int64_t now_msec)
{
	struct watch_list *list = &paths->list;
	uint32_t node = chains_first(&list->by_identity, identity_hash(identity));

	while (node != CHAIN_END) {
		struct watched *watched = watch_list_of_node(list, node);

		if (identity_equal(&watched->identities[0].identity, identity) &&
			watched->identities[0].node == node && look(paths, list, watched, now_msec))
			node = chains_first(&list->by_identity, identity_hash(identity));
		else
			node = chains_next(&list->by_identity, node);
	}
}

const char *watch_paths_find(struct watch_paths *paths, const struct file_identity *identity,
	int64_t time_msec, int64_t now_msec)
{
	const char *found;

	if (identity->inode == 0)
		return NULL;
	look_at_present(paths, identity, now_msec);
	found = watch_list_present(&paths->list, identity, time_msec);
	return found ? found : watch_list_former(&paths->list, identity, time_msec);
}

const char *watch_paths_only(const struct watch_paths *paths, const char *key)
{
	const char *only = NULL;

	EACH_OF_KEY(&paths->list, key, watched)
	{
		if (watched->tree || !watched->path || (only && strcmp(only, watched->path) != 0))
			return NULL;
		only = watched->path;
	}
	return only;
}

const char *watch_paths_tree(const struct watch_paths *paths, const char *key, size_t *position)
{
	const struct watch_list *list = &paths->list;

	while (*position < list->n_trees) {
		const struct watched *watched = &list->items[list->trees[(*position)++]];

		if (!key || (watched->key && strcmp(watched->key, key) == 0))
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

/* The first entry with the beginning of path for its own that is for any of wants. */
static const struct watched *first_covering(
	const struct watch_list *list, const char *path, size_t len, unsigned wants)
{
	bool is_whole = !path[len];
	const struct watched *first = NULL;

	for (struct watched *watched = watch_list_next_of_path(list, path, len, NULL); watched;
		watched = watch_list_next_of_path(list, path, len, watched))
		if ((watched->wants & wants) && (watched->tree || is_whole) &&
			(!first || watched < first))
			first = watched;
	return first;
}

bool watch_paths_covering(
	const struct watch_paths *paths, const char *path, unsigned wants, const char **ret_key)
{
	const struct watched *first = NULL;
	size_t len = path[0] == '/' ? 1 : 0, next;

	/* "/", "/a", "/a/b": each that may be a tree, and the path itself. */
	for (bool more = true; more; len = next) {
		const struct watched *found = first_covering(&paths->list, path, len, wants);

		if (found && (!first || found < first))
			first = found;
		more = path[len];
		next = len + (len > 1 && more);
		next += strcspn(path + next, "/");
	}
	if (first)
		*ret_key = first->key;
	return first;
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
	const struct watch_list *list = &paths->list;

	EACH_OF_PATH(list, directory, watched)
	if (watched->tree && (watched->wants & WATCH_CHANGES) &&
		is_on_device(paths, directory, identity))
		return true;
	for (uint32_t node = chains_first(&list->by_identity, identity_hash(identity));
		node != CHAIN_END; node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = watch_list_of_node(list, node);

		if ((watched->wants & WATCH_CHANGES) && is_below(watched->path, directory) &&
			identity_equal(&watched->identities[0].identity, identity))
			return true;
	}
	return false;
}
