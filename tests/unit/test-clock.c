/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "attribute/clock.h"

#define SEC INT64_C(1000000000)
#define MSEC INT64_C(1000000)

/* The machine has run for 1000 s when the first sample is taken. */
#define REAL (INT64_C(1795470104) * SEC)
#define MONO (1000 * SEC)

static struct audit_clock clock_at_start(void)
{
	struct audit_clock clock = { 0 };

	audit_clock_sample_at(&clock, REAL, MONO);
	return clock;
}

static int64_t monotonic_of(const struct audit_clock *clock, int64_t realtime_nsec)
{
	return (int64_t)audit_clock_monotonic_nsec(clock, realtime_nsec / MSEC);
}

static void a_stamp_is_translated(void **state)
{
	struct audit_clock clock = clock_at_start();

	assert_int_equal(monotonic_of(&clock, REAL), MONO);
	assert_int_equal(monotonic_of(&clock, REAL + 7 * MSEC), MONO + 7 * MSEC);
	assert_int_equal(monotonic_of(&clock, REAL - 500 * SEC), MONO - 500 * SEC);
}

static void a_stamp_from_before_the_boot_is_the_beginning(void **state)
{
	struct audit_clock clock = clock_at_start();

	assert_int_equal(monotonic_of(&clock, REAL - 1001 * SEC), 0);
	assert_int_equal(audit_clock_monotonic_nsec(&clock, 0), 0);
	assert_int_equal(audit_clock_monotonic_nsec(&clock, -1), 0);
}

static void a_stamp_beyond_reason_does_not_overflow(void **state)
{
	struct audit_clock clock = clock_at_start();

	assert_int_equal(audit_clock_monotonic_nsec(&clock, INT64_MAX), 0);
	assert_int_equal(audit_clock_monotonic_nsec(&clock, INT64_MIN), 0);
	assert_true(audit_clock_monotonic_nsec(&clock, INT64_C(4102444800000)) > MONO);
}

static void slewing_is_followed_without_a_new_era(void **state)
{
	struct audit_clock clock = clock_at_start();

	for (int i = 1; i <= 100; i++)
		audit_clock_sample_at(&clock, REAL + i * SEC + i * MSEC, MONO + i * SEC);
	assert_int_equal(clock.n_eras, 1);
	assert_int_equal(monotonic_of(&clock, REAL + 100 * SEC + 100 * MSEC), MONO + 100 * SEC);
}

static void a_step_forward_begins_an_era(void **state)
{
	struct audit_clock clock = clock_at_start();

	audit_clock_sample_at(&clock, REAL + 3600 * SEC + SEC, MONO + SEC);
	assert_int_equal(clock.n_eras, 2);
	assert_int_equal(monotonic_of(&clock, REAL + 3600 * SEC + SEC), MONO + SEC);
	assert_int_equal(monotonic_of(&clock, REAL + 3600 * SEC + 2 * SEC), MONO + 2 * SEC);
	/* Up to a second before the sample that saw it. */
	assert_int_equal(monotonic_of(&clock, REAL + 3600 * SEC + 200 * MSEC), MONO + 200 * MSEC);
	/* What is read late has a stamp of the era before. */
	assert_int_equal(monotonic_of(&clock, REAL + 500 * MSEC), MONO + 500 * MSEC);
}

static void a_step_back_begins_an_era(void **state)
{
	struct audit_clock clock = clock_at_start();

	audit_clock_sample_at(&clock, REAL - 3600 * SEC + SEC, MONO + SEC);
	assert_int_equal(clock.n_eras, 2);
	assert_int_equal(monotonic_of(&clock, REAL - 3600 * SEC + SEC), MONO + SEC);
	assert_int_equal(monotonic_of(&clock, REAL - 3600 * SEC + 2 * SEC), MONO + 2 * SEC);
	/* Read now, it would be an hour ahead. */
	assert_int_equal(monotonic_of(&clock, REAL + 500 * MSEC), MONO + 500 * MSEC);
}

static void a_small_step_is_one_from_fifty_milliseconds_on(void **state)
{
	struct audit_clock clock = clock_at_start();

	assert_false(audit_clock_sample_at(&clock, REAL + 49 * MSEC, MONO));
	assert_int_equal(clock.n_eras, 1);
	assert_true(audit_clock_sample_at(&clock, REAL + 49 * MSEC + 50 * MSEC, MONO));
	assert_int_equal(clock.n_eras, 2);
	audit_clock_sample_at(&clock, REAL + 99 * MSEC - 50 * MSEC, MONO);
	assert_int_equal(clock.n_eras, 3);
}

static void the_oldest_eras_are_forgotten(void **state)
{
	struct audit_clock clock = clock_at_start();

	for (int i = 1; i <= 3 * CLOCK_ERAS; i++)
		audit_clock_sample_at(&clock, REAL + i * 1000 * SEC, MONO + i * SEC);
	assert_int_equal(clock.n_eras, CLOCK_ERAS);
	for (int i = 2 * CLOCK_ERAS + 1; i <= 3 * CLOCK_ERAS; i++)
		assert_int_equal(monotonic_of(&clock, REAL + i * 1000 * SEC), MONO + i * SEC);
}

static void a_stamp_of_now_is_now(void **state)
{
	struct audit_clock clock;
	struct timespec now;
	uint64_t before, after, translated;

	audit_clock_init(&clock);
	assert_true(clock.slack_nsec >= 1 * MSEC && clock.slack_nsec < SEC);
	before = monotonic_now_nsec();
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	after = monotonic_now_nsec();
	translated = audit_clock_monotonic_nsec(&clock, now.tv_sec * 1000 + now.tv_nsec / 1000000);
	assert_true(translated <= after + MSEC);
	assert_true(translated + clock.slack_nsec >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_is_translated),
		cmocka_unit_test(a_stamp_from_before_the_boot_is_the_beginning),
		cmocka_unit_test(a_stamp_beyond_reason_does_not_overflow),
		cmocka_unit_test(slewing_is_followed_without_a_new_era),
		cmocka_unit_test(a_step_forward_begins_an_era),
		cmocka_unit_test(a_step_back_begins_an_era),
		cmocka_unit_test(a_small_step_is_one_from_fifty_milliseconds_on),
		cmocka_unit_test(the_oldest_eras_are_forgotten),
		cmocka_unit_test(a_stamp_of_now_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
