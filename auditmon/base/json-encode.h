/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * JSON text out of bytes
 *
 * For what the writer stores as JSON and SQLite does not have in hand (lists of arguments, mounts),
 * and for the formats of SIEMs. A byte that is no UTF-8 becomes the four characters \xNN, as JSON
 * has no bytes; what a terminal must not see becomes \uNNNN.
 */

#include <stddef.h>
#include <stdio.h>

/* The string with its quotes; NULL gives null. */
void json_encode_string(FILE *out, const char *bytes, size_t len);

/* NUL-separated arguments, with or without a NUL at the end, as an array. */
void json_encode_arguments(FILE *out, const char *bytes, size_t len);

/* NUL-separated arguments as the text of a JSON array (heap). NULL: bytes is, or no memory. */
char *json_arguments_text(const char *bytes, size_t len);
