/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/time.h"
#include "command/live-audited.h"
#include "command/live-internal.h"
#include "command/suppress-load.h"

/*
 * When the queue fills up, records are read in sips. A full stop would lose some: kauditd tries for
 * 100 ms to send one, five times, and after that it fills a queue that spills (kauditd_send_queue()
 * in kernel/audit.c); and once the socket was full, it must be seen empty before anything is sent
 * again (netlink_rcv_wake() in net/netlink/af_netlink.c).
 */
#define SIP_ABOVE_PERCENT 25
#define RESUME_BELOW_PERCENT 12
#define FULL_PERCENT 95
#define SIP_USEC 40000
#define SIP_BATCHES 64
#define SUSPECTS_USEC 3000
#define TICK_USEC 1000000
/* Events of one second can still be incomplete for two (libauparse), and be read later by what the
 * queue holds up. */
#define KEEP_DEAD_NSEC (5 * 1000000000ull)
#define SETTLE_NSEC (3 * 1000000000ull)

static int arm_suspects(struct live *live)
{
	if (live->suspects_armed || !lineage_has_suspects(live->lineage))
		return 0;
	live->suspects_armed = true;
	sd_event_source_set_time_relative(live->suspects_source, SUSPECTS_USEC);
	return sd_event_source_set_enabled(live->suspects_source, SD_EVENT_ONESHOT);
}

static int on_suspects(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct live *live = userdata;

	live->suspects_armed = false;
	lineage_poll(live->lineage, monotonic_now_nsec());
	return arm_suspects(live);
}

static int on_connector_ready(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct live *live = userdata;

	live_read_connector(live);
	return arm_suspects(live);
}

/* True where the database cannot be written any more: said once, and the loop ends. */
static bool store_is_lost(struct live *live)
{
	int error = writer_error(live->writer);

	if (error == 0)
		return false;
	if (live->failure == 0)
		log_error("%s: %s; stopping after what was received is stored",
			live->options.db_path, store_error_text(error));
	live->failure = error;
	sd_event_exit(live->loop, 0);
	return true;
}

static int sip(struct live *live)
{
	sd_event_source_set_enabled(live->audit_source, SD_EVENT_OFF);
	sd_event_source_set_time_relative(live->pause_source, SIP_USEC);
	return sd_event_source_set_enabled(live->pause_source, SD_EVENT_ONESHOT);
}

static int lose_source(struct live *live, int error)
{
	/* The audit daemon that we are a part of has ended: so do we. */
	if (error == -EPIPE && source_kind(live->source) == SOURCE_PLUGIN) {
		log_info("the audit daemon has closed our input");
		return sd_event_exit(live->loop, 0);
	}
	log_error("audit records: %s",
		error == -ESRCH ? "another process has become the audit daemon" : strerror(-error));
	live->failure = error;
	return sd_event_exit(live->loop, 0);
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct live *live = userdata;
	int n = 1;

	if (store_is_lost(live))
		return 0;
	if (writer_fill_percent(live->writer) < RESUME_BELOW_PERCENT)
		return sd_event_source_set_enabled(live->audit_source, SD_EVENT_ON);
	for (int i = 0;
		i < SIP_BATCHES && n > 0 && writer_fill_percent(live->writer) < FULL_PERCENT; i++)
		n = live_read_records(live);
	return n < 0 ? lose_source(live, n) : sip(live);
}

/*
 * The kernel refuses them our place as long as we live (audit_replace() in kernel/audit.c), so they
 * have failed by now; their next attempt will do.
 */
static void answer_rival(struct live *live)
{
	char why[80];

	snprintf(why, sizeof(why), "pid %d wants to be the audit daemon", live->place_wanted_by);
	live->place_wanted_by = 0;
	if (source_kind(live->source) != SOURCE_KERNEL)
		return;
	if (live->options.source.kind != SOURCE_AUTO)
		log_warning("audit: %s, which we are: not let (--source kernel)", why);
	else if (live_yield_source(live, why) == 0)
		log_warning("audit: the place is free: start it again");
}

