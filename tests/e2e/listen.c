/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Prints the kernel's records as they come, one a line, from the group that anyone with
 * CAP_AUDIT_READ may listen to; given a path, what is sent to a socket there, as a service manager
 * would receive it.
 */

#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int open_group(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	return fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : fd;
}

static int open_path(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : fd;
}

int main(int argc, char **argv)
{
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} message;
	int fd = argc > 1 ? open_path(argv[1]) : open_group();

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (fd >= 0)
		puts("listening");
	while (fd >= 0) {
		ssize_t n = recv(fd, &message, sizeof(message) - 1, 0);

		if (n < 0)
			break;
		if (argc > 1)
			printf("%.*s\n", (int)n, message.bytes);
		else if ((size_t)n >= sizeof(message.header))
			printf("type=%u %.*s\n", message.header.nlmsg_type, (int)(n - NLMSG_HDRLEN),
				message.bytes + NLMSG_HDRLEN);
	}
	perror("listen");
	return 1;
}
