/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ?1 is the document, ?2 the path. The type comes first in each row. */
enum statement {
	VALID,
	VALUE,
	TEXT,
	LENGTH,
	STRINGS,
	OBJECTS,
	MEMBERS,
	STATEMENTS,
};
static const char *const queries[STATEMENTS] = {
	[VALID] = "SELECT json_valid(?1)",
	[VALUE] = "SELECT json_type(?1, ?2), json_extract(?1, ?2)",
	[TEXT] = "SELECT json_type(?1, ?2), ?1 -> ?2",
	[LENGTH] = "SELECT json_type(?1, ?2), json_array_length(?1, ?2)",
	[STRINGS] = "SELECT type, value FROM json_each(?1, ?2) WHERE type = 'text'",
	[OBJECTS] = "SELECT type, value FROM json_each(?1, ?2) WHERE type = 'object'",
	[MEMBERS] = "SELECT type, value, key FROM json_each(?1, ?2) WHERE type = 'text'",
};

struct json {
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENTS];
	char *text; /* valid JSON; NULL: no document */
	size_t len;
	struct json *element; /* for json_each(); made at its first use */
};

static void resetp(sqlite3_stmt **statement)
{
	if (*statement)
		sqlite3_reset(*statement);
}

int json_new(struct json **ret)
{
	_cleanup_(json_freep) struct json *json = calloc(1, sizeof(*json));

	if (!json)
		return -ENOMEM;
	if (sqlite3_open_v2(":memory:", &json->database,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return -ENOMEM;
	for (size_t i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(json->database, queries[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &json->statements[i], NULL) != SQLITE_OK)
			return -ENOMEM;
	*ret = TAKE(json);
	return 0;
}

void json_free(struct json *json)
{
	if (!json)
		return;
	json_free(json->element);
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(json->statements[i]);
	sqlite3_close(json->database);
	free(json->text);
	free(json);
}

static void unload(struct json *json)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_clear_bindings(json->statements[i]);
	free(json->text);
	json->text = NULL;
	json->len = 0;
}

int json_load(struct json *json, const char *text, size_t len)
{
	_cleanup_(resetp) sqlite3_stmt *valid = json->statements[VALID];
	_cleanup_(freep) char *copy = NULL;

	unload(json);
	/* To SQLite a NUL is the end, and what follows it would pass unread. */
	if (len > JSON_LEN_MAX || memchr(text, '\0', len))
		return -EBADMSG;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = '\0';
	sqlite3_bind_text(valid, 1, copy, (int)len, SQLITE_STATIC);
	if (sqlite3_step(valid) != SQLITE_ROW)
		return -ENOMEM;
	if (!sqlite3_column_int(valid, 0)) {
		sqlite3_reset(valid);
		sqlite3_clear_bindings(valid);
		return -EBADMSG;
	}
	json->text = TAKE(copy);
	json->len = len;
	return 0;
}

/*
 * 1 with a row at hand, 0 at the end. What SQLite may complain of here, in memory and prepared, is
 * the path.
 */
static int next_row(sqlite3_stmt *statement)
{
	int r = sqlite3_step(statement);

	if (r != SQLITE_ROW && r != SQLITE_DONE)
		return r == SQLITE_NOMEM ? -ENOMEM : -EINVAL;
	return r == SQLITE_ROW;
}

static int look_up(struct json *json, enum statement number, const char *path, sqlite3_stmt **ret)
{
	sqlite3_stmt *statement = json->statements[number];

	if (!json->text)
		return -ENOENT;
	sqlite3_bind_text(statement, 1, json->text, (int)json->len, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, path, -1, SQLITE_TRANSIENT);
	*ret = statement;
	return next_row(statement);
}

static bool is_type(sqlite3_stmt *row, const char *type)
{
	return strcmp((const char *)sqlite3_column_text(row, 0), type) == 0;
}

/* As look_up(), and the value is there. type NULL: whichever. */
static int look_up_value(struct json *json, enum statement number, const char *path,
	const char *type, sqlite3_stmt **ret)
{
	int r = look_up(json, number, path, ret);

	if (r < 0)
		return r;
	if (!sqlite3_column_text(*ret, 0) || is_type(*ret, "null"))
		return -ENOENT;
	return type && !is_type(*ret, type) ? -EINVAL : 0;
}

static int copy_column(sqlite3_stmt *row, char **ret)
{
	const char *text = (const char *)sqlite3_column_text(row, 1);
	char *copy = text ? strdup(text) : NULL;

	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

int json_string(struct json *json, const char *path, char **ret)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, VALUE, path, "text", &row);

	return r < 0 ? r : copy_column(row, ret);
}

int json_int(struct json *json, const char *path, int64_t *ret)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, VALUE, path, "integer", &row);

	if (r < 0)
		return r;
	/* An integer beyond 64 bits comes as a floating-point number. */
	if (sqlite3_column_type(row, 1) != SQLITE_INTEGER)
		return -EINVAL;
	*ret = sqlite3_column_int64(row, 1);
	return 0;
}

