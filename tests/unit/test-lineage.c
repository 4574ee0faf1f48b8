/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which container is a process in, and until when is that known? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "lineage-scene.h"

static void a_process_of_the_host_is_one(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	assert_host(find(scene, DAEMON, INIT, 5));
	born_in(scene, 40, LOGIN, LOGIN_CGROUP, 10);
	happen(scene, PROCESS_EXEC, 40, 0, 11);
	flash(scene, 41, 40, 12, 13);
	assert_host(find(scene, 40, LOGIN, 15));
	assert_host(find(scene, 41, 40, 12));
	assert_int_equal(scene->n_appeared, 0);
}

static void a_process_is_in_the_container_from_when_its_cgroup_is(void **state)
{
	static const enum process_event_type types[] = { PROCESS_EXEC, PROCESS_SESSION,
		PROCESS_NAME };
	struct scene *scene = *state;

	scan(scene);
	for (pid_t i = 0; i < 3; i++) {
		born_in(scene, BOX + i, SHIM, CGROUP, 10);
		happen(scene, types[i], BOX + i, 0, 20);
		fake_gone(&scene->host, BOX + i);
		assert_in(find(scene, BOX + i, SHIM, 25), ID, ATTRIBUTED_CGROUP);
	}
	assert_int_equal(scene->n_appeared, 1);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void a_process_that_touches_is_looked_up_if_nothing_told_of_it(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, CGROUP, 10);
	assert_in(find(scene, BOX, SHIM, 25), ID, ATTRIBUTED_CGROUP);
}

static void children_inherit_the_container(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 101, BOX, 30, 31);
	happen(scene, PROCESS_FORK, 102, BOX, 30);
	flash(scene, 103, 102, 32, 33);
	happen(scene, PROCESS_EXIT, 102, 0, 34);
	assert_in(find(scene, BOX, SHIM, 30), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, BOX, 30), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, 103, 102, 33), ID, ATTRIBUTED_LINEAGE);
	assert_ptr_equal(find(scene, 103, 102, 33).entry, find(scene, BOX, SHIM, 30).entry);
}

static void what_the_engine_says_is_known(void **state)
{
	struct scene *scene = *state;
	const struct container_info *info;

	fake_docker(&scene->host, ID, "hack", "bb:latest", true, BOX, NULL);
	start_box(scene);
	info = find(scene, BOX, SHIM, 30).entry->container->info;
	assert_string_equal(info->runtime, "docker");
	assert_string_equal(info->name, "hack");
	assert_string_equal(info->image, "bb:latest");
	assert_int_equal(info->privileged, TRISTATE_YES);
}

static void a_move_to_another_cgroup_does_not_undo_it(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = "/", .start_nsec = at(10) });
	happen(scene, PROCESS_EXEC, BOX, 0, 30);
	born_in(scene, 101, BOX, "/", 31);
	happen(scene, PROCESS_EXEC, 101, 0, 32);
	happen(scene, PROCESS_SESSION, 101, 0, 33);
	assert_in(find(scene, BOX, SHIM, 40), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, BOX, 40), ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_rescan(scene->lineage, at(50), at(60)), 0);
	assert_in(find(scene, 101, BOX, 70), ID, ATTRIBUTED_LINEAGE);
}

static void the_dead_are_known_until_they_expire(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	die(scene, BOX, 50);
	lineage_expire(scene->lineage, at(40));
	assert_in(find(scene, 200, BOX, 35), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, BOX, SHIM, 45), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
	lineage_expire(scene->lineage, at(1000));
	assert_doubt(find(scene, 200, INIT, 35));
	assert_null(find(scene, 200, INIT, 35).process);
	assert_int_equal(lineage_container_count(scene->lineage), 0);
}

static void a_container_ends_with_its_last_process(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_FORK, 101, BOX, 30);
	happen(scene, PROCESS_EXIT, BOX, 0, 40);
	assert_int_equal(scene->n_ended, 0);
	happen(scene, PROCESS_EXIT, 101, 0, 41);
	happen(scene, PROCESS_EXIT, 101, 0, 42);
	assert_int_equal(scene->n_appeared, 1);
	assert_int_equal(scene->n_ended, 1);
}

static void a_thread_that_executes_is_the_process_again(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_EXIT, BOX, 0, 30);
	assert_int_equal(scene->n_ended, 1);
	happen(scene, PROCESS_EXEC, BOX, 0, 31);
	assert_int_equal(scene->n_appeared, 2);
	assert_true(find(scene, BOX, SHIM, 40).entry->alive);
	flash(scene, 101, BOX, 50, 51);
	lineage_expire(scene->lineage, at(45));
	assert_in(find(scene, BOX, SHIM, 60), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, BOX, 50), ID, ATTRIBUTED_LINEAGE);
	happen(scene, PROCESS_EXIT, BOX, 0, 70);
	assert_int_equal(scene->n_ended, 2);
}

