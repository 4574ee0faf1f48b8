/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* "\033[1;31m": what table_style_begin() gives. */
static size_t sequence_len(const char *text)
{
	const char *end = text[0] == '\033' ? strchr(text, 'm') : NULL;

	return end ? (size_t)(end - text) + 1 : 0;
}

static size_t word_columns(const char *word, size_t len)
{
	_cleanup_(freep) char *plain = malloc(len + 1);
	size_t n = 0;

	if (!plain)
		return len;
	for (size_t i = 0; i < len;) {
		size_t skip = sequence_len(word + i);

		if (skip > 0 && skip <= len - i) {
			i += skip;
			continue;
		}
		plain[n++] = word[i++];
	}
	plain[n] = '\0';
	return text_columns(plain);
}

void wrap_print(FILE *out, const char *text, size_t width, size_t indent)
{
	size_t at = 0;
	bool is_fresh = true;

	while (*text) {
		size_t blanks = strspn(text, " "), len = strcspn(text + blanks, " ");
		size_t columns = word_columns(text + blanks, len);

		if (width > 0 && !is_fresh && at + blanks + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else {
			fprintf(out, "%*s", (int)blanks, "");
			at += blanks;
		}
		fwrite(text + blanks, 1, len, out);
		at += columns;
		text += blanks + len;
		is_fresh = false;
	}
	fputc('\n', out);
}
