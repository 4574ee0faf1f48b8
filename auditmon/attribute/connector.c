/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/connector.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH_MESSAGES 64
#define MESSAGE_BYTES 256
#define MAX_PROCESSORS 8192
#define DROP_NSEC (2 * UINT64_C(1000000000))

struct message {
	_Alignas(8) char bytes[MESSAGE_BYTES];
};

struct connector {
	int fd;
	bool lost;
	uint64_t began_nsec; /* of the read that is going on */
	bool caught_up;      /* it met what was told after it began */
	/* Next sequence number of each processor, plus one; 0: not heard of yet. The kernel counts
	 * them separately. */
	uint64_t expected[MAX_PROCESSORS];
	struct mmsghdr headers[BATCH_MESSAGES];
	struct iovec vectors[BATCH_MESSAGES];
	struct sockaddr_nl senders[BATCH_MESSAGES];
	struct message messages[BATCH_MESSAGES];
};

static int subscribe_fd(int fd)
{
	const enum proc_cn_mcast_op operation = PROC_CN_MCAST_LISTEN;
	const struct cn_msg message = {
		.id = { CN_IDX_PROC, CN_VAL_PROC },
		.len = sizeof(operation),
	};
	_Alignas(8) char request[NLMSG_HDRLEN + sizeof(message) + sizeof(operation)];
	const struct nlmsghdr header = { .nlmsg_len = sizeof(request), .nlmsg_type = NLMSG_DONE };

	memset(request, 0, sizeof(request));
	memcpy(request, &header, sizeof(header));
	memcpy(request + NLMSG_HDRLEN, &message, sizeof(message));
	memcpy(request + NLMSG_HDRLEN + sizeof(message), &operation, sizeof(operation));
	return send(fd, request, sizeof(request), 0) < 0 ? -errno : 0;
}

