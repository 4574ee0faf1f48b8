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
#define MIN_WAIT_JIFFIES 1000
/* An event whose records have not all come is kept for so long (libauparse), and so is one whose
 * touch has to be looked up. */
#define INCOMPLETE_MSEC 2000

static void send_losses(struct health *health, struct writer *writer)
{
	for (int kind = 0; kind < LOSS_COUNT; kind++) {
		struct loss *loss = &health->pending[kind].loss;

		if (loss->since_msec != 0 && writer_put_loss(writer, loss) == 0)
			loss->since_msec = 0;
	}
}

/* A loss that is lost itself would be silence: what finds the queue full waits here. */
static void put_loss(struct health *health, struct writer *writer, enum loss_kind kind,
	int64_t since_msec, int64_t until_msec, uint64_t count, const char *detail)
{
	struct loss *loss = &health->pending[kind].loss;
	bool merged = loss->since_msec != 0;

	snprintf(health->pending[kind].detail, sizeof(health->pending[kind].detail), "%s",
		detail ? detail : "");
	*loss = (struct loss){
		.kind = kind,
		.since_msec =
			merged && loss->since_msec < since_msec ? loss->since_msec : since_msec,
		.until_msec =
			merged && loss->until_msec > until_msec ? loss->until_msec : until_msec,
		.count = merged ? loss->count + count : count,
		.detail = detail ? health->pending[kind].detail : NULL,
	};
	send_losses(health, writer);
}

static void put_number(struct writer *writer, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	writer_put_meta(writer, name, text);
}

void health_journal(struct writer *writer, const struct journal_counts *counts)
{
	const struct {
		const char *name;
		uint64_t value;
	} facts[] = {
		{ "journal_sent", counts ? counts->sent : 0 },
		{ "journal_failed", counts ? counts->failed : 0 },
		{ "journal_dropped", counts ? counts->dropped : 0 },
	};

	for (size_t i = 0; i < ELEMENTS(facts); i++) {
		if (counts)
			put_number(writer, facts[i].name, facts[i].value);
		else
			writer_put_meta(writer, facts[i].name, NULL);
	}
}

void health_start(struct health *health, struct writer *writer, const char *node,
	const char *last_alive, const char *recorded_until)
{
	int64_t now_msec = time_now_msec();

	health->status_msec = health->heartbeat_msec = health->judged_msec = now_msec;
	health->recorded_until_msec = last_alive ? strtoll(last_alive, NULL, 10) : 0;
	if (recorded_until && strtoll(recorded_until, NULL, 10) < health->recorded_until_msec)
		health->recorded_until_msec = strtoll(recorded_until, NULL, 10);
	writer_put_meta(writer, "node", node);
	writer_put_meta(writer, "version", AUDITMON_VERSION);
}

void health_ready(struct health *health, struct writer *writer)
{
	int64_t now_msec = time_now_msec(), since_msec = health->recorded_until_msec;

	health->is_ready = true;
	if (since_msec > 0 && since_msec < now_msec)
		put_loss(health, writer, LOSS_DOWNTIME, since_msec, now_msec, 0, NULL);
	if (since_msec == 0)
		put_number(writer, "recorded_since", (uint64_t)now_msec);
	put_number(writer, "running_since", (uint64_t)now_msec);
	put_number(writer, "last_alive", (uint64_t)now_msec);
	put_number(writer, "recorded_until", (uint64_t)now_msec);
}

/* backlog_wait_time is in jiffies (kernel/audit.c): of a second, if these are of a millisecond. */
static bool is_held_back(const struct health *health, const struct kernel_status *status)
{
	enum source_kind kind = source_kind(health->source);

	return (kind == SOURCE_KERNEL || (kind == SOURCE_MULTICAST && status->pid != 0)) &&
	       status->enabled != 0 && status->rate_limit == 0 && status->backlog_wait_time >= MIN_WAIT_JIFFIES;
}

void health_source(struct health *health, struct audit_control *control,
	const struct source *source, struct writer *writer, const char *why)
{
	struct kernel_status status;

	health->source = source;
	health->is_held_back = false;
	if (audit_control_status(control, &status) == 0) {
		health->kernel_lost = status.lost;
		health->is_held_back = is_held_back(health, &status);
	}
	writer_put_meta(writer, "source", source_names[source_kind(source)]);
	writer_put_meta(writer, "source_why", why);
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
	/* Far ahead, or far behind after the counter's wrap: the window starts anew there. */
	if (serial > health->judged_serial + HEALTH_SERIAL_WINDOW - 1 ||
		serial + HEALTH_SERIAL_WINDOW <= health->judged_serial) {
		health->serials_jumped = true;
		health->judged_serial = health->highest_serial = serial;
		memset(health->highest_at_tick, 0, sizeof(health->highest_at_tick));
		memset(health->seen, 0, sizeof(health->seen));
		return;
	}
	if (serial <= health->judged_serial)
		return;
	*byte_of(health, serial) |= (uint8_t)(1 << serial % 8);
	if (serial > health->highest_serial)
		health->highest_serial = serial;
}

