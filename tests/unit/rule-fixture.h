/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lines of a rule file: test.rules, line 7. Include after cmocka.h.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "watch/rule.h"

/* The caller's; a line that is refused fails the test. */
struct rule *parse(const char *line);

/* The reason is one line and has the words. */
void assert_refused(const char *line, const char *why);

void assert_same_rule(const char *a, const char *b, bool same);
