/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

const char *const source_names[SOURCE_COUNT] = {
	[SOURCE_KERNEL] = "kernel",
	[SOURCE_MULTICAST] = "multicast",
	[SOURCE_PLUGIN] = "plugin",
	[SOURCE_SOCKET] = "socket",
	[SOURCE_LOG] = "log",
};

int source_choice_parse(const char *text, struct source_choice *ret)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	*ret = (struct source_choice){ .kind = SOURCE_AUTO };
	if (strcmp(text, "auto") == 0)
		return 0;
	for (int kind = 0; kind < SOURCE_COUNT; kind++) {
		bool takes_path = kind == SOURCE_SOCKET || kind == SOURCE_LOG;

		if (strlen(source_names[kind]) != len || memcmp(source_names[kind], text, len) != 0)
			continue;
		if (colon && (!takes_path || colon[1] != '/'))
			return -EINVAL;
		ret->kind = kind;
		ret->path = colon ? colon + 1 : NULL;
		return 0;
	}
	return -EINVAL;
}

int source_start(struct source *source)
{
	return source->verbs->start ? source->verbs->start(source) : 0;
}

int source_stop(struct source *source)
{
	return source->verbs->stop ? source->verbs->stop(source) : 0;
}

int source_yield(struct source *source)
{
	return source->verbs->yield ? source->verbs->yield(source) : source_stop(source);
}

int source_tick(struct source *source)
{
	return source->verbs->tick ? source->verbs->tick(source) : 0;
}

int source_read(struct source *source, unsigned max_records, const struct source_sink *sink)
{
	return source->verbs->read(source, max_records, sink);
}

int source_fd(const struct source *source)
{
	return source->verbs->fd(source);
}

enum source_kind source_kind(const struct source *source)
{
	return source->verbs->kind;
}

bool source_must_drain(const struct source *source)
{
	return source->verbs->must_drain;
}

bool source_is_behind(const struct source *source)
{
	struct pollfd records = { .fd = source_fd(source), .events = POLLIN };

	/* A log's descriptor tells of changes in its directory. */
	return source_kind(source) != SOURCE_LOG && poll(&records, 1, 0) > 0;
}

void source_free(struct source *source)
{
	if (source)
		source->verbs->free(source);
}
