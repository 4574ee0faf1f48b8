/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which container does this cgroup path name?
 *
 * Pure text in, answer out: the content of a /proc/PID/cgroup (any cgroup version, any number of
 * lines) is matched against one table of path patterns. All lines are looked at; the deepest
 * container wins, since a named or a controller hierarchy may say less than the others. "Not a
 * container" is the answer for whatever only looks like one.
 */

#include <stddef.h>
#include <sys/types.h>

#define CGROUP_ID_MAX 256

struct cgroup_match {
	const char *runtime;              /* static text; NULL: no container */
	char container_id[CGROUP_ID_MAX]; /* innermost; "" without container */
	char outer_id[CGROUP_ID_MAX];     /* outermost, "" if the same */
	const char *outer_runtime;        /* static text; NULL if outer_id is "" */
	char pod_uid[CGROUP_ID_MAX];      /* Kubernetes pod uid or Podman pod id; "" if none */
	uid_t of_user; /* of a rootless engine, where something else than the path says so; 0: not */
	const char *matched; /* the line that decided, borrowed from text; NULL: none */
	size_t matched_len;
};

/*
 * Decides from text (len bytes, not necessarily NUL-terminated). *ret is always filled.
 * task_exists, where not NULL, is asked whether containerd has a task of that namespace and id
 * (positive: yes):
 * `/<namespace>/<id>` of ctr is free text and no evidence by itself.
 */
typedef int (*cgroup_task_exists_fn)(void *userdata, const char *namespace_name, const char *id);
void cgroup_match(const char *text, size_t len, cgroup_task_exists_fn task_exists, void *userdata,
	struct cgroup_match *ret);
