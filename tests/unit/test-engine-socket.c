/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/engine-socket.h"

static void the_engines_own_places_are_known(void **state)
{
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;

	assert_int_equal(engine_sockets_new(NULL, 0, &sockets), 0);
	assert_true(engine_sockets_has(sockets, "/run/docker.sock"));
	assert_true(engine_sockets_has(sockets, "/var/run/docker.sock"));
	assert_true(engine_sockets_has(sockets, "/run/user/1000/podman/podman.sock"));
	assert_true(engine_sockets_has(sockets, "/var/lib/incus/unix.socket"));
}

static void one_that_is_found_later_is_one(void **state)
{
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;
	char path[64];
	size_t n = 0;

	assert_int_equal(engine_sockets_new((const char *const[]){ "/srv/a" }, 1, &sockets), 0);
	assert_int_equal(engine_sockets_add(sockets, "relative"), -EINVAL);
	assert_int_equal(engine_sockets_add(sockets, "/var/run/x/docker.sock"), 0);
	assert_int_equal(engine_sockets_add(sockets, "/run/x/docker.sock"), 0);
	assert_int_equal(engine_sockets_add(sockets, "/srv/a"), 0);
	assert_true(engine_sockets_has(sockets, "/run/x/docker.sock"));
	while (engine_sockets_path(sockets, n))
		n++;
	assert_string_equal(engine_sockets_path(sockets, n - 1), "/run/x/docker.sock");
	assert_string_equal(engine_sockets_path(sockets, n - 2), "/srv/a");
	for (unsigned i = 1; i < 32; i++) {
		snprintf(path, sizeof(path), "/srv/%u/docker.sock", i);
		assert_int_equal(engine_sockets_add(sockets, path), 0);
	}
	assert_int_equal(engine_sockets_add(sockets, "/srv/x/docker.sock"), -ENOSPC);
}

/* Engines come and go, at other paths than before. */
static void who_has_gone_for_long_gives_way(void **state)
{
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;
	char path[64];

	assert_int_equal(engine_sockets_new(NULL, 0, &sockets), 0);
	for (unsigned i = 0; i < 32; i++) {
		snprintf(path, sizeof(path), "/srv/%u/docker.sock", i);
		assert_int_equal(engine_sockets_add(sockets, path), 0);
	}
	engine_sockets_next_round(sockets);
	assert_int_equal(engine_sockets_add(sockets, "/srv/x/docker.sock"), -ENOSPC);
	for (unsigned i = 1; i < 32; i++) {
		snprintf(path, sizeof(path), "/srv/%u/docker.sock", i);
		assert_int_equal(engine_sockets_add(sockets, path), 0);
	}
	engine_sockets_next_round(sockets);
	assert_int_equal(engine_sockets_add(sockets, "/srv/x/docker.sock"), 0);
	assert_true(engine_sockets_has(sockets, "/srv/x/docker.sock"));
	assert_false(engine_sockets_has(sockets, "/srv/0/docker.sock"));
	assert_true(engine_sockets_has(sockets, "/srv/1/docker.sock"));
	assert_int_equal(engine_sockets_add(sockets, "/srv/y/docker.sock"), -ENOSPC);
}

/* So that no user takes another's, or the engines' of root. */
static void those_of_users_have_room_of_their_own(void **state)
{
	static const char *const given[] = { "/run/user/7/docker.sock" };
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;
	char path[64];
	size_t n = 0, n_users = 0;

	assert_int_equal(engine_sockets_new(given, 1, &sockets), 0);
	assert_true(engine_sockets_is_users(sockets, "/run/user/1000/podman/podman.sock"));
	assert_true(engine_sockets_is_users(sockets, "/var/run/user/1000/docker.sock"));
	assert_false(engine_sockets_is_users(sockets, given[0]));
	assert_false(engine_sockets_is_users(sockets, "/run/user/1000/other.sock"));
	assert_false(engine_sockets_is_users(sockets, "/run/docker.sock"));
	for (unsigned i = 1000; i < 1032; i++) {
		snprintf(path, sizeof(path), "/run/user/%u/docker.sock", i);
		assert_int_equal(engine_sockets_add(sockets, path), 0);
	}
	assert_int_equal(engine_sockets_add(sockets, "/run/user/2000/docker.sock"), -ENOSPC);
	assert_true(engine_sockets_has(sockets, "/run/user/2000/docker.sock"));
	assert_int_equal(engine_sockets_add(sockets, "/srv/x/docker.sock"), 0);
	for (const char *at; (at = engine_sockets_path(sockets, n)); n++)
		n_users += engine_sockets_is_users(sockets, at);
	assert_int_equal(n_users, 32);
}

