/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/nameless.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DOUBT_GONE                                                                                 \
	"the call was on a descriptor, and the process had ended: which file is not known"
#define DOUBT_DESCRIPTOR "the call was on a descriptor: the file is what that was a moment later"
#define DOUBT_REQUEST                                                                              \
	"an asynchronous request of io_uring, which names no file: told by the process's "         \
	"descriptors a "                                                                           \
	"moment later"
#define DOUBT_DIRECTORY                                                                            \
	"an asynchronous request of io_uring, which names no file: some file below this "          \
	"directory, "                                                                              \
	"perhaps only read"

/* A process that outsiders gave more descriptors than that is not gone through. */
#define MAX_DESCRIPTORS 4096

bool event_is_nameless(const struct event *event)
{
	/* A change of the rule itself has its key, too. */
	if (event->n_paths > 0 || (!event->has_syscall && event->n_ring == 0))
		return false;
	return event->scope == SCOPE_DESCRIPTOR || event->n_ring > 0 ||
	       event->scope == SCOPE_INSIDE;
}

/* Follows the link that /proc makes for a descriptor, which opens nothing. */
static bool look_at(int fds, const char *number, struct nameless *ret)
{
	struct stat st;
	ssize_t len;

	if (fstatat(fds, number, &st, 0) < 0)
		return false;
	len = readlinkat(fds, number, ret->text, sizeof(ret->text) - 1);
	if (len <= 0)
		return false;
	ret->text[len] = '\0';
	ret->path = (struct event_path){
		.name = ret->text[0] == '/' ? ret->text : NULL,
		.has_inode = true,
		.inode = st.st_ino,
		.dev_major = major(st.st_dev),
		.dev_minor = minor(st.st_dev),
		.mode = st.st_mode,
		.type = PATH_TYPE_NORMAL,
	};
	return true;
}

static bool is_alive(const struct lineage_answer *answer)
{
	return answer && answer->process && answer->process->end_nsec == 0;
}

static int open_descriptors(int proc_fd, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/fd", pid);
	return openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void by_descriptor(int proc_fd, const struct event *event,
	const struct lineage_answer *answer, struct nameless *ret)
{
	_cleanup_(closep) int fds = is_alive(answer) ? open_descriptors(proc_fd, event->pid) : -1;
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)event->arguments[0]);
	ret->is_file = fds >= 0 && look_at(fds, number, ret);
	ret->doubt = ret->is_file ? DOUBT_DESCRIPTOR : DOUBT_GONE;
}

static bool is_candidate(
	struct watch_paths *watched, const char *directory, const struct nameless *found)
{
	const struct file_identity identity = { found->path.inode, found->path.dev_major,
		found->path.dev_minor };

	/* The ring, a socket and the like lie on devices of their own. */
	return S_ISREG(found->path.mode) && watch_paths_may_be_in(watched, directory, &identity);
}

/* Of the process's open files the one that can have been meant; several: none. */
static bool search(
	int fds, struct watch_paths *watched, const char *directory, struct nameless *ret)
{
	DIR *dir = fdopendir(fds);
	struct nameless *found = malloc(sizeof(*found));
	struct dirent *entry;
	unsigned n = 0, n_found = 0;

	while (dir && found && n_found < 2 && n++ < MAX_DESCRIPTORS &&
		(entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || !look_at(dirfd(dir), entry->d_name, found) ||
			!is_candidate(watched, directory, found))
			continue;
		if (n_found > 0 && found->path.inode == ret->path.inode)
			continue;
		n_found++;
		*ret = *found;
		ret->path.name = ret->path.name ? ret->text : NULL;
	}
	free(found);
	if (dir)
		closedir(dir);
	else
		close(fds);
	return n_found == 1;
}

static void by_request(int proc_fd, struct watch_paths *watched, const struct event *event,
	const struct lineage_answer *answer, struct nameless *ret)
{
	const char *directory = event->scope_directory;
	/* Only what was opened has a descriptor. */
	bool opens =
		event->ring_operation && strncmp(event->ring_operation, "io_uring:openat", 15) == 0;
	bool ask = opens && is_alive(answer) && watched && directory;
	int fds = ask ? open_descriptors(proc_fd, event->pid) : -1;

	ret->is_file = fds >= 0 && search(fds, watched, directory, ret);
	ret->doubt = DOUBT_REQUEST;
	if (ret->is_file)
		return;
	ret->doubt = DOUBT_DIRECTORY;
	ret->path = (struct event_path){ .type = PATH_TYPE_UNKNOWN };
	if (!directory || strlen(directory) >= sizeof(ret->text))
		return;
	strcpy(ret->text, directory);
	ret->path.name = ret->text;
}

void nameless_find(int proc_fd, struct watch_paths *watched, const struct event *event,
	const struct lineage_answer *answer, struct nameless *ret)
{
	ret->path = (struct event_path){ .type = PATH_TYPE_UNKNOWN };
	ret->is_file = false;
	ret->doubt = NULL;
	if (event->n_ring > 0)
		by_request(proc_fd, watched, event, answer, ret);
	else if (event->scope == SCOPE_DESCRIPTOR)
		by_descriptor(proc_fd, event, answer, ret);
}
