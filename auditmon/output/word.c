/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/word.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "output/table.h"

static void print_escaped(FILE *out, const char *text)
{
	while (*text) {
		size_t n_backslashes = strspn(text, "\\");
		bool is_quote = text[n_backslashes] == '"';
		bool is_before_quote = is_quote || !text[n_backslashes];

		for (size_t i = 0; i < n_backslashes; i++)
			fputs(is_before_quote ? "\\\\" : "\\", out);
		text += n_backslashes;
		if (!*text)
			return;
		fprintf(out, "%s%c", is_quote ? "\\" : "", *text++);
	}
}

void word_print_quoted(FILE *out, const char *text, size_t columns)
{
	_cleanup_(freep) char *shown = NULL;
	size_t len = 0;
	FILE *buffer = open_memstream(&shown, &len);

	if (!buffer)
		return;
	table_print_text(buffer, text, columns);
	if (fclose(buffer) != 0)
		return;
	fputc('"', out);
	print_escaped(out, shown);
	fputc('"', out);
}

void word_print(FILE *out, const char *text, size_t columns)
{
	if (text[0] && !text[strcspn(text, " \"")])
		table_print_text(out, text, columns);
	else
		word_print_quoted(out, text, columns);
}
