/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/query-options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "command/option.h"
#include "output/table.h"
#include "output/terminal.h"

/* Of more losses an answer says how many they are. */
#define MAX_LOSSES 10

enum {
	DB = 256,
	CONFIG,
	FORMAT,
	SINCE,
	UNTIL,
	CONTAINER,
	USER,
	ACTION,
	FLAGGED,
	SUPPRESSED,
	LIMIT,
	REPORTS,
	PARAM,
	TO,
	FOLLOW,
	CURSOR,
	FORGET,
	FACILITY,
	ENTERPRISE,
	TLS_CA,
	TLS_CERT,
	TLS_KEY,
	HELP
};

static const struct option long_options[] = {
	{ "db", required_argument, NULL, DB },
	{ "config", required_argument, NULL, CONFIG },
	{ "format", required_argument, NULL, FORMAT },
	{ "help", no_argument, NULL, HELP },
	{ "since", required_argument, NULL, SINCE },
	{ "until", required_argument, NULL, UNTIL },
	{ "container", required_argument, NULL, CONTAINER },
	{ "user", required_argument, NULL, USER },
	{ "action", required_argument, NULL, ACTION },
	{ "flagged", no_argument, NULL, FLAGGED },
	{ "suppressed", no_argument, NULL, SUPPRESSED },
	{ "limit", required_argument, NULL, LIMIT },
	{ "reports", required_argument, NULL, REPORTS },
	{ "param", required_argument, NULL, PARAM },
	{ "to", required_argument, NULL, TO },
	{ "follow", no_argument, NULL, FOLLOW },
	{ "cursor", required_argument, NULL, CURSOR },
	{ "forget", no_argument, NULL, FORGET },
	{ "facility", required_argument, NULL, FACILITY },
	{ "enterprise", required_argument, NULL, ENTERPRISE },
	{ "tls-ca", required_argument, NULL, TLS_CA },
	{ "tls-cert", required_argument, NULL, TLS_CERT },
	{ "tls-key", required_argument, NULL, TLS_KEY },
	{ 0 },
};

/* What a command must take for an option to be its own; 0: every command has it. */
static unsigned needs(int option)
{
	switch (option) {
	case SINCE:
	case UNTIL:
		return TAKES_SPAN;
	case CONTAINER:
		return TAKES_CONTAINER;
	case USER:
	case ACTION:
	case FLAGGED:
		return TAKES_TOUCHES;
	case SUPPRESSED:
		return TAKES_SUPPRESSED;
	case LIMIT:
		return TAKES_LIMIT;
	case REPORTS:
	case PARAM:
		return TAKES_REPORTS;
	case TO:
	case FOLLOW:
	case CURSOR:
	case FORGET:
	case FACILITY:
	case ENTERPRISE:
	case TLS_CA:
	case TLS_CERT:
	case TLS_KEY:
		return TAKES_EXPORT;
	default:
		return 0;
	}
}

static int wrong(const char *option, const char *value, const char *why)
{
	log_error("--%s %s: %s", option, value, why);
	return -EINVAL;
}

static int set_format(struct query_options *options, const char *name)
{
	options->format_name = name;
	if (options->takes & TAKES_EXPORT)
		return 0;
	if (strcmp(name, "table") == 0)
		options->format = FORMAT_TABLE;
	else if (strcmp(name, "json") == 0)
		options->format = FORMAT_JSON;
	else if (strcmp(name, "sentence") == 0 && (options->takes & TAKES_SENTENCE))
		options->format = FORMAT_SENTENCE;
	else
		return wrong("format", name,
			options->takes & TAKES_SENTENCE ? "expected sentence, table or json"
							: "expected table or json");
	return 0;
}

static int set_time(const char *option, const char *text, int64_t *ret)
{
	if (time_parse(text, time_now_msec(), ret) < 0)
		return wrong(option, text,
			"no time (say 'today', '-1h', '2026-11-23 10:00' or RFC 3339)");
	return 0;
}

static int set_limit(struct query_options *options, const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || value < 0)
		return wrong("limit", text, "expected a number");
	options->filter.limit = value;
	return 0;
}

static int set_action(struct query_options *options, const char *name)
{
	options->filter.action = name_lookup(action_names, ACTION_COUNT, name);
	if (options->filter.action < 0)
		return wrong("action", name,
			"expected write, attr, create, delete, rename, link, read, exec, connect, "
			"mount or denied");
	return 0;
}

