/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The daemon's own health: what was lost, and the facts that `status` shows
 *
 * Every kind of loss becomes a row with its time span: what the kernel dropped, what overran a
 * socket, serial numbers that never came, what could not be queued, and the time in which auditmon
 * did not run.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/audit-control.h"
#include "collect/source.h"
#include "collect/status-poll.h"
#include "output/journal.h"
#include "store/writer.h"

#define HEALTH_SERIAL_WINDOW (1u << 20)
#define HEALTH_SERIAL_PATIENCE 5 /* ticks that a serial number may be late */

struct health {
	struct status_poll *poll; /* borrowed, as is source */
	const struct source *source;
	bool is_ready, backlog_is_full;
	bool is_alone; /* no audit daemon is there, and we are none */
	/* The kernel makes writers wait for long before it loses a record, and we have them from
	 * itself. */
	bool is_held_back;

	int64_t recorded_until_msec; /* by an earlier run; 0: there was none */
	uint32_t kernel_lost;   /* as read last */
	int64_t status_msec;    /* when */
	int64_t heartbeat_msec; /* last told to the database */
	bool is_gone;           /* the source is ... */
	int64_t gone_msec;      /* ... since then, as far as it is not noted yet */
	int64_t overrun_msec;   /* socket overrun not yet noted as a loss since; 0: none */

	/* Serial numbers: seen has a bit for each of the last window; all up to judged_serial are
	 * accounted for. */
	uint64_t judged_serial, highest_serial;           /* 0: none yet */
	uint64_t highest_at_tick[HEALTH_SERIAL_PATIENCE]; /* newest first */
	int64_t judged_msec;
	uint8_t seen[HEALTH_SERIAL_WINDOW / 8];

	bool serials_jumped;
	bool is_off; /* auditing is switched off */

	/* Losses on their way to the queue, which may be full: one of each kind, merged. since_msec
	 * 0: none. */
	struct {
		struct loss loss;
		char detail[96];
	} pending[LOSS_COUNT];

	uint64_t cut_events, broken_records; /* as the decoder had counted last */
	uint64_t dropped;
	int64_t dropped_since_msec, dropped_until_msec;
};

struct health_gauges {
	size_t processes, containers, queued, rules_loaded, rules_absent, engine_sockets_left_out;
	uint64_t process_births_refused, containers_refused, broken_records, cut_events;
	int64_t passed_msec; /* every event from before has been attributed */
	struct journal_counts journal;
	bool has_journal;
};

/*
 * last_alive, recorded_until: as an earlier run left them (milliseconds in digits), NULL: none. The
 * second stands in the database behind all that happened before it. One that was killed had more,
 * read or still in its socket: that is lost.
 */
void health_start(struct health *health, struct writer *writer, const char *node,
	const char *last_alive, const char *recorded_until);

/* The rules are loaded: the time since the earlier run recorded is a loss. */
void health_ready(struct health *health, struct writer *writer);

/* What is read from now on, borrowed; why: for `status`. */
void health_source(struct health *health, struct audit_control *control,
	const struct source *source, struct writer *writer, const char *why);

/* Each record's text, for its serial number; and each line's, unless it is of another node or not
 * the kernel's. */
void health_record(struct health *health, const char *text, size_t len);
void health_line(struct health *health, const char *line, size_t len, const char *node);
void health_overrun(struct health *health, struct writer *writer);
void health_source_gone(struct health *health);
void health_source_back(struct health *health, struct writer *writer);
void health_process_events_lost(struct health *health, struct writer *writer, int64_t span_msec);
void health_rules_missing(struct health *health, struct writer *writer, int64_t since_msec,
	int64_t until_msec, const char *detail);
void health_canary_lost(struct health *health, struct writer *writer, int64_t since_msec,
	int64_t until_msec, const char *detail);
void health_dropped(struct health *health, int64_t time_msec);

/* What became of the alerts for the journal; NULL: it is switched off. */
void health_journal(struct writer *writer, const struct journal_counts *counts);

/* Once a second. 0, or -ESRCH: somebody else is the audit daemon now. */
int health_tick(struct health *health, struct writer *writer, const struct health_gauges *gauges);
/* At the stop the kernel still held n_records that did not come. */
void health_not_drained(struct health *health, struct writer *writer, uint32_t n_records);
/* watched_until_msec: when the first rule was removed. */
void health_stop(struct health *health, struct writer *writer, int64_t watched_until_msec);
