/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From the fields of an event's records to the event
 *
 * What each record says, as libauparse has taken it apart: begin(), record() for each record while
 * libauparse stands on it, end(). The strings of the event are the reader's until it begins anew.
 */

#include <auparse.h>
#include <stdbool.h>

#include "collect/event.h"
#include "collect/field.h"

/* Marks a line that auditd wrote enriched: only then do its names come from that host and not from
 * this one's user database. */
#define EVENT_READER_ENRICHED "auditmon_enriched"

struct event_reader {
	auparse_state_t *auparse; /* borrowed */
	struct field_arena arena;
	/* Of the event at hand. */
	struct arguments execve; /* better than its PROCTITLE, whichever comes first */
	int64_t argc;
	const char *ring_key; /* the requests', in the arena */
	int64_t n_items;      /* as many PATH records it has, it says */
	bool has_surplus;     /* it had more than are kept */
};

int event_reader_init(struct event_reader *reader); /* 0 or -ENOMEM */
void event_reader_done(struct event_reader *reader);

void event_reader_begin(struct event_reader *reader, auparse_state_t *auparse);
void event_reader_record(struct event_reader *reader, struct event *event);

/* False: something of it is missing, or was left out for our limits. */
bool event_reader_end(struct event_reader *reader, struct event *event);
