/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A JSON object out of a table of paths
 *
 * Rows name where their value stands ("process.user.id"; "evidences[].file.path": in the one
 * element of an array). Objects are opened and closed on the way, so rows of one object stand
 * together. A row without a value prints nothing, nor does an object without any.
 */

#include <stdbool.h>
#include <stdio.h>

#include "output/field.h"

enum json_as {
	JSON_AS_IT_IS,
	JSON_AS_STRING, /* numbers and texts */
	JSON_AS_LIST,   /* one text becomes a list of one */
};

/* The value is what make sets, else text, else field, else number. */
struct json_row {
	const char *path;
	enum field field;
	enum json_as as;
	void (*make)(const struct record *record, struct value *ret);
	const char *text;
	int64_t number;
};

#define JSON_PATH_MAX 96

struct json_tree {
	FILE *out;
	char open[JSON_PATH_MAX]; /* path of the innermost object that is open; "": the outermost */
	bool empty;               /* nothing stands in it yet */
};

void json_tree_begin(struct json_tree *tree, FILE *out);

/* prefix stands before the path of each row ("" or "evidences[]."). */
void json_tree_rows(struct json_tree *tree, const char *prefix, const struct json_row *rows,
	size_t n_rows, const struct record *record);
void json_tree_end(struct json_tree *tree);

/* The value on its own. */
void json_value_print(FILE *out, const struct value *value, enum json_as as);
