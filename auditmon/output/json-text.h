/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * JSON as a line that a terminal may see
 */

#include <stdio.h>

/*
 * Prints JSON text as one line, the second with a newline behind it, and with what a terminal must
 * not see (C1, DEL, bidi) as \uXXXX: same value, safe to show. Bytes that are no UTF-8, which no
 * JSON may have, become \ufffd.
 */
void json_text_print(FILE *out, const char *json);
void json_line_print(FILE *out, const char *json);
