/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/socket-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int socket_file_find(const struct mounts *mounts, const char *path, struct socket_file *ret)
{
	_cleanup_(closep) int fd = path_walk(mounts, path, true, ret->path);
	const struct mount *mount = NULL;
	struct statx stx;

	if (fd < 0)
		return fd;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO | STATX_MNT_ID,
		    &stx) < 0)
		return -errno;
	if (!S_ISSOCK(stx.stx_mode))
		return -ENOTSOCK;
	if (mounts && (stx.stx_mask & STATX_MNT_ID))
		mount = mounts_by_id(mounts, (int)stx.stx_mnt_id);
	ret->inode = (uint32_t)stx.stx_ino;
	ret->dev_major = mount ? mount->dev_major : stx.stx_dev_major;
	ret->dev_minor = mount ? mount->dev_minor : stx.stx_dev_minor;
	return 0;
}

bool socket_file_is(const struct socket_file *file, const struct unix_socket *socket)
{
	return socket->file_inode == file->inode && socket->file_major == file->dev_major &&
	       socket->file_minor == file->dev_minor;
}
