/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_engines_own_places_are_known),
		cmocka_unit_test(what_looks_alike_is_none),
		cmocka_unit_test(more_can_be_named),
		cmocka_unit_test(a_relative_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
