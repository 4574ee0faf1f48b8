/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pace FILE RATE SECONDS: opens FILE for writing RATE times a second, evenly, and says how many
 * times it did. Static, so that it runs in any container.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec next;
	long rate, n;

	if (argc != 4)
		return 2;
	rate = strtol(argv[2], NULL, 10);
	n = rate * strtol(argv[3], NULL, 10);
	if (rate <= 0 || rate > 1000000)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < n; i++) {
		int fd = open(argv[1], O_WRONLY | O_APPEND);

		if (fd < 0) {
			perror(argv[1]);
			return 1;
		}
		close(fd);
		next.tv_nsec += 1000000000 / rate;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	printf("%ld\n", n);
	return 0;
}
