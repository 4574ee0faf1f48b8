/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/source-log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024)
/* auditd's own limit of num_logs. */
#define MAX_ROTATED 999

struct source_log {
	struct source source;
	char path[PATH_MAX];
	bool from_start;
	int fd;                           /* of the file; -1 before the start */
	int poll_fd, notify_fd, again_fd; /* poll_fd is both others: changes, and our own word that
					     there is more than was asked for */
	dev_t device;
	ino_t inode;
	off_t offset; /* behind what is in the buffer */
	bool skipping;
	int failure; /* not told yet, as lines from before it were read */
	size_t len;
	char bytes[BUFFER_SIZE];
};

static struct source_log *of(struct source *source)
{
	return (struct source_log *)source;
}

static void log_free(struct source *source)
{
	struct source_log *log = of(source);

	closep(&log->fd);
	closep(&log->poll_fd);
	closep(&log->notify_fd);
	closep(&log->again_fd);
	free(log);
}

static int log_fd(const struct source *source)
{
	return ((const struct source_log *)source)->poll_fd;
}

static int open_file(struct source_log *log, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	closep(&log->fd);
	log->fd = TAKE_FD(fd);
	log->device = st.st_dev;
	log->inode = st.st_ino;
	log->offset = 0;
	return 0;
}

static int watch_directory(struct source_log *log)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(log->path, '/');
	size_t len = slash && slash > log->path ? (size_t)(slash - log->path) : 1;

	memcpy(directory, slash ? log->path : ".", len);
	directory[len] = '\0';
	return inotify_add_watch(log->notify_fd, directory,
		       IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM) < 0
		       ? -errno
		       : 0;
}

static int log_start(struct source *source)
{
	struct source_log *log = of(source);
	int r = open_file(log, log->path);

	if (r < 0)
		return r;
	if (!log->from_start) {
		log->offset = lseek(log->fd, 0, SEEK_END);
		/* In the midst of a line, if auditd is writing one just now: its end is no record
		 * and counted as broken. */
		if (log->offset < 0)
			return -errno;
	}
	return watch_directory(log);
}

/* They only say that there is something; all is looked at in any case. */
static void forget_notices(struct source_log *log)
{
	_Alignas(struct inotify_event) char bytes[4096];

	while (read(log->notify_fd, bytes, sizeof(bytes)) > 0)
		;
}

static bool is_at(const struct source_log *log, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == log->device && st.st_ino == log->inode;
}

static bool has_more(const struct source_log *log)
{
	struct stat st;

	return fstat(log->fd, &st) == 0 && st.st_size > log->offset;
}

/* What followed on the file at hand, which is not FILE any more: the name of a file that may not
 * have been made yet. False: it is not among the rotated ones. */
static bool find_next(const struct source_log *log, char *name, size_t size)
{
	for (int i = 1; i <= MAX_ROTATED; i++) {
		snprintf(name, size, "%s.%d", log->path, i);
		if (access(name, F_OK) < 0)
			return false;
		if (!is_at(log, name))
			continue;
		snprintf(name, size, i == 1 ? "%s" : "%s.%d", log->path, i - 1);
		return true;
	}
	return false;
}

/*
 * The file at hand is read to its end: is it still the one that is written to? 1: read on, in the
 * next one if *ret_next; 0: nothing to be read; -ENOBUFS: the same as 1, but what lay between is
 * lost; or another errno.
 */
static int go_on(struct source_log *log, bool *ret_next)
{
	char next[PATH_MAX + 8];
	bool found;
	int r;

	*ret_next = false;
	if (is_at(log, log->path))
		return 0;
	/* Renamed, so nothing is added to it any more: but something may have been until then. */
	if (has_more(log))
		return 1;
	found = find_next(log, next, sizeof(next));
	r = open_file(log, found ? next : log->path);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_next = true;
	return found ? 1 : -ENOBUFS;
}

/* Bytes that were added to the buffer, 0: at the end, or a negative errno; -ENOBUFS: the file was
 * cut short, and is read from its start. */
