/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "output/json-text.h"

static void assert_json(const char *json, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	json_line_print(out, json);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void json_that_is_safe_stays_as_it_is(void **state)
{
	assert_json("{\"a\":\"\\u001b[31m \\\" é漢🐳\",\"b\":[1,null]}",
		"{\"a\":\"\\u001b[31m \\\" é漢🐳\",\"b\":[1,null]}\n");
	assert_json("", "\n");
}

static void json_hides_what_a_terminal_must_not_see(void **state)
{
	assert_json("\"\x7f\xc2\x9b\xe2\x80\xae\"", "\"\\u007f\\u009b\\u202e\"\n");
	assert_json("\"\xf3\xa0\x81\x81\"", "\"\\udb40\\udc41\"\n");
	assert_json("\"\xff\xc3\"", "\"\\ufffd\\ufffd\"\n");
}

static void json_is_one_line(void **state)
{
	assert_json("{\n\t\"a\": 1,\r\n\"b\": \"\\\\\"\n}", "{  \"a\": 1,  \"b\": \"\\\\\" }\n");
	assert_json("\"a\nb\\\"\n\"\n", "\"a\\u000ab\\\"\\u000a\" \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_that_is_safe_stays_as_it_is),
		cmocka_unit_test(json_hides_what_a_terminal_must_not_see),
		cmocka_unit_test(json_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
