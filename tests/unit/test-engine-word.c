/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/engine-word.h"

#define SEC 1000000000ull
#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"

/* A container's first process, 6743, began at 100 s. */
struct place {
	struct container_info info;
	struct container container;
	struct entry init, exec;
	struct engine_words words;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	*state = place;
	if (!place)
		return -1;
	place->info.id = (char *)ID;
	place->info.name = (char *)"hack";
	place->container = (struct container){ .info = &place->info, .init = &place->init };
	place->init = (struct entry){ .container = &place->container,
		.kind = ENTRY_INIT,
		.pid = 6743,
		.began_nsec = 100 * SEC };
	place->exec = (struct entry){ .container = &place->container,
		.kind = ENTRY_EXEC,
		.pid = 6800,
		.began_nsec = 100 * SEC };
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void say(struct place *place, struct event_engine engine)
{
	engine_words_add(&place->words, &engine, 101 * SEC);
}

static void assert_auid(struct place *place, const struct entry *entry, uint32_t auid)
{
	const struct engine_word *word = engine_words_take(&place->words, entry);

	if (auid == AUID_UNSET) {
		assert_null(word);
		return;
	}
	assert_non_null(word);
	assert_int_equal(word->auid, auid);
}

static void a_word_is_about_the_container_that_it_names(void **state)
{
	static const struct {
		struct event_engine engine;
		bool is_about;
	} cases[] = {
		{ { .operation = "start", .id = ID }, true },
		{ { .operation = "start", .id = "df2302cf8c63" }, true },
		{ { .operation = "start", .name = "hack" }, true },
		{ { .operation = "restart", .pid = 6743 }, true },
		{ { .operation = "start", .id = "df2302cf8c6" }, false },
		{ { .operation = "start", .id = ID "0" }, false },
		{ { .operation = "start", .id = "112302cf8c63" }, false },
		{ { .operation = "start", .name = "hac" }, false },
		/* The pid is the kernel's, a name can be chosen. */
		{ { .operation = "start", .pid = 6744, .name = "hack" }, false },
		{ { .operation = "exec", .name = "hack" }, false },
		{ { .operation = "stop", .name = "hack" }, false },
		{ { .operation = "start", .name = "hack", .failed = true }, false },
		{ { .operation = "start" }, false },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct place *place = *state;
		struct event_engine engine = cases[i].engine;

		place->words = (struct engine_words){ 0 };
		engine.auid = 3267;
		say(place, engine);
		assert_auid(place, &place->init, cases[i].is_about ? 3267 : AUID_UNSET);
	}
}

static void an_exec_is_told_by_the_pid_of_the_first_process(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "exec", .pid = 6743, .auid = 3267 });
	assert_auid(place, &place->exec, 3267);
	assert_auid(place, &place->init, AUID_UNSET);
}

static void a_word_of_no_login_says_nothing(void **state)
{
	struct place *place = *state;

	say(place,
		(struct event_engine){ .operation = "start", .name = "hack", .auid = AUID_UNSET });
	assert_auid(place, &place->init, AUID_UNSET);
}

static void a_word_of_another_time_is_about_another_start(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "start", .name = "hack", .auid = 3267 });
	place->init.began_nsec = 112 * SEC;
	assert_auid(place, &place->init, AUID_UNSET);
	place->init.began_nsec = 90 * SEC;
	assert_auid(place, &place->init, AUID_UNSET);
	place->init.began_nsec = 0;
	assert_auid(place, &place->init, AUID_UNSET);
}

static void each_word_is_about_one_entry(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "exec", .name = "hack", .auid = 3267 });
	say(place, (struct event_engine){ .operation = "exec", .name = "hack", .auid = 3267 });
	assert_auid(place, &place->exec, 3267);
	assert_auid(place, &place->exec, 3267);
	assert_auid(place, &place->exec, AUID_UNSET);
}

static void a_runtimes_own_step_uses_no_word_up(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "start", .auid = 3511, .name = "hack" });
	place->exec.kind = ENTRY_UNKNOWN;
	assert_auid(place, &place->exec, AUID_UNSET);
	assert_auid(place, &place->init, 3511);
}

static void words_that_contradict_each_other_say_nothing(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "start", .name = "hack", .auid = 3267 });
	say(place, (struct event_engine){ .operation = "start", .name = "hack", .auid = 3268 });
	assert_auid(place, &place->init, AUID_UNSET);
}

static void only_the_last_words_are_kept(void **state)
{
	struct place *place = *state;

	say(place, (struct event_engine){ .operation = "start", .name = "hack", .auid = 3267 });
	for (unsigned i = 0; i < ENGINE_WORDS; i++)
		say(place, (struct event_engine){
				   .operation = "start", .name = "other", .auid = 3268 });
	assert_auid(place, &place->init, AUID_UNSET);
}

static void a_word_chooses_and_contradicts_and_is_never_why_one_is_certain(void **state)
{
	static const struct candidate candidates[] = {
		{ 3001, CONFIDENCE_CERTAIN, CLAIM_OPEN, false },
		{ 3002, CONFIDENCE_CERTAIN, CLAIM_OPEN, false },
		{ 3002, CONFIDENCE_CERTAIN, CLAIM_FITS, false },
		{ 3003, CONFIDENCE_AMBIGUOUS, CLAIM_OPEN, false },
	};
	static const struct {
		enum confidence before;
		size_t chosen;
		uint32_t auid;
		enum confidence after;
		size_t chosen_after;
	} cases[] = {
		{ CONFIDENCE_AMBIGUOUS, 0, 3002, CONFIDENCE_LIKELY, 2 },
		{ CONFIDENCE_AMBIGUOUS, 0, 3009, CONFIDENCE_AMBIGUOUS, 0 },
		{ CONFIDENCE_AMBIGUOUS, 0, 3003, CONFIDENCE_AMBIGUOUS, 0 },
		{ CONFIDENCE_LIKELY, 0, 3001, CONFIDENCE_LIKELY, 0 },
		{ CONFIDENCE_CERTAIN, 0, 3001, CONFIDENCE_CERTAIN, 0 },
		{ CONFIDENCE_LIKELY, 0, 3002, CONFIDENCE_AMBIGUOUS, 0 },
		{ CONFIDENCE_CERTAIN, 0, 3002, CONFIDENCE_AMBIGUOUS, 0 },
		{ CONFIDENCE_NONE, 0, 3001, CONFIDENCE_NONE, 0 },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		const struct engine_word word = { .auid = cases[i].auid };
		struct verdict verdict = { cases[i].before, cases[i].chosen, true };

		engine_word_judge(&word, candidates, ELEMENTS(candidates), &verdict);
		assert_int_equal(verdict.confidence, cases[i].after);
		assert_int_equal(verdict.chosen, cases[i].chosen_after);
	}
}

#define place_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(a_word_is_about_the_container_that_it_names),
		place_test(an_exec_is_told_by_the_pid_of_the_first_process),
		place_test(a_word_of_no_login_says_nothing),
		place_test(a_word_of_another_time_is_about_another_start),
		place_test(each_word_is_about_one_entry),
		place_test(a_runtimes_own_step_uses_no_word_up),
		place_test(words_that_contradict_each_other_say_nothing),
		place_test(only_the_last_words_are_kept),
		cmocka_unit_test(a_word_chooses_and_contradicts_and_is_never_why_one_is_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
