/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A client of Docker's API that handles its connection as no docker command does
 *
 * HOW names the way (table `ways`), SOCKET the engine's socket, REQUEST ("POST /path") and BODY
 * what it asks for, FIRST a request that goes before; with PING so many have been answered before.
 * Having come as far as it can without asking it prints "ready", and goes on when the file GO
 * exists. It stays until the engine has answered, or GO is gone where it will not; with QUICK it is
 * gone as soon as all is sent. With HOW=pass it gives the connection to who waits at the socket
 * PASS (HOW=take).
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CUT_IN_A_LINE, CUT_BEHIND_A_LINE, CUT_BEFORE_THE_BODY };

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : fd;
}

static void wait_for_go(void)
{
	puts("ready");
	fflush(stdout);
	while (access(getenv("GO"), F_OK) < 0)
		usleep(1000);
}

static size_t write_request(char *request, size_t size, const char *what, const char *body)
{
	return (size_t)snprintf(request, size,
		"%s HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		what, strlen(body), body);
}

static size_t own_request(char *request, size_t size)
{
	return write_request(request, size, getenv("REQUEST"), getenv("BODY"));
}

static int send_all(int fd, const char *bytes, size_t len)
{
	return write(fd, bytes, len) == (ssize_t)len ? 0 : -1;
}

/* Until n_answers have begun. */
static int hear(int fd, int n_answers)
{
	char answer[65536];
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, answer + len, sizeof(answer) - 1 - len);
		int n_begun = 0;

		if (n <= 0)
			return 5;
		len += (size_t)n;
		answer[len] = '\0';
		for (const char *at = answer; (at = strstr(at, "HTTP/1.1 ")); at++)
			n_begun++;
		if (n_begun >= n_answers && strstr(answer, "\r\n\r\n"))
			return 0;
	}
}

static int ping(int fd)
{
	char request[256];
	size_t len = write_request(request, sizeof(request), "GET /_ping", "");

	return send_all(fd, request, len) < 0 ? 3 : hear(fd, 1);
}

static int send_and_end(int fd, const char *bytes, size_t len, int n_answers)
{
	if (send_all(fd, bytes, len) < 0)
		return 4;
	return getenv("QUICK") ? 0 : hear(fd, n_answers);
}

static int send_own(int fd)
{
	char request[4096];

	return send_and_end(fd, request, own_request(request, sizeof(request)), 1);
}

static int idle(int fd, int unused)
{
	(void)fd, (void)unused;
	wait_for_go();
	return 0;
}

static int late(int fd, int unused)
{
	(void)unused;
	wait_for_go();
	return send_own(fd);
}

static int in_two(int fd, int where)
{
	char request[4096];
	size_t len = own_request(request, sizeof(request)), cut;

	if (where == CUT_IN_A_LINE)
		cut = strlen("POST /");
	else if (where == CUT_BEHIND_A_LINE)
		cut = (size_t)(strstr(request, "\r\n") + 2 - request);
	else
		cut = (size_t)(strstr(request, "\r\n\r\n") + 4 - request);
	if (send_all(fd, request, cut) < 0)
		return 3;
	wait_for_go();
	return send_and_end(fd, request + cut, len - cut, 1);
}

/* All that the engine wants is there, the end of the body never comes. */
static int endless(int fd, int unused)
{
	const char *body = getenv("BODY");
	char request[4096];
	int len = snprintf(request, sizeof(request),
		"%s HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n", getenv("REQUEST"));

	(void)unused;
	if (*body)
		len += snprintf(request + len, sizeof(request) - (size_t)len,
			"Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n", strlen(body), body);
	else
		len += snprintf(
			request + len, sizeof(request) - (size_t)len, "Content-Length: 2\r\n\r\n");
	wait_for_go();
	if (send_all(fd, request, (size_t)len) < 0)
		return 4;
	/* The engine answers when it has all of the request. */
	while (!getenv("QUICK") && access(getenv("GO"), F_OK) == 0)
		usleep(1000);
	return 0;
}

/* Both in one write: the engine reads nothing more when it comes to the second. */
static int pipelined(int fd, int unused)
{
	char requests[8192];
	size_t len = write_request(requests, sizeof(requests), getenv("FIRST"), "");

	(void)unused;
	len += own_request(requests + len, sizeof(requests) - len);
	if (send_all(fd, requests, len) < 0)
		return 3;
	puts("ready");
	fflush(stdout);
	return getenv("QUICK") ? 0 : hear(fd, 2);
}

