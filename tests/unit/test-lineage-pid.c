/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pid is a pid at a time: whose was it when the event happened? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lineage-scene.h"

static void a_pid_is_a_pid_at_a_time(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 200, LOGIN, 100, 110);
	flash(scene, 200, BOX, 200, 210);
	assert_in(find_slack(scene, 200, BOX, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 200, LOGIN, 105, SLACK_MSEC));
	assert_in(find_slack(scene, 200, BOX, 205, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void within_the_slack_the_parent_tells_incarnations_apart(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 200, LOGIN, 42, 60);
	assert_in(find_slack(scene, 200, BOX, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 200, LOGIN, 39, SLACK_MSEC));
	/* Without slack only one lived then. */
	assert_in(find(scene, 200, LOGIN, 39), ID, ATTRIBUTED_LINEAGE);
}

static void within_the_slack_there_is_doubt_where_the_parent_does_not_tell(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 200, LOGIN, 42, 60);
	assert_doubt(find_slack(scene, 200, INIT, 39, SLACK_MSEC));
	/* The parent that the record names is in a container itself: then so is its child. */
	happen(scene, PROCESS_FORK, 201, BOX, 30);
	assert_in(find_slack(scene, 200, 201, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* The clock of a stalled machine may be behind by any time, the parent's word is not. */
static void a_parent_of_another_container_tells_that_it_was_another_process(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 300, SHIM, OTHER_CGROUP, 10);
	happen(scene, PROCESS_EXEC, 300, 0, 11);
	happen(scene, PROCESS_FORK, 301, 300, 12);
	flash(scene, 200, BOX, 30, 40);
	assert_in(find_slack(scene, 200, 301, 35, SLACK_MSEC), OTHER_ID, ATTRIBUTED_LINEAGE);
	/* An init adopts what comes into its pid namespace, a shim what its containers leave. */
	assert_in(find_slack(scene, 200, 300, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_in(find_slack(scene, 200, SHIM, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* The audit clock stood still, for longer than it was ever seen to. */
static void a_parent_that_may_have_adopted_it_settles_nothing_where_the_pid_had_another(
	void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 201, LOGIN, 30, 40);
	assert_in(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 201, BOX, 35, SLACK_MSEC));
	flash(scene, 200, LOGIN, 1500, 1510);
	flash(scene, 201, BOX, 1500, 1510);
	assert_doubt(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC));
	assert_doubt(find_slack(scene, 201, BOX, 35, SLACK_MSEC));
	/* Whose parent is who bore them are who they were. */
	assert_in(find_slack(scene, 200, BOX, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 201, LOGIN, 35, SLACK_MSEC));
	assert_host(find_slack(scene, 200, LOGIN, 1505, SLACK_MSEC));
}

static void an_orphan_that_its_own_container_adopted_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	happen(scene, PROCESS_FORK, 210, BOX, 25);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, 210, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* runc has ended, and its child is its shim's. */
static void an_orphan_that_an_ancestor_adopted_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born_in(scene, 60, SHIM, ENGINE_CGROUP, 25);
	born_in(scene, 200, 60, CGROUP, 30);
	happen(scene, PROCESS_EXEC, 200, 0, 31);
	die(scene, 60, 32);
	die(scene, 200, 40);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, SHIM, 35, SLACK_MSEC), ID, ATTRIBUTED_CGROUP);
	assert_doubt(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC));
}

/* Its adopter is young, and the adopter's pid was another's a moment before. */
static void an_orphan_whose_adopters_pid_has_just_changed_hands_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 210, LOGIN, 20, 22);
	happen(scene, PROCESS_FORK, 210, BOX, 25);
	happen(scene, PROCESS_FORK, 211, 210, 28);
	flash(scene, 200, 211, 30, 40);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, 210, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void nor_does_a_parent_that_nobody_knows(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	assert_in(find_slack(scene, 200, 777, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_doubt(find_slack(scene, 200, 777, 35, SLACK_MSEC));
}

static void a_parent_that_changed_hands_itself_settles_nothing(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, LOGIN, 30, 40);
	flash(scene, 200, BOX, 42, 60);
	assert_in(find_slack(scene, 777, 200, 50, 0), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find_slack(scene, 777, 200, 39, SLACK_MSEC));
}

static void incarnations_of_one_entry_need_not_be_told_apart(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 200, BOX, 42, 60);
	assert_in(find_slack(scene, 200, INIT, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void incarnations_of_two_entries_are_told_apart(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	start_box(scene);
	born_in(scene, 300, SHIM, CGROUP, 25);
	happen(scene, PROCESS_EXEC, 300, 0, 26);
	flash(scene, 200, BOX, 30, 40);
	flash(scene, 200, 300, 42, 60);
	answer = find_slack(scene, 200, 300, 39, SLACK_MSEC);
	assert_in(answer, ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(answer.entry->pid, 300);
	answer = find_slack(scene, 200, BOX, 39, SLACK_MSEC);
	assert_int_equal(answer.entry->pid, BOX);
	assert_doubt(find_slack(scene, 200, INIT, 39, SLACK_MSEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_pid_is_a_pid_at_a_time),
		scene_test(within_the_slack_the_parent_tells_incarnations_apart),
		scene_test(within_the_slack_there_is_doubt_where_the_parent_does_not_tell),
		scene_test(a_parent_of_another_container_tells_that_it_was_another_process),
		scene_test(
			a_parent_that_may_have_adopted_it_settles_nothing_where_the_pid_had_another),
		scene_test(an_orphan_that_its_own_container_adopted_is_who_it_was),
		scene_test(an_orphan_that_an_ancestor_adopted_is_who_it_was),
		scene_test(an_orphan_whose_adopters_pid_has_just_changed_hands_is_who_it_was),
		scene_test(nor_does_a_parent_that_nobody_knows),
		scene_test(a_parent_that_changed_hands_itself_settles_nothing),
		scene_test(incarnations_of_one_entry_need_not_be_told_apart),
		scene_test(incarnations_of_two_entries_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
