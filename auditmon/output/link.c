/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/link.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define CONNECT_MSEC 20000
#define BUFFER_LEN ((size_t)64 * 1024)
#define FOREVER (-1)

/* buffer: of a stream, what is framed and not sent. ending: nothing more goes out. */
struct link {
	struct destination destination;
	struct tls *tls; /* NULL: none */
	int fd, stop_fd;
	bool stream, ending;
	int64_t deadline_msec; /* 0: none; else no wait lasts longer, and stop_fd is not heeded */
	size_t buffered;
	char buffer[BUFFER_LEN];
	char resolver_reason[128];
};

static int64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int link_new(const struct destination *destination, const struct tls_files *files, int stop_fd,
	struct link **ret)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return -ENOMEM;
	link->destination = *destination;
	link->fd = -1;
	link->stop_fd = stop_fd;
	*ret = link;
	return destination->transport == TRANSPORT_TLS ? tls_new(files, &link->tls) : 0;
}

static void disconnect(struct link *link)
{
	if (link->tls)
		tls_end(link->tls);
	closep(&link->fd);
	link->fd = -1;
	link->buffered = 0;
	link->ending = false;
}

void link_free(struct link *link)
{
	if (!link)
		return;
	disconnect(link);
	tls_free(link->tls);
	free(link);
}

void link_hurry(struct link *link, int msec)
{
	link->deadline_msec = now_msec() + msec;
}

bool link_is_stream(const struct link *link)
{
	return link->stream;
}

/* 1: events; 0: the time is over; -ECANCELED. */
static int wait_for(const struct link *link, short events, int msec)
{
	struct pollfd fds[] = { { link->fd, events, 0 }, { link->stop_fd, POLLIN, 0 } };
	int64_t left = link->deadline_msec - now_msec();
	int r;

	if (link->deadline_msec) {
		fds[1].fd = -1;
		if (left <= 0)
			return -ETIMEDOUT;
		msec = msec < 0 || msec > left ? (int)left : msec;
	}
	do
		r = poll(fds, ELEMENTS(fds), msec);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (fds[1].revents)
		return -ECANCELED;
	return fds[0].revents != 0;
}

static int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return -error;
}

static int connect_socket(struct link *link, const struct sockaddr *address, socklen_t len)
{
	int r;

	if (connect(link->fd, address, len) == 0)
		return 0;
	/* EAGAIN: the queue of a unix socket is full, and nothing goes on by itself. */
	if (errno != EINPROGRESS)
		return -errno;
	r = wait_for(link, POLLOUT, CONNECT_MSEC);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	return socket_error(link->fd);
}

/* The kernel notices a receiver that is gone without a word, also when nothing is sent. */
static void watch_over(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 60 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 10 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 6 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
	};

	for (size_t i = 0; i < ELEMENTS(options); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value, sizeof(int));
}

static int connect_internet(struct link *link)
{
	const struct destination *destination = &link->destination;
	const struct addrinfo hints = { .ai_socktype = link->stream ? SOCK_STREAM : SOCK_DGRAM };
	struct addrinfo *addresses;
	int r = getaddrinfo(destination->host, destination->port, &hints, &addresses);

	if (r != 0) {
		snprintf(link->resolver_reason, sizeof(link->resolver_reason), "%s",
			gai_strerror(r));
		return -EHOSTUNREACH;
	}
	r = -EADDRNOTAVAIL;
	for (const struct addrinfo *a = addresses; a && r < 0 && r != -ECANCELED; a = a->ai_next) {
		closep(&link->fd);
		link->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			a->ai_protocol);
		r = link->fd < 0 ? -errno : connect_socket(link, a->ai_addr, a->ai_addrlen);
	}
	freeaddrinfo(addresses);
	if (r == 0 && link->stream)
		watch_over(link->fd);
	return r;
}

