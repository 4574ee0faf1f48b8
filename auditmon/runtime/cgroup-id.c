/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/cgroup-id.h"

static const size_t uuid_groups[] = { 8, 4, 4, 4, 12, 0 };
static const size_t garden_groups[] = { 8, 4, 4, 4, 4, 0 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Engines write their ids in lower case; Garden's handles and UUIDs may have either. */
static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_any_hex(char c)
{
	return is_hex(c) || (c >= 'A' && c <= 'F');
}

static bool is_base36(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool is_alphanumeric(char c)
{
	return is_base36(c) || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
	return is_alphanumeric(c) || c == '_' || c == '-';
}

static bool is_dotted_word(char c)
{
	return is_word(c) || c == '.';
}

static bool all_of(struct span span, bool (*is)(char c))
{
	for (size_t i = 0; i < span.len; i++)
		if (!is(span.text[i]))
			return false;
	return span.len > 0;
}

/* Groups of hex digits of these lengths (0 ends them), joined by '-'. */
static bool is_grouped(struct span span, const size_t *groups)
{
	for (; *groups; groups++) {
		if (span.len < *groups || !all_of((struct span){ span.text, *groups }, is_any_hex))
			return false;
		span = span_skip(span, *groups);
		if (groups[1]) {
			if (span.len == 0 || *span.text != '-')
				return false;
			span = span_skip(span, 1);
		}
	}
	return span.len == 0;
}

static bool has_shape(struct span id, enum id_shape shape)
{
	switch (shape) {
	case HEX64:
		return id.len == 64 && all_of(id, is_hex);
	case HEX32:
		return id.len == 32 && all_of(id, is_hex);
	case BASE36:
		return id.len == 25 && all_of(id, is_base36);
	case DIGITS:
		return all_of(id, is_digit);
	case UUID:
	case ESC_UUID:
		return is_grouped(id, uuid_groups);
	case GARDEN:
		return is_grouped(id, garden_groups);
	case FARGATE:
		return id.len > 33 && all_of((struct span){ id.text, 32 }, is_hex) &&
		       id.text[32] == '-' && all_of(span_skip(id, 33), is_digit);
	case WORD:
		return all_of(id, is_word);
	case IDENTIFIER:
		return all_of(id, is_dotted_word) && is_alphanumeric(id.text[0]);
	case NAME:
	case ESCAPED:
		return id.len > 0 && !memchr(id.text, '\0', id.len) && !span_is(id, ".") &&
		       !span_is(id, "..");
	case ANYTHING:
		return true;
	}
	return false;
}

static int hex_value(char c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool is_escape(struct span at)
{
	return span_starts_with(at, "\\x") && at.len >= 4 && is_any_hex(at.text[2]) &&
	       is_any_hex(at.text[3]);
}

/* systemd's \xNN in unit names. False where the result cannot be a name: with '/', or too long. */
static bool unescape(struct span from, char *buffer, size_t size, struct span *ret)
{
	size_t len = 0;

	while (from.len > 0) {
		char c = *from.text;
		size_t n = 1;

		if (is_escape(from)) {
			c = (char)(hex_value(from.text[2]) << 4 | hex_value(from.text[3]));
			n = 4;
		}
		if (c == '/' || len == size)
			return false;
		buffer[len++] = c;
		from = span_skip(from, n);
	}
	*ret = (struct span){ buffer, len };
	return true;
}

bool cgroup_id_take(struct span text, enum id_shape shape, char ret[CGROUP_ID_MAX])
{
	char buffer[CGROUP_ID_MAX];

	if ((shape == ESCAPED || shape == ESC_UUID) &&
		!unescape(text, buffer, sizeof(buffer), &text))
		return false;
	if (text.len >= CGROUP_ID_MAX || !has_shape(text, shape))
		return false;
	memcpy(ret, text.text, text.len);
	ret[text.len] = '\0';
	return true;
}
