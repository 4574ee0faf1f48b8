/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <libaudit.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "command/engine-rules.h"
#include "command/live-audited.h"
#include "command/live-internal.h"
#include "detect/detect.h"
#include "output/terminal.h"
#include "output/touch-line.h"

#define READ_BATCH 32
#define STAMP_TOLERANCE_NSEC (25 * 1000000ull)

/* While a batch of records is gone through, processes come and go. */
#define CONNECTOR_PAUSE_NSEC (2 * 1000000ull)

static void show(struct live *live, const struct touch *touch)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (live->options.show == SHOW_NONE ||
		(live->options.show == SHOW_FLAGGED && (!touch->flags || touch->suppressed)))
		return;
	/* Whoever reads our output must not hold up the records. */
	if (poll(&out, 1, 0) <= 0 || !(out.revents & POLLOUT)) {
		live->not_shown++;
		return;
	}
	if (live->not_shown > 0)
		printf("(%" PRIu64 " touches not shown: the output was not read)\n",
			live->not_shown);
	live->not_shown = 0;
	touch_line_print(stdout, touch, terminal_colour());
	fflush(stdout);
}

/*
 * Before the store: an alert leaves the host at once. Our own touches stay out of the journal, so
 * that nothing that we send can make us send again.
 */
static void alert(struct live *live, const struct touch *touch)
{
	if (live->journal && touch->flags && !touch->suppressed && touch->pid != getpid())
		journal_put(live->journal, touch);
}

/* The pause leaves room for a batch, so this is the exception: waiting is better than losing, but
 * not where the audit daemon, and the host behind it, would wait for us. */
static bool wait_for_room(struct live *live)
{
	if (source_must_drain(live->source))
		return false;
	writer_flush(live->writer);
	return true;
}

void live_on_touch(struct touch *touch, const struct touch_facts *facts, void *userdata)
{
	struct live *live = userdata;
	int r;

	detect(touch, facts, live->policy);
	if (live_canary_took(live, touch))
		return;
	touch->suppressed = suppressions_find(live->suppressions, touch, facts);
	if (touch->flags & FLAG_BIT(FLAG_TRUST_CHANGE))
		digests_touch(live->digests, touch, time_now_msec());
	show(live, touch);
	alert(live, touch);
	r = writer_put_touch(live->writer, touch);
	if (r == -EAGAIN && wait_for_room(live))
		r = writer_put_touch(live->writer, touch);
	if (r < 0)
		health_dropped(&live->health, touch->time_msec);
}

static void hear_engine(struct live *live, const struct event *event, uint64_t time_nsec)
{
	const uint64_t *arguments = event->arguments;

	if (strcmp(event->syscall, "accept4") == 0) {
		if (event->success && event->exit >= 0 && event->exit <= INT_MAX)
			client_table_accepted(live->clients, event->pid, (int)event->exit, time_nsec);
		return;
	}
	if (arguments[0] > INT_MAX)
		return;
	if (strcmp(event->syscall, "read") == 0)
		client_table_read(live->clients, event->pid, (int)arguments[0], arguments[2],
			event->exit, time_nsec);
	else if (strcmp(event->syscall, "shutdown") == 0 && event->success &&
		 arguments[1] != SHUT_RD)
		client_table_shut(live->clients, event->pid, (int)arguments[0], time_nsec);
}

/* What our own rules tell of an engine is no touch. */
static bool is_of_engine(const struct event *event)
{
	return event->key && (strcmp(event->key, ENGINE_RULES_KEY_SHUTDOWN) == 0 ||
				     strcmp(event->key, ENGINE_RULES_KEY_REQUEST) == 0);
}

static void pass(struct live *live, uint64_t time_nsec)
{
	live->passed_nsec = time_nsec;
	client_table_heard(live->clients, time_nsec);
}

void live_sample_clock(struct live *live)
{
	if (audit_clock_sample(&live->clock))
		client_table_lost(live->clients, monotonic_now_nsec());
}

