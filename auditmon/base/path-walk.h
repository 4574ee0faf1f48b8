/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From a name that outsiders chose to the file, without ever waiting for one
 *
 * To open a path, even with O_PATH, is to ask each file system on the way, and one of a server that
 * is gone or of a process that does not answer (NFS, FUSE, autofs) makes whoever asks wait, beyond
 * the reach of any signal. So a path is gone along component by component, links are followed here,
 * and the walk ends before it enters a mount that asks somebody, and at the links of /proc that
 * lead elsewhere than their text says (root, cwd, fd): behind those are other mount namespaces.
 *
 * Who mounts something between the look at the mounts and the step can still make it wait; that
 * takes the privilege to mount in the host's namespace what root may enter.
 */

#include <stdbool.h>

#include "base/mounts.h"

#define PATH_WALK_SIZE 8192

/*
 * path: absolute. mounts: those of our own namespace, NULL: not known, nothing is held against it.
 * follow: the last component, too, if that is a link. canonical gets the name without links in it.
 * Gives an O_PATH descriptor, or -EXDEV (leads where one might have to wait), -ENOENT, -ENOTDIR,
 * -ELOOP, -ENAMETOOLONG, -EINVAL (not absolute) or another error of openat(2).
 */
int path_walk(
	const struct mounts *mounts, const char *path, bool follow, char canonical[PATH_WALK_SIZE]);
