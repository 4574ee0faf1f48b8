/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What is watched beyond the rule files, as the configuration has it: see auditmon-coverage(7)
 */

#include "base/config.h"
#include "watch/rule.h"

/* Adds companions and built-in rules to what is in the set, which is to be complete by then; a set
 * that watches nothing stays as it is. 0 or -ENOMEM. */
int coverage_add(enum coverage coverage, struct rule_set *set);
