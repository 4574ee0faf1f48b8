/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/engine-socket.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Those below /run a rootless engine has below /run/user/UID. /var/run is a link to /run. */
#define RUN "/run/"
static const char *const places[] = {
	RUN "docker.sock",
	RUN "podman/podman.sock",
	RUN "containerd/containerd.sock",
	RUN "docker/containerd/containerd.sock",
	RUN "k3s/containerd/containerd.sock",
	RUN "crio/crio.sock",
	RUN "cri-dockerd.sock",
	RUN "buildkit/buildkitd.sock",
	"/var/lib/incus/unix.socket",
	"/var/lib/lxd/unix.socket",
	"/var/snap/lxd/common/lxd/unix.socket",
	"/var/snap/microk8s/common/run/containerd.sock",
};

/* Who is root in a container can make sockets of any name, and a user below /run/user/UID. */
#define MAX_FOUND 32

struct found {
	char *path;
	uint64_t round; /* in which it was added last */
};

struct found_list {
	struct found list[MAX_FOUND];
	size_t n;
};

struct engine_sockets {
	char **paths; /* that were given */
	size_t n;
	struct found_list found, of_users;
	uint64_t round;
};

const char *engine_socket_plain(const char *path)
{
	return strncmp(path, "/var/run/", strlen("/var/run/")) == 0 ? path + strlen("/var") : path;
}

int engine_sockets_new(const char *const *paths, size_t n_paths, struct engine_sockets **ret)
{
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets =
		calloc(1, sizeof(*sockets));

	if (!sockets)
		return -ENOMEM;
	sockets->paths = calloc(n_paths + 1, sizeof(*sockets->paths));
	if (!sockets->paths)
		return -ENOMEM;
	for (size_t i = 0; i < n_paths; i++) {
		if (paths[i][0] != '/')
			return -EINVAL;
		sockets->paths[i] = strdup(engine_socket_plain(paths[i]));
		if (!sockets->paths[i])
			return -ENOMEM;
		sockets->n++;
	}
	*ret = TAKE(sockets);
	return 0;
}

void engine_sockets_next_round(struct engine_sockets *sockets)
{
	sockets->round++;
}

static bool is_below_run(const char *path)
{
	return strncmp(path, RUN, strlen(RUN)) == 0;
}

/* What follows /run/user/UID/; NULL for other paths. */
static const char *rest_below_run_user(const char *path)
{
	static const char user[] = RUN "user/";
	size_t digits;

	if (strncmp(path, user, strlen(user)) != 0)
		return NULL;
	digits = strspn(path + strlen(user), "0123456789");
	path += strlen(user) + digits;
	return digits > 0 && *path == '/' ? path + 1 : NULL;
}

/* One of the engines' own places, or of those that were given. */
static bool is_given(const struct engine_sockets *sockets, const char *path)
{
	if (engine_socket_is_known(path))
		return true;
	for (size_t i = 0; i < sockets->n; i++)
		if (strcmp(path, sockets->paths[i]) == 0)
			return true;
	return false;
}

bool engine_sockets_is_users(const struct engine_sockets *sockets, const char *path)
{
	const char *rest = rest_below_run_user(engine_socket_plain(path));

	for (size_t i = 0; rest && i < ELEMENTS(places); i++)
		if (is_below_run(places[i]) && strcmp(rest, places[i] + strlen(RUN)) == 0)
			return !is_given(sockets, engine_socket_plain(path));
	return false;
}

/* The place of path in the list, or one for it; NULL: no room. round: that of now. */
static struct found *find_room(struct found_list *list, const char *path, uint64_t round)
{
	struct found *oldest = NULL;

	for (size_t i = 0; i < list->n; i++) {
		struct found *found = &list->list[i];

		if (strcmp(found->path, path) == 0)
			return found;
		if (!oldest || found->round < oldest->round)
			oldest = found;
	}
	if (list->n < MAX_FOUND)
		return &list->list[list->n];
	return oldest->round + 1 < round ? oldest : NULL;
}

