/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Requests to the kernel about its rules
 *
 * A netlink socket for nothing else (never the one that events come through), one request at a
 * time, each with its answer. Needs CAP_AUDIT_CONTROL in the initial namespaces. No call waits
 * longer for the kernel than a few seconds (-ETIMEDOUT).
 */

#include <stdbool.h>

#include "watch/rule.h"

struct rule_channel;

/*
 * 0, -EPERM (no CAP_AUDIT_CONTROL, or not in the initial namespaces), -EPROTONOSUPPORT (kernel
 * without audit), -ENOMEM.
 */
int rule_channel_new(struct rule_channel **ret);
void rule_channel_free(struct rule_channel *channel);
DEFINE_CLEANUP(struct rule_channel *, rule_channel_free)

/*
 * at_head: before all others of its list, as -A does. Nothing is compared then (the kernel's rules
 * never have the flag that the new one has), so one that is there already is added once more;
 * otherwise that is -EEXIST, and costs a look at each rule. 0 or the kernel's refusal: -ENOENT and
 * -ENOTDIR (no such path), -EPERM (also: locked), -EINVAL, ...
 */
int rule_channel_add(struct rule_channel *channel, const struct rule *rule, bool at_head);

/* 0 or the kernel's refusal: -ENOENT (no rule that equals this one), -EPERM, ... */
int rule_channel_delete(struct rule_channel *channel, const struct rule *rule);

/* Every rule in the kernel, whoever added it. 0, -EPERM, -ENOMEM. */
int rule_channel_list(struct rule_channel *channel, struct rule_set **ret);