/* auditd numbers its own messages (DAEMON_START, ...) by another counter. */
void health_line(struct health *health, const char *line, size_t len, const char *node)
{
	const char stamp[] = "msg=audit(", own[] = "type=DAEMON_", named[] = "node=";
	const size_t node_len = strlen(node);
	const char *text;

	if (len > sizeof(named) && memcmp(line, named, sizeof(named) - 1) == 0) {
		if (len < sizeof(named) + node_len ||
			memcmp(line + sizeof(named) - 1, node, node_len) != 0 ||
			line[sizeof(named) - 1 + node_len] != ' ')
			return;
		line += sizeof(named) + node_len;
		len -= sizeof(named) + node_len;
	}
	if (len < sizeof(own) || memcmp(line, own, sizeof(own) - 1) == 0)
		return;
	text = memmem(line, len < 64 ? len : 64, stamp, sizeof(stamp) - 1);
	if (text)
		health_record(health, text + sizeof(stamp) - 1,
			len - (size_t)(text + sizeof(stamp) - 1 - line));
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
		put_loss(health, writer, LOSS_SERIAL, health->judged_msec, now_msec, missing,
			detail);
	}
}

static void tick_serials(struct health *health, struct writer *writer, int64_t now_msec)
{
	if (health->serials_jumped)
		put_loss(health, writer, LOSS_SERIAL, health->judged_msec, now_msec, 0,
			"the serial numbers jumped");
	health->serials_jumped = false;
	judge_serials(health, writer, health->highest_at_tick[HEALTH_SERIAL_PATIENCE - 1],
		now_msec - HEALTH_SERIAL_PATIENCE * 1000);
	health->judged_msec = now_msec - HEALTH_SERIAL_PATIENCE * 1000;
	memmove(&health->highest_at_tick[1], &health->highest_at_tick[0],
		sizeof(health->highest_at_tick) - sizeof(health->highest_at_tick[0]));
	health->highest_at_tick[0] = health->highest_serial;
}

void health_overrun(struct health *health, struct writer *writer)
{
	bool is_log = source_kind(health->source) == SOURCE_LOG;
	int64_t now_msec = time_now_msec();

	/* In a flood this may come thousands of times a second; a row a second says the same. */
	if (now_msec - health->overrun_msec < 1000)
		return;
	log_warning(is_log ? "the log was cut short, or rotated away unread: records are lost"
			   : "the audit socket overran: records are lost");
	put_loss(health, writer, is_log ? LOSS_SOURCE : LOSS_SOCKET, health->status_msec, now_msec,
		0, NULL);
	health->overrun_msec = now_msec;
}

static void tick_source(struct health *health, struct writer *writer, int64_t now_msec)
{
	if (health->is_gone)
		put_loss(health, writer, LOSS_SOURCE, health->gone_msec, now_msec, 0, NULL);
	health->gone_msec = now_msec;
}

void health_source_gone(struct health *health)
{
	log_warning("source %s: gone; looking for it again each second",
		source_names[source_kind(health->source)]);
	health->is_gone = true;
	health->gone_msec = time_now_msec();
}

void health_source_back(struct health *health, struct writer *writer)
{
	log_info("source %s: back", source_names[source_kind(health->source)]);
	tick_source(health, writer, time_now_msec());
	health->is_gone = false;
}

void health_dropped(struct health *health, int64_t time_msec)
{
	if (health->dropped++ == 0)
		health->dropped_since_msec = time_msec;
	health->dropped_until_msec = time_msec;
}

void health_process_events_lost(struct health *health, struct writer *writer, int64_t span_msec)
{
	int64_t now_msec = time_now_msec();

	put_loss(health, writer, LOSS_PROC_EVENTS, now_msec - span_msec, now_msec, 0, NULL);
}

void health_rules_missing(struct health *health, struct writer *writer, int64_t since_msec,
	int64_t until_msec, const char *detail)
{
	put_loss(health, writer, LOSS_RULES, since_msec, until_msec, 0, detail);
}

void health_canary_lost(struct health *health, struct writer *writer, int64_t since_msec,
	int64_t until_msec, const char *detail)
{
	put_loss(health, writer, LOSS_CANARY, since_msec, until_msec, 0, detail);
}

static void note_switch(struct health *health, struct writer *writer,
	const struct kernel_status *status, int64_t now_msec)
{
	bool is_off = status->enabled == 0;

	if (is_off && !health->is_off)
		log_warning("auditing has been switched off: nothing is recorded until it is on "
			    "again");
	if (is_off)
		put_loss(health, writer, LOSS_KERNEL, health->status_msec, now_msec, 0,
			"auditing was switched off");
	health->is_off = is_off;
}

/* Without an audit daemon the kernel prints each record, and counts as lost what it cannot hold for
 * the next one (kauditd_hold_skb() in kernel/audit.c), though its multicast group has had it. */
static void note_daemon(struct health *health, const struct kernel_status *status)
{
	bool is_alone = source_kind(health->source) == SOURCE_MULTICAST &&
			kernel_status_other_daemon(status) == 0;

	if (is_alone && !health->is_alone)
		log_warning("the audit daemon is gone: records still come, but the kernel prints "
			    "them, too, and holds none back for us");
	health->is_alone = is_alone;
}

