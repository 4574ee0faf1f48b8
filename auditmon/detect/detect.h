/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Flags and severity
 *
 * Pure: a touch in, flags out. What the touch alone cannot tell (is this file the container's own?)
 * are facts; what is this host's own affair (which files decide about trust?) is the policy.
 */

#include "base/touch.h"
#include "detect/policy.h"

/* Sets touch->flags and touch->severity. */
void detect(struct touch *touch, const struct touch_facts *facts, const struct policy *policy);
