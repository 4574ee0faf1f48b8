/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How bad a touch is, out of its flags
 *
 * One table, which auditmon(8) repeats. Pure.
 */

#include "base/touch.h"

enum severity severity_of(const struct touch *touch);

/* The flag that says most about a touch that has flags: its entry in the journal is of that kind.
 */
enum flag flag_worst(unsigned flags);
