/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/record-stream.h"

#include <errno.h>
#include <libaudit.h>
#include <stdint.h>
#include <string.h>

/* More than the longest record with the names that auditd adds to it; a line that fills it is
 * skipped. */
#define BUFFER_SIZE (128 * 1024)
#define MAX_RECORD_LEN (BUFFER_SIZE / 2)

#define VERSION_TEXT 0 /* AUDISP_PROTOCOL_VER */
#define VERSION_LINE 1 /* AUDISP_PROTOCOL_VER2 */

enum format { FORMAT_UNKNOWN, FORMAT_STRING, FORMAT_BINARY };

struct header {
	uint32_t version, header_len, type, size;
};

/*
 * auditd 3 sends as much behind each header as the longest record takes, whatever size says; what
 * follows on the first record tells whether this one does.
 */
#define PADDED_LEN 8970 /* MAX_AUDIT_MESSAGE_LENGTH */
enum padding { PADDING_UNKNOWN, PADDING_NONE, PADDING_FULL };

struct record_stream {
	enum format format;
	enum padding padding;
	size_t last_size; /* of the latest record */
	size_t to_skip;   /* bytes of padding that are still to come */
	bool skipping;    /* a line that was too long, to its end */
	size_t len;
	char bytes[BUFFER_SIZE];
};

int record_stream_new(struct record_stream **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void record_stream_free(struct record_stream *stream)
{
	free(stream);
}

bool record_stream_restart(struct record_stream *stream)
{
	bool incomplete = stream->len > 0 || stream->skipping;

	stream->format = FORMAT_UNKNOWN;
	stream->padding = PADDING_UNKNOWN;
	stream->last_size = stream->to_skip = 0;
	stream->skipping = false;
	stream->len = 0;
	return incomplete;
}

char *record_stream_room(struct record_stream *stream, size_t *ret_len)
{
	*ret_len = sizeof(stream->bytes) - stream->len;
	return stream->bytes + stream->len;
}

/* The next line at bytes: its length with its newline, or 0: not complete. */
static size_t take_line(struct record_stream *stream, const char *bytes, size_t len,
	const struct source_sink *sink, int *ret)
{
	const char *newline = memchr(bytes, '\n', len);
	size_t line_len = newline ? (size_t)(newline - bytes) : len;

	if (!newline && len < MAX_RECORD_LEN)
		return 0;
	if (stream->skipping || line_len >= MAX_RECORD_LEN) {
		if (!stream->skipping)
			*ret = sink->on_line("", 0, false, sink->userdata);
		stream->skipping = !newline;
	} else if (line_len > 0) {
		*ret = sink->on_line(bytes, line_len, true, sink->userdata);
	}
	return newline ? line_len + 1 : len;
}

static bool header_is_sane(const struct header *header)
{
	return header->version <= VERSION_LINE && header->header_len == sizeof(*header) &&
	       header->size <= MAX_RECORD_LEN - sizeof(*header);
}

static size_t padding_of(size_t size)
{
	return size < PADDED_LEN ? PADDED_LEN - size : 0;
}

/* Is what follows on the first record going to tell whether there is padding? */
static bool padding_is_open(const struct record_stream *stream)
{
	return stream->padding == PADDING_UNKNOWN && stream->last_size > 0 &&
	       padding_of(stream->last_size) > 0;
}

static size_t skip_padding(struct record_stream *stream, size_t len)
{
	size_t n = len < stream->to_skip ? len : stream->to_skip;

	stream->to_skip -= n;
	return n;
}

/* The next record with its header, or padding, likewise. */
static size_t take_record(struct record_stream *stream, const char *bytes, size_t len,
	const struct source_sink *sink, int *ret)
{
	const char *text = bytes + sizeof(struct header);
	struct header header;
	size_t text_len;

	if (stream->to_skip > 0)
		return skip_padding(stream, len);
	if (len < sizeof(header))
		return 0;
	memcpy(&header, bytes, sizeof(header));
	if (!header_is_sane(&header) && padding_is_open(stream)) {
		stream->padding = PADDING_FULL;
		stream->to_skip = padding_of(stream->last_size);
		return skip_padding(stream, len);
	}
	if (!header_is_sane(&header)) {
		*ret = -EBADMSG;
		return 0;
	}
	if (padding_is_open(stream))
		stream->padding = PADDING_NONE;
	if (len - sizeof(header) < header.size)
		return 0;
	stream->last_size = header.size;
	if (stream->padding == PADDING_FULL)
		stream->to_skip = padding_of(header.size);
	text_len = header.size;
	while (text_len > 0 && (text[text_len - 1] == '\0' || text[text_len - 1] == '\n'))
		text_len--;
	if (text_len > 0)
		*ret = header.version == VERSION_TEXT
			       ? sink->on_record(header.type, text, text_len, sink->userdata)
			       : sink->on_line(text, text_len, true, sink->userdata);
	return sizeof(header) + header.size;
}

int record_stream_added(struct record_stream *stream, size_t len, const struct source_sink *sink)
{
	size_t done = 0, taken;
	int n = 0, r = 0;

	stream->len += len;
	/* A line begins with a letter, a header with a number that is 0 or 1. */
	if (stream->format == FORMAT_UNKNOWN && stream->len >= sizeof(uint32_t)) {
		uint32_t first;

		memcpy(&first, stream->bytes, sizeof(first));
		stream->format = first <= VERSION_LINE ? FORMAT_BINARY : FORMAT_STRING;
	}
	while (stream->format != FORMAT_UNKNOWN && r >= 0) {
		const char *next = stream->bytes + done;
		size_t rest = stream->len - done;

		taken = stream->format == FORMAT_STRING ? take_line(stream, next, rest, sink, &r)
							: take_record(stream, next, rest, sink, &r);
		if (taken == 0)
			break;
		done += taken;
		n++;
	}
	stream->len -= done;
	memmove(stream->bytes, stream->bytes + done, stream->len);
	return r < 0 ? r : n;
}
