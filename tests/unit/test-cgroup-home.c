/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "attribute/cgroup-home.h"
#include "base/cleanup.h"

#define ID "4d7b1c"

static char *home_of(const char *text)
{
	char *home = NULL;

	assert_int_equal(cgroup_home_take(text, strlen(text), ID, &home), 0);
	return home;
}

static bool is_left(const char *home, const char *text)
{
	return cgroup_home_is_left(home, text, strlen(text));
}

static void home_is_what_names_the_container(void **state)
{
	_cleanup_(freep) char *home =
		home_of("5:rdma:/\n4:pids:/docker/" ID "\n1:name=systemd:/docker/" ID
			"/init.scope\n0::/system.slice/docker-" ID ".scope/a\n");

	assert_string_equal(home, "4:pids:/docker/" ID "\n1:name=systemd:/docker/" ID
				  "\n0::/system.slice/docker-" ID ".scope\n");
}

static void whoever_is_at_home_or_below_has_not_left(void **state)
{
	_cleanup_(freep) char *home = home_of("4:pids:/docker/" ID "\n0::/docker/" ID "\n");

	assert_false(
		is_left(home, "5:rdma:/\n4:pids:/docker/" ID "\n0::/docker/" ID "/docker/ee\n"));
}

static void one_hierarchy_is_enough_to_have_left(void **state)
{
	_cleanup_(freep) char *home = home_of("4:pids:/docker/" ID "\n0::/docker/" ID "\n");

	assert_true(is_left(home, "4:pids:/\n0::/docker/" ID "\n"));
	assert_true(is_left(home, "4:pids:/docker/" ID "\n0::/docker\n"));
	assert_true(is_left(home, "4:pids:/docker/" ID "2\n0::/docker/" ID "\n"));
}

static void a_hierarchy_that_is_not_there_says_nothing(void **state)
{
	_cleanup_(freep) char *home = home_of("4:pids:/docker/" ID "\n0::/docker/" ID "\n");

	assert_false(is_left(home, "0::/docker/" ID "\n"));
	assert_false(is_left(home, "14:pids:/\n0::/docker/" ID "\n"));
	assert_false(is_left(home, ""));
	assert_false(is_left("", "0::/\n"));
}

static void what_is_no_line_is_passed_over(void **state)
{
	_cleanup_(freep) char *home = home_of("\n:\n::\n0::\n4:pids\nx:y:z/" ID "\n0::/a:b/" ID);

	assert_string_equal(home, "0::/a:b/" ID "\n");
	assert_false(is_left(home, "\n::\n0::\n0:"));
	assert_true(is_left(home, "0::/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_is_what_names_the_container),
		cmocka_unit_test(whoever_is_at_home_or_below_has_not_left),
		cmocka_unit_test(one_hierarchy_is_enough_to_have_left),
		cmocka_unit_test(a_hierarchy_that_is_not_there_says_nothing),
		cmocka_unit_test(what_is_no_line_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
