/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-rules.h"

#include <errno.h>
#include <inttypes.h>
#include <libaudit.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "base/host-mounts.h"
#include "base/log.h"
#include "base/time.h"
#include "command/coverage.h"
#include "command/engine-rules.h"
#include "command/live-internal.h"

/* Between two looks at the kernel's rules while somebody is deleting them. */
#define LOOK_AGAIN_USEC 50000
#define RETRY_TICKS 30
/* After a rule has gone with its directory, which may be made again at any moment. */
#define EAGER_TICKS 60
#define MEANWHILE_FULL_PERCENT 75
#define MEANWHILE_PAUSE_NSEC 2000000
#define NSEC_PER_SEC 1000000000
#define OUR_FILE "(built in)"

/*
 * The kernel lets nobody ask or change anything while its backlog is full (audit_receive() in
 * kernel/audit.c), and it is we who empty that: so what is asked for long is asked from a thread,
 * and this one reads meanwhile. The work touches nothing that an event on its way looks at.
 */
struct meanwhile {
	void (*work)(struct live *live, void *userdata);
	struct live *live;
	void *userdata;
};

static void *run_work(void *userdata)
{
	const struct meanwhile *meanwhile = userdata;

	meanwhile->work(meanwhile->live, meanwhile->userdata);
	return NULL;
}

/* Did anything come? */
static bool read_on(struct live *live)
{
	int n = 0;

	live_tell_busy(live);
	live_read_connector(live);
	if (writer_fill_percent(live->writer) < MEANWHILE_FULL_PERCENT)
		n = live_read_records(live);
	return n > 0;
}

static void read_meanwhile(
	struct live *live, void (*work)(struct live *live, void *userdata), void *userdata)
{
	struct meanwhile meanwhile = { work, live, userdata };
	struct timespec until;
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_work, &meanwhile) != 0) {
		work(live, userdata);
		return;
	}
	do {
		clock_gettime(CLOCK_REALTIME, &until);
		if (read_on(live))
			continue;
		until.tv_nsec += MEANWHILE_PAUSE_NSEC;
		until.tv_sec += until.tv_nsec / NSEC_PER_SEC;
		until.tv_nsec %= NSEC_PER_SEC;
	} while (pthread_timedjoin_np(thread, NULL, &until) != 0);
}

bool live_rules_are_locked(struct live *live)
{
	struct kernel_status status;

	return audit_control_status(live->control, &status) == 0 && status.enabled == AUDIT_LOCKED;
}

static int boot_id(char buffer[OWNERSHIP_BOOT_SIZE])
{
	sd_id128_t id;
	int r = sd_id128_get_boot(&id);

	if (r == 0)
		sd_id128_to_string(id, buffer);
	return r;
}

static bool is_owned(const struct rule *rule, void *ownership)
{
	return ownership_has(ownership, rule);
}

static bool mark_is_there(struct live *live, const char *mark)
{
	_cleanup_(rule_set_freep) struct rule_set *all = NULL;

	if (watch_list_kernel(live->watch, &all) < 0)
		return false;
	for (size_t i = 0; i < all->n_rules; i++)
		if (all->rules[i]->key && strstr(all->rules[i]->key, mark))
			return true;
	return false;
}

static void make_mark(struct live *live)
{
	sd_id128_t id;

	if (sd_id128_randomize(&id) == 0)
		snprintf(live->ownership.mark, sizeof(live->ownership.mark), "%016" PRIx64,
			id.qwords[0]);
}

void live_rules_adopt(struct live *live)
{
	char boot[OWNERSHIP_BOOT_SIZE];
	struct ownership left = { 0 };
	int n, r = boot_id(boot);

	make_mark(live);
	r = r < 0 ? r : ownership_read(live->rules_path, boot, &left);
	if (r < 0 && r != -ENOENT && r != -ESTALE)
		log_warning("%s: %s", live->rules_path, strerror(-r));
	if (r < 0)
		return;
	if (!mark_is_there(live, left.mark)) {
		log_info("rules: those of an earlier run have been deleted since");
	} else {
		n = watch_adopt(live->watch, is_owned, &left);
		if (n > 0) {
			log_info("rules: %d were left behind by an earlier run, and are ours", n);
			memcpy(live->ownership.mark, left.mark, sizeof(left.mark));
		}
	}
	ownership_done(&left);
}

