/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A client of Docker's API that is no docker command, and whose command line tells nothing
 *
 * What it asks for is in its environment: SOCKET, NAME ("": none), BIND, COMMAND. It makes a
 * container and starts it, on one connection; with QUICK it is gone as soon as the second request
 * is sent. With REQUEST and BODY it sends just that, and is gone at once; with HEAR it prints the
 * answer before. With HOLD it is connected for so many seconds and asks for nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int ask(int fd, const char *path, const char *body)
{
	char request[4096];
	int len = snprintf(request, sizeof(request),
		"POST %s HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		path, strlen(body), body);

	return write(fd, request, (size_t)len) == len ? 0 : -1;
}

/* The answer, as far as the end of its headers and a little body. */
static int hear(int fd, const char *until, char *answer, size_t size)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t n = read(fd, answer + len, size - 1 - len);

		if (n <= 0)
			return -1;
		len += (size_t)n;
		answer[len] = '\0';
		if (strstr(answer, until))
			return 0;
	}
	return -1;
}

static int send_one(int fd, const char *path, const char *body, const char *end)
{
	char answer[4096];

	if (ask(fd, path, body ? body : "") < 0)
		return 3;
	if (!end)
		return 0;
	if (hear(fd, end, answer, sizeof(answer)) < 0)
		return 4;
	puts(answer);
	return 0;
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = getenv("NAME");
	char path[256], body[2048], answer[4096], *id;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", getenv("SOCKET"));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 2;
	if (getenv("HOLD"))
		return sleep((unsigned)atoi(getenv("HOLD"))) != 0;
	if (getenv("REQUEST"))
		return send_one(fd, getenv("REQUEST"), getenv("BODY"), getenv("HEAR"));
	snprintf(path, sizeof(path), "/containers/create%s%s", *name ? "?name=" : "", name);
	snprintf(body, sizeof(body),
		"{\"Image\":\"bb\",\"Cmd\":[\"sh\",\"-c\",\"%s\"],\"HostConfig\":{\"NetworkMode\":\"none\","
		"\"AutoRemove\":true,\"Binds\":[\"%s\"]}}",
		getenv("COMMAND"), getenv("BIND"));
	if (ask(fd, path, body) < 0 || hear(fd, "}", answer, sizeof(answer)) < 0)
		return 3;
	id = strstr(answer, "\"Id\":\"");
	if (!id)
		return 4;
	snprintf(path, sizeof(path), "/containers/%.64s/start", id + 6);
	if (ask(fd, path, "") < 0)
		return 5;
	if (getenv("QUICK"))
		return 0;
	return hear(fd, "\r\n\r\n", answer, sizeof(answer)) < 0 ? 6 : 0;
}
