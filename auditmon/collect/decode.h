/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From record lines to events
 *
 * The only room that sees libauparse (with event-reader.h): it groups the records of an event, whatever their order, and
 * takes fields apart. The encoding of untrusted strings (quotes or hex, audit_log_untrustedstring()
 * in kernel/audit.c) is undone here, because libauparse's own interpretation joins names with cwd
 * and ends at the first NUL.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "collect/event.h"

struct decoder;

struct decoder_counts {
	uint64_t records; /* lines that were fed */
	uint64_t events;
	uint64_t broken; /* lines that are no audit record */
	uint64_t cut;    /* events of which something is missing, or was left out for our limits */
};

typedef void (*decoder_event_fn)(const struct event *event, void *userdata);

/* on_event is called from within decoder_feed() and decoder_flush(), once for each complete event.
 * 0 or -ENOMEM. */
int decoder_new(decoder_event_fn on_event, void *userdata, struct decoder **ret);
void decoder_free(struct decoder *decoder);
DEFINE_CLEANUP(struct decoder *, decoder_free)

/* Feeds one line without its newline ("type=... msg=audit(...): ..."). Lines that are none are
 * counted. 0 or -ENOMEM. */
int decoder_line(struct decoder *decoder, const char *line, size_t len);

/* Feeds one record as the kernel sends it: its type and the text that starts with "audit(". 0 or
 * -ENOMEM. */
int decoder_record(struct decoder *decoder, unsigned type, const char *text, size_t len);

/* Emits events that wait for records that will not come: those that have been incomplete for two
 * seconds. */
void decoder_age(struct decoder *decoder);

/* End of the source: emits all that is still incomplete. */
void decoder_flush(struct decoder *decoder);

/* A line that whoever read the log could not hand on: counted with the broken ones. */
void decoder_broken_line(struct decoder *decoder);

const struct decoder_counts *decoder_counts(const struct decoder *decoder);
