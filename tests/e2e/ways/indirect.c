/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ways to a file without its name, or from where the name is another. */

#include "ways.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The library's own buffer for a file handle of any kind. */
union handle {
	struct file_handle handle;
	char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static int open_handle(int flags)
{
	union handle handle = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, mount_fd = open(".", O_RDONLY | O_DIRECTORY);

	if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, "f", &handle.handle, &mount_id, 0) < 0)
		return -1;
	return open_by_handle_at(mount_fd, &handle.handle, flags);
}

static int way_handle_write(void)
{
	int fd = open_handle(O_WRONLY);

	return fd < 0 || write(fd, "h", 1) != 1 ? -1 : close(fd);
}

static int way_handle_read_truncate(void)
{
	return done(open_handle(O_RDONLY | O_TRUNC));
}

static int through_proc(char *ret)
{
	int fd = open_to(O_PATH);

	sprintf(ret, "/proc/self/fd/%d", fd);
	return fd;
}

static int way_reopen_descriptor(void)
{
	char path[64];

	if (through_proc(path) < 0)
		return -1;
	return done(open(path, O_WRONLY));
}

static int way_chmod_descriptor(void)
{
	char path[64];

	return through_proc(path) < 0 ? -1 : chmod(path, 0600);
}

static int way_chroot_write(void)
{
	return chroot(".") < 0 || chdir("/") < 0 ? -1 : way_append();
}

static int way_userns_write(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -1 : way_append();
}

const struct way indirect_ways[] = {
	WAY(handle_write, "handle-write", "in no class of perm="),
	WAY(handle_read_truncate, "handle-read-truncate", "in no class of perm="),
	WAY(reopen_descriptor, "reopen-descriptor", ""),
	WAY(chmod_descriptor, "chmod-descriptor", ""),
	WAY(chroot_write, "chroot-write", ""),
	WAY(userns_write, "userns-write", ""),
	{},
};
