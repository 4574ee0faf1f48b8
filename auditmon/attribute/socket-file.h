/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The file of a socket: from a path to the identity by which the kernel lists it (unix-diag.h)
 *
 * The list has the device of the file system, as mountinfo has it; stat's is another one on btrfs.
 * Never waits for a file system (path-walk.h).
 */

#include <stdbool.h>
#include <stdint.h>

#include "attribute/unix-diag.h"
#include "base/path-walk.h"

struct socket_file {
	uint32_t inode, dev_major, dev_minor;
	char path[PATH_WALK_SIZE]; /* without links in it */
};

/* mounts: our own, NULL: not known. 0, -ENOTSOCK, -EXDEV (one might have to wait), -ENOENT or
 * another error of path_walk(). */
int socket_file_find(const struct mounts *mounts, const char *path, struct socket_file *ret);

bool socket_file_is(const struct socket_file *file, const struct unix_socket *socket);
