/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Questions to the database
 *
 * A filter in, rows out, through the view `touch`. Iterators return 1 = row, 0 = end, < 0 = error;
 * what a row points to is borrowed until the next call on its query. All values are bound
 * parameters.
 *
 * Between two calls no transaction is open: a reader who waits for a person to scroll on does not
 * keep the writer from emptying its WAL. So an answer is not of one moment, but it ends with the
 * newest touch that was there when it was asked for, and no row comes twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"
#include "store/store.h"
#include "store/writer.h"

enum query_order {
	QUERY_OLDEST_FIRST, /* time, serial, item */
	QUERY_WORST_FIRST,  /* newest day first; within a day worst severity first, then newest */
};

/* So much of a container's id must be given at least. */
#define QUERY_PREFIX_LEN 4

enum query_suppressed {
	QUERY_SUPPRESSED_TOO,
	QUERY_SUPPRESSED_NOT,
	QUERY_SUPPRESSED_ONLY,
};

struct query_filter {
	const char *path;       /* this path, and anything below it; NULL: any */
	const char *path_alias; /* a second spelling of the same (symlinks resolved); NULL: none */
	int64_t since_msec, until_msec; /* INT64_MIN / INT64_MAX: open */
	const char *container; /* id, prefix of an id (QUERY_PREFIX_LEN), or name; NULL: any */
	const char *user; /* name (login, user or launcher's), auid in digits (own or launcher's),
			     or "unset"; NULL: any */
	int action;       /* enum action, or -1 */
	bool flagged;     /* only what has flags */
	enum query_suppressed suppressed;
	int64_t serial;   /* this event, or -1 */
	int64_t limit;    /* newest N of the answer (still printed in order); -1: all */
	enum query_order order;
};

struct query;

/* What filter points to must outlive the query. 0, -ENOMEM, or a database error. */
int query_new(struct store *store, const struct query_filter *filter, struct query **ret);
void query_free(struct query *query);
DEFINE_CLEANUP(struct query *, query_free)

/* Next touch as a record. */
int query_next(struct query *query, struct touch *ret);

/* Next touch as CONTRACT's JSON object on one line, without newline. Same rows as query_next(). */
int query_next_json(struct query *query, const char **ret);

/* Containers, or losses. */
struct query_list;
void query_list_free(struct query_list *list);
DEFINE_CLEANUP(struct query_list *, query_list_free)

/* A container as stored; json is the whole object for --format json and `show`. */
struct container_row {
	const char *id, *name, *runtime, *image;
	enum tristate privileged;
	int64_t first_seen_msec, last_seen_msec, ended_msec; /* ended 0: alive as far as is known */
	uint64_t n_touches, n_flagged;
	const char *json;
};

/*
 * Containers that lived within filter's since and until, and that its container and limit admit,
 * oldest first; one that is not known to have ended lives. The other conditions do not count.
 * Errors as query_new().
 */
int query_containers_new(
	struct store *store, const struct query_filter *filter, struct query_list **ret);
int query_containers_next(struct query_list *list, struct container_row *ret);

/* Losses that overlap [since, until], oldest first. */
struct loss_row {
	struct loss loss;
	const char *json;
};
int query_losses_new(
	struct store *store, int64_t since_msec, int64_t until_msec, struct query_list **ret);
int query_losses_next(struct query_list *list, struct loss_row *ret);

/* A fact of table meta as heap text. 0, -ENOENT, -ENOMEM, or a database error. */
int query_meta(struct store *store, const char *name, char **ret);

/* Counts for `status`. */
struct store_summary {
	uint64_t n_touches, n_flagged, n_containers, n_losses;
	int64_t first_msec, last_msec; /* of touches; 0: none */
	int64_t size_bytes;            /* database and WAL */
	int schema_version;
};
int query_summary(struct store *store, struct store_summary *ret);
