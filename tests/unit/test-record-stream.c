/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "collect/record-stream.h"
#include "heard.h"

/* In pieces of step bytes. The last result, or the first error. */
static int feed(struct record_stream *stream, const char *bytes, size_t len, size_t step,
	struct heard *heard)
{
	const struct source_sink sink = heard_sink(heard);
	int r = 0;

	for (size_t done = 0; done < len && r >= 0;) {
		size_t room, n = len - done < step ? len - done : step;
		char *into = record_stream_room(stream, &room);

		assert_true(room > 0);
		n = n < room ? n : room;
		memcpy(into, bytes + done, n);
		done += n;
		r = record_stream_added(stream, n, &sink);
	}
	return r;
}

static size_t put_record(
	char *into, uint32_t version, uint32_t type, const char *text, uint32_t size)
{
	const uint32_t header[] = { version, 16, type, size };

	memcpy(into, header, sizeof(header));
	memcpy(into + sizeof(header), text, size);
	return sizeof(header) + size;
}

static void lines_come_out_whole_however_they_are_cut(void **state)
{
	const char text[] =
		"type=A msg=audit(1.000:1): a\n\nnode=x type=B msg=audit(1.000:1): b\nty";

	for (size_t step = 1; step < sizeof(text); step++) {
		_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
		struct heard heard = { 0 };

		assert_int_equal(record_stream_new(&stream), 0);
		assert_true(feed(stream, text, sizeof(text) - 1, step, &heard) >= 0);
		assert_heard(&heard,
			"type=A msg=audit(1.000:1): a\nnode=x type=B msg=audit(1.000:1): b\n");
		assert_true(record_stream_restart(stream));
		assert_false(record_stream_restart(stream));
	}
}

static void both_binary_versions_are_told_apart(void **state)
{
	char bytes[256];
	size_t len = put_record(bytes, 0, 1300, "audit(1.000:1): a\n", 18);

	len += put_record(bytes + len, 1, 1302, "type=PATH msg=audit(1.000:1): b", 32);
	len += put_record(bytes + len, 0, 1320, "", 0);
	for (size_t step = 1; step < len; step++) {
		_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
		struct heard heard = { 0 };

		assert_int_equal(record_stream_new(&stream), 0);
		assert_true(feed(stream, bytes, len, step, &heard) >= 0);
		assert_heard(&heard, "#1300 audit(1.000:1): a\ntype=PATH msg=audit(1.000:1): b\n");
	}
}

/* As auditd 3 sends them. */
static void padding_behind_records_is_passed_over(void **state)
{
	static const size_t steps[] = { 1, 7, 1024, 8986, 30000 };
	size_t len = 0;
	char *bytes = calloc(3, 16 + 8970);

	for (unsigned i = 0; i < 3; i++) {
		put_record(bytes + len, i == 2, 1300 + i, "audit(1.000:1): abc", 19);
		len += 16 + 8970;
	}
	for (size_t i = 0; i < ELEMENTS(steps); i++) {
		_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
		struct heard heard = { 0 };

		assert_int_equal(record_stream_new(&stream), 0);
		assert_true(feed(stream, bytes, len, steps[i], &heard) >= 0);
		assert_heard(&heard, "#1300 audit(1.000:1): abc\n#1301 audit(1.000:1): "
				     "abc\naudit(1.000:1): abc\n");
	}
	free(bytes);
}

static void impossible_header_ends_the_stream(void **state)
{
	static const uint32_t headers[][4] = {
		{ 0, 17, 1300, 4 },
		{ 1, 0, 1300, 4 },
		{ 0, 16, 1300, UINT32_MAX },
		{ 0, 16, 1300, 1 << 20 },
	};

	for (size_t i = 0; i < ELEMENTS(headers); i++) {
		_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
		struct heard heard = { 0 };
		char bytes[64] = "";

		assert_int_equal(record_stream_new(&stream), 0);
		memcpy(bytes, headers[i], sizeof(headers[i]));
		assert_int_equal(feed(stream, bytes, sizeof(bytes), 64, &heard), -EBADMSG);
		assert_heard(&heard, "");
	}
}

static void a_line_without_end_is_skipped_and_told_once(void **state)
{
	_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
	_cleanup_(freep) char *bytes = malloc(300000);
	struct heard heard = { 0 };

	memset(bytes, 'x', 300000);
	memcpy(bytes + 299990, "\ntype=X\n", 8);
	assert_int_equal(record_stream_new(&stream), 0);
	assert_true(feed(stream, bytes, 299998, 4096, &heard) >= 0);
	assert_heard(&heard, "(too long)\ntype=X\n");
}

static void error_of_the_sink_is_handed_on(void **state)
{
	_cleanup_(record_stream_freep) struct record_stream *stream = NULL;
	struct heard heard = { .error = -ENOMEM };

	assert_int_equal(record_stream_new(&stream), 0);
	assert_int_equal(feed(stream, "type=A\ntype=B\n", 14, 14, &heard), -ENOMEM);
	assert_heard(&heard, "type=A\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_whole_however_they_are_cut),
		cmocka_unit_test(both_binary_versions_are_told_apart),
		cmocka_unit_test(padding_behind_records_is_passed_over),
		cmocka_unit_test(impossible_header_ends_the_stream),
		cmocka_unit_test(a_line_without_end_is_skipped_and_told_once),
		cmocka_unit_test(error_of_the_sink_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
