/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a look through /proc tells, of those who were there before and of those that no event told
 * of. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lineage-scene.h"

static void a_scan_tells_who_came_how(void **state)
{
	struct scene *scene = *state;

	fake_docker(&scene->host, ID, "hack", "bb", false, BOX, NULL);
	/* Init; its child; an exec'ed shell with a child; what a former exec has left behind. */
	live(scene, (struct fake_process){ .pid = BOX,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .inner_pid = "\t1",
			    .session = BOX });
	live(scene, (struct fake_process){ .pid = 101,
			    .parent = BOX,
			    .cgroup = CGROUP,
			    .inner_pid = "\t2",
			    .session = BOX });
	live(scene, (struct fake_process){ .pid = 90,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .inner_pid = "\t3",
			    .session = 90 });
	live(scene, (struct fake_process){ .pid = 91,
			    .parent = 90,
			    .cgroup = CGROUP,
			    .inner_pid = "\t4",
			    .session = 90 });
	live(scene, (struct fake_process){ .pid = 110,
			    .parent = BOX,
			    .cgroup = CGROUP,
			    .inner_pid = "\t5",
			    .session = 109 });
	scan(scene);
	assert_in(find(scene, BOX, SHIM, 1), ID, ATTRIBUTED_CGROUP);
	assert_kind(find(scene, BOX, SHIM, 1), ENTRY_INIT);
	assert_ptr_equal(find(scene, 101, BOX, 1).entry, find(scene, BOX, SHIM, 1).entry);
	assert_kind(find(scene, 90, SHIM, 1), ENTRY_EXEC);
	assert_ptr_equal(find(scene, 91, 90, 1).entry, find(scene, 90, SHIM, 1).entry);
	assert_kind(find(scene, 110, BOX, 1), ENTRY_UNKNOWN);
	assert_int_equal(scene->n_appeared, 1);
	die(scene, BOX, 10);
	die(scene, 101, 10);
	die(scene, 90, 10);
	die(scene, 91, 10);
	assert_int_equal(scene->n_ended, 0);
	die(scene, 110, 10);
	assert_int_equal(scene->n_ended, 1);
}

static void a_child_of_the_container_that_a_scan_meets_outside_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){ .pid = BOX, .parent = SHIM, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 101, .parent = BOX, .cgroup = "/" });
	scan(scene);
	assert_in(find(scene, BOX, SHIM, 1), ID, ATTRIBUTED_CGROUP);
	/* Where the parent is, the scan has seen too: it settles nothing. */
	assert_doubt(find(scene, 101, BOX, 1));
	assert_doubt(find(scene, 101, INIT, 1));
	born_in(scene, 102, 101, "/", 10);
	assert_doubt(find(scene, 102, 101, 11));
}

static void a_scan_survives_the_deepest_nesting(void **state)
{
	struct scene *scene = *state;

	/* Children before their parents, so that each is placed by way of its ancestors. */
	forget_all(scene, 10000);
	live(scene,
		(struct fake_process){ .pid = 100000 + 1200, .parent = SHIM, .cgroup = CGROUP });
	for (pid_t i = 0; i < 1200; i++)
		live(scene,
			(struct fake_process){
				.pid = 100000 + i, .parent = 100000 + i + 1, .cgroup = CGROUP });
	scan(scene);
	assert_in(find(scene, 100000, 100001, 1), ID, ATTRIBUTED_CGROUP);
}

static void parents_in_a_circle_do_no_harm(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){ .pid = BOX, .parent = 101, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 101, .parent = BOX, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 102, .parent = 102, .cgroup = CGROUP });
	scan(scene);
	for (pid_t pid = BOX; pid <= 102; pid++)
		assert_in(find(scene, pid, INIT, 1), ID, ATTRIBUTED_CGROUP);
}

static void what_is_no_process_is_passed_over(void **state)
{
	struct scene *scene = *state;

	place_text(&scene->host.place, "proc/version", "x");
	place_directory(&scene->host.place, "proc/sys");
	place_directory(&scene->host.place, "proc/55");
	place_text(&scene->host.place, "proc/56/stat", "nonsense");
	place_text(&scene->host.place, "proc/-7/stat", "x");
	scan(scene);
	assert_host(find(scene, DAEMON, INIT, 1));
	assert_int_equal(lineage_counts(scene->lineage).known, 4);
}

