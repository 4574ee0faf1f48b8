/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What auditd gives a plugin, in pieces: the first byte says how long they are. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collect/record-stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every byte, so that the sanitizers see where it ends. */
static int look(const char *text, size_t len)
{
	assert(len > 0);
	free(memcpy(malloc(len), text, len));
	return 0;
}

static int on_record(unsigned type, const char *text, size_t len, void *userdata)
{
	return look(text, len);
}

static int on_line(const char *line, size_t len, bool whole, void *userdata)
{
	if (!whole) {
		assert(len == 0);
		return 0;
	}
	return look(line, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source_sink sink = { on_record, on_line, NULL };
	struct record_stream *stream;
	size_t step;
	int r = 0;

	if (size < 1 || record_stream_new(&stream) < 0)
		return 0;
	step = *data ? *data : 70000;
	data++;
	size--;
	while (size > 0 && r >= 0) {
		size_t room, n;
		char *into = record_stream_room(stream, &room);

		assert(room > 0);
		n = size < step ? size : step;
		n = n < room ? n : room;
		memcpy(into, data, n);
		data += n;
		size -= n;
		r = record_stream_added(stream, n, &sink);
	}
	record_stream_free(stream);
	return 0;
}
