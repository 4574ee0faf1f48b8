/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_COLUMNS 10000
#define MAX_WORDS 32

/* The one pager that a process can have. pid 0: none, and the descriptors are -1. */
static struct {
	pid_t pid;
	int out, error; /* what standard output and error were; error -1: not redirected */
	size_t width;
	struct sigaction interrupt; /* what SIGINT did */
} pager = { .out = -1, .error = -1 };

static bool is_smart_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

size_t terminal_width(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	unsigned long columns;
	char *end;

	if (pager.pid > 0)
		return pager.width;
	if (text && *text >= '1' && *text <= '9') {
		columns = strtoul(text, &end, 10);
		if (*end == '\0' && columns <= MAX_COLUMNS)
			return columns;
	}
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

bool terminal_colour(void)
{
	const char *no_colour = getenv("NO_COLOR");

	if (no_colour && *no_colour)
		return false;
	return pager.pid > 0 || is_smart_terminal(STDOUT_FILENO);
}

/* Replaces the process by command; returns where that cannot be run. */
static void run(const char *command)
{
	char *words[MAX_WORDS + 1], *copy = strdup(command), *rest = copy;
	size_t n = 0;

	while (copy && n < MAX_WORDS) {
		char *word = strsep(&rest, " \t");

		if (!word)
			break;
		if (*word)
			words[n++] = word;
	}
	words[n] = NULL;
	if (n > 0)
		execvp(words[0], words);
	free(copy);
}

/* No pager on this machine: the child passes on what comes. */
static void pass_on(void)
{
	char buffer[4096];

	for (;;) {
		ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		for (ssize_t at = 0; at < n;) {
			ssize_t written = write(STDOUT_FILENO, buffer + at, (size_t)(n - at));

			if (written < 0 && errno == EINTR)
				continue;
			if (written < 0)
				return;
			at += written;
		}
	}
}

static void __attribute__((noreturn)) be_pager(const char *command, const int *ends)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	/* Without standard input the pipe has its number, and would be closed by the exec. */
	if (ends[0] == STDIN_FILENO ? fcntl(ends[0], F_SETFD, 0) < 0
				    : dup2(ends[0], STDIN_FILENO) < 0)
		_exit(EXIT_FAILURE);
	if (ends[0] != STDIN_FILENO)
		close(ends[0]);
	close(ends[1]); /* or the end of the output would never come */
	setenv("LESS", "FRSXMK", 0);
	if (geteuid() == 0)
		setenv("LESSSECURE", "1", 1);
	if (command)
		run(command);
	run("less");
	run("more");
	pass_on();
	_exit(EXIT_SUCCESS);
}

static void redirect(int to)
{
	pager.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (pager.out < 0 || dup2(to, STDOUT_FILENO) < 0)
		return;
	if (!isatty(STDERR_FILENO))
		return;
	pager.error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (pager.error >= 0)
		dup2(to, STDERR_FILENO);
}

void pager_open(void)
{
	const char *command = getenv("AUDITMON_PAGER");
	int ends[2];
	pid_t pid;

	if (!command)
		command = getenv("PAGER");
	if (command && (command[strspn(command, " \t")] == '\0' || strcmp(command, "cat") == 0))
		return;
	if (pager.pid > 0 || !is_smart_terminal(STDOUT_FILENO) || getauxval(AT_SECURE))
		return;
	pager.width = terminal_width();
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		be_pager(command, ends);
	if (pid > 0) {
		pager.pid = pid;
		sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, &pager.interrupt);
		redirect(ends[1]);
	}
	close(ends[0]);
	close(ends[1]);
}

static void restore(int *from, int to)
{
	if (*from < 0)
		return;
	dup2(*from, to);
	close(*from);
	*from = -1;
}

void pager_close(void)
{
	if (pager.pid <= 0)
		return;
	fflush(stdout);
	fflush(stderr);
	restore(&pager.out, STDOUT_FILENO);
	restore(&pager.error, STDERR_FILENO);
	while (waitpid(pager.pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &pager.interrupt, NULL);
	pager.pid = 0;
}