static void a_childs_birth_may_be_read_after_a_scan_met_it(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(0) });
	scan(scene);
	happen(scene, PROCESS_FORK, BOX, SHIM, 1);
	assert_in(find(scene, BOX, SHIM, 5), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(lineage_counts(scene->lineage).known, 5);
}

static void an_end_from_before_the_scan_is_not_of_the_one_that_it_met(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(50) });
	scan(scene);
	happen(scene, PROCESS_EXIT, BOX, 0, 30);
	assert_int_equal(scene->n_ended, 0);
	assert_in(find(scene, BOX, SHIM, 60), ID, ATTRIBUTED_CGROUP);
}

static void a_stamp_that_came_late_is_of_the_same_process(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	/* The parent was held up for a second between making the child and telling of it. */
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_FORK, BOX, SHIM, 1010);
	happen(scene, PROCESS_EXEC, BOX, 0, 1020);
	assert_in(find(scene, BOX, SHIM, 1030), ID, ATTRIBUTED_CGROUP);
}

static void a_pid_that_is_anothers_by_now_is_not_looked_up(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	happen(scene, PROCESS_FORK, BOX, LOGIN, 10);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(500) });
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	assert_null(find(scene, BOX, LOGIN, 25).entry);
	assert_int_equal(scene->n_appeared, 0);
}

static void a_process_that_nobody_told_of_is_looked_for(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	live(scene, (struct fake_process){ .pid = 101, .parent = LOGIN, .start_nsec = at(10) });
	assert_in(find(scene, BOX, SHIM, 20), ID, ATTRIBUTED_CGROUP);
	/* It may have come from a container and left it. */
	assert_doubt(find(scene, 101, LOGIN, 20));
	assert_doubt(find(scene, 102, LOGIN, 20));
	assert_null(find(scene, 102, LOGIN, 20).process);
}

static void a_process_younger_than_the_event_is_not_its(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(500) });
	assert_doubt(find_slack(scene, BOX, SHIM, 20, SLACK_MSEC));
}

static void a_child_of_nobody_known_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	flash(scene, 200, 777, 30, 31);
	assert_doubt(find(scene, 200, 777, 30));
	flash(scene, 201, 200, 40, 41);
	assert_doubt(find(scene, 201, INIT, 40));
	happen(scene, PROCESS_FORK, 110, BOX, 30);
	assert_in(find(scene, 201, 110, 40), ID, ATTRIBUTED_LINEAGE);
	/* An init adopts what comes into its pid namespace from outside. */
	assert_doubt(find(scene, 201, BOX, 40));
}

static void a_change_of_nobody_known_makes_it_known(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_EXEC, BOX, 0, 20);
	assert_in(find(scene, BOX, SHIM, 25), ID, ATTRIBUTED_CGROUP);
	happen(scene, PROCESS_EXEC, 101, 0, 20);
	assert_doubt(find(scene, 101, LOGIN, 25));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_scan_tells_who_came_how),
		scene_test(a_child_of_the_container_that_a_scan_meets_outside_is_in_doubt),
		scene_test(a_scan_survives_the_deepest_nesting),
		scene_test(parents_in_a_circle_do_no_harm),
		scene_test(what_is_no_process_is_passed_over),
		scene_test(a_childs_birth_may_be_read_after_a_scan_met_it),
		scene_test(an_end_from_before_the_scan_is_not_of_the_one_that_it_met),
		scene_test(a_stamp_that_came_late_is_of_the_same_process),
		scene_test(a_pid_that_is_anothers_by_now_is_not_looked_up),
		scene_test(a_process_that_nobody_told_of_is_looked_for),
		scene_test(a_process_younger_than_the_event_is_not_its),
		scene_test(a_child_of_nobody_known_is_in_doubt),
		scene_test(a_change_of_nobody_known_makes_it_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
