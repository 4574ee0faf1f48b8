/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/action.h"
#include "collect/decode.h"
#include "collect/event.h"

#define MAX_TYPE_DIGITS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libauparse 3.0.9 forgets the first of two cwd= in one record, which only a forged log has. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libauparse";
}

static void read_string(const char *text)
{
	if (text)
		assert(strlen(text) < 192 * 1024);
}

/* Reads all that an event points to, as those behind the decoder do. */
static void on_event(const struct event *event, void *userdata)
{
	const char *const strings[] = { event->node, event->syscall, event->user, event->login,
		event->comm, event->exe, event->key, event->cwd, event->socket_path,
		event->config_op, event->config_path, event->denied_path, event->engine.operation,
		event->engine.name, event->engine.id };
	struct action_item items[EVENT_MAX_PATHS + 1];
	unsigned *n_events = userdata, n_items;
	bool known;

	(*n_events)++;
	for (size_t i = 0; i < ELEMENTS(strings); i++)
		read_string(strings[i]);
	assert(event->n_paths <= EVENT_MAX_PATHS);
	for (unsigned i = 0; i < event->n_paths; i++)
		read_string(event->paths[i].name);
	if (event->argv.bytes)
		free(memcpy(malloc(event->argv.len + 1), event->argv.bytes, event->argv.len));
	n_items = action_items(event, items, &known);
	assert(n_items <= event->n_paths);
}

/* A line as from the kernel begins with the number of its type. */
static void feed_record(struct decoder *decoder, const char *line, size_t len)
{
	char digits[MAX_TYPE_DIGITS + 1] = "";

	if (len < MAX_TYPE_DIGITS)
		return;
	memcpy(digits, line, MAX_TYPE_DIGITS);
	decoder_record(decoder, (unsigned)strtoul(digits, NULL, 10), line + MAX_TYPE_DIGITS,
		len - MAX_TYPE_DIGITS);
}

/* Lines of a log, or where the first byte is '!' records of the kernel: each line at most once,
 * each event at most as often as there are lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	bool as_records = size > 0 && *at == '!';
	_cleanup_(decoder_freep) struct decoder *decoder = NULL;
	unsigned n_events = 0, n_lines = 0;

	if (decoder_new(on_event, &n_events, &decoder) < 0)
		return 0;
	at += as_records;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);

		if (as_records)
			feed_record(decoder, at, len);
		else
			decoder_line(decoder, at, len);
		n_lines++;
		at += len + 1;
	}
	decoder_age(decoder);
	decoder_flush(decoder);
	assert(n_events == decoder_counts(decoder)->events && n_events <= n_lines);
	return 0;
}
