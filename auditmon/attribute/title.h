/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Whose command line is a record's PROCTITLE?
 *
 * The kernel reads it at a task's first record and says the same in all later ones, also after the
 * task has executed another program (audit_log_proctitle() in kernel/auditsc.c; seen on 6.18): a
 * shell that opened its child's output, a runtime's stage that mounted something. So a process
 * keeps when its first record was and what it was called then; one that executed since, and is
 * called otherwise or did so for certain, has the title of a former program.
 */

#include <stdbool.h>
#include <stdint.h>

#include "attribute/process-table.h"
#include "collect/event.h"

/*
 * Is event's argv that of a program which process (NULL: never) no longer ran at time_nsec? The
 * time may be up to slack_nsec too early. Ask for each event of a process: the first is remembered.
 */
bool title_is_former(struct process *process, const struct event *event, uint64_t time_nsec,
	uint64_t slack_nsec);
