/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/host-path-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/path-cache.h"
#include "attribute/tree-search.h"
#include "base/file.h"
#include "base/host-mounts.h"
#include "base/mounts.h"
#include "runtime/runtime.h"

#define MAX_CHROOT_GUESSES 16

int path_resolver_new(const char *proc, struct watch_paths *watched, struct path_resolver **ret)
{
	_cleanup_(path_resolver_freep) struct path_resolver *resolver =
		calloc(1, sizeof(*resolver));
	int r;

	if (!resolver)
		return -ENOMEM;
	resolver->watched = watched;
	resolver->clock_slack_msec = file_clock_slack_msec();
	r = host_mounts_new(proc, &resolver->mounts);
	if (r < 0)
		return r;
	r = path_cache_new(&resolver->cache);
	if (r < 0)
		return r;
	r = tree_search_new(&resolver->search);
	if (r < 0)
		return r;
	*ret = TAKE(resolver);
	return 0;
}

void path_resolver_free(struct path_resolver *resolver)
{
	if (!resolver)
		return;
	host_mounts_free(resolver->mounts);
	path_cache_free(resolver->cache);
	tree_search_free(resolver->search);
	free(resolver);
}

bool path_seen(const struct event_path *item, const char *cwd, char *buffer, size_t size)
{
	int len;

	/* An empty name is AT_EMPTY_PATH: of the descriptor itself. */
	if (!item->name || !item->name[0])
		return false;
	if (item->name[0] == '/' || !cwd)
		len = snprintf(buffer, size, "%s", item->name);
	else
		len = snprintf(
			buffer, size, "%s%s%s", cwd, strcmp(cwd, "/") == 0 ? "" : "/", item->name);
	return len > 0 && (size_t)len < size;
}

/* Takes "//", "." and ".." out by the text alone; a wrong guess about a symlink is found out by the
 * identity. */