int json_bool(struct json *json, const char *path, bool *ret)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, VALUE, path, NULL, &row);

	if (r < 0)
		return r;
	if (!is_type(row, "true") && !is_type(row, "false"))
		return -EINVAL;
	*ret = sqlite3_column_int(row, 1);
	return 0;
}

int json_text(struct json *json, const char *path, char **ret)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, TEXT, path, NULL, &row);

	return r < 0 ? r : copy_column(row, ret);
}

int json_array_len(struct json *json, const char *path, size_t *ret)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, LENGTH, path, "array", &row);

	if (r < 0)
		return r;
	*ret = (size_t)sqlite3_column_int64(row, 1);
	return 0;
}

int json_strings(struct json *json, const char *path, char **ret, size_t *ret_len)
{
	_cleanup_(freep) char *bytes = NULL;
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	size_t len = 0, size;
	FILE *stream;
	int r;

	r = json_array_len(json, path, &len);
	if (r < 0)
		return r;
	stream = open_memstream(&bytes, &size);
	if (!stream)
		return -ENOMEM;
	for (r = look_up(json, STRINGS, path, &row); r > 0; r = next_row(row)) {
		const char *text = (const char *)sqlite3_column_text(row, 1);

		if (text)
			fwrite(text, 1, strlen(text) + 1, stream);
	}
	if (fclose(stream) != 0)
		return -ENOMEM;
	if (r < 0)
		return r;
	*ret = TAKE(bytes);
	*ret_len = size;
	return 0;
}

int json_each(struct json *json, const char *path, json_each_fn fn, void *userdata)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r;

	r = look_up_value(json, LENGTH, path, NULL, &row);
	if (r < 0)
		return r;
	if (!is_type(row, "array") && !is_type(row, "object"))
		return -EINVAL;
	if (!json->element) {
		r = json_new(&json->element);
		if (r < 0)
			return r;
	}
	resetp(&row);
	r = look_up(json, OBJECTS, path, &row);
	while (r > 0) {
		const char *text = (const char *)sqlite3_column_text(row, 1);

		if (!text)
			return -ENOMEM;
		r = json_load(json->element, text, strlen(text));
		if (r == 0)
			r = fn(json->element, userdata);
		if (r != 0)
			return r;
		r = next_row(row);
	}
	return r;
}

int json_each_string(struct json *json, const char *path, json_string_fn fn, void *userdata)
{
	_cleanup_(resetp) sqlite3_stmt *row = NULL;
	int r = look_up_value(json, LENGTH, path, NULL, &row);

	if (r < 0)
		return r;
	if (!is_type(row, "array") && !is_type(row, "object"))
		return -EINVAL;
	resetp(&row);
	for (r = look_up(json, MEMBERS, path, &row); r > 0; r = next_row(row)) {
		const char *value = (const char *)sqlite3_column_text(row, 1);
		const char *key = (const char *)sqlite3_column_text(row, 2);

		if (!key || !value)
			return -ENOMEM;
		r = fn(key, value, userdata);
		if (r != 0)
			return r;
	}
	return r;
}

static void quote_char(FILE *stream, const char *text, size_t n, uint32_t code)
{
	static const char *const escapes[] = {
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
		['"'] = "\\\"",
		['\\'] = "\\\\",
	};

	if (n == 0)
		fprintf(stream, "\\\\x%02x", (unsigned char)*text);
	else if (code < ELEMENTS(escapes) && escapes[code])
		fputs(escapes[code], stream);
	else if (text_is_unsafe(code))
		fprintf(stream, "\\u%04x", (unsigned)code);
	else
		fwrite(text, 1, n, stream);
}

int json_quote(const char *text, size_t len, char **ret)
{
	_cleanup_(freep) char *quoted = NULL;
	size_t size;
	FILE *stream = open_memstream(&quoted, &size);

	if (!stream)
		return -ENOMEM;
	fputc('"', stream);
	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_char(text + i, len - i, &code);

		quote_char(stream, text + i, n, code);
		i += n ? n : 1;
	}
	fputc('"', stream);
	if (fclose(stream) != 0)
		return -ENOMEM;
	*ret = TAKE(quoted);
	return 0;
}
