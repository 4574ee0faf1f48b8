/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json-tree.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/json-encode.h"
#include "output/json-text.h"

void json_tree_begin(struct json_tree *tree, FILE *out)
{
	*tree = (struct json_tree){ .out = out, .empty = true };
	fputc('{', out);
}

static void close_one(struct json_tree *tree)
{
	char *dot = strrchr(tree->open, '.');
	const char *name = dot ? dot + 1 : tree->open;

	fputs(strchr(name, '[') ? "}]" : "}", tree->out);
	tree->empty = false;
	*(dot ? dot : tree->open) = '\0';
}

void json_tree_end(struct json_tree *tree)
{
	while (tree->open[0])
		close_one(tree);
	fputc('}', tree->out);
}

/* Is the object that is open the one of path, or above it? */
static bool holds(const struct json_tree *tree, const char *path)
{
	size_t len = strlen(tree->open);

	return len == 0 || (strncmp(tree->open, path, len) == 0 && path[len] == '.');
}

static void print_key(struct json_tree *tree, const char *name, size_t len)
{
	if (!tree->empty)
		fputc(',', tree->out);
	tree->empty = false;
	fprintf(tree->out, "\"%.*s\":", (int)len, name);
}

static void open_one(struct json_tree *tree, const char *name, size_t len)
{
	size_t open_len = strlen(tree->open);
	bool array = name[len - 1] == ']';

	assert(open_len + len + 2 <= sizeof(tree->open));
	print_key(tree, name, array ? len - 2 : len);
	fputs(array ? "[{" : "{", tree->out);
	tree->empty = true;
	sprintf(tree->open + open_len, "%s%.*s", open_len > 0 ? "." : "", (int)len, name);
}

/* Goes to the object of path and prints the key. */
static void go_to(struct json_tree *tree, const char *path)
{
	const char *dot;

	while (!holds(tree, path))
		close_one(tree);
	path += strlen(tree->open) + (tree->open[0] != '\0');
	while ((dot = strchr(path, '.'))) {
		open_one(tree, path, (size_t)(dot - path));
		path = dot + 1;
	}
	print_key(tree, path, strlen(path));
}

void json_value_print(FILE *out, const struct value *value, enum json_as as)
{
	bool list = as == JSON_AS_LIST && value->type != VALUE_LIST;
	const char *quote = as == JSON_AS_STRING ? "\"" : "";

	if (list)
		fputc('[', out);
	switch (value->type) {
	case VALUE_NONE:
		fputs("null", out);
		break;
	case VALUE_TEXT:
		json_encode_string(out, value->bytes, value->len);
		break;
	case VALUE_NUMBER:
		fprintf(out, "%s%" PRId64 "%s", quote, value->number, quote);
		break;
	case VALUE_BOOLEAN:
		fputs(value->number ? "true" : "false", out);
		break;
	case VALUE_LIST:
		json_encode_arguments(out, value->bytes, value->len);
		break;
	case VALUE_JSON:
		json_text_print(out, value->bytes);
		break;
	}
	if (list)
		fputc(']', out);
}

static void make_value(const struct json_row *row, const struct record *record, struct value *ret)
{
	if (row->make) {
		row->make(record, ret);
	} else if (row->text) {
		value_set_text(ret, row->text);
	} else if (row->field) {
		field_value(record, row->field, ret);
	} else {
		ret->type = VALUE_NUMBER;
		ret->number = row->number;
	}
}

void json_tree_rows(struct json_tree *tree, const char *prefix, const struct json_row *rows,
	size_t n_rows, const struct record *record)
{
	char path[JSON_PATH_MAX];
	struct value value;

	for (size_t i = 0; i < n_rows; i++) {
		make_value(&rows[i], record, &value);
		if (value.type == VALUE_NONE)
			continue;
		snprintf(path, sizeof(path), "%s%s", prefix, rows[i].path);
		go_to(tree, path);
		json_value_print(tree->out, &value, rows[i].as);
	}
}
