/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/json-text.h"
#include "output/table.h"
#include "output/terminal.h"
#include "store/cursor.h"

/* The daemon says that it lives every five seconds. */
#define FRESH_MSEC 15000

#define LINE_COLUMNS 500

static const char usage[] =
	"Usage: auditmon status [OPTION]...\n"
	"\n"
	"Health of the recording: is it running, what was lost, how large is the database.\n"
	"\n"
	"  --format table|json   (default table)\n"
	"  --db FILE             (default " STORE_DEFAULT_PATH ")\n"
	"  --help\n";

/* What the daemon tells of itself in table meta, in milliseconds since the epoch or plain numbers.
 */
enum fact {
	RUNNING_SINCE,
	LAST_ALIVE,
	STOPPED_AT,
	RULES_LOADED,
	RULES_ABSENT,
	ENGINE_SOCKETS_LEFT_OUT,
	QUEUE,
	BACKLOG,
	BACKLOG_LIMIT,
	LOST,
	LOCKED,
	AUDIT_DAEMON,
	CANARY_PROVEN,
	CANARY_COUNT,
	CANARY_FAILING,
	PROCESSES,
	CONTAINERS,
	JOURNAL_SENT,
	JOURNAL_FAILED,
	JOURNAL_DROPPED,
	N_FACTS
};

struct status {
	struct store_summary summary;
	int64_t facts[N_FACTS]; /* -1: not known */
	char *source, *source_why, *node, *version;
	bool running;
};

static int64_t number_fact(struct store *store, const char *name)
{
	_cleanup_(freep) char *value = NULL;

	return query_meta(store, name, &value) == 0 ? strtoll(value, NULL, 10) : -1;
}

static int read_status(struct store *store, struct status *status)
{
	static const char *const names[N_FACTS] = {
		[RUNNING_SINCE] = "running_since",
		[LAST_ALIVE] = "last_alive",
		[STOPPED_AT] = "stopped_at",
		[RULES_LOADED] = "rules_loaded",
		[RULES_ABSENT] = "rules_absent",
		[ENGINE_SOCKETS_LEFT_OUT] = "engine_sockets_left_out",
		[QUEUE] = "queue",
		[BACKLOG] = "kernel_backlog",
		[BACKLOG_LIMIT] = "kernel_backlog_limit",
		[LOST] = "kernel_lost",
		[LOCKED] = "kernel_locked",
		[AUDIT_DAEMON] = "audit_daemon",
		[CANARY_PROVEN] = "canary_proven",
		[CANARY_COUNT] = "canary_count",
		[CANARY_FAILING] = "canary_failing",
		[PROCESSES] = "processes_known",
		[CONTAINERS] = "containers_alive",
		[JOURNAL_SENT] = "journal_sent",
		[JOURNAL_FAILED] = "journal_failed",
		[JOURNAL_DROPPED] = "journal_dropped",
	};
	int64_t now_msec = time_now_msec();

	for (int i = 0; i < N_FACTS; i++)
		status->facts[i] = number_fact(store, names[i]);
	if (query_meta(store, "source", &status->source) < 0)
		status->source = NULL;
	if (query_meta(store, "source_why", &status->source_why) < 0)
		status->source_why = NULL;
	if (query_meta(store, "node", &status->node) < 0)
		status->node = NULL;
	if (query_meta(store, "version", &status->version) < 0)
		status->version = NULL;
	/* A daemon that was killed said so a moment ago, but holds the database no more. */
	status->running = status->facts[LAST_ALIVE] >= 0 &&
			  now_msec - status->facts[LAST_ALIVE] < FRESH_MSEC &&
			  status->facts[STOPPED_AT] < status->facts[RUNNING_SINCE] &&
			  store_has_writer(store) != 0;
	return query_summary(store, &status->summary);
}

static void status_done(struct status *status)
{
	free(status->source);
	free(status->source_why);
	free(status->node);
	free(status->version);
}

static void print_json_text(FILE *out, const char *key, const char *text)
{
	_cleanup_(freep) char *quoted = NULL;

	if (text && json_quote(text, strlen(text), &quoted) == 0)
		fprintf(out, ",\"%s\":%s", key, quoted);
	else
		fprintf(out, ",\"%s\":null", key);
}

