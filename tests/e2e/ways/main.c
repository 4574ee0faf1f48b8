/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Changes a file in one of many ways: ways WAY DIRECTORY
 *
 * DIRECTORY holds a file "f" (and what ways_prepare() of test-ways.sh puts beside it). Each way does one thing to it and ends; `ways` alone lists
 * them. Exit status 0: done, 1: the kernel refused (said on standard error), 2: no such way. Statically linked, system calls by number, so that
 * it runs in any container and does what it says, whatever the C library would do.
 */

#include "ways.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* In the order of the table in auditmon-coverage(7). */
static const struct way *const kinds[] = { content_ways, attribute_ways, name_ways, indirect_ways, uring_ways, compat_ways, around_ways };

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* What no tool of every distribution makes. */
static int prepare(void)
{
	return setxattr("f", "user.there", "x", 1, 0);
}

static void list(void)
{
	for (size_t i = 0; i < N_KINDS; i++)
		for (const struct way *way = kinds[i]; way->name; way++)
			printf("%s\t%s\n", way->name, way->why);
}

static const struct way *find(const char *name)
{
	for (size_t i = 0; i < N_KINDS; i++)
		for (const struct way *way = kinds[i]; way->name; way++)
			if (strcmp(way->name, name) == 0)
				return way;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct way *way;

	if (argc < 3) {
		list();
		return 0;
	}
	if (strcmp(argv[1], "prepare") == 0)
		return chdir(argv[2]) < 0 || prepare() < 0;
	way = find(argv[1]);
	if (!way)
		return 2;
	if (chdir(argv[2]) < 0 || way->run() < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	/* Whoever asks after the process has a moment. */
	usleep(strncmp(argv[1], "uring", 5) == 0 ? 1500000 : 30000);
	return 0;
}
