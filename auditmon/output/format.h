/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The formats of SIEMs
 *
 * Each is a file with a table of its fields. A touch becomes one document, or several (OCSF tells
 * a flagged one twice: what was done, and what was found); each is one line without a newline,
 * and safe for a terminal.
 */

#include <stdbool.h>
#include <stdio.h>

#include "output/field.h"

#define FORMAT_PRODUCT "auditmon"

struct format {
	const char *name;
	bool needs_json; /* record.json must be there, and is all that is needed; one document */
	unsigned (*count)(const struct touch *touch); /* NULL: always one */
	void (*print)(FILE *out, const struct record *record, unsigned index);
};

/* Borrowed for ever; NULL: no such format. */
const struct format *format_find(const char *name);

/* "json, ocsf, ecs": for messages. */
extern const char format_list[];

unsigned format_count(const struct format *format, const struct touch *touch);

/* One for each file; print of each format. */
void ocsf_print(FILE *out, const struct record *record, unsigned index);
unsigned ocsf_count(const struct touch *touch);
void ecs_print(FILE *out, const struct record *record, unsigned index);
void cef_print(FILE *out, const struct record *record, unsigned index);
void leef_print(FILE *out, const struct record *record, unsigned index);
void syslog_format_print(FILE *out, const struct record *record, unsigned index);
