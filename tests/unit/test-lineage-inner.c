/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of engines within a container: what ends before it could be seen in the inner container. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lineage-scene.h"

#define INNER_CGROUP CGROUP "/docker/" INNER_ID
#define ENGINE 101
#define INNER_SHIM 102
#define RUNC 103
#define STAGE 104

static void exec_engine(
	struct scene *scene, pid_t pid, pid_t parent, const char *exe, uint64_t msec)
{
	born(scene, pid, parent, msec);
	fake_gone(&scene->host, pid);
	live(scene, (struct fake_process){ .pid = pid,
			    .parent = parent,
			    .cgroup = CGROUP,
			    .exe = exe,
			    .argv = exe,
			    .start_nsec = at(msec),
			    .mounts = BOX_NAMESPACE });
	happen(scene, PROCESS_EXEC, pid, 0, msec + 1);
}

static void start_inner_engine(struct scene *scene)
{
	start_box(scene);
	exec_engine(scene, ENGINE, BOX, "/usr/bin/dockerd", 30);
	exec_engine(scene, INNER_SHIM, ENGINE, "/usr/bin/containerd-shim-runc-v2", 40);
}

/* It was gone before anybody looked: only its events are left. */
static void pass(struct scene *scene, pid_t pid, pid_t parent, uint64_t msec)
{
	happen(scene, PROCESS_FORK, pid, parent, msec);
	happen(scene, PROCESS_EXEC, pid, 0, msec + 1);
	happen(scene, PROCESS_EXIT, pid, 0, msec + 3);
}

static void assert_inner_or_doubt(const struct lineage_answer *answer)
{
	assert_string_equal(container_of(answer), ID);
	assert_non_null(answer->doubt);
	assert_non_null(strstr(answer->doubt, "container's own engine"));
}

static void an_inner_exec_that_ends_unseen_is_the_outers_with_doubt(void **state)
{
	struct lineage_answer answer;

	start_inner_engine(*state);
	exec_engine(*state, RUNC, INNER_SHIM, "/usr/sbin/runc", 50);
	pass(*state, STAGE, RUNC, 60);
	answer = find(*state, STAGE, RUNC, 62);
	assert_inner_or_doubt(&answer);
	/* And so are its children. */
	happen(*state, PROCESS_FORK, 105, STAGE, 62);
	happen(*state, PROCESS_EXIT, 105, 0, 63);
	answer = find(*state, 105, STAGE, 62);
	assert_inner_or_doubt(&answer);
}

static void where_even_the_runtime_ends_unseen_there_is_doubt(void **state)
{
	struct lineage_answer answer;

	start_inner_engine(*state);
	happen(*state, PROCESS_FORK, RUNC, INNER_SHIM, 50);
	happen(*state, PROCESS_EXEC, RUNC, 0, 51);
	pass(*state, STAGE, RUNC, 60);
	happen(*state, PROCESS_EXIT, RUNC, 0, 65);
	answer = find(*state, STAGE, RUNC, 62);
	assert_inner_or_doubt(&answer);
}

/* Seen on its way, before it was moved. */
static void a_runtime_without_a_name_is_one_still(void **state)
{
	static const char *const names[] = { "/memfd:runc_cloned:/proc/self/exe (deleted)", "/",
		"/run/runc/#123 (deleted)" };
	struct lineage_answer answer;

	start_inner_engine(*state);
	exec_engine(*state, RUNC, INNER_SHIM, "/usr/sbin/runc", 50);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		pid_t stage = 200 + 2 * (pid_t)i;

		exec_engine(*state, stage, RUNC, names[i], 60);
		pass(*state, stage + 1, stage, 70);
		answer = find(*state, stage + 1, stage, 72);
		assert_inner_or_doubt(&answer);
	}
}

static void a_stage_is_followed_into_the_inner_container(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;
	struct entry *entry;

	start_inner_engine(scene);
	exec_engine(scene, RUNC, INNER_SHIM, "/usr/sbin/runc", 50);
	born(scene, STAGE, RUNC, 60);
	happen(scene, PROCESS_NAME, STAGE, 0, 61);
	assert_true(lineage_has_suspects(scene->lineage));
	fake_file(&scene->host, STAGE, "cgroup", "0::" INNER_CGROUP "\n");
	assert_false(lineage_poll(scene->lineage, at(62)));
	fake_gone(&scene->host, STAGE);
	happen(scene, PROCESS_EXEC, STAGE, 0, 63);
	happen(scene, PROCESS_EXIT, STAGE, 0, 65);
	answer = find(scene, STAGE, RUNC, 64);
	assert_string_equal(container_of(&answer), INNER_ID);
	assert_null(answer.doubt);
	entry = answer.entry;
	assert_int_equal(entry->pid, STAGE);
}

