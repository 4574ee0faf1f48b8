/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A log that grows as a source
 *
 * Reads auditd's log as it is written, and goes on through its rotations: auditd renames FILE to
 * FILE.1, FILE.1 to FILE.2 and so on, so what followed on the file at hand is found by its inode.
 * The directory is watched with inotify, as a regular file cannot be polled.
 */

#include "collect/source.h"

/*
 * from_start: all that is in the file already, too; else only what comes. Opens it at start: errors
 * of open(2), -ENOTSUP (no regular file). source_read() gives -ENOBUFS once where lines are lost:
 * the file was cut short, or rotated away further than can be found. 0, -ENAMETOOLONG, -ENOMEM.
 */
int source_log_new(const char *path, bool from_start, struct source **ret);
