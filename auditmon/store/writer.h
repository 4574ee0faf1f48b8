/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The database writer
 *
 * A thread of its own that owns the writing connection. The collector hands it records through a
 * bounded queue and never waits: a full queue answers -EAGAIN, and the caller stops reading its
 * source until the writer's descriptor says there is room again. Records are committed in batches:
 * after max_batch records or commit_msec, whichever comes first. The order of records is kept.
 *
 * A full disk: a reserve file beside the database (PATH-reserve, allocated at start) is given up,
 * so that what was received can still be committed; writer_error() then is -ENOSPC while the
 * records in the queue are written, and the daemon winds down. What cannot be written even so stays
 * in the queue and is tried again each second; writer_flush() does not wait for it, and
 * writer_queued() says how much it is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"
#include "runtime/container.h"
#include "store/client-record.h"
#include "store/entry.h"
#include "store/store.h"

struct writer;

struct writer_limits {
	size_t max_queued;       /* records; 0: 8192 */
	size_t max_queued_bytes; /* 0: 16 MiB */
	size_t max_batch;        /* records in a transaction; 0: 4096 */
	unsigned commit_msec;    /* 0: 200 */
	int64_t max_age_msec;    /* see store/retention.h; 0: touches are kept for ever, */
	int64_t max_bytes;       /* 0: however many */
	size_t reserve_bytes;    /* 0: 8 MiB, or a quarter of what is free where that is less;
				    SIZE_MAX: none */
};

/* What may be missing from the record, and when. Stored names: "kernel-lost", ... (loss_names). */
enum loss_kind {
	LOSS_KERNEL,        /* audit_status.lost grew: the kernel dropped records */
	LOSS_SOCKET,        /* the audit socket overran (ENOBUFS) */
	LOSS_SERIAL,        /* serial numbers that never came */
	LOSS_PROC_EVENTS,   /* the proc connector overran: attribution in the span carries doubt */
	LOSS_QUEUE,         /* dropped by us */
	LOSS_DOWNTIME,      /* auditmon was not running */
	LOSS_BROKEN_RECORD, /* records of a log that could not be decoded */
	LOSS_CANARY,        /* a canary did not come through */
	LOSS_RULES,         /* watch rules were not in the kernel */
	LOSS_SOURCE,        /* the source gave nothing: auditd's socket or the log was gone */
	LOSS_RETENTION,     /* touches were deleted: old ones, or the oldest of too many */
	LOSS_UNEXPORTED,    /* the same, before a destination of `export` had them */
	LOSS_COUNT,
};
extern const char *const loss_names[LOSS_COUNT];

struct loss {
	enum loss_kind kind;
	int64_t since_msec, until_msec;
	uint64_t count;     /* of what was lost; 0: not known (downtime) */
	const char *detail; /* may be NULL */
};

/*
 * Takes over store, unless it fails. Starts the thread. 0, -ENOMEM, -EAGAIN, -ENOSPC (no room for
 * the reserve), -EACCES, -EIO.
 */
int writer_new(struct store *store, const struct writer_limits *limits, struct writer **ret);

/*
 * Commits all that is queued, or gives it up when that fails once more; ends the thread, closes the
 * store. Returns writer_error(). NULL is fine.
 */
int writer_free(struct writer *writer);

/*
 * Each copies what it is given. 0, -ENOMEM, -EAGAIN (queue full: nothing was taken), or
 * writer_error() where the queue is full for that reason.
 */
int writer_put_touch(struct writer *writer, const struct touch *touch);
int writer_put_container(
	struct writer *writer, const struct container_info *info, int64_t seen_msec);
int writer_put_container_end(
	struct writer *writer, const char *runtime, const char *id, int64_t time_msec);
int writer_put_entry(struct writer *writer, const struct entry_record *entry);
int writer_put_client(struct writer *writer, const struct client_record *client);
int writer_put_loss(struct writer *writer, const struct loss *loss);

/* Which touch, and what its file held: known only when the file has come to rest. */
struct touch_digest {
	int64_t time_msec;
	uint64_t serial;
	unsigned item;
	const char *node; /* NULL: none */
	bool has_before, has_after;
	uint8_t before[32], after[32]; /* SHA-256 */
};
int writer_put_digest(struct writer *writer, const struct touch_digest *digest);

/*
 * Sets a named fact of the recording (table meta): "running_since", "last_alive", "source", ...
 * Last writer wins.
 */
int writer_put_meta(struct writer *writer, const char *name, const char *value);

/*
 * Becomes readable (eventfd) when a full queue has room again, or when writer_error() changes.
 * Borrowed.
 */
int writer_fd(const struct writer *writer);
void writer_fd_acknowledge(struct writer *writer);

/* 0 while all is well; a negative errno once the database could not be written. Any thread. */
int writer_error(const struct writer *writer);

/* Waits until everything put so far is committed, or could not be: returns writer_error(). */
int writer_flush(struct writer *writer);

/*
 * Touches committed since start (those that were there already too), and touches still queued. Any
 * thread.
 */
uint64_t writer_committed(const struct writer *writer);
size_t writer_queued(const struct writer *writer);

/*
 * When the attempt to write that goes on at this moment began, by CLOCK_MONOTONIC; 0: none does.
 * An attempt that somebody's lock makes fail ends within seconds, and the next one begins. Any
 * thread.
 */
uint64_t writer_attempt_nsec(const struct writer *writer);

/* How full the queue is, in percent of its limits. Any thread. */
unsigned writer_fill_percent(const struct writer *writer);

/*
 * Commits all that is queued and ends the thread, waiting for about a minute where somebody else
 * has locked the database. Returns how many touches could not be stored even so. Nothing may be put
 * after it; writer_free() is still to come.
 */
size_t writer_stop(struct writer *writer);
