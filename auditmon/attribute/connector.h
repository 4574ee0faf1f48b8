/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The proc connector: births, changes and deaths of processes, as they happen
 *
 * The kernel tells of a fork before the child runs (proc_fork_connector() in copy_process()), so
 * whoever drains this socket after having read an audit record knows every process that record can
 * be about. Messages carry no cgroup; see lineage.h for what is made of them. Sources:
 * drivers/connector/cn_proc.c, include/uapi/linux/cn_proc.h. Before Linux 6.6 the socket needs
 * CAP_NET_ADMIN.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

enum process_event_type {
	PROCESS_FORK, /* pid is the child, parent its parent; of processes, not of threads */
	PROCESS_EXEC,
	PROCESS_SESSION, /* setsid */
	PROCESS_NAME,    /* the process gave itself another comm */
	PROCESS_EXIT,    /* the thread group leader ended */
};

struct process_event {
	enum process_event_type type;
	pid_t pid; /* thread group id, in the initial pid namespace */
	pid_t parent;
	uint64_t time_nsec; /* CLOCK_MONOTONIC */
};

struct connector;

/* buffer_bytes: what the kernel holds while it is not read. 0, -EPERM, or -EPROTONOSUPPORT (kernel
 * without CONFIG_PROC_EVENTS). */
int connector_new(size_t buffer_bytes, struct connector **ret);
void connector_free(struct connector *connector);
DEFINE_CLEANUP(struct connector *, connector_free)

/* Once more, where somebody has made the kernel stop. 0 or a negative errno. */
int connector_subscribe(struct connector *connector);

int connector_fd(const struct connector *connector);

typedef void (*connector_event_fn)(const struct process_event *event, void *userdata);

/*
 * Reads all that is there when it is called, without waiting, calling on_event in order. 0, or
 * -ENOBUFS when events were lost (the socket overran, or a processor's sequence has a gap): what
 * was in the socket after that has been dropped as well, so that nothing is concluded from a half.
 * It can have happened at any time since the last call that gave 0 began.
 */
int connector_read(struct connector *connector, connector_event_fn on_event, void *userdata);
