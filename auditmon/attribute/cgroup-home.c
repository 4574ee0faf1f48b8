/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/cgroup-home.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* `N:controllers:path`; the path may hold colons itself. */
struct line {
	const char *text;
	size_t hierarchy_len; /* with its two colons */
	const char *path;
	size_t path_len;
};

/* False at the end. What is no such line is passed over. */
static bool next_line(const char **at, const char *end, struct line *ret)
{
	while (*at < end) {
		const char *text = *at;
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		const char *first = memchr(text, ':', (size_t)(stop - text));
		const char *second =
			first ? memchr(first + 1, ':', (size_t)(stop - first - 1)) : NULL;

		*at = newline ? newline + 1 : end;
		if (!second || second + 1 == stop || second[1] != '/')
			continue;
		*ret = (struct line){
			.text = text,
			.hierarchy_len = (size_t)(second + 1 - text),
			.path = second + 1,
			.path_len = (size_t)(stop - second - 1),
		};
		return true;
	}
	return false;
}

int cgroup_home_take(const char *text, size_t len, const char *id, char **ret)
{
	const char *at = text, *end = text + len;
	_cleanup_(freep) char *home = NULL;
	struct line line;
	FILE *out = open_memstream(&home, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	while (next_line(&at, end, &line)) {
		const char *stop = line.path + line.path_len;
		const char *named = memmem(line.path, line.path_len, id, strlen(id));
		const char *slash = named ? memchr(named, '/', (size_t)(stop - named)) : NULL;

		if (!named)
			continue;
		fwrite(line.text, 1, (size_t)((slash ? slash : stop) - line.text), out);
		fputc('\n', out);
	}
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = TAKE(home);
	return 0;
}

static bool is_at_or_below(const struct line *line, const struct line *home)
{
	return line->path_len >= home->path_len &&
	       memcmp(line->path, home->path, home->path_len) == 0 &&
	       (line->path_len == home->path_len || line->path[home->path_len] == '/');
}

bool cgroup_home_is_left(const char *home, const char *text, size_t len)
{
	const char *home_at = home, *home_end = home + strlen(home), *at;
	struct line home_line, line;

	while (next_line(&home_at, home_end, &home_line)) {
		at = text;
		while (next_line(&at, text + len, &line))
			if (line.hierarchy_len == home_line.hierarchy_len &&
				memcmp(line.text, home_line.text, line.hierarchy_len) == 0 &&
				!is_at_or_below(&line, &home_line))
				return true;
	}
	return false;
}
