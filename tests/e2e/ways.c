/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Changes a file in one of many ways: ways WAY DIRECTORY
 *
 * DIRECTORY holds a file "f" (and what prepare() of test-ways.sh puts beside it). Each way does one thing to it and ends; `ways` alone lists
 * them. Exit status 0: done, 1: the kernel refused (said on standard error), 2: no such way. Statically linked, system calls by number, so that
 * it runs in any container and does what it says, whatever the C library would do.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

/* Newer than the headers of the oldest distribution that is supported. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469
#define OP_FTRUNCATE 55

struct xattr_value {
	uint64_t value;
	uint32_t size, flags;
};

struct file_attributes {
	uint64_t xflags;
	uint32_t extent_size, n_extents, project, cow_extent_size;
};

/* The library's own buffer for a file handle of any kind. */
union handle {
	struct file_handle handle;
	char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static const struct timespec times[2] = { { 86400, 0 }, { 86400, 0 } };
static const char attribute[] = "user.way";

static int open_to(int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, "f", flags, 0644);
}

/* What was opened is the way; closing it is not. */
static int done(int fd)
{
	return fd < 0 ? -1 : close(fd);
}

static int way_append(void)
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
	return (int)syscall(SYS_setxattr, "f", attribute, "v", 1, 0);
}

static int way_lsetxattr(void)
{
	return (int)syscall(SYS_lsetxattr, "f", attribute, "v", 1, 0);
}

static int way_fsetxattr(void)
{
	return (int)syscall(SYS_fsetxattr, open_to(O_RDONLY), attribute, "v", 1, 0);
}

static int way_setxattrat(void)
{
	struct xattr_value value = { (uintptr_t) "v", 1, 0 };

	return (int)syscall(NR_SETXATTRAT, AT_FDCWD, "f", 0, attribute, &value, sizeof(value));
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

static int way_rename_over(void)
{
	return rename("other", "f");
}

static int way_rename_away(void)
{
	return rename("f", "away");
}

static int way_rename_exchange(void)
{
	return renameat2(AT_FDCWD, "f", AT_FDCWD, "other", RENAME_EXCHANGE);
}

static int way_link(void)
{
	return link("f", "another");
}

static int way_link_write(void)
{
	int fd = open("linked", O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int way_unlink(void)
{
	return (int)syscall(SYS_unlink, "f");
}

static int way_unlinkat(void)
{
	return unlinkat(AT_FDCWD, "f", 0);
}

static int way_replace_by_symlink(void)
{
	return symlink("/etc/passwd", "away") < 0 ? -1 : rename("away", "f");
}

static int way_symlink_write(void)
{
	int fd = open("symlink", O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int way_replace_by_node(void)
{
	return unlink("f") < 0 ? -1 : mknod("f", S_IFIFO | 0600, 0);
}

static int way_rename_parent(void)
{
	return chdir("..") < 0 ? -1 : rename("rename-parent", "rename-parent.away");
}

static int open_handle(int flags)
{
	union handle handle = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, mount_fd = open(".", O_RDONLY | O_DIRECTORY);

	if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, "f", &handle.handle, &mount_id, 0) < 0)
		return -1;
	return open_by_handle_at(mount_fd, &handle.handle, flags);
}

static int way_handle_write(void)
{
	int fd = open_handle(O_WRONLY);

	return fd < 0 || write(fd, "h", 1) != 1 ? -1 : close(fd);
}

static int way_handle_read_truncate(void)
{
	return done(open_handle(O_RDONLY | O_TRUNC));
}

static int through_proc(char *ret)
{
	int fd = open_to(O_PATH);

	sprintf(ret, "/proc/self/fd/%d", fd);
	return fd;
}

static int way_reopen_descriptor(void)
{
	char path[64];

	if (through_proc(path) < 0)
		return -1;
	return done(open(path, O_WRONLY));
}

static int way_chmod_descriptor(void)
{
	char path[64];

	return through_proc(path) < 0 ? -1 : chmod(path, 0600);
}

static int way_chroot_write(void)
{
	return chroot(".") < 0 || chdir("/") < 0 ? -1 : way_append();
}

static int way_userns_write(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -1 : way_append();
}

/*
 * io_uring, by hand: one operation at a time
 */

struct ring {
	int fd;
	unsigned *sq_tail, *sq_mask, *sq_flags, *cq_head, *cq_tail, *cq_mask, *array;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static int ring_open(struct ring *ring, unsigned flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 2000 };
	char *sq, *cq;

	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	if (ring->fd < 0)
		return -1;
	sq = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(unsigned),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -1;
	ring->sq_tail = (unsigned *)(sq + params.sq_off.tail);
	ring->sq_mask = (unsigned *)(sq + params.sq_off.ring_mask);
	ring->sq_flags = (unsigned *)(sq + params.sq_off.flags);
	ring->array = (unsigned *)(sq + params.sq_off.array);
	ring->cq_head = (unsigned *)(cq + params.cq_off.head);
	ring->cq_tail = (unsigned *)(cq + params.cq_off.tail);
	ring->cq_mask = (unsigned *)(cq + params.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
	return 0;
}

static unsigned ring_flags, sqe_flags; /* how the next operation is to run */

/* The operation's result; -1 with errno where it is an error. */
static int ring_do(const struct io_uring_sqe *operation)
{
	struct ring ring;
	unsigned at, wake = IORING_ENTER_GETEVENTS, wait_for = 1;
	int result;

	if (ring_open(&ring, ring_flags) < 0)
		return -1;
	at = *ring.sq_tail & *ring.sq_mask;
	ring.sqes[at] = *operation;
	ring.sqes[at].flags |= (unsigned char)sqe_flags;
	ring.array[at] = at;
	__atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
	if (ring_flags & IORING_SETUP_SQPOLL)
		wake |= IORING_ENTER_SQ_WAKEUP;
	/* Who waits within the call lets its exit see what a worker has found meanwhile. */
	if (sqe_flags & IOSQE_ASYNC)
		wake = wait_for = 0;
	if (syscall(SYS_io_uring_enter, ring.fd, 1, wait_for, wake, NULL, 0) < 0)
		return -1;
	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == *ring.cq_head)
		usleep(1000);
	result = ring.cqes[*ring.cq_head & *ring.cq_mask].res;
	if (result < 0)
		errno = -result;
	return result < 0 ? -1 : result;
}

static int ring_openat(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t) "f", .open_flags = O_WRONLY };

	return ring_do(&sqe);
}

static int ring_openat2_truncate(void)
{
	struct open_how how = { .flags = O_RDONLY | O_TRUNC };
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = (uintptr_t) "f", .len = sizeof(how), .addr2 = (uintptr_t)&how };

	return ring_do(&sqe);
}

