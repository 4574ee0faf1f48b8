/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Each string once: the table `text`
 *
 * Paths, names and command lines repeat; rows hold their ids. For the writer's transaction only.
 */

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/touch.h"

struct interner;

/* db must outlive it. 0 or -errno. */
int interner_new(sqlite3 *db, struct interner **ret);
void interner_free(struct interner *interner);
DEFINE_CLEANUP(struct interner *, interner_free)

/* The id of a string, or of arguments as JSON text; 0 for NULL, which is no id. 0 or -errno. */
int interner_string(struct interner *interner, const char *string, int64_t *ret);
int interner_arguments(struct interner *interner, const struct arguments *arguments, int64_t *ret);

/* To be called when the transaction is rolled back. */
void interner_forget(struct interner *interner);
