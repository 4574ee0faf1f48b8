/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ways to change what the file is said to be: mode, owner, attributes and times. */

#include "ways.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Newer than the headers of the oldest distribution that is supported. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469

struct xattr_value {
	uint64_t value;
	uint32_t size, flags;
};

struct file_attributes {
	uint64_t xflags;
	uint32_t extent_size, n_extents, project, cow_extent_size;
};

static const struct timespec times[2] = { { 86400, 0 }, { 86400, 0 } };

static int way_chmod(void)
{
	return (int)syscall(SYS_chmod, "f", 0600);
}

static int way_fchmod(void)
{
	return fchmod(open_to(O_RDONLY), 0600);
}

static int way_fchmodat(void)
{
	return (int)syscall(SYS_fchmodat, AT_FDCWD, "f", 0600);
}

static int way_fchmodat2(void)
{
	return (int)syscall(NR_FCHMODAT2, AT_FDCWD, "f", 0600, AT_SYMLINK_NOFOLLOW);
}

static int way_fchmodat2_empty(void)
{
	return (int)syscall(NR_FCHMODAT2, open_to(O_PATH), "", 0600, AT_EMPTY_PATH);
}

static int way_chown(void)
{
	return (int)syscall(SYS_chown, "f", 1, 1);
}

static int way_fchown(void)
{
	return fchown(open_to(O_RDONLY), 1, 1);
}

static int way_lchown(void)
{
	return (int)syscall(SYS_lchown, "f", 1, 1);
}

static int way_fchownat(void)
{
	return fchownat(AT_FDCWD, "f", 1, 1, 0);
}

static int way_setxattr(void)
{
	return (int)syscall(SYS_setxattr, "f", ATTRIBUTE, "v", 1, 0);
}

static int way_lsetxattr(void)
{
	return (int)syscall(SYS_lsetxattr, "f", ATTRIBUTE, "v", 1, 0);
}

static int way_fsetxattr(void)
{
	return (int)syscall(SYS_fsetxattr, open_to(O_RDONLY), ATTRIBUTE, "v", 1, 0);
}

static int way_setxattrat(void)
{
	struct xattr_value value = { (uintptr_t) "v", 1, 0 };

	return (int)syscall(NR_SETXATTRAT, AT_FDCWD, "f", 0, ATTRIBUTE, &value, sizeof(value));
}

static int way_removexattr(void)
{
	return (int)syscall(SYS_removexattr, "f", "user.there");
}

static int way_fremovexattr(void)
{
	return (int)syscall(SYS_fremovexattr, open_to(O_RDONLY), "user.there");
}

static int way_removexattrat(void)
{
	return (int)syscall(NR_REMOVEXATTRAT, AT_FDCWD, "f", 0, "user.there");
}

/* rw-rw-r-- and one user more, as setfacl(1) writes it. */
static int way_acl(void)
{
	static const struct {
		uint32_t version;
		struct {
			uint16_t tag, perm;
			uint32_t id;
		} entries[5];
	} acl = { 2, { { 1, 6, UINT32_MAX }, { 2, 6, 1 }, { 4, 4, UINT32_MAX }, { 16, 6, UINT32_MAX }, { 32, 4, UINT32_MAX } } };

	return (int)syscall(SYS_setxattr, "f", "system.posix_acl_access", &acl, sizeof(acl), 0);
}

static int way_ioctl_setflags(void)
{
	long flags = FS_NOATIME_FL;

	return ioctl(open_to(O_RDONLY), FS_IOC_SETFLAGS, &flags);
}

static int way_ioctl_fssetxattr(void)
{
	struct fsxattr attr = { .fsx_xflags = FS_XFLAG_NOATIME };

	return ioctl(open_to(O_RDONLY), FS_IOC_FSSETXATTR, &attr);
}

static int way_file_setattr(void)
{
	struct file_attributes attributes = { .xflags = FS_XFLAG_NOATIME };

	return (int)syscall(
		NR_FILE_SETATTR, AT_FDCWD, "f", &attributes, sizeof(attributes), 0);
}

static int way_utimensat(void)
{
	return (int)syscall(SYS_utimensat, AT_FDCWD, "f", times, 0);
}

static int way_futimens(void)
{
	return (int)syscall(SYS_utimensat, open_to(O_RDONLY), NULL, times, 0);
}

static int way_utimes(void)
{
	return (int)syscall(SYS_utimes, "f", NULL);
}

static int way_futimesat(void)
{
	return (int)syscall(SYS_futimesat, AT_FDCWD, "f", NULL);
}

static int way_utime(void)
{
	return (int)syscall(SYS_utime, "f", NULL);
}

const struct way attribute_ways[] = {
	WAY(chmod, "chmod", ""),
	WAY(fchmod, "fchmod", ""),
	WAY(fchmodat, "fchmodat", ""),
	WAY(fchmodat2, "fchmodat2", ""),
	WAY(fchmodat2_empty, "fchmodat2-empty", ""),
	WAY(chown, "chown", ""),
	WAY(fchown, "fchown", ""),
	WAY(lchown, "lchown", ""),
	WAY(fchownat, "fchownat", ""),
	WAY(setxattr, "setxattr", ""),
	WAY(lsetxattr, "lsetxattr", ""),
	WAY(fsetxattr, "fsetxattr", ""),
	WAY(setxattrat, "setxattrat", ""),
	WAY(removexattr, "removexattr", ""),
	WAY(fremovexattr, "fremovexattr", ""),
	WAY(removexattrat, "removexattrat", ""),
	WAY(acl, "acl", ""),
	WAY(ioctl_setflags, "ioctl-setflags", "names a descriptor, no file"),
	WAY(ioctl_fssetxattr, "ioctl-fssetxattr", "names a descriptor, no file"),
	WAY(file_setattr, "file_setattr", "in no class of perm="),
	WAY(utimensat, "utimensat", "in no class of perm="),
	WAY(futimens, "futimens", "names a descriptor, no file"),
	WAY(utimes, "utimes", "in no class of perm="),
	WAY(futimesat, "futimesat", "in no class of perm="),
	WAY(utime, "utime", "in no class of perm="),
	{},
};
