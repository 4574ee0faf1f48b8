/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/host-mounts.h"
#include "runtime/runtime-internal.h"
#include "runtime/state-file.h"

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
	r = r < 0 ? r : host_mounts_new(proc, &runtime->mounts);
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
	host_mounts_free(runtime->mounts);
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

static uid_t owner_of(const struct cgroup_match *match, const struct monitor *monitor)
{
	return monitor->bundle && monitor->uid == 0 ? RUNTIME_NO_OWNER : runtime_owner(match);
}

uid_t runtime_owner_of(struct runtime *runtime, const struct cgroup_match *match, pid_t pid)
{
	struct monitor monitor = { 0 };
	uid_t owner = runtime_owner(match);

	if (owner == RUNTIME_NO_OWNER)
		return owner;
	monitor_find(runtime->proc_fd, pid, match->container_id, &monitor);
	owner = owner_of(match, &monitor);
	monitor_done(&monitor);
	return owner;
}

bool runtime_root_knows(struct runtime *runtime, const struct cgroup_match *match)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	struct cgroup_match roots = { .runtime = match->runtime };

	strcpy(roots.container_id, match->container_id);
	return runtime_describe(runtime, &roots, 0, &info) == 0 && info->source;
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

	if (!info->rootfs || runtime_is_rootless(subject) || strcmp(info->rootfs, "/") == 0)
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
		subject.owner = owner_of(match, &subject.monitor);
		if (r == 0 || r == -ENOENT)
			r = runtime_find(runtime, &subject);
		monitor_done(&subject.monitor);
	}
	/* What lies below a container's root is its own: of which place a user can say so is not
	 * for that user to choose. */
	if (runtime_is_rootless(&subject)) {
		free(info->rootfs);
		info->rootfs = NULL;
	}
	info->of_user = runtime_is_rootless(&subject) ? subject.owner : 0;
	check_running(runtime, info);
	if (r != -ENOMEM)
		r = complete(info);
	r = r < 0 ? r : find_root_device(runtime, &subject);
	if (r == 0)
		read_stamp(runtime, info, &info->named_stamp);
	r = r < 0 ? r : posture_find_sockets(runtime->root, host_mounts_now(runtime->mounts), info);
	if (r < 0)
		return r;
	*ret = TAKE(info);
	return 0;
}
