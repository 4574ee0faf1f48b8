/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's audit settings
 *
 * A socket of its own for asking and setting, so that no answer ever stands between records. Facts:
 * kernel/audit.c; audit_request_status(3), audit(8).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "watch/setting.h"

#define AUDIT_LOCKED 2 /* enabled: no setting and no rule can be changed until the next boot */

struct audit_control;

struct kernel_status {
	uint32_t enabled; /* 0, 1, or AUDIT_LOCKED */
	pid_t pid;        /* the audit daemon's, alive or not; 0: none */
	uint32_t lost, backlog, backlog_limit, backlog_wait_time, rate_limit, failure;
};

/*
 * 0, -EPERM (needs CAP_AUDIT_CONTROL in the initial namespaces), -EPROTONOSUPPORT (kernel without
 * audit), or another errno of netlink.
 */
int audit_control_new(struct audit_control **ret);
void audit_control_free(struct audit_control *control);
DEFINE_CLEANUP(struct audit_control *, audit_control_free)

/* 0 or an error of netlink. */
int audit_control_status(struct audit_control *control, struct kernel_status *ret);

/* 0 or an error of netlink; -EPERM: locked. */
int audit_control_set_enabled(struct audit_control *control, bool enabled);
int audit_control_set_backlog_limit(struct audit_control *control, uint32_t limit);

/* Any of them. 0 or an error of netlink; -EPERM: locked. */
int audit_control_set(struct audit_control *control, enum setting setting, uint32_t value);

/* What the status says of a setting; 0 for one that it does not tell. */
uint32_t kernel_status_setting(const struct kernel_status *status, enum setting setting);

/* The audit daemon, if it is there and is not us; else 0. */
pid_t kernel_status_other_daemon(const struct kernel_status *status);
