/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/source-netlink.h"

#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BATCH_RECORDS 32
#define RECORD_BYTES                                                                               \
	9216 /* MAX_AUDIT_MESSAGE_LENGTH and a header; a multiple of 8 keeps headers aligned */
/* Small enough to be emptied in a few sips, see SIP_USEC in live-loop.c; what does not fit waits in
 * the kernel's backlog. */
#define KERNEL_BUFFER_BYTES (8 << 20)
/* Here nothing waits: what does not fit is lost. */
#define MULTICAST_BUFFER_BYTES (64 << 20)

struct batch {
	struct mmsghdr headers[BATCH_RECORDS];
	struct iovec vectors[BATCH_RECORDS];
	struct sockaddr_nl senders[BATCH_RECORDS];
	_Alignas(8) char bytes[BATCH_RECORDS][RECORD_BYTES];
};

struct source_netlink {
	struct source source;
	int fd;
	/* Of the audit daemon only. */
	struct audit_control *control;
	uint32_t backlog_limit;
	bool acquired, raised_backlog, switched_on;
	struct kernel_status found; /* before start */
	struct batch batch;
};

static struct source_netlink *of(struct source *source)
{
	return (struct source_netlink *)source;
}

static void netlink_free(struct source *source)
{
	struct source_netlink *netlink = of(source);

	closep(&netlink->fd);
	free(netlink);
}

static int netlink_fd(const struct source *source)
{
	return ((const struct source_netlink *)source)->fd;
}

static int open_socket(int buffer_bytes)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);

	if (fd < 0)
		return errno == EINVAL || errno == EAFNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	/* Without the capability the default stays: more that waits, or is lost and told. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof(buffer_bytes));
	return fd;
}

static int take_place(struct source_netlink *netlink)
{
	struct kernel_status status;
	int r = audit_set_pid(netlink->fd, (uint32_t)getpid(), WAIT_NO);

	if (r < 0)
		return r;
	/* The acknowledgement may stand behind records, so success is read from the status. */
	r = audit_control_status(netlink->control, &status);
	if (r < 0)
		return r;
	if (status.pid != getpid())
		return -EEXIST;
	netlink->acquired = true;
	return 0;
}

static int kernel_start(struct source *source)
{
	struct source_netlink *netlink = of(source);
	const struct kernel_status *found = &netlink->found;
	int r = audit_control_status(netlink->control, &netlink->found);

	if (r < 0)
		return r;
	if (kernel_status_other_daemon(found))
		return -EEXIST;
	r = take_place(netlink);
	if (r < 0 || found->enabled == AUDIT_LOCKED)
		return r;
	if (found->backlog_limit != 0 && found->backlog_limit < netlink->backlog_limit) {
		r = audit_control_set_backlog_limit(netlink->control, netlink->backlog_limit);
		if (r < 0)
			return r;
		netlink->raised_backlog = true;
	}
	if (found->enabled == 0) {
		r = audit_control_set_enabled(netlink->control, true);
		if (r < 0)
			return r;
		netlink->switched_on = true;
	}
	return 0;
}

static int kernel_yield(struct source *source)
{
	struct source_netlink *netlink = of(source);
	int r;

	if (!netlink->acquired)
		return 0;
	netlink->acquired = netlink->switched_on = netlink->raised_backlog = false;
	r = audit_set_pid(netlink->fd, 0, WAIT_NO);
	return r < 0 ? r : 0;
}

static int kernel_stop(struct source *source)
{
	struct source_netlink *netlink = of(source);
	struct kernel_status status;
	bool locked;
	int r, first = 0;

	if (!netlink->acquired)
		return 0;
	locked = audit_control_status(netlink->control, &status) == 0 &&
		 status.enabled == AUDIT_LOCKED;
	if (netlink->switched_on && !locked)
		first = audit_control_set_enabled(netlink->control, false);
	if (netlink->raised_backlog && !locked) {
		r = audit_control_set_backlog_limit(netlink->control, netlink->found.backlog_limit);
		first = first ? first : r;
	}
	r = kernel_yield(source);
	return first ? first : r;
}