static void print_json_number(FILE *out, const char *key, int64_t value)
{
	if (value < 0)
		fprintf(out, ",\"%s\":null", key);
	else
		fprintf(out, ",\"%s\":%" PRId64, key, value);
}

static void print_json_time(FILE *out, const char *key, int64_t time_msec)
{
	char text[TIME_TEXT_LEN];

	if (time_msec > 0)
		time_format_utc(time_msec, text, sizeof(text));
	print_json_text(out, key, time_msec > 0 ? text : NULL);
}

static int print_json_losses(FILE *out, struct store *store)
{
	_cleanup_(query_list_freep) struct query_list *query = NULL;
	const char *comma = "";
	struct loss_row row;
	int r = query_losses_new(store, INT64_MIN, INT64_MAX, &query);

	fputs(",\"losses\":[", out);
	while (r >= 0 && (r = query_losses_next(query, &row)) > 0) {
		fprintf(out, "%s%s", comma, row.json);
		comma = ",";
	}
	fputs("]", out);
	return r;
}

static void print_json_kernel(FILE *out, const struct status *status)
{
	if (status->facts[BACKLOG] < 0) {
		fputs(",\"kernel\":null", out);
		return;
	}
	fprintf(out, ",\"kernel\":{\"backlog\":%" PRId64, status->facts[BACKLOG]);
	print_json_number(out, "backlog_limit", status->facts[BACKLOG_LIMIT]);
	print_json_number(out, "lost", status->facts[LOST]);
	print_json_number(out, "audit_daemon", status->facts[AUDIT_DAEMON]);
	fprintf(out, ",\"locked\":%s", status->facts[LOCKED] > 0 ? "true" : "false");
	fputs("}", out);
}

static void print_json_journal(FILE *out, const struct status *status)
{
	if (status->facts[JOURNAL_SENT] < 0) {
		fputs(",\"journal\":null", out);
		return;
	}
	fprintf(out, ",\"journal\":{\"sent\":%" PRId64, status->facts[JOURNAL_SENT]);
	print_json_number(out, "failed", status->facts[JOURNAL_FAILED]);
	print_json_number(out, "dropped", status->facts[JOURNAL_DROPPED]);
	fputc('}', out);
}

struct exports {
	FILE *out;
	const char *comma;
};

static void print_json_export(const struct cursor_row *row, void *userdata)
{
	struct exports *exports = userdata;

	fprintf(exports->out, "%s%s", exports->comma, row->json);
	exports->comma = ",";
}

static int print_json_exports(FILE *out, struct store *store)
{
	struct exports exports = { out, "" };
	int r;

	fputs(",\"exports\":[", out);
	r = cursors_each(store, print_json_export, &exports);
	fputc(']', out);
	return r;
}

static int print_object(FILE *out, struct store *store, const struct status *status)
{
	const struct store_summary *summary = &status->summary;
	int r;

	fprintf(out, "{\"running\":%s", status->running ? "true" : "false");
	print_json_text(out, "source", status->source);
	print_json_text(out, "source_why", status->source_why);
	print_json_text(out, "node", status->node);
	print_json_text(out, "version", status->version);
	print_json_time(out, "since", status->facts[RUNNING_SINCE]);
	print_json_time(out, "last_alive", status->facts[LAST_ALIVE]);
	print_json_time(out, "proven", status->facts[CANARY_PROVEN]);
	print_json_time(out, "unproven_since", status->facts[CANARY_FAILING]);
	print_json_number(out, "canaries", status->facts[CANARY_COUNT]);
	print_json_number(out, "rules_loaded", status->facts[RULES_LOADED]);
	print_json_number(out, "rules_absent", status->facts[RULES_ABSENT]);
	print_json_number(out, "engine_sockets_left_out", status->facts[ENGINE_SOCKETS_LEFT_OUT]);
	print_json_number(out, "queue", status->facts[QUEUE]);
	print_json_number(out, "processes", status->facts[PROCESSES]);
	print_json_number(out, "touches", (int64_t)summary->n_touches);
	print_json_number(out, "flagged", (int64_t)summary->n_flagged);
	print_json_number(out, "containers", (int64_t)summary->n_containers);
	print_json_time(out, "first_touch", summary->first_msec);
	print_json_time(out, "last_touch", summary->last_msec);
	r = print_json_losses(out, store);
	print_json_kernel(out, status);
	print_json_journal(out, status);
	r = r < 0 ? r : print_json_exports(out, store);
	fprintf(out, ",\"database\":{\"schema\":%d", summary->schema_version);
	print_json_number(out, "size", summary->size_bytes);
	print_json_text(out, "path", store_path(store));
	fputs("}}", out);
	return r;
}

