/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/time.h"

/* 2026-11-23T11:23:22.342Z, a Monday. */
#define NOW INT64_C(1795433002342)

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Zones as rules, so that the tests need no zone database. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define LOS_ANGELES "PST8PDT,M3.2.0,M11.1.0"
#define ST_JOHNS "NST3:30NDT,M3.2.0,M11.1.0"
#define SAO_PAULO "<-03>3<-02>,M10.3.0/0,M2.3.0/0" /* clocks change at midnight */
#define TOKYO "JST-9"
#define KATHMANDU "<+0545>-5:45"
#define KIRITIMATI "<+14>-14"

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* What text means, as UTC text: failures then can be read. */
static void assert_time(const char *text, const char *expected)
{
	char found[TIME_TEXT_LEN];
	int64_t time = 0;

	if (time_parse(text, NOW, &time) != 0)
		fail_msg("'%s' is refused, expected %s", text, expected);
	time_format_utc(time, found, sizeof(found));
	if (strcmp(found, expected) != 0)
		fail_msg("'%s' is %s, expected %s", text, found, expected);
}

static void assert_refused(const char *text)
{
	int64_t time = 4711;
	int r = time_parse(text, NOW, &time);

	if (r != -EINVAL || time != 4711)
		fail_msg("'%s' gives %d and %lld", text, r, (long long)time);
}

static void now_is_the_clock_to_the_millisecond(void **state)
{
	assert_time("now", "2026-11-23T11:23:22.342Z");
}

static void days_begin_at_local_midnight(void **state)
{
	set_zone("UTC");
	assert_time("today", "2026-11-23T00:00:00.000Z");
	set_zone(BERLIN);
	assert_time("today", "2026-11-22T23:00:00.000Z");
	assert_time("yesterday", "2026-11-21T23:00:00.000Z");
	assert_time("tomorrow", "2026-11-23T23:00:00.000Z");
	assert_time("today UTC", "2026-11-23T00:00:00.000Z");
	set_zone(LOS_ANGELES);
	assert_time("today", "2026-11-23T08:00:00.000Z");
	set_zone(KIRITIMATI); /* it is tomorrow already */
	assert_time("today", "2026-11-23T10:00:00.000Z");
	assert_time("2026-11-24", "2026-11-23T10:00:00.000Z");
	set_zone(KATHMANDU);
	assert_time("today", "2026-11-22T18:15:00.000Z");
}

static void spans_are_relative_to_now(void **state)
{
	static const struct {
		const char *text;
		int64_t offset;
	} cases[] = {
		{ "-1h", -HOUR },
		{ "-90min", -90 * MINUTE },
		{ "-1h30min", -90 * MINUTE },
		{ "-1h 30min", -90 * MINUTE },
		{ "- 1 h  30 min ", -90 * MINUTE },
		{ "1h30min ago", -90 * MINUTE },
		{ "2 hours ago", -2 * HOUR },
		{ "2h left", 2 * HOUR },
		{ "+2d", 2 * DAY },
		{ "-5", -5 * SECOND },
		{ "-1.5h", -90 * MINUTE },
		{ "-0.25s", -250 },
		{ "-1m", -MINUTE },
		{ "-1w", -7 * DAY },
		{ "-1M", -2629800 * SECOND },
		{ "-1month", -2629800 * SECOND },
		{ "-1y", -31557600 * SECOND },
		{ "-2years3months", -(2 * 31557600 + 3 * 2629800) * SECOND },
		{ "-1999us", -1 },
		{ "-600us 400usec", -1 },
		{ "-2000µs", -2 },
		{ "-7ms", -7 },
		{ "-1day", -DAY },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		int64_t time = 0;

		if (time_parse(cases[i].text, NOW, &time) != 0)
			fail_msg("'%s' is refused", cases[i].text);
		if (time - NOW != cases[i].offset)
			fail_msg("'%s' is %+lld ms", cases[i].text, (long long)(time - NOW));
	}
}

static void a_span_without_sign_is_refused(void **state)
{
	assert_refused("1h");
	assert_refused("90min");
	assert_refused("1h30min");
	assert_refused("5");
}

static void a_broken_span_is_refused(void **state)
{
	static const char *const texts[] = {
		"-",
		"+",
		"--1h",
		"-+1h",
		"+-1h",
		"-1h ago",
		"-1x",
		"-h",
		"-1,5h",
		"-1.h",
		"-.5h",
		"ago",
		" ago",
		"1h ago ago",
		"-1h -",
		"1hago",
		"-1hh",
		"-infinity",
		"-0x10",
		"-1e3s",
		"-1h\n",
		"-1 H",
		"-1h min",
		"- ",
	};

	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_refused(texts[i]);
}

