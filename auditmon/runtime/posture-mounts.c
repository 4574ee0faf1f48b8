/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a container's first process sees mounted: is its root read-only, and which paths of the host
 * does it reach? Also where no engine's file says so (LXC, systemd-nspawn).
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json-encode.h"
#include "base/mounts.h"
#include "runtime/container.h"
#include "runtime/posture.h"

#define MOUNTINFO_MAX ((size_t)4 << 20)

/* A list that is longer is not told: cut it would be wrong. */
#define MAX_PATHS 256

/* The kernel's own, not the host's files, whoever mounted them. */
static bool is_kernels(const struct mount *mount)
{
	static const char *const types[] = { "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs",
		"debugfs", "devpts", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore",
		"securityfs", "selinuxfs", "sysfs", "tracefs" };

	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (strcmp(mount->type, types[i]) == 0)
			return true;
	return false;
}

static int read_mounts(int proc_fd, pid_t pid, struct mounts **ret)
{
	_cleanup_(freep) char *text = NULL;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "%d/mountinfo", (int)pid);
	r = file_read(proc_fd, path, MOUNTINFO_MAX, &text, NULL);
	return r < 0 ? r : mounts_parse(text, ret);
}

/* Of several at one place the last is the one that is seen. */
static const struct mount *mount_at(const struct mounts *mounts, const char *point)
{
	for (size_t i = mounts->n; i > 0; i--)
		if (strcmp(mounts->list[i - 1].point, point) == 0)
			return &mounts->list[i - 1];
	return NULL;
}

int posture_root_of(const struct mounts *mounts, char **ret)
{
	const struct mount *root = mount_at(mounts, "/");

	*ret = root ? strdup(root->read_only ? "true" : "false") : NULL;
	return root && !*ret ? -ENOMEM : 0;
}

static void print_path(FILE *out, const char *source, const struct mount *mount)
{
	fputs("{\"source\":", out);
	json_encode_string(out, source, strlen(source));
	fputs(",\"destination\":", out);
	json_encode_string(out, mount->point, strlen(mount->point));
	fprintf(out, ",\"writable\":%s}", mount->read_only ? "false" : "true");
}

int posture_host_paths(const struct mounts *mounts, const struct mounts *host, char **ret)
{
	_cleanup_(freep) char *json = NULL;
	FILE *out = open_memstream(&json, &(size_t){ 0 });
	unsigned n = 0;
	int r = 0;

	*ret = NULL;
	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (size_t i = 0; i < mounts->n && n <= MAX_PATHS && r == 0; i++) {
		const struct mount *mount = &mounts->list[i];
		_cleanup_(freep) char *source = NULL;

		/* Its root is the container; whatever else is mounted of that is within. */
		if (strcmp(mount->point, "/") == 0 || is_kernels(mount) ||
			mount_at(mounts, mount->point) != mount)
			continue;
		r = mounts_name_of(host, mount->dev_major, mount->dev_minor, mount->root, &source);
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		if (r == 0 && n++ > 0)
			fputc(',', out);
		if (r == 0)
			print_path(out, source, mount);
	}
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	if (r == 0 && n <= MAX_PATHS)
		*ret = TAKE(json);
	return r;
}

int posture_take_mounts(int proc_fd, pid_t pid, struct container_info *info)
{
	_cleanup_(mounts_freep) struct mounts *mounts = NULL, *host = NULL;
	char source[64], *json;
	int r;

	snprintf(source, sizeof(source), "/proc/%d/mountinfo", (int)pid);
	/* In the host's mount namespace all is the host's: host_namespaces tells that. */
	if (posture_shares_with_host(info, "mnt"))
		return 0;
	r = read_mounts(proc_fd, pid, &mounts);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = posture_root_of(mounts, &json);
	r = r < 0 ? r : posture_set(info, POSTURE_READ_ONLY_ROOT, json, source);
	if (r < 0)
		return r;
	r = read_mounts(proc_fd, getpid(), &host);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = posture_host_paths(mounts, host, &json);
	return r < 0 ? r : posture_set(info, POSTURE_HOST_PATHS, json, source);
}
