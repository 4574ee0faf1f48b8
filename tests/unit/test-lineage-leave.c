/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of a container's processes: where they are now, who was above them, and what tells without a
 * cgroup. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "lineage-scene.h"

static void who_stays_has_left_nothing(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	answer = find(*state, BOX, SHIM, 30);
	assert_string_equal(container_of(&answer), ID);
	assert_int_equal(answer.left, 0);
}

static void who_moves_to_another_cgroup_keeps_its_container(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	fake_file(&((struct scene *)*state)->host, BOX, "cgroup", "0::/\n");
	answer = find(*state, BOX, SHIM, 50);
	assert_string_equal(container_of(&answer), ID);
	assert_int_equal(answer.left, LEFT_CGROUP);
}

static void who_is_looked_at_is_not_looked_at_again_at_once(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	answer = find(*state, BOX, SHIM, 50);
	fake_file(&((struct scene *)*state)->host, BOX, "cgroup", "0::/\n");
	answer = find(*state, BOX, SHIM, 51);
	assert_int_equal(answer.left, 0);
	answer = find(*state, BOX, SHIM, 70);
	assert_int_equal(answer.left, LEFT_CGROUP);
}

static void who_enters_the_hosts_mounts_keeps_its_container(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	born(*state, 101, BOX, 30);
	exec_in(*state, 101, BOX, 30, CGROUP, HOST_NAMESPACE, "sh", 40);
	answer = find(*state, 101, BOX, 45);
	assert_string_equal(container_of(&answer), ID);
	assert_int_equal(answer.left, LEFT_MOUNTS);
}

static void children_are_where_their_parent_is(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	born(*state, 101, BOX, 30);
	exec_in(*state, 101, BOX, 30, CGROUP, HOST_NAMESPACE, "sh", 40);
	happen(*state, PROCESS_FORK, 102, 101, 60);
	happen(*state, PROCESS_EXIT, 102, 0, 61);
	answer = find(*state, 102, 101, 60);
	assert_string_equal(container_of(&answer), ID);
	assert_int_equal(answer.left, LEFT_MOUNTS);
}

static void a_process_that_is_ending_has_not_left(void **state)
{
	struct scene *scene = *state;
	char text[160];
	struct lineage_answer answer;

	start_box(scene);
	fake_file(&scene->host, BOX, "cgroup", "0::/\n");
	snprintf(text, sizeof(text),
		"%d (x) X %d 1 1 0 -1 4194564 1 0 0 0 0 0 0 0 20 0 1 0 %llu 1 2 3\n", BOX, SHIM,
		(unsigned long long)((at(10) + fake_boot_minus_monotonic_nsec()) / FAKE_TICK_NSEC));
	fake_file(&scene->host, BOX, "stat", text);
	answer = find(scene, BOX, SHIM, 50);
	assert_int_equal(answer.left, 0);
}

static void a_runtimes_stage_on_its_way_in_has_left_nothing(void **state)
{
	struct lineage_answer answer;

	scan(*state);
	born(*state, BOX, SHIM, 10);
	exec_in(*state, BOX, SHIM, 10, CGROUP, HOST_NAMESPACE, "runc init", 12);
	happen(*state, PROCESS_FORK, 101, BOX, 13);
	answer = find(*state, BOX, SHIM, 14);
	assert_int_equal(answer.left, 0);
}

/* Few pids come round fast: what is read of a pid must be of the process that the event was about.
 */
static void a_pid_that_came_round_at_once_is_not_looked_up(void **state)
{
	struct lineage_answer answer;

	scan(*state);
	happen(*state, PROCESS_FORK, 300, SHIM, 40);
	live(*state, (struct fake_process){ .pid = 300,
			     .parent = BOX,
			     .cgroup = CGROUP,
			     .start_nsec = at(60),
			     .mounts = BOX_NAMESPACE });
	happen(*state, PROCESS_SESSION, 300, 0, 41);
	happen(*state, PROCESS_EXIT, 300, 0, 42);
	answer = find(*state, 300, SHIM, 41);
	assert_string_equal(container_of(&answer), "none");
}

static void assert_chain(const struct lineage_answer *answer, const char *expected)
{
	_cleanup_(freep) char *json = NULL;

	assert_true(answer->has_chain);
	assert_int_equal(ancestor_json(answer->above, NULL, &json), 0);
	assert_string_equal(json, expected);
}

static void the_chain_tells_who_was_above(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	born(*state, 101, BOX, 30);
	exec_in(*state, 101, BOX, 30, CGROUP, BOX_NAMESPACE, "make all", 40);
	happen(*state, PROCESS_FORK, 102, 101, 50);
	happen(*state, PROCESS_EXIT, 101, 0, 51);
	answer = find(*state, 102, 101, 50);
	assert_chain(&answer, "[{\"pid\":100,\"argv\":[\"sh\",\"-c\",\"job\"],\"complete\":true},"
			      "{\"pid\":101,\"argv\":[\"make\",\"all\"],\"complete\":true}]");
	answer = find(*state, BOX, SHIM, 50);
	assert_chain(&answer, "[]");
}

static void of_the_host_there_is_no_chain(void **state)
{
	struct lineage_answer answer;

	scan(*state);
	answer = find(*state, SHIM, INIT, 50);
	assert_null(answer.entry);
	assert_null(answer.doubt);
	assert_false(answer.has_chain);
}

