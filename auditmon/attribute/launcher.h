/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Launchers: the human behind each entry that a daemon made
 *
 * While a runtime is at work on an entry, a picture is taken of who is connected to the engine
 * (client-table.h). It counts if the runtime was still at work when it had been taken, or if the
 * entry's first process had not executed its program yet: then the engine had not answered the
 * request yet. Some time later, when the records of all those connects
 * have come, the entry is settled: each client that can have asked is weighed (claim.h), and what
 * that makes is decided (confidence.h) and kept with the entry, with the evidence as sentences, for
 * as long as it has processes. Entries are settled in the order in which they began, because a
 * client that can ask only once has asked by then.
 *
 * A client that runs in a container itself is as much a human's as that container's entry is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "attribute/client-table.h"
#include "attribute/clock.h"
#include "attribute/container-table.h"
#include "attribute/redact.h"
#include "attribute/users.h"
#include "collect/event.h"

/* What an entry keeps. */
struct launcher {
	enum confidence confidence; /* CONFIDENCE_NONE: reason says why nobody is named */
	uint32_t auid;
	pid_t pid;
	char *exe, *argv, *via;
	size_t argv_len;
	bool argv_complete;
	enum content_trust content_trust;
	char *evidence; /* NUL-separated sentences */
	size_t evidence_len;
	char *reason;
};

void launcher_free(struct launcher *launcher);
DEFINE_CLEANUP(struct launcher *, launcher_free)

/* Borrowed from launcher; login stays NULL. */
void launcher_get(const struct launcher *launcher, struct touch_launcher *ret);

struct launchers;

struct launchers_options {
	int proc_fd;                     /* borrowed */
	struct client_table *clients;    /* borrowed; NULL: none */
	struct users *users;             /* borrowed; NULL: no names */
	const struct audit_clock *clock; /* borrowed */
	struct redact *redact;           /* borrowed; NULL: nothing is redacted */
	void (*on_settled)(const struct entry *entry, void *userdata); /* may be NULL */
	void *userdata;
};

int launchers_new(const struct launchers_options *options, struct launchers **ret); /* -ENOMEM */
void launchers_free(struct launchers *launchers);
DEFINE_CLEANUP(struct launchers *, launchers_free)

/*
 * What an earlier run found out of an entry whose first process may live still: it is taken up when
 * that is met. Copied; bounded. -ENOMEM.
 */
int launchers_remember(struct launchers *launchers, const char *container_id, pid_t pid,
	uint64_t start_nsec, const struct touch_launcher *launcher);

/* A runtime that makes an entry has begun to work. */
void launchers_runtime_works(struct launchers *launchers, pid_t pid, uint64_t time_nsec);

/*
 * An entry began. maker: the pid of the process that its first one was born of, which started at
 * maker_start_nsec, if that was a runtime's command (runc, crun); else 0: a container's process can
 * have children that are told as its shim's (CLONE_PARENT), and nobody asked for those.
 */
void launchers_entry_began(
	struct launchers *launchers, struct entry *entry, pid_t maker, uint64_t maker_start_nsec);

/* An engine of this host put on record what it was asked for; the caller has made sure of that. */
void launchers_engine_says(
	struct launchers *launchers, const struct event_engine *engine, uint64_t time_nsec);

/* Words of processes were lost until now. */
void launchers_lost(struct launchers *launchers, uint64_t now_nsec);

/* Settles entry, if it is not yet, and those that began before it. */
void launchers_settle(struct launchers *launchers, struct entry *entry);

/* Settles those that began before time_nsec. */
void launchers_settle_before(struct launchers *launchers, uint64_t time_nsec);

size_t launchers_unsettled(const struct launchers *launchers);
