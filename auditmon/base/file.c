/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/cleanup.h"

#define CLOCK_AHEAD_MSEC 1000

static int open_beneath(int directory_fd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (directory_fd == AT_FDCWD)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	else
		fd = syscall(SYS_openat2, directory_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static int open_regular(int directory_fd, const char *path, struct stat *ret_stat)
{
	_cleanup_(closep) int fd = open_beneath(directory_fd, path);

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_stat) < 0)
		return -errno;
	return S_ISREG(ret_stat->st_mode) ? TAKE_FD(fd) : -ENOTSUP;
}

int file_read_head(int directory_fd, const char *path, void *buffer, size_t size, size_t *ret_len)
{
	struct stat st;
	_cleanup_(closep) int fd = open_regular(directory_fd, path, &st);
	size_t len = 0;

	if (fd < 0)
		return fd;
	while (len < size) {
		ssize_t n = read(fd, (char *)buffer + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

int file_read(int directory_fd, const char *path, size_t max_len, char **ret, size_t *ret_len)
{
	_cleanup_(freep) char *buffer = NULL;
	_cleanup_(closep) int fd = -1;
	size_t size = 4096, len = 0;
	struct stat st;

	fd = open_regular(directory_fd, path, &st);
	if (fd < 0)
		return fd;
	if (st.st_size > 0 && (size_t)st.st_size < max_len)
		size = (size_t)st.st_size + 2;

	for (;;) {
		char *larger = realloc(buffer, size);
		ssize_t n;

		if (!larger)
			return -ENOMEM;
		buffer = larger;
		n = read(fd, buffer + len, size - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max_len)
			return -EFBIG;
		if (len + 1 == size)
			size *= 2;
	}
	buffer[len] = '\0';
	*ret = TAKE(buffer);
	if (ret_len)
		*ret_len = len;
	return 0;
}

int64_t file_birth_msec(const struct statx *stx, int64_t now_msec)
{
	int64_t birth_msec;

	if (!(stx->stx_mask & STATX_BTIME) || stx->stx_btime.tv_sec <= 0 ||
		stx->stx_btime.tv_sec > now_msec / 1000 + 1)
		return 0;
	birth_msec = stx->stx_btime.tv_sec * 1000 + stx->stx_btime.tv_nsec / 1000000;
	return birth_msec > now_msec + CLOCK_AHEAD_MSEC ? 0 : birth_msec;
}

int64_t file_clock_slack_msec(void)
{
	struct timespec tick;

	return clock_getres(CLOCK_REALTIME_COARSE, &tick) < 0 ? 10
							      : tick.tv_nsec / 1000000 + 1;
}
