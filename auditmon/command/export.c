/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/log.h"
#include "command/command.h"
#include "command/export-feed.h"
#include "command/query-options.h"
#include "output/format.h"
#include "store/cursor.h"

static const char usage[] =
	"Usage: auditmon export [OPTION]...\n"
	"\n"
	"Recorded touches in a SIEM's format, to standard output or to a syslog receiver.\n"
	"\n"
	"  --format json|ocsf|ecs|cef|leef|syslog   (default json) one document a line\n"
	"  --to unix:PATH|udp:HOST[:PORT]|tcp:HOST[:PORT]|tls:HOST[:PORT]\n"
	"                               as RFC 5424 messages, each with a document in it\n"
	"  --follow                     keep going, resume where it stopped, outlast outages\n"
	"  --cursor NAME                what is new since NAME was used last (with --follow each\n"
	"                               destination has a name of its own)\n"
	"  --forget                     with --cursor NAME: nothing is kept for it any more\n"
	"  --since TIME, --until TIME, --container ID|NAME, --user NAME|AUID|unset,\n"
	"  --action NAME, --flagged     as of auditmon events\n"
	"  --limit N                    the newest N, to standard output\n"
	"  --facility NAME              of syslog (default authpriv)\n"
	"  --enterprise NUMBER          of the structured data's id (default 32473)\n"
	"  --tls-ca FILE                who may vouch for the receiver (default: the system's)\n"
	"  --tls-cert FILE, --tls-key FILE   what is shown to the receiver\n"
	"  --db FILE                    (default " STORE_DEFAULT_PATH ")\n"
	"  --help\n"
	"\n"
	"Exit status: 0 something found, 1 nothing, 2 wrong usage, 3 no database, no receiver.\n";

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

/* SIGTERM and SIGINT become readable. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool set_number(const char *text, uint32_t *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*ret = (uint32_t)value;
	return text[0] >= '0' && text[0] <= '9' && !*end && value > 0 && value <= UINT32_MAX;
}

/* What is wrong with the options, said; or 0. */
static int check(const struct query_options *options, const struct format *format,
	struct syslog_options *syslog, struct destination *destination)
{
	const struct export_options *export = &options->export;
	bool tls = export->tls_ca || export->tls_cert || export->tls_key;

	if (options->n_arguments > 0)
		log_error("export: unexpected argument '%s'", options->arguments[0]);
	else if (!format)
		log_error("--format %s: expected %s", options->format_name, format_list);
	else if (export->to && destination_parse(export->to, destination) < 0)
		log_error("--to %s: expected unix:PATH, udp:HOST[:PORT], tcp:HOST[:PORT] or "
			  "tls:HOST[:PORT]",
			export->to);
	else if (export->facility && (syslog->facility = syslog_facility(export->facility)) < 0)
		log_error("--facility %s: no facility of syslog(3)", export->facility);
	else if (export->enterprise && !set_number(export->enterprise, &syslog->enterprise))
		log_error("--enterprise %s: expected a number", export->enterprise);
	else if (tls && (!export->to || destination->transport != TRANSPORT_TLS))
		log_error("--tls-ca, --tls-cert and --tls-key are for --to tls:HOST");
	else if (!export->tls_cert != !export->tls_key)
		log_error("--tls-cert and --tls-key go together");
	else if (export->cursor && (!*export->cursor || strlen(export->cursor) > CURSOR_NAME_MAX))
		log_error("--cursor: expected a name of at most %d bytes", CURSOR_NAME_MAX);
	else if (export->forget && (!export->cursor || export->follow || export->to))
		log_error("--forget goes with --cursor NAME alone");
	else if (options->filter.limit >= 0 && (export->follow || export->cursor || export->to))
		log_error("--limit goes with none of --follow, --cursor and --to");
	else
		return 0;
	return -EINVAL;
}

/* The destination's own cursor, unless another was named; standard output has none. */
static const char *cursor_name(
	const struct query_options *options, const char *destination, char *buffer, size_t size)
{
	if (options->export.cursor || !options->export.to || !options->export.follow)
		return options->export.cursor;
	snprintf(buffer, size, "%s %s", options->format_name, destination);
	return buffer;
}

static int send_feed(const struct query_options *options, const struct format *format,
	const struct syslog_options *syslog, const struct destination *destination)
{
	const struct export_options *export = &options->export;
	const struct tls_files files = { export->tls_ca, export->tls_cert, export->tls_key };
	char name[DESTINATION_TEXT_LEN] = "standard output", cursor[DESTINATION_TEXT_LEN + 16];
	_cleanup_(shipment_freep) struct shipment *shipment = NULL;
	_cleanup_(link_freep) struct link *link = NULL;
	_cleanup_(closep) int stop_fd = open_signals();
	struct export_receiver receiver = { .stop_fd = stop_fd, .needs_json = format->needs_json };
	int r = stop_fd < 0 ? -errno : shipment_new(format, syslog, &shipment);

	if (export->to)
		destination_print(destination, name, sizeof(name));
	if (r == 0 && export->to)
		r = link_new(destination, &files, stop_fd, &link);
	if (r < 0) {
		log_error("%s: %s", name, link ? link_reason(link, r) : strerror(-r));
		return STATUS_IMPOSSIBLE;
	}
	receiver.shipment = shipment;
	receiver.link = link;
	receiver.name = name;
	r = export_feed_run(&(struct export_feed){
		.db = options->db,
		.filter = &options->filter,
		.cursor = cursor_name(options, name, cursor, sizeof(cursor)),
		.receiver = &receiver,
		.follow = export->follow,
	});
	if (r < 0)
		return STATUS_IMPOSSIBLE;
	return receiver.n_taken > 0 || export->follow ? STATUS_FOUND : STATUS_NOTHING;
}

static int forget(const struct query_options *options)
{
	_cleanup_(store_closep) struct store *store = NULL;
	const char *name = options->export.cursor;
	int r = store_open(options->db, STORE_CURSOR, &store);

	r = r < 0 ? r : cursor_forget(store, name);
	if (r < 0) {
		log_error("%s: %s", options->db, store_error_text(r));
		return STATUS_IMPOSSIBLE;
	}
	if (r == 0)
		log_error("--cursor %s: there is none of that name (auditmon status lists them)",
			name);
	return r > 0 ? STATUS_FOUND : STATUS_NOTHING;
}

static int print_query(const struct query_options *options, const struct format *format)
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
	r = print_all(query, format, &n);
	return query_finish(store, options, n, "touch", r);
}

int command_export(int argc, char **argv)
{
	struct query_options options = {
		.usage = usage,
		.takes = TAKES_ALL_FILTERS | TAKES_EXPORT,
		.format_name = "json",
		.format = FORMAT_JSON,
	};
	struct syslog_options syslog = syslog_defaults;
	struct destination destination = { 0 };
	const struct format *format;
	int status;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	format = format_find(options.format_name);
	if (check(&options, format, &syslog, &destination) < 0)
		return STATUS_USAGE;
	if (options.export.forget)
		return forget(&options);
	if (options.export.to || options.export.follow || options.export.cursor)
		return send_feed(&options, format, &syslog, &destination);
	return print_query(&options, format);
}
