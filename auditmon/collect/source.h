/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where the records come from
 *
 * The kernel itself, its multicast group, an audit daemon's plugin pipe or socket, or a log that
 * grows: each is a struct source with a table of verbs, and whoever reads one need not know which.
 * The same events come out of all of them, as records or as lines, in the sink's hands.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum source_kind {
	SOURCE_KERNEL,    /* auditmon is the audit daemon */
	SOURCE_MULTICAST, /* the kernel's read-only group, beside any audit daemon */
	SOURCE_PLUGIN,    /* auditd's child: records on standard input */
	SOURCE_SOCKET,    /* a client of auditd's af_unix plugin */
	SOURCE_LOG,       /* a log file, followed through its rotations */
	SOURCE_COUNT,
};
extern const char *const source_names[SOURCE_COUNT];

#define SOURCE_AUTO (-1)
#define SOURCE_SYNTAX "auto, kernel, multicast, plugin, socket[:PATH] or log[:FILE]"

struct source_choice {
	int kind;         /* enum source_kind, or SOURCE_AUTO */
	const char *path; /* of a socket or a log, within the text that was parsed; NULL: the
			     usual one */
};

/* 0 or -EINVAL: it is not as SOURCE_SYNTAX says. */
int source_choice_parse(const char *text, struct source_choice *ret);

/* Each callback returns 0 or a negative errno, which ends the read. What it is given is borrowed
 * for the call. */
struct source_sink {
	/* A record as the kernel has it: its type, and the text that starts with "audit(". */
	int (*on_record)(unsigned type, const char *text, size_t len, void *userdata);
	/* A line of a log, without its newline. whole: false for one that was too long; it is empty
	 * then. */
	int (*on_line)(const char *line, size_t len, bool whole, void *userdata);
	void *userdata;
};

struct source;

struct source_verbs {
	enum source_kind kind;
	/* Who writes to it waits for whoever reads, and holds up others: never pause. */
	bool must_drain;
	int (*start)(struct source *source);
	int (*stop)(struct source *source);
	int (*yield)(struct source *source);
	int (*tick)(struct source *source);
	int (*read)(struct source *source, unsigned max_records, const struct source_sink *sink);
	int (*fd)(const struct source *source);
	void (*free)(struct source *source);
};

/* The first member of each kind's own struct. */
struct source {
	const struct source_verbs *verbs;
};

/* Makes the records flow. 0, or an errno that the kind's header explains. */
int source_start(struct source *source);

/* Puts back what start changed; what has come until then can still be read. 0 or a negative errno.
 */
int source_stop(struct source *source);

/* Gives way to somebody else who will want everything as start made it. As source_stop(). */
int source_yield(struct source *source);

/* Once a second, for what no descriptor tells. 1: whoever wrote is there again, with another
 * source_fd(); 0; or a negative errno: the source is lost. */
int source_tick(struct source *source);

/*
 * Reads what is there, about max_records, without waiting. Returns how many; 0: none there;
 * -ENOBUFS: some are lost, go on; -ENOTCONN: whoever wrote is gone, source_fd() is -1 until
 * source_tick() has found it again; -EPIPE: gone for good; or another errno, of reading or of the
 * sink.
 */
int source_read(struct source *source, unsigned max_records, const struct source_sink *sink);

/* For polling; -1: nothing to poll at the moment. Borrowed. */
int source_fd(const struct source *source);

enum source_kind source_kind(const struct source *source);
bool source_must_drain(const struct source *source);

/*
 * Are there records that have not been read? Then ask the kernel for nothing, status and rules
 * included: where more are waiting than its backlog takes, it lets whoever speaks to it wait up to
 * a minute for the audit daemon to read (audit_receive() in kernel/audit.c), and that is us, or
 * waits for us.
 */
bool source_is_behind(const struct source *source);

void source_free(struct source *source);
DEFINE_CLEANUP(struct source *, source_free)
