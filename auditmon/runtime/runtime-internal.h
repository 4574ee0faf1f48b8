/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The reader of engines' state from the inside: runtime.c (its life, what is made of what was
 * read), runtime-find.c (where the files are)
 */

#include <time.h>

#include "base/json.h"
#include "runtime/docker-daemon.h"
#include "runtime/monitor.h"
#include "runtime/runtime.h"

struct host_mounts;

struct roots {
	char **list;
	size_t n;
};

struct runtime {
	int proc_fd;
	char *root;
	struct json *json;
	struct host_mounts *mounts;
	struct roots docker, podman; /* from configuration */
	struct docker_daemons daemons;
	time_t scanned_sec; /* CLOCK_MONOTONIC; 0: never */
};

/* A container to be described, and what is known of it beforehand. */
struct subject {
	struct monitor monitor; /* bundle NULL: none found */
	uid_t owner;            /* of a rootless engine; RUNTIME_NO_OWNER: root's */
	struct container_info *info;
};

/* What root's engine keeps is no word about a container of a user's, whose cgroup's name the user
 * chose. */
bool runtime_is_rootless(const struct subject *subject);

/* Reads what its engine's files say of the subject. 0, -ENOENT (none found), -ENOMEM. */
int runtime_find(struct runtime *runtime, struct subject *subject);
