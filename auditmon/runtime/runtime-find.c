/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/host-mounts.h"
#include "base/path-walk.h"
#include "runtime/docker.h"
#include "runtime/oci.h"
#include "runtime/podman.h"
#include "runtime/runtime-internal.h"
#include "runtime/storage-conf.h"

#define SCAN_PAUSE_SEC 1

#define TASKS "io.containerd.runtime.v2.task"

static const char *const docker_roots[] = { "/var/lib/docker",
	"/var/snap/docker/common/var-lib-docker" };

/* CRI-O keeps its bundles under the run root. */
static const char *const storage_roots[] = { "/var/lib/containers/storage",
	"/run/containers/storage" };
static const char rootless_storage[] = ".local/share/containers/storage";
static const char rootless_docker[] = ".local/share/docker";

/* containerd's state directories: its own, k3s', the one that dockerd starts, microk8s'. */
static const char *const containerd_states[] = { "/run/containerd", "/run/k3s/containerd",
	"/run/docker/containerd/daemon", "/var/snap/microk8s/common/run/containerd" };
static const char *const containerd_namespaces[] = { "k8s.io", "moby", "default" };

typedef int (*read_fn)(
	struct json *json, const struct state_directory *directory, struct container_info *info);

/* 0 found, -ENOENT, -ENOMEM: as all that follow. */
static int read_from(
	struct runtime *runtime, const char *path, read_fn read, struct container_info *info)
{
	struct state_directory directory;
	int r = state_directory_open(runtime->root, path, &directory);

	if (r == 0) {
		r = read(runtime->json, &directory, info);
		state_directory_done(&directory);
	}
	return r == 0 || r == -ENOMEM ? r : -ENOENT;
}

static int read_from_any(struct runtime *runtime, const char *const *paths, size_t n_paths,
	read_fn read, struct container_info *info)
{
	int r = -ENOENT;

	for (size_t i = 0; i < n_paths && r == -ENOENT; i++)
		r = read_from(runtime, paths[i], read, info);
	return r;
}

/*
 * A directory that a user chose, or below can mount what answers when that user likes: see
 * base/path-walk.h. below: what will be read there, of which no link is followed.
 */
static int open_users(
	struct runtime *runtime, const char *path, const char *below, struct state_directory *ret)
{
	const struct mounts *mounts = host_mounts_now(runtime->mounts);
	char joined[PATH_WALK_SIZE], canonical[PATH_WALK_SIZE];
	struct state_directory directory = { .fd = -1 };
	int r = 0;

	if (snprintf(joined, sizeof(joined), "%s%s", runtime->root, path) >= (int)sizeof(joined))
		return -ENOENT;
	directory.fd = path_walk(mounts, joined, true, canonical);
	if (directory.fd < 0)
		return -ENOENT;
	directory.path = strdup(path);
	if (!directory.path)
		r = -ENOMEM;
	else if (snprintf(joined, sizeof(joined), "%s/%s", canonical, below) >=
			 (int)sizeof(joined) ||
		 (mounts && mounts_asks_around(mounts, *below ? joined : canonical)))
		r = -ENOENT;
	else if (*below)
		r = state_directory_open_below(&directory, below, ret);
	else
		*ret = (struct state_directory){ TAKE_FD(directory.fd), TAKE(directory.path) };
	state_directory_done(&directory);
	return r;
}

/* In the home of a rootless engine's user. */
static int read_from_home(struct runtime *runtime, uid_t uid, const char *below, read_fn read,
	struct container_info *info)
{
	struct state_directory directory;
	struct passwd passwd, *found = NULL;
	char buffer[4096];
	int r;

	if (getpwuid_r(uid, &passwd, buffer, sizeof(buffer), &found) != 0 || !found)
		return -ENOENT;
	r = open_users(runtime, found->pw_dir, below, &directory);
	if (r == 0) {
		r = read(runtime->json, &directory, info);
		state_directory_done(&directory);
	}
	return r == 0 || r == -ENOMEM ? r : -ENOENT;
}

/* A monitor of root's may name any directory; one of a user's only what that user owns. */
static int read_from_monitor(struct runtime *runtime, const struct monitor *monitor,
	const char *path, read_fn read, struct container_info *info)
{
	struct state_directory directory;
	struct stat st;
	int r;

	if (monitor->uid == 0)
		return read_from(runtime, path, read, info);
	r = open_users(runtime, path, "", &directory);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	if (fstat(directory.fd, &st) == 0 && st.st_uid == monitor->uid)
		r = read(runtime->json, &directory, info);
	else
		r = -ENOENT;
	state_directory_done(&directory);
	return r;
}

