/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Callers: who stands above a process of the host, by /proc
 *
 * Of containers' processes lineage keeps the chain (ancestry.h); of the host's it is read when it is
 * wanted, as long as they live. Each must have been there when the one below it was born, so that a
 * pid which is another's by now is nobody's caller. Where one is gone the chain ends. argv is what
 * the process says of itself.
 */

#include <stdint.h>
#include <sys/types.h>

#include "attribute/ancestry.h"

/*
 * The chain from pid 1, or from the last one that lives, down to pid, which is above a process that
 * was born by born_nsec (CLOCK_MONOTONIC); bounded as an ancestry is. *ret NULL: pid is gone. The
 * reference is the caller's. 0 or -ENOMEM.
 */
int callers_read(int proc_fd, pid_t pid, uint64_t born_nsec, struct ancestor **ret);
