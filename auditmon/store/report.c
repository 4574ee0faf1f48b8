/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/report.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sql.h"

#define MAX_FILE_LEN ((size_t)256 * 1024)
#define MAX_PARAMETERS 32

/*
 * shown and quoted: what a value looks like for people, and in JSON. cells are the current row's,
 * made when asked for.
 */
struct report_run {
	sqlite3 *db;
	sqlite3_stmt *statement, *shown, *quoted;
	size_t n_columns;
	char **cells;
};

void report_free(struct report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->n_parameters; i++)
		free(report->parameters[i]);
	free(report->parameters);
	free(report->name);
	free(report->title);
	free(report->description);
	free(report->sql);
	free(report);
}

static int add_parameter(struct report *report, char *text)
{
	char **larger;

	if (report->n_parameters == MAX_PARAMETERS) {
		free(text);
		return -EINVAL;
	}
	larger = reallocarray(report->parameters, report->n_parameters + 1, sizeof(*larger));
	if (!larger) {
		free(text);
		return -ENOMEM;
	}
	report->parameters = larger;
	report->parameters[report->n_parameters++] = text;
	return 0;
}

/* The text behind key and its blanks, heap; NULL: another key. The line has its "--" no more. */
static char *value_of(const char *line, size_t len, const char *key)
{
	size_t key_len = strlen(key);

	while (len > 0 && isblank((unsigned char)*line))
		line++, len--;
	if (len < key_len || memcmp(line, key, key_len) != 0)
		return NULL;
	line += key_len;
	len -= key_len;
	while (len > 0 && isblank((unsigned char)*line))
		line++, len--;
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	return strndup(line, len);
}

static int parse_head_line(struct report *report, const char *line, size_t len)
{
	char *value;

	if (!report->title) {
		report->title = value_of(line, len, "title:");
		if (report->title)
			return 0;
	}
	if (!report->description) {
		report->description = value_of(line, len, "description:");
		if (report->description)
			return 0;
	}
	value = value_of(line, len, "parameter:");
	return value ? add_parameter(report, value) : 0;
}

/* The comment lines before the SQL, blank ones between them too. */
static int parse_head(struct report *report, const char *text)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		int r = 0;

		if (len >= 2 && memcmp(line, "--", 2) == 0)
			r = parse_head_line(report, line + 2, len - 2);
		else if (strspn(line, " \t\r") < len)
			return 0;
		if (r < 0)
			return r;
		line += len + (line[len] == '\n');
	}
	return 0;
}

int report_parse(const char *name, const char *text, size_t len, struct report **ret)
{
	_cleanup_(report_freep) struct report *report = calloc(1, sizeof(*report));
	int r;

	if (!report)
		return -ENOMEM;
	if (!text_is_utf8(text, len))
		return -EINVAL;
	report->name = strdup(name);
	report->sql = strndup(text, len);
	if (!report->name || !report->sql)
		return -ENOMEM;
	r = parse_head(report, report->sql);
	if (r < 0)
		return r;
	if (!report->title || *report->title == '\0')
		return -EINVAL;
	*ret = TAKE(report);
	return 0;
}

int report_read(const char *path, struct report **ret)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	_cleanup_(freep) char *text = NULL, *name = strdup(file);
	size_t len;
	char *suffix;
	int r;

	if (!name)
		return -ENOMEM;
	suffix = strrchr(name, '.');
	if (suffix && strcmp(suffix, ".sql") == 0)
		*suffix = '\0';
	r = file_read(AT_FDCWD, path, MAX_FILE_LEN, &text, &len);
	return r < 0 ? r : report_parse(name, text, len, ret);
}

/* A question, and what a question needs. The rest (ATTACH, PRAGMA, loading of code) is refused. */
static int authorize(void *userdata, int action, const char *first, const char *second,
	const char *database, const char *trigger)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int refuse(char **ret_error, const char *reason)
{
	*ret_error = strdup(reason);
	return *ret_error ? -EINVAL : -ENOMEM;
}

static int prepare(struct report_run *run, const char *sql, char **ret_error)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *second = NULL;
	const char *rest = NULL;
	int code = sqlite3_prepare_v2(run->db, sql, -1, &run->statement, &rest);

	if (code != SQLITE_OK)
		return refuse(ret_error, sqlite3_errmsg(run->db));
	if (!run->statement)
		return refuse(ret_error, "no statement");
	/* Comments and blanks behind the statement are none. */
	code = sqlite3_prepare_v2(run->db, rest, -1, &second, NULL);
	if (code != SQLITE_OK || second)
		return refuse(ret_error, "more than one statement");
	if (!sqlite3_stmt_readonly(run->statement) || sqlite3_column_count(run->statement) == 0)
		return refuse(ret_error, "not a SELECT");
	return 0;
}

static bool is_integer(const char *text, sqlite3_int64 *ret)
{
	const char *digits = *text == '-' ? text + 1 : text;
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return *end == '\0' && errno == 0;
}

