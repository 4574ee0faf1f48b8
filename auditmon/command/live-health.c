/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"

#define HEARTBEAT_MSEC 5000

static void put_loss(struct writer *writer, enum loss_kind kind, int64_t since_msec,
	int64_t until_msec, uint64_t count, const char *detail)
{
	const struct loss loss = {
		.kind = kind,
		.since_msec = since_msec,
		.until_msec = until_msec,
		.count = count,
		.detail = detail,
	};

	/* A loss that is lost itself would be silence. */
	while (writer_put_loss(writer, &loss) == -EAGAIN)
		if (writer_flush(writer) < 0)
			return;
}

static void put_number(struct writer *writer, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	writer_put_meta(writer, name, text);
}

void health_start(
	struct health *health, struct writer *writer, const char *node, const char *last_alive)
{
	int64_t now_msec = time_now_msec(),
		since_msec = last_alive ? strtoll(last_alive, NULL, 10) : 0;

	health->status_msec = health->heartbeat_msec = health->judged_msec = now_msec;
	if (since_msec > 0 && since_msec < now_msec)
		put_loss(writer, LOSS_DOWNTIME, since_msec, now_msec, 0, NULL);
	if (!last_alive)
		put_number(writer, "recorded_since", (uint64_t)now_msec);
	put_number(writer, "running_since", (uint64_t)now_msec);
	put_number(writer, "last_alive", (uint64_t)now_msec);
	writer_put_meta(writer, "source", "kernel");
	writer_put_meta(writer, "node", node);
	writer_put_meta(writer, "version", AUDITMON_VERSION);
}

void health_acquired(struct health *health, struct netlink *netlink)
{
	struct netlink_status status;

	if (netlink_status(netlink, &status) == 0)
		health->kernel_lost = status.lost;
}

static uint8_t *byte_of(struct health *health, uint64_t serial)
{
	return &health->seen[serial % HEALTH_SERIAL_WINDOW / 8];
}

void health_record(struct health *health, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len < 48 ? len : 48);
	uint64_t serial = colon ? strtoull(colon + 1, NULL, 10) : 0;

	if (serial == 0)
		return;
	if (health->highest_serial == 0) {
		health->judged_serial = health->highest_serial = serial;
		return;
	}
	/* A number from before the window was judged already; one far ahead is a record that lies.
	 */
	if (serial <= health->judged_serial ||
		serial - health->judged_serial >= HEALTH_SERIAL_WINDOW)
		return;
	*byte_of(health, serial) |= (uint8_t)(1 << serial % 8);
	if (serial > health->highest_serial)
		health->highest_serial = serial;
}

static void judge_serials(
	struct health *health, struct writer *writer, uint64_t up_to, int64_t now_msec)
{
	uint64_t missing = 0;
	char detail[64];

	while (health->judged_serial < up_to) {
		uint64_t serial = ++health->judged_serial;
		uint8_t bit = (uint8_t)(1 << serial % 8);

		if (!(*byte_of(health, serial) & bit))
			missing++;
		*byte_of(health, serial) &= (uint8_t)~bit;
	}
	if (missing > 0) {
		snprintf(detail, sizeof(detail), "serial numbers up to %" PRIu64, up_to);
		put_loss(writer, LOSS_SERIAL, health->judged_msec, now_msec, missing, detail);
	}
}

static void tick_serials(struct health *health, struct writer *writer, int64_t now_msec)
{
	judge_serials(health, writer, health->highest_at_tick[HEALTH_SERIAL_PATIENCE - 1],
		now_msec - HEALTH_SERIAL_PATIENCE * 1000);
	health->judged_msec = now_msec - HEALTH_SERIAL_PATIENCE * 1000;
	memmove(&health->highest_at_tick[1], &health->highest_at_tick[0],
		sizeof(health->highest_at_tick) - sizeof(health->highest_at_tick[0]));
	health->highest_at_tick[0] = health->highest_serial;
}

void health_socket_overrun(struct health *health, struct writer *writer)
{
	int64_t now_msec = time_now_msec();

	/* In a flood this may come thousands of times a second; a row a second says the same. */
	if (now_msec - health->overrun_msec < 1000)
		return;
	log_warning("the audit socket overran: records are lost");
	put_loss(writer, LOSS_SOCKET, health->status_msec, now_msec, 0, NULL);
	health->overrun_msec = now_msec;
}

void health_dropped(struct health *health, int64_t time_msec)
{
	if (health->dropped++ == 0)
		health->dropped_since_msec = time_msec;
	health->dropped_until_msec = time_msec;
}

static void read_status(
	struct health *health, struct netlink *netlink, struct writer *writer, int64_t now_msec)
{
	struct netlink_status status;
	uint32_t lost;

	if (netlink_status(netlink, &status) < 0)
		return;
	/* The counter may have been reset (auditctl --reset-lost). */
	lost = status.lost >= health->kernel_lost ? status.lost - health->kernel_lost : status.lost;
	health->kernel_lost = status.lost;
	if (lost > 0) {
		log_warning("the kernel lost %u audit records", lost);
		put_loss(writer, LOSS_KERNEL, health->status_msec, now_msec, lost, NULL);
	}
	health->status_msec = now_msec;
	if (now_msec - health->heartbeat_msec < HEARTBEAT_MSEC)
		return;
	put_number(writer, "kernel_backlog", status.backlog);
	put_number(writer, "kernel_backlog_limit", status.backlog_limit);
	put_number(writer, "kernel_lost", status.lost);
}

void health_tick(struct health *health, struct netlink *netlink, struct writer *writer,
	const struct health_gauges *gauges)
{
	int64_t now_msec = time_now_msec();

	tick_serials(health, writer, now_msec);
	if (health->dropped > 0)
		put_loss(writer, LOSS_QUEUE, health->dropped_since_msec, health->dropped_until_msec,
			health->dropped, NULL);
	health->dropped = 0;
	read_status(health, netlink, writer, now_msec);
	if (now_msec - health->heartbeat_msec < HEARTBEAT_MSEC)
		return;
	health->heartbeat_msec = now_msec;
	put_number(writer, "last_alive", (uint64_t)now_msec);
	put_number(writer, "queue", gauges->queued);
	put_number(writer, "processes_known", gauges->processes);
	put_number(writer, "processes_refused", gauges->process_births_refused);
	put_number(writer, "containers_alive", gauges->containers);
	put_number(writer, "rules_loaded", gauges->rules_loaded);
	put_number(writer, "rules_absent", gauges->rules_absent);
	put_number(writer, "broken_records", gauges->broken_records);
}

void health_not_drained(struct health *health, struct writer *writer, uint32_t n_records)
{
	log_warning("the kernel still holds %u audit records, and sends none: lost", n_records);
	put_loss(writer, LOSS_KERNEL, health->status_msec, time_now_msec(), n_records,
		"held back at the stop");
}

void health_stop(struct health *health, struct netlink *netlink, struct writer *writer)
{
	int64_t now_msec = time_now_msec();

	read_status(health, netlink, writer, now_msec);
	judge_serials(health, writer, health->highest_serial, now_msec);
	if (health->dropped > 0)
		put_loss(writer, LOSS_QUEUE, health->dropped_since_msec, health->dropped_until_msec,
			health->dropped, NULL);
	put_number(writer, "last_alive", (uint64_t)now_msec);
	put_number(writer, "stopped_at", (uint64_t)now_msec);
}
