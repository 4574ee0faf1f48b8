/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is no record, or too much of it, is counted and does no harm. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "decode-scene.h"

static void more_names_than_there_is_room_for_are_counted(void **state)
{
	struct watcher *watcher = *state;
	char line[256];

	feed(watcher, WRITE_SYSCALL("43"));
	for (unsigned i = 0; i < EVENT_MAX_PATHS + 3; i++) {
		snprintf(line, sizeof(line), "type=PATH %sitem=%u name=\"/%u\" nametype=NORMAL",
			AUDIT("43"), i, i);
		feed(watcher, line);
	}
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->seen[0].event.n_paths, EVENT_MAX_PATHS);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
}

static void an_event_whose_names_are_missing_is_counted(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("43"));
	decoder_flush(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
	feed(watcher, WRITE_SYSCALL("44"));
	feed(watcher, WRITE_PARENT("44"));
	feed(watcher, WRITE_PATH("44"));
	decoder_flush(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
}

static void a_line_that_is_no_record_is_counted(void **state)
{
	static const char *const lines[] = { "garbage", "type=SYSCALL", "node=web1",
		"type= msg=audit(1795470104.013:43): cwd=\"/\"",
		"type=SYSCALL msg=audit(1795470104.013",
		"type=SYSCALL msg=audit(1795470104:43): arch=c000003e syscall=257",
		"node=a type=SYSCALL audit(1795470104.013:43): arch=c000003e", "\xff\xfe\xfd" };
	struct watcher *watcher = *state;

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		feed(watcher, lines[i]);
		assert_int_equal(decoder_counts(watcher->decoder)->broken, i + 1);
	}
	decoder_broken_line(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, ELEMENTS(lines) + 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	feed_write(watcher);
	assert_int_equal(only_event(watcher)->n_paths, 2);
}

static void a_line_with_a_nul_or_without_end_is_broken(void **state)
{
	struct watcher *watcher = *state;
	char line[32 * 1024];

	memset(line, 'x', sizeof(line));
	memcpy(line, WRITE_CWD("43"), strlen(WRITE_CWD("43")));
	assert_int_equal(decoder_line(watcher->decoder, line, 16384), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
	assert_int_equal(decoder_line(watcher->decoder, line, 16385), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 1);
	line[200] = '\0';
	assert_int_equal(decoder_line(watcher->decoder, line, 300), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 2);
}

static void lines_of_dos_are_read(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_CWD("43") "\r");
	assert_string_equal(only_event(watcher)->cwd, "/");
}

static void what_users_write_is_not_looked_at(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=USER_CMD " AUDIT("43") "pid=1 uid=0 auid=0 ses=1 msg='cwd=\"/\" "
						   "cmd=\"x\" res=success'");
	feed(watcher, "type=UNKNOWN[1420] " AUDIT("44") "x=1");
	feed(watcher, "type=NOSUCHTYPE " AUDIT("45") "x=1");
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
	assert_int_equal(decoder_counts(watcher->decoder)->records, 0);
}

static void a_time_beyond_reason_does_not_overflow(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=CWD msg=audit(9223372036854775807.999:43): cwd=\"/\"");
	feed(watcher, "type=CWD msg=audit(18446744073709551615.999:44): cwd=\"/\"");
	decoder_flush(watcher->decoder);
	assert_in_range(watcher->n, 1, 2);
	for (unsigned i = 0; i < watcher->n; i++)
		assert_in_range(watcher->seen[i].event.time_msec, 0, INT64_C(253402300799999));
}

static void a_record_that_is_more_than_one_line_is_broken(void **state)
{
	struct watcher *watcher = *state;
	char *text = calloc(1, 20000);

	memset(text, 'x', 19999);
	feed_kernel(watcher, CWD, text);
	free(text);
	feed_kernel(watcher, CWD, "audit(1795470104.013:43): cwd=\"/\"\ntype=CWD x");
	assert_int_equal(decoder_record(watcher->decoder, CWD, "audit(1.1:1): a\0b", 17), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 3);
	assert_int_equal(decoder_record(watcher->decoder, USER_CMD, "a\nb", 3), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 3);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated_bytes(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

static void feed_many(struct watcher *watcher, unsigned from, unsigned until)
{
	static const char *const records[] = {
		"type=SYSCALL msg=audit(%u.013:%u): arch=c000003e syscall=257 success=yes exit=3 "
		"a0=0 a1=0 a2=441 a3=0 items=1 ppid=1 pid=2 auid=0 uid=0 ses=1 comm=\"sh\" "
		"exe=\"/bin/sh\" key=\"k\"",
		"type=CWD msg=audit(%u.013:%u): cwd=\"/\"",
		"type=PATH msg=audit(%u.013:%u): item=0 name=\"/etc/passwd\" inode=1 dev=fe:01 "
		"nametype=NORMAL",
		"type=PROCTITLE msg=audit(%u.013:%u): proctitle=7368002D63",
	};

	for (unsigned i = from; i < until; i++)
		for (size_t j = 0; j < ELEMENTS(records); j++) {
			char line[512];
			int len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			len = snprintf(line, sizeof(line), records[j], 1795470104 + i / 1000, i);
#pragma GCC diagnostic pop
			decoder_line(watcher->decoder, line, (size_t)len);
		}
}

static void a_long_log_takes_no_more_memory_than_a_short_one(void **state)
{
	struct watcher *watcher = *state;
	size_t before;

	feed_many(watcher, 1, 10000);
	before = allocated_bytes();
	feed_many(watcher, 10000, 300000);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 299999);
	assert_in_range(allocated_bytes(), 0, before + 256 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		decoder_test(more_names_than_there_is_room_for_are_counted),
		decoder_test(an_event_whose_names_are_missing_is_counted),
		decoder_test(a_line_that_is_no_record_is_counted),
		decoder_test(a_line_with_a_nul_or_without_end_is_broken),
		decoder_test(lines_of_dos_are_read),
		decoder_test(what_users_write_is_not_looked_at),
		decoder_test(a_time_beyond_reason_does_not_overflow),
		decoder_test(a_record_that_is_more_than_one_line_is_broken),
		decoder_test(a_long_log_takes_no_more_memory_than_a_short_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
