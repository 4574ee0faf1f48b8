/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * All that is known of a touch, with the evidence, as `auditmon show event:N` prints it
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/touch.h"

void touch_sheet_print(FILE *out, const struct touch *touch, bool colour);
