/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What `auditmon rules list` prints: a table, or one JSON object a line
 */

#include <stdbool.h>

#include "watch/rule.h"

/* The files' rules in their order, then what else the kernel has. kernel NULL: not known. 0 or
 * -errno. */
int rules_list_print(const struct rule_set *set, const struct rule_set *kernel, bool as_json);