static int add_parameter(struct query_options *options, const char *text)
{
	if (!strchr(text, '=') || text[0] == '=')
		return wrong("param", text, "expected NAME=VALUE");
	if (options->n_parameters == MAX_PARAMETERS)
		return wrong("param", text, "too many parameters");
	options->parameters[options->n_parameters++] = text;
	return 0;
}

/* No key of it is for reading the database yet, but a wrong one is said as everywhere. */
static int check_config(const char *path)
{
	struct config_error error;
	struct config config;
	int r;

	config_init(&config);
	r = config_read(&config, path, &error);
	config_done(&config);
	if (r == -EINVAL)
		log_error("%s:%u: %s", path, error.line, error.reason);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	return r;
}

/* What is kept as it is given. */
static const struct {
	int option;
	size_t offset;
} strings[] = {
	{ DB, offsetof(struct query_options, db) },
	{ CONTAINER, offsetof(struct query_options, filter.container) },
	{ REPORTS, offsetof(struct query_options, report_directory) },
	{ TO, offsetof(struct query_options, export.to) },
	{ CURSOR, offsetof(struct query_options, export.cursor) },
	{ FACILITY, offsetof(struct query_options, export.facility) },
	{ ENTERPRISE, offsetof(struct query_options, export.enterprise) },
	{ TLS_CA, offsetof(struct query_options, export.tls_ca) },
	{ TLS_CERT, offsetof(struct query_options, export.tls_cert) },
	{ TLS_KEY, offsetof(struct query_options, export.tls_key) },
};

static int set(struct query_options *options, int option)
{
	for (size_t i = 0; i < ELEMENTS(strings); i++)
		if (strings[i].option == option) {
			*(const char **)((char *)options + strings[i].offset) = optarg;
			return 0;
		}
	switch (option) {
	case CONFIG:
		return check_config(optarg);
	case FORMAT:
		return set_format(options, optarg);
	case SINCE:
		return set_time("since", optarg, &options->filter.since_msec);
	case UNTIL:
		return set_time("until", optarg, &options->filter.until_msec);
	case USER:
		/* auditctl's ways to say it. */
		if (strcmp(optarg, "-1") == 0 || strcmp(optarg, "4294967295") == 0)
			options->filter.user = "unset";
		else
			options->filter.user = optarg;
		return 0;
	case ACTION:
		return set_action(options, optarg);
	case FLAGGED:
		options->filter.flagged = true;
		return 0;
	case SUPPRESSED:
		options->filter.suppressed = QUERY_SUPPRESSED_ONLY;
		return 0;
	case LIMIT:
		return set_limit(options, optarg);
	case FORGET:
		options->export.forget = true;
		return 0;
	case FOLLOW:
		options->export.follow = true;
		return 0;
	default:
		return add_parameter(options, optarg);
	}
}

bool query_options_parse(int argc, char **argv, struct query_options *options, int *ret_status)
{
	int option, index = 0;

	options->db = STORE_DEFAULT_PATH;
	options->filter.since_msec = INT64_MIN;
	options->filter.until_msec = INT64_MAX;
	options->filter.action = -1;
	options->filter.serial = -1;
	options->filter.limit = -1;

	*ret_status = STATUS_USAGE;
	while ((option = option_next(argc, argv, long_options, &index)) >= 0) {
		if (option == HELP || option == 'h') {
			fputs(options->usage, stdout);
			*ret_status = STATUS_FOUND;
			return false;
		}
		if (option == '?')
			return false;
		if ((needs(option) & options->takes) != needs(option)) {
			log_error("%s: takes no --%s", argv[0], long_options[index].name);
			return false;
		}
		if (set(options, option) < 0)
			return false;
	}
	options->arguments = argv + optind;
	options->n_arguments = argc - optind;
	return true;
}

struct store *query_options_open(const struct query_options *options)
{
	struct store *store;
	int r = store_open(options->db, STORE_READ, &store);

	if (r == 0)
		return store;
	log_error("%s: %s", options->db, store_error_text(r));
	return NULL;
}

int query_failed(const struct query_options *options, int error)
{
	log_error("%s: %s", options->db, store_error_text(error));
	return STATUS_IMPOSSIBLE;
}