static void note_lost(struct health *health, struct writer *writer,
	const struct kernel_status *status, int64_t now_msec)
{
	/* The counter may have been reset (auditctl --reset-lost). */
	uint32_t lost = status->lost >= health->kernel_lost ? status->lost - health->kernel_lost
							    : status->lost;

	health->kernel_lost = status->lost;
	if (lost == 0)
		return;
	log_warning("the kernel lost %u audit records", lost);
	put_loss(health, writer, LOSS_KERNEL, health->status_msec, now_msec, lost,
		health->is_alone ? "without an audit daemon: not held for one, yet multicast"
				 : NULL);
}

static int read_status(struct health *health, struct writer *writer, int64_t now_msec)
{
	struct kernel_status status;

	if (!health->source || !status_poll_take(health->poll, &status))
		return 0;
	health->backlog_is_full =
		status.backlog_limit != 0 && status.backlog > status.backlog_limit;
	if (source_kind(health->source) == SOURCE_KERNEL && status.pid != getpid())
		return -ESRCH;
	note_switch(health, writer, &status, now_msec);
	note_daemon(health, &status);
	health->is_held_back = is_held_back(health, &status);
	note_lost(health, writer, &status, now_msec);
	health->status_msec = now_msec;
	if (now_msec - health->heartbeat_msec < HEARTBEAT_MSEC)
		return 0;
	put_number(writer, "kernel_backlog", status.backlog);
	put_number(writer, "kernel_backlog_limit", status.backlog_limit);
	put_number(writer, "kernel_lost", status.lost);
	put_number(writer, "kernel_locked", status.enabled == AUDIT_LOCKED);
	put_number(writer, "audit_daemon", (uint64_t)status.pid);
	return 0;
}

static void tick_decoder(struct health *health, struct writer *writer,
	const struct health_gauges *gauges, int64_t now_msec)
{
	uint64_t broken = gauges->broken_records - health->broken_records;
	uint64_t cut = gauges->cut_events - health->cut_events;

	if (broken + cut > 0)
		put_loss(health, writer, LOSS_BROKEN_RECORD, health->status_msec, now_msec,
			broken + cut,
			cut > 0 ? "events of which not all names were kept"
				: "records that could not be decoded");
	health->broken_records = gauges->broken_records;
	health->cut_events = gauges->cut_events;
}

int health_tick(struct health *health, struct writer *writer, const struct health_gauges *gauges)
{
	int64_t now_msec = time_now_msec();
	int r;

	tick_source(health, writer, now_msec);
	tick_decoder(health, writer, gauges, now_msec);
	tick_serials(health, writer, now_msec);
	if (health->dropped > 0)
		put_loss(health, writer, LOSS_QUEUE, health->dropped_since_msec,
			health->dropped_until_msec, health->dropped, NULL);
	health->dropped = 0;
	r = read_status(health, writer, now_msec);
	send_losses(health, writer);
	if (r < 0 || now_msec - health->heartbeat_msec < HEARTBEAT_MSEC)
		return r;
	health->heartbeat_msec = now_msec;
	put_number(writer, "last_alive", (uint64_t)now_msec);
	if (gauges->passed_msec > INCOMPLETE_MSEC)
		put_number(writer, "recorded_until",
			(uint64_t)(gauges->passed_msec - INCOMPLETE_MSEC));
	put_number(writer, "queue", gauges->queued);
	put_number(writer, "processes_known", gauges->processes);
	put_number(writer, "processes_refused", gauges->process_births_refused);
	put_number(writer, "containers_alive", gauges->containers);
	put_number(writer, "containers_refused", gauges->containers_refused);
	put_number(writer, "rules_loaded", gauges->rules_loaded);
	put_number(writer, "rules_absent", gauges->rules_absent);
	put_number(writer, "engine_sockets_left_out", gauges->engine_sockets_left_out);
	put_number(writer, "broken_records", gauges->broken_records);
	health_journal(writer, gauges->has_journal ? &gauges->journal : NULL);
	return 0;
}

void health_not_drained(struct health *health, struct writer *writer, uint32_t n_records)
{
	log_warning("the kernel still holds %u audit records, and sends none: lost", n_records);
	put_loss(health, writer, LOSS_KERNEL, health->status_msec, time_now_msec(), n_records,
		"held back at the stop");
}

void health_stop(struct health *health, struct writer *writer, int64_t watched_until_msec)
{
	int64_t now_msec = time_now_msec();

	/* Of a start that failed nothing is to be told; the time until the next one goes on. */
	if (!health->is_ready)
		return;

	read_status(health, writer, now_msec);
	judge_serials(health, writer, health->highest_serial, now_msec);
	if (health->dropped > 0)
		put_loss(health, writer, LOSS_QUEUE, health->dropped_since_msec,
			health->dropped_until_msec, health->dropped, NULL);
	writer_flush(writer);
	send_losses(health, writer);
	put_number(writer, "last_alive", (uint64_t)watched_until_msec);
	put_number(writer, "recorded_until", (uint64_t)watched_until_msec);
	put_number(writer, "stopped_at", (uint64_t)now_msec);
}