static int read_bundle(struct runtime *runtime, struct subject *subject)
{
	if (!subject->monitor.bundle)
		return -ENOENT;
	return read_from_monitor(
		runtime, &subject->monitor, subject->monitor.bundle, oci_describe, subject->info);
}

bool runtime_is_rootless(const struct subject *subject)
{
	return subject->owner != RUNTIME_NO_OWNER;
}

static bool may_use(const struct docker_daemon *daemon, const struct subject *subject)
{
	return daemon->uid == (runtime_is_rootless(subject) ? subject->owner : 0);
}

static int read_from_daemons(struct runtime *runtime, struct subject *subject)
{
	int r = -ENOENT;

	for (size_t i = 0; i < runtime->daemons.n && r == -ENOENT; i++) {
		const struct docker_daemon *daemon = &runtime->daemons.list[i];

		if (may_use(daemon, subject) && daemon->data_root)
			r = read_from(runtime, daemon->data_root, docker_describe, subject->info);
	}
	return r;
}

static int rescan(struct runtime *runtime)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (runtime->scanned_sec != 0 && now.tv_sec - runtime->scanned_sec < SCAN_PAUSE_SEC)
		return -ENOENT;
	runtime->scanned_sec = now.tv_sec;
	return docker_daemons_scan(
		&runtime->daemons, runtime->proc_fd, runtime->root, runtime->json);
}

static int find_docker(struct runtime *runtime, struct subject *subject)
{
	struct container_info *info = subject->info;
	int r = -ENOENT;

	if (!runtime_is_rootless(subject))
		r = read_from_any(runtime, (const char *const *)runtime->docker.list,
			runtime->docker.n, docker_describe, info);
	if (r == -ENOENT)
		r = read_from_daemons(runtime, subject);
	if (r == -ENOENT && runtime_is_rootless(subject))
		r = read_from_home(runtime, subject->owner, rootless_docker, docker_describe, info);
	else if (r == -ENOENT)
		r = read_from_any(
			runtime, docker_roots, ELEMENTS(docker_roots), docker_describe, info);
	if (r == -ENOENT && rescan(runtime) == 0)
		r = read_from_daemons(runtime, subject);
	return r;
}

/* The OCI spec below a containerd's state directory, whatever the namespace. */
static int read_task(struct runtime *runtime, const char *state, struct container_info *info)
{
	int r = -ENOENT;

	for (size_t i = 0; i < ELEMENTS(containerd_namespaces) && r == -ENOENT; i++) {
		char path[PATH_MAX];
		int len = snprintf(path, sizeof(path), "%s/" TASKS "/%s/%s", state,
			containerd_namespaces[i], info->id);

		if (len < (int)sizeof(path))
			r = read_from(runtime, path, oci_describe, info);
	}
	return r;
}

static int describe_containerd(struct runtime *runtime, struct subject *subject)
{
	int r = read_bundle(runtime, subject);

	for (size_t i = 0;
		!runtime_is_rootless(subject) && i < ELEMENTS(containerd_states) && r == -ENOENT;
		i++)
		r = read_task(runtime, containerd_states[i], subject->info);
	return r;
}

/*
 * Docker's own files say most, but not where the root file system is: that is in the spec that
 * containerd was given.
 */
static int describe_docker(struct runtime *runtime, struct subject *subject)
{
	int found = find_docker(runtime, subject), r;

	/* Where the path named no engine, a spec alone does not prove that it is Docker. */
	if (found == -ENOMEM || (found < 0 && strcmp(subject->info->runtime, "docker") != 0))
		return found;
	r = read_bundle(runtime, subject);
	for (size_t i = 0; i < runtime->daemons.n && r == -ENOENT; i++) {
		const struct docker_daemon *daemon = &runtime->daemons.list[i];
		char state[PATH_MAX];

		if (!may_use(daemon, subject) || !daemon->exec_root ||
			snprintf(state, sizeof(state), "%s/containerd/daemon", daemon->exec_root) >=
				(int)sizeof(state))
			continue;
		r = read_task(runtime, state, subject->info);
	}
	for (size_t i = 0;
		!runtime_is_rootless(subject) && i < ELEMENTS(containerd_states) && r == -ENOENT;
		i++)
		r = read_task(runtime, containerd_states[i], subject->info);
	return r == -ENOMEM ? r : found;
}

