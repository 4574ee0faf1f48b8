/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/json-text.h"
#include "output/terminal.h"
#include "output/touch-line.h"
#include "output/touch-story.h"

#define FILTER_HELP                                                                                \
	"  --since TIME, --until TIME   as journalctl takes them: today, -1h, 2026-11-23 10:00, "  \
	"RFC 3339\n"                                                                               \
	"  --container ID|NAME          of this container (an id may be cut short)\n"              \
	"  --user NAME|AUID|unset       by this login or user; unset: no login is known\n"         \
	"  --action NAME                write, attr, create, delete, rename, link, read, exec, "   \
	"connect,\n"                                                                               \
	"                               mount or denied\n"                                         \
	"  --flagged                    only what was flagged\n"                                   \
	"  --limit N                    the newest N\n"                                            \
	"  --format sentence|table|json json: one object a line (default: sentence for\n"          \
	"                               who-touched, else table)\n"                                \
	"  --db FILE                    (default " STORE_DEFAULT_PATH ")\n"                        \
	"  --help\n"                                                                               \
	"\n"                                                                                       \
	"A '?' behind a path: it could not be verified by device and inode; behind a container: "  \
	"the\n"                                                                                    \
	"attribution is in doubt. Exit status: 0 something found, 1 nothing, 2 wrong usage, 3 no " \
	"database.\n"

static const char who_touched_usage[] = "Usage: auditmon who-touched [OPTION]... PATH\n"
					"\n"
					"Every recorded touch of a path of the host, oldest first; "
					"of a directory: of anything below it.\n"
					"\n" FILTER_HELP;
static const char events_usage[] = "Usage: auditmon events [OPTION]...\n"
				   "\n"
				   "Recorded touches of any path, oldest first.\n"
				   "\n" FILTER_HELP;
static const char alerts_usage[] =
	"Usage: auditmon alerts [OPTION]...\n"
	"\n"
	"What was flagged: the newest day first, within a day the worst first.\n"
	"\n"
	"  --suppressed                 what the rules in suppress.d keep out of it, instead\n"
	FILTER_HELP;

static int print_json(struct query *query, uint64_t *n)
{
	const char *json;
	int r;

	while ((r = query_next_json(query, &json)) > 0) {
		json_line_print(stdout, json);
		(*n)++;
	}
	return r;
}

static int print_table(struct query *query, uint64_t *n)
{
	_cleanup_(table_freep) struct table *table = NULL;
	struct touch touch;
	int r = touch_table_new(stdout, terminal_width(), terminal_colour(), &table);

	while (r >= 0 && (r = query_next(query, &touch)) > 0) {
		r = touch_table_add(table, &touch);
		(*n)++;
	}
	return r < 0 ? r : table_finish(table);
}

static int print_sentences(struct query *query, uint64_t *n)
{
	struct touch touch;
	int r;

	while ((r = query_next(query, &touch)) > 0) {
		touch_story_print(stdout, &touch, terminal_width(), terminal_colour());
		(*n)++;
	}
	return r;
}

static int answer(const struct query_options *options)
{
	_cleanup_(store_closep) struct store *store = query_options_open(options);
	_cleanup_(query_freep) struct query *query = NULL;
	uint64_t n = 0;
	int r;

	if (!store)
		return STATUS_IMPOSSIBLE;
	r = query_new(store, &options->filter, &query);
	if (r < 0)
		return query_failed(options, r);
	pager_open();
	r = options->format == FORMAT_JSON	 ? print_json(query, &n)
	    : options->format == FORMAT_SENTENCE ? print_sentences(query, &n)
						 : print_table(query, &n);
	return query_finish(store, options, n, "touch", r);
}

/* An absolute path without ".", ".." and empty parts, heap. */
static char *make_plain(const char *path)
{
	char *plain = malloc(strlen(path) + 2), *end = plain;

	if (!plain)
		return NULL;
	*end = '\0';
	for (size_t len; *path; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && memcmp(path, "..", 2) == 0) {
			end = strrchr(plain, '/');
			end = end ? end : plain;
		} else if (len > 0 && !(len == 1 && *path == '.')) {
			*end++ = '/';
			end = mempcpy(end, path, len);
		}
		*end = '\0';
	}
	return end == plain ? strcpy(plain, "/") : plain;
}

/* An absolute path with links resolved as far as it is still there, heap; NULL: no memory. */
static char *resolve(const char *path)
{
	_cleanup_(freep) char *there = strdup(path), *resolved = NULL;
	char *real;

	if (!there)
		return NULL;
	while (!(resolved = realpath(there, NULL))) {
		char *slash = strrchr(there, '/');

		if (slash == there)
			return strdup(path);
		*slash = '\0';
	}
	if (asprintf(&real, "%s%s", resolved, path + strlen(there)) < 0)
		return NULL;
	return real;
}

/*
 * Two spellings of what was asked for: made absolute as it stands, and with links resolved, since
 * the record has the host's own names.
 */
static int find_spellings(const char *path, char **ret_plain, char **ret_real)
{
	_cleanup_(freep) char *cwd = NULL, *absolute = NULL, *resolved = NULL, *plain = NULL,
			      *real = NULL;

	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
	}
	if (asprintf(&absolute, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", path) < 0)
		return -ENOMEM;
	plain = make_plain(absolute);
	resolved = resolve(absolute);
	real = resolved ? make_plain(resolved) : NULL;
	if (!plain || !real)
		return -ENOMEM;
	*ret_plain = TAKE(plain);
	*ret_real = TAKE(real);
	return 0;
}

int command_who_touched(int argc, char **argv)
{
	struct query_options options = {
		.usage = who_touched_usage,
		.takes = TAKES_ALL_FILTERS | TAKES_SENTENCE,
		.format = FORMAT_SENTENCE,
	};
	_cleanup_(freep) char *plain = NULL, *real = NULL;
	int status, r;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	if (options.n_arguments != 1 || options.arguments[0][0] == '\0') {
		log_error("who-touched: expected one PATH");
		return STATUS_USAGE;
	}
	r = find_spellings(options.arguments[0], &plain, &real);
	if (r < 0) {
		log_error("%s: %s", options.arguments[0], strerror(-r));
		return STATUS_IMPOSSIBLE;
	}
	options.filter.path = plain;
	if (strcmp(real, plain) != 0)
		options.filter.path_alias = real;
	return answer(&options);
}

static int answer_without_arguments(int argc, char **argv, struct query_options *options)
{
	int status;

	if (!query_options_parse(argc, argv, options, &status))
		return status;
	if (options->n_arguments > 0) {
		log_error("%s: unexpected argument '%s'", argv[0], options->arguments[0]);
		return STATUS_USAGE;
	}
	return answer(options);
}

int command_events(int argc, char **argv)
{
	struct query_options options = {
		.usage = events_usage,
		.takes = TAKES_ALL_FILTERS | TAKES_SENTENCE,
	};

	return answer_without_arguments(argc, argv, &options);
}

int command_alerts(int argc, char **argv)
{
	struct query_options options = {
		.usage = alerts_usage,
		.takes = TAKES_ALL_FILTERS | TAKES_SUPPRESSED | TAKES_SENTENCE,
		.filter = { .flagged = true,
			.suppressed = QUERY_SUPPRESSED_NOT,
			.order = QUERY_WORST_FIRST },
	};

	return answer_without_arguments(argc, argv, &options);
}
