/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An entry on the scales: shared by launcher-collect.c (who can have asked, and what speaks for
 * each), launcher-weigh.c (who it was) and launcher-say.c (the sentences that say so)
 */

#include <stdio.h>

#include "attribute/claim.h"
#include "attribute/confidence.h"
#include "attribute/launcher-internal.h"

/* An entry on the scales. */
struct weighing {
	struct launchers *launchers;
	struct entry *entry;
	struct claim_subject subject;
	struct client_seen seen[MAX_CANDIDATES];
	struct candidate candidates[MAX_CANDIDATES];
	size_t n;
	struct confidence_facts facts;
	struct clients_left_out left_out;
	bool by_word;           /* the engine's own record chose */
	const char *engine_did; /* static: what the engine did by itself; NULL: nothing known */
	FILE *evidence;         /* NUL-separated */
};

size_t weighing_count_logins(const struct weighing *weighing);

/* Fills seen, candidates, facts and left_out: who was connected and can have asked. */
void launcher_collect(struct weighing *weighing);

/* Adds a sentence to the evidence. */
void launcher_say(struct weighing *weighing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Of the client that is named: who it is, since when it was connected, what its command line says.
 */
void launcher_say_who(struct weighing *weighing, const struct client_seen *seen);
void launcher_say_times(struct weighing *weighing, const struct client_seen *seen);
void launcher_say_claim(struct weighing *weighing, const struct candidate *candidate);

/* Of what the engine itself put on record; is_other: it names another than what was found. */
void launcher_say_word(struct weighing *weighing, const struct engine_word *word, bool is_other);

/* One of several. */
void launcher_say_candidate(struct weighing *weighing, size_t i);

/* What was left out, and why; and what is not known. */
void launcher_say_rest(struct weighing *weighing);

/* Why nobody is named. */
void launcher_say_nobody(struct weighing *weighing, struct launcher *launcher);
