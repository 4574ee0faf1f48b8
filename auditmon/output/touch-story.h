/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch as a sentence: who, by which client, through which container, did what, and how sure
 *
 * "2026-11-25 11:02:03  dwalsh, as root through sudo, by "docker run --privileged hack" (pid 6700),
 * through docker container hack (ubi8-micro, privileged), wrote /etc/passwd as root. Certain: only
 * client connected."
 *
 * Where nobody is named the container is the subject, and a sentence of its own says why. What an
 * outsider chose is escaped and shortened, and quoted where its blanks could pass for words of
 * ours.
 */

#include <stddef.h>
#include <stdio.h>

#include "base/touch.h"

/* width: columns of the terminal; 0: one line, however long. */
void touch_story_print(FILE *out, const struct touch *touch, size_t width, bool colour);
