/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch as a sentence: who, how sure, by which client, through which container, did what
 *
 * "2026-11-25 11:02:03  dwalsh (certain: docker run --privileged hack, pid 6700) through docker
 * container hack (ubi8-micro, privileged) wrote /etc/passwd as root"
 */

#include <stdio.h>

#include "base/touch.h"

/* Always one line, hostile bytes escaped, what is long shortened. */
void touch_story_print(FILE *out, const struct touch *touch, bool colour);