/* Ours, and what will be once it can be loaded. Before it is: a kill may come in between. */
static void write_down(struct live *live, const struct rule_set *next)
{
	_cleanup_(rule_set_freep) struct rule_set *all = NULL;
	struct rule_index kernel = { 0 };
	char boot[OWNERSHIP_BOOT_SIZE];
	int r = boot_id(boot);

	free(live->ownership.rules);
	live->ownership.rules = NULL;
	live->ownership.n_rules = 0;
	for (size_t i = 0; r >= 0 && i < watch_count(live->watch); i++) {
		bool loaded;
		const struct rule *rule = watch_rule(live->watch, i, &loaded);

		if (watch_is_ours(live->watch, i))
			r = ownership_add(&live->ownership, rule);
	}
	if (next && r >= 0)
		r = watch_list_kernel(live->watch, &all);
	r = r < 0 ? r : rule_index_init(&kernel, all);
	for (size_t i = 0; r >= 0 && next && i < next->n_rules; i++)
		if (!rule_index_find(&kernel, next->rules[i], NULL))
			r = ownership_add(&live->ownership, next->rules[i]);
	rule_index_done(&kernel);
	r = r < 0 ? r : ownership_write(live->rules_path, boot, &live->ownership);
	if (r < 0)
		log_warning("%s: %s: rules that a kill leaves behind will not be known as ours",
			live->rules_path, strerror(-r));
}

static unsigned wants_of(const struct rule *rule)
{
	uint32_t perm = rule_perm(rule);

	return (perm & AUDIT_PERM_READ ? WATCH_READS : 0) |
	       (perm & (AUDIT_PERM_WRITE | AUDIT_PERM_ATTR) ? WATCH_CHANGES : 0);
}

/* What is watched, and what of next (NULL: nothing) will be: its events may come before all of it
 * is loaded. */
static void tell_watched_paths(struct live *live, const struct rule_set *next)
{
	size_t n = watch_count(live->watch), n_next = next ? next->n_rules : 0, n_written = 0;
	_cleanup_(freep) struct watch_path *list = calloc(n + n_next + 1, sizeof(*list));

	for (size_t i = 0; list && i < n + n_next; i++) {
		bool loaded;
		const struct rule *rule =
			i < n ? watch_rule(live->watch, i, &loaded) : next->rules[i - n];

		if (rule->derived)
			continue;
		list[n_written++] =
			(struct watch_path){ rule->path, rule->key, rule->tree, wants_of(rule) };
	}
	if (!list || watch_paths_set(live->watched, list, n_written, time_now_msec()) < 0)
		log_warning("watched paths: out of memory; some paths will be told less exactly");
}

/* A refused rule as one line: where it stands and what the kernel said. */
static void log_refusal(const struct watch_refusal *refusal, int error)
{
	const struct rule *rule = refusal->rule;

	if (error == -EPERM)
		log_error("rules: the kernel does not take them: locked (auditctl -e 2) or no "
			  "CAP_AUDIT_CONTROL");
	else if (rule)
		log_error("%s:%u: the kernel refused '%s': %s", rule->file ? rule->file : "rule",
			rule->line, rule->text, strerror(-error));
	else
		log_error("rules: %s", strerror(-error));
}

/* First of all, as the first of several rules that match gives the key. */
static int add_canary(struct live *live, struct rule_set *rules)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	char line[1024];
	int r;

	if (canary_rule(live->canary, live->ownership.mark, line, sizeof(line)) < 0)
		return 0;
	r = rule_parse(line, OUR_FILE, 0, &rule, &error);
	rule_error_done(&error);
	if (!rule)
		return r == -ENOMEM ? r : 0;
	/* What is done to it is known; its directory's other files are nobody's business. */
	rule->alone = true;
	r = rule_set_add(rules, rule);
	if (r < 0)
		return r;
	memmove(&rules->rules[1], &rules->rules[0], (rules->n_rules - 1) * sizeof(rules->rules[0]));
	rules->rules[0] = rule;
	return 0;
}

static void tell_what_is_loaded(struct live *live)
{
	size_t n = watch_count(live->watch), n_absent = 0, n_loaded = 0, n_derived = 0;

	for (size_t i = 0; i < n; i++) {
		bool loaded;
		const struct rule *rule = watch_rule(live->watch, i, &loaded);

		n_derived += loaded && rule->derived;
		n_loaded += loaded && !rule->derived;
		if (!loaded && !rule->derived) {
			n_absent++;
			log_debug("%s:%u: not there yet: %s", rule->file, rule->line, rule->path);
		}
	}
	log_info(live->rules_locked
			 ? "%zu rules and %zu that go with them are in force, %zu are not"
			 : "%zu rules loaded and %zu that go with them, %zu wait for their paths "
			   "to appear",
		n_loaded, n_derived, n_absent);
}