int live_on_records(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct live *live = userdata;
	int n = live_read_records(live);

	if (n < 0)
		return lose_source(live, n);
	if (live->place_wanted_by != 0)
		answer_rival(live);
	/* At once: the reserve on a full disk is for what is on its way, not for another second of
	 * a flood. */
	if (store_is_lost(live) || source_must_drain(live->source) ||
		writer_fill_percent(live->writer) <= SIP_ABOVE_PERCENT)
		return 0;
	return sip(live);
}

static void fill_gauges(struct live *live, struct health_gauges *gauges)
{
	struct process_table_counts processes = lineage_counts(live->lineage);
	size_t n = watch_count(live->watch);

	*gauges = (struct health_gauges){
		.processes = processes.known,
		.process_births_refused = processes.refused,
		.containers = lineage_container_count(live->lineage),
		.containers_refused = lineage_containers_refused(live->lineage),
		.engine_sockets_left_out = live->engines_left_out,
		.queued = writer_queued(live->writer),
		.broken_records = decoder_counts(live->decoder)->broken,
		.cut_events = decoder_counts(live->decoder)->cut,
		.has_journal = live->journal,
	};
	if (live->passed_nsec > 0)
		gauges->passed_msec =
			time_now_msec() -
			(int64_t)((monotonic_now_nsec() - live->passed_nsec) / 1000000);
	if (live->journal)
		journal_counts(live->journal, &gauges->journal);
	for (size_t i = 0; i < n; i++) {
		bool loaded;

		const struct rule *rule = watch_rule(live->watch, i, &loaded);

		gauges->rules_loaded += loaded;
		/* Companions wait with their watch, or are not for this kernel. */
		gauges->rules_absent += !loaded && !rule->derived;
	}
}

/*
 * Events without an end are ended when they are old. On a machine that is behind, all are: one whose
 * records are still being read would be torn in two, and neither half would be a touch. So that is
 * for times in which nothing comes; while something does, libauparse goes by its time.
 */
static void age_events(struct live *live)
{
	uint64_t records = decoder_counts(live->decoder)->records;

	if (records == live->records_at_tick && !source_is_behind(live->source))
		decoder_age(live->decoder);
	live->records_at_tick = records;
}

/* What nobody has asked for: by then the records of all who were connected have come. */
static void settle_launchers(struct live *live)
{
	uint64_t until_nsec = monotonic_now_nsec();

	if (source_is_behind(live->source))
		until_nsec = live->passed_nsec;
	if (until_nsec > SETTLE_NSEC)
		launchers_settle_before(live->launchers, until_nsec - SETTLE_NSEC);
}

/* What journald was too slow for. */
static void tell_journal(struct live *live)
{
	struct journal_counts counts;

	if (!live->journal)
		return;
	journal_counts(live->journal, &counts);
	if (counts.dropped != live->journal_dropped)
		log_warning("journal: %" PRIu64 " alerts were dropped, as it did not take them in "
			    "time; they are in the database",
			counts.dropped - live->journal_dropped);
	live->journal_dropped = counts.dropped;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct live *live = userdata;
	struct health_gauges gauges;
	uint32_t kernel_lost;
	int r;

	sd_event_source_set_time_relative(source, TICK_USEC);
	live_sample_clock(live);
	age_events(live);
	if (live->passed_nsec > KEEP_DEAD_NSEC)
		lineage_expire(live->lineage, live->passed_nsec - KEEP_DEAD_NSEC);
	live_rules_tick(live);
	live_audited_tick(live);
	live_engines_tick(live);
	live_canary_tick(live);
	live_probe_tick(live);
	suppress_tell_expired(live->suppressions);
	tell_journal(live);
	live_settle_digests(live, false);
	fill_gauges(live, &gauges);
	settle_launchers(live);
	kernel_lost = live->health.kernel_lost;
	r = health_tick(&live->health, live->writer, &gauges);
	client_table_rely(live->clients, live->health.is_held_back);
	if (live->health.kernel_lost != kernel_lost)
		client_table_lost(live->clients, monotonic_now_nsec());
	if (r < 0 &&
		(live->options.source.kind != SOURCE_AUTO ||
			live_yield_source(live, "the audit daemon's place was taken from us") < 0))
		return lose_source(live, -ESRCH);
	r = source_tick(live->source);
	if (r > 0) {
		health_source_back(&live->health, live->writer);
		r = live_watch_source(live);
	}
	if (r < 0)
		return lose_source(live, r);
	store_is_lost(live);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct live *live = userdata;

	return sd_event_exit(live->loop, 0);
}

