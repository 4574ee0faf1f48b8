/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which touches of a rule that auditmon made itself are wanted
 *
 * The kernel can only match what is in its tables, so a companion (watch/companion.h) reports more
 * than it is for. Its scope says what to leave out; what a rule of the administrator's reports is
 * always wanted.
 */

#include <stdbool.h>

#include "attribute/lineage.h"
#include "attribute/watch-paths.h"
#include "collect/event.h"

/*
 * touch has its action and its path. is_file: its path is a file's, and not just the directory that
 * it is below. time_nsec: of the event. Where another rule's watch is what makes it wanted, touch
 * gets that one's key. watched NULL: from a log, where all is told.
 */
bool scope_wants(const struct watch_paths *watched, const struct event *event,
	const struct lineage_answer *answer, uint64_t time_nsec, bool is_file, struct touch *touch);