int connector_new(size_t buffer_bytes, struct connector **ret)
{
	_cleanup_(connector_freep) struct connector *connector = calloc(1, sizeof(*connector));
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	/* The kernel doubles it. */
	int bytes = (int)(buffer_bytes / 2), r;

	if (!connector)
		return -ENOMEM;
	connector->fd =
		socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (connector->fd < 0)
		return errno == EAFNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	/* Without the capability the default stays: more overflows, each of them noticed. */
	setsockopt(connector->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(connector->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	r = subscribe_fd(connector->fd);
	if (r < 0)
		return r;
	*ret = TAKE(connector);
	return 0;
}

void connector_free(struct connector *connector)
{
	if (!connector)
		return;
	closep(&connector->fd);
	free(connector);
}

int connector_subscribe(struct connector *connector)
{
	return subscribe_fd(connector->fd);
}

int connector_fd(const struct connector *connector)
{
	return connector->fd;
}

static void check_sequence(struct connector *connector, uint32_t processor, uint32_t sequence)
{
	uint64_t *expected;

	if (processor >= MAX_PROCESSORS)
		return;
	expected = &connector->expected[processor];
	if (*expected != 0 && (uint32_t)(*expected - 1) != sequence)
		connector->lost = true;
	*expected = (uint64_t)(uint32_t)(sequence + 1) + 1;
}

/* False for events that say nothing about processes (threads, credentials, ptrace, core dumps). */
static bool translate(const struct proc_event *from, struct process_event *to)
{
	to->time_nsec = from->timestamp_ns;
	to->parent = 0;
	switch ((uint32_t)from->what) {
	case PROC_EVENT_FORK:
		to->type = PROCESS_FORK;
		to->pid = from->event_data.fork.child_tgid;
		to->parent = from->event_data.fork.parent_tgid;
		return from->event_data.fork.child_pid == from->event_data.fork.child_tgid;
	case PROC_EVENT_EXEC:
		to->type = PROCESS_EXEC;
		to->pid = from->event_data.exec.process_tgid;
		return true;
	case PROC_EVENT_SID:
		to->type = PROCESS_SESSION;
		to->pid = from->event_data.sid.process_tgid;
		return true;
	case PROC_EVENT_COMM:
		to->type = PROCESS_NAME;
		to->pid = from->event_data.comm.process_tgid;
		return from->event_data.comm.process_pid == to->pid;
	case PROC_EVENT_EXIT:
		to->type = PROCESS_EXIT;
		to->pid = from->event_data.exit.process_tgid;
		return from->event_data.exit.process_pid == to->pid;
	default:
		return false;
	}
}

static void receive(struct connector *connector, const struct message *message, size_t len,
	connector_event_fn on_event, void *userdata)
{
	const struct nlmsghdr *header = (const void *)message->bytes;
	const size_t head = NLMSG_HDRLEN + sizeof(struct cn_msg);
	struct process_event event;
	struct proc_event from = { 0 };
	struct cn_msg connection;

	if (len < head + offsetof(struct proc_event, event_data) || header->nlmsg_len < head)
		return;
	memcpy(&connection, message->bytes + NLMSG_HDRLEN, sizeof(connection));
	if (connection.id.idx != CN_IDX_PROC || connection.id.val != CN_VAL_PROC)
		return;
	memcpy(&from, message->bytes + head, len - head < sizeof(from) ? len - head : sizeof(from));
	check_sequence(connector, from.cpu, connection.seq);
	/* The answer to anybody's subscription: it counts in the sequence as all others do. */
	if (from.what == PROC_EVENT_NONE)
		return;
	if (connector->lost)
		return;
	connector->caught_up = connector->caught_up || from.timestamp_ns >= connector->began_nsec;
	if (translate(&from, &event))
		on_event(&event, userdata);
}

static uint64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int receive_batch(struct connector *connector)
{
	for (unsigned i = 0; i < BATCH_MESSAGES; i++) {
		connector->vectors[i] =
			(struct iovec){ connector->messages[i].bytes, MESSAGE_BYTES };
		connector->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &connector->senders[i],
			.msg_namelen = sizeof(connector->senders[i]),
			.msg_iov = &connector->vectors[i],
			.msg_iovlen = 1,
		};
	}
	return recvmmsg(connector->fd, connector->headers, BATCH_MESSAGES, MSG_DONTWAIT, NULL);
}

/*
 * After a loss, what is in the socket is dropped too. It mixes what came before and after: the
 * birth of a child whose parent's own birth is missing would be taken for a child of whoever had
 * the parent's pid before. And only when the socket has been seen empty does the kernel tell of the
 * next loss (netlink_overrun() in net/netlink/af_netlink.c). True once it is.
 */
static bool drop_rest(struct connector *connector)
{
	uint64_t until_nsec = now_nsec() + DROP_NSEC;

	while (now_nsec() < until_nsec)
		if (receive_batch(connector) < 0 && errno != ENOBUFS && errno != EINTR) {
			memset(connector->expected, 0, sizeof(connector->expected));
			return true;
		}
	return false;
}

int connector_read(struct connector *connector, connector_event_fn on_event, void *userdata)
{
	/*
	 * Whoever makes events faster than they can be read must not keep us here: the socket is a
	 * queue, so with the first event from after the beginning all that was there has been read.
	 */
	connector->began_nsec = now_nsec();
	connector->caught_up = false;
	while (!connector->caught_up && !connector->lost) {
		int n = receive_batch(connector);

		if (n < 0 && errno == ENOBUFS)
			connector->lost = true;
		if (n < 0)
			break;
		for (int i = 0; i < n && !connector->lost; i++)
			if (connector->senders[i].nl_pid == 0)
				receive(connector, &connector->messages[i],
					connector->headers[i].msg_len, on_event, userdata);
		if (n < BATCH_MESSAGES)
			break;
	}
	if (!connector->lost)
		return 0;
	connector->lost = !drop_rest(connector);
	return -ENOBUFS;
}
