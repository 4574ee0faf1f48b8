/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/docker-daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "runtime/process.h"

/* moby cmd/dockerd/config_unix.go; `graph` and -g are what data-root was called before 17.05. */
static const char *const config_options[] = { "config-file", NULL };
static const char *const data_root_options[] = { "data-root", "graph", "g", NULL };
static const char *const exec_root_options[] = { "exec-root", NULL };
static const char *const seccomp_options[] = { "seccomp-profile", NULL };
static const char *const data_root_keys[] = { "$.\"data-root\"", "$.graph", NULL };
static const char *const exec_root_keys[] = { "$.\"exec-root\"", NULL };
static const char *const seccomp_keys[] = { "$.\"seccomp-profile\"", NULL };

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

void docker_daemons_done(struct docker_daemons *daemons)
{
	for (size_t i = 0; i < daemons->n; i++) {
		free(daemons->list[i].data_root);
		free(daemons->list[i].exec_root);
		free(daemons->list[i].config_file);
		free(daemons->list[i].seccomp_profile);
	}
	daemons->n = 0;
}

/* The file that the daemon was given, or root's default; NULL: none is known. */
static const char *config_file(const struct process_view *view)
{
	const char *file = process_view_option(view, config_options);

	if (!file && view->uid == 0)
		file = "/etc/docker/daemon.json";
	return file && *file == '/' ? file : NULL;
}

/* Without a file, json holds nothing. */
static int load_config(const struct process_view *view, const char *root, struct json *json)
{
	const char *file = config_file(view);
	_cleanup_(freep) char *path = NULL, *text = NULL;
	size_t len;
	int r;

	r = json_load(json, "{}", 2);
	if (r < 0 || !file)
		return r;
	if (asprintf(&path, "%s%s", root, file) < 0)
		return -ENOMEM;
	r = file_read(AT_FDCWD, path, STATE_FILE_MAX, &text, &len);
	if (r == 0)
		r = json_load(json, text, len);
	return r == -ENOMEM ? r : 0;
}

static int setting(const struct process_view *view, const char *const *options, struct json *json,
	const char *const *keys, char **ret)
{
	const char *value = process_view_option(view, options);
	int r = 0;

	if (value) {
		*ret = strdup(value);
		return *ret ? 0 : -ENOMEM;
	}
	for (; *keys && r == 0; keys++)
		r = state_take_string(json, *keys, ret);
	return r;
}

static int add(struct docker_daemons *daemons, pid_t pid, const struct process_view *view,
	const char *root, struct json *json)
{
	_cleanup_(freep) char *data_root = NULL, *exec_root = NULL, *config = NULL, *seccomp = NULL;
	const char *file = config_file(view);
	int r;

	r = load_config(view, root, json);
	if (r == 0)
		r = setting(view, data_root_options, json, data_root_keys, &data_root);
	if (r == 0)
		r = setting(view, exec_root_options, json, exec_root_keys, &exec_root);
	if (r == 0)
		r = setting(view, seccomp_options, json, seccomp_keys, &seccomp);
	if (r == 0 && file) {
		config = strdup(file);
		r = config ? 0 : -ENOMEM;
	}
	if (r < 0)
		return r;
	/* "builtin" and "unconfined" are no files. */
	if (seccomp && seccomp[0] != '/')
		free(TAKE(seccomp));
	daemons->list[daemons->n++] = (struct docker_daemon){
		.pid = pid,
		.uid = view->uid,
		.data_root = TAKE(data_root),
		.exec_root = TAKE(exec_root),
		.config_file = TAKE(config),
		.seccomp_profile = TAKE(seccomp),
	};
	return 0;
}

/* Anybody may call a program dockerd, but only root fills the list with them. */
static bool is_wanted(const struct docker_daemons *daemons, const struct process_view *view)
{
	if (strcmp(process_view_program(view), "dockerd") != 0)
		return false;
	for (size_t i = 0; i < daemons->n && view->uid != 0; i++)
		if (daemons->list[i].uid == view->uid)
			return false;
	return true;
}

static int look_at(
	struct docker_daemons *daemons, int proc_fd, pid_t pid, const char *root, struct json *json)
{
	struct process_view view;
	int r = process_view_read(proc_fd, pid, &view);

	/* Processes end while the directory is read. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (is_wanted(daemons, &view) && process_is_on_host(proc_fd, pid))
		r = add(daemons, pid, &view, root, json);
	process_view_done(&view);
	return r;
}

int docker_daemons_scan(
	struct docker_daemons *daemons, int proc_fd, const char *root, struct json *json)
{
	_cleanup_(closedirp) DIR *directory = NULL;
	_cleanup_(closep) int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;

	docker_daemons_done(daemons);
	if (fd < 0)
		return -errno;
	directory = fdopendir(fd);
	if (!directory)
		return -errno;
	fd = -1; /* the stream's now */
	while (daemons->n < DOCKER_DAEMONS_MAX && (entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		int r = pid > 0 ? look_at(daemons, proc_fd, pid, root, json) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static void take_host(struct docker_hosts *hosts, const char *host)
{
	if (strncmp(host, "fd://", strlen("fd://")) == 0)
		hosts->is_handed_over = true;
	else if (strncmp(host, "unix://", strlen("unix://")) != 0)
		hosts->has_network = true;
}

static int on_host(const char *key, const char *value, void *userdata)
{
	take_host(userdata, value);
	return 0;
}

/* -H may be given more than once, and its value be written in four ways (spf13/pflag). */
static void take_arguments(struct docker_hosts *hosts, const struct process_view *view)
{
	const char *end = view->argv + view->argv_len;
	bool is_next = false;

	for (const char *at = view->argv; at < end; at += strlen(at) + 1) {
		if (is_next)
			take_host(hosts, at);
		is_next = !is_next && (strcmp(at, "-H") == 0 || strcmp(at, "--host") == 0);
		if (strncmp(at, "--host=", strlen("--host=")) == 0)
			take_host(hosts, at + strlen("--host="));
		else if (strncmp(at, "-H", strlen("-H")) == 0 && at[2])
			take_host(hosts, at + (at[2] == '=' ? 3 : 2));
	}
}

int docker_hosts_read(
	int proc_fd, pid_t pid, const char *root, struct json *json, struct docker_hosts *ret)
{
	struct docker_hosts hosts = { 0 };
	struct process_view view;
	int r = process_view_read(proc_fd, pid, &view);

	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	if (strcmp(process_view_program(&view), "dockerd") == 0) {
		take_arguments(&hosts, &view);
		r = load_config(&view, root, json);
		if (r == 0)
			r = json_each_string(json, "$.hosts", on_host, &hosts);
		/* Without such an array it listens where its arguments say. */
		r = r == -ENOMEM ? r : 0;
	} else {
		r = -ENOENT;
	}
	process_view_done(&view);
	if (r == 0)
		*ret = hosts;
	return r;
}
