/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "attribute/attribute.h"
#include "base/config.h"
#include "base/log.h"
#include "base/time.h"
#include "collect/decode.h"
#include "collect/lines.h"
#include "collect/log-file.h"
#include "collect/source-log.h"
#include "command/command.h"
#include "command/option.h"
#include "command/suppress-load.h"
#include "detect/detect.h"
#include "store/writer.h"

#define FOLLOW_BATCH 1024

static const char usage[] =
	"Usage: auditmon ingest [OPTION]... FILE...\n"
	"\n"
	"Decodes audit logs, raw or enriched, also compressed ones (gzip, xz, zstd), and stores "
	"their\n"
	"touches ('-': standard input). The files of a rotation may come in any order. The same "
	"log\n"
	"twice is stored once.\n"
	"\n"
	"  --follow          go on with the last FILE as it grows and is rotated, until SIGTERM\n"
	"  --db FILE         the database (default " STORE_DEFAULT_PATH ")\n"
	"  --config FILE     (default " CONFIG_DEFAULT_FILE ")\n"
	"  --help\n";

struct ingest {
	struct writer *writer;
	struct decoder *decoder;
	struct attributor attributor;
	const struct policy *policy;
	struct suppressions *suppressions;
	uint64_t touches;
	int64_t first_msec, last_msec;
	int error;
};

static void on_touch(struct touch *touch, const struct touch_facts *facts, void *userdata)
{
	struct ingest *ingest = userdata;
	int r;

	detect(touch, facts, ingest->policy);
	touch->suppressed = suppressions_find(ingest->suppressions, touch, facts);
	r = writer_put_touch(ingest->writer, touch);
	/* A file can wait for the disk. */
	while (r == -EAGAIN) {
		r = writer_flush(ingest->writer);
		r = r < 0 ? r : writer_put_touch(ingest->writer, touch);
	}
	if (r < 0)
		ingest->error = r;
	else
		ingest->touches++;
}

static void on_event(const struct event *event, void *userdata)
{
	struct ingest *ingest = userdata;

	if (ingest->first_msec == 0 || event->time_msec < ingest->first_msec)
		ingest->first_msec = event->time_msec;
	if (event->time_msec > ingest->last_msec)
		ingest->last_msec = event->time_msec;
	attribute_event(&ingest->attributor, event);
}

/* 0, or a negative errno of reading or storing. Broken lines are counted, not errors. */
static int ingest_file(struct ingest *ingest, int fd, bool is_last)
{
	_cleanup_(lines_freep) struct lines *lines = NULL;
	const char *line;
	bool whole;
	size_t len;
	int r = lines_new(fd, &lines);

	if (r < 0)
		return r;
	while (ingest->error == 0 && (r = lines_next(lines, &line, &len, &whole)) > 0) {
		if (!whole)
			decoder_broken_line(ingest->decoder);
		else if (len > 0)
			r = decoder_line(ingest->decoder, line, len);
		if (r < 0)
			return r;
	}
	/* A rotation may have come between the records of one event. */
	if (is_last)
		decoder_flush(ingest->decoder);
	return r < 0 ? r : ingest->error;
}

/* What one file gave, beside what all before it did. */
struct tally {
	uint64_t events, broken, cut, touches;
};

static struct tally tally_of(const struct ingest *ingest)
{
	const struct decoder_counts *counts = decoder_counts(ingest->decoder);

	return (struct tally){ counts->events, counts->broken, counts->cut, ingest->touches };
}

static void tell(struct ingest *ingest, const char *path, const struct tally *before)
{
	const struct tally now = tally_of(ingest);

	log_info("%s: %" PRIu64 " events, %" PRIu64 " touches, %" PRIu64 " broken lines%s", path,
		now.events - before->events, now.touches - before->touches,
		now.broken - before->broken,
		now.cut > before->cut ? " (some events were cut short: too many names or too long)"
				      : "");
	if (now.broken > before->broken)
		writer_put_loss(ingest->writer, &(struct loss){
							.kind = LOSS_BROKEN_RECORD,
							.since_msec = ingest->first_msec,
							.until_msec = ingest->last_msec,
							.count = now.broken - before->broken,
							.detail = path,
						});
}