static int print_json(struct store *store, const struct status *status)
{
	_cleanup_(freep) char *json = NULL;
	FILE *out = open_memstream(&json, &(size_t){ 0 });
	int r;

	if (!out)
		return -ENOMEM;
	r = print_object(out, store, status);
	if (fclose(out) != 0)
		return -ENOMEM;
	if (r == 0)
		json_line_print(stdout, json);
	return r;
}

static void print_line(const char *label, const char *text, enum table_style style)
{
	bool colour = terminal_colour();

	printf("%s%-12s%s %s", table_style_begin(TABLE_DIM, colour), label,
		table_style_end(TABLE_DIM, colour), table_style_begin(style, colour));
	table_print_text(stdout, text, LINE_COLUMNS);
	printf("%s\n", table_style_end(style, colour));
}

static void print_running(const struct status *status)
{
	char text[128], time[TIME_TEXT_LEN];

	if (status->facts[RUNNING_SINCE] < 0) {
		print_line("daemon", "never ran on this database", TABLE_YELLOW);
		return;
	}
	time_format_local(
		status->facts[status->running ? RUNNING_SINCE : LAST_ALIVE], time, sizeof(time));
	snprintf(text, sizeof(text), "%s %s",
		status->running ? "running since" : "not running since", time);
	print_line("daemon", text, status->running ? TABLE_GREEN : TABLE_YELLOW);
}

static void print_source(const struct status *status)
{
	char text[256];

	if (!status->source)
		return;
	snprintf(text, sizeof(text), "%s%s%s", status->source, status->source_why ? ": " : "",
		status->source_why ? status->source_why : "");
	print_line("source", text, TABLE_PLAIN);
	/* None at all: the kernel says 0. */
	if (status->running && status->facts[AUDIT_DAEMON] == 0)
		print_line("", "no audit daemon is there: the kernel prints the records as well",
			TABLE_YELLOW);
	if (status->facts[LOCKED] > 0)
		print_line("", "the kernel's audit configuration is locked until the next boot",
			TABLE_YELLOW);
}

/* When the whole path from the kernel to the database was last proven. */
static void print_proof(const struct status *status)
{
	char text[128], time[TIME_TEXT_LEN];

	if (status->facts[CANARY_PROVEN] <= 0 && status->facts[CANARY_FAILING] <= 0)
		return;
	if (status->facts[CANARY_PROVEN] > 0)
		time_format_local(status->facts[CANARY_PROVEN], time, sizeof(time));
	snprintf(text, sizeof(text), "%s%s",
		status->facts[CANARY_FAILING] > 0 ? "a canary did not come through; last proven "
						  : "",
		status->facts[CANARY_PROVEN] > 0 ? time : "never");
	print_line("proven", text, status->facts[CANARY_FAILING] > 0 ? TABLE_RED : TABLE_PLAIN);
}

static void print_rules(const struct status *status)
{
	char text[128];

	if (status->facts[RULES_LOADED] < 0)
		return;
	snprintf(text, sizeof(text),
		"%" PRId64 " loaded, %" PRId64 " wait for their paths to appear",
		status->facts[RULES_LOADED],
		status->facts[RULES_ABSENT] < 0 ? 0 : status->facts[RULES_ABSENT]);
	print_line("rules", text, TABLE_PLAIN);
	if (status->facts[ENGINE_SOCKETS_LEFT_OUT] <= 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64 " engines' sockets more than are watched",
		status->facts[ENGINE_SOCKETS_LEFT_OUT]);
	print_line("sockets", text, TABLE_YELLOW);
}

static void print_kernel(const struct status *status)
{
	char text[128];

	if (status->facts[BACKLOG] < 0)
		return;
	snprintf(text, sizeof(text), "backlog %" PRId64 " of %" PRId64 ", lost since boot %" PRId64,
		status->facts[BACKLOG], status->facts[BACKLOG_LIMIT], status->facts[LOST]);
	print_line("kernel", text, TABLE_PLAIN);
}

