/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "runtime/docker-daemon.h"
#include "runtime/docker.h"
#include "runtime/monitor.h"
#include "runtime/oci.h"
#include "runtime/podman.h"
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

struct roots {
	char **list;
	size_t n;
};

struct runtime {
	int proc_fd;
	char *root;
	struct json *json;
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

int runtime_new(const char *proc, const char *root, struct runtime **ret)
{
	_cleanup_(runtime_freep) struct runtime *runtime = calloc(1, sizeof(*runtime));
	int r;

	if (!runtime)
		return -ENOMEM;
	runtime->proc_fd = open(proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (runtime->proc_fd < 0)
		return -errno;
	runtime->root = strdup(root);
	if (!runtime->root)
		return -ENOMEM;
	r = json_new(&runtime->json);
	if (r < 0)
		return r;
	*ret = TAKE(runtime);
	return 0;
}

static void free_roots(struct roots *roots)
{
	for (size_t i = 0; i < roots->n; i++)
		free(roots->list[i]);
	free(roots->list);
}

void runtime_free(struct runtime *runtime)
{
	if (!runtime)
		return;
	closep(&runtime->proc_fd);
	free(runtime->root);
	json_free(runtime->json);
	free_roots(&runtime->docker);
	free_roots(&runtime->podman);
	docker_daemons_done(&runtime->daemons);
	free(runtime);
}

int runtime_add_root(struct runtime *runtime, const char *engine, const char *directory)
{
	struct roots *roots = strcmp(engine, "docker") == 0   ? &runtime->docker
			      : strcmp(engine, "podman") == 0 ? &runtime->podman
							      : NULL;
	char **larger;

	if (!roots || *directory != '/')
		return -EINVAL;
	larger = reallocarray(roots->list, roots->n + 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	roots->list = larger;
	larger[roots->n] = strdup(directory);
	if (!larger[roots->n])
		return -ENOMEM;
	roots->n++;
	return 0;
}

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
 * In the home of a rootless engine's user: what lies below is the user's, so no link in it is
 * followed.
 */
static int read_from_home(struct runtime *runtime, uid_t uid, const char *below, read_fn read,
	struct container_info *info)
{
	struct state_directory home, directory;
	struct passwd passwd, *found = NULL;
	char buffer[4096];
	int r;

	if (getpwuid_r(uid, &passwd, buffer, sizeof(buffer), &found) != 0 || !found)
		return -ENOENT;
	r = state_directory_open(runtime->root, found->pw_dir, &home);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	r = state_directory_open_below(&home, below, &directory);
	state_directory_done(&home);
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

	r = state_directory_open(runtime->root, path, &directory);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	if (monitor->uid == 0 || (fstat(directory.fd, &st) == 0 && st.st_uid == monitor->uid))
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

/* What root's engine keeps is no word about a container of a user's, whose cgroup's name the user chose. */
static bool is_rootless(const struct subject *subject)
{
	return subject->owner != RUNTIME_NO_OWNER;
}

static bool may_use(const struct docker_daemon *daemon, const struct subject *subject)
{
	return daemon->uid == (is_rootless(subject) ? subject->owner : 0);
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

	if (!is_rootless(subject))
		r = read_from_any(runtime, (const char *const *)runtime->docker.list,
			runtime->docker.n, docker_describe, info);
	if (r == -ENOENT)
		r = read_from_daemons(runtime, subject);
	if (r == -ENOENT && is_rootless(subject))
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

	for (size_t i = 0; !is_rootless(subject) && i < ELEMENTS(containerd_states) && r == -ENOENT; i++)
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
	for (size_t i = 0; !is_rootless(subject) && i < ELEMENTS(containerd_states) && r == -ENOENT; i++)
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

	if (is_rootless(subject)) {
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

static int describe(struct runtime *runtime, struct subject *subject)
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

/* The user in whose part of systemd's tree the container is: `user@UID.service`. */
uid_t runtime_owner(const struct cgroup_match *match)
{
	const char *mark = "/user@", *at;
	unsigned long long uid = 0;
	size_t left;

	if (match->of_user != 0)
		return match->of_user;
	at = match->matched ? memmem(match->matched, match->matched_len, mark, strlen(mark)) : NULL;
	if (!at)
		return RUNTIME_NO_OWNER;
	at += strlen(mark);
	for (left = (size_t)(match->matched + match->matched_len - at);
		left > 0 && *at >= '0' && *at <= '9' && uid < RUNTIME_NO_OWNER; at++, left--)
		uid = 10 * uid + (unsigned long long)(*at - '0');
	if (left < strlen(".service") || memcmp(at, ".service", strlen(".service")) != 0 ||
		uid >= RUNTIME_NO_OWNER || uid == 0)
		return RUNTIME_NO_OWNER;
	return (uid_t)uid;
}

/* Copies text if there is any. */
static int set(char **field, const char *text)
{
	*field = *text ? strdup(text) : NULL;
	return *text && !*field ? -ENOMEM : 0;
}

/*
 * The device of the container's root, if that is a mount of its own. Of what a user's files name
 * nothing is asked: it may be a file system that answers when that user likes.
 */
static int find_root_device(struct runtime *runtime, const struct subject *subject)
{
	_cleanup_(freep) char *path = NULL;
	struct container_info *info = subject->info;
	struct stat root, above;
	int r;

	if (!info->rootfs || is_rootless(subject) || strcmp(info->rootfs, "/") == 0)
		return 0;
	if (asprintf(&path, "%s%s/..", runtime->root, info->rootfs) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = lstat(path, &above);
	path[strlen(path) - strlen("/..")] = '\0';
	if (r < 0 || lstat(path, &root) < 0 || !S_ISDIR(root.st_mode) ||
		root.st_dev == above.st_dev)
		return 0;
	info->has_root_device = true;
	info->root_major = major(root.st_dev);
	info->root_minor = minor(root.st_dev);
	return 0;
}

/* A file that is as young as that may change again without showing it. */
#define YOUNG_NSEC (100 * INT64_C(1000000))

static int read_stamp(
	const struct runtime *runtime, const struct container_info *info, struct file_stamp *ret)
{
	_cleanup_(freep) char *path = NULL;
	struct timespec now;
	struct stat st;

	*ret = (struct file_stamp){ 0 };
	if (!info->named_by)
		return -ENOENT;
	if (asprintf(&path, "%s%s", runtime->root, info->named_by) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (lstat(path, &st) < 0)
		return -errno;
	clock_gettime(CLOCK_REALTIME, &now);
	ret->inode = st.st_ino;
	ret->changed_nsec = st.st_ctim.tv_sec * INT64_C(1000000000) + st.st_ctim.tv_nsec;
	if (now.tv_sec * INT64_C(1000000000) + now.tv_nsec - ret->changed_nsec < YOUNG_NSEC)
		ret->changed_nsec = 0;
	return 0;
}

bool runtime_is_renamed(struct runtime *runtime, const struct container_info *info)
{
	struct file_stamp now;

	return read_stamp(runtime, info, &now) == 0 &&
	       (now.inode != info->named_stamp.inode || now.changed_nsec == 0 ||
		       now.changed_nsec != info->named_stamp.changed_nsec);
}

/* An engine that was killed, or is not asked, does not notice the end of what it says runs. */
static void check_running(const struct runtime *runtime, struct container_info *info)
{
	char path[32];

	if (info->init_pid == 0)
		return;
	snprintf(path, sizeof(path), "%d", (int)info->init_pid);
	if (faccessat(runtime->proc_fd, path, F_OK, 0) == 0 || errno != ENOENT)
		return;
	info->init_pid = 0;
	info->running = TRISTATE_NO;
}

/* Their containers have no other id than the name that people gave. */
static const char *const named_by_id[] = { "lxc", "systemd-nspawn" };

/* A reference may carry the digest itself, name@sha256:..., and an id be a name. */
static int complete(struct container_info *info)
{
	const char *at = info->image && !info->image_digest ? strchr(info->image, '@') : NULL;

	int r = at && at[1] ? set(&info->image_digest, at + 1) : 0;

	for (size_t i = 0; i < ELEMENTS(named_by_id) && r == 0 && !info->name; i++)
		if (strcmp(info->runtime, named_by_id[i]) == 0)
			r = set(&info->name, info->id);
	return r;
}

int runtime_describe(struct runtime *runtime, const struct cgroup_match *match, pid_t pid,
	struct container_info **ret)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	struct subject subject = { .owner = runtime_owner(match) };
	int r;

	r = container_info_new(match->container_id, match->runtime, &info);
	if (r == 0)
		r = set(&info->outer_id, match->outer_id);
	if (r == 0)
		r = set(&info->pod_uid, match->pod_uid);
	if (r < 0)
		return r;
	subject.info = info;
	if (state_name_is_safe(info->id)) {
		r = monitor_find(runtime->proc_fd, pid, info->id, &subject.monitor);
		if (r == 0 || r == -ENOENT)
			r = describe(runtime, &subject);
		monitor_done(&subject.monitor);
	}
	check_running(runtime, info);
	if (r != -ENOMEM)
		r = complete(info);
	r = r < 0 ? r : find_root_device(runtime, &subject);
	if (r == 0)
		read_stamp(runtime, info, &info->named_stamp);
	r = r < 0 ? r : posture_find_sockets(runtime->root, info);
	if (r < 0)
		return r;
	*ret = TAKE(info);
	return 0;
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
