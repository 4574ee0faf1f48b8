/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/table.h"

#include <errno.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define MAX_BYTES ((size_t)1 << 20)

struct cell {
	char *text; /* printable, owned */
	enum table_style style;
};

/* cells holds n_cells / n_columns complete rows and the beginning of the next. */
struct table {
	const struct table_column *columns; /* their titles are not looked at any more */
	char **titles;                      /* printable, owned */
	size_t n_columns;
	FILE *out;
	size_t width;
	bool colour;
	size_t *widths; /* of the columns, once fitted */
	size_t gap;     /* between columns: 2, or 1 where space is short */
	bool fitted;
	struct cell *cells;
	size_t n_cells;
	size_t n_bytes;
	size_t blanks; /* owed to the line that is being printed */
	int error;     /* of the first piece that could not be printed */
};

static const char *const style_sequences[TABLE_STYLE_COUNT] = {
	[TABLE_PLAIN] = "",
	[TABLE_DIM] = "\033[2m",
	[TABLE_BOLD] = "\033[1m",
	[TABLE_RED] = "\033[1;31m",
	[TABLE_YELLOW] = "\033[33m",
	[TABLE_GREEN] = "\033[32m",
};

const char *table_style_begin(enum table_style style, bool colour)
{
	return colour ? style_sequences[style] : "";
}

const char *table_style_end(enum table_style style, bool colour)
{
	return colour && style != TABLE_PLAIN ? "\033[0m" : "";
}

size_t table_width(const struct table *table)
{
	return table->width;
}

/* Heap text with what a terminal may see of text; NULL without memory. */
static char *escape(const char *text, size_t *ret_len)
{
	size_t size = 4 * strlen(text) + 1;
	char *escaped = malloc(size), *fitting;

	if (!escaped)
		return NULL;
	*ret_len = text_escape(text, strlen(text), escaped, size);
	fitting = realloc(escaped, *ret_len + 1);
	return fitting ? fitting : escaped;
}

int table_new(const struct table_column *columns, size_t n_columns, FILE *out, size_t width,
	bool colour, struct table **ret)
{
	_cleanup_(table_freep) struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	*table = (struct table){
		.columns = columns,
		.n_columns = n_columns,
		.out = out,
		.width = width,
		.colour = colour,
		.titles = calloc(n_columns, sizeof(*table->titles)),
		.widths = calloc(n_columns, sizeof(*table->widths)),
		.cells = calloc(n_columns * TABLE_MAX_ROWS, sizeof(*table->cells)),
	};
	if (!table->titles || !table->widths || !table->cells)
		return -ENOMEM;
	for (size_t i = 0; i < n_columns; i++) {
		table->titles[i] = escape(columns[i].title, &(size_t){ 0 });
		if (!table->titles[i])
			return -ENOMEM;
	}
	*ret = TAKE(table);
	return 0;
}

static void clear(struct table *table)
{
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	table->n_cells = table->n_bytes = 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	if (table->cells)
		clear(table);
	for (size_t i = 0; table->titles && i < table->n_columns; i++)
		free(table->titles[i]);
	free(table->titles);
	free(table->cells);
	free(table->widths);
	free(table);
}

/* Narrows the widest column that is wider than its least width by one. False: there is none. */
static bool narrow(struct table *table, bool to_the_utmost)
{
	size_t *widest = NULL;

	for (size_t i = 0; i < table->n_columns; i++) {
		size_t least = table->columns[i].shrink;

		if (least == 0)
			continue;
		if (to_the_utmost)
			least = 1;
		if (table->widths[i] > least && (!widest || table->widths[i] > *widest))
			widest = &table->widths[i];
	}
	if (!widest)
		return false;
	(*widest)--;
	return true;
}

static void fit(struct table *table)
{
	size_t total = 0;

	for (size_t i = 0; i < table->n_columns; i++)
		table->widths[i] = text_columns(table->titles[i]);
	for (size_t i = 0; i < table->n_cells; i++) {
		size_t columns = text_columns(table->cells[i].text);
		size_t *width = &table->widths[i % table->n_columns];

		*width = columns > *width ? columns : *width;
	}
	for (size_t i = 0; i < table->n_columns; i++)
		total += table->widths[i];

	table->gap = 2;
	if (table->width > 0 && total + 2 * (table->n_columns - 1) > table->width)
		table->gap = 1;
	total += table->gap * (table->n_columns - 1);
	while (table->width > 0 && total > table->width &&
		(narrow(table, false) || narrow(table, true)))
		total--;
	table->fitted = true;
}

