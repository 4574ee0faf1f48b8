/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/title.h"

#include <string.h>

/* FNV-1a; 0 stands for none. */
static uint64_t hash_string(uint64_t hash, const char *string)
{
	for (; string && *string; string++)
		hash = (hash ^ (unsigned char)*string) * 0x100000001b3ull;
	return (hash ^ 0xffu) * 0x100000001b3ull;
}

static uint64_t name_of(const struct event *event)
{
	uint64_t hash = hash_string(0xcbf29ce484222325ull, event->exe);

	hash = hash_string(hash, event->comm);
	return hash ? hash : 1;
}

bool title_is_former(struct process *process, const struct event *event, uint64_t time_nsec,
	uint64_t slack_nsec)
{
	uint64_t name;

	if (!process || !event->has_syscall)
		return false;
	name = name_of(event);
	if (process->title_name == 0) {
		process->title_name = name;
		process->title_nsec = time_nsec;
		return false;
	}
	/* EXECVE is of this very call. */
	if (event->syscall && strncmp(event->syscall, "execve", strlen("execve")) == 0)
		return false;
	/* title_nsec is not later than that record was: an exec before it changed nothing since. */
	if (process->exec_nsec <= process->title_nsec)
		return false;
	return name != process->title_name ||
	       (time_nsec + slack_nsec >= process->exec_nsec &&
		       process->exec_nsec > process->title_nsec + slack_nsec);
}