void live_on_event(const struct event *event, void *userdata)
{
	struct live *live = userdata;
	uint64_t time_nsec = audit_clock_monotonic_nsec(&live->clock, event->time_msec);

	/* Its pids are not ours. */
	if (event->node && strcmp(event->node, live->node) != 0) {
		attribute_event(&live->foreign, event);
		return;
	}
	/* The kernel exempts only the audit daemon from its rules, which we need not be; what we
	 * write would be told, written, told again. */
	if (event->pid == getpid() && event->time_msec >= live->began_msec)
		return;
	if (event->config_op)
		live_audited_changed(live);
	/* Ours may be among them; whether they are, is seen when they are wanted again. */
	if (!event->has_syscall && event->config_op && !event->config_failed &&
		strcmp(event->config_op, "remove_rule") == 0)
		live_rules_were_removed(live, event->time_msec);
	if (event->has_syscall && event->syscall)
		hear_engine(live, event, time_nsec);
	if (!is_of_engine(event))
		attribute_event(&live->attributor, event);
	if (time_nsec > live->passed_nsec)
		pass(live, time_nsec);
	if (monotonic_now_nsec() > live->connector_read_nsec + CONNECTOR_PAUSE_NSEC)
		live_read_connector(live);
}

static void on_process_event(const struct process_event *event, void *userdata)
{
	struct live *live = userdata;

	if (event->type == PROCESS_EXIT)
		client_table_ended(live->clients, event->pid, event->time_nsec);
	live->n_heard++;
	lineage_event(live->lineage, event);
}

void live_on_runtime(pid_t pid, uint64_t time_nsec, void *userdata)
{
	struct live *live = userdata;

	launchers_runtime_works(live->launchers, pid, time_nsec);
}

void live_on_entry(
	struct entry *entry, pid_t maker, uint64_t maker_start_nsec, void *userdata)
{
	struct live *live = userdata;

	launchers_entry_began(live->launchers, entry, maker, maker_start_nsec);
}

void live_on_settled(const struct entry *entry, void *userdata)
{
	struct live *live = userdata;
	const struct container_info *info = entry->container->info;
	struct entry_record record = {
		.runtime = info->runtime,
		.container_id = info->id,
		.boot = live->boot,
		.pid = entry->pid,
		.start_nsec = entry->start_nsec,
		.began_msec = time_now_msec() -
			      (int64_t)((monotonic_now_nsec() - entry->start_nsec) / 1000000),
		.kind = entry->kind,
	};
	int r;

	/* A runtime's stage that has come and gone is no way in. */
	if (entry->began_nsec != 0 && entry->exec_nsec == 0 && !entry->alive)
		return;
	launcher_get(entry->launcher, &record.launcher);
	if (record.launcher.auid != AUID_UNSET)
		record.launcher.login =
			users_name(live->users, record.launcher.auid, time_now_msec());
	record.launcher.argv = redact_arguments(live->redact, record.launcher.argv);
	r = writer_put_entry(live->writer, &record);
	if (r == -EAGAIN) {
		writer_flush(live->writer);
		r = writer_put_entry(live->writer, &record);
	}
	if (r < 0)
		health_dropped(&live->health, time_now_msec());
}

void live_on_remembered(const struct entry_record *record, void *userdata)
{
	struct live *live = userdata;

	/* Without memory its human is not known any more. */
	launchers_remember(live->launchers, record->container_id, record->pid, record->start_nsec,
		&record->launcher);
}

void live_look_at_clients(struct live *live)
{
	struct picture *picture;
	uint64_t now_nsec = monotonic_now_nsec();

	if (client_table_look(live->clients, now_nsec, &picture) < 0)
		return;
	picture_unref(picture);
	client_table_identify(live->clients, now_nsec);
}

struct entry *live_entry_of(pid_t pid, const char **ret_doubt, void *userdata)
{
	struct live *live = userdata;

	return lineage_entry_of(live->lineage, pid, ret_doubt);
}

/* In place: a mask is longer than what it hides only for the shortest values, and then it is cut.
 */
static void redact_in_place(struct redact *redact, char *argv, size_t *len)
{
	struct arguments before = { argv, *len, true }, after;

	if (!argv)
		return;
	after = redact_arguments(redact, before);
	if (after.bytes == argv)
		return;
	*len = after.len < *len ? after.len : *len;
	memcpy(argv, after.bytes ? after.bytes : "", after.bytes ? *len : 0);
	if (!after.bytes)
		*len = 0;
}

