/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A flagged touch as an entry of the journal
 *
 * MESSAGE is the sentence that `daemon --show` prints, MESSAGE_ID that of its worst flag (the
 * catalog explains each), PRIORITY its severity, AUDITMON_FLAG one field for each flag. Every field
 * of the view `touch` is AUDITMON_NAME, bytes as the kernel gave them, lists as JSON; what is not
 * known has no field.
 *
 * Left out on purpose: OBJECT_PID, for which journald would look into /proc by itself, where the
 * pid may be somebody else's by then; and Docker's CONTAINER_ID and CONTAINER_NAME, by which
 * `docker logs` and `podman logs` find a container's own output.
 */

#include <sys/uio.h>

#include "base/touch.h"

/* As sd_id128_to_string() has them; one for each flag, as contrib/catalog/auditmon.catalog says. */
extern const char *const journal_message_ids[FLAG_COUNT];

/* Of the entry that follows that of a trust-change when the file is at rest. */
#define JOURNAL_DIGEST_ID "907180a48c804045bf6c42dceb1a2224"

#define JOURNAL_ENTRY_MAX 96

struct journal_entry {
	struct iovec fields[JOURNAL_ENTRY_MAX];
	int n_fields;
	char *text; /* what the fields point into */
};

/* 0 or -ENOMEM. */
int journal_entry_init(struct journal_entry *entry, const struct touch *touch);

/*
 * What the file of an alert holds now, as its entry went out before that was known: of touch only
 * its id, path and digests are looked at. 0 or -ENOMEM.
 */
int journal_entry_init_digest(struct journal_entry *entry, const struct touch *touch);
void journal_entry_done(struct journal_entry *entry);
