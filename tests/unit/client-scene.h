/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An engine and its clients, as lists of sockets and a /proc of files have them: the engine is
 * ENGINE, which listens at SOCKET. Include after cmocka.h.
 */

#include "attribute/client-table.h"
#include "base/time.h"
#include "fake-host.h"

#define ENGINE 900
#define LISTENER 1000
#define SOCKET "/run/docker.sock"
#define SCENE_MSEC UINT64_C(1000000)

struct client_scene {
	struct fake_host host;
	struct engine_sockets *engine_sockets;
	struct client_table *table;
	struct unix_socket sockets[16];
	size_t n;
	uint64_t now_nsec;
	uint64_t cpu_nsec; /* of every client */
	int error;         /* what listing answers */
	unsigned n_told;   /* clients, new and ended */
	struct client told;
	const char *told_via;
	const char *via;   /* where who is heard of has connected; NULL: SOCKET */
};

static int scene_list(unix_socket_fn on_socket, void *to, void *userdata)
{
	struct client_scene *scene = userdata;

	for (size_t i = 0; i < scene->n; i++)
		on_socket(&scene->sockets[i], to);
	return scene->error;
}

static uint64_t scene_now(void *userdata)
{
	return ((struct client_scene *)userdata)->now_nsec;
}

static int scene_cpu(pid_t pid, uint64_t *ret_nsec, void *userdata)
{
	*ret_nsec = ((struct client_scene *)userdata)->cpu_nsec;
	return 0;
}

static void scene_on_client(const struct client *client, const char *via, void *userdata)
{
	struct client_scene *scene = userdata;

	scene->n_told++;
	scene->told = *client;
	scene->told_via = via;
}

/* The descriptor of a process is that socket. */
static inline void scene_hold(struct client_scene *scene, pid_t pid, int fd, uint32_t inode)
{
	char name[64], target[64];

	snprintf(name, sizeof(name), "proc/%d/fd/%d", pid, fd);
	snprintf(target, sizeof(target), "socket:[%u]", inode);
	place_make_way(&scene->host.place, name);
	unlink(place_name(&scene->host.place, name));
	assert_int_equal(symlink(target, place_name(&scene->host.place, name)), 0);
}

/* A connection whose engine's end is inode; its client's end is peer, 0: closed. */
static inline void scene_connect(struct client_scene *scene, uint32_t inode, uint32_t peer)
{
	struct unix_socket *socket = &scene->sockets[scene->n++];

	*socket = (struct unix_socket){
		.inode = inode, .peer = peer, .is_connected = true, .file_inode = 7
	};
	strcpy(socket->name, SOCKET);
}

static inline struct unix_socket *scene_socket(struct client_scene *scene, uint32_t inode)
{
	for (size_t i = 0; i < scene->n; i++)
		if (scene->sockets[i].inode == inode)
			return &scene->sockets[i];
	return NULL;
}

/* A record: pid, of that login, connected by its descriptor 3, whose inode is peer (0: it has
 * gone). */
static inline void scene_hear_connect(struct client_scene *scene, pid_t pid, uint32_t auid,
	uint32_t peer, uint64_t time_nsec, const char *argv, size_t argv_len)
{
	const struct client client = { .pid = pid,
		.start_nsec = 1,
		.auid = auid,
		.argv = (char *)argv,
		.argv_len = argv_len,
		.argv_complete = true,
		.argv_is_live = true,
		.recorded = true };

	if (peer != 0)
		scene_hold(scene, pid, 3, peer);
	client_table_connected(
		scene->table, &client, scene->via ? scene->via : SOCKET, 3, peer != 0, time_nsec);
}

static inline int client_scene_init(struct client_scene *scene)
{
	if (fake_host_init(&scene->host) < 0 ||
		engine_sockets_new(NULL, 0, &scene->engine_sockets) < 0)
		return -1;
	scene->sockets[scene->n++] =
		(struct unix_socket){ .inode = LISTENER, .listens = true, .file_inode = 7 };
	strcpy(scene->sockets[0].name, SOCKET);
	scene_hold(scene, ENGINE, 4, LISTENER);
	scene->now_nsec = FAKE_SEC;
	return client_table_new(
		&(struct client_table_options){
			.proc_fd = scene->host.proc_fd,
			.sockets = scene->engine_sockets,
			.limit = 64,
			.list = scene_list,
			.now = scene_now,
			.cpu = scene_cpu,
			.on_client = scene_on_client,
			.userdata = scene,
		},
		&scene->table);
}

static inline int client_scene_done(struct client_scene *scene)
{
	client_table_free(scene->table);
	engine_sockets_free(scene->engine_sockets);
	return fake_host_done(&scene->host);
}
