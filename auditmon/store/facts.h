/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What is recorded besides touches: containers, losses, meta
 *
 * A container is one row for each (runtime, id). What later records know is added; what they do not
 * know stays as it was. For the writer's transaction only.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "runtime/container.h"
#include "store/writer.h"

struct facts;

/* db must outlive it. 0 or -errno. */
int facts_new(sqlite3 *db, struct facts **ret);
void facts_free(struct facts *facts);
DEFINE_CLEANUP(struct facts *, facts_free)

/*
 * The engine's word: the container lives at seen_msec. One that ended before has been started
 * again.
 */
int facts_container(struct facts *facts, const struct container_info *info, int64_t seen_msec);

/* A touch's word, with the row's id. The touch may be older than the container's end. */
int facts_container_seen(struct facts *facts, const struct touch_container *container,
	int64_t seen_msec, int64_t *ret);

/* Adds to what the row counts. */
int facts_container_count(
	struct facts *facts, int64_t id, uint64_t touches, uint64_t flagged, int64_t seen_msec);

/* Of a container that was never seen: nothing to do. */
int facts_container_end(
	struct facts *facts, const char *runtime, const char *id, int64_t time_msec);

/*
 * A loss that goes on where one of the same kind and detail ended, within a second, makes that one
 * longer. The same loss told again (a log that is ingested twice) is one.
 */
int facts_loss(struct facts *facts, const struct loss *loss);

int facts_entry(struct facts *facts, const struct entry_record *entry);
int facts_client(struct facts *facts, const struct client_record *client);
int facts_meta(struct facts *facts, const char *name, const char *value);
