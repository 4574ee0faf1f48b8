/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/lines.h"

#define MAGIC_LEN 6
#define FIRST_LINES 64

struct format {
	const char *magic;
	size_t magic_len;
	const char *program;
	const char *const *argv;
};

/* Memory as its own compressor takes at most on its highest level without special options. */
static const char *const gzip_argv[] = { "gzip", "-dc", NULL };
static const char *const xz_argv[] = { "xz", "-dc", "--memlimit-decompress=128MiB", NULL };
static const char *const zstd_argv[] = { "zstd", "-dcq", "--memory=128MB", NULL };

static const struct format formats[] = {
	{ "\x1f\x8b", 2, "gzip", gzip_argv },
	{ "\xfd"
	  "7zXZ",
		5, "xz", xz_argv },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", zstd_argv },
};

struct log_file {
	const struct format *format; /* NULL: as it is */
	int fd;
	pid_t child; /* 0: none, or waited for */
	int result;
};

static const struct format *find_format(int fd)
{
	char magic[MAGIC_LEN] = "";
	ssize_t n = pread(fd, magic, sizeof(magic), 0);

	for (size_t i = 0; i < ELEMENTS(formats); i++)
		if (n >= (ssize_t)formats[i].magic_len &&
			memcmp(magic, formats[i].magic, formats[i].magic_len) == 0)
			return &formats[i];
	return NULL;
}

/* Options in the environment are the user's own matter elsewhere. */
static int spawn(const char *const *argv, const posix_spawn_file_actions_t *actions, pid_t *ret)
{
	static const char *const directories[] = { "/usr/bin", "/bin" };
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { locale, NULL };
	int r = ENOENT;

	for (size_t i = 0; i < ELEMENTS(directories) && r == ENOENT; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%s", directories[i], argv[0]);
		r = posix_spawn(ret, path, actions, NULL, (char *const *)argv, environment);
	}
	return r == ENOENT ? -ENOPKG : -r;
}

/* The log's descriptor becomes that of what comes out of the program. */
static int unpack(struct log_file *log)
{
	posix_spawn_file_actions_t actions;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = posix_spawn_file_actions_init(&actions);
	if (r == 0) {
		posix_spawn_file_actions_adddup2(&actions, log->fd, STDIN_FILENO);
		posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
		r = spawn(log->format->argv, &actions, &log->child);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(fds[1]);
	close(log->fd);
	log->fd = fds[0];
	return r;
}

int log_file_open(const char *path, struct log_file **ret)
{
	_cleanup_(log_file_freep) struct log_file *log = calloc(1, sizeof(*log));
	int r;

	if (!log)
		return -ENOMEM;
	log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		return -errno;
	log->format = find_format(log->fd);
	r = log->format ? unpack(log) : 0;
	if (r < 0)
		return r;
	*ret = TAKE(log);
	return 0;
}

int log_file_fd(const struct log_file *log)
{
	return log->fd;
}

const char *log_file_program(const struct log_file *log)
{
	return log->format ? log->format->program : NULL;
}

int log_file_check(struct log_file *log)
{
	int status;

	if (log->child != 0 && waitpid(log->child, &status, 0) == log->child)
		log->result = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBADMSG;
	log->child = 0;
	return log->result;
}

void log_file_free(struct log_file *log)
{
	if (!log)
		return;
	/* It may be in the midst of something that nobody wants any more. */
	closep(&log->fd);
	if (log->child != 0)
		kill(log->child, SIGKILL);
	log_file_check(log);
	free(log);
}

static int64_t stamp_of(const char *line, size_t len)
{
	const char *stamp = memmem(line, len, "audit(", 6);
	long long sec;
	int msec = 0;

	if (!stamp || sscanf(stamp, "audit(%11lld.%3d", &sec, &msec) < 1 || sec < 0)
		return 0;
	return sec * 1000 + msec;
}

int64_t log_file_first_msec(const char *path)
{
	_cleanup_(log_file_freep) struct log_file *log = NULL;
	_cleanup_(lines_freep) struct lines *lines = NULL;
	int64_t msec = 0;

	if (log_file_open(path, &log) < 0 || lines_new(log->fd, &lines) < 0)
		return 0;
	for (int i = 0; i < FIRST_LINES && msec == 0; i++) {
		char copy[128];
		const char *line;
		bool whole;
		size_t len;

		if (lines_next(lines, &line, &len, &whole) <= 0)
			break;
		len = len < sizeof(copy) ? len : sizeof(copy) - 1;
		memcpy(copy, line, len);
		copy[len] = '\0';
		msec = stamp_of(copy, len);
	}
	return msec;
}
