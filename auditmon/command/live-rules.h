/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's rules under the live pipeline
 *
 * Keeps in force what is wanted: the rule files' rules, the engines' sockets, and the canary's,
 * which also marks all others as ours (see watch/ownership.h). What somebody else or the kernel
 * takes away is put back at once, and the time in which it was missing is a loss. Where the
 * configuration is locked, looks only.
 */

#include <stddef.h>
#include <stdint.h>

#include "watch/rule.h"

struct live;

/* Nobody can change rules until the next boot. */
bool live_rules_are_locked(struct live *live);

/* What a daemon that was killed has left behind is ours again. Before the first live_rules_apply().
 */
void live_rules_adopt(struct live *live);

/* Loads rules (taken over). A refusal is logged and leaves those in force. 0 or a negative errno.
 */
int live_rules_apply(struct live *live, struct rule_set *rules);

/*
 * Loads what goes with the engines that are known by now, besides what is in force. A refusal is
 * logged. 0 or -ENOMEM.
 */
int live_rules_add_engines(struct live *live);

/* The kernel said at time_msec that one has been removed, by whomever. */
void live_rules_were_removed(struct live *live, int64_t time_msec);

/* Once a second. */
void live_rules_tick(struct live *live);

/* Removes ours; the file about them, too. 0 or a negative errno, logged. */
int live_rules_clear(struct live *live);

int live_rules_set_up_loop(struct live *live);
