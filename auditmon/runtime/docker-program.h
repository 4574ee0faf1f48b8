/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The executables of Docker's daemons on this host
 *
 * Rules on what dockerd itself does name its executable (exe=), and the kernel compares the file
 * that such a path, as whoever loads the rule sees it, leads to (audit_exe_compare()). So a path
 * here has no links in it and is, in our mount namespace, the very file that runs. There are those
 * that are installed in the usual places, whether they run or not, and those that root runs now
 * from elsewhere (a snap, /opt). Not there: what has been replaced since it was started (the daemon
 * that runs has the old file still), what lies where one might have to wait for a file system, what
 * is in a container, and an engine whose program has a name of its own: it may be one that
 * interprets others.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/mounts.h"

#define DOCKER_PROGRAMS_MAX 16

struct docker_programs {
	char *paths[DOCKER_PROGRAMS_MAX]; /* absolute, without links */
	size_t n;
};

/* Is that what a program which is Docker's daemon is called? Without its directory. */
bool docker_program_is_named(const char *program);

/*
 * Replaces what programs holds. mounts: of our own namespace, NULL: not known. 0, -ENOMEM, or the
 * error of reading /proc: then those that are installed are there.
 */
int docker_programs_find(
	struct docker_programs *programs, int proc_fd, const struct mounts *mounts);
void docker_programs_done(struct docker_programs *programs);
