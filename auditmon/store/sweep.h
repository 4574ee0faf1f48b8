/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What no touch refers to any more
 *
 * Processes, launchers and texts are rows that many touches share; after touches were deleted some
 * have no touch left. No index says which: all touches are gone through once, and what is referred
 * to gets a bit. Then the rows without one are deleted. Both happen in steps of milliseconds,
 * between which touches may be recorded: those are looked at by the number of their arrival before
 * each step that deletes.
 *
 * The caller makes the recorder forget the ids that it keeps in mind before each step: then a new
 * touch has no process or launcher from before the sweep, and no text but such as the database
 * has. Belongs to the writer's thread.
 */

#include <sqlite3.h>

#include "base/cleanup.h"

struct sweep;

/* Begins one. 0, -ENOMEM, -E2BIG (more rows than there are bits for), or a database error. */
int sweep_new(sqlite3 *db, struct sweep **ret);
void sweep_free(struct sweep *sweep);
DEFINE_CLEANUP(struct sweep *, sweep_free)

/* Outside of a transaction. 1: there is more to do, 0: done, or a database error: may be tried
 * again. */
int sweep_step(struct sweep *sweep);
