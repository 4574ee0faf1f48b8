/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ways to change what is in the file. */

#include "ways.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_to(int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, "f", flags, 0644);
}

int done(int fd)
{
	return fd < 0 ? -1 : close(fd);
}

int way_append(void)
{
	int fd = open_to(O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int way_overwrite(void)
{
	int fd = open_to(O_RDWR);

	return fd < 0 || pwrite(fd, "x", 1, 0) != 1 ? -1 : close(fd);
}

static int way_open_truncate(void)
{
	return done(open_to(O_WRONLY | O_TRUNC));
}

static int way_read_truncate(void)
{
	return done(open_to(O_RDONLY | O_TRUNC));
}

static int way_read_truncate_old(void)
{
	return done((int)syscall(SYS_open, "f", O_RDONLY | O_TRUNC, 0));
}

static int way_creat(void)
{
	return done((int)syscall(SYS_creat, "f", 0644));
}

static int way_create_new(void)
{
	return done((int)syscall(SYS_openat, AT_FDCWD, "new", O_RDONLY | O_CREAT | O_EXCL, 0644));
}

static int openat2_with(uint64_t flags)
{
	struct open_how how = { .flags = flags };

	return (int)syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how));
}

static int way_openat2(void)
{
	return done(openat2_with(O_WRONLY));
}

static int way_openat2_read_truncate(void)
{
	return done(openat2_with(O_RDONLY | O_TRUNC));
}

static int way_truncate(void)
{
	return truncate("f", 1);
}

static int way_ftruncate(void)
{
	int fd = open_to(O_RDWR);

	return fd < 0 || ftruncate(fd, 1) < 0 ? -1 : close(fd);
}

static int way_fallocate(void)
{
	int fd = open_to(O_RDWR);

	return fd < 0 || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) < 0
		? -1
		: close(fd);
}

static int way_mmap_shared(void)
{
	int fd = open_to(O_RDWR);
	char *map;

	if (fd < 0)
		return -1;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	map[0] = 'm';
	return munmap(map, 4096) < 0 ? -1 : close(fd);
}

/* From "other", which nobody watches the reading of. */
static int copy_with(ssize_t (*copy)(int in, int out))
{
	int in = open("other", O_RDONLY), out = open_to(O_WRONLY);

	return in < 0 || out < 0 || copy(in, out) < 0 ? -1 : close(out) + close(in);
}

static ssize_t by_copy_file_range(int in, int out)
{
	return copy_file_range(in, NULL, out, NULL, 1, 0);
}

static int way_copy_file_range(void)
{
	return copy_with(by_copy_file_range);
}

static ssize_t by_sendfile(int in, int out)
{
	return sendfile(out, in, NULL, 1);
}

static int way_sendfile(void)
{
	return copy_with(by_sendfile);
}

static int way_splice(void)
{
	int ends[2], out = open_to(O_WRONLY);

	if (out < 0 || pipe(ends) < 0 || write(ends[1], "s", 1) != 1)
		return -1;
	return splice(ends[0], NULL, out, NULL, 1, 0) == 1 ? close(out) : -1;
}

const struct way content_ways[] = {
	WAY(append, "append", ""),
	WAY(overwrite, "overwrite", ""),
	WAY(open_truncate, "open-truncate", ""),
	WAY(creat, "creat", ""),
	WAY(create_new, "create-new", "perm=w looks at the access mode alone"),
	WAY(read_truncate, "read-truncate", "perm=w looks at the access mode alone"),
	WAY(read_truncate_old, "read-truncate-open", "perm=w looks at the access mode alone"),
	WAY(openat2, "openat2", ""),
	WAY(openat2_read_truncate, "openat2-read-truncate", "perm=w looks at the access mode alone; flags in memory"),
	WAY(truncate, "truncate", ""),
	WAY(ftruncate, "ftruncate", ""),
	WAY(fallocate, "fallocate", ""),
	WAY(mmap_shared, "mmap-shared", ""),
	WAY(copy_file_range, "copy_file_range", ""),
	WAY(sendfile, "sendfile", ""),
	WAY(splice, "splice", ""),
	{},
};
