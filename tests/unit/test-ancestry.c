/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/ancestry.h"

#define SHELL "sh\0-c\0"

static struct ancestor *link_to(pid_t pid, struct ancestor *above, const char *argv, size_t len)
{
	struct ancestor *ancestor;

	assert_int_equal(ancestor_new(pid, above, argv, len, &ancestor), 0);
	return ancestor;
}

static void assert_json(
	const struct ancestor *ancestor, struct redact *redact, const char *expected)
{
	_cleanup_(freep) char *json = NULL;

	assert_int_equal(ancestor_json(ancestor, redact, &json), 0);
	assert_string_equal(json, expected);
}

static void the_chain_begins_with_the_entry(void **state)
{
	_cleanup_(ancestor_unrefp) struct ancestor *entry = link_to(5, NULL, SHELL, 6);
	_cleanup_(ancestor_unrefp) struct ancestor *child = link_to(7, entry, "cat\0", 4);

	assert_json(child, NULL,
		"[{\"pid\":5,\"argv\":[\"sh\",\"-c\"],\"complete\":true},"
		"{\"pid\":7,\"argv\":[\"cat\"],\"complete\":true}]");
	assert_ptr_equal(ancestor_above(child), entry);
	assert_null(ancestor_above(entry));
}

static void nobody_above_is_an_empty_chain(void **state)
{
	assert_json(NULL, NULL, "[]");
	assert_null(ancestor_above(NULL));
	assert_null(ancestor_argv(NULL).bytes);
}

static void a_process_at_its_end_has_no_arguments_any_more(void **state)
{
	_cleanup_(ancestor_unrefp) struct ancestor *entry = link_to(5, NULL, "", 0);

	assert_json(entry, NULL, "[{\"pid\":5,\"argv\":null,\"complete\":false}]");
}

static void a_fork_runs_its_parents_program(void **state)
{
	_cleanup_(ancestor_unrefp) struct ancestor *entry = link_to(5, NULL, SHELL, 6),
						   *child = NULL;

	assert_int_equal(ancestor_fork(entry, 6, &child), 0);
	assert_int_equal(ancestor_argv(child).len, 6);
	assert_memory_equal(ancestor_argv(child).bytes, SHELL, 6);
}

static void a_link_keeps_those_above_it(void **state)
{
	struct ancestor *entry = link_to(5, NULL, SHELL, 6);
	_cleanup_(ancestor_unrefp) struct ancestor *child = link_to(7, entry, NULL, 0);

	ancestor_unref(entry);
	assert_json(child, NULL,
		"[{\"pid\":5,\"argv\":[\"sh\",\"-c\"],\"complete\":true},"
		"{\"pid\":7,\"argv\":null,\"complete\":false}]");
}

static void a_long_argv_is_cut_and_says_so(void **state)
{
	char argv[ANCESTRY_MAX_ARGV_LEN + 1];
	_cleanup_(ancestor_unrefp) struct ancestor *entry = NULL;

	memset(argv, 'a', sizeof(argv));
	entry = link_to(5, NULL, argv, sizeof(argv));
	assert_int_equal(ancestor_argv(entry).len, ANCESTRY_MAX_ARGV_LEN);
	assert_false(ancestor_argv(entry).complete);
}

/* Each child forks the next and ends: the chain must not grow with them. */
static void an_endless_chain_keeps_its_beginning(void **state)
{
	_cleanup_(freep) char *json = NULL;
	struct ancestor *last = link_to(1, NULL, SHELL, 6);
	size_t n = 0;

	for (pid_t pid = 2; pid < 5000; pid++) {
		struct ancestor *child;

		assert_int_equal(ancestor_fork(last, pid, &child), 0);
		ancestor_unref(last);
		last = child;
	}
	for (const struct ancestor *at = last; at; at = ancestor_above(at))
		n++;
	assert_in_range(n, ANCESTRY_MAX_DEPTH, ANCESTRY_MAX_DEPTH + 2);
	assert_int_equal(ancestor_json(last, NULL, &json), 0);
	assert_ptr_equal(strstr(json, "[{\"pid\":1,"), json);
	assert_non_null(
		strstr(json, "{\"pid\":null,\"argv\":null,\"complete\":false},{\"pid\":4999,"));
	ancestor_unref(last);
}

static void secrets_are_left_out(void **state)
{
	static const char *const patterns[] = { "--password" };
	_cleanup_(redact_freep) struct redact *redact = NULL;
	_cleanup_(ancestor_unrefp) struct ancestor *entry =
		link_to(5, NULL, "db\0--password=x\0", 16);

	assert_int_equal(redact_new(patterns, 1, &redact), 0);
	assert_json(entry, redact,
		"[{\"pid\":5,\"argv\":[\"db\",\"--password=***\"],\"complete\":true}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_begins_with_the_entry),
		cmocka_unit_test(nobody_above_is_an_empty_chain),
		cmocka_unit_test(a_process_at_its_end_has_no_arguments_any_more),
		cmocka_unit_test(a_fork_runs_its_parents_program),
		cmocka_unit_test(a_link_keeps_those_above_it),
		cmocka_unit_test(a_long_argv_is_cut_and_says_so),
		cmocka_unit_test(an_endless_chain_keeps_its_beginning),
		cmocka_unit_test(secrets_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
