/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/confidence.h"

/* The first of those that claim most. */
static size_t best_of(const struct candidate *candidates, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (candidates[i].claim > candidates[best].claim)
			best = i;
	return best;
}

/* Does another claim as much as the best? */
static bool is_matched(
	const struct candidate *candidates, size_t n, size_t best, bool of_other_login)
{
	for (size_t i = 0; i < n; i++) {
		const struct candidate *other = &candidates[i];

		if (i != best && other->claim == candidates[best].claim &&
			(!of_other_login || other->auid != candidates[best].auid ||
				other->auid == AUID_UNSET))
			return true;
	}
	return false;
}

static bool are_one_login(const struct candidate *candidates, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (candidates[i].auid == AUID_UNSET || candidates[i].auid != candidates[0].auid ||
			candidates[i].is_shared)
			return false;
	return true;
}

static bool has_login(const struct candidate *candidates, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (candidates[i].auid != AUID_UNSET)
			return true;
	return false;
}

/* Of several clients of one login the name is as sure as the least sure of them. */
static enum confidence surety(const struct candidate *candidates, size_t n)
{
	enum confidence least = CONFIDENCE_CERTAIN;

	for (size_t i = 0; i < n; i++)
		if (candidates[i].auid_sure < least)
			least = candidates[i].auid_sure;
	return least;
}

static enum confidence decide(const struct candidate *candidates, size_t n, size_t best,
	const struct confidence_facts *facts)
{
	enum confidence sure;

	if (candidates[best].claim == CLAIM_OTHER)
		return CONFIDENCE_AMBIGUOUS;
	if (are_one_login(candidates, n)) {
		sure = surety(candidates, n);
		if (facts->is_complete && facts->n_unknown == 0 && !facts->engine_may &&
			!facts->others_passed && !facts->may_be_unheard)
			return sure;
		/* Whose command line tells nothing is not likelier than one that nobody knows. */
		if (facts->n_unknown > facts->n_unknown_unlikely &&
			candidates[best].claim <= CLAIM_OPEN)
			return CONFIDENCE_AMBIGUOUS;
		return sure < CONFIDENCE_LIKELY ? sure : CONFIDENCE_LIKELY;
	}
	if (candidates[best].auid == AUID_UNSET || is_matched(candidates, n, best, true) ||
		(facts->n_unknown > facts->n_unknown_unlikely &&
			candidates[best].claim <= CLAIM_OPEN))
		return CONFIDENCE_AMBIGUOUS;
	return candidates[best].auid_sure < CONFIDENCE_LIKELY ? candidates[best].auid_sure
							      : CONFIDENCE_LIKELY;
}

void confidence_decide(const struct candidate *candidates, size_t n,
	const struct confidence_facts *facts, struct verdict *ret)
{
	*ret = (struct verdict){ .confidence = CONFIDENCE_NONE };
	if (!has_login(candidates, n))
		return;
	ret->chosen = best_of(candidates, n);
	ret->confidence = decide(candidates, n, ret->chosen, facts);
	ret->is_one = !is_matched(candidates, n, ret->chosen, false);
}