static void a_container_within_the_container_is_entered(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	born(*state, 101, BOX, 30);
	exec_in(*state, 101, BOX, 30, CGROUP "/docker/" INNER_ID, "mnt:[3]", "inner", 40);
	happen(*state, PROCESS_FORK, 102, 101, 50);
	answer = find(*state, 102, 101, 50);
	assert_string_equal(container_of(&answer), INNER_ID);
	assert_string_equal(answer.entry->container->info->outer_id, ID);
	assert_ptr_equal(answer.entry->container->outer->info->id,
		find(*state, BOX, SHIM, 50).entry->container->info->id);
	assert_int_equal(answer.left, 0);
	assert_chain(&answer, "[{\"pid\":101,\"argv\":[\"inner\"],\"complete\":true}]");
}

static void a_nested_name_that_is_another_containers_is_not_believed(void **state)
{
	struct lineage_answer answer;

	start_box(*state);
	live(*state, (struct fake_process){ .pid = 200,
			     .parent = SHIM,
			     .cgroup = OTHER_CGROUP,
			     .start_nsec = at(25),
			     .mounts = "mnt:[4]" });
	happen(*state, PROCESS_FORK, 200, SHIM, 25);
	happen(*state, PROCESS_EXEC, 200, 0, 26);
	born(*state, 101, BOX, 30);
	exec_in(*state, 101, BOX, 30, CGROUP "/docker/" OTHER_ID, "mnt:[3]", "liar", 40);
	answer = find(*state, 101, BOX, 50);
	assert_string_equal(container_of(&answer), ID);
	answer = find(*state, 200, SHIM, 50);
	assert_string_equal(container_of(&answer), OTHER_ID);
}

/* conmon, above a process in mounts of its own that is in no cgroup of a container's. */
static void start_without_cgroup(struct scene *scene, const char *monitor_argv)
{
	scan(scene);
	fake_gone(&scene->host, SHIM);
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .exe = "/usr/bin/conmon",
			    .argv = monitor_argv,
			    .mounts = HOST_NAMESPACE });
	live(scene, (struct fake_process){ .pid = BOX,
			    .parent = SHIM,
			    .start_nsec = at(10),
			    .mounts = BOX_NAMESPACE });
	happen(scene, PROCESS_FORK, BOX, SHIM, 10);
	happen(scene, PROCESS_SESSION, BOX, 0, 11);
}

#define CONMON_OF(id) "conmon --api-version 1 -c " id " --exit-command /usr/bin/podman"

static void without_a_cgroup_the_monitor_tells(void **state)
{
	struct lineage_answer answer;

	fake_podman(&((struct scene *)*state)->host, ID, "web", "image", false);
	start_without_cgroup(*state, CONMON_OF(ID));
	answer = find(*state, BOX, SHIM, 12);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
	happen(*state, PROCESS_EXEC, BOX, 0, 20);
	happen(*state, PROCESS_FORK, 101, BOX, 30);
	answer = find(*state, BOX, SHIM, 40);
	assert_string_equal(container_of(&answer), ID);
	assert_string_equal(answer.entry->container->info->name, "web");
	assert_int_equal(answer.attributed_by, ATTRIBUTED_SHIM);
	assert_null(answer.doubt);
	answer = find(*state, 101, BOX, 40);
	assert_string_equal(container_of(&answer), ID);
}

static void a_monitor_that_names_what_no_engine_knows_is_no_proof(void **state)
{
	struct lineage_answer answer;

	start_without_cgroup(*state, CONMON_OF(ID));
	happen(*state, PROCESS_EXEC, BOX, 0, 20);
	answer = find(*state, BOX, SHIM, 40);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_scan_asks_the_monitor_too(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	fake_podman(&scene->host, ID, "web", "image", false);
	start_without_cgroup(scene, CONMON_OF(ID));
	live(scene,
		(struct fake_process){
			.pid = 101, .parent = BOX, .start_nsec = at(12), .mounts = BOX_NAMESPACE });
	forget_all(scene, 1000);
	assert_int_equal(lineage_scan(scene->lineage, at(50)), 0);
	answer = find(scene, BOX, SHIM, 60);
	assert_string_equal(container_of(&answer), ID);
	assert_int_equal(answer.attributed_by, ATTRIBUTED_SHIM);
	answer = find(scene, 101, BOX, 60);
	assert_string_equal(container_of(&answer), ID);
	answer = find(scene, SHIM, INIT, 60);
	assert_null(answer.entry);
	assert_null(answer.doubt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(who_stays_has_left_nothing),
		scene_test(who_moves_to_another_cgroup_keeps_its_container),
		scene_test(who_is_looked_at_is_not_looked_at_again_at_once),
		scene_test(who_enters_the_hosts_mounts_keeps_its_container),
		scene_test(children_are_where_their_parent_is),
		scene_test(a_process_that_is_ending_has_not_left),
		scene_test(a_runtimes_stage_on_its_way_in_has_left_nothing),
		scene_test(a_pid_that_came_round_at_once_is_not_looked_up),
		scene_test(the_chain_tells_who_was_above),
		scene_test(of_the_host_there_is_no_chain),
		scene_test(a_container_within_the_container_is_entered),
		scene_test(a_nested_name_that_is_another_containers_is_not_believed),
		scene_test(without_a_cgroup_the_monitor_tells),
		scene_test(a_monitor_that_names_what_no_engine_knows_is_no_proof),
		scene_test(a_scan_asks_the_monitor_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
