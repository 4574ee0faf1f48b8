/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Exporting what arrives, in its order, with a cursor
 *
 * From where the cursor's name was last, or from the beginning. The cursor moves over what the
 * receiver has proven to have read, so after an outage, or the end of this program, everything else
 * is sent again: at least once, without a gap, each time with the same id. Nothing waits in memory:
 * what has to be sent again is read again.
 */

#include <stdbool.h>

#include "command/export-receiver.h"
#include "store/query.h"

struct export_feed {
	const char *db;
	const struct query_filter *filter;
	const char *cursor; /* NULL: none */
	struct export_receiver *receiver;
	bool follow; /* neither the end of what is recorded nor a receiver's outage ends it */
};

/* 0: done, or told to stop; or a negative errno, after saying why. */
int export_feed_run(const struct export_feed *feed);