static void a_child_that_was_forked_in_the_runtimes_name_is_seen_at_its_birth(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	start_inner_engine(scene);
	live(scene, (struct fake_process){ .pid = 110,
			    .parent = INNER_SHIM,
			    .cgroup = INNER_CGROUP,
			    .start_nsec = at(50),
			    .mounts = "mnt:[3]" });
	happen(scene, PROCESS_FORK, 110, INNER_SHIM, 50);
	fake_gone(&scene->host, 110);
	happen(scene, PROCESS_EXIT, 110, 0, 52);
	answer = find(scene, 110, INNER_SHIM, 51);
	assert_string_equal(container_of(&answer), INNER_ID);
	assert_null(answer.doubt);
}

/* Its birth was not told: the word of the parent is all there is. */
static void what_only_its_record_tells_of_is_not_the_runtimes_containers(void **state)
{
	struct lineage_answer answer;

	start_inner_engine(*state);
	exec_engine(*state, RUNC, INNER_SHIM, "/usr/sbin/runc", 50);
	answer = find(*state, 777, RUNC, 60);
	assert_non_null(answer.doubt);
	happen(*state, PROCESS_FORK, STAGE, RUNC, 61);
	answer = find(*state, 778, STAGE, 62);
	assert_non_null(answer.doubt);
	born(*state, 130, BOX, 63);
	answer = find(*state, 779, 130, 64);
	assert_string_equal(container_of(&answer), ID);
	assert_null(answer.doubt);
}

static void what_is_seen_outside_of_it_is_the_outers(void **state)
{
	struct lineage_answer answer;

	start_inner_engine(*state);
	/* conmon's or a shim's helper: no runtime, and nowhere else. */
	exec_engine(*state, 120, INNER_SHIM, "/usr/bin/helper", 50);
	happen(*state, PROCESS_FORK, 121, 120, 60);
	happen(*state, PROCESS_EXIT, 121, 0, 61);
	answer = find(*state, 120, INNER_SHIM, 60);
	assert_string_equal(container_of(&answer), ID);
	assert_null(answer.doubt);
	answer = find(*state, 121, 120, 60);
	assert_string_equal(container_of(&answer), ID);
	assert_null(answer.doubt);
	/* The engine's own, of which it is known where they are. */
	answer = find(*state, INNER_SHIM, ENGINE, 60);
	assert_null(answer.doubt);
}

static void a_short_command_beside_the_inner_engine_is_the_outers(void **state)
{
	struct lineage_answer answer;

	start_inner_engine(*state);
	pass(*state, 130, BOX, 50);
	answer = find(*state, 130, BOX, 52);
	assert_string_equal(container_of(&answer), ID);
	assert_null(answer.doubt);
}

static void without_an_engine_no_short_life_is_doubted(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	happen(*state, PROCESS_FORK, 130, BOX, 30);
	happen(*state, PROCESS_EXEC, 130, 0, 31);
	pass(*state, 131, 130, 32);
	answer = find(*state, 131, 130, 34);
	assert_string_equal(container_of(&answer), ID);
	assert_null(answer.doubt);
}

static void an_engine_that_was_there_before_is_known(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live(scene,
		(struct fake_process){
			.pid = BOX, .parent = SHIM, .cgroup = CGROUP, .mounts = BOX_NAMESPACE });
	live(scene, (struct fake_process){ .pid = INNER_SHIM,
			    .parent = BOX,
			    .cgroup = CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2",
			    .mounts = BOX_NAMESPACE });
	assert_int_equal(lineage_scan(scene->lineage, at(5)), 0);
	pass(scene, 140, INNER_SHIM, 50);
	answer = find(scene, 140, INNER_SHIM, 52);
	assert_inner_or_doubt(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(an_inner_exec_that_ends_unseen_is_the_outers_with_doubt),
		scene_test(where_even_the_runtime_ends_unseen_there_is_doubt),
		scene_test(a_runtime_without_a_name_is_one_still),
		scene_test(a_stage_is_followed_into_the_inner_container),
		scene_test(a_child_that_was_forked_in_the_runtimes_name_is_seen_at_its_birth),
		scene_test(what_only_its_record_tells_of_is_not_the_runtimes_containers),
		scene_test(what_is_seen_outside_of_it_is_the_outers),
		scene_test(a_short_command_beside_the_inner_engine_is_the_outers),
		scene_test(without_an_engine_no_short_life_is_doubted),
		scene_test(an_engine_that_was_there_before_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
