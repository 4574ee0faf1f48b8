/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a receiver has been sent, and what it has proven to have read
 *
 * A syslog receiver behind a link (output/link.h), or standard output, where what was written
 * counts as read. Keeps two positions: a connection that is lost takes everything with it that is
 * not proven. Logs outages, once each.
 */

#include <stdbool.h>
#include <stdint.h>

#include "output/link.h"
#include "output/shipment.h"
#include "store/feed.h"

struct export_receiver {
	struct shipment *shipment;
	struct link *link; /* NULL: standard output */
	const char *name;  /* for messages */
	int stop_fd;
	bool needs_json;

	/* The rest is its own. */
	struct feed_position sent, proven, drained;
	bool connected, has_drained, said_down, said_oversize;
	char down_reason[160]; /* while said_down */
	uint64_t n_taken, n_unproven;
	int64_t unproven_since_msec;
	int delay_msec;
};

/* Everything before position is with the receiver. */
void export_receiver_begin(struct export_receiver *receiver, const struct feed_position *position);

/*
 * Connects, once, where that is needed: sent is then proven. 0, -ECANCELED, or why not, after it
 * was said.
 */
int export_receiver_connect(struct export_receiver *receiver);

/* The connection is lost for this reason: says it. */
void export_receiver_lost(struct export_receiver *receiver, int error);

/* Somebody wants this to end. */
bool export_receiver_is_stopped(const struct export_receiver *receiver);

/* Waits before the next attempt, longer each time that nothing was proven between. 0 or -ECANCELED.
 */
int export_receiver_back_off(struct export_receiver *receiver);

/* Hands over a touch, whose position is behind it. 0, -ECANCELED, or the connection is lost. */
int export_receiver_take(struct export_receiver *receiver, const struct touch *touch,
	const char *json, const struct feed_position *behind);

/* There is nothing more up to position. Flushes. Returns as above. */
int export_receiver_flush(struct export_receiver *receiver, const struct feed_position *position);

/* Waits msec, or until the connection is lost. Returns as above. */
int export_receiver_wait(struct export_receiver *receiver, int msec);

/*
 * A stream on which much, or something old, is not proven is ended, and what was sent is proven; it
 * has to be connected again. Waits for a receiver that is stuck as long as it is, with a warning.
 * all: whatever is not proven. Returns as above.
 */
int export_receiver_settle(struct export_receiver *receiver, bool all);

/* As above, in a few seconds and heeding no stop_fd: the last thing to do. */
int export_receiver_end(struct export_receiver *receiver);
