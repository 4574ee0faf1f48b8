/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The canary: proof that a touch comes through
 *
 * At the start and at intervals a process of our own, which is not the audit daemon that the kernel
 * exempts, changes a file of our own beside the database. The record of it must come from the
 * kernel through source, decoder, attribution and flags to the writer's queue; there a meta row
 * takes the touch's place, which must be read back from the database. So canaries are counted and
 * never stored as touches. One that does not come in time is a loss and an error in the log, and is
 * tried again soon.
 *
 * The proc connector gets the same: where it has been silent for a while, a child is made that must
 * be heard. Before Linux 6.6 any process with CAP_NET_ADMIN could silence it for all; then it is
 * subscribed to again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"

struct canary;
struct live;

/* Makes the file at path, which the canary then owns, 0600. interval_msec 0: none is ever sent.
 * 0, -EPERM (what is there is no file of ours alone), another errno of open(2), -ENOMEM. */
int canary_new(const char *path, int64_t interval_msec, struct canary **ret);
void canary_free(struct canary *canary);

/* The rule that watches it, with mark in its key. 0, or -ENOTSUP: the path cannot stand in a rule.
 * canary NULL: -ENOTSUP. */
int canary_rule(const struct canary *canary, const char *mark, char *line, size_t size);

/* Once a second: sends, and judges what was sent. */
void live_canary_tick(struct live *live);

/* Is it the canary's? Then it is dealt with. */
bool live_canary_took(struct live *live, const struct touch *touch);

/* Some process event has been heard. */
void live_probe_heard(struct live *live);
/* Once a second. */
void live_probe_tick(struct live *live);
