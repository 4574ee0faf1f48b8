/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/watch-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/chains.h"
#include "base/file.h"
#include "base/host-mounts.h"
#include "base/path-walk.h"

#define N_FORMER 4
#define N_IDENTITIES (1 + N_FORMER)

/* Of more files than this one look a second must do, see watch_paths_refresh_key(). */
#define MANY_FILES 64
#define MANY_PAUSE_MSEC 1000

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
struct list {
	struct watched *items;
	size_t n;
	struct chains by_path, by_key, by_identity;
	size_t *trees; /* positions */
	size_t n_trees;
};

struct watch_paths {
	struct list list;
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

static void list_done(struct list *list)
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
	*list = (struct list){ 0 };
}

static int list_init(struct list *list, size_t n)
{
	int r;

	*list = (struct list){
		.items = calloc(n + 1, sizeof(*list->items)),
		.trees = calloc(n + 1, sizeof(*list->trees)),
		.n = n,
	};
	r = list->items && list->trees ? 0 : -ENOMEM;
	r = r < 0 ? r : chains_init(&list->by_path, n);
	r = r < 0 ? r : chains_init(&list->by_key, n);
	r = r < 0 ? r : chains_init(&list->by_identity, n * N_IDENTITIES);
	if (r < 0)
		list_done(list);
	return r;
}

void watch_paths_free(struct watch_paths *paths)
{
	if (!paths)
		return;
	list_done(&paths->list);
	host_mounts_free(paths->mounts);
	free(paths);
}

static bool same(const struct file_identity *a, const struct file_identity *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

static uint64_t hash_of(const struct file_identity *identity)
{
	return identity->inode * UINT64_C(0x9e3779b97f4a7c15);
}

static void link_identity(struct list *list, const struct watched *watched, size_t i)
{
	const struct file_identity *identity = &watched->identities[i].identity;

	if (identity->inode != 0)
		chains_link(&list->by_identity, hash_of(identity), watched->identities[i].node);
}

static void replace(struct list *list, struct watched *watched,
	const struct file_identity *identity, int64_t until_msec, int64_t from_msec)
{
	const struct file_identity *oldest = &watched->identities[N_FORMER].identity;
	uint32_t node = watched->identities[N_FORMER].node;

	if (oldest->inode != 0)
		chains_unlink(&list->by_identity, hash_of(oldest), node);
	memmove(&watched->identities[1], &watched->identities[0],
		N_FORMER * sizeof(watched->identities[0]));
	watched->identities[1].until_msec = until_msec;
	watched->identities[0].identity = *identity;
	watched->identities[0].from_msec = from_msec;
	watched->identities[0].until_msec = INT64_MAX;
	watched->identities[0].node = node;
	link_identity(list, watched, 0);
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
	struct watch_paths *paths, struct list *list, struct watched *watched, int64_t now_msec)
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
	is_another = !same(&identity, &watched->identities[0].identity);
	if (is_another)
		replace(list, watched, &identity, watched->seen_msec + 1,
			birth_msec > from_msec ? birth_msec : from_msec);
	if (now_msec > watched->seen_msec)
		watched->seen_msec = now_msec;
	return is_another;
}

