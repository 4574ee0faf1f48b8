/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The options that the reading commands share, and the answers' footer
 */

#include <stdbool.h>
#include <stddef.h>

#include "store/query.h"
#include "store/store.h"

/* Bits of what a command takes besides --db, --config, --format and --help. */
enum {
	TAKES_SPAN = 1 << 0, /* --since, --until */
	TAKES_CONTAINER = 1 << 1,
	TAKES_TOUCHES = 1 << 2, /* --user, --action, --flagged */
	TAKES_LIMIT = 1 << 3,
	TAKES_REPORTS = 1 << 4, /* --reports, --param */
	TAKES_EXPORT = 1 << 5,  /* what struct export_options has */
	TAKES_SUPPRESSED = 1 << 6,
	TAKES_SENTENCE = 1 << 7, /* --format sentence */
	TAKES_ALL_FILTERS = TAKES_SPAN | TAKES_CONTAINER | TAKES_TOUCHES | TAKES_LIMIT,
};

enum query_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_SENTENCE };

/* As given; NULL: not. */
struct export_options {
	const char *to, *cursor, *facility, *enterprise;
	const char *tls_ca, *tls_cert, *tls_key;
	bool follow, forget;
};

#define MAX_PARAMETERS 32

struct query_options {
	const char *usage; /* in: the whole text of --help */
	unsigned takes;    /* in */
	const char *db;
	enum query_format format;
	const char *format_name; /* as given: with TAKES_EXPORT it is not looked at here */
	struct export_options export;
	struct query_filter filter;
	const char *report_directory;           /* NULL: the installed ones */
	const char *parameters[MAX_PARAMETERS]; /* "name=value" */
	size_t n_parameters;
	char **arguments; /* what is left */
	int n_arguments;
};

/* Exit statuses of CONTRACT. */
enum { STATUS_FOUND = 0, STATUS_NOTHING = 1, STATUS_USAGE = 2, STATUS_IMPOSSIBLE = 3 };

/*
 * Fills options from argv. True: go on. False: done, with *ret_status (help was printed, or a wrong
 * use was said). Everything points into argv.
 */
bool query_options_parse(int argc, char **argv, struct query_options *options, int *ret_status);

/* The database for reading; says why not. NULL: exit with STATUS_IMPOSSIBLE. */
struct store *query_options_open(const struct query_options *options);

/* Says that the database failed under the reading. Returns STATUS_IMPOSSIBLE. */
int query_failed(const struct query_options *options, int error);

/*
 * The losses that overlap the span that was asked for: lines of the answer, or with JSON notes on
 * standard error. 0 or a database error.
 */
int query_losses(struct store *store, const struct query_options *options);

/*
 * The very end: what is printed is out, and the pager closed. Returns status, or STATUS_IMPOSSIBLE
 * after saying that standard output could not be written.
 */
int query_written(int status);

/*
 * The end of an answer: the footer (how many there were, since when there is a record, and what
 * may be missing from the span; with JSON only the last), or what went wrong, if error is not 0,
 * and query_written(). Returns the exit status.
 */
int query_finish(struct store *store, const struct query_options *options, uint64_t n_rows,
	const char *noun, int error);
