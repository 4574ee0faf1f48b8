/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The way from a container's entry, or of an engine's client from pid 1, to the process that
 * touched, as the lines of a tree
 */

#include "base/touch.h"

/*
 * Calls line with each process of touch->ancestors and the toucher itself, as `ps f` draws them:
 * pid and arguments. The text is raw: it may hold anything that a process chose. 0, -ENODATA (no
 * chain is known, or it is not one), -ENOMEM.
 */
int ancestry_print(
	const struct touch *touch, void (*line)(const char *text, void *userdata), void *userdata);