static int ring_unlinkat(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t) "f" };

	return ring_do(&sqe);
}

static int ring_renameat(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = (uintptr_t) "f", .len = (unsigned)AT_FDCWD, .addr2 = (uintptr_t) "away" };

	return ring_do(&sqe);
}

static int ring_linkat(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_LINKAT, .fd = AT_FDCWD, .addr = (uintptr_t) "f", .len = (unsigned)AT_FDCWD, .addr2 = (uintptr_t) "another" };

	return ring_do(&sqe);
}

static int ring_setxattr(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SETXATTR, .addr3 = (uintptr_t) "f", .addr = (uintptr_t)attribute, .addr2 = (uintptr_t) "v", .len = 1 };

	return ring_do(&sqe);
}

static int ring_fsetxattr(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_FSETXATTR, .fd = open_to(O_RDONLY), .addr = (uintptr_t)attribute, .addr2 = (uintptr_t) "v", .len = 1 };

	return ring_do(&sqe);
}

static int ring_ftruncate(void)
{
	struct io_uring_sqe sqe = { .opcode = OP_FTRUNCATE, .fd = open_to(O_WRONLY), .off = 1 };

	return ring_do(&sqe);
}

static int ring_async(int (*operation)(void))
{
	sqe_flags = IOSQE_ASYNC;
	return operation();
}

static int ring_polled(int (*operation)(void))
{
	ring_flags = IORING_SETUP_SQPOLL;
	return operation();
}

#define RING_WAYS(NAME)                                  \
	static int way_##NAME(void)                      \
	{                                                \
		return NAME();                           \
	}                                                \
	static int way_##NAME##_async(void)              \
	{                                                \
		return ring_async(NAME);                 \
	}                                                \
	static int way_##NAME##_polled(void)             \
	{                                                \
		return ring_polled(NAME);                \
	}
RING_WAYS(ring_openat)
RING_WAYS(ring_openat2_truncate)
RING_WAYS(ring_unlinkat)
RING_WAYS(ring_renameat)
RING_WAYS(ring_linkat)
RING_WAYS(ring_setxattr)
RING_WAYS(ring_fsetxattr)
RING_WAYS(ring_ftruncate)

/*
 * 32-bit system calls, which a 64-bit program on x86-64 can make, too; addresses must be below 4 GiB, so the executable is not position-independent
 */

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

/*
 * Around the file: what lies below it, what lies over it
 */

/* Only opened: nothing is written. */
static int way_raw_device(void)
{
	return done(open("/dev/loop7", O_RDWR));
}

static int way_bind_over(void)
{
	return mount("other", "f", NULL, MS_BIND, NULL) < 0 ? -1 : umount2("f", MNT_DETACH);
}

static int way_mount_over(void)
{
	return mount("none", ".", "tmpfs", 0, NULL) < 0 ? -1 : umount2("../mount-over", MNT_DETACH);
}

