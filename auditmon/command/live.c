/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "base/file.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/time.h"
#include "command/live-audited.h"
#include "command/live-internal.h"
#include "command/suppress-load.h"
#include "store/former.h"
#include "store/query.h"

#define DRAIN_PATIENCE_MSEC 5000
#define PRIORITY (-10) /* nice(2); auditd gives itself -4 */
#define MAX_CLIENTS 2048
#define MAX_REMEMBERED_ENTRIES 4096

static int set_up_runtime(struct live *live)
{
	const struct config *config = live->options.config;
	int r = runtime_new("/proc", "", &live->runtime);

	for (size_t i = 0; r == 0 && i < config->docker_roots.n; i++)
		r = runtime_add_root(live->runtime, "docker", config->docker_roots.items[i]);
	for (size_t i = 0; r == 0 && i < config->podman_roots.n; i++)
		r = runtime_add_root(live->runtime, "podman", config->podman_roots.items[i]);
	return r;
}

/* The database, wherever it is, is our own file; so is this very program. */
static int set_up_policy(struct live *live)
{
	_cleanup_(freep) char *db = realpath(live->options.db_path, NULL);
	_cleanup_(freep) char *own_path = db ? glob_beginning(db) : NULL;
	_cleanup_(freep) char *program = realpath("/proc/self/exe", NULL);
	const struct policy_settings settings = {
		.config = live->options.config,
		.own_paths = (const char *const[]){ own_path },
		.n_own_paths = own_path ? 1 : 0,
		.own_program = program,
	};

	return db && !own_path ? -ENOMEM : policy_new(&settings, &live->policy);
}

static int set_up_launchers(struct live *live)
{
	const struct client_table_options client_options = {
		.proc_fd = live->proc_fd,
		.sockets = live->sockets,
		.mounts = live->mounts,
		.limit = MAX_CLIENTS,
		.entry_of = live_entry_of,
		.on_client = live_on_client,
		.userdata = live,
	};
	struct launchers_options options = {
		.proc_fd = live->proc_fd,
		.users = live->users,
		.redact = live->redact,
		.clock = &live->clock,
		.on_settled = live_on_settled,
		.userdata = live,
	};
	int r = client_table_new(&client_options, &live->clients);

	options.clients = live->clients;
	return r < 0 ? r : launchers_new(&options, &live->launchers);
}

static int set_up_attribution(struct live *live)
{
	const struct config *config = live->options.config;
	const struct lineage_options options = {
		.proc = "/proc",
		.runtime = live->runtime,
		.process_limit = config->process_limit,
		.container_limit = config->container_limit,
		.on_container = live_on_container,
		.on_container_end = live_on_container_end,
		.on_runtime = live_on_runtime,
		.on_entry = live_on_entry,
		.userdata = live,
	};
	int r;

	audit_clock_init(&live->clock);
	if (config->node)
		snprintf(live->node, sizeof(live->node), "%s", config->node);
	else if (gethostname(live->node, sizeof(live->node) - 1) < 0)
		return -errno;
	r = lineage_new(&options, &live->lineage);
	r = r < 0 ? r : watch_paths_new(&live->watched);
	r = r < 0 ? r : path_resolver_new("/proc", live->watched, &live->resolver);
	r = r < 0 ? r : users_new(&live->users);
	r = r < 0 ? r
		  : redact_new((const char *const *)config->redact.items, config->redact.n,
			    &live->redact);
	r = r < 0 ? r
		  : engine_sockets_new((const char *const *)config->engine_sockets.items,
			    config->engine_sockets.n, &live->sockets);
	r = r < 0 ? r : host_mounts_new("/proc", &live->mounts);
	r = r < 0 ? r
		  : engine_listeners_new(
			    &(struct engine_listeners_options){ .proc_fd = live->proc_fd },
			    &live->listeners);
	r = r < 0 ? r : set_up_policy(live);
	r = r < 0 ? r : suppress_load(config, &live->suppressions);
	r = r < 0 ? r : digests_new("", &(struct digest_limits){ 0 }, &live->digests);
	r = r < 0 ? r : set_up_launchers(live);
	r = r < 0 ? r : decoder_new(live_on_event, live, &live->decoder);
	live->attributor = (struct attributor){
		.lineage = live->lineage,
		.resolver = live->resolver,
		.watched = live->watched,
		.users = live->users,
		.redact = live->redact,
		.sockets = live->sockets,
		.clients = live->clients,
		.launchers = live->launchers,
		.clock = &live->clock,
		.node = live->node,
		.proc_fd = live->proc_fd,
		.on_touch = live_on_touch,
		.userdata = live,
	};
	live->foreign = (struct attributor){
		.redact = live->redact,
		.proc_fd = -1,
		.on_touch = live_on_touch,
		.userdata = live,
	};
	return r;
}

