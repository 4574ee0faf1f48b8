/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's audit status, asked for without waiting
 *
 * Where more records wait than its backlog takes, the kernel lets whoever speaks to it wait up to a
 * minute for the audit daemon to read (audit_receive() in kernel/audit.c). The loop must not: while
 * it stands, process events overrun, and where we are the audit daemon nobody reads. So a thread
 * asks.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "collect/audit-control.h"

struct status_poll;

/* Asks for the first time. 0, or an errno of audit_control_new() or of starting a thread. */
int status_poll_new(struct status_poll **ret);

/* Never waits for an answer that is still to come. */
void status_poll_free(struct status_poll *poll);
DEFINE_CLEANUP(struct status_poll *, status_poll_free)

/* True, with the answer, if one has come since the last call; then asks again. */
bool status_poll_take(struct status_poll *poll, struct kernel_status *ret);
