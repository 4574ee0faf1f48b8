/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The argv of a touch
 *
 * A record's PROCTITLE is cut, and may be a former program's; while the process lives, /proc has
 * all of the present one's. What is kept is limited in length, and without what must not be stored.
 */

#include "attribute/attribute.h"

/* The argv with which the event's process ran then; bytes NULL: not known. Borrowed from the event,
 * the answer or *keep (NULL at first, the caller's to free). */
struct arguments arguments_of_event(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, char **keep);

/* What of it is stored. A changed copy is kept in *keep, as above. redact: NULL: nothing is hidden.
 */
struct arguments arguments_to_store(struct redact *redact, struct arguments arguments, char **keep);
