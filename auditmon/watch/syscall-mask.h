/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * System calls by name into a rule's mask, for the rules that auditmon makes itself
 *
 * Programs of both word sizes run on one kernel, with numbers of their own. A rule without arch=
 * holds for both; what the other's number means elsewhere does no harm where the rule names a path
 * or a value besides, and saves a rule for each, which the kernel would evaluate at every system
 * call.
 */

#include <stdbool.h>
#include <stdint.h>

#define ANY_MACHINE (-1)

/*
 * Adds the call on machine (libaudit's number), or on each that runs here (ANY_MACHINE). number is
 * for calls that libaudit 3.0.9 has no name for, and that are numbered alike everywhere (424 and
 * beyond); 0: it has one. False: the call exists on none.
 */
bool syscall_mask_add(uint32_t *mask, int machine, const char *name, int number);
