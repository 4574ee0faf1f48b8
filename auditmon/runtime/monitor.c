/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/monitor.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/process.h"

/* Enough for a process some forks below its container's first. */
#define LEVELS_MAX 16

static const char *const bundle_options[] = { "bundle", "b", NULL };
static const char *const cid_options[] = { "cid", "c", NULL };
static const char *const name_options[] = { "name", "n", NULL };

static bool is_usable(const char *path)
{
	size_t len = path ? strlen(path) : 0;

	return len > 0 && len < PATH_MAX && *path == '/' && !strstr(path, "/../") &&
	       (len < 3 || strcmp(path + len - 3, "/..") != 0);
}

static int take(
	const struct process_view *view, const char *bundle, const char *name, struct monitor *ret)
{
	_cleanup_(freep) char *bundle_copy = strdup(bundle);
	_cleanup_(freep) char *name_copy = name && *name ? strdup(name) : NULL;

	if (!bundle_copy || (name && *name && !name_copy))
		return -ENOMEM;
	*ret = (struct monitor){
		.uid = view->uid,
		.bundle = TAKE(bundle_copy),
		.name = TAKE(name_copy),
	};
	return 0;
}

/* conmon -c ID -b BUNDLE -n NAME (podman libpod/oci_conmon_common.go). */
static int from_conmon(int proc_fd, pid_t pid, const struct process_view *view, const char *id,
	struct monitor *ret)
{
	const char *cid = process_view_option(view, cid_options);
	const char *bundle = process_view_option(view, bundle_options);

	if (!cid || strcmp(cid, id) != 0 || !is_usable(bundle))
		return -ENOENT;
	return take(view, bundle, process_view_option(view, name_options), ret);
}

/* runc and crun: [--root DIR] run|create --bundle BUNDLE ID */
static int from_runtime(int proc_fd, pid_t pid, const struct process_view *view, const char *id,
	struct monitor *ret)
{
	const char *last = process_view_last(view);
	const char *bundle = process_view_option(view, bundle_options);

	if (!last || strcmp(last, id) != 0 || !is_usable(bundle))
		return -ENOENT;
	return take(view, bundle, NULL, ret);
}

/*
 * A shim works in its bundle's directory, <state>/<namespace>/<id>. For Kubernetes one shim serves
 * a whole pod and stands in the sandbox's bundle; those of the containers lie beside it.
 */
static int from_shim(int proc_fd, pid_t pid, const struct process_view *view, const char *id,
	struct monitor *ret)
{
	char link[64], path[2 * PATH_MAX], *slash;
	ssize_t len;

	snprintf(link, sizeof(link), "%d/cwd", (int)pid);
	len = readlinkat(proc_fd, link, path, PATH_MAX);
	if (len <= 0 || len >= PATH_MAX || strlen(id) > NAME_MAX)
		return -ENOENT;
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	strcpy(slash + 1, id);
	return is_usable(path) ? take(view, path, NULL, ret) : -ENOENT;
}

/* Names are prefixes: containerd-shim-runc-v2, runc.amd64. */
static const struct {
	const char *program;
	int (*read)(int proc_fd, pid_t pid, const struct process_view *view, const char *id,
		struct monitor *ret);
} kinds[] = {
	{ "conmon", from_conmon },
	{ "containerd-shim", from_shim },
	{ "runc", from_runtime },
	{ "crun", from_runtime },
};

/*
 * Whoever starts a program chooses its argv[0], also of one that runs as root for everybody (sudo).
 * runc is left out: it runs copies of itself that have no name (see attribute/scope.c).
 */
static bool is_other_program(int proc_fd, pid_t pid, const char *program)
{
	char link[64], path[PATH_MAX];
	const char *slash;
	ssize_t len;

	snprintf(link, sizeof(link), "%d/exe", (int)pid);
	len = readlinkat(proc_fd, link, path, sizeof(path) - 1);
	if (len <= 0 || strcmp(program, "runc") == 0)
		return false;
	path[len] = '\0';
	slash = strrchr(path, '/');
	return strncmp(slash ? slash + 1 : path, program, strlen(program)) != 0;
}

static int try(int proc_fd, pid_t pid, const struct process_view *view, const char *id,
	struct monitor *ret)
{
	const char *program = process_view_program(view);

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (strncmp(program, kinds[i].program, strlen(kinds[i].program)) != 0)
			continue;
		if (!process_is_on_host(proc_fd, pid) ||
			is_other_program(proc_fd, pid, kinds[i].program))
			return -ENOENT;
		return kinds[i].read(proc_fd, pid, view, id, ret);
	}
	return -ENOENT;
}

int monitor_find(int proc_fd, pid_t pid, const char *id, struct monitor *ret)
{
	for (int level = 0; level < LEVELS_MAX && pid > 0; level++) {
		struct process_view view;
		int r = process_view_read(proc_fd, pid, &view);

		if (r < 0)
			return r == -ENOMEM ? r : -ENOENT;
		r = try(proc_fd, pid, &view, id, ret);
		pid = view.parent;
		process_view_done(&view);
		if (r != -ENOENT)
			return r;
	}
	return -ENOENT;
}

void monitor_done(struct monitor *monitor)
{
	free(monitor->bundle);
	free(monitor->name);
	*monitor = (struct monitor){};
}
