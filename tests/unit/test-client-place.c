/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "client-scene.h"

static int setup(void **state)
{
	struct client_scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	return scene ? client_scene_init(scene) : -1;
}

static int teardown(void **state)
{
	int r = client_scene_done(*state);

	free(*state);
	return r;
}

/* An engine's socket, whose path is known, at the file of that name. */
static void bind_at(struct client_scene *scene, const char *name, struct stat *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		place_name(&scene->host.place, name));
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(stat(address.sun_path, ret), 0);
	assert_int_equal(engine_sockets_add(scene->engine_sockets, address.sun_path), 0);
}

/* In the list, as uid made it; peer 0: it listens. */
static void list_it(struct client_scene *scene, uint32_t inode, uint32_t peer, const char *name,
	const struct stat *st, uint32_t uid)
{
	struct unix_socket *socket = &scene->sockets[scene->n++];

	*socket = (struct unix_socket){
		.inode = inode,
		.peer = peer,
		.listens = peer == 0,
		.is_connected = peer != 0,
		.file_inode = (uint32_t)st->st_ino,
		.file_major = major(st->st_dev),
		.file_minor = minor(st->st_dev),
		.uid = uid,
	};
	snprintf(socket->name, sizeof(socket->name), "%s", place_name(&scene->host.place, name));
}

static struct picture *take(struct client_scene *scene)
{
	struct picture *picture;

	assert_int_equal(client_table_look(scene->table, scene->now_nsec, &picture), 0);
	return picture;
}

static void a_socket_is_known_by_its_file(void **state)
{
	struct client_scene *scene = *state;
	const char *path;
	struct stat st;

	bind_at(scene, "a.sock", &st);
	picture_unref(take(scene));
	path = client_table_socket_of(scene->table, st.st_ino, major(st.st_dev), minor(st.st_dev));
	assert_string_equal(path, place_name(&scene->host.place, "a.sock"));
	assert_null(client_table_socket_of(
		scene->table, st.st_ino + 1, major(st.st_dev), minor(st.st_dev)));
	/* The number is somebody else's as soon as the file has gone. */
	assert_int_equal(unlink(place_name(&scene->host.place, "a.sock")), 0);
	scene->now_nsec += 2 * FAKE_SEC;
	picture_unref(take(scene));
	assert_null(client_table_socket_of(
		scene->table, st.st_ino, major(st.st_dev), minor(st.st_dev)));
}

/* By the second of them: it is the place of the first, and so that of the connection. */
static void a_file_with_two_paths_is_one_socket(void **state)
{
	struct client_scene *scene = *state;
	struct picture *picture;
	char first[100], second[100];
	struct stat st;

	bind_at(scene, "a.sock", &st);
	snprintf(first, sizeof(first), "%s", place_name(&scene->host.place, "a.sock"));
	snprintf(second, sizeof(second), "%s", place_name(&scene->host.place, "b.sock"));
	assert_int_equal(link(first, second), 0);
	assert_int_equal(engine_sockets_add(scene->engine_sockets, second), 0);
	list_it(scene, 1500, 0, "a.sock", &st, 1000);
	scene_hold(scene, ENGINE, 5, 1500);
	picture_unref(take(scene));
	scene->via = second;
	scene->now_nsec += 100 * SCENE_MSEC;
	scene_hear_connect(scene, 10, 3001, 0, scene->now_nsec, NULL, 0);
	scene->now_nsec += SCENE_MSEC;
	/* The client has gone: only what is left tells whose it was. */
	list_it(scene, 2001, 1, "a.sock", &st, 1000);
	scene_socket(scene, 2001)->peer = 0;
	picture_unref(take(scene));
	client_table_heard(scene->table, scene->now_nsec + FAKE_SEC);
	picture = take(scene);
	assert_int_equal(picture->n, 1);
	assert_non_null(picture->connections[0]->client);
	assert_int_equal(picture->connections[0]->client->auid, 3001);
	assert_string_equal(picture->connections[0]->via, first);
	picture_unref(picture);
}

/* An engine that is no root's is known by its file alone. */
static void one_that_listens_anew_is_known_at_once(void **state)
{
	struct client_scene *scene = *state;
	struct picture *picture;
	struct stat st;

	bind_at(scene, "a.sock", &st);
	picture_unref(take(scene));
	bind_at(scene, "other", &st);
	assert_int_equal(rename(place_name(&scene->host.place, "other"),
				 place_name(&scene->host.place, "a.sock")),
		0);
	list_it(scene, 1500, 0, "a.sock", &st, 1000);
	list_it(scene, 2001, 3001, "a.sock", &st, 1000);
	scene_hold(scene, ENGINE, 5, 1500);
	scene->now_nsec += SCENE_MSEC;
	picture = take(scene);
	assert_int_equal(picture->n, 1);
	assert_true(picture->complete);
	picture_unref(picture);
}

static void where_there_is_no_room_for_a_socket_it_is_not_complete(void **state)
{
	struct client_scene *scene = *state;
	unsigned n_complete = 0;

	for (uint32_t i = 0; i < 70; i++) {
		struct picture *picture;

		scene->n = 1;
		scene_connect(scene, 2000 + i, 3000 + i);
		snprintf(scene_socket(scene, 2000 + i)->name, UNIX_NAME_SIZE, "/srv/%u/docker.sock",
			i);
		picture = take(scene);
		n_complete += picture->complete;
		picture_unref(picture);
	}
	assert_in_range(n_complete, 32, 64);
}

/* Each engine's own socket, not another's. */
static void a_socket_is_outlived_by_the_requests_of_who_holds_it(void **state)
{
	struct client_scene *scene = *state;

	fake_process(&scene->host,
		&(struct fake_process){ .pid = ENGINE, .parent = 1, .argv = "dockerd" });
	scene->via = "/run/podman/podman.sock";
	scene_hear_connect(scene, 100, 3001, 0, scene->now_nsec, NULL, 0);
	picture_unref(take(scene));
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "podman", 3002));
	scene->via = SOCKET;
	scene_hear_connect(scene, 100, 3001, 0, scene->now_nsec, NULL, 0);
	assert_true(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3002));
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3001));
}

/* POST /grpc and /session, of every dockerd. */
static void a_build_outlives_its_connection(void **state)
{
	struct client_scene *scene = *state;

	picture_unref(take(scene));
	scene_hear_connect(scene, 100, 3001, 0, scene->now_nsec, NULL, 0);
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3002));
	assert_true(client_table_has_passed(scene->table, 2 * FAKE_SEC, "buildkit", 3002));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_is_known_by_its_file),
		TEST(a_file_with_two_paths_is_one_socket),
		TEST(one_that_listens_anew_is_known_at_once),
		TEST(a_socket_is_outlived_by_the_requests_of_who_holds_it),
		TEST(a_build_outlives_its_connection),
		TEST(where_there_is_no_room_for_a_socket_it_is_not_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
