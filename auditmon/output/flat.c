/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/flat.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "output/json-tree.h"

const int flat_severities[SEVERITY_COUNT] = {
	[SEVERITY_INFO] = 2,
	[SEVERITY_NOTICE] = 4,
	[SEVERITY_WARNING] = 7,
	[SEVERITY_CRITICAL] = 10,
};

static bool is_plain(const char *bytes, size_t len, char delimiter)
{
	if (len > 0 && (bytes[0] == ' ' || bytes[len - 1] == ' '))
		return false;
	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_char(bytes + i, len - i, &code);

		if (n == 0 || text_is_unsafe(code) || code == (unsigned char)delimiter)
			return false;
		i += n;
	}
	return true;
}

/* Must the character at i, of n bytes (0: none that is UTF-8), be written as bytes? */
static bool needs_bytes(
	const char *bytes, size_t len, size_t i, size_t n, uint32_t code, char delimiter)
{
	return n == 0 || text_is_unsafe(code) || code == '\\' || code == (unsigned char)delimiter ||
	       (code == ' ' && (i == 0 || i + 1 == len));
}

static void put(FILE *out, char c, const char *special)
{
	if (strchr(special, c))
		fputc('\\', out);
	fputc(c, out);
}

static void put_byte(FILE *out, unsigned char byte, const char *special)
{
	static const char digits[] = "0123456789abcdef";

	put(out, '\\', special);
	fputc('x', out);
	fputc(digits[byte >> 4], out);
	fputc(digits[byte & 15], out);
}

static bool print_text(FILE *out, const char *bytes, size_t len, const struct flat_syntax *syntax)
{
	bool plain = is_plain(bytes, len, syntax->delimiter);

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code = 0;

		if (plain) {
			n = text_plain_span(bytes + i, len - i, syntax->special);
			fwrite(bytes + i, 1, n, out);
			if (n > 0)
				continue;
		}
		n = text_utf8_char(bytes + i, len - i, &code);
		if (plain || !needs_bytes(bytes, len, i, n, code, syntax->delimiter)) {
			for (size_t end = i + n, at = i; at < end; at++)
				put(out, bytes[at], syntax->special);
			continue;
		}
		n = n > 0 ? n : 1;
		for (size_t end = i + n, at = i; at < end; at++)
			put_byte(out, (unsigned char)bytes[at], syntax->special);
	}
	return !plain;
}

/* A list, or JSON: what JSON writes is plain. */
static bool print_json(FILE *out, const struct value *value, const struct flat_syntax *syntax)
{
	_cleanup_(freep) char *json = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&json, &len);
	bool escaped = false;

	if (!memory)
		return false;
	json_value_print(memory, value, JSON_AS_IT_IS);
	if (fclose(memory) == 0)
		escaped = print_text(out, json, len, syntax);
	return escaped;
}

bool flat_print(FILE *out, const struct value *value, const struct flat_syntax *syntax)
{
	switch (value->type) {
	case VALUE_TEXT:
		return print_text(out, value->bytes, value->len, syntax);
	case VALUE_NUMBER:
		fprintf(out, "%" PRId64, value->number);
		return false;
	case VALUE_BOOLEAN:
		fputs(value->number ? "true" : "false", out);
		return false;
	case VALUE_LIST:
	case VALUE_JSON:
		return print_json(out, value, syntax);
	default:
		return false;
	}
}

void flat_print_field(FILE *out, enum field field, const struct value *value,
	const struct flat_syntax *syntax, struct flat_escaped *escaped)
{
	if (flat_print(out, value, syntax))
		escaped->fields[field] = true;
}

void flat_escaped_value(const struct flat_escaped *escaped, struct value *ret)
{
	size_t len = 0;

	for (int i = 0; i < FIELD_COUNT; i++)
		if (escaped->fields[i] && field_name(i))
			len += (size_t)snprintf(ret->buffer + len, sizeof(ret->buffer) - len,
				"%s%s", len > 0 ? " " : "", field_name(i));
	value_set_text(ret, len > 0 ? ret->buffer : NULL);
}