/* Columns and bytes of the character at text, which is printable and not empty. */
static size_t next_character(const char *text, size_t *ret_len)
{
	uint32_t code = 0;
	size_t len = text_utf8_char(text, strnlen(text, 4), &code);
	int columns = wcwidth((wchar_t)code);

	*ret_len = len ? len : 1;
	return columns >= 0 ? (size_t)columns : 1;
}

/* Prints text in at most width (not 0) columns and says in how many. */
static size_t print_shortened(FILE *out, const char *text, size_t width)
{
	/* One column in any locale: U+2026 has no width in those that cannot show it. */
	const char *ellipsis = wcwidth(0x2026) == 1 ? "…" : "~";
	size_t rest = text_columns(text), head = 0, n, columns;

	if (rest <= width) {
		fputs(text, out);
		return rest;
	}
	for (;; text += n, head += columns, rest -= columns) {
		columns = next_character(text, &n);
		if (head + columns > (width - 1) / 3)
			break;
		fwrite(text, 1, n, out);
	}
	fputs(ellipsis, out);
	/* What takes no column combines with the character before it, and goes with that. */
	while (*text) {
		columns = next_character(text, &n);
		if (rest <= width - 1 - head && columns > 0)
			break;
		rest -= columns;
		text += n;
	}
	fputs(text, out);
	return head + 1 + rest;
}

/* Blanks are printed before what follows them, so that no line ends in blanks. */
static void print_cell(struct table *table, size_t column, const char *text, enum table_style style)
{
	const struct table_column *about = &table->columns[column];
	size_t width = table->widths[column], used = text_columns(text);

	if (about->right && used < width)
		table->blanks += width - used;
	if (*text) {
		fprintf(table->out, "%*s%s", (int)table->blanks, "",
			table_style_begin(style, table->colour));
		table->blanks = 0;
		if (table->width > 0 && about->shrink > 0)
			used = print_shortened(table->out, text, width);
		else
			fputs(text, table->out);
		fputs(table_style_end(style, table->colour), table->out);
	}
	if (column + 1 < table->n_columns) {
		table->blanks += table->gap + (!about->right && used < width ? width - used : 0);
	} else {
		fputc('\n', table->out);
		table->blanks = 0;
	}
}

/* Prints and forgets the rows that are complete. */
static int flush(struct table *table)
{
	if (table->error)
		return table->error;
	if (table->n_cells < table->n_columns)
		return 0;
	errno = 0;
	if (!table->fitted) {
		fit(table);
		for (size_t i = 0; i < table->n_columns; i++)
			print_cell(table, i, table->titles[i], TABLE_BOLD);
	}
	for (size_t i = 0; i < table->n_cells - table->n_cells % table->n_columns; i++)
		print_cell(
			table, i % table->n_columns, table->cells[i].text, table->cells[i].style);
	clear(table);
	if (fflush(table->out) == EOF || ferror(table->out))
		table->error = errno ? -errno : -EIO;
	return table->error;
}

int table_cell(struct table *table, const char *text, enum table_style style)
{
	char *escaped;
	size_t len;

	if (table->error)
		return table->error;
	escaped = escape(text ? text : "-", &len);
	if (!escaped)
		return -ENOMEM;
	table->cells[table->n_cells++] = (struct cell){ .text = escaped, .style = style };
	table->n_bytes += len;
	if (table->n_cells % table->n_columns != 0)
		return 0;
	if (table->n_cells < table->n_columns * TABLE_MAX_ROWS && table->n_bytes < MAX_BYTES)
		return 0;
	return flush(table);
}

int table_finish(struct table *table)
{
	return flush(table);
}

size_t table_print_text(FILE *out, const char *text, size_t width)
{
	_cleanup_(freep) char *escaped = NULL;
	size_t len;

	escaped = escape(text, &len);
	return escaped ? print_shortened(out, escaped, width) : 0;
}
