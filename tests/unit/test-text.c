/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static void assert_escaped(const char *text, size_t len, const char *expected)
{
	char buffer[256];

	assert_int_equal(text_escape(text, len, buffer, sizeof(buffer)), strlen(expected));
	assert_string_equal(buffer, expected);
}

#define assert_escaped_literal(text, expected) assert_escaped(text, sizeof(text) - 1, expected)

static void printable_text_stays_as_it_is(void **state)
{
	assert_escaped_literal("", "");
	assert_escaped_literal("/etc/passwd", "/etc/passwd");
	assert_escaped_literal("a b\\x1b\"'", "a b\\x1b\"'");
	assert_escaped_literal("/srv/漢字/é/🐳", "/srv/漢字/é/🐳");
}

static void controls_become_hexadecimal(void **state)
{
	assert_escaped_literal("a\nb\tc\r", "a\\x0ab\\x09c\\x0d");
	assert_escaped_literal("\033[31mred", "\\x1b[31mred");
	assert_escaped_literal("\177", "\\x7f");
	assert_escaped_literal("a\0b", "a\\x00b");
	assert_escaped_literal("\xc2\x9b"
			       "31m",
		"\\xc2\\x9b31m");
}

static void what_reorders_or_hides_text_becomes_hexadecimal(void **state)
{
	assert_escaped_literal("\u202eevil", "\\xe2\\x80\\xaeevil");
	assert_escaped_literal("\u2066", "\\xe2\\x81\\xa6");
	assert_escaped_literal("a\u2028b", "a\\xe2\\x80\\xa8b");
	assert_escaped_literal("/etc/pass\u200bwd", "/etc/pass\\xe2\\x80\\x8bwd");
	assert_escaped_literal("\U000e0041", "\\xf3\\xa0\\x81\\x81");
	assert_escaped_literal("\ufeff", "\\xef\\xbb\\xbf");
}

static void what_looks_like_a_space_or_like_nothing_becomes_hexadecimal(void **state)
{
	static const char *const texts[] = { "\u00a0", "\u034f", "\u115f", "\u1680", "\u17b4",
		"\u180b", "\u2000", "\u200a", "\u202f", "\u205f", "\u2800", "\u3000", "\u3164",
		"\ufe0f", "\uffa0", "\U000e0100", "\U000e01ef" };
	char buffer[32];

	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		text_escape(texts[i], strlen(texts[i]), buffer, sizeof(buffer));
		if (strncmp(buffer, "\\x", 2) != 0)
			fail_msg("%zu: '%s'", i, buffer);
	}
}

static void invalid_bytes_become_hexadecimal(void **state)
{
	assert_escaped_literal("\xff", "\\xff");
	assert_escaped_literal("\xc0\xaf", "\\xc0\\xaf");                   /* '/' in two bytes */
	assert_escaped_literal("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* '/' in three */
	assert_escaped_literal("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
	assert_escaped_literal("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
	assert_escaped_literal("\xe2\x82", "\\xe2\\x82");                   /* cut short */
	assert_escaped_literal("\x80x", "\\x80x");
	assert_escaped_literal("\xe2\x82x", "\\xe2\\x82x");
}

static void a_small_buffer_cuts_between_characters(void **state)
{
	char buffer[8] = "unset";

	assert_int_equal(text_escape("abc", 3, buffer, 3), 2);
	assert_string_equal(buffer, "ab");
	assert_int_equal(text_escape("ab\n", 3, buffer, 6), 2);
	assert_string_equal(buffer, "ab");
	assert_int_equal(text_escape("a漢", 4, buffer, 4), 1);
	assert_string_equal(buffer, "a");
	assert_int_equal(text_escape("abc", 3, buffer, 1), 0);
	assert_string_equal(buffer, "");
	buffer[0] = 'x';
	assert_int_equal(text_escape("abc", 3, buffer, 0), 0);
	assert_int_equal(buffer[0], 'x');
}

static void a_buffer_of_four_times_the_length_holds_everything(void **state)
{
	char buffer[4 * 3 + 1];

	assert_int_equal(text_escape("\u202e", 3, buffer, sizeof(buffer)), 12);
	assert_string_equal(buffer, "\\xe2\\x80\\xae");
}

static void utf8_is_valid_as_a_whole_or_not(void **state)
{
	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("é漢🐳", strlen("é漢🐳")));
	assert_true(text_is_utf8("\x7f\n", 2));
	assert_false(text_is_utf8("a\0b", 3));
	assert_false(text_is_utf8("é", 1));
	assert_false(text_is_utf8("abc\xff", 4));
}

static void a_character_is_read_with_its_length(void **state)
{
	uint32_t code = 0;

	assert_int_equal(text_utf8_char("a", 1, &code), 1);
	assert_int_equal(code, 'a');
	assert_int_equal(text_utf8_char("é", 2, &code), 2);
	assert_int_equal(code, 0xe9);
	assert_int_equal(text_utf8_char("漢x", 4, &code), 3);
	assert_int_equal(code, 0x6f22);
	assert_int_equal(text_utf8_char("\xf4\x8f\xbf\xbf", 4, &code), 4);
	assert_int_equal(code, 0x10ffff);
	assert_int_equal(text_utf8_char("", 0, &code), 0);
	assert_int_equal(text_utf8_char("漢", 2, &code), 0);
	assert_int_equal(code, 0x10ffff);
}

static void columns_are_those_of_the_terminal(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("é"), 1);
	assert_int_equal(text_columns("e\u0301"), 1);
	assert_int_equal(text_columns("漢字"), 4);
	assert_int_equal(text_columns("…"), 1);
	assert_int_equal(text_columns("\xff"), 1);
}

static void columns_without_utf8_locale_are_one_a_character(void **state)
{
	setlocale(LC_ALL, "C");
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("é漢"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_text_stays_as_it_is),
		cmocka_unit_test(controls_become_hexadecimal),
		cmocka_unit_test(what_reorders_or_hides_text_becomes_hexadecimal),
		cmocka_unit_test(what_looks_like_a_space_or_like_nothing_becomes_hexadecimal),
		cmocka_unit_test(invalid_bytes_become_hexadecimal),
		cmocka_unit_test(a_small_buffer_cuts_between_characters),
		cmocka_unit_test(a_buffer_of_four_times_the_length_holds_everything),
		cmocka_unit_test(utf8_is_valid_as_a_whole_or_not),
		cmocka_unit_test(a_character_is_read_with_its_length),
		cmocka_unit_test(columns_are_those_of_the_terminal),
		cmocka_unit_test(columns_without_utf8_locale_are_one_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
