/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Around the file: what lies below it, what lies over it, and what was opened before anybody watched. */

#include "ways.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Only opened: nothing is written. */
static int way_raw_device(void)
{
	return done(open("/dev/loop7", O_RDWR));
}

static int way_bind_over(void)
{
	return mount("other", "f", NULL, MS_BIND, NULL) < 0 ? -1 : umount2("f", MNT_DETACH);
}

static int way_mount_over(void)
{
	return mount("none", ".", "tmpfs", 0, NULL) < 0 ? -1 : umount2("../mount-over", MNT_DETACH);
}

static int way_move_mount_over(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "other", 1 /* OPEN_TREE_CLONE */);

	if (tree < 0)
		return -1;
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "f", 4 /* MOVE_MOUNT_F_EMPTY_PATH */) < 0)
		return -1;
	return umount2("f", MNT_DETACH);
}

static int way_enter_namespace(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY);

	return fd < 0 || unshare(CLONE_NEWNS) < 0 ? -1 : setns(fd, CLONE_NEWNS);
}

/* Opened before anybody watches: waits for "go" and then writes. */
static int way_old_descriptor(void)
{
	int fd = open_to(O_WRONLY);

	if (fd < 0 || close(open("ready", O_WRONLY | O_CREAT, 0644)) < 0)
		return -1;
	while (access("go", F_OK) < 0)
		usleep(10000);
	return write(fd, "o", 1) == 1 ? close(fd) : -1;
}

const struct way around_ways[] = {
	WAY(raw_device, "raw-device", "another file: the device below"),
	WAY(bind_over, "bind-over", "another file, which comes to lie over it"),
	WAY(mount_over, "mount-over", "another file, which comes to lie over it"),
	WAY(move_mount_over, "move_mount-over", "another file, which comes to lie over it"),
	WAY(enter_namespace, "enter-namespace", "about no file"),
	WAY(old_descriptor, "old-descriptor", "opened before the watch: a write names no file"),
	{},
};