static int read_from_configured_storage(struct runtime *runtime, struct container_info *info)
{
	int r = -ENOENT;

	for (size_t i = 0; storage_conf_path(i) && r == -ENOENT; i++) {
		_cleanup_(freep) char *graphroot = NULL;

		if (storage_conf_graphroot(runtime->root, storage_conf_path(i), &graphroot) < 0)
			return -ENOMEM;
		if (graphroot)
			r = read_from(runtime, graphroot, podman_describe, info);
	}
	return r;
}

static int read_from_monitor_storage(struct runtime *runtime, struct subject *subject)
{
	_cleanup_(freep) char *storage = NULL;
	int r;

	if (!subject->monitor.bundle)
		return -ENOENT;
	r = podman_storage_of(subject->monitor.bundle, subject->info->id, &storage);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	return read_from_monitor(
		runtime, &subject->monitor, storage, podman_describe, subject->info);
}

static int find_root_storage(struct runtime *runtime, struct subject *subject)
{
	struct container_info *info = subject->info;
	int r = read_from_any(runtime, (const char *const *)runtime->podman.list, runtime->podman.n,
		podman_describe, info);

	if (r == -ENOENT)
		r = read_from_monitor_storage(runtime, subject);
	if (r == -ENOENT)
		r = read_from_configured_storage(runtime, info);
	if (r == -ENOENT)
		r = read_from_any(
			runtime, storage_roots, ELEMENTS(storage_roots), podman_describe, info);
	return r;
}

static int describe_storage(struct runtime *runtime, struct subject *subject)
{
	struct container_info *info = subject->info;
	int r;

	if (runtime_is_rootless(subject)) {
		r = read_from_monitor_storage(runtime, subject);
		if (r == -ENOENT)
			r = read_from_home(
				runtime, subject->owner, rootless_storage, podman_describe, info);
	} else {
		r = find_root_storage(runtime, subject);
	}
	if (r == 0 && !info->name && subject->monitor.name)
		info->name = TAKE(subject->monitor.name);
	return r;
}

/*
 * Where the path named no engine, those are tried that make such paths: below a pod, or with a
 * parent given by the caller.
 */
static const struct {
	const char *runtime;
	int (*describe)(struct runtime *runtime, struct subject *subject);
	bool unnamed;
} engines[] = {
	{ "docker", describe_docker, true },
	{ "containerd", describe_containerd, true },
	{ "podman", describe_storage, false },
	{ "cri-o", describe_storage, false },
};

int runtime_find(struct runtime *runtime, struct subject *subject)
{
	struct container_info *info = subject->info;
	bool unnamed = strcmp(info->runtime, "unknown") == 0 && state_id_is_hex64(info->id);

	for (size_t i = 0; i < ELEMENTS(engines); i++) {
		char *name;
		int r;

		if (!(unnamed && engines[i].unnamed) &&
			strcmp(info->runtime, engines[i].runtime) != 0)
			continue;
		r = engines[i].describe(runtime, subject);
		if (r == -ENOMEM || !unnamed)
			return r;
		if (r < 0)
			continue;
		name = strdup(engines[i].runtime);
		if (!name)
			return -ENOMEM;
		free(info->runtime);
		info->runtime = name;
		return 0;
	}
	return read_bundle(runtime, subject);
}

int runtime_task_exists(void *userdata, const char *namespace_name, const char *id)
{
	const struct runtime *runtime = userdata;

	if (!state_name_is_safe(namespace_name) || !state_name_is_safe(id))
		return 0;
	for (size_t i = 0; i < ELEMENTS(containerd_states); i++) {
		struct state_directory state, task;
		char below[2 * NAME_MAX + sizeof(TASKS) + 2];
		int r;

		snprintf(below, sizeof(below), TASKS "/%s/%s", namespace_name, id);
		if (state_directory_open(runtime->root, containerd_states[i], &state) < 0)
			continue;
		r = state_directory_open_below(&state, below, &task);
		state_directory_done(&state);
		if (r == 0) {
			state_directory_done(&task);
			return 1;
		}
	}
	return 0;
}
