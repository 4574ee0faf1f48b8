/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-source.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/proc.h"
#include "base/log.h"
#include "collect/source-log.h"
#include "collect/source-netlink.h"
#include "collect/source-stream.h"
#include "command/live-internal.h"

#define DEFAULT_LOG "/var/log/audit/audit.log"
#define MAX_YIELD_BATCHES 4096

static void log_failure(enum source_kind kind, const char *path, int error)
{
	static const struct {
		enum source_kind kind;
		int error;
		const char *text;
	} reasons[] = {
		{ SOURCE_KERNEL, -EEXIST,
			"an audit daemon is there already: stop it first, or listen beside it "
			"(--source multicast)" },
		{ SOURCE_MULTICAST, -ENETUNREACH,
			"not in the initial network namespace: the kernel sends no records here" },
		{ SOURCE_MULTICAST, -EPERM, "no permission: needs CAP_AUDIT_READ" },
		{ SOURCE_PLUGIN, -ENOTSUP,
			"standard input is no pipe or socket: a plugin is started by auditd" },
	};

	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (reasons[i].kind == kind && reasons[i].error == error) {
			log_error("audit: %s", reasons[i].text);
			return;
		}
	log_error("audit: source %s%s%s: %s", source_names[kind], path ? ":" : "", path ? path : "",
		strerror(-error));
}

static int open_kind(struct live *live, enum source_kind kind)
{
	switch (kind) {
	case SOURCE_KERNEL:
		return source_kernel_new(
			live->control, live->options.config->backlog_limit, &live->source);
	case SOURCE_MULTICAST:
		return source_multicast_new(&live->source);
	case SOURCE_PLUGIN:
		return source_plugin_new(STDIN_FILENO, &live->source);
	case SOURCE_SOCKET:
		return source_socket_new(live->options.source.path, &live->source);
	case SOURCE_LOG:
		return source_log_new(
			live->options.source.path ? live->options.source.path : DEFAULT_LOG, false,
			&live->source);
	default:
		return -EOPNOTSUPP;
	}
}

static void say_why(struct live *live, const char *why, pid_t daemon)
{
	_cleanup_(freep) char *exe = NULL;

	if (daemon == 0) {
		snprintf(live->source_why, sizeof(live->source_why), "%s", why);
		return;
	}
	proc_read_exe(live->proc_fd, daemon, &exe);
	snprintf(live->source_why, sizeof(live->source_why), "%s (%s, pid %d)", why,
		exe ? exe : "unknown", daemon);
}

/* 0 where none is there, or that cannot be told. */
static pid_t find_daemon(struct live *live)
{
	struct kernel_status status;

	return audit_control_status(live->control, &status) < 0
		       ? 0
		       : kernel_status_other_daemon(&status);
}

static enum source_kind pick(struct live *live)
{
	pid_t daemon = find_daemon(live);

	if (daemon == 0) {
		say_why(live, "no audit daemon is there", 0);
		return SOURCE_KERNEL;
	}
	if (daemon == getppid()) {
		say_why(live, "started by the audit daemon", daemon);
		return SOURCE_PLUGIN;
	}
	say_why(live, "an audit daemon is there", daemon);
	return SOURCE_MULTICAST;
}

int live_open_source(struct live *live)
{
	const struct source_choice *choice = &live->options.source;
	enum source_kind kind;
	pid_t daemon;
	int r;

	if (choice->kind == SOURCE_AUTO) {
		kind = pick(live);
	} else {
		kind = (enum source_kind)choice->kind;
		say_why(live, "asked for", 0);
	}
	/* Before anything is changed; start looks again. */
	daemon = kind == SOURCE_KERNEL ? find_daemon(live) : 0;
	r = daemon ? -EEXIST : open_kind(live, kind);
	if (daemon)
		log_error("audit: an audit daemon is there already (pid %d): stop it first, or "
			  "listen beside it (--source multicast)",
			daemon);
	else if (r < 0)
		log_failure(kind, choice->path, r);
	return r;
}

/* Somebody may have become the audit daemon since it was looked for. */
static int start(struct live *live)
{
	struct source *first = live->source;
	int r = source_start(live->source);

	if (r != -EEXIST || live->options.source.kind != SOURCE_AUTO)
		return r;
	live->source = NULL;
	source_free(first);
	r = live_open_source(live);
	return r < 0 ? r : source_start(live->source);
}

int live_start_source(struct live *live)
{
	int r = start(live);

	if (r < 0) {
		if (live->source)
			log_failure(source_kind(live->source), live->options.source.path, r);
		return r;
	}
	health_source(&live->health, live->control, live->source, live->writer, live->source_why);
	log_info("source: %s: %s", source_names[source_kind(live->source)], live->source_why);
	return live_watch_source(live);
}

int live_watch_source(struct live *live)
{
	int enabled = SD_EVENT_ON, fd = source_fd(live->source);

	if (live->audit_source)
		sd_event_source_get_enabled(live->audit_source, &enabled);
	live->audit_source = sd_event_source_disable_unref(live->audit_source);
	if (fd < 0)
		return 0;
	if (sd_event_add_io(live->loop, &live->audit_source, fd, POLLIN, live_on_records, live) < 0)
		return -ENOMEM;
	return sd_event_source_set_enabled(live->audit_source, enabled);
}

int live_yield_source(struct live *live, const char *why)
{
	struct source *former = live->source, *fresh;
	int r = source_multicast_new(&fresh);

	if (r < 0)
		return r;
	r = source_start(fresh);
	if (r < 0) {
		source_free(fresh);
		return r;
	}
	/* From here on all comes to both: what is in the former's socket is read out, and what both
	 * had is stored once. */
	source_yield(former);
	for (unsigned i = 0; i < MAX_YIELD_BATCHES && live_read_records(live) > 0; i++)
		;
	decoder_flush(live->decoder);
	live->source = fresh;
	source_free(former);
	snprintf(live->source_why, sizeof(live->source_why), "%s", why);
	health_source(&live->health, live->control, live->source, live->writer, live->source_why);
	log_warning("source: multicast: %s", why);
	return live_watch_source(live);
}
