/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode-scene.h"

static const char *keep(struct seen *seen, const char *text)
{
	if (!text)
		return NULL;
	assert_true(seen->n_strings < ELEMENTS(seen->strings));
	seen->strings[seen->n_strings] = strdup(text);
	return seen->strings[seen->n_strings++];
}

static void on_event(const struct event *event, void *userdata)
{
	struct watcher *watcher = userdata;
	struct seen *seen = &watcher->seen[watcher->n];
	const char **strings[] = { &seen->event.node, &seen->event.user, &seen->event.login,
		&seen->event.comm, &seen->event.exe, &seen->event.key, &seen->event.cwd,
		&seen->event.socket_path, &seen->event.config_op, &seen->event.config_path,
		&seen->event.engine.operation, &seen->event.engine.name, &seen->event.engine.id };

	if (watcher->n == MAX_EVENTS) {
		watcher->n_beyond++;
		return;
	}
	seen->event = *event;
	for (size_t i = 0; i < ELEMENTS(strings); i++)
		*strings[i] = keep(seen, *strings[i]);
	for (unsigned i = 0; i < event->n_paths; i++)
		seen->event.paths[i].name = keep(seen, event->paths[i].name);
	if (event->argv.bytes) {
		char *bytes = malloc(event->argv.len + 1);

		memcpy(bytes, event->argv.bytes, event->argv.len);
		seen->strings[seen->n_strings++] = bytes;
		seen->event.argv.bytes = bytes;
	}
	watcher->n++;
}

int decoder_setup(void **state)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	*state = watcher;
	return watcher ? decoder_new(on_event, watcher, &watcher->decoder) : -1;
}

void forget_seen(struct watcher *watcher)
{
	for (unsigned i = 0; i < watcher->n; i++)
		for (unsigned j = 0; j < watcher->seen[i].n_strings; j++)
			free(watcher->seen[i].strings[j]);
	memset(watcher->seen, 0, sizeof(watcher->seen));
	watcher->n = 0;
}

int decoder_teardown(void **state)
{
	struct watcher *watcher = *state;

	decoder_free(watcher->decoder);
	forget_seen(watcher);
	free(watcher);
	return 0;
}

void feed(struct watcher *watcher, const char *line)
{
	assert_int_equal(decoder_line(watcher->decoder, line, strlen(line)), 0);
}

void feed_write(struct watcher *watcher)
{
	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, WRITE_PROCTITLE("43"));
}

const struct event *only_event(struct watcher *watcher)
{
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	return &watcher->seen[0].event;
}

void feed_kernel(struct watcher *watcher, unsigned type, const char *text)
{
	assert_int_equal(decoder_record(watcher->decoder, type, text, strlen(text) + 1), 0);
}
