/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include <string.h>

#include "attribute/container-table.h"
#include "attribute/process-table.h"

#define CAPACITY 4

static int table_setup(void **state)
{
	struct process_table *table;

	if (process_table_new(CAPACITY, &table) < 0)
		return -1;
	*state = table;
	return 0;
}

static int table_teardown(void **state)
{
	process_table_free(*state);
	return 0;
}

static struct process *add(struct process_table *table, pid_t pid, uint64_t start_nsec)
{
	struct process *process = NULL;

	assert_int_equal(process_table_add(table, pid, start_nsec, &process), 0);
	assert_int_equal(process->pid, pid);
	assert_int_equal(process->start_nsec, start_nsec);
	assert_int_equal(process->end_nsec, 0);
	return process;
}

static struct process *at(
	struct process_table *table, pid_t pid, uint64_t time_nsec, uint64_t slack_nsec)
{
	return process_table_next_at(table, pid, time_nsec, slack_nsec, NULL);
}

static void a_pid_that_was_never_born_is_unknown(void **state)
{
	add(*state, 7, 100);
	assert_null(process_table_latest(*state, 8));
	assert_null(at(*state, 8, 100, 0));
	assert_null(process_table_born_by(*state, 8, 100));
}

static void pids_that_share_a_bucket_are_told_apart(void **state)
{
	struct process *one = add(*state, 7, 100), *other = add(*state, 7 + 1024, 200);

	assert_ptr_equal(process_table_latest(*state, 7), one);
	assert_ptr_equal(process_table_latest(*state, 7 + 1024), other);
	assert_ptr_equal(at(*state, 7, 300, 0), one);
	process_table_end(*state, one, 300);
	process_table_expire(*state, 400);
	assert_null(process_table_latest(*state, 7));
	assert_ptr_equal(process_table_latest(*state, 7 + 1024), other);
}

static void a_process_lived_from_its_birth_to_its_end(void **state)
{
	struct process *process = add(*state, 7, 100);

	assert_null(at(*state, 7, 99, 0));
	assert_ptr_equal(at(*state, 7, 100, 0), process);
	assert_ptr_equal(at(*state, 7, UINT64_MAX / 2, 0), process);
	process_table_end(*state, process, 200);
	assert_ptr_equal(at(*state, 7, 200, 0), process);
	assert_null(at(*state, 7, 201, 0));
	assert_ptr_equal(process_table_born_by(*state, 7, 201), process);
	assert_null(process_table_born_by(*state, 7, 99));
}

static void each_incarnation_has_its_time(void **state)
{
	struct process *first = add(*state, 7, 100), *second;

	process_table_end(*state, first, 200);
	second = add(*state, 7, 300);
	assert_ptr_equal(process_table_latest(*state, 7), second);
	assert_ptr_equal(at(*state, 7, 150, 0), first);
	assert_null(at(*state, 7, 250, 0));
	assert_ptr_equal(at(*state, 7, 300, 0), second);
	assert_ptr_equal(process_table_born_by(*state, 7, 250), first);
	assert_ptr_equal(process_table_born_by(*state, 7, 350), second);
}

static void the_slack_may_leave_several_newest_first(void **state)
{
	struct process *first = add(*state, 7, 100), *second, *third;

	process_table_end(*state, first, 200);
	second = add(*state, 7, 201);
	process_table_end(*state, second, 205);
	third = add(*state, 7, 206);
	assert_ptr_equal(at(*state, 7, 198, 10), third);
	assert_ptr_equal(process_table_next_at(*state, 7, 198, 10, third), second);
	assert_ptr_equal(process_table_next_at(*state, 7, 198, 10, second), first);
	assert_null(process_table_next_at(*state, 7, 198, 10, first));
	/* The stamp is never too late: who had ended by then did not do it. */
	assert_ptr_equal(at(*state, 7, 203, 10), third);
	assert_ptr_equal(process_table_next_at(*state, 7, 203, 10, third), second);
	assert_null(process_table_next_at(*state, 7, 203, 10, second));
}

static void a_birth_ends_the_incarnation_before(void **state)
{
	struct process *first = add(*state, 7, 100);

	add(*state, 7, 300);
	assert_int_equal(first->end_nsec, 300);
	assert_int_equal(process_table_counts(*state).known, 2);
	assert_int_equal(process_table_counts(*state).alive, 1);
}

static void an_end_counts_once(void **state)
{
	struct process *process = add(*state, 7, 100);

	process_table_end(*state, process, 200);
	process_table_end(*state, process, 300);
	assert_int_equal(process->end_nsec, 200);
	assert_int_equal(process_table_counts(*state).alive, 0);
}

static void an_end_at_nought_is_an_end(void **state)
{
	struct process *process = add(*state, 7, 0);

	process_table_end(*state, process, 0);
	assert_true(process->end_nsec != 0);
	assert_int_equal(process_table_counts(*state).alive, 0);
}