/* What listens there is mostly a datagram socket; a stream otherwise. */
static int connect_unix(struct link *link)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int r = -EPROTOTYPE;

	strcpy(address.sun_path, link->destination.host);
	for (int stream = 0; stream <= 1 && r == -EPROTOTYPE; stream++) {
		closep(&link->fd);
		link->stream = stream;
		link->fd = socket(AF_UNIX,
			(stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		r = link->fd < 0
			    ? -errno
			    : connect_socket(link, (struct sockaddr *)&address, sizeof(address));
	}
	return r;
}

static int handshake(struct link *link)
{
	int64_t deadline = now_msec() + CONNECT_MSEC;
	int r = tls_begin(link->tls, link->fd, link->destination.host);
	short events;

	while (r == 0 && (r = tls_handshake(link->tls, &events)) == -EAGAIN) {
		int64_t left = deadline - now_msec();

		r = left > 0 ? wait_for(link, events, (int)left) : 0;
		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
		r = 0;
	}
	return r;
}

int link_connect(struct link *link)
{
	int r;

	disconnect(link);
	link->resolver_reason[0] = '\0';
	link->stream = link->destination.transport != TRANSPORT_UDP;
	r = link->destination.transport == TRANSPORT_UNIX ? connect_unix(link)
							  : connect_internet(link);
	if (r == 0 && link->tls)
		r = handshake(link);
	if (r < 0)
		disconnect(link);
	return r;
}

/* As send(2); -EAGAIN with the events to wait for. */
static long send_some(struct link *link, const char *bytes, size_t len, short *ret_events)
{
	ssize_t n;

	if (link->tls)
		return tls_send(link->tls, bytes, len, ret_events);
	*ret_events = POLLOUT;
	n = send(link->fd, bytes, len, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

static int send_all(struct link *link, const char *bytes, size_t len)
{
	short events;

	while (len > 0) {
		long n = send_some(link, bytes, len, &events);
		int r = n == -EAGAIN || n == -EINTR ? wait_for(link, events, FOREVER) : (int)n;

		if (r < 0)
			return r;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int link_flush(struct link *link)
{
	int r = send_all(link, link->buffer, link->buffered);

	if (r == 0)
		link->buffered = 0;
	return r;
}

static int send_datagram(struct link *link, const char *message, size_t len)
{
	for (;;) {
		int r;

		if (send(link->fd, message, len, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
			return -errno;
		/* Full: the receiver has to fetch some. A device's queue does not say when. */
		r = wait_for(link, errno == ENOBUFS ? 0 : POLLOUT, errno == ENOBUFS ? 10 : FOREVER);
		if (r < 0)
			return r;
	}
}

int link_send(struct link *link, const char *message, size_t len)
{
	char count[32];
	size_t count_len;
	int r;

	if (!link->stream)
		return send_datagram(link, message, len);
	count_len = (size_t)snprintf(count, sizeof(count), "%zu ", len);
	if (link->buffered + count_len + len > sizeof(link->buffer)) {
		r = link_flush(link);
		if (r < 0)
			return r;
	}
	memcpy(link->buffer + link->buffered, count, count_len);
	link->buffered += count_len;
	if (link->buffered + len <= sizeof(link->buffer)) {
		memcpy(link->buffer + link->buffered, message, len);
		link->buffered += len;
		return 0;
	}
	r = link_flush(link);
	return r < 0 ? r : send_all(link, message, len);
}

/* What the receiver says, which is nothing of use. 0: its end, -EAGAIN, an error, or > 0. */
static long receive(struct link *link)
{
	char bytes[4096];
	short events;
	ssize_t n;

	if (link->tls)
		return tls_receive(link->tls, bytes, sizeof(bytes), &events);
	n = recv(link->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

int link_wait(struct link *link, int msec)
{
	int64_t deadline = now_msec() + msec;

	for (int64_t left = msec; left > 0; left = deadline - now_msec()) {
		int r = wait_for(link, POLLIN, (int)left);
		long n;

		if (r <= 0)
			return r;
		n = receive(link);
		if (n == 0 && link->stream)
			return -EPIPE;
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			return (int)n;
	}
	return 0;
}

bool link_is_drained(const struct link *link)
{
	int left = 0;

	if (link->destination.transport != TRANSPORT_UNIX)
		return true;
	return ioctl(link->fd, SIOCOUTQ, &left) == 0 && left == 0;
}

static int say_bye(struct link *link)
{
	short events;
	int r = 0;

	while (link->tls && (r = tls_bye(link->tls, &events)) == -EAGAIN) {
		r = wait_for(link, events, FOREVER);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	return shutdown(link->fd, SHUT_WR) < 0 ? -errno : 0;
}

/*
 * The receiver's end alone may be of a receiver that closed before it had the last bytes; then they
 * are answered with a reset, and not with an acknowledgement.
 */
static int wait_for_acknowledgement(const struct link *link, int64_t deadline)
{
	for (;;) {
		int left = 0, error = socket_error(link->fd), r;

		if (error < 0)
			return error;
		if (ioctl(link->fd, SIOCOUTQ, &left) < 0)
			return -errno;
		if (left == 0)
			return 0;
		r = now_msec() < deadline ? wait_for(link, 0, 10) : -ETIMEDOUT;
		if (r < 0)
			return r;
	}
}

/* TLS may be over before TCP is. */
static int wait_for_end(struct link *link, int msec)
{
	int64_t deadline = now_msec() + msec;
	char bytes[4096];

	for (;;) {
		int64_t left = deadline - now_msec();
		int r = left > 0 ? wait_for(link, POLLIN, (int)left) : 0;
		ssize_t n;

		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
		n = recv(link->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0)
			return wait_for_acknowledgement(link, deadline);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

int link_settle(struct link *link, int msec)
{
	int r = 0;

	if (!link->ending) {
		r = link_flush(link);
		r = r < 0 ? r : say_bye(link);
		if (r < 0)
			return r;
		link->ending = true;
	}
	r = wait_for_end(link, msec);
	if (r == 0)
		disconnect(link);
	return r;
}

const char *link_reason(const struct link *link, int error)
{
	if (error == -EHOSTUNREACH && link->resolver_reason[0])
		return link->resolver_reason;
	if (link->tls && (error == -EKEYREJECTED || error == -EPROTO || error == -EBADMSG))
		return tls_reason(link->tls);
	return strerror(-error);
}
