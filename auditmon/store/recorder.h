/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Touches become rows
 *
 * Everything that is put between recorder_begin() and recorder_commit() is in the database, or
 * nothing of it. A touch that is there already (same time, serial, node and item) stays as it was.
 * Belongs to the writer's thread.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/touch.h"
#include "store/facts.h"
#include "store/store.h"
#include "store/writer.h"

struct recorder;

/* store must outlive it. 0 or -errno. */
int recorder_new(struct store *store, struct recorder **ret);
void recorder_free(struct recorder *recorder);
DEFINE_CLEANUP(struct recorder *, recorder_free)

/*
 * After any failure in between: recorder_rollback(), then all may be tried again. -ENOSPC, -EBUSY,
 * -EIO, -ENOMEM.
 */
int recorder_begin(struct recorder *recorder);
int recorder_commit(struct recorder *recorder);
void recorder_rollback(struct recorder *recorder);

/* 1 = new, 0 = there already, < 0 = error. */
int recorder_touch(struct recorder *recorder, const struct touch *touch);

/* In place of what was known of that touch's digests. Who had the touch before gets it once more:
 * it arrives again. */
int recorder_digest(struct recorder *recorder, const struct touch_digest *digest);

/* Forgets which rows it knows, for who deletes some. Outside of a transaction. */
void recorder_forget(struct recorder *recorder);

/* Gives back the memory of SQLite's page cache: for quiet times. */
void recorder_relax(struct recorder *recorder);

/* For containers, losses and meta, in the same transaction. Borrowed. */
struct facts *recorder_facts(struct recorder *recorder);