/* The second is sent while the engine works on the first. */
static int behind(int fd, int unused)
{
	char request[4096];

	(void)unused;
	if (send_all(fd, request, write_request(request, sizeof(request), getenv("FIRST"), "")) <
			0 ||
		hear(fd, 1) != 0)
		return 3;
	wait_for_go();
	return send_own(fd);
}

static int forked(int fd, int unused)
{
	pid_t parent = getpid();

	(void)unused;
	if (fork() != 0)
		return 0;
	while (getppid() == parent)
		usleep(1000);
	return late(fd, 0);
}

/* Sends the descriptor, or receives one into it. */
static int hand_over(int at, int *fd, ssize_t (*move)(int at, struct msghdr *message))
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	*header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(header), fd, sizeof(int));
	if (move(at, &message) < 1)
		return -1;
	memcpy(fd, CMSG_DATA(header), sizeof(int));
	return 0;
}

static ssize_t move_out(int at, struct msghdr *message)
{
	return sendmsg(at, message, 0);
}

static ssize_t move_in(int at, struct msghdr *message)
{
	return recvmsg(at, message, 0);
}

/* Connections of a moment, so that the engine's descriptors have others' numbers all the time. */
static int churn(int fd, int unused)
{
	(void)unused;
	puts("ready");
	fflush(stdout);
	while (fd >= 0 && access(getenv("GO"), F_OK) < 0) {
		if (ping(fd) != 0)
			return 3;
		close(fd);
		fd = connect_to(getenv("SOCKET"));
	}
	return 0;
}

static int pass(int fd, int unused)
{
	int at = connect_to(getenv("PASS"));

	(void)unused;
	if (at < 0 || hand_over(at, &fd, move_out) < 0)
		return 3;
	if (!getenv("QUICK"))
		wait_for_go();
	return 0;
}

static int take(int unused_fd, int unused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int at = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1;

	(void)unused_fd, (void)unused;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", getenv("PASS"));
	if (bind(at, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(at, 1) < 0)
		return 2;
	if (hand_over(accept(at, NULL, NULL), &fd, move_in) < 0)
		return 3;
	return late(fd, 0);
}

static int killed(int fd, int unused)
{
	char request[4096];
	size_t len = own_request(request, sizeof(request));

	(void)unused;
	wait_for_go();
	return send_all(fd, request, len) < 0 ? 4 : raise(SIGKILL);
}

/* It says that it will send nothing more. */
static int half_closed(int fd, int unused)
{
	char request[4096];
	size_t len = own_request(request, sizeof(request));

	(void)unused;
	wait_for_go();
	if (send_all(fd, request, len) < 0 || shutdown(fd, SHUT_WR) < 0)
		return 4;
	return getenv("QUICK") ? 0 : hear(fd, 1);
}

static const struct way {
	const char *name;
	int (*run)(int fd, int argument);
	int argument;
} ways[] = {
	{ "idle", idle, 0 },
	{ "late", late, 0 },
	{ "in-a-line", in_two, CUT_IN_A_LINE },
	{ "behind-a-line", in_two, CUT_BEHIND_A_LINE },
	{ "before-the-body", in_two, CUT_BEFORE_THE_BODY },
	{ "endless", endless, 0 },
	{ "pipelined", pipelined, 0 },
	{ "behind", behind, 0 },
	{ "forked", forked, 0 },
	{ "pass", pass, 0 },
	{ "take", take, 0 },
	{ "churn", churn, 0 },
	{ "killed", killed, 0 },
	{ "half-closed", half_closed, 0 },
};

int main(void)
{
	const char *how = getenv("HOW");

	alarm(60);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int fd = -1;

		if (strcmp(ways[i].name, how) != 0)
			continue;
		if (ways[i].run != take && (fd = connect_to(getenv("SOCKET"))) < 0)
			return 2;
		for (int n = getenv("PING") ? atoi(getenv("PING")) : 0; n > 0; n--)
			if (ping(fd) != 0)
				return 3;
		return ways[i].run(fd, ways[i].argument);
	}
	return 1;
}
