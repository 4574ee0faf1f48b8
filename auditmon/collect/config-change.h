/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Changes of the audit configuration, and who made them
 *
 * The kernel tells of a change in a record of its own (CONFIG_CHANGE) that is decoded alone, as it
 * may have no end; the system call that caused it, with the process, follows under the same serial
 * number. The latest changes are kept here until that has come.
 */

#include <stddef.h>
#include <stdint.h>

#include "collect/event.h"

#define CONFIG_CHANGES 64

struct config_change {
	int64_t time_msec;
	uint64_t serial; /* 0: nothing is kept here */
	bool by_user, failed, switched_off;
	char op[24], key[256];
};

struct config_changes {
	struct config_change list[CONFIG_CHANGES];
	size_t next;
};

/* Keeps what event says of a change. */
void config_changes_add(struct config_changes *changes, const struct event *event);

/* Adds to the event of a system call the change that it made; its strings are borrowed until
 * CONFIG_CHANGES more have been added. */
void config_changes_join(const struct config_changes *changes, struct event *event);