static void what_looks_alike_is_none(void **state)
{
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;

	assert_int_equal(engine_sockets_new(NULL, 0, &sockets), 0);
	assert_false(engine_sockets_has(sockets, NULL));
	assert_false(engine_sockets_has(sockets, ""));
	assert_false(engine_sockets_has(sockets, "/run/docker.sock.d"));
	assert_false(engine_sockets_has(sockets, "/run/user/docker.sock"));
	assert_false(engine_sockets_has(sockets, "/run/user/x1/docker.sock"));
	assert_false(engine_sockets_has(sockets, "/home/run/docker.sock"));
	assert_false(engine_sockets_has(sockets, "docker.sock"));
}

static void more_can_be_named(void **state)
{
	static const char *const paths[] = { "/srv/docker.sock", "/var/run/mine.sock" };
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;

	assert_int_equal(engine_sockets_new(paths, 2, &sockets), 0);
	assert_true(engine_sockets_has(sockets, "/srv/docker.sock"));
	assert_true(engine_sockets_has(sockets, "/run/mine.sock"));
}

static void a_relative_path_is_refused(void **state)
{
	static const char *const paths[] = { "/a", "b" };
	struct engine_sockets *sockets;

	assert_int_equal(engine_sockets_new(paths, 2, &sockets), -EINVAL);
}

static void all_are_told_in_turn(void **state)
{
	static const char *const paths[] = { "/srv/docker.sock", "/var/run/mine.sock" };
	_cleanup_(engine_sockets_freep) struct engine_sockets *sockets = NULL;
	size_t n = 0, n_mine = 0;

	assert_int_equal(engine_sockets_new(paths, 2, &sockets), 0);
	for (const char *path; (path = engine_sockets_path(sockets, n)); n++)
		n_mine += strcmp(path, paths[0]) == 0 || strcmp(path, "/run/mine.sock") == 0;
	assert_int_equal(n_mine, 2);
	assert_string_equal(engine_sockets_path(sockets, 0), "/run/docker.sock");
	assert_null(engine_sockets_path(sockets, n));
}

static void a_socket_serves_its_engine_and_what_stands_above_it(void **state)
{
	assert_true(engine_socket_serves("/run/docker.sock", "docker"));
	assert_false(engine_socket_serves("/run/docker.sock", "podman"));
	assert_true(engine_socket_serves("/srv/x/containerd/containerd.sock", "docker"));
	assert_false(engine_socket_serves("/run/podman/podman.sock", "docker"));
	assert_true(engine_socket_serves("/run/podman/podman.sock", "podman"));
	assert_true(engine_socket_serves("/run/docker.sock", "unknown"));
	assert_true(engine_socket_serves("/srv/what-is-this", "docker"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_engines_own_places_are_known),
		cmocka_unit_test(one_that_is_found_later_is_one),
		cmocka_unit_test(who_has_gone_for_long_gives_way),
		cmocka_unit_test(those_of_users_have_room_of_their_own),
		cmocka_unit_test(what_looks_alike_is_none),
		cmocka_unit_test(more_can_be_named),
		cmocka_unit_test(a_relative_path_is_refused),
		cmocka_unit_test(all_are_told_in_turn),
		cmocka_unit_test(a_socket_serves_its_engine_and_what_stands_above_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
