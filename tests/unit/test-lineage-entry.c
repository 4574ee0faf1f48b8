/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How a process came into its container, and with whose loginuid. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/entry.h"
#include "lineage-scene.h"

#define PODMAN_CGROUP "/machine.slice/libpod-" ID ".scope/container"

static void pid_1_of_the_container_came_in_as_its_init(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	assert_kind(find(scene, BOX, SHIM, 30), ENTRY_INIT);
}

static void who_comes_later_came_in_by_exec(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 150, SHIM, CGROUP, 50);
	live(scene, (struct fake_process){ .pid = 150,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(50),
			    .inner_pid = "\t7" });
	happen(scene, PROCESS_NAME, 150, 0, 51);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	flash(scene, 151, 150, 60, 61);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_EXEC);
	assert_kind(find(scene, 151, 150, 60), ENTRY_EXEC);
	assert_kind(find(scene, BOX, SHIM, 60), ENTRY_INIT);
	assert_int_equal(scene->n_appeared, 1);
}

static void runcs_stages_are_passed_over(void **state)
{
	struct scene *scene = *state;
	struct fake_process stage = { .pid = BOX,
		.parent = SHIM,
		.start_nsec = at(10),
		.cgroup = CGROUP,
		.argv = "runc init" };

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	live(scene, stage);
	happen(scene, PROCESS_EXEC, BOX, 0, 11);
	happen(scene, PROCESS_NAME, BOX, 0, 12);
	assert_kind(find(scene, BOX, SHIM, 13), ENTRY_UNKNOWN);
	/* With the host's pids, for which only the program itself tells. */
	stage.argv = "sleep 1000";
	live(scene, stage);
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	assert_kind(find(scene, BOX, SHIM, 21), ENTRY_INIT);
}

static void a_container_in_the_hosts_pid_namespace_has_an_init_too(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, CGROUP, 10);
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	born_in(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	assert_kind(find(scene, BOX, SHIM, 60), ENTRY_INIT);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_EXEC);
}

static void a_restart_has_an_init_of_its_own(void **state)
{
	struct scene *scene = *state;

	fake_docker(&scene->host, ID, "hack", "bb", false, BOX, NULL);
	live(scene, (struct fake_process){ .pid = BOX, .parent = SHIM, .cgroup = CGROUP });
	scan(scene);
	assert_kind(find(scene, BOX, SHIM, 5), ENTRY_INIT);
	die(scene, BOX, 30);
	/* With the host's pids; the engine has said something else by then. */
	fake_docker(&scene->host, ID, "renamed", "bb", false, 150, NULL);
	born_in(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_INIT);
	assert_string_equal(find(scene, 150, SHIM, 60).entry->container->info->name, "renamed");
	assert_int_equal(scene->n_appeared, 2);
	assert_int_equal(scene->n_ended, 1);
}

static void state_files_that_are_gone_take_nothing_back(void **state)
{
	struct scene *scene = *state;
	const struct container_info *info;

	fake_docker(&scene->host, ID, "hack", "bb", true, BOX, NULL);
	live(scene, (struct fake_process){ .pid = BOX, .parent = SHIM, .cgroup = CGROUP });
	scan(scene);
	die(scene, BOX, 30);
	assert_int_equal(nftw(place_name(&scene->host.place, "root/var/lib/docker/containers"),
				 place_remove_one, 4, FTW_DEPTH | FTW_PHYS),
		0);
	born_in(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	info = find(scene, 150, SHIM, 60).entry->container->info;
	assert_string_equal(info->name, "hack");
	assert_int_equal(info->privileged, TRISTATE_YES);
}

static void the_loginuid_is_taken_from_outside(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	scan(scene);
	born_in(scene, BOX, SHIM, CGROUP, 10);
	/* Inside, where it is unset, any process may set its own. */
	live(scene, (struct fake_process){ .pid = BOX,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .has_loginuid = true,
			    .loginuid = 4242 });
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	answer = find(scene, BOX, SHIM, 30);
	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_true(answer.entry->auid_known);
	assert_int_equal(answer.entry->auid, FAKE_UNSET);
}

static void what_lives_no_more_is_not_asked_for_a_loginuid(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, 50, LOGIN, LOGIN_CGROUP, 10);
	born_in(scene, BOX, 50, CGROUP, 11);
	/* 50 has ended, and another human's process has its pid in /proc, of which no event has
	 * told yet. */
	happen(scene, PROCESS_EXIT, 50, 0, 12);
	live(scene,
		(struct fake_process){
			.pid = 50, .has_loginuid = true, .loginuid = 1111, .start_nsec = at(13) });
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	assert_int_equal(find(scene, BOX, 50, 30).entry->auid, LOGIN_AUID);
}

