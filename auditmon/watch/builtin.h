/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Rules that auditmon brings with it, beside those of the rule files
 *
 * One theme is one purpose, which the configuration can switch off. Add a theme here and its rules
 * to the table in builtin.c.
 */

#include "watch/rule.h"

enum builtin_theme {
	/* Changes that no path tells: descriptors, raw devices, mounts and namespaces. */
	BUILTIN_COVERAGE = 1 << 0,
};

/*
 * Adds the rules of the themes (BUILTIN_ bits) behind all that is in the set, as derived ones; what
 * this machine has no system call for is left out. 0 or -ENOMEM.
 */
int builtin_rules_add(struct rule_set *set, unsigned themes);