static void print_journal(const struct status *status)
{
	int64_t missing = status->facts[JOURNAL_FAILED] + status->facts[JOURNAL_DROPPED];
	char text[160];

	if (status->facts[JOURNAL_SENT] < 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64 " alerts sent%s", status->facts[JOURNAL_SENT],
		missing == 0 ? ", none dropped" : "");
	if (missing > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			", %" PRId64 " dropped as it did not take them in time, %" PRId64
			" refused",
			status->facts[JOURNAL_DROPPED], status->facts[JOURNAL_FAILED]);
	print_line("journal", text, missing > 0 ? TABLE_YELLOW : TABLE_PLAIN);
}

/* A line each: how far it is, how much waits, and why it is not reached. */
static void print_export(const struct cursor_row *row, void *userdata)
{
	_cleanup_(freep) char *text = NULL;
	char position[TIME_TEXT_LEN], time[TIME_TEXT_LEN];
	FILE *out = open_memstream(&text, &(size_t){ 0 });

	if (!out)
		return;
	fprintf(out, "%s: ", row->name);
	if (row->position_msec > 0) {
		time_format_local(row->position_msec, position, sizeof(position));
		fprintf(out, "up to %s", position);
	} else {
		fputs("nothing yet", out);
	}
	if (row->behind > 0) {
		time_format_local(row->behind_since_msec, time, sizeof(time));
		fprintf(out, ", %" PRIu64 "%s behind, since %s", row->behind,
			row->behind == CURSOR_BEHIND_MAX ? " and more" : "", time);
	} else {
		fputs(", none behind", out);
	}
	if (row->error) {
		time_format_local(row->error_msec, time, sizeof(time));
		fprintf(out, "; not reached since %s: %s", time, row->error);
	}
	if (fclose(out) == 0)
		print_line("export", text, row->error ? TABLE_YELLOW : TABLE_PLAIN);
}

static void print_database(const struct store *store, const struct store_summary *summary)
{
	_cleanup_(freep) char *text = NULL;

	if (asprintf(&text, "%.1f MiB, schema %d, %s", (double)summary->size_bytes / (1 << 20),
		    summary->schema_version, store_path(store)) < 0)
		text = NULL;
	if (text)
		print_line("database", text, TABLE_PLAIN);
}

static int print_table(
	struct store *store, const struct query_options *options, const struct status *status)
{
	const struct store_summary *summary = &status->summary;
	char text[512], first[TIME_TEXT_LEN], last[TIME_TEXT_LEN];
	int r;

	print_running(status);
	print_source(status);
	print_proof(status);
	print_rules(status);
	print_kernel(status);
	print_journal(status);
	r = cursors_each(store, print_export, NULL);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text),
		"%" PRIu64 ", %" PRIu64 " of them flagged, from %" PRIu64 " containers",
		summary->n_touches, summary->n_flagged, summary->n_containers);
	print_line("touches", text, TABLE_PLAIN);
	if (summary->n_touches > 0) {
		time_format_local(summary->first_msec, first, sizeof(first));
		time_format_local(summary->last_msec, last, sizeof(last));
		snprintf(text, sizeof(text), "%s to %s", first, last);
		print_line("span", text, TABLE_PLAIN);
	}
	print_database(store, summary);
	if (summary->n_losses == 0) {
		print_line("losses", "none", TABLE_GREEN);
		return 0;
	}
	return query_losses(store, options);
}

int command_status(int argc, char **argv)
{
	struct query_options options = { .usage = usage };
	_cleanup_(store_closep) struct store *store = NULL;
	struct status status = { 0 };
	int exit_status, r;

	if (!query_options_parse(argc, argv, &options, &exit_status))
		return exit_status;
	if (options.n_arguments > 0) {
		log_error("status: unexpected argument '%s'", options.arguments[0]);
		return STATUS_USAGE;
	}
	store = query_options_open(&options);
	if (!store)
		return STATUS_IMPOSSIBLE;
	r = read_status(store, &status);
	if (r == 0)
		r = options.format == FORMAT_JSON ? print_json(store, &status)
						  : print_table(store, &options, &status);
	status_done(&status);
	return query_written(r < 0 ? query_failed(&options, r) : STATUS_FOUND);
}
