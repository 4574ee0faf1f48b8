/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attribute/attribute.h"
#include "base/config.h"
#include "base/log.h"
#include "base/time.h"
#include "collect/decode.h"
#include "collect/lines.h"
#include "command/command.h"
#include "command/option.h"
#include "command/suppress-load.h"
#include "detect/detect.h"
#include "store/writer.h"

static const char usage[] =
	"Usage: auditmon ingest [OPTION]... FILE...\n"
	"\n"
	"Decodes audit logs, raw or enriched ('-': standard input), and stores their touches.\n"
	"The same log twice is stored once.\n"
	"\n"
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
static int ingest_file(struct ingest *ingest, int fd)
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
	decoder_flush(ingest->decoder);
	return r < 0 ? r : ingest->error;
}

static int ingest_path(struct ingest *ingest, const char *path)
{
	const struct decoder_counts *counts = decoder_counts(ingest->decoder);
	_cleanup_(closep) int opened = -1;
	uint64_t events = counts->events, broken = counts->broken, cut = counts->cut,
		 touches = ingest->touches;
	int fd = STDIN_FILENO, r;

	if (strcmp(path, "-") != 0)
		fd = opened = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		log_error("%s: %s", path, strerror(-r));
		return r;
	}
	ingest->first_msec = ingest->last_msec = 0;
	r = ingest_file(ingest, fd);
	if (r < 0) {
		log_error("%s: %s", path, strerror(-r));
		return r;
	}
	log_info("%s: %" PRIu64 " events, %" PRIu64 " touches, %" PRIu64 " broken lines%s", path,
		counts->events - events, ingest->touches - touches, counts->broken - broken,
		counts->cut > cut ? " (some events were cut short: too many names or too long)"
				  : "");
	if (counts->broken > broken)
		writer_put_loss(ingest->writer, &(struct loss){
							.kind = LOSS_BROKEN_RECORD,
							.since_msec = ingest->first_msec,
							.until_msec = ingest->last_msec,
							.count = counts->broken - broken,
							.detail = path,
						});
	return 0;
}

static int ingest_all(struct ingest *ingest, char **paths, int n_paths)
{
	int r = decoder_new(on_event, ingest, &ingest->decoder);

	for (int i = 0; r == 0 && i < n_paths; i++)
		r = ingest_path(ingest, paths[i]);
	decoder_free(ingest->decoder);
	return r;
}

struct ingest_options {
	const char *db, *config;
};

/* 0: go on; 1: done (help); 2: wrong usage, said. */
static int parse_options(int argc, char **argv, struct ingest_options *options)
{
	enum { DB = 256, CONFIG, HELP };
	static const struct option long_options[] = {
		{ "db", required_argument, NULL, DB },
		{ "config", required_argument, NULL, CONFIG },
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
	r = ingest_all(&ingest, paths, n_paths);
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
