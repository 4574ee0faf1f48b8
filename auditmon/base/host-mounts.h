/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The mounts that auditmon itself sees, which are the host's
 *
 * Read again only when the kernel says that they have changed. Single-threaded.
 */

#include "base/cleanup.h"

struct host_mounts;
struct mounts;

/* proc: "/proc". 0 or -ENOMEM. Without a mountinfo to read nothing is known. */
int host_mounts_new(const char *proc, struct host_mounts **ret);
void host_mounts_free(struct host_mounts *host);
DEFINE_CLEANUP(struct host_mounts *, host_mounts_free)

/* As they are now; NULL: not known. Borrowed until the next call. */
const struct mounts *host_mounts_now(struct host_mounts *host);
