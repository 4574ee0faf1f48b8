/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/arguments.h"

#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/proc.h"
#include "attribute/title.h"

/* What is kept of an argv: a process decides how long it is, and every touch has one. */
#define MAX_ARGV_LEN 4096

/* PROCTITLE ends at 128 bytes. While the process lives, and its argv begins the same, /proc has the
 * rest. */
static struct arguments whole_arguments(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, char **keep)
{
	size_t len;

	if (!event->argv.bytes || event->argv.complete || attributor->proc_fd < 0 ||
		!answer->process || answer->process->end_nsec != 0 || answer->doubt)
		return event->argv;
	if (proc_read_cmdline(attributor->proc_fd, event->pid, keep, &len) < 0)
		return event->argv;
	if (len < event->argv.len || memcmp(*keep, event->argv.bytes, event->argv.len) != 0)
		return event->argv;
	while (len > 0 && (*keep)[len - 1] == '\0')
		len--;
	return (struct arguments){ *keep, len, true };
}

/* The argv with which it executed the program that it ran then; what is not known is not told. */
static struct arguments present_arguments(struct attributor *attributor,
	const struct lineage_answer *answer, uint64_t time_nsec, char **keep)
{
	const struct process *process = answer->process;
	struct arguments argv = ancestor_argv(process->ancestor);

	/* It has executed another since. */
	if (process->exec_nsec > time_nsec + attributor->clock->slack_nsec)
		return (struct arguments){ NULL, 0, false };
	if (argv.bytes || process->end_nsec != 0 || answer->doubt || attributor->proc_fd < 0 ||
		proc_read_cmdline(attributor->proc_fd, process->pid, keep, &argv.len) < 0)
		argv.len = argv.bytes ? argv.len : 0;
	else
		argv = (struct arguments){ *keep, argv.len, true };
	while (argv.len > 0 && argv.bytes[argv.len - 1] == '\0')
		argv.len--;
	/* One that is about to end has none any more. */
	return argv.len > 0 ? argv : (struct arguments){ NULL, 0, false };
}

struct arguments arguments_of_event(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, char **keep)
{
	uint64_t time_nsec;

	if (!attributor->lineage)
		return event->argv;
	time_nsec = audit_clock_monotonic_nsec(attributor->clock, event->time_msec);
	if (title_is_former(answer->process, event, time_nsec, attributor->clock->slack_nsec))
		return present_arguments(attributor, answer, time_nsec, keep);
	return whole_arguments(attributor, event, answer, keep);
}

static struct arguments shortened(struct arguments arguments)
{
	if (arguments.len <= MAX_ARGV_LEN)
		return arguments;
	return (struct arguments){ arguments.bytes, MAX_ARGV_LEN, false };
}

struct arguments arguments_to_store(struct redact *redact, struct arguments arguments, char **keep)
{
	struct arguments changed = redact_arguments(redact, shortened(arguments));

	if (!changed.bytes || changed.bytes == arguments.bytes)
		return changed;
	*keep = malloc(changed.len + 1);
	if (!*keep)
		return (struct arguments){ NULL, 0, false };
	memcpy(*keep, changed.bytes, changed.len);
	return (struct arguments){ *keep, changed.len, changed.complete };
}
