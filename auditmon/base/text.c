/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"

size_t text_utf8_char(const char *text, size_t len, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t code;
	size_t want;

	if (len == 0)
		return 0;
	if (bytes[0] < 0x80) {
		*ret = bytes[0];
		return 1;
	}
	if ((bytes[0] & 0xe0) == 0xc0) {
		want = 2;
		code = bytes[0] & 0x1f;
	} else if ((bytes[0] & 0xf0) == 0xe0) {
		want = 3;
		code = bytes[0] & 0x0f;
	} else if ((bytes[0] & 0xf8) == 0xf0) {
		want = 4;
		code = bytes[0] & 0x07;
	} else {
		return 0;
	}
	if (len < want)
		return 0;
	for (size_t i = 1; i < want; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < smallest[want] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return want;
}

size_t text_plain_span(const char *text, size_t len, const char *special)
{
	size_t n = 0;

	while (n < len && text[n] >= ' ' && text[n] < 0x7f && !strchr(special, text[n]))
		n++;
	return n;
}

bool text_is_utf8(const char *text, size_t len)
{
	uint32_t code;

	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_char(text + i, len - i, &code);

		if (n == 0 || code == 0)
			return false;
		i += n;
	}
	return true;
}

bool text_is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },       /* C0 */
		{ 0x7f, 0x9f },       /* DEL, C1 */
		{ 0xa0, 0xa0 },       /* no-break space */
		{ 0xad, 0xad },       /* soft hyphen */
		{ 0x34f, 0x34f },     /* invisible */
		{ 0x61c, 0x61c },     /* bidirectional */
		{ 0x115f, 0x1160 },   /* fillers of Hangul, as 0x3164 and 0xffa0 */
		{ 0x1680, 0x1680 },   /* a space */
		{ 0x17b4, 0x17b5 },   /* invisible */
		{ 0x180b, 0x180f },   /* variation selectors, and others that are invisible */
		{ 0x2000, 0x200f },   /* spaces, invisible, bidirectional */
		{ 0x2028, 0x202f },   /* line and paragraph separator, bidirectional, a space */
		{ 0x205f, 0x206f },   /* a space, invisible, bidirectional */
		{ 0x2800, 0x2800 },   /* a pattern of Braille without a dot */
		{ 0x3000, 0x3000 },   /* a space */
		{ 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   /* variation selectors */
		{ 0xfeff, 0xfeff },   /* invisible */
		{ 0xffa0, 0xffa0 },
		{ 0xfff9, 0xfffb },   /* invisible */
		{ 0xe0000, 0xe01ef }, /* tags: a second, invisible ASCII; variation selectors */
	};

	if (code >= ' ' && code < 0x7f)
		return false;
	for (size_t i = 0; i < ELEMENTS(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

size_t text_escape(const char *text, size_t len, char *buffer, size_t size)
{
	size_t out = 0;

	if (size == 0)
		return 0;
	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_char(text + i, len - i, &code);

		if (n > 0 && !text_is_unsafe(code)) {
			if (out + n >= size)
				break;
			memcpy(buffer + out, text + i, n);
			out += n;
			i += n;
			continue;
		}
		if (n == 0)
			n = 1;
		if (out + 4 * n >= size)
			break;
		for (size_t end = i + n; i < end; i++, out += 4)
			snprintf(buffer + out, 5, "\\x%02x", (unsigned char)text[i]);
	}
	buffer[out] = '\0';
	return out;
}

size_t text_columns(const char *text)
{
	size_t len = strlen(text), columns = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code;
		size_t n = text_utf8_char(text + i, len - i, &code);
		int width = n ? wcwidth((wchar_t)code) : 1;

		columns += width >= 0 ? (size_t)width : 1;
		i += n ? n : 1;
	}
	return columns;
}
