/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "attribute/redact.h"

static struct redact *redact_of(const char *first, const char *second)
{
	const char *patterns[] = { first, second };
	struct redact *redact = NULL;

	assert_int_equal(redact_new(patterns, second ? 2 : 1, &redact), 0);
	return redact;
}

/* '|' stands for the NUL between arguments, in and out. */
static void assert_redacted(struct redact *redact, const char *in, const char *expected)
{
	struct arguments arguments = { NULL, strlen(in), true }, out;
	char *bytes = strdup(in), *text;

	for (size_t i = 0; i < arguments.len; i++)
		bytes[i] = in[i] == '|' ? '\0' : in[i];
	arguments.bytes = bytes;
	out = redact_arguments(redact, arguments);
	text = calloc(1, out.len + 1);
	for (size_t i = 0; i < out.len; i++)
		text[i] = out.bytes[i] ? out.bytes[i] : '|';
	assert_string_equal(text, expected);
	assert_true(out.complete);
	free(text);
	free(bytes);
}

static void nothing_matches_nothing_changes(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("--password", NULL);
	struct arguments arguments = { "docker\0run", 10, false }, out;

	out = redact_arguments(redact, arguments);
	assert_ptr_equal(out.bytes, arguments.bytes);
	assert_int_equal(out.len, 10);
	assert_false(out.complete);
}

static void without_patterns_nothing_changes(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = NULL;
	struct arguments arguments = { "--password=x", 12, true };

	assert_ptr_equal(redact_arguments(NULL, arguments).bytes, arguments.bytes);
	assert_int_equal(redact_new(NULL, 0, &redact), 0);
	assert_ptr_equal(redact_arguments(redact, arguments).bytes, arguments.bytes);
}

static void no_arguments_stay_none(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("*", NULL);

	assert_null(redact_arguments(redact, (struct arguments){ NULL, 0, false }).bytes);
	assert_int_equal(redact_arguments(redact, (struct arguments){ "", 0, true }).len, 0);
}

static void a_value_behind_an_equals_sign_is_masked(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("--password", "*TOKEN*");

	assert_redacted(redact, "run|--password=x|img", "run|--password=***|img");
	assert_redacted(redact, "run|--password=a=b=c", "run|--password=***");
	assert_redacted(redact, "run|--password=", "run|--password=***");
	assert_redacted(redact, "-e|MY_TOKEN_1=abc|x", "-e|MY_TOKEN_1=***|x");
	assert_redacted(redact, "run|--passwords=x", "run|--passwords=x");
}

static void the_argument_after_an_option_is_masked(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("--password", "-p");

	assert_redacted(redact, "login|--password|secret|host", "login|--password|***|host");
	assert_redacted(redact, "login|-p|secret|-p|more|", "login|-p|***|-p|***|");
	assert_redacted(redact, "login|--password", "login|--password");
	assert_redacted(redact, "login|--password||host", "login|--password|***|host");
	/* What is masked as a value opens nothing. */
	assert_redacted(redact, "-p|-p|shown", "-p|***|shown");
}

static void an_argument_that_matches_as_a_whole_is_masked(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("ghp_*", "hunter2");

	assert_redacted(redact, "git|ghp_abcdef|x", "git|***|x");
	assert_redacted(redact, "hunter2|hunter22|hunter2|", "***|hunter22|***|");
}

static void an_option_that_matches_by_a_wildcard_hides_itself_and_the_next(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("-p*", "--*pass*");

	assert_redacted(redact, "mysql|-phunter2|-uroot|db", "mysql|***|***|db");
	assert_redacted(redact, "x|--db-password|hunter2|y", "x|***|***|y");
	assert_redacted(redact, "x|--db-password=hunter2|y", "x|--db-password=***|y");
}

static void a_one_byte_argument_may_grow(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("?", NULL);

	assert_redacted(redact, "a|b|c|d|e|f|g|h", "***|***|***|***|***|***|***|***");
	assert_redacted(redact, "|||", "|||");
}

static void everything_may_be_masked(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("*", NULL);

	assert_redacted(redact, "|||", "***|***|***|");
	assert_redacted(redact, "a", "***");
	assert_redacted(redact, "a|", "***|");
}

static void bytes_that_are_no_characters_do_not_slip_through(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("*secret*", NULL);
	char *before = strdup(setlocale(LC_ALL, NULL));

	assert_redacted(redact, "\xff\xfesecret", "***");
	setlocale(LC_ALL, "C.UTF-8");
	assert_redacted(redact, "\xff\xfesecret", "***");
	assert_redacted(redact, "secret\xff=1", "secret\xff=***");
	setlocale(LC_ALL, before);
	free(before);
}

static void a_long_argument_is_masked_like_a_short_one(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("--password", NULL);
	char *in = calloc(1, 20000);

	strcpy(in, "--password=");
	memset(in + strlen(in), 'x', 19000);
	assert_redacted(redact, in, "--password=***");
	free(in);
}

static void the_answer_lasts_until_the_next_question(void **state)
{
	_cleanup_(redact_freep) struct redact *redact = redact_of("x*", NULL);
	struct arguments small = { "x\0a", 3, true }, out;
	char large[3000];

	memset(large, 'x', sizeof(large));
	for (size_t i = 1; i < sizeof(large); i += 2)
		large[i] = '\0';
	out = redact_arguments(redact, small);
	assert_int_equal(out.len, 5);
	out = redact_arguments(redact, (struct arguments){ large, sizeof(large), true });
	assert_int_equal(out.len, sizeof(large) / 2 * 4);
	out = redact_arguments(redact, small);
	assert_memory_equal(out.bytes, "***\0a", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_matches_nothing_changes),
		cmocka_unit_test(without_patterns_nothing_changes),
		cmocka_unit_test(no_arguments_stay_none),
		cmocka_unit_test(a_value_behind_an_equals_sign_is_masked),
		cmocka_unit_test(the_argument_after_an_option_is_masked),
		cmocka_unit_test(an_argument_that_matches_as_a_whole_is_masked),
		cmocka_unit_test(an_option_that_matches_by_a_wildcard_hides_itself_and_the_next),
		cmocka_unit_test(a_one_byte_argument_may_grow),
		cmocka_unit_test(everything_may_be_masked),
		cmocka_unit_test(bytes_that_are_no_characters_do_not_slip_through),
		cmocka_unit_test(a_long_argument_is_masked_like_a_short_one),
		cmocka_unit_test(the_answer_lasts_until_the_next_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
