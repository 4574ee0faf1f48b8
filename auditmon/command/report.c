/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/report.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/json-text.h"
#include "output/table.h"
#include "output/terminal.h"

#define MAX_COLUMNS 64

static const char usage[] =
	"Usage: auditmon report [OPTION]... [NAME]\n"
	"\n"
	"Lists the reports, or runs one. A report is an SQL file with a SELECT over the view "
	"'touch'.\n"
	"\n"
	"  --since TIME, --until TIME   as journalctl takes them\n"
	"  --container ID|NAME          passed on to reports that ask for it\n"
	"  --param NAME=VALUE           a further parameter of the report; repeatable\n"
	"  --reports DIR                look here instead of /etc/auditmon/reports and\n"
	"                               " AUDITMON_DATADIR "/reports\n"
	"  --format table|json          json: one object a line\n"
	"  --db FILE                    (default " STORE_DEFAULT_PATH ")\n"
	"  --help\n";

/* The administrator's own reports come before the shipped ones of the same name. */
static const char *const default_directories[] = { "/etc/auditmon/reports",
	AUDITMON_DATADIR "/reports" };

struct directories {
	const char *list[2];
	size_t n;
};

static struct directories directories_of(const struct query_options *options)
{
	if (options->report_directory)
		return (struct directories){ { options->report_directory }, 1 };
	return (struct directories){ { default_directories[0], default_directories[1] }, 2 };
}

static int is_report(const struct dirent *item)
{
	size_t len = strlen(item->d_name);

	return len > 4 && item->d_name[0] != '.' && strcmp(item->d_name + len - 4, ".sql") == 0;
}

static void list_one(struct table *table, const char *directory, const char *file, size_t *n)
{
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_(freep) char *path = NULL, *parameters = NULL;
	size_t size = 1;
	int r;

	if (asprintf(&path, "%s/%s", directory, file) < 0)
		return;
	r = report_read(path, &report);
	if (r < 0) {
		log_warning("%s: %s", path,
			r == -EINVAL ? "no report: it needs a '-- title:' and one SELECT"
				     : strerror(-r));
		return;
	}
	for (size_t i = 0; i < report->n_parameters; i++)
		size += strlen(report->parameters[i]) + 2;
	parameters = calloc(1, size);
	for (size_t i = 0; parameters && i < report->n_parameters; i++) {
		strncat(parameters, report->parameters[i], strcspn(report->parameters[i], " \t"));
		if (i + 1 < report->n_parameters)
			strcat(parameters, ", ");
	}
	table_cell(table, report->name, TABLE_BOLD);
	table_cell(table, report->title, TABLE_PLAIN);
	table_cell(table, parameters && *parameters ? parameters : NULL, TABLE_DIM);
	(*n)++;
}

static int list_reports(const struct query_options *options)
{
	static const struct table_column columns[] = {
		{ .title = "REPORT" },
		{ .title = "TITLE", .shrink = 20 },
		{ .title = "PARAMETERS", .shrink = 10 },
	};
	struct directories directories = directories_of(options);
	_cleanup_(table_freep) struct table *table = NULL;
	size_t n = 0;

	if (table_new(columns, ELEMENTS(columns), stdout, terminal_width(), terminal_colour(),
		    &table) < 0)
		return STATUS_IMPOSSIBLE;
	for (size_t i = 0; i < directories.n; i++) {
		struct dirent **items = NULL;
		int n_items = scandir(directories.list[i], &items, is_report, alphasort);

		for (int j = 0; j < n_items; j++) {
			list_one(table, directories.list[i], items[j]->d_name, &n);
			free(items[j]);
		}
		free(items);
	}
	table_finish(table);
	if (n == 0)
		log_error("no reports in %s%s%s", directories.list[0],
			directories.n > 1 ? " or " : "",
			directories.n > 1 ? directories.list[1] : "");
	return query_written(n > 0 ? STATUS_FOUND : STATUS_NOTHING);
}

/* 0, or a negative errno, said. */
static int find_report(const struct query_options *options, const char *name, struct report **ret)
{
	struct directories directories = directories_of(options);
	int r = -ENOENT;

	if (strchr(name, '/')) {
		log_error("%s: expected a report's name, without a directory", name);
		return -EINVAL;
	}
	for (size_t i = 0; r == -ENOENT && i < directories.n; i++) {
		_cleanup_(freep) char *path = NULL;

		if (asprintf(&path, "%s/%s.sql", directories.list[i], name) < 0)
			return -ENOMEM;
		r = report_read(path, ret);
		if (r < 0 && r != -ENOENT)
			log_error("%s: %s", path,
				r == -EINVAL ? "no report: it needs a '-- title:' and one SELECT"
					     : strerror(-r));
	}
	if (r == -ENOENT)
		log_error("%s: no such report (auditmon report lists them)", name);
	return r;
}

