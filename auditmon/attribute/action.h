/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a system call did, and to which of the names in its event
 */

#include <stdbool.h>

#include "collect/event.h"

struct action_item {
	enum action action;
	const struct event_path *path;	 /* borrowed from the event */
	const struct event_path *parent; /* of its directory; NULL: none in the event, or not to be told which */
	bool reads; /* lets the process read what is in the file, not only about it */
	bool at_descriptor; /* a relative name that may begin at a descriptor's directory instead of cwd: the record does not say where */
};

/*
 * Fills items with what event did, at most EVENT_MAX_PATHS; returns how many: 0 for an event that touches no path. *ret_known is false for a
 * system call we have no name for: it counts as a write.
 */
unsigned action_items(const struct event *event, struct action_item *items, bool *ret_known);

/* What an event did that names no path: as action_items(), of the call as a whole. */
enum action action_of_event(const struct event *event, bool *ret_known);