static void the_revived_live_on(void **state)
{
	struct process *process = add(*state, 7, 100), *other = add(*state, 8, 100);

	process_table_end(*state, process, 200);
	process_table_end(*state, other, 210);
	process_table_revive(*state, process);
	process_table_revive(*state, process);
	assert_int_equal(process_table_counts(*state).alive, 1);
	process_table_expire(*state, 1000);
	assert_ptr_equal(process_table_latest(*state, 7), process);
	assert_null(process_table_latest(*state, 8));
	process_table_end(*state, process, 2000);
	process_table_expire(*state, 3000);
	assert_int_equal(process_table_counts(*state).known, 0);
}

static void the_dead_stay_until_they_expire(void **state)
{
	process_table_end(*state, add(*state, 7, 100), 200);
	process_table_end(*state, add(*state, 8, 100), 300);
	add(*state, 9, 100);
	process_table_expire(*state, 200);
	assert_int_equal(process_table_counts(*state).known, 3);
	process_table_expire(*state, 201);
	assert_int_equal(process_table_counts(*state).known, 2);
	assert_null(process_table_latest(*state, 7));
	process_table_expire(*state, UINT64_MAX);
	assert_int_equal(process_table_counts(*state).known, 1);
	assert_int_equal(process_table_counts(*state).evicted, 0);
	assert_non_null(process_table_latest(*state, 9));
}

static void beyond_the_capacity_the_longest_dead_go(void **state)
{
	for (pid_t pid = 1; pid <= CAPACITY; pid++)
		add(*state, pid, 100);
	process_table_end(*state, process_table_latest(*state, 2), 200);
	process_table_end(*state, process_table_latest(*state, 1), 300);
	add(*state, 10, 400);
	assert_null(process_table_latest(*state, 2));
	assert_non_null(process_table_latest(*state, 1));
	assert_int_equal(process_table_counts(*state).evicted, 1);
	assert_int_equal(process_table_counts(*state).known, CAPACITY);
}

static void beyond_the_capacity_of_the_living_births_are_refused(void **state)
{
	struct process *process = NULL;

	for (pid_t pid = 1; pid <= CAPACITY; pid++)
		add(*state, pid, 100);
	assert_int_equal(process_table_add(*state, 10, 200, &process), -ENOSPC);
	assert_null(process);
	assert_null(process_table_latest(*state, 10));
	assert_int_equal(process_table_counts(*state).refused, 1);
	assert_int_equal(process_table_counts(*state).alive, CAPACITY);
	/* A pid that changes hands makes its own room. */
	add(*state, 3, 300);
	assert_int_equal(process_table_counts(*state).known, CAPACITY);
	assert_null(at(*state, 3, 200, 0));
}

static void count_one(struct process *process, void *userdata)
{
	*(unsigned *)userdata += (unsigned)process->pid;
}

static void only_the_living_are_visited(void **state)
{
	unsigned sum = 0;

	add(*state, 1, 100);
	add(*state, 2, 100);
	process_table_end(*state, add(*state, 4, 100), 200);
	process_table_each_alive(*state, count_one, &sum);
	assert_int_equal(sum, 3);
}

static struct entry *entry_in(struct container_table *containers)
{
	struct container_info *info = calloc(1, sizeof(*info));
	_cleanup_(container_unrefp) struct container *container = NULL;
	struct entry *entry;

	info->id = strdup("c1");
	info->runtime = strdup("docker");
	assert_int_equal(container_table_add(containers, info, &container), 0);
	assert_int_equal(entry_new(container, 7, &entry), 0);
	return entry;
}

static void the_forgotten_give_up_their_entry(void **state)
{
	_cleanup_(container_table_freep) struct container_table *containers = NULL;
	struct process *process;

	assert_int_equal(container_table_new(100, &containers), 0);
	process = add(*state, 7, 100);
	process->entry = entry_in(containers);
	process_table_end(*state, process, 200);
	assert_int_equal(container_table_count(containers), 1);
	process_table_expire(*state, 300);
	assert_int_equal(container_table_count(containers), 0);
}

static void a_freed_table_gives_up_all_entries(void **state)
{
	_cleanup_(container_table_freep) struct container_table *containers = NULL;
	struct process_table *table;

	assert_int_equal(container_table_new(100, &containers), 0);
	assert_int_equal(process_table_new(CAPACITY, &table), 0);
	add(table, 7, 100)->entry = entry_in(containers);
	process_table_free(table);
	assert_int_equal(container_table_count(containers), 0);
	process_table_free(NULL);
}

#define table_test(test) cmocka_unit_test_setup_teardown(test, table_setup, table_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		table_test(a_pid_that_was_never_born_is_unknown),
		table_test(pids_that_share_a_bucket_are_told_apart),
		table_test(a_process_lived_from_its_birth_to_its_end),
		table_test(each_incarnation_has_its_time),
		table_test(the_slack_may_leave_several_newest_first),
		table_test(a_birth_ends_the_incarnation_before),
		table_test(an_end_counts_once),
		table_test(an_end_at_nought_is_an_end),
		table_test(the_revived_live_on),
		table_test(the_dead_stay_until_they_expire),
		table_test(beyond_the_capacity_the_longest_dead_go),
		table_test(beyond_the_capacity_of_the_living_births_are_refused),
		table_test(only_the_living_are_visited),
		table_test(the_forgotten_give_up_their_entry),
		table_test(a_freed_table_gives_up_all_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
