/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How sure: the one place where `certain`, `likely` and `ambiguous` are decided
 *
 * certain: the connections that the engine had while it made the entry, but for those that are
 * proven not to have carried the request (client-table.h), were all of one login, none is left of
 * which nobody knows whose it was, and nothing says that the engine may have done it by itself. A
 * command line is no part of this, nor are times that clients can choose: who shows false ones
 * gains nothing. They can only take certainty away: a client that says it asks for something else
 * may be there by chance, while the engine acts by itself.
 *
 * likely: several logins can have asked, and the command lines and times of one speak for it more
 * than those of all others; or one login can, and not everything is known of that moment.
 *
 * ambiguous: several fit equally, or what fits best is nobody whose login is known.
 *
 * none: nobody can have asked, or none of those who can has a login.
 *
 * A pure function of what is given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/claim.h"
#include "base/touch.h"

/* A client that can have asked. */
struct candidate {
	uint32_t auid;             /* the human's, AUID_UNSET: none is known */
	enum confidence auid_sure; /* CONFIDENCE_CERTAIN: as the kernel has it; less: it is that of
				      a launcher of the container that the client runs in */
	enum claim claim;
	bool is_shared;       /* another login holds its connection, too, or may */
	const char *unlikely; /* static: why it did not ask, whatever its command line says (claim
				 is CLAIM_OTHER then); NULL: nothing */
};

struct confidence_facts {
	bool is_complete; /* the candidates are all that were connected */
	size_t n_unknown; /* connections of which it is not known whose they were */
	size_t n_unknown_unlikely; /* of those, that hardly carried the request: they came too late,
				      or were over too early */
	bool others_passed;    /* others can have asked and gone without a trace that is left */
	bool engine_may;  /* the engine may have begun the entry by itself */
	bool may_be_unheard; /* what another login asked for may be on no record */
};

struct verdict {
	enum confidence confidence; /* CONFIDENCE_NONE: nobody is named */
	size_t chosen;              /* the candidate that is named, with certain and likely */
	bool is_one;                /* that client stands out, not only its login */
};

void confidence_decide(const struct candidate *candidates, size_t n,
	const struct confidence_facts *facts, struct verdict *ret);
