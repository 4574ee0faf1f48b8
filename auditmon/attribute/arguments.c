/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/arguments.h"

#include <stdio.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/proc.h"
#include "attribute/title.h"

/* What is kept of an argv: a process decides how long it is, and every touch has one. */
#define MAX_ARGV_LEN 4096

/* Longer ago than the process events are ever behind. */
#define SETTLED_NSEC UINT64_C(1000000000)

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

static const struct arguments no_arguments = { NULL, 0, false };

/* The kernel's name of a task is the file that it executed, cut (TASK_COMM_LEN). */
static bool is_called(const char *argument, const char *name, size_t most)
{
	const char *slash = strrchr(argument, '/');

	return name && strncmp(slash ? slash + 1 : argument, name, most) == 0;
}

static const char *base_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* Can argv be that of the program which made the event? A script's name comes behind its
 * interpreter's and one option. */
static bool goes_with(struct arguments argv, const struct event *event)
{
	const char *at = argv.bytes, *end = argv.bytes ? argv.bytes + argv.len : NULL;

	for (unsigned i = 0; i < 3 && at && at < end; i++) {
		char argument[256];
		size_t len = strnlen(at, (size_t)(end - at));

		snprintf(argument, sizeof(argument), "%.*s", (int)(len < 255 ? len : 255), at);
		if (is_called(argument, event->comm, 15) ||
			(i == 0 && is_called(argument, base_of(event->exe), 255)))
			return true;
		at += len + 1;
	}
	return false;
}

/* What the engine had the container's first process execute first. */
static struct arguments first_of(const struct lineage_answer *answer)
{
	const struct entry *entry = answer->entry;

	if (!entry || entry->kind != ENTRY_INIT || entry->pid != answer->process->pid ||
		entry->exec_nsec == 0 || !entry->container->info->command)
		return no_arguments;
	return (struct arguments){ entry->container->info->command,
		entry->container->info->command_len, true };
}

static struct arguments without_last_nul(struct arguments argv)
{
	while (argv.len > 0 && argv.bytes[argv.len - 1] == '\0')
		argv.len--;
	/* One that is about to end has none any more. */
	return argv.len > 0 ? argv : no_arguments;
}

/*
 * The argv with which it executed the program that it ran then; what is not known is not told.
 * Whoever reads an argv may come late: another program has been executed, and the word of that is
 * still on its way. So one that was read about then must go with the name in the record, and where
 * an exec is so near that it may have been before or after, only one of the two may.
 */
static struct arguments present_arguments(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, uint64_t time_nsec, char **keep)
{
	const struct process *process = answer->process;
	bool is_near = process->exec_nsec > time_nsec;
	struct arguments first = first_of(answer), argv = ancestor_argv(process->ancestor);
	bool is_first = goes_with(first, event), must_fit, fits;
	size_t len;

	/* It has executed another since. */
	if (process->exec_nsec > time_nsec + attributor->clock->slack_nsec)
		return no_arguments;
	must_fit = !argv.bytes || time_nsec < process->exec_nsec + SETTLED_NSEC;
	if (is_first && answer->entry->exec_nsec == process->exec_nsec)
		return first;
	if (!argv.bytes && process->end_nsec == 0 && !answer->doubt && attributor->proc_fd >= 0 &&
		proc_read_cmdline(attributor->proc_fd, process->pid, keep, &len) == 0)
		argv = (struct arguments){ *keep, len, true };
	argv = without_last_nul(argv);
	fits = goes_with(argv, event);
	if (is_near && is_first)
		return fits ? no_arguments : first;
	return fits || !must_fit ? argv : no_arguments;
}

struct arguments arguments_of_event(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, char **keep)
{
	uint64_t time_nsec;

	if (!attributor->lineage)
		return event->argv;
	time_nsec = audit_clock_monotonic_nsec(attributor->clock, event->time_msec);
	if (title_is_former(answer->process, event, time_nsec, attributor->clock->slack_nsec))
		return present_arguments(attributor, event, answer, time_nsec, keep);
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
