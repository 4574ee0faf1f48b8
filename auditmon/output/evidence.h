/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the sentences of a launcher's evidence say, for who tells a touch in one of his own
 *
 * They are attribute/launcher-say.c's. They tell of other clients, too, in those clients' words
 * ("candidate: eve (auid 3268), pid 41: ..."), and of containers by their names: so what a sentence
 * is, its beginning says, and no words of an outsider's are looked for anything.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"

#define EVIDENCE_PROGRAM_SIZE 32

/* As whom the client acted, and through which program; false: it is not said. */
bool evidence_through(
	const struct touch_launcher *launcher, uint32_t *ret_uid, char ret[EVIDENCE_PROGRAM_SIZE]);

/* In which container the client runs, heap; false: in none, or no memory. */
bool evidence_place(const struct touch_launcher *launcher, char **ret_name, char **ret_id);

/* The logins that can have asked, once each, heap; how many there are. *ret_more: of max. */
size_t evidence_candidates(
	const struct touch_launcher *launcher, char **ret_names, size_t max, bool *ret_more);

/* What keeps it from being certain or, where nothing does, the first sentence. Heap; NULL: none. */
char *evidence_reason(const struct touch_launcher *launcher);
