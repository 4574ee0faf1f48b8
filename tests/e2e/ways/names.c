/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ways to change what has the name, and which names the file has. */

#include "ways.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int way_rename_over(void)
{
	return rename("other", "f");
}

static int way_rename_away(void)
{
	return rename("f", "away");
}

static int way_rename_exchange(void)
{
	return renameat2(AT_FDCWD, "f", AT_FDCWD, "other", RENAME_EXCHANGE);
}

static int way_link(void)
{
	return link("f", "another");
}

static int way_link_write(void)
{
	int fd = open("linked", O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int way_unlink(void)
{
	return (int)syscall(SYS_unlink, "f");
}

static int way_unlinkat(void)
{
	return unlinkat(AT_FDCWD, "f", 0);
}

static int way_replace_by_symlink(void)
{
	return symlink("/etc/passwd", "away") < 0 ? -1 : rename("away", "f");
}

static int way_symlink_write(void)
{
	int fd = open("symlink", O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int way_replace_by_node(void)
{
	return unlink("f") < 0 ? -1 : mknod("f", S_IFIFO | 0600, 0);
}

static int way_rename_parent(void)
{
	return chdir("..") < 0 ? -1 : rename("rename-parent", "rename-parent.away");
}

const struct way name_ways[] = {
	WAY(rename_over, "rename-over", ""),
	WAY(rename_away, "rename-away", ""),
	WAY(rename_exchange, "rename-exchange", ""),
	WAY(rename_parent, "rename-parent", ""),
	WAY(link, "link", ""),
	WAY(link_write, "link-write", ""),
	WAY(unlink, "unlink", ""),
	WAY(unlinkat, "unlinkat", ""),
	WAY(replace_by_symlink, "replace-by-symlink", ""),
	WAY(symlink_write, "symlink-write", ""),
	WAY(replace_by_node, "replace-by-node", ""),
	{},
};
