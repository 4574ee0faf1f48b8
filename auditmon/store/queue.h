/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The queue between the collector and the writer's thread
 *
 * Bounded in records and bytes. What the writer has taken counts until it is done, so the limits
 * hold for all that is not committed yet. The only thing in store/ that two threads use: every
 * function locks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/touch.h"
#include "runtime/container.h"
#include "store/client-record.h"
#include "store/entry.h"
#include "store/writer.h"

enum record_kind {
	RECORD_TOUCH,
	RECORD_CONTAINER,
	RECORD_CONTAINER_END,
	RECORD_LOSS,
	RECORD_META,
	RECORD_DIGEST,
	RECORD_ENTRY,
	RECORD_CLIENT,
};

/* Owns what it points to. */
struct record {
	struct record *next;
	enum record_kind kind;
	size_t n_bytes; /* roughly */
	union {
		struct touch *touch;
		struct container_info *container;
		struct loss loss;
		struct touch_digest digest;
		struct entry_record *entry;
		struct client_record *client;
	};
	char *strings[2];  /* container end: runtime, id; loss: detail; meta: name, value; digest: node */
	int64_t time_msec; /* of containers: seen, ended */
};

void record_free(struct record *record);
DEFINE_CLEANUP(struct record *, record_free)

/* Frees a whole list. */
void record_free_list(struct record *list);

struct queue;

struct queue_limits {
	size_t max_records, max_bytes;
	size_t max_batch;     /* as soon as so many wait, they are taken ... */
	unsigned commit_msec; /* ... or as soon as the first has waited so long */
};

/* 0, -ENOMEM, -EAGAIN. */
int queue_new(const struct queue_limits *limits, struct queue **ret);
void queue_free(struct queue *queue);
DEFINE_CLEANUP(struct queue *, queue_free)

/*
 * Takes record over, or -EAGAIN: no room, and the next queue_done() will say that somebody waits.
 * An empty queue has room for any record.
 */
int queue_put(struct queue *queue, struct record *record);

/* The writer's side: waits for the next batch, a list. NULL: the queue was stopped and is empty. */
struct record *queue_take(struct queue *queue);

/* The batch is written. Frees it. True: there is room again for a producer who found none. */
bool queue_done(struct queue *queue, struct record *batch);

/*
 * The batch could not be written: waits a while, and not at all once the queue is stopped. False:
 * it was stopped before, so give up.
 */
bool queue_wait_to_retry(struct queue *queue, unsigned msec);

/* The batch is given up, and everything behind it; all still count as not done. */
void queue_abandon(struct queue *queue, struct record *batch);

/* The producer's side: no more records come. */
void queue_stop(struct queue *queue);

/* Waits until what is in the queue now is done, or could not be written. */
void queue_flush(struct queue *queue);

/* Touches that are not done. */
size_t queue_touches(struct queue *queue);

/* How full it is, in percent of the limit that is nearer. */
unsigned queue_fill_percent(struct queue *queue);
