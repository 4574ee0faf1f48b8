/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/format.h"

static const char usage[] =
	"Usage: auditmon export [OPTION]...\n"
	"\n"
	"Recorded touches in a SIEM's format, oldest first, to standard output.\n"
	"\n"
	"  --format json|ocsf|ecs|cef|leef|syslog   (default json) one document a line\n"
	"  --since TIME, --until TIME, --container ID|NAME, --user NAME|AUID|unset,\n"
	"  --action NAME, --flagged, --limit N      as of `auditmon events`\n"
	"  --db FILE                                (default " STORE_DEFAULT_PATH ")\n"
	"  --help\n"
	"\n"
	"Exit status: 0 something found, 1 nothing, 2 wrong usage, 3 no database.\n";

static int print_documents(const struct format *format, const struct touch *touch)
{
	_cleanup_(freep) char *id = touch_id(touch);
	const struct record record = { .touch = touch, .id = id };

	if (!id)
		return -ENOMEM;
	for (unsigned i = 0; i < format_count(format, touch); i++) {
		format->print(stdout, &record, i);
		putchar('\n');
	}
	return ferror(stdout) ? -EIO : 0;
}

static int print_all(struct query *query, const struct format *format, uint64_t *n)
{
	struct record record = { 0 };
	struct touch touch;
	int r;

	while ((r = format->needs_json ? query_next_json(query, &record.json)
				       : query_next(query, &touch)) > 0) {
		(*n)++;
		if (format->needs_json) {
			format->print(stdout, &record, 0);
			putchar('\n');
		} else {
			r = print_documents(format, &touch);
		}
		if (r < 0 || ferror(stdout))
			return r < 0 ? r : -EIO;
	}
	return r;
}

int command_export(int argc, char **argv)
{
	struct query_options options = {
		.usage = usage,
		.takes = TAKES_ALL_FILTERS | TAKES_EXPORT,
		.format_name = "json",
		.format = FORMAT_JSON,
	};
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_freep) struct query *query = NULL;
	const struct format *format;
	uint64_t n = 0;
	int r, status;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	format = format_find(options.format_name);
	if (!format || options.n_arguments > 0) {
		if (format)
			log_error("export: unexpected argument '%s'", options.arguments[0]);
		else
			log_error("--format %s: expected %s", options.format_name, format_list);
		return STATUS_USAGE;
	}
	store = query_options_open(&options);
	if (!store)
		return STATUS_IMPOSSIBLE;
	r = query_new(store, &options.filter, &query);
	if (r < 0)
		return query_failed(&options, r);
	r = print_all(query, format, &n);
	return query_finish(store, &options, n, "touch", r);
}
