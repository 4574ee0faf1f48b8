/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "attribute/engine-listeners.h"
#include "fake-host.h"

#define MAX_LISTED 64
#define DOCKERD 700

struct scene {
	struct fake_host host;
	char at[PATH_MAX]; /* a directory without links on its way */
	struct engine_sockets *sockets;
	struct engine_listeners *listeners;
	struct unix_socket listed[MAX_LISTED];
	size_t n;
	int error;
};

static int list(unix_socket_fn on_listed, void *to, void *userdata)
{
	struct scene *scene = userdata;

	for (size_t i = 0; i < scene->n; i++)
		on_listed(&scene->listed[i], to);
	return scene->error;
}

/* Good until the next call. */
static const char *path_of(struct scene *scene, const char *name)
{
	static char path[UNIX_NAME_SIZE];

	assert_true(strlen(scene->at) + 1 + strlen(name) < sizeof(path));
	strcpy(stpcpy(stpcpy(path, scene->at), "/"), name);
	return path;
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		!realpath(scene->host.place.path, scene->at))
		return -1;
	if (engine_sockets_new(
		    (const char *const[]){ path_of(scene, "link") }, 1, &scene->sockets) < 0)
		return -1;
	return engine_listeners_new(
		&(struct engine_listeners_options){
			.proc_fd = scene->host.proc_fd, .list = list, .userdata = scene },
		&scene->listeners);
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	engine_listeners_free(scene->listeners);
	engine_sockets_free(scene->sockets);
	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

/* A socket's file, and in the list that it listens there. */
static struct unix_socket *bind_at(struct scene *scene, uint32_t inode, const char *name)
{
	struct unix_socket *listed = &scene->listed[scene->n++];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	place_make_way(&scene->host.place, name);
	strncpy(address.sun_path, path_of(scene, name), sizeof(address.sun_path) - 1);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(stat(address.sun_path, &st), 0);
	*listed = (struct unix_socket){
		.inode = inode,
		.listens = true,
		.file_inode = (uint32_t)st.st_ino,
		.file_major = major(st.st_dev),
		.file_minor = minor(st.st_dev),
	};
	snprintf(listed->name, sizeof(listed->name), "%s", address.sun_path);
	return listed;
}

static int look(struct scene *scene)
{
	return engine_listeners_look(scene->listeners, scene->sockets, NULL, ENGINE_LOOK_AT_ALL);
}

static bool has(struct scene *scene, const char *name)
{
	return engine_sockets_has(scene->sockets, path_of(scene, name));
}

static void run_dockerd(struct scene *scene, const char *argv, const char *const *held, size_t n)
{
	fake_process(
		&scene->host, &(struct fake_process){ .pid = DOCKERD, .parent = 1, .argv = argv });
	for (size_t i = 0; i < n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "proc/%d/fd/%zu", DOCKERD, i + 3);
		place_make_way(&scene->host.place, name);
		assert_int_equal(symlink(held[i], place_name(&scene->host.place, name)), 0);
	}
}

static void one_that_roots_engine_made_is_found(void **state)
{
	struct scene *scene = *state;

	bind_at(scene, 1, "srv/docker.sock");
	bind_at(scene, 2, "srv/other.sock");
	bind_at(scene, 3, "home/docker.sock")->uid = 1000;
	assert_int_equal(look(scene), 1);
	assert_true(has(scene, "srv/docker.sock"));
	assert_false(has(scene, "srv/other.sock"));
	assert_false(has(scene, "home/docker.sock"));
	assert_int_equal(look(scene), 0);
}

static void one_that_is_bound_again_is_new(void **state)
{
	struct scene *scene = *state;

	bind_at(scene, 1, "srv/docker.sock");
	assert_int_equal(look(scene), 1);
	scene->n = 0;
	assert_int_equal(look(scene), 0);
	bind_at(scene, 2, "srv/docker.sock");
	assert_int_equal(look(scene), 1);
}

