/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "runtime/cgroup.h"

#define STATUS_MAX ((size_t)64 << 10)
#define CMDLINE_MAX ((size_t)128 << 10)
#define CGROUP_MAX ((size_t)256 << 10)

static int read_of(
	int proc_fd, pid_t pid, const char *name, size_t max_len, char **ret, size_t *ret_len)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
	return file_read(proc_fd, path, max_len, ret, ret_len);
}

int process_view_read(int proc_fd, pid_t pid, struct process_view *ret)
{
	_cleanup_(freep) char *status = NULL, *argv = NULL;
	const char *parent_line, *uid_line;
	unsigned uid;
	int parent, r;
	size_t len;

	r = read_of(proc_fd, pid, "status", STATUS_MAX, &status, NULL);
	if (r < 0)
		return r;
	r = read_of(proc_fd, pid, "cmdline", CMDLINE_MAX, &argv, &len);
	if (r == -EFBIG) {
		/* No engine's; its parent may still be one. */
		argv = calloc(1, 1);
		r = argv ? 0 : -ENOMEM;
		len = 0;
	}
	if (r < 0)
		return r;
	/*
	 * The name in the first line is the process's to choose, but the kernel escapes its
	 * newlines.
	 */
	parent_line = strstr(status, "\nPPid:");
	uid_line = strstr(status, "\nUid:");
	if (!parent_line || sscanf(parent_line, " PPid: %d", &parent) != 1 || !uid_line ||
		sscanf(uid_line, " Uid: %*u %u", &uid) != 1)
		return -EBADMSG;
	*ret = (struct process_view){
		.parent = parent,
		.uid = uid,
		.argv = TAKE(argv),
		.argv_len = len,
	};
	return 0;
}

void process_view_done(struct process_view *view)
{
	free(view->argv);
	*view = (struct process_view){};
}

static const char *next_argument(const struct process_view *view, const char *argument)
{
	const char *next = argument + strlen(argument) + 1;

	return next < view->argv + view->argv_len ? next : NULL;
}

const char *process_view_program(const struct process_view *view)
{
	const char *slash = strrchr(view->argv, '/');

	return slash ? slash + 1 : view->argv;
}

/* Length of the dashes and name of argument if it is that option, else 0. */
static size_t option_len(const char *argument, const char *const *names)
{
	size_t dashes = strspn(argument, "-");

	if (dashes != 1 && dashes != 2)
		return 0;
	for (; *names; names++) {
		size_t len = strlen(*names);

		if (strncmp(argument + dashes, *names, len) == 0 &&
			(argument[dashes + len] == '\0' || argument[dashes + len] == '='))
			return dashes + len;
	}
	return 0;
}

const char *process_view_option(const struct process_view *view, const char *const *names)
{
	const char *argument = next_argument(view, view->argv);

	for (; argument; argument = next_argument(view, argument)) {
		size_t len = option_len(argument, names);

		if (len > 0)
			return argument[len] == '=' ? argument + len + 1
						    : next_argument(view, argument);
	}
	return NULL;
}

bool process_view_has(const struct process_view *view, const char *word)
{
	const char *argument = next_argument(view, view->argv);

	while (argument && strcmp(argument, word) != 0)
		argument = next_argument(view, argument);
	return argument;
}

const char *process_view_last(const struct process_view *view)
{
	const char *last = NULL, *argument = next_argument(view, view->argv);

	for (; argument; argument = next_argument(view, argument))
		last = argument;
	return last;
}

bool process_is_on_host(int proc_fd, pid_t pid)
{
	_cleanup_(freep) char *text = NULL;
	struct cgroup_match match;
	size_t len;

	if (read_of(proc_fd, pid, "cgroup", CGROUP_MAX, &text, &len) < 0)
		return false;
	cgroup_match(text, len, NULL, NULL, &match);
	return !match.runtime;
}
