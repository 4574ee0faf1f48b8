/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Tables for people
 *
 * Rows are collected, then fitted: columns are as wide as their widest cell, and where the line
 * would not fit the terminal, the columns that may shrink are shortened, widest first. A cell that
 * is too long loses its middle to an ellipsis and keeps more of its end, which names the file. Off
 * a terminal nothing is shortened. Every cell and title is escaped here (text_escape), so callers
 * pass bytes as they are, and a row is always one line.
 *
 * A table of more than TABLE_MAX_ROWS rows, or of more text than a megabyte, is printed in pieces
 * with the widths of the first piece, so memory is bounded and the first rows of a long answer do
 * not wait for the last. Without rows nothing is printed, titles neither.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"

#define TABLE_MAX_ROWS 1000

enum table_style {
	TABLE_PLAIN,
	TABLE_DIM,
	TABLE_BOLD,
	TABLE_RED, /* bold too */
	TABLE_YELLOW,
	TABLE_GREEN,
	TABLE_STYLE_COUNT,
};

struct table_column {
	const char *title;
	bool right;    /* right-aligned */
	size_t shrink; /* may be shortened to this, and only in need further; 0: never */
};

struct table;

/*
 * width: columns of the terminal, 0: no terminal, nothing is shortened. columns must outlive the
 * table. -ENOMEM.
 */
int table_new(const struct table_column *columns, size_t n_columns, FILE *out, size_t width,
	bool colour, struct table **ret);
void table_free(struct table *table);
DEFINE_CLEANUP(struct table *, table_free)

/*
 * Adds a cell to the current row; after the last column the row is complete. NULL is printed as
 * "-". 0, -ENOMEM, or once a piece could not be printed, what table_finish() will say.
 */
int table_cell(struct table *table, const char *text, enum table_style style);

/* Prints what is left. 0, or -EPIPE, -ENOSPC, -EIO. */
int table_finish(struct table *table);

/* Columns of the terminal that the table was made for; 0: none. */
size_t table_width(const struct table *table);

/* Style on and off, for what is printed outside a table; "" without colour. */
const char *table_style_begin(enum table_style style, bool colour);
const char *table_style_end(enum table_style style, bool colour);

/*
 * Prints text, escaped, in at most width columns (not 0), shortened as a cell is. Returns how many
 * it took.
 */
size_t table_print_text(FILE *out, const char *text, size_t width);
