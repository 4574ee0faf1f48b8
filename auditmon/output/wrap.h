/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lines of prose that fit a terminal
 */

#include <stddef.h>
#include <stdio.h>

/*
 * Prints a printable line of text, and a newline. Where it has more than width columns it goes on
 * in lines that are indented, broken at blanks; a word that is too long for a line is left whole,
 * so that a path can be copied. width 0: never broken. Sequences of ours for colour take no column.
 */
void wrap_print(FILE *out, const char *text, size_t width, size_t indent);
