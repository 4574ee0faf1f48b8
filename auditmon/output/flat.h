/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Values in formats that are one line of text
 *
 * Syslog's structured data, CEF and LEEF have no way to write a control character or a byte that is
 * no UTF-8 that every receiver understands. So a text that has one, or that begins or ends with a
 * space, is written with \xNN for each such byte and \x5c for a backslash; its field's name is then
 * in the list "escaped", so that it can be told from a text that has such characters itself, and
 * turned back. Any other text stays as it is. Lists are JSON arrays. On top of that come the
 * format's own escapes.
 */

#include <stdbool.h>
#include <stdio.h>

#include "output/field.h"

/* special: these get a backslash before them. delimiter: is never in a value; 0: none. */
struct flat_syntax {
	const char *special;
	char delimiter;
};

/* True: it had to be escaped. */
bool flat_print(FILE *out, const struct value *value, const struct flat_syntax *syntax);

/* The same, of a field, whose name goes into escaped. */
struct flat_escaped {
	bool fields[FIELD_COUNT];
};
void flat_print_field(FILE *out, enum field field, const struct value *value,
	const struct flat_syntax *syntax, struct flat_escaped *escaped);

/* From 1 to 10, as CEF and LEEF count. */
extern const int flat_severities[SEVERITY_COUNT];

/* The names, with spaces between them, as a value in buffer; VALUE_NONE: none was escaped. */
void flat_escaped_value(const struct flat_escaped *escaped, struct value *ret);
