/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/statvfs.h>

#define DEFAULT_SIZE ((size_t)8 << 20)
#define LEAST_SIZE ((size_t)64 << 10)

struct reserve {
	char *path;
};

static int default_size(int fd, size_t *ret)
{
	struct statvfs fs;
	uint64_t quarter;

	if (fstatvfs(fd, &fs) < 0)
		return -errno;
	quarter = (uint64_t)fs.f_bavail * fs.f_frsize / 4;
	if (quarter < LEAST_SIZE)
		return -ENOSPC;
	*ret = quarter < DEFAULT_SIZE ? (size_t)quarter : DEFAULT_SIZE;
	return 0;
}

int reserve_new(const char *database_path, size_t size, struct reserve **ret)
{
	_cleanup_(reserve_freep) struct reserve *reserve = calloc(1, sizeof(*reserve));
	_cleanup_(closep) int fd = -1;
	int r;

	if (!reserve || asprintf(&reserve->path, "%s-reserve", database_path) < 0)
		return -ENOMEM;
	/* One that a crash has left is as good as a new one. */
	fd = open(reserve->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0) {
		r = -errno;
		free(TAKE(reserve->path));
		return r;
	}
	if (size == 0) {
		r = default_size(fd, &size);
		if (r < 0)
			return r;
	}
	r = -posix_fallocate(fd, 0, (off_t)size);
	if (r < 0)
		return r == -EFBIG ? -ENOSPC : r;
	*ret = TAKE(reserve);
	return 0;
}

void reserve_free(struct reserve *reserve)
{
	if (!reserve)
		return;
	if (reserve->path)
		unlink(reserve->path);
	free(reserve->path);
	free(reserve);
}
