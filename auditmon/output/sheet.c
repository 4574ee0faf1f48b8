/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "output/table.h"

#define LABEL_WIDTH 18

void sheet_line(const struct sheet *sheet, const char *label, const char *value)
{
	size_t size = value ? 4 * strlen(value) + 1 : 0;
	_cleanup_(freep) char *safe = malloc(size);

	if (value && safe)
		text_escape(value, strlen(value), safe, size);
	fprintf(sheet->out, "  %s%-*s%s %s\n", table_style_begin(TABLE_DIM, sheet->colour),
		LABEL_WIDTH, label, table_style_end(TABLE_DIM, sheet->colour),
		!value ? "-" : safe ? safe : "(no memory)");
}
