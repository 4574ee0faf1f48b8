/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/destination.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/cleanup.h"

// clang-format off
static const struct {
	const char *scheme, *port;
} transports[] = {
	[TRANSPORT_UNIX] = { "unix", "" },
	[TRANSPORT_UDP]  = { "udp",  "514" },
	[TRANSPORT_TCP]  = { "tcp",  "601" },
	[TRANSPORT_TLS]  = { "tls",  "6514" },
};
// clang-format on

static int set_path(struct destination *destination, const char *path)
{
	if (path[0] != '/' || strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return -EINVAL;
	strcpy(destination->host, path);
	return 0;
}

static int set_port(struct destination *destination, const char *port)
{
	long number;
	char *end;

	number = strtol(port, &end, 10);
	if (port[0] < '0' || port[0] > '9' || *end || number < 1 || number > 65535)
		return -EINVAL;
	snprintf(destination->port, sizeof(destination->port), "%ld", number);
	return 0;
}

static int set_host(struct destination *destination, const char *text)
{
	const char *end, *host = text;

	if (text[0] == '[') {
		host++;
		end = strchr(text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		text = end + 1;
	} else {
		end = text + strcspn(text, ":");
		text = end;
	}
	if (end == host || (size_t)(end - host) >= sizeof(destination->host))
		return -EINVAL;
	memcpy(destination->host, host, (size_t)(end - host));
	destination->host[end - host] = '\0';
	return *text == ':' ? set_port(destination, text + 1) : 0;
}

int destination_parse(const char *text, struct destination *ret)
{
	for (size_t i = 0; i < ELEMENTS(transports); i++) {
		size_t len = strlen(transports[i].scheme);
		struct destination destination = { .transport = i };
		int r;

		if (strncmp(text, transports[i].scheme, len) != 0 || text[len] != ':')
			continue;
		strcpy(destination.port, transports[i].port);
		text += len + 1;
		r = i == TRANSPORT_UNIX ? set_path(&destination, text)
					: set_host(&destination, text);
		if (r == 0)
			*ret = destination;
		return r;
	}
	return -EINVAL;
}

void destination_print(const struct destination *destination, char *buffer, size_t size)
{
	bool brackets = destination->transport != TRANSPORT_UNIX && strchr(destination->host, ':');

	snprintf(buffer, size, "%s:%s%s%s%s%s", transports[destination->transport].scheme,
		brackets ? "[" : "", destination->host, brackets ? "]" : "",
		destination->port[0] ? ":" : "", destination->port);
}
