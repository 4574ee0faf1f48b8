/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/coverage.h"

#include "watch/builtin.h"
#include "watch/companion.h"

int coverage_add(enum coverage coverage, struct rule_set *set)
{
	size_t n = set->n_rules;
	int r = coverage == COVERAGE_NONE ? 0 : companion_add(set);

	/* Without a watch of changes there is nothing that could be changed in other ways. */
	if (r < 0 || coverage != COVERAGE_ALL || set->n_rules == n)
		return r;
	return builtin_rules_add(set, BUILTIN_COVERAGE);
}
