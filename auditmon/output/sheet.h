/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What is known of one thing, a line each: a label and a value
 */

#include <stdbool.h>
#include <stdio.h>

struct sheet {
	FILE *out;
	bool colour;
};

/* value is escaped; NULL is a dash, so that its absence is seen. */
void sheet_line(const struct sheet *sheet, const char *label, const char *value);