static char *copy_or_null(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

/* The next entry with that path, from the first (NULL) on. */
static struct watched *next_of_path(
	const struct list *list, const char *path, size_t len, const struct watched *former)
{
	uint32_t i = former ? chains_next(&list->by_path, (uint32_t)(former - list->items))
			    : chains_first(&list->by_path, chains_hash(path, len));

	for (; i != CHAIN_END; i = chains_next(&list->by_path, i))
		if (strncmp(list->items[i].path, path, len) == 0 && !list->items[i].path[len])
			return &list->items[i];
	return NULL;
}

static struct watched *next_of_key(
	const struct list *list, const char *key, const struct watched *former)
{
	uint32_t i = former ? chains_next(&list->by_key, (uint32_t)(former - list->items))
			    : chains_first(&list->by_key, chains_hash(key, strlen(key)));

	for (; i != CHAIN_END; i = chains_next(&list->by_key, i))
		if (strcmp(list->items[i].key, key) == 0)
			return &list->items[i];
	return NULL;
}

#define EACH_OF_PATH(list, text, each)                                                             \
	for (struct watched *each = next_of_path(list, text, strlen(text), NULL); each;            \
		each = next_of_path(list, text, strlen(text), each))
#define EACH_OF_KEY(list, text, each)                                                              \
	for (struct watched *each = next_of_key(list, text, NULL); each;                           \
		each = next_of_key(list, text, each))

/* What is known of the path from before. */
static void take_over(const struct list *former, struct list *list, struct watched *watched)
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

/* The list in the order of the rules, so that the first of a chain is the last of them. */
static int fill(struct list *list, const struct watch_path *from, const struct list *former)
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

int watch_paths_set(
	struct watch_paths *paths, const struct watch_path *list, size_t n, int64_t now_msec)
{
	struct list fresh;
	int r = list_init(&fresh, n);

	if (r < 0)
		return r;
	r = fill(&fresh, list, &paths->list);
	if (r < 0) {
		list_done(&fresh);
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
	list_done(&paths->list);
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
		replace(&paths->list, watched, identity ? identity : &none, time_msec, time_msec);
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
static bool were_just_refreshed(const struct list *list, const char *key, int64_t now_msec)
{
	struct watched *first = next_of_key(list, key, NULL);
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

static bool lived(const struct watched *watched, size_t i, const struct file_identity *identity,
	int64_t time_msec)
{
	return same(&watched->identities[i].identity, identity) &&
	       watched->identities[i].from_msec <= time_msec &&
	       watched->identities[i].until_msec > time_msec;
}

static struct watched *of_node(const struct list *list, uint32_t node)
{
	return &list->items[node / N_IDENTITIES];
}

/* Of links that are all watched, the first. */
static const char *find_present(
	const struct list *list, const struct file_identity *identity, int64_t time_msec)
{
	const struct watched *found = NULL;

	for (uint32_t node = chains_first(&list->by_identity, hash_of(identity)); node != CHAIN_END;
		node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = of_node(list, node);

		if (lived(watched, 0, identity, time_msec) && (!found || watched < found))
			found = watched;
	}
	return found ? found->path : NULL;
}

/* The one path that had it; where several had, which one is not to be said. */
static const char *find_former(
	const struct list *list, const struct file_identity *identity, int64_t time_msec)
{
	const char *found = NULL;

	for (uint32_t node = chains_first(&list->by_identity, hash_of(identity)); node != CHAIN_END;
		node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = of_node(list, node);

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

/* What has turned out to be another file is in another chain now: the walk begins again, and does
 * not meet it. */
static void look_at_present(
	struct watch_paths *paths, const struct file_identity *identity, int64_t now_msec)
{
	struct list *list = &paths->list;
	uint32_t node = chains_first(&list->by_identity, hash_of(identity));

	while (node != CHAIN_END) {
		struct watched *watched = of_node(list, node);

		if (same(&watched->identities[0].identity, identity) &&
			watched->identities[0].node == node && look(paths, list, watched, now_msec))
			node = chains_first(&list->by_identity, hash_of(identity));
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
	found = find_present(&paths->list, identity, time_msec);
	return found ? found : find_former(&paths->list, identity, time_msec);
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
	const struct list *list = &paths->list;

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
	const struct list *list, const char *path, size_t len, unsigned wants)
{
	bool is_whole = !path[len];
	const struct watched *first = NULL;

	for (struct watched *watched = next_of_path(list, path, len, NULL); watched;
		watched = next_of_path(list, path, len, watched))
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
	const struct list *list = &paths->list;

	EACH_OF_PATH(list, directory, watched)
	if (watched->tree && (watched->wants & WATCH_CHANGES) &&
		is_on_device(paths, directory, identity))
		return true;
	for (uint32_t node = chains_first(&list->by_identity, hash_of(identity)); node != CHAIN_END;
		node = chains_next(&list->by_identity, node)) {
		const struct watched *watched = of_node(list, node);

		if ((watched->wants & WATCH_CHANGES) && is_below(watched->path, directory) &&
			same(&watched->identities[0].identity, identity))
			return true;
	}
	return false;
}
