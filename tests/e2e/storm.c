/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Short lives: `storm write FILE COUNT` has COUNT processes append to FILE, each ending at once, by the ways in which
 * processes come to be; `storm fork COUNT` has COUNT that do nothing.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 4

static const char *path;

/* Where pids are few, or threads, one waits for them. */
static int is_worth_waiting(int error)
{
	return error == EAGAIN && usleep(1000) == 0;
}

static pid_t fork_when_possible(void)
{
	pid_t pid;

	do
		pid = fork();
	while (pid < 0 && is_worth_waiting(errno));
	return pid;
}

static int append(void)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	return fd < 0 || write(fd, "x\n", 2) != 2;
}

static void *append_in_thread(void *result)
{
	*(int *)result = append();
	return NULL;
}

static int in_thread(void)
{
	pthread_t thread;
	int result = 1, error;

	do
		error = pthread_create(&thread, NULL, append_in_thread, &result);
	while (error != 0 && is_worth_waiting(error));
	if (error != 0)
		return 1;
	pthread_join(thread, NULL);
	return result;
}

/* The child of a child, which is nobody's by then. */
static int as_orphan(void)
{
	pid_t pid = fork_when_possible();

	if (pid == 0)
		_exit(append());
	return pid < 0;
}

static void live(unsigned way)
{
	switch (way) {
	case 0:
		_exit(append());
	case 1:
		_exit(as_orphan());
	case 2:
		setsid();
		_exit(append());
	case 3:
		_exit(in_thread());
	default:
		_exit(append());
	}
}

static pid_t begin(unsigned way)
{
	pid_t pid;

	if (way != 4) {
		pid = fork_when_possible();
		if (pid == 0)
			live(way);
		return pid;
	}
	do {
		pid = vfork();
		if (pid == 0) {
			execl("/proc/self/exe", "storm", "once", path, (char *)NULL);
			_exit(1);
		}
	} while (pid < 0 && is_worth_waiting(errno));
	return pid;
}

/* Children, and those of ended children, until at most left live; what went wrong. */
static int reap(int *alive, int left)
{
	int failures = 0, status;

	while (*alive > left && wait(&status) > 0) {
		(*alive)--;
		failures += status != 0;
	}
	return failures;
}

int main(int argc, char **argv)
{
	int alive = 0, failures = 0, status;
	long count;

	if (argc == 3 && strcmp(argv[1], "once") == 0) {
		path = argv[2];
		return append();
	}
	if (argc < 3)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	count = atol(argv[argc - 1]);
	path = strcmp(argv[1], "write") == 0 ? argv[2] : NULL;
	for (long i = 0; i < count; i++) {
		pid_t pid = path ? begin((unsigned)(i % 5)) : fork_when_possible();

		if (!path && pid == 0)
			_exit(0);
		failures += pid < 0;
		alive += pid > 0;
		failures += reap(&alive, AT_ONCE);
	}
	while (wait(&status) > 0)
		failures += status != 0;
	return failures > 0;
}
