/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake-host.h"
#include "runtime/docker-program.h"

struct scene {
	struct fake_host host;
	char at[PATH_MAX]; /* a directory without links on its way */
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0)
		return -1;
	return realpath(scene->host.place.path, scene->at) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

/* A process that runs the file of this name, with the link's text after its path. */
static void run(
	struct scene *scene, pid_t pid, const char *file, const char *argv, const char *cgroup)
{
	char exe[PATH_MAX + 100];

	place_text(&scene->host.place, file, "program");
	snprintf(exe, sizeof(exe), "%s/%s", scene->at, file);
	fake_process(&scene->host,
		&(struct fake_process){
			.pid = pid, .parent = 1, .argv = argv, .exe = exe, .cgroup = cgroup });
}

static size_t count(struct scene *scene, const char *file, const struct mounts *mounts)
{
	struct docker_programs programs = { 0 };
	char path[PATH_MAX + 100];
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/%s", scene->at, file);
	assert_int_equal(docker_programs_find(&programs, scene->host.proc_fd, mounts), 0);
	for (size_t i = 0; i < programs.n; i++)
		n += strcmp(programs.paths[i], path) == 0;
	docker_programs_done(&programs);
	return n;
}

static void one_that_runs_from_anywhere_is_found_once(void **state)
{
	run(*state, 10, "snap/docker/1/usr/bin/dockerd", "dockerd --group docker", NULL);
	run(*state, 11, "snap/docker/1/usr/bin/dockerd", "dockerd", NULL);
	run(*state, 12, "opt/engine", "/opt/bin/dockerd", NULL);
	run(*state, 13, "opt/dockerd-current", "/usr/bin/something", NULL);
	assert_int_equal(count(*state, "snap/docker/1/usr/bin/dockerd", NULL), 1);
	assert_int_equal(count(*state, "opt/engine", NULL), 1);
	assert_int_equal(count(*state, "opt/dockerd-current", NULL), 1);
}

static void what_is_called_otherwise_is_none(void **state)
{
	run(*state, 10, "bin/python3", "python3 /opt/dockerd", NULL);
	run(*state, 11, "bin/dockerd-rootless", "dockerdx", NULL);
	assert_int_equal(count(*state, "bin/python3", NULL), 0);
	assert_int_equal(count(*state, "bin/dockerd-rootless", NULL), 0);
}

static void another_users_is_none(void **state)
{
	struct scene *scene = *state;

	run(scene, 10, "home/dockerd", "dockerd", NULL);
	fake_file(&scene->host, 10, "status",
		"Name:\tx\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t10\n");
	assert_int_equal(count(scene, "home/dockerd", NULL), 0);
}

static void one_in_a_container_is_none(void **state)
{
	run(*state, 10, "inner/dockerd", "dockerd",
		"/docker/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(count(*state, "inner/dockerd", NULL), 0);
}

/* As the kernel tells it, and as it is in another mount namespace. */
static void one_whose_file_is_not_at_its_path_any_more_is_none(void **state)
{
	struct scene *scene = *state;

	run(scene, 10, "opt/dockerd (deleted)", "dockerd", NULL);
	assert_int_equal(unlink(place_name(&scene->host.place, "opt/dockerd (deleted)")), 0);
	place_text(&scene->host.place, "opt/dockerd", "another program");
	assert_int_equal(count(scene, "opt/dockerd", NULL), 0);
}

static void one_behind_a_file_system_that_asks_is_none(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = NULL;
	struct scene *scene = *state;
	char text[PATH_MAX + 300];

	run(scene, 10, "nfs/dockerd", "dockerd", NULL);
	snprintf(text, sizeof(text),
		"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 0:50 / %s/nfs rw - nfs4 s:/ rw\n",
		scene->at);
	assert_int_equal(mounts_parse(text, &mounts), 0);
	assert_int_equal(count(scene, "nfs/dockerd", mounts), 0);
	assert_int_equal(count(scene, "nfs/dockerd", NULL), 1);
}

static void without_processes_it_is_said(void **state)
{
	struct docker_programs programs = { 0 };

	assert_int_equal(docker_programs_find(&programs, -1, NULL), -EBADF);
	docker_programs_done(&programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_that_runs_from_anywhere_is_found_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_called_otherwise_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_users_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_in_a_container_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_whose_file_is_not_at_its_path_any_more_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_behind_a_file_system_that_asks_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_processes_it_is_said, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
