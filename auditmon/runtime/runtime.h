/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Finding and reading a container's state
 *
 * Given what the cgroup path told (engine, id) and a live process of the container, finds the
 * engine's state files and reads them. Where they are comes from, in this order: roots named by
 * configuration; the command lines of the container's ancestors (conmon -b BUNDLE, runc --bundle,
 * the shim's working directory); the running daemon's own arguments (dockerd --data-root,
 * --exec-root, --config-file; found by a scan of /proc, repeated only after a miss and at most once
 * a second); the engines' default places.
 *
 * A rootless engine's files belong to its user, and so does what they say: they are looked for only
 * if the cgroup lies in that user's part of the tree, or below a monitor that runs as that user,
 * and links in them are not followed.
 *
 * One reader serves one thread. /proc's place is a parameter, so that tests need no root.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/cgroup.h"
#include "runtime/container.h"

struct runtime;

/*
 * proc: usually "/proc". root: prefix for every other path that is read, usually "". 0, -ENOMEM, or
 * the error of opening proc.
 */
int runtime_new(const char *proc, const char *root, struct runtime **ret);
void runtime_free(struct runtime *runtime);
DEFINE_CLEANUP(struct runtime *, runtime_free)

/*
 * Adds a root directory of an engine ("docker", "podman") to look in first. 0, -EINVAL (unknown
 * engine, or no absolute path), -ENOMEM.
 */
int runtime_add_root(struct runtime *runtime, const char *engine, const char *directory);

/*
 * Describes the container that match names (match->runtime is not NULL). pid is a process of it or
 * on the way into it (0: none known). Always gives a record with at least id and runtime; what
 * could not be read stays absent. Where the path named no engine and the files of one name the
 * container, the record's runtime is that engine, while match->runtime stays "unknown". -ENOMEM.
 */
int runtime_describe(struct runtime *runtime, const struct cgroup_match *match, pid_t pid,
	struct container_info **ret);

/*
 * Has the file that gave the container its name changed since? Then that may be another one
 * (`docker rename`): runtime_describe() anew. False also where the file is gone.
 */
bool runtime_is_renamed(struct runtime *runtime, const struct container_info *info);

/*
 * For cgroup_match(): does containerd keep a task of this namespace and id under its state
 * directory? userdata: the runtime.
 */
int runtime_task_exists(void *runtime, const char *namespace_name, const char *id);

/* The user in whose part of systemd's tree (user@UID.service) the container's cgroup is; RUNTIME_NO_OWNER: in nobody's. */
#define RUNTIME_NO_OWNER ((uid_t)-1)
uid_t runtime_owner(const struct cgroup_match *match);

/* Whose the container is: that user's, unless the monitor above pid, a process of it, is root's
 * (podman run --cgroups=split of root in a user's session). */
uid_t runtime_owner_of(struct runtime *runtime, const struct cgroup_match *match, pid_t pid);

/* Does an engine of root's have a container of the id that match names? False also without memory.
 */
bool runtime_root_knows(struct runtime *runtime, const struct cgroup_match *match);
