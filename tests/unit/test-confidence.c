/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/confidence.h"

#define MAX 4

/* Candidates in short: whose, what the command line says, and the rest where it is unusual. */
#define A(claim_word)                                                                              \
	{                                                                                          \
		3001, CONFIDENCE_CERTAIN, CLAIM_##claim_word, false                                \
	}
#define B(claim_word)                                                                              \
	{                                                                                          \
		3002, CONFIDENCE_CERTAIN, CLAIM_##claim_word, false                                \
	}
#define NOBODY(claim_word)                                                                         \
	{                                                                                          \
		AUID_UNSET, CONFIDENCE_CERTAIN, CLAIM_##claim_word, false                          \
	}
#define SHARED(claim_word)                                                                         \
	{                                                                                          \
		3001, CONFIDENCE_CERTAIN, CLAIM_##claim_word, true                                 \
	}
#define CHAIN(sure, claim_word)                                                                    \
	{                                                                                          \
		3001, CONFIDENCE_##sure, CLAIM_##claim_word, false                                 \
	}

#define ALL                                                                                        \
	{                                                                                          \
		.is_complete = true                                                                \
	}
#define NOT_ALL                                                                                    \
	{                                                                                          \
		.is_complete = false                                                               \
	}
#define AND_UNKNOWN                                                                                \
	{                                                                                          \
		.is_complete = true, .n_unknown = 1                                                \
	}
#define AND_LATE_UNKNOWN                                                                           \
	{                                                                                          \
		.is_complete = true, .n_unknown = 1, .n_unknown_unlikely = 1                           \
	}
#define OTHERS_PASSED                                                                              \
	{                                                                                          \
		.is_complete = true, .others_passed = true                                         \
	}
#define OR_ENGINE                                                                                  \
	{                                                                                          \
		.is_complete = true, .engine_may = true                                            \
	}

static const struct {
	const char *name;
	struct candidate candidates[MAX];
	size_t n;
	struct confidence_facts facts;
	enum confidence confidence;
	size_t chosen;
} cases[] = {
	{ "nobody", { A(OPEN) }, 0, ALL, CONFIDENCE_NONE, 0 },
	{ "one, another who is unlikely", { A(NAMES), B(OTHER) }, 2, ALL, CONFIDENCE_LIKELY, 0 },
	{ "one client", { A(NAMES) }, 1, ALL, CONFIDENCE_CERTAIN, 0 },
	{ "one client, and one unknown that came too late", { A(OPEN) }, 1, AND_LATE_UNKNOWN,
		CONFIDENCE_LIKELY, 0 },
	{ "two, and one unknown that came too late", { A(OTHER), B(OPEN) }, 2, AND_LATE_UNKNOWN,
		CONFIDENCE_LIKELY, 1 },
	{ "one client, another may have passed", { A(NAMES) }, 1, OTHERS_PASSED, CONFIDENCE_LIKELY,
		0 },
	{ "one client that tells nothing", { A(OPEN) }, 1, ALL, CONFIDENCE_CERTAIN, 0 },
	{ "one client that says it asks for something else", { A(OTHER) }, 1, ALL,
		CONFIDENCE_AMBIGUOUS, 0 },
	{ "two clients of one login", { A(OPEN), A(NAMES) }, 2, ALL, CONFIDENCE_CERTAIN, 1 },
	{ "one login, one of its clients says something else", { A(OTHER), A(OPEN) }, 2, ALL,
		CONFIDENCE_CERTAIN, 1 },
	/* A command line that lies can take certainty away, and not give it. */
	{ "two logins, one names it", { A(NAMES), B(OTHER) }, 2, ALL, CONFIDENCE_LIKELY, 0 },
	{ "two logins, the other says something else", { A(OTHER), B(OPEN) }, 2, ALL,
		CONFIDENCE_LIKELY, 1 },
	{ "two logins, one names it, one tells nothing", { A(OPEN), B(NAMES) }, 2, ALL,
		CONFIDENCE_LIKELY, 1 },
	{ "two logins, one fits, one tells nothing", { A(FITS), B(OPEN) }, 2, ALL,
		CONFIDENCE_LIKELY, 0 },
	{ "two logins that tell nothing", { A(OPEN), B(OPEN) }, 2, ALL, CONFIDENCE_AMBIGUOUS, 0 },
	{ "two logins that both name it", { A(NAMES), B(NAMES) }, 2, ALL, CONFIDENCE_AMBIGUOUS, 0 },
	{ "two logins that both say something else", { A(OTHER), B(OTHER) }, 2, ALL,
		CONFIDENCE_AMBIGUOUS, 0 },
	{ "two clients of one login name it, another's tells nothing",
		{ A(NAMES), A(NAMES), B(OPEN) }, 3, ALL, CONFIDENCE_LIKELY, 0 },
	/* Who has no login. */
	{ "a client without a login", { NOBODY(NAMES) }, 1, ALL, CONFIDENCE_NONE, 0 },
	{ "a login, and a service that tells nothing", { NOBODY(OPEN), A(NAMES) }, 2, ALL,
		CONFIDENCE_LIKELY, 1 },
	{ "a login, and a service that names it", { NOBODY(NAMES), A(NAMES) }, 2, ALL,
		CONFIDENCE_AMBIGUOUS, 0 },
	{ "a login that says something else, and a service", { NOBODY(OPEN), A(OTHER) }, 2, ALL,
		CONFIDENCE_AMBIGUOUS, 0 },
	/* What is not known. */
	{ "one client, not all was seen", { A(NAMES) }, 1, NOT_ALL, CONFIDENCE_LIKELY, 0 },
	{ "one client, one connection of nobody known", { A(NAMES) }, 1, AND_UNKNOWN,
		CONFIDENCE_LIKELY, 0 },
	{ "one client that tells nothing, one of nobody known", { A(OPEN) }, 1, AND_UNKNOWN,
		CONFIDENCE_AMBIGUOUS, 0 },
	{ "two logins, one of nobody known", { A(OPEN), B(OTHER) }, 2, AND_UNKNOWN,
		CONFIDENCE_AMBIGUOUS, 0 },
	{ "one client, or the engine itself", { A(NAMES) }, 1, OR_ENGINE, CONFIDENCE_LIKELY, 0 },
	{ "a connection that another login holds, too", { SHARED(NAMES) }, 1, ALL,
		CONFIDENCE_LIKELY, 0 },
	/* Inside containers the name is as sure as that of their launcher. */
	{ "a container's client, certain", { CHAIN(CERTAIN, OPEN) }, 1, ALL, CONFIDENCE_CERTAIN,
		0 },
	{ "a container's client, likely", { CHAIN(LIKELY, OPEN) }, 1, ALL, CONFIDENCE_LIKELY, 0 },
	{ "one login, once only likely", { A(OPEN), CHAIN(LIKELY, OPEN) }, 2, ALL,
		CONFIDENCE_LIKELY, 0 },
};

