/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The process that looks after a container
 *
 * Above a container's processes stands one of the host: conmon, containerd's shim, or runc itself.
 * Its command line or working directory says where the container's OCI bundle is, wherever the
 * engine was told to keep it. Anybody can write such a command line, so a process counts only if it
 * belongs to no container itself and names the container that is asked for; what it says is worth
 * as much as its uid.
 */

#include <sys/types.h>

#include "base/cleanup.h"

struct monitor {
	uid_t uid;    /* effective */
	char *bundle; /* OCI bundle's directory as the host names it; need not exist */
	char *name;   /* what conmon was given as the container's name; NULL: nothing */
};

/* Looks for the monitor of container id from pid upwards. 0, -ENOENT (none found), -ENOMEM. */
int monitor_find(int proc_fd, pid_t pid, const char *id, struct monitor *ret);
void monitor_done(struct monitor *monitor);
