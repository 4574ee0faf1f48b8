/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/netlink.h"

#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH_RECORDS 32
#define RECORD_BYTES                                                                               \
	9216 /* MAX_AUDIT_MESSAGE_LENGTH and a header; a multiple of 8 keeps headers aligned */
/* Small enough to be emptied in a few sips, see SIP_USEC in live-loop.c; what does not fit waits in
 * the kernel's backlog. */
#define RECEIVE_BUFFER_BYTES (8 << 20)
#define REPLY_TIMEOUT_MSEC 2000

struct batch {
	struct mmsghdr headers[BATCH_RECORDS];
	struct iovec vectors[BATCH_RECORDS];
	struct sockaddr_nl senders[BATCH_RECORDS];
	_Alignas(8) char bytes[BATCH_RECORDS][RECORD_BYTES];
};

struct netlink {
	int records_fd, control_fd;
	bool acquired, raised_backlog, switched_on;
	struct netlink_status found; /* before netlink_acquire() */
	struct batch batch;
};

int netlink_new(struct netlink **ret)
{
	_cleanup_(netlink_freep) struct netlink *netlink = calloc(1, sizeof(*netlink));
	int bytes = RECEIVE_BUFFER_BYTES;
	struct netlink_status status;
	int r;

	if (!netlink)
		return -ENOMEM;
	netlink->records_fd = netlink->control_fd = -1;
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	netlink->records_fd = audit_open();
	if (netlink->records_fd < 0)
		return errno == EINVAL || errno == EAFNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	netlink->control_fd = audit_open();
	if (netlink->control_fd < 0)
		return -errno;
	/* Without the capability the kernel's limit stays; the backlog then takes what does not
	 * fit. */
	setsockopt(netlink->records_fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	r = netlink_status(netlink, &status);
	if (r < 0)
		return r;
	*ret = TAKE(netlink);
	return 0;
}

void netlink_free(struct netlink *netlink)
{
	if (!netlink)
		return;
	closep(&netlink->records_fd);
	closep(&netlink->control_fd);
	free(netlink);
}

int netlink_fd(const struct netlink *netlink)
{
	return netlink->records_fd;
}

int netlink_status(struct netlink *netlink, struct netlink_status *ret)
{
	struct pollfd pollfd = { .fd = netlink->control_fd, .events = POLLIN };
	int r = audit_request_status(netlink->control_fd);

	/* A namespace of its own answers ECONNREFUSED: auditing belongs to the initial ones. */
	if (r < 0)
		return r == -ECONNREFUSED ? -EPERM : r;
	while (poll(&pollfd, 1, REPLY_TIMEOUT_MSEC) > 0) {
		struct audit_reply reply;

		r = audit_get_reply(netlink->control_fd, &reply, GET_REPLY_NONBLOCKING, 0);
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return r;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type != AUDIT_GET)
			continue;
		*ret = (struct netlink_status){
			.enabled = reply.status->enabled,
			.pid = (pid_t)reply.status->pid,
			.lost = reply.status->lost,
			.backlog = reply.status->backlog,
			.backlog_limit = reply.status->backlog_limit,
		};
		return 0;
	}
	return -ETIMEDOUT;
}

static int positive_is_fine(int r)
{
	return r < 0 ? r : 0;
}

int netlink_acquire(struct netlink *netlink, uint32_t backlog_limit)
{
	struct netlink_status status;
	int r = netlink_status(netlink, &netlink->found);

	if (r < 0)
		return r;
	if (netlink->found.pid != 0 && kill(netlink->found.pid, 0) == 0)
		return -EEXIST;
	if (netlink->found.enabled == 2)
		return -EPERM;

	r = positive_is_fine(audit_set_pid(netlink->records_fd, (uint32_t)getpid(), WAIT_NO));
	if (r < 0)
		return r;
	/* The acknowledgement may stand behind records, so success is read from the status. */
	r = netlink_status(netlink, &status);
	if (r < 0)
		return r;
	if (status.pid != getpid())
		return -EEXIST;
	netlink->acquired = true;

	if (netlink->found.backlog_limit != 0 && netlink->found.backlog_limit < backlog_limit) {
		r = positive_is_fine(audit_set_backlog_limit(netlink->control_fd, backlog_limit));
		if (r < 0)
			return r;
		netlink->raised_backlog = true;
	}
	if (netlink->found.enabled == 0) {
		r = positive_is_fine(audit_set_enabled(netlink->control_fd, 1));
		if (r < 0)
			return r;
		netlink->switched_on = true;
	}
	return 0;
}

int netlink_release(struct netlink *netlink)
{
	int r, first = 0;

	if (!netlink->acquired)
		return 0;
	if (netlink->switched_on) {
		r = positive_is_fine(audit_set_enabled(netlink->control_fd, 0));
		first = first ? first : r;
	}
	if (netlink->raised_backlog) {
		r = positive_is_fine(
			audit_set_backlog_limit(netlink->control_fd, netlink->found.backlog_limit));
		first = first ? first : r;
	}
	r = positive_is_fine(audit_set_pid(netlink->records_fd, 0, WAIT_NO));
	first = first ? first : r;
	netlink->acquired = netlink->switched_on = netlink->raised_backlog = false;
	return first;
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

bool netlink_is_behind(const struct netlink *netlink)
{
	struct pollfd records = { .fd = netlink->records_fd, .events = POLLIN };

	return poll(&records, 1, 0) > 0;
}

int netlink_read(
	struct netlink *netlink, unsigned max_records, netlink_record_fn on_record, void *userdata)
{
	struct batch *batch = &netlink->batch;
	unsigned wanted = max_records < BATCH_RECORDS ? max_records : BATCH_RECORDS;
	int n;

	prepare(batch, wanted);
	n = recvmmsg(netlink->records_fd, batch->headers, wanted, MSG_DONTWAIT, NULL);
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
		r = on_record(header->nlmsg_type, batch->bytes[i] + NLMSG_HDRLEN,
			len - NLMSG_HDRLEN, userdata);
		if (r < 0)
			return r;
	}
	return n;
}