static void without_a_change_nothing_is_looked_into(void **state)
{
	struct scene *scene = *state;

	bind_at(scene, 1, "srv/x.sock");
	assert_int_equal(look(scene), 0);
	/* What it is called is not asked again. */
	snprintf(scene->listed[0].name, UNIX_NAME_SIZE, "%s", path_of(scene, "srv/docker.sock"));
	assert_int_equal(engine_listeners_look(
				 scene->listeners, scene->sockets, NULL, ENGINE_LOOK_IF_CHANGED),
		0);
	assert_false(has(scene, "srv/docker.sock"));
}

static void what_is_another_file_here_is_not_added(void **state)
{
	struct scene *scene = *state;

	bind_at(scene, 1, "srv/docker.sock")->file_inode++;
	bind_at(scene, 2, "opt/docker.sock");
	assert_int_equal(unlink(path_of(scene, "opt/docker.sock")), 0);
	assert_int_equal(look(scene), 0);
	assert_false(has(scene, "srv/docker.sock"));
	assert_false(has(scene, "opt/docker.sock"));
}

static void what_a_dockerd_listens_at_is_found_whatever_its_name(void **state)
{
	static const char *const held[] = { "socket:[11]", "socket:[12]" };
	struct scene *scene = *state;
	char argv[200];

	bind_at(scene, 11, "srv/api");
	bind_at(scene, 12, "exec/metrics.sock");
	bind_at(scene, 13, "srv/of-another");
	snprintf(argv, sizeof(argv), "dockerd --exec-root %s", path_of(scene, "exec"));
	run_dockerd(scene, argv, held, ELEMENTS(held));
	assert_int_equal(look(scene), 1);
	assert_true(has(scene, "srv/api"));
	assert_false(has(scene, "exec/metrics.sock"));
	assert_false(has(scene, "srv/of-another"));
}

/* It has no socket that could be watched. */
static void a_dockerd_that_only_the_network_reaches_is_told(void **state)
{
	struct scene *scene = *state;

	look(scene);
	assert_null(engine_listeners_elsewhere(scene->listeners));
	run_dockerd(scene, "dockerd -H tcp://127.0.0.1:2375", NULL, 0);
	assert_int_equal(look(scene), 0);
	assert_string_equal(engine_listeners_elsewhere(scene->listeners), "on the network");
	fake_gone(&scene->host, DOCKERD);
	look(scene);
	assert_null(engine_listeners_elsewhere(scene->listeners));
}

/* fd://: systemd has made it. */
static void an_abstract_socket_of_a_dockerd_is_told(void **state)
{
	static const char *const held[] = { "socket:[11]", "socket:[12]" };
	struct scene *scene = *state;

	scene->listed[scene->n++] = (struct unix_socket){ .inode = 13, .listens = true };
	bind_at(scene, 11, "run/docker.sock");
	run_dockerd(scene, "dockerd -H fd://", held, ELEMENTS(held));
	assert_int_equal(look(scene), 1);
	assert_null(engine_listeners_elsewhere(scene->listeners));
	scene->listed[scene->n++] = (struct unix_socket){ .inode = 12, .listens = true };
	assert_int_equal(look(scene), 0);
	assert_string_equal(engine_listeners_elsewhere(scene->listeners), "at an abstract socket");
}

/* Which process holds it is asked again only where a socket has come or gone. */
static void what_a_dockerd_listens_at_stays_one(void **state)
{
	static const char *const held[] = { "socket:[11]" };
	struct scene *scene = *state;

	bind_at(scene, 11, "srv/api");
	run_dockerd(scene, "dockerd", held, ELEMENTS(held));
	assert_int_equal(look(scene), 1);
	fake_gone(&scene->host, DOCKERD);
	for (int i = 0; i < 4; i++)
		assert_int_equal(engine_listeners_look(scene->listeners, scene->sockets, NULL,
					 ENGINE_LOOK_AT_FILES),
			0);
	run_dockerd(scene, "dockerd", held, ELEMENTS(held));
	assert_int_equal(look(scene), 0);
	assert_true(has(scene, "srv/api"));
}

