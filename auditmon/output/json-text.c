/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json-text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static void print_code(FILE *out, uint32_t code)
{
	if (code > 0xffff)
		fprintf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	else
		fprintf(out, "\\u%04x", code);
}

void json_text_print(FILE *out, const char *json)
{
	bool in_string = false, escaped = false;

	for (size_t left = strlen(json); left > 0;) {
		size_t plain = text_plain_span(json, left, "\"\\");
		uint32_t code = 0xfffd;
		size_t n;

		if (plain > 0) {
			fwrite(json, 1, plain, out);
			json += plain;
			left -= plain;
			escaped = false;
			continue;
		}
		n = text_utf8_char(json, left, &code);

		if (n == 0 || (text_is_unsafe(code) && (in_string || code > ' ')))
			print_code(out, code);
		else if (code < ' ')
			fputc(' ', out);
		else
			fwrite(json, 1, n, out);
		if (code == '"' && !escaped)
			in_string = !in_string;
		escaped = in_string && code == '\\' && !escaped;
		json += n ? n : 1;
		left -= n ? n : 1;
	}
}

void json_line_print(FILE *out, const char *json)
{
	json_text_print(out, json);
	fputc('\n', out);
}
