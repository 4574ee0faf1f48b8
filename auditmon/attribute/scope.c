/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/scope.h"

#include <string.h>

#include "attribute/proc.h"

/* Takes the key of a rule that wants it. */
static bool is_watched(const struct watch_paths *watched, unsigned wants, struct touch *touch)
{
	const char *key;

	if (!touch->path || !watch_paths_covering(watched, touch->path, wants, &key))
		return false;
	touch->watch = key;
	return true;
}

static bool wants_also(const struct watch_paths *watched, struct touch *touch)
{
	return touch->action != ACTION_READ || is_watched(watched, WATCH_READS, touch);
}

/*
 * runc's stages run a copy that no container can write to: in memory, or on a mount that is
 * detached by then, which the record calls "/".
 */
static bool is_runtime(const char *exe)
{
	static const char sealed[] = "/memfd:runc_cloned:";

	return proc_exe_is_runtime(exe) || strncmp(exe, sealed, strlen(sealed)) == 0 ||
	       strcmp(exe, "/") == 0;
}

/*
 * Until it executes the container's program a runtime's stage is the runtime: it mounts what the
 * engine asked for.
 */
static bool is_stage(const struct event *event, const struct entry *entry, uint64_t time_nsec)
{
	return event->exe && is_runtime(event->exe) &&
	       (!entry->is_in || time_nsec < entry->in_nsec);
}

/* That a process cannot be told makes it no host's. */
static bool wants_inside(
	const struct event *event, const struct lineage_answer *answer, uint64_t time_nsec)
{
	if (!answer->entry)
		return answer->doubt && !(event->exe && is_runtime(event->exe));
	return !is_stage(event, answer->entry, time_nsec);
}

/* Whose file is not known: a container's process is told; of the host only what is rare. */
static bool wants_unknown(const struct event *event, const struct lineage_answer *answer)
{
	return answer->entry || (event->syscall && strcmp(event->syscall, "ioctl") == 0);
}

bool scope_wants(const struct watch_paths *watched, const struct event *event,
	const struct lineage_answer *answer, uint64_t time_nsec, bool is_file, struct touch *touch)
{
	unsigned wants = touch->action == ACTION_READ ? WATCH_READS : WATCH_CHANGES;

	if (!watched)
		return true;
	switch (event->scope) {
	case SCOPE_ALSO:
		return wants_also(watched, touch);
	case SCOPE_BELOW:
		return !is_file || !touch->path || is_watched(watched, wants, touch);
	case SCOPE_DESCRIPTOR:
		return is_file ? is_watched(watched, wants, touch) : wants_unknown(event, answer);
	case SCOPE_INSIDE:
		return wants_inside(event, answer, time_nsec);
	default:
		return true;
	}
}
