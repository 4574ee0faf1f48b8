/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * silence PID: makes the kernel stop telling that process of others, as an enemy with its rights
 * could: takes the process's own connector sockets and unsubscribes them. silence 0: unsubscribes
 * one of its own, which before Linux 6.6 counts for all.
 */

#include <dirent.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int unsubscribe(int fd)
{
	struct {
		struct nlmsghdr header;
		struct cn_msg message;
		enum proc_cn_mcast_op operation;
	} __attribute__((packed)) request = {
		.header = { .nlmsg_len = sizeof(request), .nlmsg_type = NLMSG_DONE },
		.message = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(request.operation) },
		.operation = PROC_CN_MCAST_IGNORE,
	};

	return send(fd, &request, sizeof(request), 0) == sizeof(request);
}

static int unsubscribe_own(void)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };

	return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	       unsubscribe(fd);
}

int main(int argc, char **argv)
{
	int pidfd = argc == 2 ? (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0) : -1, n = 0;
	char directory[64];
	struct dirent *entry;
	DIR *fds;

	if (argc == 2 && strcmp(argv[1], "0") == 0)
		return !unsubscribe_own();
	snprintf(directory, sizeof(directory), "/proc/%s/fd", argc == 2 ? argv[1] : "");
	fds = opendir(directory);
	while (pidfd >= 0 && fds && (entry = readdir(fds))) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0), protocol = 0;
		socklen_t len = sizeof(protocol);
		int domain = 0;

		if (entry->d_name[0] != '.' && fd >= 0 &&
			getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
			getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
			domain == AF_NETLINK && protocol == NETLINK_CONNECTOR)
			n += unsubscribe(fd);
		if (fd >= 0)
			close(fd);
	}
	return n == 1 ? 0 : 1;
}
