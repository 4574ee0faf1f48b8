/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of a runtime's own processes: the stages on their way into a container, and its children. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lineage-scene.h"

static void a_stage_on_its_way_into_a_container_is_watched(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	assert_false(lineage_has_suspects(scene->lineage));
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	happen(scene, PROCESS_SESSION, BOX, 0, 11);
	assert_true(lineage_has_suspects(scene->lineage));
	assert_true(lineage_poll(scene->lineage, at(12)));
	live(scene, (struct fake_process){ .pid = BOX,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .inner_pid = "\t1" });
	assert_false(lineage_poll(scene->lineage, at(14)));
	fake_gone(&scene->host, BOX);
	assert_in(find(scene, BOX, SHIM, 15), ID, ATTRIBUTED_CGROUP);
	assert_kind(find(scene, BOX, SHIM, 15), ENTRY_INIT);
}

static void suspicion_ends(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, 40, LOGIN, LOGIN_CGROUP, 10);
	happen(scene, PROCESS_NAME, 40, 0, 11);
	born_in(scene, 41, LOGIN, LOGIN_CGROUP, 10);
	happen(scene, PROCESS_NAME, 41, 0, 11);
	die(scene, 41, 12);
	assert_true(lineage_poll(scene->lineage, at(1000)));
	assert_false(lineage_poll(scene->lineage, at(3000)));
	assert_host(find(scene, 40, LOGIN, 3100));
}

static void a_suspect_that_is_gone_before_it_could_be_seen_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	happen(scene, PROCESS_SESSION, BOX, 0, 11);
	fake_gone(&scene->host, BOX);
	happen(scene, PROCESS_EXEC, BOX, 0, 12);
	happen(scene, PROCESS_EXIT, BOX, 0, 13);
	assert_doubt(find(scene, BOX, SHIM, 12));
}

/* A runtime's command, by the shim of ID, and what it made, which is gone before it can be seen. */
static void command_and_lose(struct scene *scene, const char *argv)
{
	start_box(scene);
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/runc",
			    .argv = argv,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, 170, SHIM, 30);
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	born_in(scene, 171, 170, ENGINE_CGROUP, 40);
	happen(scene, PROCESS_SESSION, 171, 0, 41);
	fake_gone(&scene->host, 171);
	happen(scene, PROCESS_EXEC, 171, 0, 42);
	happen(scene, PROCESS_EXIT, 171, 0, 43);
}

static void what_an_exec_made_and_is_gone_is_told_by_the_command(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby exec --process p " ID);
	assert_in(find(scene, 171, 170, 42), ID, ATTRIBUTED_SHIM);
	assert_kind(find(scene, 171, 170, 42), ENTRY_EXEC);
}

/* It may be a hook, on the host. */
static void what_a_create_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby create --bundle b " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void what_another_namespaces_exec_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/containerd/runc/k8s.io exec --process p " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void names_are_looked_up_a_few_times_only(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	for (unsigned i = 0; i < 1000; i++)
		happen(scene, PROCESS_NAME, BOX, 0, 11);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_NAME, BOX, 0, 12);
	assert_int_equal(scene->n_appeared, 0);
	happen(scene, PROCESS_EXEC, BOX, 0, 13);
	assert_in(find(scene, BOX, SHIM, 20), ID, ATTRIBUTED_CGROUP);
	/* A new program may be a stage again. */
	born_in(scene, 101, SHIM, ENGINE_CGROUP, 10);
	for (unsigned i = 0; i < 1000; i++)
		happen(scene, PROCESS_NAME, 101, 0, 11);
	happen(scene, PROCESS_EXEC, 101, 0, 12);
	live(scene,
		(struct fake_process){
			.pid = 101, .parent = SHIM, .cgroup = OTHER_CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_NAME, 101, 0, 13);
	assert_int_equal(scene->n_appeared, 2);
}

static void there_is_an_end_to_suspects(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	for (pid_t pid = 1000; pid < 1400; pid++) {
		happen(scene, PROCESS_FORK, pid, LOGIN, 10);
		happen(scene, PROCESS_SESSION, pid, 0, 11);
	}
	assert_true(lineage_poll(scene->lineage, at(12)));
	assert_false(lineage_poll(scene->lineage, at(5000)));
}

static void run_as_a_shim(struct scene *scene)
{
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2" });
}

static void what_is_told_as_the_runtimes_child_may_be_a_containers(void **state)
{
	struct scene *scene = *state;

	/* With CLONE_PARENT, by a process of the container that has left its cgroup. */
	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, "/", 30);
	assert_doubt(find(scene, 160, SHIM, 31));
	happen(scene, PROCESS_EXEC, 160, 0, 32);
	flash(scene, 161, 160, 33, 34);
	assert_doubt(find(scene, 160, SHIM, 35));
	assert_doubt(find(scene, 161, 160, 33));
	flash(scene, 162, SHIM, 36, 37);
	assert_doubt(find(scene, 162, SHIM, 36));
}

static void a_runtimes_child_in_a_containers_cgroup_is_in_the_container(void **state)
{
	struct scene *scene = *state;

	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, CGROUP, 30);
	assert_in(find(scene, 160, SHIM, 31), ID, ATTRIBUTED_CGROUP);
}

static void a_runtimes_child_that_is_a_runtime_is_the_hosts(void **state)
{
	struct scene *scene = *state;

	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, ENGINE_CGROUP, 30);
	live(scene, (struct fake_process){ .pid = 160,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/sbin/runc" });
	happen(scene, PROCESS_EXEC, 160, 0, 31);
	assert_host(find(scene, 160, SHIM, 32));
	/* Not so in mounts of its own. */
	born_in(scene, 170, SHIM, ENGINE_CGROUP, 30);
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .exe = "/usr/sbin/runc",
			    .mounts = BOX_NAMESPACE });
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	assert_doubt(find(scene, 170, SHIM, 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_stage_on_its_way_into_a_container_is_watched),
		scene_test(suspicion_ends),
		scene_test(a_suspect_that_is_gone_before_it_could_be_seen_is_in_doubt),
		scene_test(what_an_exec_made_and_is_gone_is_told_by_the_command),
		scene_test(what_a_create_made_and_is_gone_is_in_doubt),
		scene_test(what_another_namespaces_exec_made_and_is_gone_is_in_doubt),
		scene_test(names_are_looked_up_a_few_times_only),
		scene_test(there_is_an_end_to_suspects),
		scene_test(what_is_told_as_the_runtimes_child_may_be_a_containers),
		scene_test(a_runtimes_child_in_a_containers_cgroup_is_in_the_container),
		scene_test(a_runtimes_child_that_is_a_runtime_is_the_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
