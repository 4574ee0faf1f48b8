/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which file, where the kernel names none
 *
 * A call on a descriptor (futimens, ioctl) has no PATH record, and an asynchronous request of
 * io_uring none but the directory of the rule that matched it. While the process lives, its
 * descriptors tell: of a call the one that it was made on, of a request one that is watched and
 * lies in that directory. That is what they are a moment later, so what is found carries doubt.
 */

#include <limits.h>
#include <stdbool.h>

#include "attribute/lineage.h"
#include "attribute/watch-paths.h"
#include "collect/event.h"

struct nameless {
	struct event_path path; /* its name is text; NULL: not even the directory is known */
	char text[PATH_MAX];
	bool is_file;      /* false: path is at most the directory that the file is below */
	const char *doubt; /* static */
};

/* Is event about a file without naming it? */
bool event_is_nameless(const struct event *event);

/* watched NULL, proc_fd -1 or answer NULL: from a log, nobody to ask. */
void nameless_find(int proc_fd, struct watch_paths *watched, const struct event *event,
	const struct lineage_answer *answer, struct nameless *ret);
