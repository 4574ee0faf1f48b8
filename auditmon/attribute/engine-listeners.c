/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/engine-listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/client-table.h"
#include "attribute/engine-network.h"
#include "attribute/proc.h"
#include "attribute/socket-file.h"
#include "base/time.h"
#include "runtime/docker-daemon.h"

/* Root in a container can make as many as it likes. */
#define MAX_LISTENERS 4096
#define REST_FACTOR 20
/* That dockerd was handed by systemd: by itself it cannot make one. */
#define ENGINE_AT_AN_ABSTRACT_SOCKET "at an abstract socket"

/* One comes with every container: containerd's shims (pkg/shim: SocketAddress()); conmon's. */
static const char *const others[] = { "/run/containerd/s/", "/proc/" };

struct listener {
	struct unix_socket socket;
	bool is_docker; /* a dockerd holds it, for others */
};

struct engine_listeners {
	struct engine_listeners_options options;
	struct unix_diag *diag;         /* NULL: no list of sockets here */
	struct engine_sockets *sockets; /* while it is looked */
	struct listener *list;          /* by inode, each once */
	size_t n, max;
	uint64_t sum;      /* of the list, as looked into last */
	uint32_t *engines; /* inodes of what was an engine's then */
	size_t n_engines;
	uint64_t next_nsec; /* not looked into before */
	size_t n_beyond, n_left_out;
	const char *elsewhere;
	int result;
};

int engine_listeners_new(
	const struct engine_listeners_options *options, struct engine_listeners **ret)
{
	_cleanup_(engine_listeners_freep) struct engine_listeners *listeners =
		calloc(1, sizeof(*listeners));
	int r = 0;

	if (!listeners)
		return -ENOMEM;
	listeners->options = *options;
	if (!options->list)
		r = unix_diag_new(&listeners->diag);
	if (r == -ENOMEM)
		return r;
	*ret = TAKE(listeners);
	return 0;
}

void engine_listeners_free(struct engine_listeners *listeners)
{
	if (!listeners)
		return;
	unix_diag_free(listeners->diag);
	free(listeners->list);
	free(listeners->engines);
	free(listeners);
}

static bool is_others(const char *path)
{
	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strncmp(path, others[i], strlen(others[i])) == 0)
			return true;
	return false;
}

static bool make_room(struct engine_listeners *listeners)
{
	size_t max = listeners->max ? 2 * listeners->max : 128;
	struct listener *list;

	if (listeners->n < listeners->max)
		return true;
	if (max > MAX_LISTENERS) {
		listeners->n_beyond++;
		return false;
	}
	list = reallocarray(listeners->list, max, sizeof(*list));
	if (!list) {
		listeners->result = -ENOMEM;
		return false;
	}
	listeners->list = list;
	listeners->max = max;
	return true;
}

static void on_socket(const struct unix_socket *socket, void *userdata)
{
	struct engine_listeners *listeners = userdata;

	/* Without a file it is abstract: what has no address cannot listen. */
	if (!socket->listens || (socket->file_inode != 0 && socket->name[0] != '/') ||
		is_others(socket->name) ||
		(socket->uid != 0 && !engine_sockets_has(listeners->sockets, socket->name)) ||
		!make_room(listeners))
		return;
	listeners->list[listeners->n++] = (struct listener){ .socket = *socket };
}

static int compare(const void *a, const void *b)
{
	uint32_t first = ((const struct listener *)a)->socket.inode,
		 second = ((const struct listener *)b)->socket.inode;

	return first < second ? -1 : first > second;
}

/* Some are told twice. */
static void drop_repeated(struct engine_listeners *listeners)
{
	size_t n = 0;

	if (listeners->n > 1)
		qsort(listeners->list, listeners->n, sizeof(*listeners->list), compare);
	for (size_t i = 0; i < listeners->n; i++)
		if (n == 0 || compare(&listeners->list[n - 1], &listeners->list[i]) != 0)
			listeners->list[n++] = listeners->list[i];
	listeners->n = n;
}

static int list(struct engine_listeners *listeners)
{
	int r = 0;

	listeners->n = listeners->n_beyond = 0;
	listeners->result = 0;
	if (listeners->options.list)
		r = listeners->options.list(on_socket, listeners, listeners->options.userdata);
	else if (listeners->diag)
		r = unix_diag_list_listeners(listeners->diag, on_socket, listeners);
	drop_repeated(listeners);
	return r < 0 ? r : listeners->result;
}

/* FNV-1a. */
static uint64_t sum_of(const struct engine_listeners *listeners)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < listeners->n; i++)
		sum = (sum ^ listeners->list[i].socket.inode) * UINT64_C(0x100000001b3);
	return sum;
}

static int add(struct engine_listeners *listeners, const char *path)
{
	int r = engine_sockets_add(listeners->sockets, path);

	listeners->n_left_out += r == -ENOSPC;
	return r == -ENOMEM ? r : 0;
}

