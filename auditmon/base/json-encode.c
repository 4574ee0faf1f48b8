/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json-encode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void encode_character(FILE *out, const char *bytes, size_t len, uint32_t code)
{
	if (code == '"' || code == '\\')
		fprintf(out, "\\%c", (char)code);
	else if (code > 0xffff && text_is_unsafe(code))
		fprintf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	else if (text_is_unsafe(code))
		fprintf(out, "\\u%04x", code);
	else
		fwrite(bytes, 1, len, out);
}

void json_encode_string(FILE *out, const char *bytes, size_t len)
{
	if (!bytes) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < len;) {
		size_t plain = text_plain_span(bytes + i, len - i, "\"\\"), n;
		uint32_t code = 0;

		fwrite(bytes + i, 1, plain, out);
		i += plain;
		n = text_utf8_char(bytes + i, len - i, &code);
		if (i == len)
			break;
		if (n > 0)
			encode_character(out, bytes + i, n, code);
		else
			fprintf(out, "\\\\x%02x", (unsigned char)bytes[i]);
		i += n > 0 ? n : 1;
	}
	fputc('"', out);
}

void json_encode_arguments(FILE *out, const char *bytes, size_t len)
{
	fputc('[', out);
	for (size_t at = 0; at < len;) {
		size_t argument_len = strnlen(bytes + at, len - at);

		if (at > 0)
			fputc(',', out);
		json_encode_string(out, bytes + at, argument_len);
		at += argument_len + 1;
	}
	fputc(']', out);
}

char *json_arguments_text(const char *bytes, size_t len)
{
	char *json = NULL;
	FILE *out = bytes ? open_memstream(&json, &(size_t){ 0 }) : NULL;

	if (!out)
		return NULL;
	json_encode_arguments(out, bytes, len);
	if (fclose(out) == 0)
		return json;
	free(json);
	return NULL;
}
