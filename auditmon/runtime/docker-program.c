/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/docker-program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path-walk.h"
#include "runtime/process.h"

static const char *const installed[] = {
	"/usr/bin/dockerd",
	"/usr/sbin/dockerd",
	"/usr/local/bin/dockerd",
};

/* Docker's own; Red Hat's and Docker's packages beside another; Nix's behind its wrapper. */
static const char *const names[] = { "dockerd", "dockerd-current", "dockerd-latest", "dockerd-ce",
	".dockerd-wrapped" };

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

void docker_programs_done(struct docker_programs *programs)
{
	for (size_t i = 0; i < programs->n; i++)
		free(programs->paths[i]);
	programs->n = 0;
}

static int add(struct docker_programs *programs, const char *path)
{
	for (size_t i = 0; i < programs->n; i++)
		if (strcmp(programs->paths[i], path) == 0)
			return 0;
	if (programs->n == DOCKER_PROGRAMS_MAX)
		return 0;
	programs->paths[programs->n] = strdup(path);
	if (!programs->paths[programs->n])
		return -ENOMEM;
	programs->n++;
	return 0;
}

/* Adds the file at path; if running is given, only if it is that one. */
static int add_file(struct docker_programs *programs, const struct mounts *mounts, const char *path,
	const struct stat *running)
{
	char canonical[PATH_WALK_SIZE];
	_cleanup_(closep) int fd = path_walk(mounts, path, true, canonical);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (running && (st.st_dev != running->st_dev || st.st_ino != running->st_ino))
		return 0;
	return add(programs, canonical);
}

bool docker_program_is_named(const char *program)
{
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(program, names[i]) == 0)
			return true;
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Anybody may call a program dockerd. */
static bool is_roots(int proc_fd, pid_t pid, const char *exe)
{
	struct process_view view;
	bool is;

	if (process_view_read(proc_fd, pid, &view) < 0)
		return false;
	is = view.uid == 0 && (docker_program_is_named(base_name(exe)) ||
				      docker_program_is_named(process_view_program(&view)));
	process_view_done(&view);
	return is && process_is_on_host(proc_fd, pid);
}

static int look_at(
	struct docker_programs *programs, int proc_fd, const struct mounts *mounts, pid_t pid)
{
	char link[32], exe[PATH_MAX];
	struct stat running;
	ssize_t len;

	snprintf(link, sizeof(link), "%d/exe", (int)pid);
	len = readlinkat(proc_fd, link, exe, sizeof(exe) - 1);
	if (len <= 0 || exe[0] != '/')
		return 0;
	exe[len] = '\0';
	if (!is_roots(proc_fd, pid, exe) || fstatat(proc_fd, link, &running, 0) < 0)
		return 0;
	return add_file(programs, mounts, exe, &running);
}

int docker_programs_find(struct docker_programs *programs, int proc_fd, const struct mounts *mounts)
{
	_cleanup_(closedirp) DIR *directory = NULL;
	_cleanup_(closep) int fd = -1;
	const struct dirent *entry;
	int r = 0;

	docker_programs_done(programs);
	for (size_t i = 0; r == 0 && i < ELEMENTS(installed); i++)
		r = add_file(programs, mounts, installed[i], NULL);
	if (r < 0)
		return r;
	fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	directory = fdopendir(fd);
	if (!directory)
		return -errno;
	fd = -1; /* the stream's now */
	while (r == 0 && (entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0)
			r = look_at(programs, proc_fd, mounts, pid);
	}
	return r;
}