static void threads_go_on_after_their_leaders_end(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_EXIT, BOX, 0, 30);
	flash(scene, 101, BOX, 40, 41);
	assert_in(find(scene, BOX, SHIM, 40), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, BOX, 40), ID, ATTRIBUTED_LINEAGE);
}

static void a_thread_cannot_make_an_ended_process_immortal(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_EXIT, BOX, 0, 30);
	happen(scene, PROCESS_SESSION, BOX, 0, 31);
	happen(scene, PROCESS_NAME, BOX, 0, 32);
	lineage_expire(scene->lineage, at(1000));
	assert_int_equal(lineage_container_count(scene->lineage), 0);
	assert_int_equal(scene->n_ended, 1);
}

static void beyond_the_limit_the_dead_are_forgotten_first(void **state)
{
	struct scene *scene = *state;

	forget_all(scene, 7);
	start_box(scene);
	happen(scene, PROCESS_FORK, 110, BOX, 25);
	for (pid_t pid = 200; pid < 220; pid++)
		flash(scene, pid, BOX, 30, 31);
	assert_int_equal(lineage_counts(scene->lineage).known, 7);
	assert_true(lineage_counts(scene->lineage).evicted > 0);
	assert_int_equal(lineage_counts(scene->lineage).refused, 0);
	assert_in(find(scene, 219, BOX, 30), ID, ATTRIBUTED_LINEAGE);
	/* The forgotten are in doubt, or their parent tells. */
	assert_doubt(find(scene, 200, INIT, 30));
	assert_in(find(scene, 200, 110, 30), ID, ATTRIBUTED_LINEAGE);
}

static void beyond_the_limit_of_the_living_births_are_counted_and_in_doubt(void **state)
{
	struct scene *scene = *state;

	forget_all(scene, 6);
	start_box(scene);
	happen(scene, PROCESS_FORK, 110, BOX, 25);
	happen(scene, PROCESS_FORK, 200, BOX, 30);
	happen(scene, PROCESS_EXEC, 200, 0, 31);
	assert_true(lineage_counts(scene->lineage).refused > 0);
	assert_doubt(find(scene, 200, INIT, 40));
	assert_in(find(scene, 200, 110, 40), ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void two_containers_are_told_apart(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 150, SHIM, OTHER_CGROUP, 30);
	happen(scene, PROCESS_EXEC, 150, 0, 31);
	flash(scene, 101, BOX, 40, 41);
	flash(scene, 151, 150, 40, 41);
	assert_in(find(scene, 101, BOX, 40), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, 151, 150, 40), OTHER_ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_container_count(scene->lineage), 2);
}

static void a_users_unit_with_a_containers_name_is_no_proof(void **state)
{
	static const char cgroup[] = "/user.slice/user-65533.slice/user@65533.service/user.slice/"
				     "libpod-" ID ".scope/container";
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 160, LOGIN, cgroup, 30);
	happen(scene, PROCESS_EXEC, 160, 0, 31);
	assert_doubt(find(scene, 160, LOGIN, 32));
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void without_proc_there_is_no_lineage(void **state)
{
	struct scene *scene = *state;
	struct lineage *lineage = NULL;

	assert_int_equal(lineage_new(&(struct lineage_options){ .proc = "/nonexistent",
					     .runtime = scene->runtime,
					     .process_limit = 10 },
				 &lineage),
		-ENOENT);
	assert_null(lineage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_process_of_the_host_is_one),
		scene_test(a_process_is_in_the_container_from_when_its_cgroup_is),
		scene_test(a_process_that_touches_is_looked_up_if_nothing_told_of_it),
		scene_test(children_inherit_the_container),
		scene_test(what_the_engine_says_is_known),
		scene_test(a_move_to_another_cgroup_does_not_undo_it),
		scene_test(the_dead_are_known_until_they_expire),
		scene_test(a_container_ends_with_its_last_process),
		scene_test(a_thread_that_executes_is_the_process_again),
		scene_test(threads_go_on_after_their_leaders_end),
		scene_test(a_thread_cannot_make_an_ended_process_immortal),
		scene_test(beyond_the_limit_the_dead_are_forgotten_first),
		scene_test(beyond_the_limit_of_the_living_births_are_counted_and_in_doubt),
		scene_test(two_containers_are_told_apart),
		scene_test(a_users_unit_with_a_containers_name_is_no_proof),
		scene_test(without_proc_there_is_no_lineage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