/* The kernel's doors, each with the line that says what to do when it stays shut. */
static int open_sources(struct live *live)
{
	int r = audit_control_new(&live->control);

	if (r == -EPERM)
		log_error("audit: no permission: run as root, in the host's own namespaces");
	else if (r == -EPROTONOSUPPORT)
		log_error("audit: this kernel has no audit support (CONFIG_AUDIT)");
	else if (r < 0)
		log_error("audit: %s", strerror(-r));
	r = r < 0 ? r : live_open_source(live);
	if (r < 0)
		return r;
	r = watch_new(&live->watch);
	if (r < 0) {
		log_error("audit rules: %s", strerror(-r));
		return r;
	}
	r = connector_new(live->options.config->connector_buffer, &live->connector);
	if (r < 0)
		log_error("proc connector: %s",
			r == -EPROTONOSUPPORT ? "this kernel has none (CONFIG_PROC_EVENTS): "
						"containers could not be told"
					      : strerror(-r));
	return r;
}

/* What an earlier run found out of entries that may live still. */
static void remember_entries(struct live *live, struct store *store)
{
	_cleanup_(freep) char *boot = NULL;
	size_t len;
	int r;

	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", sizeof(live->boot), &boot, &len) < 0)
		return;
	boot[strcspn(boot, "\n")] = '\0';
	snprintf(live->boot, sizeof(live->boot), "%s", boot);
	r = entry_each(store, live->boot, MAX_REMEMBERED_ENTRIES, live_on_remembered, live);
	if (r < 0)
		log_warning("%s: %s", live->options.db_path, store_error_text(r));
}

static void remember_container(const char *id, uid_t of_user, void *userdata)
{
	struct live *live = userdata;

	lineage_remember(live->lineage, id, of_user);
}

static void remember_containers(struct live *live, struct store *store)
{
	int r = former_each(store, LINEAGE_REMEMBERS, remember_container, live);

	if (r < 0)
		log_warning("%s: %s", live->options.db_path, store_error_text(r));
}

static int start_recording(struct live *live, struct store *store)
{
	const struct writer_limits limits = {
		.max_queued = LIVE_MAX_QUEUED,
		.max_queued_bytes = LIVE_MAX_QUEUED_BYTES,
		.max_batch = LIVE_MAX_BATCH,
		.max_age_msec = live->options.config->retention_msec,
		.max_bytes = live->options.config->retention_bytes,
	};
	_cleanup_(freep) char *last_alive = NULL, *recorded_until = NULL;
	int r;

	/* Absent on a database that no daemon has recorded to yet. */
	r = query_meta(store, "last_alive", &last_alive);
	if (r == 0)
		r = query_meta(store, "recorded_until", &recorded_until);
	if (r < 0 && r != -ENOENT)
		log_warning("%s: %s", live->options.db_path, store_error_text(r));
	remember_entries(live, store);
	remember_containers(live, store);
	r = writer_new(store, &limits, &live->writer);
	if (r < 0) {
		store_close(store);
		log_error("%s: %s", live->options.db_path, store_error_text(r));
		return r;
	}
	if (live->options.config->journal) {
		r = journal_new(&(struct journal_limits){ 0 }, &live->journal);
		if (r < 0) {
			log_error("journal: %s", strerror(-r));
			return r;
		}
	}
	health_start(&live->health, live->writer, live->node, last_alive, recorded_until);
	return 0;
}

