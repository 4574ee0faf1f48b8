/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)

/* bytes[start, end) have been read and not been handed out. */
struct lines {
	int fd;
	bool at_end;
	size_t start, end;
	char bytes[BUFFER_SIZE];
};

int lines_new(int fd, struct lines **ret)
{
	struct lines *lines = malloc(sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	lines->fd = fd;
	lines->at_end = false;
	lines->start = lines->end = 0;
	*ret = lines;
	return 0;
}

void lines_free(struct lines *lines)
{
	free(lines);
}

static int fill(struct lines *lines)
{
	ssize_t n;

	if (lines->start > 0) {
		memmove(lines->bytes, lines->bytes + lines->start, lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	do
		n = read(lines->fd, lines->bytes + lines->end, BUFFER_SIZE - lines->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	lines->at_end = n == 0;
	lines->end += (size_t)n;
	return 0;
}

static int skip_rest(struct lines *lines)
{
	for (;;) {
		const char *newline =
			memchr(lines->bytes + lines->start, '\n', lines->end - lines->start);
		int r;

		if (newline) {
			lines->start = (size_t)(newline - lines->bytes) + 1;
			return 0;
		}
		lines->start = lines->end = 0;
		if (lines->at_end)
			return 0;
		r = fill(lines);
		if (r < 0)
			return r;
	}
}

int lines_next(struct lines *lines, const char **ret, size_t *ret_len, bool *ret_whole)
{
	size_t searched = 0;

	for (;;) {
		char *begin = lines->bytes + lines->start;
		size_t len = lines->end - lines->start;
		const char *newline = memchr(begin + searched, '\n', len - searched);
		int r;

		if (newline || (lines->at_end && len > 0)) {
			*ret = begin;
			*ret_len = newline ? (size_t)(newline - begin) : len;
			*ret_whole = true;
			lines->start += *ret_len + (newline ? 1 : 0);
			return 1;
		}
		if (lines->at_end)
			return 0;
		if (len == BUFFER_SIZE) {
			*ret = "";
			*ret_len = 0;
			*ret_whole = false;
			r = skip_rest(lines);
			return r < 0 ? r : 1;
		}
		searched = len;
		r = fill(lines);
		if (r < 0)
			return r;
	}
}
