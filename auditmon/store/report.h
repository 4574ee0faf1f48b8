/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Reports: SQL files that people may add to
 *
 * A report is one SELECT over the view `touch`, with a head of comment lines:
 *
 *     -- title: Host writes by container
 *     -- description: Which containers changed which files of the host
 *     -- parameter: since  Only what happened after this time
 *
 * Parameters are SQLite's named ones (:since, :until in milliseconds, :container, :path, ...),
 * always bound, NULL where not given. A report can only read: the connection is read-only, and
 * ATTACH, PRAGMA and the like are refused.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "store/store.h"

struct report {
	char *name;                /* file name without .sql */
	char *title, *description; /* description may be NULL */
	char *sql;
	char **parameters; /* "name  help" as written */
	size_t n_parameters;
};

void report_free(struct report *report);
DEFINE_CLEANUP(struct report *, report_free)

/* 0, -ENOENT and other errors of opening, -EINVAL (no title, or not UTF-8), -EFBIG, -ENOMEM. */
int report_read(const char *path, struct report **ret);

/* The same of a text in memory. */
int report_parse(const char *name, const char *text, size_t len, struct report **ret);

struct report_parameter {
	const char *name, *value; /* value text; bound as integer where it is one */
};

/*
 * Runs it. On a reading store only: it keeps a transaction open until it is freed. 0, -ENOMEM, or
 * -EINVAL, where ret_error (heap text) says why: what SQLite thought of the SQL, more than one
 * statement, a statement that is no question, a parameter that it does not have. What parameters
 * point to must outlive it.
 */
struct report_run;
int report_run_new(struct store *store, const struct report *report,
	const struct report_parameter *parameters, size_t n_parameters, struct report_run **ret,
	char **ret_error);
void report_run_free(struct report_run *run);
DEFINE_CLEANUP(struct report_run *, report_run_free)

size_t report_run_columns(const struct report_run *run);
const char *report_run_column_name(const struct report_run *run, size_t column);

/* 1, 0, < 0. Each cell is borrowed until the next call. */
int report_run_next(struct report_run *run);

/* NULL: SQL NULL; blobs come escaped. */
const char *report_run_cell(struct report_run *run, size_t column);

/* True for a number, which is aligned right. */
bool report_run_is_number(struct report_run *run, size_t column);

/* The row as a JSON object, heap text. 0 or < 0. */
int report_run_json(struct report_run *run, char **ret);
