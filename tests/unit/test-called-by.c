/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "output/called-by.h"

static int print(const char *document, char **ret)
{
	_cleanup_(json_freep) struct json *json = NULL;
	FILE *out = open_memstream(ret, &(size_t){ 0 });
	int r;

	assert_non_null(out);
	assert_int_equal(json_new(&json), 0);
	assert_int_equal(json_load(json, document, strlen(document)), 0);
	r = called_by_print(out, json, "$.above");
	fclose(out);
	return r;
}

static void assert_line(const char *document, const char *expected)
{
	_cleanup_(freep) char *line = NULL;

	assert_int_equal(print(document, &line), 0);
	assert_string_equal(line, expected);
}

static void the_nearest_comes_first(void **state)
{
	assert_line("{\"above\":[{\"pid\":1,\"argv\":[\"/sbin/init\",\"splash\"]},"
		    "{\"pid\":6650,\"argv\":[\"sshd: dan@pts/0\"]},"
		    "{\"pid\":6690,\"argv\":[\"-bash\"]}]}",
		"-bash (6690), sshd: (6650), init (1)");
}

static void who_is_not_known_is_said_to_be(void **state)
{
	assert_line("{\"above\":[{\"pid\":null,\"argv\":null},{\"pid\":7,\"argv\":null}]}",
		"? (7), others");
}

static void what_a_caller_calls_itself_does_not_speak_for_us(void **state)
{
	assert_line("{\"above\":[{\"pid\":7,\"argv\":[\"a\\\"(1),\\u001b[1mroot\"]}]}",
		"\"a\\\"(1),\\x1b[1mroot\" (7)");
}

static void without_callers_nothing_is_said(void **state)
{
	static const char *const documents[] = { "{}", "{\"above\":null}", "{\"above\":[]}",
		"{\"above\":7}" };

	for (size_t i = 0; i < ELEMENTS(documents); i++) {
		_cleanup_(freep) char *line = NULL;

		assert_int_equal(print(documents[i], &line), -ENOENT);
		assert_string_equal(line, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_comes_first),
		cmocka_unit_test(who_is_not_known_is_said_to_be),
		cmocka_unit_test(what_a_caller_calls_itself_does_not_speak_for_us),
		cmocka_unit_test(without_callers_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