static void what_a_link_leads_to_is_found(void **state)
{
	struct scene *scene = *state;

	bind_at(scene, 1, "run/service/api.sock");
	assert_int_equal(look(scene), 0);
	assert_false(has(scene, "run/service/api.sock"));
	assert_int_equal(
		symlink("run/service/api.sock", place_name(&scene->host.place, "link")), 0);
	assert_int_equal(look(scene), 1);
	assert_true(has(scene, "run/service/api.sock"));
}

/* Its socket was bound by a path with a link in it; the records have the other. */
static void one_that_was_bound_through_a_link_has_its_real_path(void **state)
{
	struct scene *scene = *state;
	struct unix_socket *listed = bind_at(scene, 1, "real/docker.sock");

	assert_int_equal(symlink("real", place_name(&scene->host.place, "way")), 0);
	snprintf(listed->name, sizeof(listed->name), "%s", path_of(scene, "way/docker.sock"));
	assert_int_equal(look(scene), 1);
	assert_true(has(scene, "real/docker.sock"));
}

static void one_behind_a_file_system_that_asks_is_left_alone(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = NULL;
	struct scene *scene = *state;
	char text[600];

	bind_at(scene, 1, "nfs/docker.sock");
	snprintf(text, sizeof(text),
		"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 0:50 / %s rw - nfs4 s:/ rw\n",
		path_of(scene, "nfs"));
	assert_int_equal(mounts_parse(text, &mounts), 0);
	assert_int_equal(
		engine_listeners_look(scene->listeners, scene->sockets, mounts, ENGINE_LOOK_AT_ALL),
		0);
	assert_false(has(scene, "nfs/docker.sock"));
}

static void those_beyond_the_limit_are_counted(void **state)
{
	struct scene *scene = *state;
	char name[64];

	for (uint32_t i = 0; i < 35; i++) {
		snprintf(name, sizeof(name), "%u/docker.sock", i);
		bind_at(scene, i + 1, name);
	}
	assert_int_equal(look(scene), 1);
	assert_int_equal(engine_listeners_left_out(scene->listeners), 3);
	assert_true(has(scene, "31/docker.sock"));
	assert_false(has(scene, "32/docker.sock"));
	/* The first five have gone: after a while others have their room. */
	memmove(scene->listed, scene->listed + 5, 30 * sizeof(scene->listed[0]));
	scene->n = 30;
	look(scene);
	look(scene);
	assert_int_equal(engine_listeners_left_out(scene->listeners), 0);
	assert_true(has(scene, "34/docker.sock"));
	assert_true(has(scene, "31/docker.sock"));
}

static void half_a_list_is_looked_at_again(void **state)
{
	struct scene *scene = *state;

	scene->error = -EBADMSG;
	bind_at(scene, 1, "srv/docker.sock");
	assert_int_equal(engine_listeners_look(
				 scene->listeners, scene->sockets, NULL, ENGINE_LOOK_IF_CHANGED),
		0);
	scene->error = 0;
	assert_int_equal(engine_listeners_look(
				 scene->listeners, scene->sockets, NULL, ENGINE_LOOK_IF_CHANGED),
		1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_roots_engine_made_is_found),
		TEST(one_that_is_bound_again_is_new),
		TEST(without_a_change_nothing_is_looked_into),
		TEST(what_is_another_file_here_is_not_added),
		TEST(what_a_dockerd_listens_at_is_found_whatever_its_name),
		TEST(a_dockerd_that_only_the_network_reaches_is_told),
		TEST(an_abstract_socket_of_a_dockerd_is_told),
		TEST(what_a_dockerd_listens_at_stays_one),
		TEST(what_a_link_leads_to_is_found),
		TEST(one_that_was_bound_through_a_link_has_its_real_path),
		TEST(one_behind_a_file_system_that_asks_is_left_alone),
		TEST(those_beyond_the_limit_are_counted),
		TEST(half_a_list_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
