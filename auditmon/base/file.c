/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/cleanup.h"

#define CLOCK_AHEAD_MSEC 1000

/* Not followed, a symlink is no directory: told apart, as openat2(2) does. */
static int open_component(int directory_fd, const char *name, int flags)
{
	int fd = openat(directory_fd, name, flags | O_NOFOLLOW), r = -errno;
	struct stat st;

	if (fd < 0 && r == -ENOTDIR &&
		fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return -ELOOP;
	return fd < 0 ? r : fd;
}

/* Component by component. Any "..", which openat2(2) would let go up within the directory, is
 * refused. */
static int walk_beneath(int directory_fd, const char *path, int flags)
{
	_cleanup_(closep) int at = -1;
	char name[NAME_MAX + 1];

	if (*path == '/')
		return -EXDEV;
	for (;;) {
		size_t len = strcspn(path, "/");
		const char *next = path + len + strspn(path + len, "/");
		int fd;

		if (len == 0)
			return -ENOENT;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, len);
		name[len] = '\0';
		if (strcmp(name, "..") == 0)
			return -EXDEV;
		fd = open_component(at < 0 ? directory_fd : at, name,
			path[len] ? O_PATH | O_DIRECTORY | O_CLOEXEC : flags);
		if (fd < 0 || !*next)
			return fd;
		closep(&at);
		at = fd;
		path = next;
	}
}

int file_open_beneath(int directory_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, directory_fd, path, &how, sizeof(how));

	if (fd >= 0)
		return fd;
	/* An old kernel, or systemd's RestrictSUIDSGID=, which cannot look into its structure. */
	return errno == ENOSYS ? walk_beneath(directory_fd, path, flags) : -errno;
}

static int open_regular(int directory_fd, const char *path, struct stat *ret_stat)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	_cleanup_(closep) int fd = -1;

	if (directory_fd == AT_FDCWD) {
		fd = open(path, flags | O_NOFOLLOW);
		if (fd < 0)
			return -errno;
	} else {
		fd = file_open_beneath(directory_fd, path, flags);
	}
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
