/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Whose names are taken: the containers that were, over restarts
 */

#include <sys/types.h>

#include "store/store.h"

/*
 * Calls fn for the containers that were in no other, those that were seen last first, at most max.
 * of_user: see container_info; where that is not known a container is left out. 0 or -errno.
 */
typedef void (*former_fn)(const char *id, uid_t of_user, void *userdata);
int former_each(struct store *store, unsigned max, former_fn fn, void *userdata);
