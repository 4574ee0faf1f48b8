/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own records, by netlink
 *
 * As the audit daemon (unicast): the kernel keeps what is not read yet, and makes whoever causes
 * records wait rather than lose one. As a member of the multicast group AUDIT_NLGRP_READLOG: beside
 * any audit daemon, and best effort: what does not fit the socket is lost, and the socket says so.
 * Facts: kernel/audit.c, audit_set_pid(3).
 */

#include <stdint.h>

#include "collect/audit-control.h"
#include "collect/source.h"

/*
 * control is borrowed for the source's life. start becomes the audit daemon: registers, raises the
 * backlog limit to backlog_limit at least, switches auditing on (neither of which a locked
 * configuration lets anybody do): -EEXIST (another audit daemon is there: it stays), -EPERM.
 * stop gives the place back and restores what start changed. 0, -ENOMEM or an errno of netlink.
 */
int source_kernel_new(struct audit_control *control, uint32_t backlog_limit, struct source **ret);

/*
 * start joins the group: -EPERM (no CAP_AUDIT_READ), -ENETUNREACH (not in the initial network
 * namespace, where nothing would ever come), -EPROTONOSUPPORT (a kernel before 3.16). 0, -ENOMEM.
 */
int source_multicast_new(struct source **ret);
