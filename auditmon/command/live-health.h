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

#include "collect/netlink.h"
#include "store/writer.h"

#define HEALTH_SERIAL_WINDOW (1u << 20)
#define HEALTH_SERIAL_PATIENCE 5 /* ticks that a serial number may be late */

struct health {
	uint32_t kernel_lost;   /* as read last */
	int64_t status_msec;    /* when */
	int64_t heartbeat_msec; /* last told to the database */
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
	size_t processes, containers, queued, rules_loaded, rules_absent;
	uint64_t process_births_refused, containers_refused, broken_records, cut_events;
};

/* last_alive: as an earlier run left it (milliseconds in digits), NULL: none. The time between is a
 * loss. */
void health_start(
	struct health *health, struct writer *writer, const char *node, const char *last_alive);
void health_acquired(struct health *health, struct netlink *netlink);

/* Each record's text, for its serial number. */
void health_record(struct health *health, const char *text, size_t len);
void health_socket_overrun(struct health *health, struct writer *writer);
void health_process_events_lost(struct health *health, struct writer *writer, int64_t span_msec);
void health_rules_deleted(struct health *health, struct writer *writer, int64_t since_msec);
void health_dropped(struct health *health, int64_t time_msec);

/* Once a second. 0, or -ESRCH: somebody else is the audit daemon now. */
int health_tick(struct health *health, struct netlink *netlink, struct writer *writer,
	const struct health_gauges *gauges);
/* At the stop the kernel still held n_records that did not come. */
void health_not_drained(struct health *health, struct writer *writer, uint32_t n_records);
void health_stop(struct health *health, struct netlink *netlink, struct writer *writer);