/* Files of our own stand beside the database. */
static int name_state_files(struct live *live, const struct store *store)
{
	_cleanup_(freep) char *canary = NULL;
	int r;

	if (asprintf(&live->rules_path, "%s-rules", store_path(store)) < 0) {
		live->rules_path = NULL;
		return -ENOMEM;
	}
	if (asprintf(&canary, "%s-canary", store_path(store)) < 0) {
		canary = NULL;
		return -ENOMEM;
	}
	r = canary_new(canary, live->options.config->canary_interval_msec, &live->canary);
	if (r < 0)
		log_warning("canary: %s: %s: what comes through cannot be proven", canary,
			r == -EPERM ? "not a file of our own" : strerror(-r));
	return 0;
}

int live_new(const struct live_options *options, struct store *store, struct rule_set *rules,
	struct live **ret)
{
	_cleanup_(rule_set_freep) struct rule_set *wanted = rules;
	_cleanup_(store_closep) struct store *open_store = store;
	_cleanup_(live_freep) struct live *live = calloc(1, sizeof(*live));
	int r;

	if (!live)
		return -ENOMEM;
	live->options = *options;
	live->began_msec = time_now_msec();
	live->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (live->proc_fd < 0) {
		r = -errno;
		log_error("/proc: %s", strerror(-r));
		return r;
	}
	r = open_sources(live);
	if (r < 0)
		return r;
	r = set_up_runtime(live);
	r = r < 0 ? r : set_up_attribution(live);
	r = r < 0 ? r : live_set_up_loop(live);
	if (r < 0) {
		log_error("start: %s", strerror(-r));
		return r;
	}
	r = name_state_files(live, open_store);
	if (r < 0)
		return r;
	r = start_recording(live, TAKE(open_store));
	if (r < 0)
		return r;
	live->connector_read_nsec = live->heard_nsec = monotonic_now_nsec();
	r = lineage_scan(live->lineage, live->connector_read_nsec);
	if (r < 0) {
		log_error("/proc: %s", strerror(-r));
		return r;
	}
	r = live_start_source(live);
	if (r < 0)
		return r;
	r = status_poll_new(&live->poll);
	if (r < 0) {
		log_error("audit: %s", strerror(-r));
		return r;
	}
	live->health.poll = live->poll;
	live_rules_adopt(live);
	r = live_rules_apply(live, TAKE(wanted));
	if (r < 0)
		return r;
	live_audited_begin(live);
	/* Who is connected already is in no record that will come. */
	live_look_at_clients(live);
	health_ready(&live->health, live->writer);
	/* A kill at any moment from now on leaves a gap that has a beginning. */
	writer_flush(live->writer);
	*ret = TAKE(live);
	return 0;
}

/*
 * What a process is must be read while it lives, and on a busy machine who waits for his turn comes
 * too late. For this thread alone; the writer has time. Where that is not ours to do, the unit does
 * it.
 */
static void hurry(void)
{
	if (getpriority(PRIO_PROCESS, 0) > PRIORITY)
		setpriority(PRIO_PROCESS, 0, PRIORITY);
}

int live_run(struct live *live)
{
	int r;

	hurry();
	log_info("ready: recording to %s", live->options.db_path);
	sd_notify(0, "READY=1");
	r = sd_event_loop(live->loop);
	sd_notify(0, "STOPPING=1");
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	return r < 0 ? r : live->failure;
}