/* A rule on a link is about the link; who connects has to do with what it leads to. */
static int follow_links(struct engine_listeners *listeners, const struct mounts *mounts)
{
	struct socket_file file;
	const char *path;
	int r = 0;

	for (size_t i = 0; r == 0 && (path = engine_sockets_path(listeners->sockets, i)); i++)
		if (!engine_sockets_is_users(listeners->sockets, path) &&
			socket_file_find(mounts, path, &file) == 0 && strcmp(file.path, path) != 0)
			r = add(listeners, file.path);
	return r;
}

struct holding {
	struct engine_listeners *listeners;
	const char *exec_root;
};

static bool on_held(uint32_t inode, void *userdata)
{
	const struct holding *holding = userdata;
	const struct listener key = { .socket.inode = inode };
	struct listener *found = bsearch(
		&key, holding->listeners->list, holding->listeners->n, sizeof(key), compare);

	if (found && found->socket.file_inode == 0)
		holding->listeners->elsewhere = ENGINE_AT_AN_ABSTRACT_SOCKET;
	/* Its metrics.sock, libnetwork's, swarm's. */
	else if (found && !path_is_below(engine_socket_plain(found->socket.name),
				  engine_socket_plain(holding->exec_root)))
		found->is_docker = true;
	return true;
}

static int mark_dockers(struct engine_listeners *listeners)
{
	_cleanup_(json_freep) struct json *json = NULL;
	struct docker_daemons daemons = { 0 };
	int r = json_new(&json);

	listeners->elsewhere = NULL;
	if (r == 0)
		r = docker_daemons_scan(&daemons, listeners->options.proc_fd, "", json);
	for (size_t i = 0; r == 0 && i < daemons.n; i++) {
		const struct docker_daemon *daemon = &daemons.list[i];
		struct holding holding = { listeners,
			daemon->exec_root && daemon->exec_root[0] == '/' ? daemon->exec_root
									 : "/run/docker" };

		if (daemon->uid != 0)
			continue;
		proc_each_socket(listeners->options.proc_fd, daemon->pid, on_held, &holding);
		if (engine_has_network(listeners->options.proc_fd, daemon->pid, ""))
			listeners->elsewhere = ENGINE_ON_THE_NETWORK;
	}
	docker_daemons_done(&daemons);
	return r == -ENOMEM ? r : 0;
}

static bool is_engines(const struct engine_listeners *listeners, const struct listener *listener)
{
	const struct unix_socket *socket = &listener->socket;

	if (socket->file_inode == 0)
		return false;
	return listener->is_docker || engine_sockets_has(listeners->sockets, socket->name) ||
	       (socket->uid == 0 && engine_socket_is_named(socket->name));
}

static bool was_there(const struct engine_listeners *listeners, uint32_t inode)
{
	for (size_t i = 0; i < listeners->n_engines; i++)
		if (listeners->engines[i] == inode)
			return true;
	return false;
}

/* 1: some are new. */
static int add_engines(struct engine_listeners *listeners, const struct mounts *mounts)
{
	uint32_t *engines = calloc(listeners->n + 1, sizeof(*engines));
	size_t n = 0;
	bool is_new = false;
	int r = engines ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < listeners->n; i++) {
		const struct listener *listener = &listeners->list[i];
		struct socket_file file;

		if ((!is_engines(listeners, listener) &&
			    !was_there(listeners, listener->socket.inode)) ||
			socket_file_find(mounts, listener->socket.name, &file) < 0 ||
			!socket_file_is(&file, &listener->socket) ||
			/* A user's links lead wherever they want. */
			(listener->socket.uid != 0 &&
				!engine_sockets_has(listeners->sockets, file.path)))
			continue;
		r = add(listeners, file.path);
		is_new = is_new || !was_there(listeners, listener->socket.inode);
		engines[n++] = listener->socket.inode;
	}
	if (r < 0) {
		free(engines);
		return r;
	}
	free(listeners->engines);
	listeners->engines = engines;
	listeners->n_engines = n;
	return is_new;
}

int engine_listeners_look(struct engine_listeners *listeners, struct engine_sockets *sockets,
	const struct mounts *mounts, enum engine_look how)
{
	uint64_t began_nsec = monotonic_now_nsec(), sum;
	int r;

	listeners->sockets = sockets;
	r = list(listeners);
	if (r == -ENOMEM)
		return r;
	sum = sum_of(listeners);
	if (how == ENGINE_LOOK_IF_CHANGED &&
		(r < 0 || sum == listeners->sum || began_nsec < listeners->next_nsec))
		return 0;
	engine_sockets_next_round(sockets);
	listeners->n_left_out = listeners->n_beyond;
	r = follow_links(listeners, mounts);
	if (r == 0 && (how == ENGINE_LOOK_AT_ALL || sum != listeners->sum))
		r = mark_dockers(listeners);
	r = r < 0 ? r : add_engines(listeners, mounts);
	listeners->sum = r < 0 ? 0 : sum;
	listeners->next_nsec = began_nsec + REST_FACTOR * (monotonic_now_nsec() - began_nsec);
	return r;
}

const char *engine_listeners_elsewhere(const struct engine_listeners *listeners)
{
	return listeners->elsewhere;
}

size_t engine_listeners_left_out(const struct engine_listeners *listeners)
{
	return listeners->n_left_out;
}
