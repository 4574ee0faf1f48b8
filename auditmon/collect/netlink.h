/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel as a source: auditmon is the audit daemon
 *
 * Owns the socket that the kernel sends records to and nothing else: status questions go over a
 * control socket of their own, so that no answer ever stands between records. What was found
 * (enabled, backlog limit, ...) is put back by netlink_release(). Facts: kernel/audit.c;
 * audit_set_pid(3), audit(8).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct netlink;

struct netlink_status {
	uint32_t enabled;
	pid_t pid; /* the audit daemon's; 0: none */
	uint32_t lost, backlog, backlog_limit;
};

/*
 * Opens both sockets; nothing is changed yet. 0, -EPERM (needs CAP_AUDIT_CONTROL in the initial
 * namespaces), -EPROTONOSUPPORT (kernel without audit), or another errno of netlink.
 */
int netlink_new(struct netlink **ret);
void netlink_free(struct netlink *netlink);
DEFINE_CLEANUP(struct netlink *, netlink_free)

/*
 * Becomes the audit daemon: registers the socket, raises the backlog limit to backlog_limit at
 * least, switches auditing on. 0, -EEXIST (another audit daemon is there: it stays), -EPERM (also:
 * configuration locked by `-e 2`), ...
 */
int netlink_acquire(struct netlink *netlink, uint32_t backlog_limit);

/* Gives the place back and restores what acquire changed. 0 or the first error. */
int netlink_release(struct netlink *netlink);

/* 0 or an error of netlink. */
int netlink_status(struct netlink *netlink, struct netlink_status *ret);

/* The records' socket, for polling. Borrowed. */
int netlink_fd(const struct netlink *netlink);

typedef int (*netlink_record_fn)(unsigned type, const char *text, size_t len, void *userdata);

/*
 * Are there records that have not been read? Then ask the kernel for nothing, status and rules
 * included: where more are waiting than its backlog takes, it lets whoever speaks to it wait up to
 * a minute for the audit daemon to read (audit_receive() in kernel/audit.c), and that is us.
 */
bool netlink_is_behind(const struct netlink *netlink);

/*
 * Reads what is there, at most max_records, without waiting. Returns the number of records; 0: none
 * there; -ENOBUFS: the socket overran, records are lost; or the error of on_record.
 */
int netlink_read(
	struct netlink *netlink, unsigned max_records, netlink_record_fn on_record, void *userdata);