void log_rule_error(const struct rule_error *error, int code, const char *consequence)
{
	const char *file = error->file ? error->file : "rules";
	const char *reason = error->reason[0] ? error->reason : strerror(-code);

	if (error->line > 0)
		log_error("%s:%u: %s%s", file, error->line, reason, consequence);
	else
		log_error("%s: %s%s", file, reason, consequence);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct live *live = userdata;
	struct rule_error error = { 0 };
	struct rule_set *rules;
	int r;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_now_nsec() / 1000);
	r = rule_set_read(live->options.rule_paths, live->options.n_rule_paths, &rules, &error);
	if (r < 0) {
		log_rule_error(&error, r, "; the rules in force stay");
	} else {
		live_rules_apply(live, rules);
	}
	rule_error_done(&error);
	suppress_load(live->options.config, &live->suppressions);
	sd_notify(0, "READY=1");
	return 0;
}

static int set_up_sources(struct live *live)
{
	sd_event_source *connector, *tick;
	int r;

	r = sd_event_default(&live->loop);
	if (r < 0)
		return r;
	r = sd_event_add_io(live->loop, &connector, connector_fd(live->connector), POLLIN,
		on_connector_ready, live);
	if (r < 0)
		return r;
	sd_event_source_set_priority(connector, SD_EVENT_PRIORITY_IMPORTANT);
	sd_event_source_set_floating(connector, true);
	sd_event_source_unref(connector);
	r = sd_event_add_time_relative(
		live->loop, &live->pause_source, CLOCK_MONOTONIC, 0, 0, on_pause_over, live);
	if (r < 0)
		return r;
	sd_event_source_set_enabled(live->pause_source, SD_EVENT_OFF);
	r = live_rules_set_up_loop(live);
	if (r < 0)
		return r;
	r = sd_event_add_time_relative(
		live->loop, &live->suspects_source, CLOCK_MONOTONIC, 0, 0, on_suspects, live);
	if (r < 0)
		return r;
	sd_event_source_set_enabled(live->suspects_source, SD_EVENT_OFF);
	sd_event_source_set_priority(live->suspects_source, SD_EVENT_PRIORITY_IMPORTANT);
	r = sd_event_add_time_relative(
		live->loop, &tick, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick, live);
	if (r < 0)
		return r;
	/* Before the records: a flood of them must not starve what watches over it. */
	sd_event_source_set_priority(tick, SD_EVENT_PRIORITY_IMPORTANT + 1);
	sd_event_source_set_enabled(tick, SD_EVENT_ON);
	sd_event_source_set_floating(tick, true);
	sd_event_source_unref(tick);
	return 0;
}

static int set_up_signals(struct live *live)
{
	static const struct {
		int signal;
		sd_event_signal_handler_t handler;
	} handlers[] = {
		{ SIGTERM, on_signal },
		{ SIGINT, on_signal },
		{ SIGHUP, on_hangup },
	};
	sigset_t mask;

	/* sd-event reads them from a descriptor; the writer's thread, started later, inherits the
	 * mask. */
	sigemptyset(&mask);
	for (size_t i = 0; i < ELEMENTS(handlers); i++)
		sigaddset(&mask, handlers[i].signal);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	for (size_t i = 0; i < ELEMENTS(handlers); i++) {
		sd_event_source *source;
		int r = sd_event_add_signal(
			live->loop, &source, handlers[i].signal, handlers[i].handler, live);

		if (r < 0)
			return r;
		sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT + 2);
		sd_event_source_set_floating(source, true);
		sd_event_source_unref(source);
	}
	return 0;
}

int live_set_up_loop(struct live *live)
{
	int r = set_up_sources(live);

	r = r < 0 ? r : set_up_signals(live);
	return r < 0 ? r : live_set_up_watchdog(live);
}
