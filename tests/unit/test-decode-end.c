/* SPDX-License-Identifier: GPL-2.0-or-later */

/* When an event is complete, and what becomes of one that never is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "decode-scene.h"

static void an_event_of_the_kernel_comes_with_its_eoe(void **state)
{
	struct watcher *watcher = *state;

	feed_write(watcher);
	assert_int_equal(watcher->n, 0);
	feed(watcher, "type=EOE " AUDIT("43"));
	assert_int_equal(watcher->n, 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	assert_int_equal(decoder_counts(watcher->decoder)->events, 1);
}

/* auditd writes no EOE. */
static void an_event_of_a_log_comes_with_the_line_after_its_proctitle(void **state)
{
	struct watcher *watcher = *state;

	feed_write(watcher);
	assert_int_equal(watcher->n, 0);
	feed(watcher, WRITE_SYSCALL("44"));
	assert_int_equal(watcher->n, 1);
	assert_int_equal(watcher->seen[0].event.n_paths, 2);
}

static void an_event_without_proctitle_ends_with_its_eoe(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, "type=EOE " AUDIT("43"));
	feed(watcher, WRITE_SYSCALL("44"));
	assert_int_equal(watcher->n, 1);
	assert_null(watcher->seen[0].event.argv.bytes);
}

static void records_of_two_events_may_be_mixed(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("44"));
	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("44"));
	feed(watcher, WRITE_PARENT("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, WRITE_PROCTITLE("43"));
	feed(watcher, WRITE_CWD("44"));
	feed(watcher, WRITE_PROCTITLE("44"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 2);
	assert_int_equal(watcher->seen[0].event.serial + watcher->seen[1].event.serial, 87);
	for (unsigned i = 0; i < 2; i++) {
		const struct event *event = &watcher->seen[i].event;

		assert_int_equal(event->n_paths, event->serial == 43 ? 2 : 1);
		assert_string_equal(event->cwd, "/");
		assert_true(event->has_syscall);
	}
}

static void an_event_without_end_comes_two_seconds_later(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, "type=CWD msg=audit(1795470105.013:44): cwd=\"/\"");
	assert_int_equal(watcher->n, 0);
	feed(watcher, "type=CWD msg=audit(1795470107.013:45): cwd=\"/\"");
	assert_in_range(watcher->n, 1, 2);
	assert_int_equal(watcher->seen[0].event.serial, 43);
	assert_int_equal(watcher->seen[0].event.n_paths, 1);
}

static void an_event_without_end_comes_with_age(void **state)
{
	struct watcher *watcher = *state;
	char line[256];

	/* libauparse compares with the clock of the day. */
	snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:43): cwd=\"/\"",
		(long long)time(NULL));
	feed(watcher, line);
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:44): cwd=\"/\"",
		(long long)time(NULL) - 10);
	feed(watcher, line);
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	assert_int_equal(watcher->seen[0].event.serial, 44);
}

static void a_flush_gives_what_there_is(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	feed_write(watcher);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 2);
	assert_int_equal(watcher->seen[1].event.n_paths, 2);
}

static void events_that_never_end_are_given_up(void **state)
{
	struct watcher *watcher = *state;
	char line[512];

	for (unsigned i = 1; i <= 17000; i++) {
		snprintf(line, sizeof(line), "type=CWD msg=audit(1795470104.013:%u): cwd=\"/\"", i);
		feed(watcher, line);
	}
	assert_in_range(watcher->n + watcher->n_beyond, 16384, 17000);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 17000);
}

/* An event that began before a flood, and ends after it. */
static void flood_in_the_midst(struct watcher *watcher, unsigned n)
{
	char line[512];

	feed(watcher, WRITE_SYSCALL("1"));
	for (unsigned i = 2; i <= n; i++) {
		snprintf(line, sizeof(line),
			"type=PROCTITLE msg=audit(1795470104.013:%u): proctitle=\"x\"", i);
		feed(watcher, line);
		snprintf(line, sizeof(line), "type=EOE msg=audit(1795470104.013:%u): ", i);
		feed(watcher, line);
	}
}

static void a_long_flood_does_not_break_an_event_in_two(void **state)
{
	struct watcher *watcher = *state;

	/* libauparse 3.0.9 holds all of them back behind the one that is not complete. */
	flood_in_the_midst(watcher, 9000);
	feed(watcher, WRITE_PATH("1"));
	feed(watcher, WRITE_PROCTITLE("1"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 9000);
	assert_int_equal(watcher->seen[0].event.serial, 1);
	assert_string_equal(watcher->seen[0].event.syscall, "openat");
	assert_int_equal(watcher->seen[0].event.n_paths, 1);
}

static void an_event_in_the_making_survives_an_ageing(void **state)
{
	struct watcher *watcher = *state;
	char line[512];

	/* So many at a time that the decoder would like to begin anew. */
	for (unsigned i = 1; i <= 1100; i++) {
		snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:%u): cwd=\"/\"",
			(long long)time(NULL) + 3600, i);
		feed(watcher, line);
	}
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 1100);
	decoder_age(watcher->decoder);
	forget_seen(watcher);
	feed_write(watcher);
	assert_int_equal(only_event(watcher)->n_paths, 2);
}

static void an_event_of_endless_records_is_given_up(void **state)
{
	struct watcher *watcher = *state;
	static char line[16000];

	memset(line, 'A', sizeof(line));
	memcpy(line, "type=EXECVE " AUDIT("43") "a0=", strlen("type=EXECVE " AUDIT("43") "a0="));
	for (unsigned i = 0; i < 1200; i++)
		assert_int_equal(decoder_line(watcher->decoder, line, sizeof(line)), 0);
	assert_int_equal(watcher->n, 1);
	assert_false(watcher->seen[0].event.argv.complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		decoder_test(an_event_of_the_kernel_comes_with_its_eoe),
		decoder_test(an_event_of_a_log_comes_with_the_line_after_its_proctitle),
		decoder_test(an_event_without_proctitle_ends_with_its_eoe),
		decoder_test(records_of_two_events_may_be_mixed),
		decoder_test(an_event_without_end_comes_two_seconds_later),
		decoder_test(an_event_without_end_comes_with_age),
		decoder_test(a_flush_gives_what_there_is),
		decoder_test(events_that_never_end_are_given_up),
		decoder_test(a_long_flood_does_not_break_an_event_in_two),
		decoder_test(an_event_in_the_making_survives_an_ageing),
		decoder_test(an_event_of_endless_records_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
