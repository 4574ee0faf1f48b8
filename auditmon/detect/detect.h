/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Flags and severity
 *
 * Pure: a touch in, flags out. What the touch alone cannot tell (is this file the container's own?)
 * is an input of its own.
 */

#include "base/touch.h"

/* Sets touch->flags and touch->severity. */
void detect(struct touch *touch, const struct touch_facts *facts);
