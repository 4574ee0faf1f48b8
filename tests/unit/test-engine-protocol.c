/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/engine-protocol.h"
#include "base/cleanup.h"
#include "fake-host.h"

#define PID 500
#define BEFORE_29 "github.com/docker/docker/daemon"
#define SINCE_29 "github.com/moby/moby/v2/daemon"
#define SIZE ((size_t)3 << 20)

struct scene {
	struct fake_host host;
	struct engine_protocols protocols;
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	return scene ? fake_host_init(&scene->host) : -1;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

/* The process's executable: large, with a text at its place; NULL: none. */
static void run(struct scene *scene, const char *argv, size_t at, const char *text, size_t at_2,
	const char *text_2)
{
	_cleanup_(freep) char *bytes = calloc(1, SIZE), *exe = NULL;

	if (text)
		memcpy(bytes + at, text, strlen(text));
	if (text_2)
		memcpy(bytes + at_2, text_2, strlen(text_2));
	exe = strdup(place_name(&scene->host.place, "dockerd"));
	unlink(exe);
	place_put(&scene->host.place, "dockerd", bytes, SIZE);
	fake_process(&scene->host,
		&(struct fake_process){ .pid = PID, .parent = 1, .argv = argv, .exe = exe });
}

static bool may_speak(struct scene *scene)
{
	return engine_may_speak_http2(&scene->protocols, scene->host.proc_fd, PID);
}

static void a_dockerd_is_what_it_was_built_from(void **state)
{
	run(*state, "dockerd", 100, BEFORE_29, 0, NULL);
	assert_false(may_speak(*state));
	run(*state, "/usr/bin/dockerd -H fd://", 100, SINCE_29, 0, NULL);
	assert_true(may_speak(*state));
	run(*state, "dockerd", 100, BEFORE_29, SIZE - 100, SINCE_29);
	assert_true(may_speak(*state));
}

/* The file is read in pieces. */
static void a_text_may_lie_across_the_pieces(void **state)
{
	for (size_t i = 1; i < sizeof(SINCE_29); i++) {
		run(*state, "dockerd", 100, BEFORE_29, ((size_t)1 << 20) - i, SINCE_29);
		assert_true(may_speak(*state));
	}
	run(*state, "dockerd", SIZE - strlen(BEFORE_29), BEFORE_29, 0, NULL);
	assert_false(may_speak(*state));
}

static void what_cannot_be_told_may_speak_it(void **state)
{
	struct scene *scene = *state;

	run(scene, "dockerd", 0, NULL, 0, NULL);
	assert_true(may_speak(scene));
	assert_int_equal(unlink(place_name(&scene->host.place, "dockerd")), 0);
	assert_true(may_speak(scene));
}

static void another_users_file_is_not_opened(void **state)
{
	struct scene *scene = *state;

	run(scene, "dockerd", 100, BEFORE_29, 0, NULL);
	fake_file(&scene->host, PID, "status",
		"Name:\tx\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t500\n");
	assert_true(may_speak(scene));
}

static void one_that_was_read_is_not_read_again(void **state)
{
	struct scene *scene = *state;

	run(scene, "dockerd", 100, BEFORE_29, 0, NULL);
	assert_false(may_speak(scene));
	assert_int_equal(scene->protocols.n, 1);
	assert_false(may_speak(scene));
	assert_int_equal(scene->protocols.n, 1);
	/* Another file at its path. */
	run(scene, "dockerd", 200, SINCE_29, 0, NULL);
	assert_true(may_speak(scene));
	assert_int_equal(scene->protocols.n, 2);
	for (size_t i = 0; i < 2 * ENGINE_PROTOCOLS_KEPT; i++) {
		run(scene, "dockerd", 100 + i, BEFORE_29, 0, NULL);
		assert_false(may_speak(scene));
	}
}

static void others_are_known_by_name(void **state)
{
	run(*state, "podman system service", 0, NULL, 0, NULL);
	assert_false(may_speak(*state));
	run(*state, "/lib/systemd/systemd", 0, NULL, 0, NULL);
	assert_false(may_speak(*state));
	run(*state, "/opt/containerd --address /srv/x", 0, NULL, 0, NULL);
	assert_true(may_speak(*state));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dockerd_is_what_it_was_built_from),
		TEST(a_text_may_lie_across_the_pieces),
		TEST(what_cannot_be_told_may_speak_it),
		TEST(another_users_file_is_not_opened),
		TEST(one_that_was_read_is_not_read_again),
		TEST(others_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
