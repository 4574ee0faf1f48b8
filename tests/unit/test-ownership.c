/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "place.h"
#include "watch/ownership.h"

#define BOOT "0123456789abcdef0123456789abcdef"
#define OTHER_BOOT "f123456789abcdef0123456789abcdef"
#define MARK "00112233445566aa"

static struct rule *rule_of(const char *line)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;

	assert_int_equal(rule_parse(line, "test", 1, &rule, &error), 0);
	rule_error_done(&error);
	return rule;
}

static void what_is_written_is_read_again(void **state)
{
	static const char *const lines[] = {
		"-a always,exit -F path=/etc/passwd -F perm=wa -k a",
		"-a always,exit -F path=/etc/passwd -F perm=wa -k b",
		"-a always,exit -F path=/etc/passwd -F perm=w -k a",
		"-a always,exit -F dir=/etc -F perm=wa -k a",
		"-a never,exit -F path=/etc/passwd -F perm=wa -k a",
		"-a always,exit -F arch=b64 -S openat -F path=/etc/passwd -k a",
	};
	struct ownership written = { .mark = MARK }, read;
	struct rule *rules[ELEMENTS(lines)];
	struct place place;

	assert_int_equal(place_init(&place), 0);
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		rules[i] = rule_of(lines[i]);
		/* Every other one is ours. */
		if (i % 2 == 0)
			assert_int_equal(ownership_add(&written, rules[i]), 0);
	}
	assert_int_equal(ownership_write(place_name(&place, "f"), BOOT, &written), 0);
	assert_int_equal(ownership_read(place_name(&place, "f"), BOOT, &read), 0);
	assert_string_equal(read.mark, MARK);
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		assert_int_equal(ownership_has(&read, rules[i]), i % 2 == 0);
	ownership_done(&read);
	assert_int_equal(ownership_read(place_name(&place, "f"), OTHER_BOOT, &read), -ESTALE);
	assert_int_equal(read.n_rules, 0);
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		rule_free(rules[i]);
	ownership_done(&written);
	assert_int_equal(place_done(&place), 0);
}

static void many_rules_are_found(void **state)
{
	struct ownership ownership = { .mark = MARK }, read;
	struct place place;
	char line[128];

	assert_int_equal(place_init(&place), 0);
	for (int i = 0; i < 1000; i++) {
		struct rule *rule;

		snprintf(line, sizeof(line), "-a always,exit -F path=/x/%d -F perm=wa", i);
		rule = rule_of(line);
		assert_int_equal(ownership_add(&ownership, rule), 0);
		rule_free(rule);
	}
	assert_int_equal(ownership_write(place_name(&place, "f"), BOOT, &ownership), 0);
	assert_int_equal(ownership_read(place_name(&place, "f"), BOOT, &read), 0);
	for (int i = 0; i < 1001; i++) {
		struct rule *rule;

		snprintf(line, sizeof(line), "-a always,exit -F path=/x/%d -F perm=wa", i);
		rule = rule_of(line);
		assert_int_equal(ownership_has(&read, rule), i < 1000);
		rule_free(rule);
	}
	ownership_done(&read);
	ownership_done(&ownership);
	assert_int_equal(place_done(&place), 0);
}

static void a_damaged_file_owns_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"auditmon rules 1\n",
		"auditmon rules 1\n" BOOT,
		"auditmon rules 1\n" BOOT "\n",
		"auditmon rules 1\n" BOOT "\nshort\n",
		"auditmon rules 1\n" BOOT "\n" MARK "\nx\n",
		"auditmon rules 1\n" BOOT "\n" MARK "\n0123456789abcdef0123456789abcde\n",
		"auditmon rules 2\n" BOOT "\n" MARK "\n",
	};

	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		char *text = strdup(texts[i]);
		struct ownership ownership;
		int r = ownership_parse(text, strlen(text), BOOT, &ownership);

		assert_true(r == -EBADMSG || r == -ESTALE);
		ownership_done(&ownership);
		free(text);
	}
}

static void a_file_that_others_may_write_is_refused(void **state)
{
	struct ownership ownership = { .mark = MARK };
	struct place place;

	assert_int_equal(place_init(&place), 0);
	assert_int_equal(ownership_read(place_name(&place, "f"), BOOT, &ownership), -ENOENT);
	memcpy(ownership.mark, MARK, sizeof(MARK));
	assert_int_equal(ownership_write(place_name(&place, "f"), BOOT, &ownership), 0);
	assert_int_equal(chmod(place_name(&place, "f"), 0622), 0);
	assert_int_equal(ownership_read(place_name(&place, "f"), BOOT, &ownership), -EPERM);
	assert_int_equal(symlink("f", place_name(&place, "link")), 0);
	assert_int_equal(ownership_read(place_name(&place, "link"), BOOT, &ownership), -ELOOP);
	assert_int_equal(place_done(&place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(many_rules_are_found),
		cmocka_unit_test(a_damaged_file_owns_nothing),
		cmocka_unit_test(a_file_that_others_may_write_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
