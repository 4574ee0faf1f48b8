/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/glob.h"

#include <stdlib.h>
#include <string.h>

/* How many bytes of the pattern stand for the byte of text; 0: they do not match. */
static size_t one(const char *pattern, char byte)
{
	if (*pattern == '?')
		return 1;
	if (*pattern == '\\' && pattern[1])
		return pattern[1] == byte ? 2 : 0;
	return *pattern == byte ? 1 : 0;
}

bool glob_match(const char *pattern, const char *text)
{
	/* Only the last star is ever widened: what an earlier one takes, the last can take too. */
	const char *star = NULL, *from = NULL;

	if (!text)
		return false;
	while (*text) {
		size_t n = *pattern && *pattern != '*' ? one(pattern, *text) : 0;

		if (n > 0) {
			pattern += n;
			text++;
		} else if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

char *glob_beginning(const char *text)
{
	char *pattern = malloc(2 * strlen(text) + 2), *end = pattern;

	if (!pattern)
		return NULL;
	for (; *text; text++) {
		if (strchr("*?\\", *text))
			*end++ = '\\';
		*end++ = *text;
	}
	strcpy(end, "*");
	return pattern;
}
