/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connects to the unix socket at the path that is given, and says nothing to it. */

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0;
}
