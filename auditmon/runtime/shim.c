/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/shim.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/process.h"
#include "runtime/state-file.h"

static const char *const cid_options[] = { "cid", "c", NULL };
static const char *const exit_options[] = { "exit-command", NULL };
static const char *const id_options[] = { "id", NULL };
static const char *const namespace_options[] = { "namespace", NULL };
static const char *const root_options[] = { "root", NULL };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * conmon -c ID ... --exit-command /usr/bin/podman ... (podman libpod/oci_conmon_common.go); CRI-O
 * has conmon too, and the exit command tells them apart.
 */
static const char *from_conmon(const struct process_view *view, const char **ret_id)
{
	const char *command = process_view_option(view, exit_options);

	*ret_id = process_view_option(view, cid_options);
	return command && strcmp(base_name(command), "podman") == 0 ? "podman" : NULL;
}

/* containerd-shim-runc-v2 -namespace moby -id ID: with Docker each container has one of its own
 * (containerd core/runtime/v2/shim.go). For Kubernetes one serves a pod, and names only its
 * sandbox. */
static const char *from_shim(const struct process_view *view, const char **ret_id)
{
	const char *namespace_name = process_view_option(view, namespace_options);

	*ret_id = process_view_option(view, id_options);
	return namespace_name && strcmp(namespace_name, "moby") == 0 ? "docker" : NULL;
}

/* runc --root /run/docker/runtime-runc/moby ... exec ... ID, as containerd gives it (go-runc): the
 * directory of its states is named for the namespace. What `create` executes may be a hook, on the
 * host; `exec` has none. */
static const char *from_command(const struct process_view *view, const char **ret_id)
{
	const char *root = process_view_option(view, root_options);

	*ret_id = process_view_last(view);
	return process_view_has(view, "exec") && root && strcmp(base_name(root), "moby") == 0
		       ? "docker"
		       : NULL;
}

static const struct {
	const char *program; /* begins so */
	const char *(*read)(const struct process_view *view, const char **ret_id);
} shims[] = {
	{ "conmon", from_conmon },
	{ "containerd-shim", from_shim },
	{ "runc", from_command },
	{ "crun", from_command },
};

int shim_identify(int proc_fd, pid_t pid, struct cgroup_match *ret)
{
	struct process_view view;
	int r = process_view_read(proc_fd, pid, &view);

	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	r = -ENOENT;
	for (size_t i = 0; i < ELEMENTS(shims) && r < 0; i++) {
		const char *program = process_view_program(&view), *runtime, *id;

		if (strncmp(program, shims[i].program, strlen(shims[i].program)) != 0)
			continue;
		runtime = shims[i].read(&view, &id);
		if (!runtime || !id || !state_id_is_hex64(id))
			continue;
		*ret = (struct cgroup_match){ .runtime = runtime, .of_user = view.uid };
		strcpy(ret->container_id, id);
		r = 0;
	}
	process_view_done(&view);
	return r;
}
