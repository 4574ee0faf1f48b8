/* SPDX-License-Identifier: GPL-2.0-or-later */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <errno.h>
#include <libaudit.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/builtin.h"
#include "watch/companion.h"

static struct rule_set *set_of(const char *const *lines, size_t n)
{
	struct rule_set *set = calloc(1, sizeof(*set));

	assert_non_null(set);
	for (size_t i = 0; i < n; i++) {
		struct rule_error error = { 0 };
		struct rule *rule = NULL;

		assert_int_equal(rule_parse(lines[i], "test", (unsigned)i + 1, &rule, &error), 0);
		assert_int_equal(rule_set_add(set, rule), 0);
		rule_error_done(&error);
	}
	return set;
}

/* The texts of what was derived, one a line. */
static char *derived(const struct rule_set *set)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < set->n_rules; i++) {
		char *line;

		if (!set->rules[i]->derived)
			continue;
		assert_int_equal(rule_format(set->rules[i], &line), 0);
		fprintf(out, "%s\n", line);
		free(line);
	}
	fclose(out);
	return text;
}

static char *derived_of(const char *line)
{
	struct rule_set *set = set_of(&line, 1);
	char *text;

	assert_int_equal(companion_add(set), 0);
	text = derived(set);
	rule_set_free(set);
	return text;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void a_watch_of_a_file_has_companions_and_its_directory_one(void **state)
{
	char *text = derived_of("-w /dev/null -p wa -k k");

	assert_int_equal(count_lines(text), 3);
	assert_non_null(strstr(text, "utimensat"));
	assert_non_null(strstr(text, "io_uring_enter"));
	assert_non_null(
		strstr(text, "-F path=/dev/null -F a2&0x243 -F key=k -F key=auditmon:also\n"));
	assert_non_null(strstr(text,
		"-a always,io_uring -S 18,28,39,42 -F dir=/dev -F key=auditmon:below:/dev\n"));
	free(text);
}

static void a_watch_of_a_directory_has_its_own(void **state)
{
	char *text = derived_of("-w /dev -p wa -k k");

	assert_int_equal(count_lines(text), 3);
	assert_null(strstr(text, "io_uring_enter"));
	assert_non_null(strstr(text, "-F dir=/dev -F a2&0x243 -F key=k -F key=auditmon:also\n"));
	assert_non_null(strstr(text, "-F dir=/dev -F key=k -F key=auditmon:below:/dev\n"));
	free(text);
}

static void permissions_choose_the_companions(void **state)
{
	char *text = derived_of("-w /dev -p a -k k");

	assert_null(strstr(text, "openat"));
	assert_non_null(strstr(text, "utimensat"));
	free(text);
	text = derived_of("-w /dev -p w -k k");
	assert_null(strstr(text, "utimensat"));
	assert_non_null(strstr(text, "openat2"));
	free(text);
}

static void what_is_no_watch_of_changes_has_none(void **state)
{
	static const char *const lines[] = {
		"-w /dev -p r -k k",
		"-w /dev -p x",
		"-a never,exit -F path=/dev/null -F perm=wa",
		"-a always,exit -F arch=b64 -S openat -F path=/dev/null -k k",
		"-a always,exit -F perm=wa -F uid=0 -k k",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = derived_of(lines[i]);

		assert_string_equal(text, "");
		free(text);
	}
}

static void conditions_of_the_watch_are_its_companions(void **state)
{
	char *text = derived_of(
		"-a always,exit -F arch=b64 -F dir=/dev -F perm=wa -F auid>=1000 -F key=k");

	assert_non_null(strstr(text, "-F arch=b64 -S"));
	assert_non_null(strstr(text, "-F dir=/dev -F auid>=1000 -F a2&0x243 -F key=k"));
	/* A worker of io_uring is of no architecture. */
	assert_non_null(strstr(text, "-a always,io_uring -S 17"));
	assert_non_null(strstr(text, "42,55 -F dir=/dev -F auid>=1000 -F key=k"));
	free(text);
}

/* Where next to nobody writes files and trees share, and one that lies elsewhere does not. */
static void watches_in_etc_share_their_companions(void **state)
{
	struct rule_set *set = calloc(1, sizeof(*set));
	char *text;

	for (unsigned i = 0; i < 8; i++) {
		struct rule_error error = { 0 };
		struct rule *rule;
		char line[80];

		snprintf(line, sizeof(line), "-a always,exit -F %s=/etc/w%u -F perm=wa -F key=k",
			i % 2 ? "dir" : "path", i);
		assert_int_equal(rule_parse(line, "test", i + 1, &rule, &error), 0);
		assert_int_equal(rule_set_add(set, rule), 0);
		rule_error_done(&error);
		if (i != 6)
			continue;
		/* One below what is not enough to share. */
		struct rule_set *few = calloc(1, sizeof(*few));

		for (size_t j = 0; j < set->n_rules; j++) {
			assert_int_equal(rule_copy(set->rules[j], &rule), 0);
			assert_int_equal(rule_set_add(few, rule), 0);
		}
		assert_int_equal(companion_add(few), 0);
		text = derived(few);
		assert_non_null(strstr(text, "-F dir=/etc/w1 -F a2&0x243"));
		free(text);
		rule_set_free(few);
	}
	assert_int_equal(companion_add(set), 0);
	text = derived(set);
	assert_int_equal(count_lines(text), 3);
	assert_non_null(strstr(text, "-F dir=/etc -F a2&0x243 -F key=auditmon:below:/etc\n"));
	assert_non_null(strstr(text, "-a always,io_uring -S 17"));
	assert_null(strstr(text, "/etc/w"));
	free(text);
	rule_set_free(set);
}

static void many_files_of_one_directory_share_their_companions(void **state)
{
	struct rule_set *set = calloc(1, sizeof(*set));
	char *text;

	for (unsigned i = 0; i < 100; i++) {
		struct rule_error error = { 0 };
		struct rule *rule = NULL;
		char line[64];

		snprintf(line, sizeof(line), "-w /dev/absent%u -p wa -k k%u", i, i % 3);
		assert_int_equal(rule_parse(line, "test", i + 1, &rule, &error), 0);
		assert_int_equal(rule_set_add(set, rule), 0);
		rule_error_done(&error);
	}
	assert_int_equal(companion_add(set), 0);
	text = derived(set);
	assert_int_equal(count_lines(text), 3);
	assert_null(strstr(text, "path="));
	assert_int_equal(set->n_repeated, 0);
	free(text);
	rule_set_free(set);
}

static void every_companion_can_be_read_back(void **state)
{
	static const char *const lines[] = { "-w /dev/null -p wa -k k", "-w /dev -p wa" };
	struct rule_set *set = set_of(lines, 2);

	assert_int_equal(companion_add(set), 0);
	assert_int_equal(builtin_rules_add(set, BUILTIN_COVERAGE), 0);
	for (size_t i = 0; i < set->n_rules; i++) {
		struct rule_error error = { 0 };
		struct rule *again = NULL;
		char *line;

		assert_int_equal(rule_format(set->rules[i], &line), 0);
		assert_int_equal(rule_parse(line, "again", 1, &again, &error), 0);
		assert_true(rule_equal(again, set->rules[i]));
		rule_free(again);
		rule_error_done(&error);
		free(line);
	}
	rule_set_free(set);
}

static void built_in_rules_never_take_every_call(void **state)
{
	struct rule_set *set = calloc(1, sizeof(*set));

	assert_int_equal(builtin_rules_add(set, BUILTIN_COVERAGE), 0);
	assert_true(set->n_rules >= 8);
	for (size_t i = 0; i < set->n_rules; i++) {
		assert_true(set->rules[i]->derived);
		assert_int_equal(rule_perm(set->rules[i]), 0);
		/* A number is another call on another word size. */
		assert_non_null(strstr(set->rules[i]->text, "-F arch="));
	}
	rule_set_free(set);
}

static void a_condition_on_auid_can_be_blind_to_docker(void **state)
{
	static const struct {
		const char *condition;
		bool blind;
	} cases[] = {
		{ "auid!=unset", true },
		{ "auid!=-1", true },
		{ "auid!=4294967295", true },
		{ "auid=1000", true },
		{ "auid<1000", true },
		{ "auid>=1000", false },
		{ "auid=unset", false },
		{ "auid!=1000", false },
		{ "auid>999", false },
		{ "uid!=0", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_error error = { 0 };
		struct rule *rule = NULL;
		char line[96];

		snprintf(line, sizeof(line),
			"-a always,exit -F path=/dev/null -F perm=wa -F %s -k k",
			cases[i].condition);
		assert_int_equal(rule_parse(line, "test", 1, &rule, &error), 0);
		assert_int_equal(rule_is_blind_to_unset(rule), cases[i].blind);
		rule_free(rule);
		rule_error_done(&error);
	}
}

static void no_system_call_is_no_rule(void **state)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;

	assert_int_equal(rule_parse("-a always,io_uring -S ,", "test", 1, &rule, &error), -EINVAL);
	rule_error_done(&error);
}

static void a_key_tells_the_scope(void **state)
{
	const struct {
		const char *key;
		enum rule_scope scope;
		size_t len;
		const char *directory;
	} cases[] = {
		{ "identity", SCOPE_ALL, 8, NULL },
		{ "", SCOPE_ALL, 0, NULL },
		{ "identity,auditmon:also", SCOPE_ALSO, 8, NULL },
		{ "auditmon:also", SCOPE_ALSO, 0, NULL },
		{ "a,b,auditmon:below:/etc,x", SCOPE_BELOW, 3, "/etc,x" },
		{ "auditmon:below:", SCOPE_BELOW, 0, "" },
		{ "auditmon:descriptor", SCOPE_DESCRIPTOR, 0, NULL },
		{ "mount,auditmon:inside", SCOPE_INSIDE, 5, NULL },
		{ "auditmon", SCOPE_ALL, 8, NULL },
		{ "auditmon:", SCOPE_ALL, 9, NULL },
		{ "xauditmon:also", SCOPE_ALL, 14, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *directory = "unset";
		size_t len = 99;

		assert_int_equal(rule_scope_of(cases[i].key, &len, &directory), cases[i].scope);
		assert_int_equal(len, cases[i].len);
		if (cases[i].directory)
			assert_string_equal(directory, cases[i].directory);
		else
			assert_null(directory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watch_of_a_file_has_companions_and_its_directory_one),
		cmocka_unit_test(a_watch_of_a_directory_has_its_own),
		cmocka_unit_test(permissions_choose_the_companions),
		cmocka_unit_test(what_is_no_watch_of_changes_has_none),
		cmocka_unit_test(conditions_of_the_watch_are_its_companions),
		cmocka_unit_test(watches_in_etc_share_their_companions),
		cmocka_unit_test(many_files_of_one_directory_share_their_companions),
		cmocka_unit_test(every_companion_can_be_read_back),
		cmocka_unit_test(built_in_rules_never_take_every_call),
		cmocka_unit_test(a_condition_on_auid_can_be_blind_to_docker),
		cmocka_unit_test(no_system_call_is_no_rule),
		cmocka_unit_test(a_key_tells_the_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
