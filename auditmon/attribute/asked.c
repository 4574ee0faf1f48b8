/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/asked.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* What is made while the container is (daemon/create.go), and what is written each time that it is
 * started (initializeNetworking(), libnetwork's setupResolutionFiles()). */
static const char made[] = "checkpoints";
static const char *const started[] = { "hosts", "hostname", "resolv.conf" };

static int64_t msec_of(struct statx_timestamp time)
{
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* False: it has no such time, or is not there. */
static bool read_status(int fd, const char *name, unsigned mask, struct statx *ret)
{
	return statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, mask, ret) == 0 &&
	       (ret->stx_mask & mask) == mask;
}

void asked_read(const char *named_by, struct asked *ret)
{
	const char *slash = named_by ? strrchr(named_by, '/') : NULL;
	_cleanup_(closep) int fd = -1;
	char directory[PATH_MAX];
	struct statx status;

	*ret = (struct asked){ 0 };
	if (!slash || (size_t)(slash - named_by) >= sizeof(directory))
		return;
	memcpy(directory, named_by, (size_t)(slash - named_by));
	directory[slash - named_by] = '\0';
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read_status(fd, made, STATX_BTIME, &status))
		ret->after_msec = msec_of(status.stx_btime);
	/* The latest of all, as a start that failed may have left some; and its ctime, which nobody
	 * can set back, as the container's processes can write to them. */
	for (size_t i = 0; i < ELEMENTS(started); i++) {
		if (!read_status(fd, started[i], STATX_CTIME | STATX_BTIME, &status))
			continue;
		if (msec_of(status.stx_ctime) > ret->by_msec)
			ret->by_msec = msec_of(status.stx_ctime);
		if (ret->about_msec == 0 || msec_of(status.stx_btime) < ret->about_msec)
			ret->about_msec = msec_of(status.stx_btime);
	}
	/* Written last when it is made, and again when it runs. */
	if (read_status(fd, slash + 1, STATX_MTIME, &status))
		ret->answered_msec = msec_of(status.stx_mtime);
	if (ret->answered_msec < ret->after_msec || ret->answered_msec > ret->by_msec)
		ret->answered_msec = 0;
	/* They are no request's times if they contradict each other. */
	if (ret->by_msec != 0 && ret->by_msec < ret->after_msec)
		*ret = (struct asked){ 0 };
}