static int open_log(const char *path, struct log_file **ret)
{
	int r = log_file_open(path, ret);

	if (r == -ENOPKG)
		log_error("%s: compressed, and the program for it (gzip, xz or zstd) is not "
			  "installed",
			path);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	return r;
}

static int ingest_path(struct ingest *ingest, const char *path, bool is_last)
{
	_cleanup_(log_file_freep) struct log_file *log = NULL;
	const struct tally before = tally_of(ingest);
	int fd = STDIN_FILENO, r = 0;

	if (strcmp(path, "-") != 0) {
		r = open_log(path, &log);
		if (r < 0)
			return r;
		fd = log_file_fd(log);
	}
	ingest->first_msec = ingest->last_msec = 0;
	r = ingest_file(ingest, fd, is_last);
	if (r < 0) {
		log_error("%s: %s", path, strerror(-r));
		return r;
	}
	/* What came out of a damaged one is true even so, but it is not all. */
	if (log && log_file_check(log) < 0) {
		log_warning("%s: damaged or cut short: %s could not unpack all of it", path,
			log_file_program(log));
		decoder_broken_line(ingest->decoder);
	}
	tell(ingest, path, &before);
	return 0;
}

static int on_line(const char *line, size_t len, bool whole, void *userdata)
{
	struct ingest *ingest = userdata;

	if (!whole) {
		decoder_broken_line(ingest->decoder);
		return 0;
	}
	return decoder_line(ingest->decoder, line, len);
}

static void note_gap(struct ingest *ingest, const char *path)
{
	int64_t now_msec = time_now_msec();

	log_warning("%s: cut short, or rotated away unread: records are lost", path);
	writer_put_loss(ingest->writer,
		&(struct loss){
			.kind = LOSS_SOURCE,
			.since_msec = ingest->last_msec ? ingest->last_msec : now_msec,
			.until_msec = now_msec,
			.detail = path,
		});
}

/* Until a signal says that it is enough. */
static int follow_source(
	struct ingest *ingest, struct source *source, int signal_fd, const char *path)
{
	const struct source_sink sink = { .on_line = on_line, .userdata = ingest };
	struct pollfd fds[] = {
		{ .fd = source_fd(source), .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	int n = 1, r;

	while (ingest->error == 0 && !(fds[1].revents & POLLIN)) {
		n = source_read(source, FOLLOW_BATCH, &sink);
		if (n == -ENOBUFS)
			note_gap(ingest, path);
		else if (n < 0)
			return n;
		r = poll(fds, ELEMENTS(fds), n == 0 ? 1000 : 0);
		if (r < 0 && errno != EINTR)
			return -errno;
		/* Not while something comes: an event that is being written would be torn in two.
		 */
		if (r == 0 && n == 0)
			decoder_age(ingest->decoder);
	}
	return ingest->error;
}

static int follow_path(struct ingest *ingest, const char *path)
{
	_cleanup_(source_freep) struct source *source = NULL;
	_cleanup_(closep) int signal_fd = -1;
	const struct tally before = tally_of(ingest);
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
	if (signal_fd < 0)
		return -errno;
	r = source_log_new(path, true, &source);
	r = r < 0 ? r : source_start(source);
	ingest->first_msec = ingest->last_msec = 0;
	r = r < 0 ? r : follow_source(ingest, source, signal_fd, path);
	if (r < 0) {
		log_error("%s: %s", path, strerror(-r));
		return r;
	}
	decoder_flush(ingest->decoder);
	tell(ingest, path, &before);
	return 0;
}

struct dated_path {
	const char *path;
	int64_t first_msec;
};

static int compare_dates(const void *a, const void *b)
{
	int64_t first = ((const struct dated_path *)a)->first_msec;
	int64_t second = ((const struct dated_path *)b)->first_msec;

	return (first > second) - (first < second);
}

/* Oldest first; true if they were put into that order. */
static bool sort_by_date(char **paths, int n_paths)
{
	struct dated_path *dated = calloc((size_t)n_paths + 1, sizeof(*dated));

	for (int i = 0; dated && i < n_paths; i++) {
		if (strcmp(paths[i], "-") == 0)
			n_paths = 0;
		else
			dated[i] = (struct dated_path){ paths[i], log_file_first_msec(paths[i]) };
	}
	if (dated && n_paths > 1) {
		qsort(dated, (size_t)n_paths, sizeof(*dated), compare_dates);
		for (int i = 0; i < n_paths; i++)
			paths[i] = (char *)dated[i].path;
	}
	free(dated);
	return n_paths > 1;
}

struct ingest_options {
	const char *db, *config;
	bool follow;
};

static int ingest_all(
	struct ingest *ingest, const struct ingest_options *options, char **paths, int n_paths)
{
	int n_whole = options->follow ? n_paths - 1 : n_paths;
	bool sorted;
	int r = decoder_new(on_event, ingest, &ingest->decoder);