/* What each kind of loss means for whoever reads the answer. */
static void describe_loss(const struct loss *loss, char *buffer, size_t size)
{
	static const char *const texts[LOSS_COUNT] = {
		[LOSS_KERNEL] = "records lost by the kernel",
		[LOSS_SOCKET] = "the audit socket overran",
		[LOSS_SERIAL] = "events that never arrived",
		[LOSS_PROC_EVENTS] = "process events lost, attribution in doubt",
		[LOSS_QUEUE] = "events dropped",
		[LOSS_DOWNTIME] = "auditmon was not running",
		[LOSS_BROKEN_RECORD] = "broken lines in a log",
		[LOSS_CANARY] = "a canary did not come through",
		[LOSS_RULES] = "watch rules were missing in the kernel",
		[LOSS_SOURCE] = "the source of records was gone",
		[LOSS_RETENTION] = "touches deleted by the retention",
		[LOSS_UNEXPORTED] = "touches deleted by the retention before they were exported",
	};
	char since[TIME_TEXT_LEN], until[TIME_TEXT_LEN];
	size_t same = 0;

	time_format_local(loss->since_msec, since, sizeof(since));
	time_format_local(loss->until_msec, until, sizeof(until));
	/* "2026-11-23 10:00:01 to 10:00:05": the day once. */
	if (strncmp(since, until, sizeof("2026-11-23")) == 0)
		same = sizeof("2026-11-23");
	/* Of what is no log there is no time. */
	if (loss->until_msec == 0)
		snprintf(buffer, size, "at an unknown time  %" PRIu64 " %s", loss->count,
			texts[loss->kind]);
	else if (loss->count > 0)
		snprintf(buffer, size, "%s to %s  %" PRIu64 " %s", since, until + same, loss->count,
			texts[loss->kind]);
	else
		snprintf(buffer, size, "%s to %s  %s", since, until + same, texts[loss->kind]);
}

int query_losses(struct store *store, const struct query_options *options)
{
	_cleanup_(query_list_freep) struct query_list *query = NULL;
	bool colour = terminal_colour();
	struct loss_row row;
	uint64_t n = 0;
	int r = query_losses_new(
		store, options->filter.since_msec, options->filter.until_msec, &query);

	while (r >= 0 && (r = query_losses_next(query, &row)) > 0) {
		char text[256];

		describe_loss(&row.loss, text, sizeof(text));
		if (options->format == FORMAT_JSON) {
			log_notice("note: this answer may lack something: %s", text);
			continue;
		}
		if (n++ == 0)
			printf("%sSomething may be missing:%s\n",
				table_style_begin(TABLE_YELLOW, colour),
				table_style_end(TABLE_YELLOW, colour));
		if (n <= MAX_LOSSES)
			printf("  %s\n", text);
	}
	if (n > MAX_LOSSES)
		printf("  and %" PRIu64 " more (auditmon status --format json has them all)\n",
			n - MAX_LOSSES);
	return r;
}

/* How many there were, since when there is a record, and what may be missing from the span. */
static int print_footer(
	struct store *store, const struct query_options *options, uint64_t n_rows, const char *noun)
{
	_cleanup_(freep) char *since = NULL;
	bool colour = terminal_colour();
	char text[TIME_TEXT_LEN];

	if (options->format != FORMAT_JSON) {
		printf("%s%" PRIu64 " %s%s", table_style_begin(TABLE_DIM, colour), n_rows, noun,
			n_rows == 1 ? "" : (strcmp(noun, "touch") == 0 ? "es" : "s"));
		if (query_meta(store, "recorded_since", &since) == 0) {
			time_format_local(strtoll(since, NULL, 10), text, sizeof(text));
			printf(", recorded since %s", text);
		}
		printf("%s\n", table_style_end(TABLE_DIM, colour));
	}
	return query_losses(store, options);
}

int query_written(int status)
{
	bool written = fflush(stdout) == 0 && !ferror(stdout);
	int error = errno;

	pager_close();
	if (written)
		return status;
	log_error("standard output: %s", strerror(error));
	return STATUS_IMPOSSIBLE;
}

int query_finish(struct store *store, const struct query_options *options, uint64_t n_rows,
	const char *noun, int error)
{
	int status = n_rows > 0 ? STATUS_FOUND : STATUS_NOTHING;

	if (error == 0)
		error = print_footer(store, options, n_rows, noun);
	/* What could not be printed is not the database's fault. */
	if (error < 0 && !ferror(stdout))
		status = query_failed(options, error);
	return query_written(status);
}