static void an_epoch_is_taken_as_it_is(void **state)
{
	assert_time("@0", "1970-01-01T00:00:00.000Z");
	assert_time("@1795433002.342", "2026-11-23T11:23:22.342Z");
	assert_time("@1795433002.3429999", "2026-11-23T11:23:22.342Z");
	assert_time("@4294967296", "2106-02-07T06:28:16.000Z");
	assert_time("@-1", "1969-12-31T23:59:59.000Z");
	assert_time("@-1.5", "1969-12-31T23:59:58.500Z");
	assert_refused("@");
	assert_refused("@-");
	assert_refused("@+1");
	assert_refused("@ 1");
	assert_refused("@1 ");
	assert_refused("@1.");
	assert_refused("@1s");
	assert_refused("@0x1");
}

static void what_overflows_is_refused(void **state)
{
	assert_time("@9223372036854775.807", "292278994-08-17T07:12:55.807Z");
	assert_refused("@9223372036854775.808");
	assert_refused("@9223372036854776");
	assert_refused("@9223372036854775808");
	assert_refused("@99999999999999999999999999");
	assert_refused("-9223372036854775807s");
	assert_refused("-99999999999999999999999999");
	assert_refused("+300000y");
	assert_refused("-290000y 290000y");
	assert_refused("99999-01-01");
}

static void a_date_is_local(void **state)
{
	set_zone(BERLIN);
	assert_time("2026-11-23", "2026-11-22T23:00:00.000Z");
	assert_time("2026-11-23 10:00", "2026-11-23T09:00:00.000Z");
	assert_time("2026-11-23 10:00:30", "2026-11-23T09:00:30.000Z");
	assert_time("2026-11-23 10:00:30.1239", "2026-11-23T09:00:30.123Z");
	assert_time("2026-07-01 10:00", "2026-07-01T08:00:00.000Z");
	assert_time("2026-7-1 9:5", "2026-07-01T07:05:00.000Z");
	assert_time("2026-11-23T10:00:00", "2026-11-23T09:00:00.000Z");
	set_zone(ST_JOHNS);
	assert_time("2026-11-23 10:00", "2026-11-23T13:30:00.000Z");
}

static void a_date_in_utc_ignores_the_zone(void **state)
{
	set_zone(TOKYO);
	assert_time("2026-11-23 UTC", "2026-11-23T00:00:00.000Z");
	assert_time("2026-11-23 10:00 UTC", "2026-11-23T10:00:00.000Z");
	assert_time("2026-11-23 10:00:00.5 UTC", "2026-11-23T10:00:00.500Z");
	assert_time("10:00 UTC", "2026-11-23T10:00:00.000Z");
	assert_refused("2026-11-23 10:00 utc");
	assert_refused("2026-11-23 10:00 UTC UTC");
	assert_refused("2026-11-23 10:00Z UTC");
	assert_refused("-1h UTC");
	assert_refused(" UTC");
	assert_refused("UTC");
}

static void an_hour_alone_is_of_today(void **state)
{
	set_zone(BERLIN);
	assert_time("12:23", "2026-11-23T11:23:00.000Z");
	assert_time("00:00", "2026-11-22T23:00:00.000Z");
	assert_time("23:59:59", "2026-11-23T22:59:59.000Z");
	set_zone(KIRITIMATI);
	assert_time("00:00", "2026-11-23T10:00:00.000Z");
}

static void rfc_3339_is_understood(void **state)
{
	set_zone(NEW_YORK);
	assert_time("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z");
	assert_time("2026-11-23t10:00:00z", "2026-11-23T10:00:00.000Z");
	assert_time("2026-11-23T10:00:00.342Z", "2026-11-23T10:00:00.342Z");
	assert_time("2026-11-23T10:00:00+01:00", "2026-11-23T09:00:00.000Z");
	assert_time("2026-11-23 10:00:00+05:45", "2026-11-23T04:15:00.000Z");
	assert_time("2026-11-23T20:00:00-08:00", "2026-11-24T04:00:00.000Z");
	assert_time("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z");
	assert_refused("2026-11-23T10:00:00+0100");
	assert_refused("2026-11-23T10:00:00+01:60");
	assert_refused("2026-11-23T10:00:00+24:00");
	assert_refused("2026-11-23T10:00:00+1:00");
	assert_refused("2026-11-23T10:00:00ZZ");
	assert_refused("2026-11-23T10:00:00 Z");
	assert_refused("2026-11-23Z");
	assert_refused("2026-11-23T");
	assert_refused("10:00Z");
}

