/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/requester.h"

#include <stdlib.h>
#include <string.h>

#include "attribute/proc.h"

static void ask(int proc_fd, pid_t pid, struct requester *ret)
{
	uint32_t auid;

	if (proc_read_loginuid(proc_fd, pid, &auid) == 0)
		ret->auid = auid;
	if (proc_read_exe(proc_fd, pid, &ret->exe) < 0)
		ret->exe = NULL;
	if (proc_read_comm(proc_fd, pid, ret->comm, sizeof(ret->comm)) < 0)
		ret->comm[0] = '\0';
	if (proc_read_cmdline(proc_fd, pid, &ret->cmdline, &ret->cmdline_len) < 0)
		ret->cmdline = NULL;
	while (ret->cmdline && ret->cmdline_len > 0 && ret->cmdline[ret->cmdline_len - 1] == '\0')
		ret->cmdline_len--;
}

void requester_find(int proc_fd, const struct event *event, const struct lineage_answer *answer,
	struct requester *ret)
{
	*ret = (struct requester){ .auid = AUID_UNSET, .session = SESSION_UNSET };
	if (answer->entry && answer->entry->auid_known)
		ret->auid = answer->entry->auid;
	/* Another process may have the pid by now. */
	if (proc_fd >= 0 && answer->process && answer->process->end_nsec == 0 && !answer->doubt)
		ask(proc_fd, event->pid, ret);
}

void requester_done(struct requester *requester)
{
	free(requester->exe);
	free(requester->cmdline);
}
