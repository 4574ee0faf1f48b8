/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * What is refused says where and why; whatever is accepted prints as a line that makes the same
 * rule.
 */
static void check_line(const char *line, unsigned number)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL, *again = NULL;
	char *text = NULL;
	int r = rule_parse(line, "fuzz", number, &rule, &error);

	if (r < 0 && (!error.file || !error.reason[0] || error.line != number))
		abort();
	if (rule) {
		if (rule_format(rule, &text) < 0)
			abort();
		/* Names of system calls can be longer than their numbers. */
		if (strlen(text) <= RULE_LINE_LEN_MAX &&
			(rule_parse(text, "fuzz", number, &again, &error) != 0 ||
				!rule_equal(rule, again) || rule->list != again->list))
			abort();
	}
	free(text);
	rule_free(rule);
	rule_free(again);
	rule_error_done(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *line;

	for (unsigned number = 1; rest && (line = strsep(&rest, "\n")) != NULL; number++)
		check_line(line, number);
	free(text);
	return 0;
}