static void normalise(const char *path, char *out)
{
	size_t len = 0;

	while (*path) {
		size_t part = strcspn(path, "/");

		if (part == 2 && memcmp(path, "..", 2) == 0) {
			while (len > 0 && out[--len] != '/')
				;
		} else if (part > 0 && !(part == 1 && *path == '.')) {
			out[len++] = '/';
			memcpy(out + len, path, part);
			len += part;
		}
		path += part;
		path += *path == '/';
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
}

/* What was mounted has been removed since: its root is the name that it had, and "//deleted"
 * (fs/d_path.c). */
static bool is_removed(const struct mount *mount)
{
	static const char tail[] = "//deleted";
	size_t len = strlen(mount->root);

	return len >= sizeof(tail) - 1 && strcmp(mount->root + len - (sizeof(tail) - 1), tail) == 0;
}

/* Through the mounts of the container's own namespace. Heap text or NULL. */
static char *by_mounts(const struct question *question)
{
	const struct mounts *mounts = question->container->mounts;
	const struct event_path *item = path_on_device(question);
	char place[HOST_PATH_SIZE], *name = NULL;
	const struct mount *mount;
	const char *rest;

	if (!mounts || !question->resolver->host)
		return NULL;
	mount = mounts_covering(mounts, question->normal, &rest);
	if (!mount || is_removed(mount) ||
		(item && (mount->dev_major != item->dev_major ||
				 mount->dev_minor != item->dev_minor)))
		return NULL;
	if (snprintf(place, sizeof(place), "%s%s",
		    strcmp(mount->root, "/") == 0 && rest[0] ? "" : mount->root,
		    rest) >= HOST_PATH_SIZE)
		return NULL;
	if (mounts_name_of(
		    question->resolver->host, mount->dev_major, mount->dev_minor, place, &name) < 0)
		return NULL;
	return name;
}

/* Through what the engine says it mounted: known even where no process lived long enough to show
 * its mounts. Heap text or NULL. */
static char *by_engine_mounts(const struct question *question)
{
	const struct container_info *info = question->container->info;
	const struct container_mount *best = NULL;
	const char *rest;
	char *name = NULL;

	for (size_t i = 0; i < info->n_mounts; i++)
		if (path_is_below(question->normal, info->mounts[i].destination) &&
			(!best || strlen(info->mounts[i].destination) > strlen(best->destination)))
			best = &info->mounts[i];
	if (!best || best->source[0] != '/')
		return NULL;
	rest = strcmp(best->destination, "/") == 0 ? question->normal
						   : question->normal + strlen(best->destination);
	if (asprintf(&name, "%s%s", strcmp(best->source, "/") == 0 && rest[0] ? "" : best->source,
		    rest) < 0)
		return NULL;
	return name;
}

/* A process that went chroot into a mount of the host names files from there on. */
static bool by_chroot(struct question *question)
{
	const struct container_info *info = question->container->info;
	const struct mounts *mounts = question->container->mounts;
	unsigned guesses = 0;

	for (size_t i = 0; i < info->n_mounts; i++)
		if (info->mounts[i].source[0] == '/' &&
			path_verify_joined(question, info->mounts[i].source, question->normal))
			return true;
	for (size_t i = 0;
		mounts && question->resolver->host && i < mounts->n && guesses < MAX_CHROOT_GUESSES;
		i++) {
		_cleanup_(freep) char *root = NULL;

		if (mounts->list[i].dev_major != question->item->dev_major ||
			mounts->list[i].dev_minor != question->item->dev_minor)
			continue;
		guesses++;
		if (mounts_name_of(question->resolver->host, mounts->list[i].dev_major,
			    mounts->list[i].dev_minor, mounts->list[i].root, &root) == 0 &&
			path_verify_joined(question, root, question->normal))
			return true;
	}
	return false;
}

/* Below a watched tree, by ever shorter ends of the name: whatever mounts or links lie between, the
 * identity proves it. */
static bool by_trees(struct question *question)
{
	size_t position = 0;
	const char *tree;

	while ((tree = watch_paths_tree(question->resolver->watched, question->key, &position)) !=
		NULL) {
		const char *rest = question->normal;

		if (path_verify_joined(question, tree, ""))
			return true;
		while (rest) {
			if (path_verify_joined(question, tree, rest))
				return true;
			rest = strchr(rest + 1, '/');
		}
	}
	return false;
}

/* What is searched for: the item itself (rest is ""), or the directory that it came to or went from. */
struct wanted {
	struct question *question;
	const char *rest;
};

static bool verify_found(const char *path, void *userdata)
{
	struct wanted *wanted = userdata;

	return path_verify_joined(wanted->question, path, wanted->rest);
}

/* Without a name that leads anywhere: by inode, through the watched trees. */
static bool by_search(struct question *question)
{
	const char *slash = question->seen ? strrchr(question->normal, '/') : NULL;
	const struct event_path *item = question->item;
	struct wanted wanted = { question, "" };
	const char *name = slash ? slash + 1 : NULL, *tree;
	size_t position = 0;

	if (path_came_or_went(item) && question->parent && slash) {
		item = question->parent;
		wanted.rest = slash;
		name = NULL;
	}
	if (!item->has_inode || item->type == PATH_TYPE_DELETE)
		return false;
	question->by_inode = true;
	while ((tree = watch_paths_tree(
			question->resolver->watched, question->key, &position)) != NULL)
		if (tree_search(question->resolver->search, question->resolver->host, tree,
			    item->inode, name, question->now_msec, verify_found, &wanted))
			return true;
	return false;
}

static struct file_identity identity_of(const struct event_path *item)
{
	return (struct file_identity){ item->has_inode ? item->inode : 0, item->dev_major,
		item->dev_minor };
}

/* What the name leads to, proven. *mounted and *engine: unproven ways, heap text or NULL. */
static bool by_names(struct question *question, char **mounted, char **engine)
{
	if (!question->seen || !question->absolute)
		return false;
	/* As it was said, so that ".." behind a symlink is the kernel's to follow. */
	if (!question->container)
		return path_verify(question, question->seen) ||
		       path_verify(question, question->normal);
	*mounted = by_mounts(question);
	*engine = by_engine_mounts(question);
	return (*mounted && path_verify(question, *mounted)) ||
	       (*engine && path_verify(question, *engine)) || by_chroot(question);
}

/* The rule's key has trees, and the name is below none of them: another name of the same place, as
 * through a bind mount. */
static bool is_beside_trees(const struct question *question)
{
	size_t position = 0;
	const char *tree;
	bool any = false;

	while (question->key &&
		(tree = watch_paths_tree(question->resolver->watched, question->key, &position))) {
		if (path_is_below(question->answer->path, tree))
			return false;
		any = true;
	}
	return any;
}

static bool answer_is(struct question *question, const char *path, enum path_by by)
{
	if (!path || strlen(path) >= HOST_PATH_SIZE)
		return false;
	strcpy(question->answer->path, path);
	question->answer->by = by;
	return true;
}

static bool by_watched_files(struct question *question, const struct event *event, int64_t now_msec)
{
	const struct file_identity identity = identity_of(question->item);

	return !path_came_or_went(question->item) &&
	       answer_is(question,
		       watch_paths_find(
			       question->resolver->watched, &identity, event->time_msec, now_msec),
		       PATH_BY_IDENTITY);
}

/* A rule on one file fires for nothing else, whatever has become of the file since. */
static bool by_rule(struct question *question, const struct event *event, int64_t now_msec)
{
	struct watch_paths *watched = question->resolver->watched;
	unsigned n_items = 0;

	if (path_came_or_went(question->item) || !event->key)
		return false;
	watch_paths_refresh_key(watched, event->key, now_msec);
	if (by_watched_files(question, event, now_msec))
		return true;
	for (unsigned i = 0; i < event->n_paths; i++)
		n_items += event->paths[i].has_inode;
	return n_items == 1 &&
	       answer_is(question, watch_paths_only(watched, event->key), PATH_BY_NAME);
}

static void resolve(struct question *question, const struct event *event, int64_t now_msec)
{
	_cleanup_(freep) char *mounted = NULL, *engine = NULL;
	struct host_path named;
	bool found;

	if (by_watched_files(question, event, now_msec))
		return;
	found = by_names(question, &mounted, &engine);
	if (found && !is_beside_trees(question))
		return;
	named = *question->answer;
	if (question->seen && by_trees(question))
		return;
	*question->answer = named;
	if (found || by_rule(question, event, now_msec) || by_search(question))
		return;
	/* What a rootless engine says it mounted is its user's to write: that must be proven. */
	if (answer_is(question, mounted, PATH_BY_NAME) ||
		(engine && question->container->owner == RUNTIME_NO_OWNER &&
			answer_is(question, engine, PATH_BY_NAME)))
		return;
	/* What lies below /proc/PID/fd is elsewhere. */
	if (question->absolute && !question->container && !path_is_below(question->normal, "/proc") &&
		answer_is(question, question->normal, PATH_BY_NAME))
		return;
	answer_is(question, question->seen ? question->seen : "", PATH_AS_SEEN);
}

/*
 * Is the file the container's alone? Where its root is, its engine says and the host's mounts, at
 * best those of when the container appeared: what the container's own processes can mount and move
 * must not decide. Only where the engine did not say, an overlay at its root as it was first seen
 * counts too.
 */
static bool is_own(const struct question *question)
{
	const struct container *container = question->container;
	const struct mounts *host = question->resolver->host;
	const struct event_path *item = path_on_device(question);
	const char *rootfs = container->info->rootfs, *rest;
	const struct mount *mount;

	if (rootfs && strcmp(rootfs, "/") == 0)
		rootfs = NULL;
	/* A guess by name must not make the host's file the container's. */
	if (rootfs && question->answer->by == PATH_BY_IDENTITY &&
		path_is_below(question->answer->path, rootfs))
		return true;
	if (!item || !host)
		return false;
	/* Its mount may be gone by now, and the device's number another's. */
	if (container->info->has_root_device && container->info->root_major == item->dev_major &&
		container->info->root_minor == item->dev_minor)
		return true;
	if (!mounts_of_device(host, item->dev_major, item->dev_minor))
		return true;
	if (container->info->has_root_device)
		return false;
	if (rootfs) {
		mount = mounts_covering(host, rootfs, &rest);
		return mount && rest[0] == '\0' && mount->dev_major == item->dev_major &&
		       mount->dev_minor == item->dev_minor;
	}
	return container->has_overlay_root && container->root_major == item->dev_major &&
	       container->root_minor == item->dev_minor;
}

void path_resolve(struct path_resolver *resolver, const struct container *container,
	const struct event *event, const struct event_path *item, const struct event_path *parent,
	const char *seen, int64_t now_msec, struct host_path *ret)
{
	struct path_cache_key key = {
		.container = container ? container->info->id : "",
		.seen = seen ? seen : "",
		.inode = item->has_inode ? item->inode : 0,
		.dev_major = item->dev_major,
		.dev_minor = item->dev_minor,
		.type = item->type,
	};
	struct question question = {
		.resolver = resolver,
		.container = container,
		.item = item,
		.parent = parent,
		.seen = seen,
		.key = event->key,
		.time_msec = event->time_msec,
		.now_msec = now_msec,
		.answer = ret,
	};

	if (path_came_or_went(item))
		path_cache_forget(resolver->cache);
	else if (path_cache_get(resolver->cache, &key, now_msec, ret))
		return;
	resolver->host = host_mounts_now(resolver->mounts);
	ret->path[0] = '\0';
	ret->container_own_file = false;
	question.absolute = seen && seen[0] == '/';
	if (seen)
		normalise(seen, question.normal);
	resolve(&question, event, now_msec);
	if (container)
		ret->container_own_file = is_own(&question);
	if (!path_came_or_went(item))
		path_cache_put(resolver->cache, &key, now_msec, ret);
	else if (item->type == PATH_TYPE_CREATE && item->has_inode && ret->by == PATH_BY_IDENTITY)
		tree_search_add(resolver->search, ret->path, item->inode);
}
