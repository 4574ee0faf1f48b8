/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/attribute-internal.h"
#include "attribute/proc.h"

const char *attribute_engine_socket(const struct attributor *attributor,
	const struct event_path *item, const struct touch *touch)
{
	if (touch->path_by != PATH_AS_SEEN && attributor->sockets &&
		engine_sockets_has(attributor->sockets, touch->path))
		return touch->path;
	if (!attributor->clients || !item || !item->has_inode || !S_ISSOCK(item->mode))
		return NULL;
	return client_table_socket_of(
		attributor->clients, item->inode, item->dev_major, item->dev_minor);
}

void attribute_tell_client(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, const struct touch *touch, const char *path)
{
	const struct process *process = answer->process;
	/* socketcall keeps the descriptor in memory. */
	bool has_fd = event->syscall && strcmp(event->syscall, "connect") == 0 &&
		      event->arguments[0] <= INT_MAX;
	bool lives = process && process->end_nsec == 0 && !answer->doubt;
	struct client client = {
		.pid = event->pid,
		.parent = event->ppid,
		.start_nsec = process ? process->start_nsec : 0,
		.end_nsec = process ? process->end_nsec : 0,
		.auid = event->auid,
		.session = event->session,
		.uid = event->uid,
		.exe = (char *)event->exe,
		.argv = (char *)touch->argv.bytes,
		.argv_len = touch->argv.len,
		.argv_complete = touch->argv.complete,
		.callers = answer->entry && answer->has_chain ? answer->above : NULL,
		.entry = answer->entry,
		.doubt = answer->doubt,
		.recorded = true,
	};
	_cleanup_(freep) char *argv = NULL;
	struct proc_stat stat;
	size_t len;

	if (lives && attributor->proc_fd >= 0 &&
		proc_read_cmdline(attributor->proc_fd, event->pid, &argv, &len) == 0 &&
		proc_read_stat(attributor->proc_fd, event->pid, &stat) == 0 && !stat.exiting &&
		len > 0) {
		struct arguments arguments =
			redact_arguments(attributor->redact, (struct arguments){ argv, len, true });

		client.argv = (char *)arguments.bytes;
		client.argv_len = arguments.len;
		client.argv_complete = arguments.complete;
		client.argv_is_live = true;
	}
	if (attributor->clients)
		client_table_connected(attributor->clients, &client, path,
			has_fd ? (int)event->arguments[0] : -1, lives,
			audit_clock_monotonic_nsec(attributor->clock, event->time_msec));
}

/* Any process with CAP_AUDIT_WRITE can write such a record: it counts if its sender, who lives and is
 * a process of the host, holds the socket at which an engine listens. */
void attribute_tell_engine(struct attributor *attributor, const struct event *event)
{
	struct lineage_answer answer = { 0 };
	uint64_t time_nsec;

	if (!attributor->lineage || !attributor->clients || !attributor->launchers)
		return;
	time_nsec = audit_clock_monotonic_nsec(attributor->clock, event->time_msec);
	lineage_find(attributor->lineage,
		&(struct lineage_question){
			.pid = event->pid,
			.time_nsec = time_nsec,
			.slack_nsec = attributor->clock->slack_nsec,
		},
		&answer);
	if (answer.process && answer.process->end_nsec == 0 && !answer.entry && !answer.doubt &&
		client_table_is_engine(attributor->clients, event->pid))
		launchers_engine_says(attributor->launchers, &event->engine, time_nsec);
}
