/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What an outsider chose, between words of ours
 *
 * A path, a name or a command line can hold anything, also what reads as if we had said it. It is
 * escaped and shortened as table_print_text() does, and stands between quotes, which it cannot end:
 * a quote in it has a backslash before it, and so has a backslash before a quote.
 */

#include <stddef.h>
#include <stdio.h>

/* columns: of the text, without the quotes. */
void word_print_quoted(FILE *out, const char *text, size_t columns);

/* As it is where it is one word: neither empty nor with blanks or quotes in it. */
void word_print(FILE *out, const char *text, size_t columns);