static bool is_audit_daemon(const struct live *live)
{
	return source_kind(live->source) == SOURCE_KERNEL;
}

/* A set on its way into the kernel. */
struct application {
	struct rule_set *rules;
	struct watch_refusal refusal;
	bool locked;     /* before */
	bool now_locked; /* by its own settings */
	int result;
};

static void apply(struct live *live, void *userdata)
{
	struct application *application = userdata;
	struct rule_set *rules = application->rules;
	bool is_daemon = is_audit_daemon(live);

	application->locked = live_rules_are_locked(live);
	if (application->locked) {
		application->result = watch_observe(live->watch, rules);
	} else {
		write_down(live, rules);
		application->result = watch_apply(live->watch, rules, &application->refusal);
	}
	/* Of a set that was refused the settings are not asked for either. One that was not is the
	 * watch's now, and still there. */
	if (application->result < 0)
		return;
	applied_settings_set(&live->settings, &rules->settings, live->control, is_daemon);
	if (!application->locked)
		application->now_locked =
			applied_settings_lock(&live->settings, live->control, is_daemon);
}

static int add_engines(struct live *live, struct rule_set *rules)
{
	int r = engine_rules_add(live->sockets, rules);

	r = r < 0 ? r
		  : engine_rules_add_dockerd(live->proc_fd, host_mounts_now(live->mounts), rules);
	return r < 0 ? r : engine_rules_add_trust(live->proc_fd, rules);
}

int live_rules_apply(struct live *live, struct rule_set *rules)
{
	struct application application = { .rules = rules };
	int r = add_canary(live, rules);

	r = r < 0 ? r : live_engines_find(live);
	r = r < 0 ? r : add_engines(live, rules);
	r = r < 0 ? r : coverage_add(live->options.config->coverage, rules);
	if (r < 0) {
		rule_set_free(rules);
		return r;
	}
	/* What comes before all are loaded is of these already. */
	tell_watched_paths(live, rules);
	read_meanwhile(live, apply, &application);
	live->rules_locked = application.locked;
	if (application.locked)
		log_warning("rules: locked (auditctl -e 2): they stay as they are until the next "
			    "boot");
	r = application.result;
	if (r < 0) {
		log_refusal(&application.refusal, r);
		return r;
	}
	if (live->rules_gap_msec != 0)
		health_rules_missing(&live->health, live->writer, live->rules_gap_msec,
			time_now_msec(), "watch rules were deleted");
	live->rules_gap_msec = live->rules_removed_msec = 0;
	live->rules_looked_msec = time_now_msec();
	tell_watched_paths(live, NULL);
	if (live_learn_trust(live) < 0)
		log_warning("digests: out of memory; some changes of trust will be told without");
	tell_what_is_loaded(live);
	live->rules_locked = live->rules_locked || application.now_locked;
	return 0;
}

static void retry(struct live *live, void *ret_n_added)
{
	*(int *)ret_n_added = watch_retry(live->watch);
}

/*
 * Brings back what is missing, and tells how long it was: from when the kernel said so, or else
 * from the last look. A rule whose directory is gone cannot come back before that does; until then
 * there is nothing for it to see, but nothing tells when it begins.
 */
static void look(struct live *live)
{
	int64_t began_msec = time_now_msec(), removed_msec = live->rules_removed_msec, now_msec;
	int n_added = 0;
	size_t n_gone;

	/* What the kernel says from now on is for the next look. */
	live->rules_removed_msec = 0;
	read_meanwhile(live, retry, &n_added);
	n_gone = watch_gone(live->watch);
	now_msec = time_now_msec();
	if (n_gone > 0 && live->rules_gap_msec == 0)
		live->rules_gap_msec = removed_msec ? removed_msec : live->rules_looked_msec;
	live->rules_looked_msec = began_msec;
	if (removed_msec != 0 || n_gone > 0)
		client_table_lost(live->clients, monotonic_now_nsec());
	if (n_gone > 0)
		live->rules_eager_ticks = EAGER_TICKS;
	if (n_added <= 0)
		return;
	tell_watched_paths(live, NULL);
	write_down(live, NULL);
	if (live->rules_gap_msec == 0)
		return;
	log_warning("watch rules were deleted: %d are loaded again", n_added);
	health_rules_missing(&live->health, live->writer, live->rules_gap_msec, now_msec,
		"watch rules were deleted");
	live->rules_gap_msec = 0;
}

