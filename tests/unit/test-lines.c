/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "collect/lines.h"

#define BUFFER_SIZE (256 * 1024)

/* A log in memory. */
static struct lines *lines_of(const char *bytes, size_t len, int *ret_fd)
{
	struct lines *lines = NULL;
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	assert_int_equal(lines_new(fd, &lines), 0);
	*ret_fd = fd;
	return lines;
}

static void assert_line(struct lines *lines, const char *expected, size_t expected_len)
{
	const char *line = NULL;
	bool whole = false;
	size_t len = 0;

	assert_int_equal(lines_next(lines, &line, &len, &whole), 1);
	assert_true(whole);
	assert_int_equal(len, expected_len);
	assert_memory_equal(line, expected, len);
}

static void assert_end(struct lines *lines)
{
	const char *line;
	bool whole;
	size_t len;

	assert_int_equal(lines_next(lines, &line, &len, &whole), 0);
	assert_int_equal(lines_next(lines, &line, &len, &whole), 0);
}

static void lines_come_one_by_one(void **state)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(lines_freep) struct lines *lines = lines_of("one\n\ntwo\0x\r\n", 12, &fd);

	assert_line(lines, "one", 3);
	assert_line(lines, "", 0);
	assert_line(lines, "two\0x\r", 6);
	assert_end(lines);
}

static void the_last_line_needs_no_newline(void **state)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(lines_freep) struct lines *lines = lines_of("one\ntwo", 7, &fd);

	assert_line(lines, "one", 3);
	assert_line(lines, "two", 3);
	assert_end(lines);
}

static void an_empty_log_has_no_lines(void **state)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(lines_freep) struct lines *lines = lines_of("", 0, &fd);

	assert_end(lines);
}

static void lines_may_lie_across_the_buffers_end(void **state)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *bytes = malloc(4 * BUFFER_SIZE);
	_cleanup_(lines_freep) struct lines *lines = NULL;
	const size_t len = 1000, n = 4 * BUFFER_SIZE / (len + 1);

	memset(bytes, 'x', 4 * BUFFER_SIZE);
	for (size_t i = 0; i < n; i++)
		bytes[i * (len + 1) + len] = '\n';
	lines = lines_of(bytes, n * (len + 1), &fd);
	for (size_t i = 0; i < n; i++)
		assert_line(lines, bytes, len);
	assert_end(lines);
}

static void assert_passed_over(struct lines *lines)
{
	const char *line = NULL;
	bool whole = true;
	size_t len = 1;

	assert_int_equal(lines_next(lines, &line, &len, &whole), 1);
	assert_false(whole);
	assert_int_equal(len, 0);
}

static void a_line_that_is_too_long_is_passed_over_and_told(void **state)
{
	static const size_t lens[] = { BUFFER_SIZE, BUFFER_SIZE + 1, 3 * BUFFER_SIZE };

	for (size_t i = 0; i < ELEMENTS(lens); i++) {
		_cleanup_(closep) int fd = -1;
		_cleanup_(freep) char *bytes = malloc(lens[i] + 10);
		_cleanup_(lines_freep) struct lines *lines = NULL;

		memset(bytes, 'x', lens[i] + 10);
		memcpy(bytes, "a\n", 2);
		memcpy(bytes + 2 + lens[i], "\nb\n", 3);
		lines = lines_of(bytes, lens[i] + 5, &fd);
		assert_line(lines, "a", 1);
		assert_passed_over(lines);
		assert_line(lines, "b", 1);
		assert_end(lines);
	}
}

static void an_endless_last_line_ends_with_the_log(void **state)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *bytes = malloc(2 * BUFFER_SIZE);
	_cleanup_(lines_freep) struct lines *lines = NULL;

	memset(bytes, 'x', 2 * BUFFER_SIZE);
	lines = lines_of(bytes, 2 * BUFFER_SIZE, &fd);
	assert_passed_over(lines);
	assert_end(lines);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	_cleanup_(closep) int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(lines_freep) struct lines *lines = NULL;
	const char *line;
	bool whole;
	size_t len;

	assert_int_equal(lines_new(fd, &lines), 0);
	assert_int_equal(lines_next(lines, &line, &len, &whole), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(an_empty_log_has_no_lines),
		cmocka_unit_test(lines_may_lie_across_the_buffers_end),
		cmocka_unit_test(a_line_that_is_too_long_is_passed_over_and_told),
		cmocka_unit_test(an_endless_last_line_ends_with_the_log),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