	sorted = sort_by_date(paths, n_whole);
	for (int i = 0; r == 0 && i < n_whole; i++)
		r = ingest_path(ingest, paths[i], !sorted || i + 1 == n_paths);
	if (r == 0 && options->follow)
		r = follow_path(ingest, paths[n_whole]);
	decoder_free(ingest->decoder);
	return r;
}

/* 0: go on; 1: done (help); 2: wrong usage, said. */
static int parse_options(int argc, char **argv, struct ingest_options *options)
{
	enum { DB = 256, CONFIG, FOLLOW, HELP };
	static const struct option long_options[] = {
		{ "db", required_argument, NULL, DB },
		{ "config", required_argument, NULL, CONFIG },
		{ "follow", no_argument, NULL, FOLLOW },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int c;

	while ((c = option_next(argc, argv, long_options, NULL)) >= 0) {
		switch (c) {
		case DB:
			options->db = optarg;
			break;
		case CONFIG:
			options->config = optarg;
			break;
		case FOLLOW:
			options->follow = true;
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			return 2;
		}
	}
	if (optind == argc) {
		log_error("ingest: which log? (FILE, or - for standard input)");
		return 2;
	}
	if (options->follow && strcmp(argv[argc - 1], "-") == 0) {
		log_error("ingest: --follow: standard input is no file that is rotated");
		return 2;
	}
	return 0;
}

static int ingest_into(const struct ingest_options *options, const struct config *config,
	char **paths, int n_paths)
{
	struct ingest ingest = { .attributor = { .proc_fd = -1, .on_touch = on_touch } };
	_cleanup_(redact_freep) struct redact *redact = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(suppressions_freep) struct suppressions *suppressions = NULL;
	struct store *store;
	int r, stored;

	r = redact_new((const char *const *)config->redact.items, config->redact.n, &redact);
	r = r < 0 ? r : policy_new(&(struct policy_settings){ .config = config }, &policy);
	r = r < 0 ? r : suppress_load(config, &suppressions);
	if (r < 0)
		return r;
	ingest.policy = policy;
	ingest.suppressions = suppressions;
	r = store_open(options->db, STORE_WRITE, &store);
	if (r < 0) {
		log_error("%s: %s", options->db, store_error_text(r));
		return -EIO;
	}
	r = writer_new(store, &(struct writer_limits){ 0 }, &ingest.writer);
	if (r < 0) {
		log_error("%s: %s", options->db, store_error_text(r));
		store_close(store);
		return -EIO;
	}
	ingest.attributor.redact = redact;
	ingest.attributor.userdata = &ingest;
	r = ingest_all(&ingest, options, paths, n_paths);
	stored = writer_free(ingest.writer);
	if (stored < 0)
		log_error("%s: %s", options->db, store_error_text(stored));
	return r < 0 ? r : (stored < 0 ? -EIO : 0);
}

int command_ingest(int argc, char **argv)
{
	struct ingest_options options = { .db = STORE_DEFAULT_PATH };
	struct config_error error;
	struct config config;
	const char *path;
	int r;

	r = parse_options(argc, argv, &options);
	if (r != 0)
		return r == 1 ? EXIT_SUCCESS : r;
	config_init(&config);
	path = options.config ? options.config : CONFIG_DEFAULT_FILE;
	r = config_read(&config, path, &error);
	if (r == -EINVAL)
		log_error("%s:%u: %s", path, error.line, error.reason);
	else if (r < 0 && (r != -ENOENT || options.config))
		log_error("%s: %s", path, strerror(-r));
	else
		r = 0;
	if (r == 0)
		r = ingest_into(&options, &config, argv + optind, argc - optind);
	config_done(&config);
	if (r == -EINVAL || r == -ENOENT || r == -EISDIR)
		return 2;
	return r < 0 ? 3 : 0;
}