static int bind_parameter(
	struct report_run *run, const struct report_parameter *parameter, char **ret_error)
{
	_cleanup_(freep) char *name = NULL;
	sqlite3_int64 number;
	int index;

	if (asprintf(&name, ":%s", parameter->name) < 0)
		return -ENOMEM;
	index = sqlite3_bind_parameter_index(run->statement, name);
	if (index == 0) {
		if (asprintf(ret_error, "it has no parameter '%s'", parameter->name) < 0)
			return -ENOMEM;
		return -EINVAL;
	}
	if (is_integer(parameter->value, &number))
		sqlite3_bind_int64(run->statement, index, number);
	else
		sql_bind_string(run->statement, index, parameter->value);
	return 0;
}

/*
 * SQLite 3.40 asks the authorizer for an UPDATE of its schema at the first use of a table-valued
 * function: let that be before there is one.
 */
static int connect_functions(sqlite3 *db)
{
	int64_t none;
	int r = sql_integer(db, "SELECT 1 FROM json_each(NULL), json_tree(NULL)", &none);

	return r == -ENOENT ? 0 : r;
}

int report_run_new(struct store *store, const struct report *report,
	const struct report_parameter *parameters, size_t n_parameters, struct report_run **ret,
	char **ret_error)
{
	_cleanup_(report_run_freep) struct report_run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return -ENOMEM;
	run->db = store_connection(store);
	r = connect_functions(run->db);
	if (r < 0)
		return r;
	sqlite3_set_authorizer(run->db, authorize, NULL);
	r = prepare(run, report->sql, ret_error);
	sqlite3_set_authorizer(run->db, NULL, NULL);
	for (size_t i = 0; i < n_parameters && r == 0; i++)
		r = bind_parameter(run, &parameters[i], ret_error);
	r = r < 0 ? r : sql_prepare(run->db, "SELECT shown(?)", &run->shown);
	r = r < 0 ? r : sql_prepare(run->db, "SELECT json_quote(shown(?))", &run->quoted);
	if (r < 0)
		return r;
	run->n_columns = (size_t)sqlite3_column_count(run->statement);
	run->cells = calloc(run->n_columns, sizeof(*run->cells));
	if (!run->cells)
		return -ENOMEM;
	*ret = TAKE(run);
	return 0;
}

static void drop_cells(struct report_run *run)
{
	for (size_t i = 0; run->cells && i < run->n_columns; i++) {
		free(run->cells[i]);
		run->cells[i] = NULL;
	}
}

void report_run_free(struct report_run *run)
{
	if (!run)
		return;
	drop_cells(run);
	free(run->cells);
	sqlite3_finalize(run->statement);
	sqlite3_finalize(run->shown);
	sqlite3_finalize(run->quoted);
	free(run);
}

size_t report_run_columns(const struct report_run *run)
{
	return run->n_columns;
}

const char *report_run_column_name(const struct report_run *run, size_t column)
{
	const char *name = sqlite3_column_name(run->statement, (int)column);

	return name ? name : "";
}

int report_run_next(struct report_run *run)
{
	drop_cells(run);
	return sql_step(run->statement);
}

/*
 * The one value that statement makes of its parameter, which is bound; heap, NULL without memory.
 */
static char *convert(sqlite3_stmt *statement)
{
	const char *text;
	char *copy = NULL;

	if (sql_step(statement) <= 0)
		return NULL;
	text = (const char *)sqlite3_column_text(statement, 0);
	if (text)
		copy = strdup(text);
	sqlite3_reset(statement);
	return copy;
}

const char *report_run_cell(struct report_run *run, size_t column)
{
	if (!run->cells[column]) {
		sqlite3_bind_value(
			run->shown, 1, sqlite3_column_value(run->statement, (int)column));
		run->cells[column] = convert(run->shown);
	}
	return run->cells[column];
}

bool report_run_is_number(struct report_run *run, size_t column)
{
	int type = sqlite3_column_type(run->statement, (int)column);

	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static int print_json(struct report_run *run, FILE *out)
{
	for (size_t i = 0; i < run->n_columns; i++) {
		_cleanup_(freep) char *name = NULL, *value = NULL;

		sql_bind_string(run->quoted, 1, report_run_column_name(run, i));
		name = convert(run->quoted);
		sqlite3_bind_value(run->quoted, 1, sqlite3_column_value(run->statement, (int)i));
		value = convert(run->quoted);
		if (!name || !value)
			return -ENOMEM;
		fprintf(out, "%s%s:%s", i == 0 ? "{" : ",", name, value);
	}
	fputc('}', out);
	return 0;
}

int report_run_json(struct report_run *run, char **ret)
{
	_cleanup_(freep) char *json = NULL;
	FILE *out = open_memstream(&json, &(size_t){ 0 });
	int r;

	if (!out)
		return -ENOMEM;
	r = print_json(run, out);
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret = TAKE(json);
	return 0;
}