void live_on_container(const struct container *container, void *userdata)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	struct live *live = userdata;
	int r = container_info_copy(container->info, &info);

	if (r == 0) {
		redact_in_place(live->redact, info->command, &info->command_len);
		redact_in_place(live->redact, info->created_by, &info->created_by_len);
		r = writer_put_container(live->writer, info, time_now_msec());
	}
	if (r == -EAGAIN && wait_for_room(live))
		r = writer_put_container(live->writer, info, time_now_msec());
	if (r < 0)
		health_dropped(&live->health, time_now_msec());
}

void live_on_container_end(const struct container *container, void *userdata)
{
	struct live *live = userdata;

	writer_put_container_end(
		live->writer, container->info->runtime, container->info->id, time_now_msec());
}

void live_read_connector(struct live *live)
{
	uint64_t began_nsec = monotonic_now_nsec(), now_nsec;
	uint64_t since_nsec = live->connector_read_nsec, n_heard = live->n_heard;
	int r = connector_read(live->connector, on_process_event, live);

	live->connector_read_nsec = began_nsec;
	if (live->n_heard != n_heard || r == -ENOBUFS)
		live_probe_heard(live);
	client_table_read_rests(live->clients);
	if (r != -ENOBUFS)
		return;
	now_nsec = monotonic_now_nsec();
	/* A stamp is taken a little before its event is in the socket. */
	since_nsec -= since_nsec > STAMP_TOLERANCE_NSEC ? STAMP_TOLERANCE_NSEC : since_nsec;
	log_warning("process events were lost: attribution of the last %.1f s carries doubt",
		(double)(now_nsec - since_nsec) / 1e9);
	lineage_rescan(live->lineage, since_nsec, now_nsec);
	client_table_lost(live->clients, now_nsec);
	launchers_lost(live->launchers, now_nsec);
	health_process_events_lost(
		&live->health, live->writer, (int64_t)((now_nsec - since_nsec) / 1000000));
}

/* The whole batch has been received: the births that it is about are in the socket by now. */
static void catch_up_on_births(struct live *live)
{
	if (live->connector_is_read)
		return;
	live_read_connector(live);
	live->connector_is_read = true;
}

static int on_record(unsigned type, const char *text, size_t len, void *userdata)
{
	struct live *live = userdata;

	/* Not a record: the kernel asks whether we live, as somebody wants our place. */
	if (type == AUDIT_REPLACE) {
		memcpy(&live->place_wanted_by, text,
			len < sizeof(live->place_wanted_by) ? 0 : sizeof(live->place_wanted_by));
		return 0;
	}
	catch_up_on_births(live);
	/* auditd numbers its own messages by another counter. */
	if (type < AUDIT_FIRST_DAEMON || type > AUDIT_LAST_DAEMON)
		health_record(&live->health, text, len);
	return decoder_record(live->decoder, type, text, len);
}

static int on_line(const char *line, size_t len, bool whole, void *userdata)
{
	struct live *live = userdata;

	catch_up_on_births(live);
	if (!whole) {
		decoder_broken_line(live->decoder);
		return 0;
	}
	health_line(&live->health, line, len, live->node);
	return decoder_line(live->decoder, line, len);
}

/* One batch of records: how many there were, 0: none, or a negative errno. */
int live_read_records(struct live *live)
{
	const struct source_sink sink = { on_record, on_line, live };
	uint64_t before_nsec = monotonic_now_nsec();
	int n;

	live->connector_is_read = false;
	live_sample_clock(live);
	n = source_read(live->source, READ_BATCH, &sink);
	if (n == 0 && before_nsec > live->passed_nsec)
		pass(live, before_nsec);
	if (n == -ENOTCONN) {
		decoder_flush(live->decoder);
		health_source_gone(&live->health);
		return live_watch_source(live);
	}
	if (n != -ENOBUFS)
		return n;
	health_overrun(&live->health, live->writer);
	client_table_lost(live->clients, monotonic_now_nsec());
	return 1;
}