static void each_case_is_as_sure_as_it_can_be(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict;

		confidence_decide(cases[i].candidates, cases[i].n, &cases[i].facts, &verdict);
		if (verdict.confidence != cases[i].confidence ||
			(verdict.confidence >= CONFIDENCE_LIKELY &&
				verdict.chosen != cases[i].chosen))
			fail_msg(
				"%s: %d of %zu", cases[i].name, verdict.confidence, verdict.chosen);
	}
}

/*
 * The rule that all depends on, for every set of up to three candidates and every command line that
 * they can show: certain is only whose login all have, and no word of any of them changes whose
 * name that is.
 */
static void no_command_line_makes_a_wrong_certain(void **state)
{
	static const uint32_t auids[] = { 3001, 3002, AUID_UNSET };
	const struct confidence_facts facts = { .is_complete = true };

	for (unsigned code = 0; code < 3 * 3 * 3 * CLAIM_COUNT * CLAIM_COUNT * CLAIM_COUNT;
		code++) {
		struct candidate candidates[3];
		struct verdict verdict;
		unsigned rest = code;
		bool is_one = true;

		for (unsigned i = 0; i < 3; i++) {
			candidates[i] = (struct candidate){ .auid = auids[rest % 3],
				.auid_sure = CONFIDENCE_CERTAIN };
			rest /= 3;
			is_one = is_one && candidates[i].auid == candidates[0].auid;
		}
		for (unsigned i = 0; i < 3; i++) {
			candidates[i].claim = (enum claim)(rest % CLAIM_COUNT);
			rest /= CLAIM_COUNT;
		}
		confidence_decide(candidates, 3, &facts, &verdict);
		if (verdict.confidence == CONFIDENCE_CERTAIN) {
			assert_true(is_one);
			assert_int_not_equal(candidates[verdict.chosen].auid, AUID_UNSET);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_is_as_sure_as_it_can_be),
		cmocka_unit_test(no_command_line_makes_a_wrong_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
