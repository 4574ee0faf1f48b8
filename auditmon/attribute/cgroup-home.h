/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where a container lives in the cgroup tree, and whether a process is still there
 *
 * A process can leave its container in one hierarchy and stay in the others, so each line of its
 * /proc/PID/cgroup counts by itself (cgroups(7)). Pure text.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * The lines of text (a /proc/PID/cgroup, len bytes) whose path names the container's id, each cut
 * behind the directory that names it. Heap text, "" where there is none. 0 or -ENOMEM.
 */
int cgroup_home_take(const char *text, size_t len, const char *id, char **ret);

/* Is the process of text elsewhere in any of the hierarchies that home has? One that text does not
 * have says nothing. */
bool cgroup_home_is_left(const char *home, const char *text, size_t len);
