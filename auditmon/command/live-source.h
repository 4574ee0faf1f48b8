/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which source the live pipeline reads, and why
 *
 * auto never takes the audit daemon's place from anybody: where one is, auditmon is its plugin (if
 * it was started as such) or listens beside it, and stays there when that daemon ends, because who
 * takes the place would keep a restarting auditd out of it. Where none is, auditmon is the audit
 * daemon, and gives the place up to the next that asks for it.
 */

#include "collect/source.h"

struct live;

/*
 * Opens the source that is wished for, or picks one. Each failure is logged. 0 or a negative errno.
 */
int live_open_source(struct live *live);

/* Lets its records come, and tells of it. Each failure is logged. 0 or a negative errno. */
int live_start_source(struct live *live);

/* Adds the source's descriptor to the loop, again where it has changed. 0 or a negative errno. */
int live_watch_source(struct live *live);

/* Steps aside, to the multicast group: what is on the way to either is read. 0 or a negative errno;
 * then nothing has changed. */
int live_yield_source(struct live *live, const char *why);
