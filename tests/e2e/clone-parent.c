/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Children that are told as their parent's (CLONE_PARENT): each writes to one of the paths that are
 * given, and ends at once. clone-parent PATH...; clone-parent --enter PATH...: by a program that
 * does as a runtime and its stages do.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int write_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0644);

	return fd < 0 || write(fd, "x", 1) != 1;
}

static int become(const char *verb, const char *path)
{
	execl("/proc/self/exe", "runc", verb, path, NULL);
	return 1;
}

static int be_runtime(const char *path)
{
	if (fork() != 0)
		return 0;
	prctl(PR_SET_NAME, "runc:[2:INIT]");
	setsid();
	return become("--write", path);
}

int main(int argc, char **argv)
{
	int enters = argc > 1 && strcmp(argv[1], "--enter") == 0;

	if (argc == 3 && strcmp(argv[1], "--runtime") == 0)
		return be_runtime(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		return write_to(argv[2]);
	for (int i = 1 + enters; i < argc; i++) {
		long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			syscall(SYS_exit_group,
				enters ? become("--runtime", argv[i]) : write_to(argv[i]));
		usleep(20000);
	}
	return 0;
}
