/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Alerts to the journal, without ever waiting for it
 *
 * sd_journal_sendv() blocks while journald's socket is full, so it is called by a thread of its
 * own, behind a bounded queue. What does not fit is dropped and counted: the database has it in any
 * case.
 *
 * Nothing loops: journald takes audit records in by itself, but a datagram to its socket makes
 * none. Where somebody's rule reports every sendmsg(), the record is about a process of the host
 * that connects to a socket which is no engine's: not flagged, so not sent. And the caller leaves
 * out touches by this very process.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/touch.h"

struct journal;

struct journal_limits {
	size_t max_entries; /* 0: 8192 */
	size_t max_bytes;   /* of touches that wait; 0: 16 MiB */
	unsigned stop_msec; /* how long journal_free() waits for what is queued; 0: 2000 */
	/* What sends; NULL: sd_journal_sendv(). In the thread, also after journal_free() has given
	 * up waiting for it. */
	int (*send)(const struct iovec *fields, int n_fields, void *userdata);
	void *userdata;
};

struct journal_counts {
	uint64_t sent, failed, dropped;
};

/* Starts the thread. 0, -ENOMEM, -EAGAIN. */
int journal_new(const struct journal_limits *limits, struct journal **ret);

/*
 * Sends what is queued, but not for longer than stop_msec, and ends the thread; one that hangs in
 * journald's socket is left behind, and frees everything if it ever gets on. How many were left;
 * they count as dropped.
 */
size_t journal_end(struct journal *journal, struct journal_counts *ret);

/* The same where nobody wants the counts. NULL is fine. */
size_t journal_free(struct journal *journal);

/*
 * Copies touch, which has flags; one with digest_after is sent as journal_entry_init_digest() does:
 * its alert was sent before. 0, -EAGAIN (dropped, counted), -ENOMEM (likewise).
 */
int journal_put(struct journal *journal, const struct touch *touch);

void journal_counts(struct journal *journal, struct journal_counts *ret);