/* The common options as parameters, then what --param gave; texts holds what must be made. */
static size_t fill_parameters(const struct query_options *options,
	struct report_parameter *parameters, char (*numbers)[24], char **copies)
{
	size_t n = 0;

	if (options->filter.since_msec != INT64_MIN) {
		snprintf(numbers[0], sizeof(numbers[0]), "%" PRId64, options->filter.since_msec);
		parameters[n++] = (struct report_parameter){ "since", numbers[0] };
	}
	if (options->filter.until_msec != INT64_MAX) {
		snprintf(numbers[1], sizeof(numbers[1]), "%" PRId64, options->filter.until_msec);
		parameters[n++] = (struct report_parameter){ "until", numbers[1] };
	}
	if (options->filter.container)
		parameters[n++] =
			(struct report_parameter){ "container", options->filter.container };
	for (size_t i = 0; i < options->n_parameters; i++) {
		const char *equals = strchr(options->parameters[i], '=');

		copies[i] =
			strndup(options->parameters[i], (size_t)(equals - options->parameters[i]));
		if (copies[i])
			parameters[n++] = (struct report_parameter){ copies[i], equals + 1 };
	}
	return n;
}

static int add_row(struct table *table, struct report_run *run, size_t n_columns)
{
	int r = 0;

	for (size_t i = 0; i < n_columns && r == 0; i++)
		r = table_cell(table, report_run_cell(run, i), TABLE_PLAIN);
	return r;
}

static int print_table(struct report_run *run, uint64_t *n)
{
	_cleanup_(table_freep) struct table *table = NULL;
	struct table_column columns[MAX_COLUMNS];
	size_t n_columns = report_run_columns(run);
	int r = report_run_next(run);

	if (r < 0)
		return r;
	n_columns = n_columns < MAX_COLUMNS ? n_columns : MAX_COLUMNS;
	/* The first row tells which columns are numbers. */
	for (size_t i = 0; i < n_columns; i++)
		columns[i] = (struct table_column){
			.title = report_run_column_name(run, i),
			.right = r > 0 && report_run_is_number(run, i),
			.shrink = 12,
		};
	if (table_new(columns, n_columns, stdout, terminal_width(), terminal_colour(), &table) < 0)
		return -ENOMEM;
	while (r > 0) {
		(*n)++;
		r = add_row(table, run, n_columns);
		r = r < 0 ? r : report_run_next(run);
	}
	return r < 0 ? r : table_finish(table);
}

static int print_json(struct report_run *run, uint64_t *n)
{
	int r;

	while ((r = report_run_next(run)) > 0) {
		_cleanup_(freep) char *json = NULL;

		r = report_run_json(run, &json);
		if (r < 0)
			return r;
		json_line_print(stdout, json);
		(*n)++;
	}
	return r;
}

static int run_report(const struct query_options *options, const struct report *report)
{
	struct report_parameter parameters[MAX_PARAMETERS + 3];
	char numbers[2][24], *copies[MAX_PARAMETERS] = { NULL };
	_cleanup_(store_closep) struct store *store = query_options_open(options);
	_cleanup_(freep) char *error = NULL;
	struct report_run *run = NULL;
	uint64_t n = 0;
	size_t n_parameters;
	int r;

	if (!store)
		return STATUS_IMPOSSIBLE;
	n_parameters = fill_parameters(options, parameters, numbers, copies);
	r = report_run_new(store, report, parameters, n_parameters, &run, &error);
	for (size_t i = 0; i < options->n_parameters; i++)
		free(copies[i]);
	if (r < 0) {
		log_error("report %s: %s", report->name, error ? error : strerror(-r));
		return STATUS_USAGE;
	}
	pager_open();
	r = options->format == FORMAT_JSON ? print_json(run, &n) : print_table(run, &n);
	report_run_free(run);
	return query_finish(store, options, n, "row", r);
}

int command_report(int argc, char **argv)
{
	struct query_options options = {
		.usage = usage,
		.takes = TAKES_SPAN | TAKES_CONTAINER | TAKES_REPORTS,
	};
	_cleanup_(report_freep) struct report *report = NULL;
	int status, r;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	if (options.n_arguments == 0)
		return list_reports(&options);
	if (options.n_arguments > 1) {
		log_error("report: unexpected argument '%s'", options.arguments[1]);
		return STATUS_USAGE;
	}
	r = find_report(&options, options.arguments[0], &report);
	if (r < 0)
		return r == -EACCES || r == -ENOMEM ? STATUS_IMPOSSIBLE : STATUS_USAGE;
	return run_report(&options, report);
}
