/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>

#include "output/wrap.h"

static void assert_wrapped(const char *text, size_t width, size_t indent, const char *expected)
{
	char *printed = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&printed, &len);

	assert_non_null(out);
	wrap_print(out, text, width, indent);
	fclose(out);
	assert_string_equal(printed, expected);
	free(printed);
}

static void without_a_width_a_line_stays_one(void **state)
{
	assert_wrapped("11:02  dwalsh wrote  it", 0, 2, "11:02  dwalsh wrote  it\n");
	assert_wrapped("", 10, 2, "\n");
}

static void a_line_is_broken_at_its_blanks(void **state)
{
	assert_wrapped("one two three four", 9, 2, "one two\n  three\n  four\n");
	assert_wrapped("one two three", 13, 2, "one two three\n");
	assert_wrapped("one two three", 12, 2, "one two\n  three\n");
}

static void a_word_that_is_too_long_stays_whole(void **state)
{
	assert_wrapped(
		"in /a/very/long/path as root", 8, 2, "in\n  /a/very/long/path\n  as\n  root\n");
	assert_wrapped("/a/very/long/path", 8, 2, "/a/very/long/path\n");
}

static void colours_and_what_is_wide_are_counted_as_they_are_seen(void **state)
{
	assert_wrapped("one \033[1;31mtwo\033[0m six", 11, 2, "one \033[1;31mtwo\033[0m six\n");
	assert_wrapped("\u00e4\u00f6 \u00fc\u00df", 5, 1, "\u00e4\u00f6 \u00fc\u00df\n");
	assert_wrapped("\u6f22\u5b57 ab", 6, 1, "\u6f22\u5b57\n ab\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_width_a_line_stays_one),
		cmocka_unit_test(a_line_is_broken_at_its_blanks),
		cmocka_unit_test(a_word_that_is_too_long_stays_whole),
		cmocka_unit_test(colours_and_what_is_wide_are_counted_as_they_are_seen),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
