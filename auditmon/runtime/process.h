/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A process as its command line presents it
 *
 * For finding engines among processes: what it was started with, as whom, below whom, and whether
 * it is itself inside a container.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_view {
	pid_t parent; /* 0: none */
	uid_t uid;    /* effective */
	char *argv;   /* NUL-separated, NUL-terminated */
	size_t argv_len;
};

/* proc_fd: a descriptor of /proc. 0, -ENOENT or another error (gone, or not readable), -ENOMEM. */
int process_view_read(int proc_fd, pid_t pid, struct process_view *ret);
void process_view_done(struct process_view *view);

/* Base name of argv[0]; "" where there is none. */
const char *process_view_program(const struct process_view *view);

/*
 * Value of an option: `--name VALUE`, `--name=VALUE` and the same with one dash, after the first
 * argument; NULL without it. names ends with NULL; the first occurrence of any counts. Borrowed
 * from view.
 */
const char *process_view_option(const struct process_view *view, const char *const *names);

/* Is the word one of the arguments after the program? */
bool process_view_has(const struct process_view *view, const char *word);

/* Last argument; NULL where there is none after the program. Borrowed from view. */
const char *process_view_last(const struct process_view *view);

/* True where the process's cgroup is certain to be no container's. */
bool process_is_on_host(int proc_fd, pid_t pid);