static struct touch_launcher launcher_of(struct lineage_answer answer)
{
	struct touch_launcher launcher;

	assert_non_null(answer.entry);
	entry_launcher(answer.entry, &launcher);
	return launcher;
}

/* LOGIN gives a command; what it starts goes by way of conmon to the container. */
static void start_podman(struct scene *scene, const char *argv)
{
	const char *cgroup = LOGIN_CGROUP;

	scan(scene);
	live(scene, (struct fake_process){ .pid = 60,
			    .parent = LOGIN,
			    .cgroup = cgroup,
			    .start_nsec = at(5),
			    .has_loginuid = true,
			    .loginuid = LOGIN_AUID,
			    .exe = "/usr/bin/podman",
			    .argv = argv });
	happen(scene, PROCESS_FORK, 60, LOGIN, 5);
	happen(scene, PROCESS_EXEC, 60, 0, 6);
	/* conmon parts from its parent by a fork of its own. */
	flash(scene, 61, 60, 7, 9);
	live(scene, (struct fake_process){ .pid = 62,
			    .parent = INIT,
			    .cgroup = cgroup,
			    .start_nsec = at(8),
			    .has_loginuid = true,
			    .loginuid = LOGIN_AUID });
	happen(scene, PROCESS_FORK, 62, 61, 8);
	born_in(scene, BOX, 62, PODMAN_CGROUP, 10);
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
}

static void podmans_client_is_found_among_the_ancestors(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	fake_podman(&scene->host, ID, "hack", "bb:latest", true);
	start_podman(scene, "podman run --privileged bb");
	assert_in(find(scene, BOX, 62, 30), ID, ATTRIBUTED_CGROUP);
	assert_string_equal(find(scene, BOX, 62, 30).entry->container->info->name, "hack");
	launcher = launcher_of(find(scene, BOX, 62, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_CERTAIN);
	assert_int_equal(launcher.auid, LOGIN_AUID);
	assert_int_equal(launcher.pid, 60);
	assert_memory_equal(launcher.argv.bytes, "podman\0run\0--privileged\0bb", 26);
}

static void podmans_service_names_nobody(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	start_podman(scene, "podman system service --time 0");
	launcher = launcher_of(find(scene, BOX, 62, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher.auid, AUID_UNSET);
}

static void docker_names_nobody_though_its_daemon_was_started_from_a_login(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = DAEMON,
			    .has_loginuid = true,
			    .loginuid = LOGIN_AUID });
	start_box(scene);
	assert_int_equal(find(scene, BOX, SHIM, 30).entry->auid, LOGIN_AUID);
	launcher = launcher_of(find(scene, BOX, SHIM, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher.auid, AUID_UNSET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(pid_1_of_the_container_came_in_as_its_init),
		scene_test(who_comes_later_came_in_by_exec),
		scene_test(runcs_stages_are_passed_over),
		scene_test(a_container_in_the_hosts_pid_namespace_has_an_init_too),
		scene_test(a_restart_has_an_init_of_its_own),
		scene_test(state_files_that_are_gone_take_nothing_back),
		scene_test(the_loginuid_is_taken_from_outside),
		scene_test(what_lives_no_more_is_not_asked_for_a_loginuid),
		scene_test(podmans_client_is_found_among_the_ancestors),
		scene_test(podmans_service_names_nobody),
		scene_test(docker_names_nobody_though_its_daemon_was_started_from_a_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
