/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which container does the process that looks after one name?
 *
 * For containers that have no cgroup of their own (Podman's --cgroups=disabled, and every rootless
 * one under cgroup v1), or a process that was gone before its cgroup was read: then the command
 * line of conmon, of Docker's shim, or of the runtime's command below that, is what tells. It is
 * worth as much as its uid, so that goes into the answer.
 */

#include <sys/types.h>

#include "runtime/cgroup.h"

/*
 * Reads the command line of pid, a process of the host. Fills *ret as if a path had said so, with
 * of_user. 0, -ENOENT (it names none, or is gone), -ENOMEM.
 */
int shim_identify(int proc_fd, pid_t pid, struct cgroup_match *ret);
