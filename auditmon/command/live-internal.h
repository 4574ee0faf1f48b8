/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The live pipeline from the inside: shared by live.c (its life), live-flow.c (what an event
 * passes), live-loop.c (what wakes it), live-engines.c (where engines listen) and live-watchdog.c
 * (what the service manager is told)
 */

#include <stdint.h>
#include <systemd/sd-event.h>

#include "attribute/attribute.h"
#include "attribute/engine-listeners.h"
#include "base/host-mounts.h"
#include "collect/audit-control.h"
#include "collect/decode.h"
#include "collect/source.h"
#include "command/live-canary.h"
#include "command/live-health.h"
#include "command/live-rules.h"
#include "command/live-settings.h"
#include "command/live-source.h"
#include "command/live.h"
#include "detect/digest.h"
#include "detect/policy.h"
#include "detect/suppress.h"
#include "output/journal.h"
#include "store/writer.h"
#include "watch/kernel.h"
#include "watch/ownership.h"

#define LIVE_MAX_QUEUED 49152
#define LIVE_MAX_QUEUED_BYTES ((size_t)36 << 20)
#define LIVE_MAX_BATCH 2048

struct live {
	struct live_options options;
	sd_event *loop;
	sd_event_source *audit_source, *pause_source, *suspects_source, *rules_source;
	char node[256];
	char boot[64]; /* "": not known */
	int proc_fd;

	struct audit_control *control;
	struct status_poll *poll;
	struct source *source;
	char source_why[160];
	int64_t began_msec;
	struct connector *connector;
	struct watch *watch;
	struct decoder *decoder;
	struct runtime *runtime;
	struct lineage *lineage;
	struct watch_paths *watched;
	struct path_resolver *resolver;
	struct users *users;
	struct redact *redact;
	struct engine_sockets *sockets;
	struct host_mounts *mounts;
	struct engine_listeners *listeners;
	struct policy *policy;
	struct suppressions *suppressions;
	struct client_table *clients;
	struct launchers *launchers;
	struct digests *digests;
	struct journal *journal; /* NULL: switched off */
	uint64_t journal_dropped; /* as told last */
	struct audit_clock clock;
	struct attributor attributor;
	struct attributor foreign; /* for what auditd has from other hosts */
	struct writer *writer;
	struct health health;

	bool suspects_armed;
	bool connector_is_read; /* since the records at hand were received */
	uint64_t connector_read_nsec;
	uint64_t passed_nsec; /* every event from before has been attributed */
	unsigned ticks;
	uint64_t records_at_tick;   /* fed to the decoder until the last tick */

	/* Of live-rules.c. removed: the kernel said so, and it has not been looked into yet; gap:
	 * since when some rule is missing. 0: not. */
	char *rules_path;
	struct ownership ownership;
	struct applied_settings settings;
	bool rules_locked, rules_suspected;
	unsigned rules_eager_ticks;
	int64_t rules_removed_msec, rules_gap_msec, rules_looked_msec;
	uint64_t rules_next_usec;

	/* Of live-audited.c. */
	bool audit_was_changed; /* the kernel's rules have to be looked at */

	/* Of live-engines.c. */
	bool engines_came; /* the rules for them are not wanted yet */
	unsigned engines_ticks;
	size_t engines_left_out; /* as told last */

	/* Of live-canary.c. */
	struct canary *canary;
	pid_t probe; /* 0: none, or waited for */
	uint64_t probe_nsec, heard_nsec, n_heard;

	uint64_t not_shown;
	uint64_t watchdog_usec;  /* 0: nobody wants to know */
	uint64_t busy_told_nsec; /* see live_tell_busy() */
	bool watchdog_is_silent; /* not well, and said so */
	pid_t place_wanted_by;   /* who asked the kernel for the audit daemon's place; 0: nobody */
	int failure;             /* what ends the loop */
};

/* Reads all that the connector has; what was lost is noted, and makes a new scan. */
void live_read_connector(struct live *live);

/* Reads one batch of records and takes its events through to the writer. How many there were, 0:
 * none, or a negative errno. */
int live_read_records(struct live *live);

/* To be called often: a stamp of a clock that was set meanwhile is another's. */
void live_sample_clock(struct live *live);

/* Learns who is connected to an engine now, by whatever way it came. */
void live_look_at_clients(struct live *live);

/* live-flow.c's callbacks for the rooms that feed it. */
void live_on_event(const struct event *event, void *live);
void live_on_touch(struct touch *touch, const struct touch_facts *facts, void *live);
void live_on_container(const struct container *container, void *live);
void live_on_container_end(const struct container *container, void *live);

void live_on_runtime(pid_t pid, uint64_t time_nsec, void *live);
void live_on_entry(struct entry *entry, pid_t maker, uint64_t maker_start_nsec, void *live);
void live_on_settled(const struct entry *entry, void *live);
void live_on_client(const struct client *client, const char *via, void *live);
void live_on_remembered(const struct entry_record *record, void *live);
struct entry *live_entry_of(pid_t pid, const char **ret_doubt, void *live);

/* live-loop.c's callback for records that have come. */
int live_on_records(sd_event_source *event_source, int fd, uint32_t revents, void *live);

/* Tells the service manager that all is well, as often as that asks for. 0 or a negative errno. */
int live_set_up_watchdog(struct live *live);

/*
 * Called again and again from work that keeps the loop from turning for as long as it takes: tells
 * the service manager, once a second, that it goes on. Removing a rule takes the kernel 12 ms, so
 * ten thousand of them two minutes.
 */
void live_tell_busy(struct live *live);

/* Reads what decides about trust, as far as it is not known. 0 or -ENOMEM. */
int live_learn_trust(struct live *live);

/* Stores the digests of files that have come to rest; at_once: of all. */
void live_settle_digests(struct live *live, bool at_once);

/* Live-engines.c: looks where engines listen now, at once. 0 or -ENOMEM. */
int live_engines_find(struct live *live);

/* Once a second: the rules for those that came later. */
void live_engines_tick(struct live *live);

/* Adds everything that wakes the loop, but for the source. 0 or a negative errno. */
int live_set_up_loop(struct live *live);
