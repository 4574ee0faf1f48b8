/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"

static void patterns_match_what_they_say(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "", false },
		{ "*", "", true },
		{ "*", "/etc/passwd", true },
		{ "/etc/*", "/etc/a/b", true },
		{ "/etc/*", "/etc", false },
		{ "*.json", "policy.json", true },
		{ "*.json", "policy.json.tmp", false },
		{ "a*b*c", "a--b--b--c", true },
		{ "a*b*c", "a--c--b", false },
		{ "**", "x", true },
		{ "?", "x", true },
		{ "?", "", false },
		{ "a?c", "abc", true },
		{ "a\\*c", "a*c", true },
		{ "a\\*c", "abc", false },
		{ "a\\", "a\\", true },
		{ "\xff*", "\xff\xfe\n", true },
		{ "web", "web1", false },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(glob_match(cases[i].pattern, cases[i].text), cases[i].matches);
	assert_false(glob_match("*", NULL));
}

static void a_hostile_text_does_not_take_long(void **state)
{
	static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
	char *text = malloc(65537);

	memset(text, 'a', 65536);
	text[65536] = '\0';
	assert_false(glob_match(pattern, text));
	free(text);
}

static void a_beginning_is_taken_literally(void **state)
{
	_cleanup_(freep) char *pattern = glob_beginning("/a*b?c\\d");

	assert_true(glob_match(pattern, "/a*b?c\\d-wal"));
	assert_false(glob_match(pattern, "/axb?c\\d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_what_they_say),
		cmocka_unit_test(a_hostile_text_does_not_take_long),
		cmocka_unit_test(a_beginning_is_taken_literally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
