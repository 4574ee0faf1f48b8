/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/host-mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "base/file.h"
#include "base/mounts.h"

#define MAX_MOUNTINFO (16 * 1024 * 1024)

struct host_mounts {
	char *path;
	int fd; /* polled: the kernel says when the mounts have changed (proc_pid_mountinfo(5)) */
	struct mounts *mounts;
};

int host_mounts_new(const char *proc, struct host_mounts **ret)
{
	_cleanup_(host_mounts_freep) struct host_mounts *host = calloc(1, sizeof(*host));

	if (!host)
		return -ENOMEM;
	host->fd = -1;
	/* "self" is a symlink, which file_read() refuses. */
	if (asprintf(&host->path, "%s/%d/mountinfo", proc, getpid()) < 0) {
		host->path = NULL;
		return -ENOMEM;
	}
	host->fd = open(host->path, O_RDONLY | O_CLOEXEC);
	*ret = TAKE(host);
	return 0;
}

void host_mounts_free(struct host_mounts *host)
{
	if (!host)
		return;
	free(host->path);
	closep(&host->fd);
	mounts_free(host->mounts);
	free(host);
}

const struct mounts *host_mounts_now(struct host_mounts *host)
{
	struct pollfd pollfd = { .fd = host->fd, .events = POLLPRI };
	_cleanup_(freep) char *text = NULL;
	struct mounts *mounts;

	if (host->mounts && (poll(&pollfd, 1, 0) <= 0 || !(pollfd.revents & POLLPRI)))
		return host->mounts;
	if (file_read(AT_FDCWD, host->path, MAX_MOUNTINFO, &text, NULL) < 0 ||
		mounts_parse(text, &mounts) < 0)
		return host->mounts;
	mounts_free(host->mounts);
	host->mounts = mounts;
	return mounts;
}
