/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A fresh directory for a test, and files in it. Include after cmocka.h.
 */

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char path[64];
};

static int place_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline int place_init(struct place *place)
{
	strcpy(place->path, "/tmp/auditmon-test-XXXXXX");
	return mkdtemp(place->path) ? 0 : -1;
}

static inline int place_done(const struct place *place)
{
	return nftw(place->path, place_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* The path of name in the place, in one of some buffers that are used in turn. */
static inline const char *place_name(const struct place *place, const char *name)
{
	static char buffers[8][512];
	static unsigned next;
	char *buffer = buffers[next++ % 8];

	assert_true(snprintf(buffer, sizeof(buffers[0]), "%s%s%s", place->path, name[0] ? "/" : "",
			    name) < (int)sizeof(buffers[0]));
	return buffer;
}

/* Makes the directories that lead to name. */
static inline void place_make_way(const struct place *place, const char *name)
{
	char path[512];

	strcpy(path, place_name(place, name));
	for (char *slash = strchr(path + strlen(place->path) + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static inline __attribute__((unused)) void place_directory(
	const struct place *place, const char *name)
{
	place_make_way(place, name);
	assert_int_equal(mkdir(place_name(place, name), 0755), 0);
}

static inline void place_put(
	const struct place *place, const char *name, const void *bytes, size_t len)
{
	int fd;

	place_make_way(place, name);
	fd = open(place_name(place, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static inline __attribute__((unused)) void place_text(
	const struct place *place, const char *name, const char *text)
{
	place_put(place, name, text, strlen(text));
}

static inline __attribute__((unused)) struct stat place_stat(
	const struct place *place, const char *name)
{
	struct stat st;

	assert_int_equal(lstat(place_name(place, name), &st), 0);
	return st;
}