static int way_move_mount_over(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "other", 1 /* OPEN_TREE_CLONE */);

	if (tree < 0)
		return -1;
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "f", 4 /* MOVE_MOUNT_F_EMPTY_PATH */) < 0)
		return -1;
	return umount2("f", MNT_DETACH);
}

static int way_enter_namespace(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY);

	return fd < 0 || unshare(CLONE_NEWNS) < 0 ? -1 : setns(fd, CLONE_NEWNS);
}

/* What no tool of every distribution makes. */
static int prepare(void)
{
	return setxattr("f", "user.there", "x", 1, 0);
}

/* Opened before anybody watches: waits for "go" and then writes. */
static int way_old_descriptor(void)
{
	int fd = open_to(O_WRONLY);

	if (fd < 0 || close(open("ready", O_WRONLY | O_CREAT, 0644)) < 0)
		return -1;
	while (access("go", F_OK) < 0)
		usleep(10000);
	return write(fd, "o", 1) == 1 ? close(fd) : -1;
}

static const struct {
	const char *name;
	int (*run)(void);
	const char *why; /* a plain -w does not see it; "": it does */
} ways[] = {
#define WAY(function, name, why) { name, way_##function, why }
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
	WAY(rename_over, "rename-over", ""),
	WAY(rename_away, "rename-away", ""),
	WAY(rename_exchange, "rename-exchange", ""),
	WAY(rename_parent, "rename-parent", ""),
	WAY(link, "link", ""),
	WAY(link_write, "link-write", ""),
	WAY(unlink, "unlink", ""),
	WAY(unlinkat, "unlinkat", ""),
	WAY(replace_by_symlink, "replace-by-symlink", ""),
	WAY(symlink_write, "symlink-write", ""),
	WAY(replace_by_node, "replace-by-node", ""),
	WAY(handle_write, "handle-write", "in no class of perm="),
	WAY(handle_read_truncate, "handle-read-truncate", "in no class of perm="),
	WAY(reopen_descriptor, "reopen-descriptor", ""),
	WAY(chmod_descriptor, "chmod-descriptor", ""),
	WAY(chroot_write, "chroot-write", ""),
	WAY(userns_write, "userns-write", ""),
#define RING(function, name, why, why_async)                                                \
	WAY(function, name, why), WAY(function##_async, name "-async", why_async),          \
		WAY(function##_polled, name "-polled", why)
	RING(ring_openat, "uring-openat", "no system call", "no system call, and no name of a file"),
	RING(ring_openat2_truncate, "uring-openat2", "no system call", "no system call, and no name of a file"),
	RING(ring_unlinkat, "uring-unlinkat", "no system call", "no system call"),
	RING(ring_renameat, "uring-renameat", "no system call", "no system call"),
	RING(ring_linkat, "uring-linkat", "no system call", "no system call"),
	RING(ring_setxattr, "uring-setxattr", "no system call", "no system call, and no name of a file"),
	RING(ring_fsetxattr, "uring-fsetxattr", "no system call", "no system call"),
	RING(ring_ftruncate, "uring-ftruncate", "", ""),
	WAY(open_32, "32-open", ""),
	WAY(read_truncate_32, "32-read-truncate", "perm=w looks at the access mode alone"),
	WAY(openat_read_truncate_32, "32-openat-read-truncate", "perm=w looks at the access mode alone"),
	WAY(openat2_read_truncate_32, "32-openat2-read-truncate", "perm=w looks at the access mode alone; flags in memory"),
	WAY(chmod_32, "32-chmod", ""),
	WAY(utime_32, "32-utime", "in no class of perm="),
	WAY(utimensat_32, "32-utimensat", "in no class of perm="),
	WAY(utimensat_time64_32, "32-utimensat_time64", "in no class of perm="),
	WAY(raw_device, "raw-device", "another file: the device below"),
	WAY(bind_over, "bind-over", "another file, which comes to lie over it"),
	WAY(mount_over, "mount-over", "another file, which comes to lie over it"),
	WAY(move_mount_over, "move_mount-over", "another file, which comes to lie over it"),
	WAY(enter_namespace, "enter-namespace", "about no file"),
	WAY(old_descriptor, "old-descriptor", "opened before the watch: a write names no file"),
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "prepare") == 0)
		return chdir(argv[2]) < 0 || prepare() < 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc < 3) {
			printf("%s\t%s\n", ways[i].name, ways[i].why);
			continue;
		}
		if (strcmp(ways[i].name, argv[1]) != 0)
			continue;
		if (chdir(argv[2]) < 0 || ways[i].run() < 0) {
			fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
			return 1;
		}
		/* Whoever asks after the process has a moment. */
		usleep(strncmp(argv[1], "uring", 5) == 0 ? 1500000 : 30000);
		return 0;
	}
	return argc < 3 ? 0 : 2;
}