static int multicast_start(struct source *source)
{
	/* Bound, as one without a port of its own passes for the sender. */
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	struct stat own, first;

	/* The kernel sends there only; a member elsewhere would wait for ever. */
	if (stat("/proc/self/ns/net", &own) == 0 && stat("/proc/1/ns/net", &first) == 0 &&
		own.st_ino != first.st_ino)
		return -ENETUNREACH;
	if (bind(of(source)->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return errno == EINVAL ? -EPROTONOSUPPORT : -errno;
}

static int multicast_stop(struct source *source)
{
	int group = AUDIT_NLGRP_READLOG;

	return setsockopt(of(source)->fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group,
		       sizeof(group)) < 0
		       ? -errno
		       : 0;
}

static void prepare(struct batch *batch, unsigned n_records)
{
	for (unsigned i = 0; i < n_records; i++) {
		batch->vectors[i] = (struct iovec){ batch->bytes[i], sizeof(batch->bytes[i]) };
		batch->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->senders[i],
			.msg_namelen = sizeof(batch->senders[i]),
			.msg_iov = &batch->vectors[i],
			.msg_iovlen = 1,
		};
	}
}

static int netlink_read(struct source *source, unsigned max_records, const struct source_sink *sink)
{
	struct batch *batch = &of(source)->batch;
	unsigned wanted = max_records < BATCH_RECORDS ? max_records : BATCH_RECORDS;
	int n;

	prepare(batch, wanted);
	n = recvmmsg(of(source)->fd, batch->headers, wanted, MSG_DONTWAIT, NULL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)batch->bytes[i];
		size_t len = batch->headers[i].msg_len;
		int r;

		/* Only the kernel speaks here (port 0); acknowledgements of our own requests carry
		 * no record. */
		if (len < NLMSG_HDRLEN || batch->senders[i].nl_pid != 0 ||
			header->nlmsg_type < AUDIT_FIRST_USER_MSG)
			continue;
		/* nlmsg_len of records that go to the audit daemon lacks the header
		 * (kernel/audit.c, audit_log_end()). */
		r = sink->on_record(header->nlmsg_type, batch->bytes[i] + NLMSG_HDRLEN,
			len - NLMSG_HDRLEN, sink->userdata);
		if (r < 0)
			return r;
	}
	return n;
}

static int netlink_new(
	const struct source_verbs *verbs, int buffer_bytes, struct source_netlink **ret)
{
	struct source_netlink *netlink = calloc(1, sizeof(*netlink));

	if (!netlink)
		return -ENOMEM;
	netlink->source.verbs = verbs;
	netlink->fd = open_socket(buffer_bytes);
	if (netlink->fd < 0) {
		int r = netlink->fd;

		free(netlink);
		return r;
	}
	*ret = netlink;
	return 0;
}

int source_kernel_new(struct audit_control *control, uint32_t backlog_limit, struct source **ret)
{
	static const struct source_verbs verbs = {
		.kind = SOURCE_KERNEL,
		.start = kernel_start,
		.stop = kernel_stop,
		.yield = kernel_yield,
		.read = netlink_read,
		.fd = netlink_fd,
		.free = netlink_free,
	};
	struct source_netlink *netlink;
	int r = netlink_new(&verbs, KERNEL_BUFFER_BYTES, &netlink);

	if (r < 0)
		return r;
	netlink->control = control;
	netlink->backlog_limit = backlog_limit;
	*ret = &netlink->source;
	return 0;
}

int source_multicast_new(struct source **ret)
{
	static const struct source_verbs verbs = {
		.kind = SOURCE_MULTICAST,
		.start = multicast_start,
		.stop = multicast_stop,
		.read = netlink_read,
		.fd = netlink_fd,
		.free = netlink_free,
	};
	struct source_netlink *netlink;
	int r = netlink_new(&verbs, MULTICAST_BUFFER_BYTES, &netlink);

	if (r < 0)
		return r;
	*ret = &netlink->source;
	return 0;
}
