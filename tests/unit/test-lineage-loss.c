/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Events were lost: what is sure before, meanwhile and after. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lineage-scene.h"

static void after_a_loss_those_who_are_proven_to_be_the_same_are_sure(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 101, BOX, CGROUP, 30);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, BOX, SHIM, 150), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, BOX, 150), ID, ATTRIBUTED_LINEAGE);
	assert_host(find(scene, DAEMON, INIT, 150));
	assert_host(find(scene, DAEMON, INIT, 250));
	assert_int_equal(scene->n_ended, 0);
}

static void after_a_loss_new_processes_are_where_their_cgroup_says_or_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	live(scene, (struct fake_process){
			    .pid = 101, .parent = BOX, .cgroup = CGROUP, .start_nsec = at(150) });
	live(scene, (struct fake_process){ .pid = 40,
			    .parent = LOGIN,
			    .start_nsec = at(150),
			    .cgroup = LOGIN_CGROUP });
	live(scene, (struct fake_process){ .pid = 150,
			    .parent = SHIM,
			    .start_nsec = at(150),
			    .cgroup = OTHER_CGROUP });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, BOX, 160), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 150, SHIM, 160), OTHER_ID, ATTRIBUTED_CGROUP);
	assert_doubt(find(scene, 40, LOGIN, 160));
	born_in(scene, 41, 40, LOGIN_CGROUP, 300);
	assert_doubt(find(scene, 41, 40, 310));
	assert_int_equal(scene->n_appeared, 2);
}

static void after_a_loss_those_who_went_into_a_container_meanwhile_are_in_it(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	assert_host(find(scene, BOX, SHIM, 20));
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	fake_gone(&scene->host, BOX);
	assert_in(find(scene, BOX, SHIM, 250), ID, ATTRIBUTED_CGROUP);
}

static void after_a_loss_the_missing_are_sure_until_it_began(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_FORK, 101, BOX, 30);
	born_in(scene, 110, BOX, CGROUP, 30);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, INIT, 90), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find(scene, 101, INIT, 150));
	assert_doubt(find(scene, 101, INIT, 250));
	/* The container's own process told of its child. */
	assert_in(find(scene, 101, 110, 150), ID, ATTRIBUTED_LINEAGE);
}

static void after_a_loss_a_pid_that_changed_hands_is_in_doubt_for_its_time(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	happen(scene, PROCESS_FORK, 101, BOX, 30);
	live(scene, (struct fake_process){ .pid = 101, .parent = LOGIN, .start_nsec = at(190) });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, INIT, 90), ID, ATTRIBUTED_LINEAGE);
	/* Some third one may have had the pid between the two. */
	assert_doubt(find(scene, 101, INIT, 150));
	assert_doubt(find(scene, 101, LOGIN, 195));
}

static void before_a_loss_and_after_it_ends_are_as_sure_as_ever(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 101, BOX, 30, 40);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	/* A thread of it, long before the loss. */
	assert_in(find(scene, 101, INIT, 50), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find(scene, 101, INIT, 150));
	flash(scene, 102, BOX, 300, 310);
	assert_in(find(scene, 102, INIT, 320), ID, ATTRIBUTED_LINEAGE);
}

static void a_container_whose_end_was_lost_ends_with_the_rescan(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	fake_gone(&scene->host, BOX);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_int_equal(scene->n_ended, 1);
	lineage_expire(scene->lineage, at(1000));
	assert_int_equal(lineage_container_count(scene->lineage), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(after_a_loss_those_who_are_proven_to_be_the_same_are_sure),
		scene_test(after_a_loss_new_processes_are_where_their_cgroup_says_or_in_doubt),
		scene_test(after_a_loss_those_who_went_into_a_container_meanwhile_are_in_it),
		scene_test(after_a_loss_the_missing_are_sure_until_it_began),
		scene_test(after_a_loss_a_pid_that_changed_hands_is_in_doubt_for_its_time),
		scene_test(before_a_loss_and_after_it_ends_are_as_sure_as_ever),
		scene_test(a_container_whose_end_was_lost_ends_with_the_rescan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
