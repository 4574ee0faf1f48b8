/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Flags and severity
 *
 * Pure: a touch in, flags out. What the touch alone cannot tell (is this file the container's own?) is an input of its own.
 */

#include "base/touch.h"

struct detect_facts {
	bool container_own_file; /* the file belongs to the container's own root file system, not to the host */
	bool entry_unset;	 /* the container's entry had loginuid unset when it appeared */
};

/* Sets touch->flags and touch->severity. */
void detect(struct touch *touch, const struct detect_facts *facts);
