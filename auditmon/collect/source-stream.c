/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/source-stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "collect/record-stream.h"

struct source_stream {
	struct source source;
	int fd;
	bool owned;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* empty: the usual places */
	struct record_stream *stream;
};

static struct source_stream *of(struct source *source)
{
	return (struct source_stream *)source;
}

static void stream_free(struct source *source)
{
	struct source_stream *stream = of(source);

	if (stream->owned)
		closep(&stream->fd);
	record_stream_free(stream->stream);
	free(stream);
}

static int stream_fd(const struct source *source)
{
	return ((const struct source_stream *)source)->fd;
}

/* Bytes, 0: none there, -EPIPE: closed, or an errno of read(2). */
static ssize_t read_some(int fd, char *bytes, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	/* The descriptor is auditd's as well, so it stays as blocking as it is. */
	if (poll(&pollfd, 1, 0) <= 0)
		return 0;
	n = read(fd, bytes, len);
	if (n == 0)
		return -EPIPE;
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	return n;
}

static int stream_read(struct source *source, unsigned max_records, const struct source_sink *sink)
{
	struct source_stream *stream = of(source);
	unsigned n_records = 0;

	while (n_records < max_records) {
		size_t room;
		char *bytes = record_stream_room(stream->stream, &room);
		ssize_t n = read_some(stream->fd, bytes, room);
		int r;

		if (n <= 0)
			return n_records > 0 ? (int)n_records : (int)n;
		r = record_stream_added(stream->stream, (size_t)n, sink);
		if (r < 0)
			return r;
		/* Bytes of a record that is not complete are progress, too. */
		n_records += r > 0 ? (unsigned)r : 1;
	}
	return (int)n_records;
}

static int stream_new(
	const struct source_verbs *verbs, int fd, bool owned, struct source_stream **ret)
{
	struct source_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return -ENOMEM;
	*stream = (struct source_stream){ .source = { verbs }, .fd = fd, .owned = owned };
	if (record_stream_new(&stream->stream) < 0) {
		free(stream);
		return -ENOMEM;
	}
	*ret = stream;
	return 0;
}

int source_plugin_new(int fd, struct source **ret)
{
	static const struct source_verbs verbs = {
		.kind = SOURCE_PLUGIN,
		.must_drain = true,
		.read = stream_read,
		.fd = stream_fd,
		.free = stream_free,
	};
	struct source_stream *stream;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
		return -ENOTSUP;
	r = stream_new(&verbs, fd, false, &stream);
	if (r == 0)
		*ret = &stream->source;
	return r;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int socket_start(struct source *source)
{
	/* auditd 4's default, and that of 3. */
	static const char *const usual[] = { "/run/audit/audispd_events", "/run/audispd_events" };
	struct source_stream *stream = of(source);
	int fd = -ENOENT;

	if (stream->path[0])
		fd = connect_to(stream->path);
	for (size_t i = 0; !stream->path[0] && fd < 0 && i < ELEMENTS(usual); i++) {
		int r = connect_to(usual[i]);

		fd = r >= 0 || fd == -ENOENT ? r : fd;
	}
	if (fd < 0)
		return fd;
	stream->fd = fd;
	return 0;
}

/* auditd has ended: what was incomplete stays so. */
static int socket_read(struct source *source, unsigned max_records, const struct source_sink *sink)
{
	struct source_stream *stream = of(source);
	int n = stream->fd < 0 ? 0 : stream_read(source, max_records, sink);

	if (n != -EPIPE && n != -ECONNRESET)
		return n;
	if (record_stream_restart(stream->stream))
		sink->on_line("", 0, false, sink->userdata);
	closep(&stream->fd);
	stream->fd = -1;
	return -ENOTCONN;
}

static int socket_tick(struct source *source)
{
	return of(source)->fd < 0 && socket_start(source) == 0;
}

int source_socket_new(const char *path, struct source **ret)
{
	static const struct source_verbs verbs = {
		.kind = SOURCE_SOCKET,
		.must_drain = true,
		.start = socket_start,
		.tick = socket_tick,
		.read = socket_read,
		.fd = stream_fd,
		.free = stream_free,
	};
	struct source_stream *stream;
	int r;

	if (path && strlen(path) >= sizeof(stream->path))
		return -ENAMETOOLONG;
	r = stream_new(&verbs, -1, true, &stream);
	if (r < 0)
		return r;
	snprintf(stream->path, sizeof(stream->path), "%s", path ? path : "");
	*ret = &stream->source;
	return 0;
}
