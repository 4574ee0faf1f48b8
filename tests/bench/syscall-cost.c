/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Nanoseconds that a system call takes, as the best of several rounds: one that no rule asks for, one that many ask for, and an open of a file
 * that nobody watches. Prints one line of each.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15
#define CALLS 40000

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_stat(void)
{
	struct stat st;

	fstatat(AT_FDCWD, "/proc/self/stat", &st, 0);
}

static void call_open(void)
{
	close(open("/dev/null", O_RDONLY));
}

static int64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(void)
{
	static const struct {
		const char *name;
		void (*call)(void);
	} cases[] = { { "getppid", call_getppid }, { "stat", call_stat }, { "open", call_open } };

	for (unsigned i = 0; i < 3; i++) {
		int64_t best = INT64_MAX;

		for (unsigned round = 0; round < ROUNDS; round++) {
			int64_t began = now_nsec(), took;

			for (unsigned j = 0; j < CALLS; j++)
				cases[i].call();
			took = now_nsec() - began;
			best = took < best ? took : best;
		}
		printf("%s %.0f\n", cases[i].name, (double)best / CALLS);
	}
	return 0;
}
