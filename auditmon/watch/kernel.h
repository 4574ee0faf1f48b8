/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's rules and auditmon's share of them
 *
 * struct watch owns a channel to the kernel (channel.h) and remembers which rules it added. It
 * removes only those. A rule that was in the kernel already stays somebody else's.
 *
 * What the kernel holds is asked anew at each call: others add and delete rules, `augenrules
 * --load` begins with deleting all, and the kernel itself drops a rule whose directory is deleted.
 * No call waits longer for the kernel than a few seconds (-ETIMEDOUT), but there are many: to remove
 * a rule takes the kernel an RCU grace period, measured at 12 ms on 6.18, at 0.7 s on a busy machine.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/rule.h"

struct watch;

/*
 * 0, -EPERM (no CAP_AUDIT_CONTROL, or not in the initial namespaces), -EPROTONOSUPPORT (kernel
 * without audit), -ENOMEM.
 */
int watch_new(struct watch **ret);
void watch_free(struct watch *watch); /* leaves the kernel's rules as they are */
DEFINE_CLEANUP(struct watch *, watch_free)

/* A rule that the kernel did not take. */
struct watch_refusal {
	const struct rule *rule; /* borrowed from the watch until its next apply or free; NULL: no
				    single rule */
	int error;
};

/*
 * Makes the kernel hold exactly set (taken over by the watch) besides everything that others added:
 * what is new is added first, what is gone is removed after, what stays is not touched, so no watch
 * is missing at any moment. A rule that fails with ENOENT or ENOTDIR (path or its directory absent)
 * is kept for watch_retry(). Any other refusal undoes what this call did and returns that error,
 * with the former set in force; refusal names the rule (of a large set any that is refused). 0,
 * -EPERM (also: rules locked by `-e 2`), -EINVAL, ..., -ENOMEM.
 */
int watch_apply(struct watch *watch, struct rule_set *set, struct watch_refusal *refusal);

/*
 * Wants more besides: copies of those of its rules that are not in the set. Every other stays as it
 * is. How many they are, 0: nothing is new; or an error as of watch_apply(), with the former set in
 * force.
 */
int watch_extend(struct watch *watch, const struct rule_set *more, struct watch_refusal *refusal);

/*
 * Brings the kernel back to the set: adds the rules whose paths were absent and those that were
 * lost since. Where a watched directory is another than when its rule was loaded, or a -w's path
 * has become a directory or a file, the rule is loaded again for what is there now. Returns how
 * many rules were added or, where none was, the first error.
 */
int watch_retry(struct watch *watch);

/* How many of the rules that had been loaded the latest retry found gone from the kernel, but for
 * those whose passing subject has gone. */
size_t watch_gone(const struct watch *watch);

/*
 * Before the first apply: the kernel's rules for which is_ours says so count as added by this
 * watch; the next apply keeps or removes them. The number of them, -EPERM, -ENOMEM, ...
 */
int watch_adopt(struct watch *watch, bool (*is_ours)(const struct rule *rule, void *userdata),
	void *userdata);

/*
 * Wants set (taken over) without changing anything: which of it is loaded is looked up, and none of
 * it is ours. For a kernel whose rules are locked. 0, -EPERM, -ENOMEM, ...
 */
int watch_observe(struct watch *watch, struct rule_set *set);

/* Removes every rule that this watch added. 0 or the first error; goes on after an error. */
int watch_clear(struct watch *watch);

/*
 * What is wanted, in order, and whether it was loaded when the kernel was last asked. Borrowed
 * until the next apply, retry or free.
 */
size_t watch_count(const struct watch *watch);
const struct rule *watch_rule(const struct watch *watch, size_t index, bool *ret_loaded);

/* Did this watch add it? Of one that is not loaded: would it? */
bool watch_is_ours(const struct watch *watch, size_t index);

/* Every rule in the kernel, whoever added it. 0, -EPERM, -ENOMEM. */
int watch_list_kernel(struct watch *watch, struct rule_set **ret);

/*
 * Removes from the kernel what equals a rule of the set, whoever added it. 0 with the number of
 * removed rules, or the first error.
 */
int watch_remove(struct watch *watch, const struct rule_set *set, size_t *ret_n);
