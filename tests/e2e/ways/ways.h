/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Ways to change the file "f" in the working directory: 0, or -1 with errno where the kernel refuses. Each does one thing and ends.
 */

struct way {
	const char *name;
	int (*run)(void);
	const char *why; /* a plain -w does not see it; "": it does */
};

#define WAY(function, name, why) { name, way_##function, why }

/* Each ends with one that has no name. */
extern const struct way content_ways[], attribute_ways[], name_ways[], indirect_ways[], uring_ways[], compat_ways[], around_ways[];

#define ATTRIBUTE "user.way"

int open_to(int flags);

/* What was opened is the way; closing it is not. */
int done(int fd);

int way_append(void);