/*
 * Our rules are gone: what they made before is on its way, and the kernel says when nothing is
 * left. As long as records come there is no hurry; a kernel that keeps some back and sends none has
 * lost them for us.
 */
static void drain(struct live *live)
{
	bool is_daemon = source_kind(live->source) == SOURCE_KERNEL;
	int64_t progress_msec = time_now_msec();
	struct kernel_status status = { 0 };

	while (time_now_msec() - progress_msec < DRAIN_PATIENCE_MSEC) {
		struct pollfd pollfd = { .fd = source_fd(live->source), .events = POLLIN };
		int n = live_read_records(live);

		if (n > 0) {
			progress_msec = time_now_msec();
			continue;
		}
		/* Another daemon's backlog is not ours to wait for, nor would asking end before it.
		 */
		if (n < 0 || (is_daemon && audit_control_status(live->control, &status) < 0))
			return;
		/* A record leaves the backlog before it is in the socket: only an empty socket
		 * after an empty backlog is the end. */
		if (status.backlog == 0 && poll(&pollfd, 1, is_daemon ? 20 : 200) == 0)
			return;
	}
	if (is_daemon)
		health_not_drained(&live->health, live->writer, status.backlog);
}

/* Those that were not taken are in the database all the same. */
static void close_journal(struct live *live)
{
	struct journal_counts counts;
	size_t n_left;

	if (!live->journal)
		return;
	n_left = journal_end(TAKE(live->journal), &counts);
	health_journal(live->writer, &counts);
	if (n_left > 0)
		log_error("journal: %zu alerts were not taken", n_left);
}

static int close_store(struct live *live, int first)
{
	size_t n_left;
	int r;

	n_left = writer_stop(live->writer);
	r = writer_free(TAKE(live->writer));
	if (n_left > 0)
		log_error("%s: %zu touches could not be stored", live->options.db_path, n_left);
	else if (r < 0 && r != live->failure)
		log_error("%s: %s", live->options.db_path, store_error_text(r));
	return first ? first : r;
}

int live_stop(struct live *live)
{
	int64_t watched_until_msec;
	int r, first = 0;

	if (!live->writer)
		return 0;
	watched_until_msec = time_now_msec();
	first = live_rules_clear(live);
	drain(live);
	health_stop(&live->health, live->writer, watched_until_msec);
	r = source_stop(live->source);
	if (r < 0) {
		log_error("audit: could not restore its state: %s", strerror(-r));
		first = first ? first : r;
	}
	while (live_read_records(live) > 0)
		;
	decoder_flush(live->decoder);
	live_settle_digests(live, true);
	close_journal(live);
	return close_store(live, first);
}

void live_free(struct live *live)
{
	if (!live)
		return;
	live_stop(live);
	sd_event_source_unref(live->audit_source);
	sd_event_source_unref(live->pause_source);
	sd_event_source_unref(live->suspects_source);
	sd_event_source_unref(live->rules_source);
	canary_free(live->canary);
	ownership_done(&live->ownership);
	applied_settings_done(&live->settings);
	free(live->rules_path);
	sd_event_unref(live->loop);
	decoder_free(live->decoder);
	attributor_done(&live->attributor);
	attributor_done(&live->foreign);
	engine_listeners_free(live->listeners);
	engine_sockets_free(live->sockets);
	host_mounts_free(live->mounts);
	policy_free(live->policy);
	suppressions_free(live->suppressions);
	digests_free(live->digests);
	path_resolver_free(live->resolver);
	watch_paths_free(live->watched);
	users_free(live->users);
	redact_free(live->redact);
	launchers_free(live->launchers);
	client_table_free(live->clients);
	lineage_free(live->lineage);
	runtime_free(live->runtime);
	connector_free(live->connector);
	watch_free(live->watch);
	source_free(live->source);
	status_poll_free(live->poll);
	audit_control_free(live->control);
	closep(&live->proc_fd);
	free(live);
}
