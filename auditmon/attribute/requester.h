/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who made an asynchronous request of io_uring
 *
 * Its record has pid and uid, but neither loginuid nor comm, exe and argv. While the process lives,
 * /proc has them; of a container's process that is gone the entry still knows the loginuid.
 */

#include "attribute/lineage.h"
#include "collect/event.h"

struct requester {
	uint32_t auid, session; /* AUID_UNSET, SESSION_UNSET: not set, or not known any more */
	char comm[64];
	char *exe, *cmdline; /* owned; NULL: not known */
	size_t cmdline_len;
};

/* proc_fd -1: from a log. Every field is set; requester_done() frees. */
void requester_find(int proc_fd, const struct event *event, const struct lineage_answer *answer,
	struct requester *ret);
void requester_done(struct requester *requester);