static void extend(struct live *live, void *userdata)
{
	struct application *application = userdata;

	write_down(live, application->rules);
	application->result = watch_extend(live->watch, application->rules, &application->refusal);
}

int live_rules_add_engines(struct live *live)
{
	_cleanup_(rule_set_freep) struct rule_set *more = calloc(1, sizeof(*more));
	struct application application = { .rules = more };
	int r = more ? add_engines(live, more) : -ENOMEM;

	if (r < 0)
		return r;
	/* What waits for a directory that is there now, and what somebody took away. */
	look(live);
	tell_watched_paths(live, more);
	read_meanwhile(live, extend, &application);
	r = application.result;
	if (r < 0)
		log_refusal(&application.refusal, r);
	else if (r > 0)
		log_info("rules: %d more are wanted, for engines that came later", r);
	tell_watched_paths(live, NULL);
	if (r > 0 && live_learn_trust(live) < 0)
		log_warning("digests: out of memory; some changes of trust will be told without");
	return 0;
}

/* While the kernel waits for us to read, it must not be asked: a little later then. */
static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct live *live = userdata;

	if (!source_is_behind(live->source)) {
		live->rules_suspected = false;
		live->rules_next_usec = usec + LOOK_AGAIN_USEC;
		look(live);
		return 0;
	}
	sd_event_source_set_time_relative(source, LOOK_AGAIN_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void live_rules_were_removed(struct live *live, int64_t time_msec)
{
	/* Those on engines may be among them: what is not heard of those may have been. */
	client_table_lost(live->clients, monotonic_now_nsec());
	if (live->rules_removed_msec == 0)
		live->rules_removed_msec = time_msec;
	if (live->rules_suspected || live->rules_locked)
		return;
	live->rules_suspected = true;
	sd_event_source_set_time(live->rules_source, live->rules_next_usec);
	sd_event_source_set_enabled(live->rules_source, SD_EVENT_ONESHOT);
}

/* Not in force as long as the lock lasts: a loss that grows. */
static void tell_of_lock(struct live *live)
{
	int64_t now_msec = time_now_msec();
	size_t n_absent = 0;

	for (size_t i = 0; i < watch_count(live->watch); i++) {
		bool loaded;

		watch_rule(live->watch, i, &loaded);
		n_absent += !loaded;
	}
	if (n_absent > 0)
		health_rules_missing(&live->health, live->writer, live->rules_looked_msec, now_msec,
			"rules are locked (auditctl -e 2), and not all are in force");
	live->rules_looked_msec = now_msec;
}

void live_rules_tick(struct live *live)
{
	if (live->rules_locked) {
		tell_of_lock(live);
		return;
	}
	if (live->rules_eager_ticks > 0)
		live->rules_eager_ticks--;
	if (++live->ticks % RETRY_TICKS != 0 && live->rules_eager_ticks == 0)
		return;
	/* Another tick will do. */
	if (!source_is_behind(live->source) && !live->health.backlog_is_full)
		look(live);
}

static void clear(struct live *live, void *ret_result)
{
	*(int *)ret_result = watch_clear(live->watch);
	if (!live_rules_are_locked(live))
		applied_settings_undo(&live->settings, live->control, is_audit_daemon(live));
}

int live_rules_clear(struct live *live)
{
	int r = 0;

	read_meanwhile(live, clear, &r);
	if (r == 0) {
		unlink(live->rules_path);
		return 0;
	}
	if (live_rules_are_locked(live)) {
		log_warning("rules: locked (auditctl -e 2): ours stay until the next boot");
		return 0;
	}
	log_error("rules: could not remove all of ours: %s", strerror(-r));
	return r;
}

int live_rules_set_up_loop(struct live *live)
{
	int r = sd_event_add_time_relative(
		live->loop, &live->rules_source, CLOCK_MONOTONIC, 0, 1, on_look, live);

	if (r < 0)
		return r;
	/* Before the records: what is deleted must not wait for what is read. */
	sd_event_source_set_priority(live->rules_source, SD_EVENT_PRIORITY_IMPORTANT);
	return sd_event_source_set_enabled(live->rules_source, SD_EVENT_OFF);
}
