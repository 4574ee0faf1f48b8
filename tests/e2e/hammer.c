/* SPDX-License-Identifier: GPL-2.0-or-later */

/* hammer PATH N : opens PATH for appending N times, as fast as the kernel lets it, and prints how
 * often. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	for (long i = 0; i < n; i++) {
		int fd = open(argv[1], O_WRONLY | O_APPEND);

		if (fd < 0) {
			perror(argv[1]);
			return 1;
		}
		close(fd);
	}
	printf("%ld\n", n);
	return 0;
}
