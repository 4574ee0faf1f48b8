/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints the kernel's records as they come, one a line, from the group that anyone with
 * CAP_AUDIT_READ may listen to. */

#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} record;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("audit");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("listening");
	for (;;) {
		ssize_t n = recv(fd, &record, sizeof(record) - 1, 0);

		if (n < 0) {
			perror("audit");
			return 1;
		}
		if ((size_t)n >= sizeof(record.header))
			printf("type=%u %.*s\n", record.header.nlmsg_type, (int)(n - NLMSG_HDRLEN),
				record.bytes + NLMSG_HDRLEN);
	}
}
