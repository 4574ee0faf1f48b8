/* SPDX-License-Identifier: GPL-2.0-or-later */

/* io_uring, by hand: one operation at a time, at once, by a worker, or by the thread that polls. */

#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OP_FTRUNCATE 55 /* newer than the headers of the oldest distribution that is supported */

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
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SETXATTR, .addr3 = (uintptr_t) "f", .addr = (uintptr_t)ATTRIBUTE, .addr2 = (uintptr_t) "v", .len = 1 };

	return ring_do(&sqe);
}

static int ring_fsetxattr(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_FSETXATTR, .fd = open_to(O_RDONLY), .addr = (uintptr_t)ATTRIBUTE, .addr2 = (uintptr_t) "v", .len = 1 };

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

#define RING(function, name, why, why_async)                                                \
	WAY(function, name, why), WAY(function##_async, name "-async", why_async),          \
		WAY(function##_polled, name "-polled", why)

const struct way uring_ways[] = {
	RING(ring_openat, "uring-openat", "no system call", "no system call, and no name of a file"),
	RING(ring_openat2_truncate, "uring-openat2", "no system call", "no system call, and no name of a file"),
	RING(ring_unlinkat, "uring-unlinkat", "no system call", "no system call"),
	RING(ring_renameat, "uring-renameat", "no system call", "no system call"),
	RING(ring_linkat, "uring-linkat", "no system call", "no system call"),
	RING(ring_setxattr, "uring-setxattr", "no system call", "no system call, and no name of a file"),
	RING(ring_fsetxattr, "uring-fsetxattr", "no system call", "no system call"),
	RING(ring_ftruncate, "uring-ftruncate", "", ""),
	{},
};