static void dates_that_no_calendar_has_are_refused(void **state)
{
	static const char *const texts[] = {
		"2026-02-29",
		"2026-02-30",
		"2026-04-31",
		"2026-13-01",
		"2026-00-10",
		"2026-01-00",
		"2026-01-32",
		"1900-02-29",
		"2026-11-23 24:00",
		"2026-11-23 10:60",
		"25:00",
		"10:60",
		"10:00:61",
		"26-11-23",
		"2026-011-23",
		"2026-11",
		"2026",
		"2026-11-23 ",
		"2026-11-23 10",
		"2026-11-23  10:00",
		"2026/11/23",
		"-2026-11-23",
		"2026-02-30today",
	};

	set_zone("UTC");
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_refused(texts[i]);
	assert_time("2024-02-29", "2024-02-29T00:00:00.000Z");
	assert_time("2000-02-29", "2000-02-29T00:00:00.000Z");
}

static void a_leap_second_is_the_second_after_it(void **state)
{
	set_zone(BERLIN);
	assert_time("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z");
	assert_time("2017-01-01 00:59:60", "2017-01-01T00:00:00.000Z");
	assert_refused("2016-12-31T23:58:60Z");
	assert_refused("2016-12-31 23:59:60");
}

static void a_skipped_hour_is_moved_on(void **state)
{
	set_zone(BERLIN); /* 02:00 is 03:00 */
	assert_time("2026-03-29 01:59", "2026-03-29T00:59:00.000Z");
	assert_time("2026-03-29 02:30", "2026-03-29T01:30:00.000Z");
	assert_time("2026-03-29 03:00", "2026-03-29T01:00:00.000Z");
	set_zone(SAO_PAULO); /* 00:00 is 01:00 */
	assert_time("2017-10-15", "2017-10-15T03:00:00.000Z");
}

static void an_hour_that_occurs_twice_is_the_first(void **state)
{
	set_zone(BERLIN);
	assert_time("2026-10-25 01:59", "2026-10-24T23:59:00.000Z");
	assert_time("2026-10-25 02:30", "2026-10-25T00:30:00.000Z");
	assert_time("2026-10-25 03:00", "2026-10-25T02:00:00.000Z");
	set_zone(NEW_YORK);
	assert_time("2026-11-01 01:30", "2026-11-01T05:30:00.000Z");
	assert_time("2026-11-01 02:00", "2026-11-01T07:00:00.000Z");
}

static void other_words_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"noon",
		"Today",
		"todayx",
		"today 10:00",
		" now",
		"now ",
		"nowhere",
		"T10:00",
		":",
		"1:",
		"10",
		"2026-11-23T10:00:00\xff",
		"Mon",
	};

	set_zone("UTC");
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_refused(texts[i]);
}

static void times_are_printed_in_utc_and_locally(void **state)
{
	char text[TIME_TEXT_LEN];

	set_zone(BERLIN);
	time_format_utc(NOW, text, sizeof(text));
	assert_string_equal(text, "2026-11-23T11:23:22.342Z");
	time_format_local(NOW, text, sizeof(text));
	assert_string_equal(text, "2026-11-23 12:23:22");
	time_format_utc(-1, text, sizeof(text));
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	time_format_utc(INT64_MIN, text, sizeof(text));
	assert_string_equal(text, "-292275055-05-16T16:47:04.192Z");
	time_format_utc(NOW, text, 11);
	assert_string_equal(text, "2026-11-23");
}

static void the_clock_is_read_in_milliseconds(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000, now = time_now_msec();

	assert_in_range(now - before, 0, HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_is_the_clock_to_the_millisecond),
		cmocka_unit_test(days_begin_at_local_midnight),
		cmocka_unit_test(spans_are_relative_to_now),
		cmocka_unit_test(a_span_without_sign_is_refused),
		cmocka_unit_test(a_broken_span_is_refused),
		cmocka_unit_test(an_epoch_is_taken_as_it_is),
		cmocka_unit_test(what_overflows_is_refused),
		cmocka_unit_test(a_date_is_local),
		cmocka_unit_test(a_date_in_utc_ignores_the_zone),
		cmocka_unit_test(an_hour_alone_is_of_today),
		cmocka_unit_test(rfc_3339_is_understood),
		cmocka_unit_test(dates_that_no_calendar_has_are_refused),
		cmocka_unit_test(a_leap_second_is_the_second_after_it),
		cmocka_unit_test(a_skipped_hour_is_moved_on),
		cmocka_unit_test(an_hour_that_occurs_twice_is_the_first),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(times_are_printed_in_utc_and_locally),
		cmocka_unit_test(the_clock_is_read_in_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
