/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files that others own, read as root
 *
 * A runtime's state and /proc are written by processes we do not trust. So: regular files only, no
 * symlink below the directory that was given, a limit on the size, never a wait on a FIFO.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * Opens path below directory_fd, where no symlink and no ".." leads out of it, with open(2)'s
 * flags, which create nothing. A descriptor, or -ELOOP (a symlink), -EXDEV (leads out) or another
 * error of openat2(2). Works without that call, too.
 */
int file_open_beneath(int directory_fd, const char *path, int flags);

/*
 * Reads the file at path below directory_fd (AT_FDCWD: path is trusted up to its last component)
 * into a fresh NUL-terminated buffer that the caller frees. Symlinks in path are refused when
 * directory_fd is a directory. 0, or -ENOENT, -ESRCH (a process of /proc that ended), -EACCES,
 * -ELOOP (a symlink), -EXDEV (leads out of the directory), -ENOTSUP (not a regular file), -EFBIG
 * (longer than max_len), -ENOMEM or another read error.
 */
int file_read(int directory_fd, const char *path, size_t max_len, char **ret, size_t *ret_len);

/*
 * The first size bytes of such a file, or what it has. 0 or the errors above but -EFBIG.
 */
int file_read_head(int directory_fd, const char *path, void *buffer, size_t size, size_t *ret_len);

/*
 * When the file came into being; 0 where the file system does not say, or has a clock of its own that
 * is ahead of now_msec. What lived at an earlier time was another file that had its inode number.
 */
int64_t file_birth_msec(const struct statx *stx, int64_t now_msec);

/* How much later than the kernel's coarse clock says, which audit takes its times from, a file's own
 * times can be (multigrain timestamps, Linux 6.13). */
int64_t file_clock_slack_msec(void);
