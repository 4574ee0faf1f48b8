/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Names of uids, of this host
 *
 * getpwuid(3) may ask a directory server, so answers (and that there is none) are kept for some minutes.
 */

#include <stdint.h>

#include "base/cleanup.h"

struct users;

int users_new(struct users **ret); /* -ENOMEM */
void users_free(struct users *users);
DEFINE_CLEANUP(struct users *, users_free)

/* NULL: no name. Borrowed until the next call. */
const char *users_name(struct users *users, uint32_t uid, int64_t now_msec);
