/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "rule-fixture.h"

struct rule *parse(const char *line)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r = rule_parse(line, "test.rules", 7, &rule, &error);

	if (r != 0)
		fail_msg("%s: %s", line, error.reason);
	assert_non_null(rule);
	assert_null(error.file);
	return rule;
}

void assert_refused(const char *line, const char *why)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r = rule_parse(line, "test.rules", 7, &rule, &error);

	if (r != -EINVAL || !strstr(error.reason, why))
		fail_msg("%s: %d '%s', expected '%s'", line, r, error.reason, why);
	assert_null(rule);
	assert_string_equal(error.file, "test.rules");
	assert_int_equal(error.line, 7);
	assert_null(strchr(error.reason, '\n'));
	rule_error_done(&error);
}

void assert_same_rule(const char *a, const char *b, bool same)
{
	_cleanup_(rule_freep) struct rule *x = parse(a);
	_cleanup_(rule_freep) struct rule *y = parse(b);

	if (rule_equal(x, y) != same)
		fail_msg("'%s' and '%s': same is %d", a, b, !same);
	assert_int_equal(rule_compare(x, y), -rule_compare(y, x));
}
