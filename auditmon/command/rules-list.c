/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/rules-list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "output/table.h"
#include "output/terminal.h"

static const struct table_column columns[] = {
	{ .title = "LOADED" },
	{ .title = "FROM", .shrink = 16 },
	{ .title = "KEY", .shrink = 12 },
	{ .title = "RULE", .shrink = 24 },
};

/* One line of the list. loaded: "yes", "no"; NULL: not known. */
struct row {
	const struct rule *rule;
	const char *loaded;
};

static void print_member(const char *name, const char *text)
{
	_cleanup_(freep) char *quoted = NULL;

	if (text && json_quote(text, strlen(text), &quoted) == 0)
		printf(",\"%s\":%s", name, quoted);
	else
		printf(",\"%s\":null", name);
}

static int print_json(const struct row *row, const char *text)
{
	const struct rule *rule = row->rule;

	printf("{\"wanted\":%s,\"added\":%s,\"loaded\":%s", rule->file ? "true" : "false",
		rule->derived ? "true" : "false",
		row->loaded ? (strcmp(row->loaded, "yes") == 0 ? "true" : "false") : "null");
	print_member("file", rule->file);
	if (rule->file)
		printf(",\"line\":%u", rule->line);
	else
		printf(",\"line\":null");
	print_member("key", rule->key);
	print_member("path", rule->path);
	print_member("rule", text);
	printf("}\n");
	return ferror(stdout) ? -EIO : 0;
}

static int print_cells(struct table *table, const struct row *row, const char *text)
{
	_cleanup_(freep) char *from = NULL;
	enum table_style style = TABLE_PLAIN;

	if (row->rule->file && asprintf(&from, "%s%s:%u", row->rule->derived ? "+ " : "",
				       row->rule->file, row->rule->line) < 0) {
		from = NULL;
		return -ENOMEM;
	}
	if (row->loaded)
		style = strcmp(row->loaded, "yes") == 0 ? TABLE_GREEN : TABLE_YELLOW;
	table_cell(table, row->loaded ? row->loaded : "?", style);
	table_cell(table, from, TABLE_DIM);
	table_cell(table, row->rule->key, TABLE_BOLD);
	return table_cell(table, text, TABLE_PLAIN);
}

/* table NULL: JSON. */
static int print_row(struct table *table, const struct row *row)
{
	_cleanup_(freep) char *text = NULL;
	int r = rule_format(row->rule, &text);

	if (r < 0)
		return r;
	return table ? print_cells(table, row, text) : print_json(row, text);
}

static int print_rows(
	struct table *table, const struct rule_set *set, const struct rule_set *kernel)
{
	struct rule_index wanted = { 0 }, loaded = { 0 };
	int r = rule_index_init(&wanted, set);

	r = r < 0 ? r : rule_index_init(&loaded, kernel);
	for (size_t i = 0; r == 0 && i < set->n_rules; i++) {
		struct row row = { .rule = set->rules[i] };

		if (kernel)
			row.loaded = rule_index_find(&loaded, row.rule, NULL) ? "yes" : "no";
		r = print_row(table, &row);
	}
	for (size_t i = 0; r == 0 && kernel && i < kernel->n_rules; i++) {
		struct row row = { .rule = kernel->rules[i], .loaded = "yes" };

		if (!rule_index_find(&wanted, row.rule, NULL))
			r = print_row(table, &row);
	}
	rule_index_done(&wanted);
	rule_index_done(&loaded);
	return r;
}

int rules_list_print(const struct rule_set *set, const struct rule_set *kernel, bool as_json)
{
	_cleanup_(table_freep) struct table *table = NULL;
	int r = 0;

	if (!as_json)
		r = table_new(columns, ELEMENTS(columns), stdout, terminal_width(),
			terminal_colour(), &table);
	r = r < 0 ? r : print_rows(table, set, kernel);
	return r < 0 || !table ? r : table_finish(table);
}
