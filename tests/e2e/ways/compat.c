/* SPDX-License-Identifier: GPL-2.0-or-later */

/* 32-bit system calls, which a 64-bit program on x86-64 can make, too; addresses must be below 4 GiB, so the executable is not
 * position-independent. */

#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>

static char name_below[] = "f";

static long call32(long number, long a, long b, long c, long d)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
#else
	errno = ENOSYS;
	return -1;
#endif
}

static int way_open_32(void)
{
	return done((int)call32(5, (intptr_t)name_below, O_WRONLY, 0, 0));
}

static int way_read_truncate_32(void)
{
	return done((int)call32(5, (intptr_t)name_below, O_RDONLY | O_TRUNC, 0, 0));
}

static int way_openat_read_truncate_32(void)
{
	return done((int)call32(295, AT_FDCWD, (intptr_t)name_below, O_RDONLY | O_TRUNC, 0));
}

static int way_openat2_read_truncate_32(void)
{
	static struct open_how how = { .flags = O_RDONLY | O_TRUNC };

	return done((int)call32(
		437, AT_FDCWD, (intptr_t)name_below, (intptr_t)&how, sizeof(how)));
}

static int way_chmod_32(void)
{
	return (int)call32(15, (intptr_t)name_below, 0600, 0, 0);
}

static int way_utime_32(void)
{
	return (int)call32(30, (intptr_t)name_below, 0, 0, 0);
}

static int way_utimensat_32(void)
{
	return (int)call32(320, AT_FDCWD, (intptr_t)name_below, 0, 0);
}

static int way_utimensat_time64_32(void)
{
	return (int)call32(412, AT_FDCWD, (intptr_t)name_below, 0, 0);
}

const struct way compat_ways[] = {
	WAY(open_32, "32-open", ""),
	WAY(read_truncate_32, "32-read-truncate", "perm=w looks at the access mode alone"),
	WAY(openat_read_truncate_32, "32-openat-read-truncate", "perm=w looks at the access mode alone"),
	WAY(openat2_read_truncate_32, "32-openat2-read-truncate", "perm=w looks at the access mode alone; flags in memory"),
	WAY(chmod_32, "32-chmod", ""),
	WAY(utime_32, "32-utime", "in no class of perm="),
	WAY(utimensat_32, "32-utimensat", "in no class of perm="),
	WAY(utimensat_time64_32, "32-utimensat_time64", "in no class of perm="),
	{},
};
