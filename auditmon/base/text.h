/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Bytes from outside, made fit for people
 *
 * Paths, arguments and names are bytes that a hostile process chose. Inside auditmon they stay as
 * they are. On the way out, text_escape() makes one printable line of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1-4) of the valid UTF-8 character at text, with its code point in *ret; 0 where
 * there is none. */
size_t text_utf8_char(const char *text, size_t len, uint32_t *ret);

/* How many bytes at the beginning are printable ASCII, and none of special. */
size_t text_plain_span(const char *text, size_t len, const char *special);

/* True where all len bytes are valid UTF-8 without a NUL. */
bool text_is_utf8(const char *text, size_t len);

/*
 * True for what must not reach a terminal or a log line raw: C0, DEL, C1, line separators,
 * bidirectional controls, every space but the plain one, and what cannot be seen at all, so that two
 * names that differ look different and one word looks like one.
 */
bool text_is_unsafe(uint32_t code_point);

/*
 * Writes text to buffer as one printable line, always NUL-terminated, cut at size: control
 * characters and invalid bytes become \xNN (unsafe characters beyond one byte: \xNN for each byte);
 * everything else stays. Returns the length that was written. A buffer of 4 * len + 1 holds all of
 * it.
 */
size_t text_escape(const char *text, size_t len, char *buffer, size_t size);

/* Columns that a printable UTF-8 string takes in a terminal: wcwidth, or one a character where the
 * locale is not UTF-8. */
size_t text_columns(const char *text);
