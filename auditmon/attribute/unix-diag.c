/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/unix-diag.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define BATCH_BYTES 32768
#define PATIENCE_USEC 200000

struct unix_diag {
	int fd;
	_Alignas(8) char bytes[BATCH_BYTES];
};

int unix_diag_new(struct unix_diag **ret)
{
	_cleanup_(unix_diag_freep) struct unix_diag *diag = malloc(sizeof(*diag));
	const struct timeval patience = { .tv_usec = PATIENCE_USEC };

	if (!diag)
		return -ENOMEM;
	diag->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (diag->fd < 0)
		return -errno;
	if (setsockopt(diag->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	*ret = TAKE(diag);
	return 0;
}

void unix_diag_free(struct unix_diag *diag)
{
	if (!diag)
		return;
	closep(&diag->fd);
	free(diag);
}

static void take_attribute(
	struct unix_socket *socket, unsigned type, const char *payload, size_t len)
{
	struct unix_diag_rqlen queues;
	struct unix_diag_vfs vfs;

	switch (type) {
	case UNIX_DIAG_NAME:
		/* An abstract name begins with a NUL: "". */
		if (len < sizeof(socket->name))
			memcpy(socket->name, payload, len);
		break;
	case UNIX_DIAG_VFS:
		if (len < sizeof(vfs))
			break;
		memcpy(&vfs, payload, sizeof(vfs));
		socket->file_inode = vfs.udiag_vfs_ino;
		/* The kernel's own form of a device: MKDEV() in include/linux/kdev_t.h. */
		socket->file_major = vfs.udiag_vfs_dev >> 20;
		socket->file_minor = vfs.udiag_vfs_dev & 0xfffff;
		break;
	case UNIX_DIAG_PEER:
		if (len >= sizeof(socket->peer))
			memcpy(&socket->peer, payload, sizeof(socket->peer));
		break;
	case UNIX_DIAG_UID:
		if (len >= sizeof(socket->uid))
			memcpy(&socket->uid, payload, sizeof(socket->uid));
		break;
	case UNIX_DIAG_RQLEN:
		if (len < sizeof(queues))
			break;
		memcpy(&queues, payload, sizeof(queues));
		socket->n_waiting = queues.udiag_rqueue;
		break;
	default:
		break;
	}
}

static void take_message(const char *bytes, size_t len, unix_socket_fn on_socket, void *userdata)
{
	struct unix_socket socket = { .uid = UINT32_MAX };
	struct unix_diag_msg head;

	if (len < sizeof(head))
		return;
	memcpy(&head, bytes, sizeof(head));
	socket.inode = head.udiag_ino;
	socket.listens = head.udiag_state == TCP_LISTEN;
	socket.is_connected = head.udiag_state == TCP_ESTABLISHED;
	for (size_t at = NLMSG_ALIGN(sizeof(head)); at + sizeof(struct rtattr) <= len;) {
		struct rtattr attribute;

		memcpy(&attribute, bytes + at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > len - at)
			return;
		take_attribute(&socket, attribute.rta_type, bytes + at + RTA_LENGTH(0),
			attribute.rta_len - RTA_LENGTH(0));
		at += RTA_ALIGN(attribute.rta_len);
	}
	on_socket(&socket, userdata);
}

int unix_diag_parse(const char *bytes, size_t len, unix_socket_fn on_socket, void *userdata)
{
	size_t at = 0;

	while (len - at >= NLMSG_HDRLEN) {
		struct nlmsghdr header;
		int error = 0;

		memcpy(&header, bytes + at, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > len - at)
			return -EBADMSG;
		if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
			if (header.nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
				memcpy(&error, bytes + at + NLMSG_HDRLEN, sizeof(error));
			return error < 0 ? error : 0;
		}
		/* The list was changed while it was told: part of it may be missing. */
		if (header.nlmsg_flags & NLM_F_DUMP_INTR)
			return -EBADMSG;
		if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY)
			take_message(bytes + at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN,
				on_socket, userdata);
		at += NLMSG_ALIGN(header.nlmsg_len);
		if (at > len)
			break;
	}
	return 1;
}

/* states: of those wanted, a bit each. */
static int send_request(struct unix_diag *diag, uint32_t states)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} message = {
		.header = {
			.nlmsg_len = sizeof(message),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.request = {
			.sdiag_family = AF_UNIX,
			.udiag_states = states,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_UID |
				       UDIAG_SHOW_RQLEN,
		},
	};

	return send(diag->fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

static int list_once(struct unix_diag *diag, uint32_t states, unix_socket_fn on_socket,
	void *userdata, unsigned *n_batches)
{
	int r = send_request(diag, states);

	for (r = r < 0 ? r : 1; r > 0;) {
		ssize_t n = recv(diag->fd, diag->bytes, sizeof(diag->bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : unix_diag_parse(diag->bytes, (size_t)n, on_socket, userdata);
		++*n_batches;
	}
	return r;
}

static int list_states(
	struct unix_diag *diag, uint32_t states, unix_socket_fn on_socket, void *userdata)
{
	unsigned n_batches = 0;
	int r = list_once(diag, states, on_socket, userdata, &n_batches);

	/* Between two batches the kernel remembers a place in a list, not a socket: where one
	 * before it has gone, the next is passed over (unix_diag_dump()). Twice at the same place
	 * it will not be. One batch and the end are sent as two. */
	if (r == 0 && n_batches > 2)
		r = list_once(diag, states, on_socket, userdata, &n_batches);
	/* What an answer that broke off has left behind must not be taken for the next one's. */
	while (r < 0 && recv(diag->fd, diag->bytes, sizeof(diag->bytes), MSG_DONTWAIT) > 0)
		;
	return r == -ENOENT ? -EPROTONOSUPPORT : r;
}

int unix_diag_list(struct unix_diag *diag, unix_socket_fn on_socket, void *userdata)
{
	return list_states(diag, UINT32_MAX, on_socket, userdata);
}

int unix_diag_list_listeners(struct unix_diag *diag, unix_socket_fn on_socket, void *userdata)
{
	return list_states(diag, 1u << TCP_LISTEN, on_socket, userdata);
}