static ssize_t fill(struct source_log *log)
{
	struct stat st;
	ssize_t n;

	if (fstat(log->fd, &st) == 0 && st.st_size < log->offset) {
		log->offset = 0;
		log->len = 0;
		return -ENOBUFS;
	}
	do
		n = pread(
			log->fd, log->bytes + log->len, sizeof(log->bytes) - log->len, log->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	log->offset += n;
	log->len += (size_t)n;
	return n;
}

/* Hands on the complete lines of the buffer, at most max. How many, or the sink's error. */
static int take_lines(struct source_log *log, unsigned max, const struct source_sink *sink)
{
	size_t done = 0;
	unsigned n = 0;
	int r = 0;

	while (n < max && r >= 0) {
		const char *line = log->bytes + done;
		const char *newline = memchr(line, '\n', log->len - done);

		if (!newline)
			break;
		if (!log->skipping && newline > line)
			r = sink->on_line(line, (size_t)(newline - line), true, sink->userdata);
		log->skipping = false;
		done += (size_t)(newline - line) + 1;
		n++;
	}
	log->len -= done;
	memmove(log->bytes, log->bytes + done, log->len);
	if (r >= 0 && done == 0 && log->len == sizeof(log->bytes)) {
		r = log->skipping ? 0 : sink->on_line("", 0, false, sink->userdata);
		log->skipping = true;
		log->len = 0;
	}
	return r < 0 ? r : (int)n;
}

/* What stands behind the last newline of a file that is not written to any more is no line. */
static int end_file(struct source_log *log, const struct source_sink *sink)
{
	int r = log->len > 0 && !log->skipping ? sink->on_line("", 0, false, sink->userdata) : 0;

	log->len = 0;
	log->skipping = false;
	return r;
}

/* No line is complete: is there more, here or in the next file? As go_on(). */
static int look_further(struct source_log *log, const struct source_sink *sink)
{
	ssize_t filled = fill(log);
	bool next;
	int n, r;

	if (filled != 0)
		return filled < 0 ? (int)filled : 1;
	forget_notices(log);
	if (has_more(log))
		return 1;
	n = go_on(log, &next);
	r = next ? end_file(log, sink) : 0;
	return r < 0 ? r : n;
}

static int log_read(struct source *source, unsigned max_records, const struct source_sink *sink)
{
	struct source_log *log = of(source);
	int n = log->failure, n_records = 0;
	eventfd_t ignored;

	eventfd_read(log->again_fd, &ignored);
	log->failure = 0;
	while (n >= 0 && n_records < (int)max_records) {
		n = take_lines(log, max_records - (unsigned)n_records, sink);
		n_records += n > 0 ? n : 0;
		if (n == 0)
			n = look_further(log, sink);
		if (n == 0)
			return n_records;
	}
	/* Nobody else will say that there is more. */
	eventfd_write(log->again_fd, 1);
	if (n < 0 && n_records > 0) {
		log->failure = n;
		n = 0;
	}
	return n < 0 ? n : n_records;
}

static int open_notices(struct source_log *log)
{
	const int fds[] = {
		log->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
		log->again_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
	};

	log->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (log->poll_fd < 0)
		return -errno;
	for (size_t i = 0; i < ELEMENTS(fds); i++) {
		struct epoll_event event = { .events = EPOLLIN };

		if (epoll_ctl(log->poll_fd, EPOLL_CTL_ADD, fds[i], &event) < 0)
			return -errno;
	}
	return 0;
}

int source_log_new(const char *path, bool from_start, struct source **ret)
{
	static const struct source_verbs verbs = {
		.kind = SOURCE_LOG,
		.start = log_start,
		.read = log_read,
		.fd = log_fd,
		.free = log_free,
	};
	_cleanup_(source_freep) struct source *source = NULL;
	struct source_log *log;
	int r;

	if (strlen(path) >= sizeof(log->path))
		return -ENAMETOOLONG;
	log = calloc(1, sizeof(*log));
	if (!log)
		return -ENOMEM;
	source = &log->source;
	source->verbs = &verbs;
	log->from_start = from_start;
	log->fd = -1;
	snprintf(log->path, sizeof(log->path), "%s", path);
	r = open_notices(log);
	if (r < 0)
		return r;
	*ret = TAKE(source);
	return 0;
}
