/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/callers.h"
#include "fake-host.h"

/* Each is the child of the one before. */
#define ME 100

static int setup(void **state)
{
	struct fake_host *host = calloc(1, sizeof(*host));

	*state = host;
	return host ? fake_host_init(host) : -1;
}

static int teardown(void **state)
{
	int r = fake_host_done(*state);

	free(*state);
	return r;
}

static void stand_above(const struct fake_host *host, pid_t first, pid_t last)
{
	for (pid_t pid = first; pid <= last; pid++)
		fake_process(host,
			&(struct fake_process){ .pid = pid,
				.parent = pid - 1,
				.start_nsec = (uint64_t)pid * FAKE_SEC,
				.argv = pid == 1 ? "" : "sh -c x" });
}

static void assert_callers(const struct fake_host *host, pid_t pid, const char *expected)
{
	_cleanup_(ancestor_unrefp) struct ancestor *callers = NULL;
	_cleanup_(freep) char *json = NULL;

	assert_int_equal(callers_read(host->proc_fd, pid, ME * FAKE_SEC, &callers), 0);
	if (!expected) {
		assert_null(callers);
		return;
	}
	assert_int_equal(ancestor_json(callers, NULL, &json), 0);
	assert_string_equal(json, expected);
}

#define SHELL(pid) "{\"pid\":" #pid ",\"argv\":[\"sh\",\"-c\",\"x\"],\"complete\":true}"

static void the_chain_goes_up_to_the_first_process(void **state)
{
	stand_above(*state, 1, 3);
	assert_callers(*state, 3,
		"[{\"pid\":1,\"argv\":null,\"complete\":false}," SHELL(2) "," SHELL(3) "]");
}

static void the_chain_ends_where_one_is_gone(void **state)
{
	stand_above(*state, 1, 4);
	fake_gone(*state, 2);
	assert_callers(*state, 4, "[" SHELL(3) "," SHELL(4) "]");
	assert_callers(*state, 2, NULL);
}

static void who_came_later_has_called_nobody(void **state)
{
	stand_above(*state, 1, 4);
	fake_process(*state,
		&(struct fake_process){ .pid = 3, .parent = 2, .start_nsec = 50 * FAKE_SEC });
	assert_callers(*state, 4, "[" SHELL(4) "]");
	fake_process(*state,
		&(struct fake_process){ .pid = 5, .parent = 4, .start_nsec = 101 * FAKE_SEC });
	assert_callers(*state, 5, NULL);
}

static void more_than_are_kept_are_said_to_be_left_out(void **state)
{
	_cleanup_(ancestor_unrefp) struct ancestor *callers = NULL;
	_cleanup_(freep) char *json = NULL;
	struct fake_host *host = *state;
	unsigned n = 0;

	stand_above(host, 1, 60);
	assert_int_equal(callers_read(host->proc_fd, 60, ME * FAKE_SEC, &callers), 0);
	assert_int_equal(ancestor_json(callers, NULL, &json), 0);
	assert_int_equal(strncmp(json, "[{\"pid\":null,", 13), 0);
	for (const struct ancestor *at = callers; at; at = ancestor_above(at))
		n++;
	assert_int_equal(n, ANCESTRY_MAX_DEPTH + 1);
}

#define callers_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		callers_test(the_chain_goes_up_to_the_first_process),
		callers_test(the_chain_ends_where_one_is_gone),
		callers_test(who_came_later_has_called_nobody),
		callers_test(more_than_are_kept_are_said_to_be_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