int engine_sockets_add(struct engine_sockets *sockets, const char *path)
{
	struct found_list *list;
	struct found *room;
	char *copy;

	if (path[0] != '/')
		return -EINVAL;
	path = engine_socket_plain(path);
	if (is_given(sockets, path))
		return 0;
	list = engine_sockets_is_users(sockets, path) ? &sockets->of_users : &sockets->found;
	room = find_room(list, path, sockets->round);
	if (!room)
		return -ENOSPC;
	if (!room->path || strcmp(room->path, path) != 0) {
		copy = strdup(path);
		if (!copy)
			return -ENOMEM;
		list->n += !room->path;
		free(room->path);
		room->path = copy;
	}
	room->round = sockets->round;
	return 0;
}

void engine_sockets_free(struct engine_sockets *sockets)
{
	if (!sockets)
		return;
	for (size_t i = 0; i < sockets->n; i++)
		free(sockets->paths[i]);
	for (size_t i = 0; i < MAX_FOUND; i++) {
		free(sockets->found.list[i].path);
		free(sockets->of_users.list[i].path);
	}
	free(sockets->paths);
	free(sockets);
}

const char *engine_socket_path(size_t i)
{
	return i < ELEMENTS(places) ? places[i] : NULL;
}

bool engine_socket_is_known(const char *path)
{
	for (size_t i = 0; i < ELEMENTS(places); i++)
		if (strcmp(engine_socket_plain(path), places[i]) == 0)
			return true;
	return false;
}

bool engine_socket_is_named(const char *path)
{
	static const char *const names[] = { "docker.sock", "podman.sock", "containerd.sock",
		"crio.sock", "cri-dockerd.sock", "buildkitd.sock" };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; slash && i < ELEMENTS(names); i++)
		if (strcmp(slash + 1, names[i]) == 0)
			return true;
	return false;
}

const char *engine_sockets_path(const struct engine_sockets *sockets, size_t i)
{
	if (i < ELEMENTS(places))
		return places[i];
	i -= ELEMENTS(places);
	if (i < sockets->n)
		return sockets->paths[i];
	i -= sockets->n;
	if (i < sockets->found.n)
		return sockets->found.list[i].path;
	i -= sockets->found.n;
	return i < sockets->of_users.n ? sockets->of_users.list[i].path : NULL;
}

/*
 * What an engine has below it can be asked without it: containerd keeps Docker's tasks, and
 * cri-dockerd is one of Docker's clients.
 */
static const struct {
	const char *name;        /* last component of the socket's path */
	const char *runtimes[4]; /* NULL behind the last */
} services[] = {
	{ "docker.sock", { "docker", "buildkit" } },
	{ "podman.sock", { "podman", "buildah" } },
	{ "containerd.sock", { "containerd", "docker", "buildkit" } },
	{ "crio.sock", { "cri-o" } },
	{ "cri-dockerd.sock", { "docker" } },
	{ "buildkitd.sock", { "buildkit" } },
	{ "unix.socket", { "lxc" } },
};

bool engine_socket_outlived(const char *path, const char *runtime)
{
	static const char *const names[] = { "containerd.sock", "crio.sock", "cri-dockerd.sock",
		"buildkitd.sock" };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(slash ? slash + 1 : path, names[i]) == 0)
			return true;
	return strcmp(runtime, "buildkit") == 0;
}

bool engine_socket_serves(const char *path, const char *runtime)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (strcmp(runtime, "unknown") == 0)
		return true;
	for (size_t i = 0; i < ELEMENTS(services); i++) {
		if (strcmp(services[i].name, name) != 0)
			continue;
		for (size_t j = 0; services[i].runtimes[j]; j++)
			if (strcmp(services[i].runtimes[j], runtime) == 0)
				return true;
		return false;
	}
	return true;
}

bool engine_sockets_has(const struct engine_sockets *sockets, const char *path)
{
	if (!path)
		return false;
	path = engine_socket_plain(path);
	for (size_t i = 0; i < sockets->found.n; i++)
		if (strcmp(path, sockets->found.list[i].path) == 0)
			return true;
	return is_given(sockets, path) || engine_sockets_is_users(sockets, path);
}
