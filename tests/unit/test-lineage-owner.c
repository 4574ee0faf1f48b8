/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of a user's engine: whose container's name may it bear? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lineage-scene.h"

#define USER 65533
#define CONMON 50
#define TRICK 200
#define USER_CGROUP "/user.slice/user-65533.slice/user@65533.service/user.slice/"
#define STORAGE "root/srv/u"

/* A conmon of the user's that names the container id, with files of the user's that say so. */
static void start_users_engine(struct scene *scene, const char *id)
{
	char path[256], argv[512], text[256];

	snprintf(path, sizeof(path), STORAGE "/overlay-containers/%s/userdata/config.json", id);
	place_text(&scene->host.place, path, "{\"root\":{\"path\":\"/etc\"}}");
	snprintf(path, sizeof(path), STORAGE "/overlay-containers/%s/userdata", id);
	snprintf(argv, sizeof(argv), "conmon -c %s -b /srv/u/overlay-containers/%s/userdata", id,
		id);
	if (chown(place_name(&scene->host.place, STORAGE), USER, USER) < 0 ||
		chown(place_name(&scene->host.place, path), USER, USER) < 0)
		skip();
	live(scene, (struct fake_process){ .pid = CONMON,
			    .parent = INIT,
			    .exe = "/usr/bin/conmon",
			    .argv = argv,
			    .mounts = HOST_NAMESPACE });
	snprintf(text, sizeof(text), "Name:\tx\nPPid:\t%d\nUid:\t%d\t%d\t%d\t%d\nNSpid:\t%d\n",
		INIT, USER, USER, USER, USER, CONMON);
	fake_file(&scene->host, CONMON, "status", text);
	assert_int_equal(lineage_scan(scene->lineage, at(1)), 0);
}

static struct lineage_answer enter(
	struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, uint64_t msec)
{
	live(scene, (struct fake_process){ .pid = pid,
			    .parent = parent,
			    .cgroup = cgroup,
			    .start_nsec = at(msec),
			    .mounts = "mnt:[9]" });
	happen(scene, PROCESS_FORK, pid, parent, msec);
	happen(scene, PROCESS_EXEC, pid, 0, msec + 1);
	return find(scene, pid, parent, msec + 2);
}

static void leave(struct scene *scene, pid_t pid, uint64_t msec)
{
	fake_gone(&scene->host, pid);
	happen(scene, PROCESS_EXIT, pid, 0, msec);
	lineage_expire(scene->lineage, at(msec + 1));
}

static void a_users_container_is_the_users(void **state)
{
	struct lineage_answer answer;

	start_users_engine(*state, OTHER_ID);
	answer = enter(*state, TRICK, CONMON, USER_CGROUP "libpod-" OTHER_ID ".scope", 10);
	assert_string_equal(container_of(&answer), OTHER_ID);
	assert_null(answer.doubt);
	assert_null(answer.entry->container->info->rootfs);
	/* And is so again when it is started again. */
	leave(*state, TRICK, 20);
	answer = enter(*state, TRICK + 1, CONMON, USER_CGROUP "libpod-" OTHER_ID ".scope", 30);
	assert_string_equal(container_of(&answer), OTHER_ID);
	assert_null(answer.doubt);
}

/* Stopped, so that nobody is in it to say that the name is taken. */
static void a_user_cannot_take_the_name_of_one_that_roots_engine_knows(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	fake_podman(&scene->host, OTHER_ID, "db", "pg", false);
	start_users_engine(scene, OTHER_ID);
	answer = enter(scene, TRICK, CONMON, USER_CGROUP "libpod-" OTHER_ID ".scope", 10);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
	/* Whose name it is can use it. */
	answer = enter(scene, BOX, SHIM, "/machine.slice/libpod-" OTHER_ID ".scope", 20);
	assert_string_equal(container_of(&answer), OTHER_ID);
	assert_string_equal(answer.entry->container->info->name, "db");
	assert_null(answer.doubt);
}

static void nor_of_one_that_was_roots_and_is_gone(void **state)
{
	struct lineage_answer answer;

	scan(*state);
	answer = enter(*state, BOX, SHIM, "/machine.slice/libpod-" OTHER_ID ".scope", 5);
	assert_string_equal(container_of(&answer), OTHER_ID);
	leave(*state, BOX, 8);
	start_users_engine(*state, OTHER_ID);
	answer = enter(*state, TRICK, CONMON, USER_CGROUP "libpod-" OTHER_ID ".scope", 10);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void nor_of_one_that_was_roots_in_an_earlier_run(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	lineage_remember(scene->lineage, OTHER_ID, 0);
	lineage_remember(scene->lineage, INNER_ID, USER);
	start_users_engine(scene, OTHER_ID);
	answer = enter(scene, TRICK, CONMON, USER_CGROUP "libpod-" OTHER_ID ".scope", 10);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
	fake_gone(&scene->host, CONMON);
	happen(scene, PROCESS_EXIT, CONMON, 0, 15);
	start_users_engine(scene, INNER_ID);
	answer = enter(scene, TRICK + 1, CONMON, USER_CGROUP "libpod-" INNER_ID ".scope", 20);
	assert_string_equal(container_of(&answer), INNER_ID);
	assert_null(answer.doubt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_users_container_is_the_users),
		scene_test(a_user_cannot_take_the_name_of_one_that_roots_engine_knows),
		scene_test(nor_of_one_that_was_roots_and_is_gone),
		scene_test(nor_of_one_that_was_roots_in_an_earlier_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
