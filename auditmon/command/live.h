/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The live pipeline: kernel -> decode -> attribute -> detect -> store
 *
 * One thread and one event loop up to the writer's queue. What the proc connector has to say is
 * always read before an audit record is attributed, and goes on being read while the queue is full
 * and the records wait in the kernel.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/config.h"
#include "collect/source.h"
#include "store/store.h"
#include "watch/rule.h"

enum live_show { SHOW_NONE, SHOW_FLAGGED, SHOW_ALL };

struct live_options {
	const struct config *config;
	const char *db_path;           /* for messages */
	const char *const *rule_paths; /* read again on SIGHUP */
	size_t n_rule_paths;
	struct source_choice source;
	enum live_show show; /* touches on standard output as they happen */
};

struct live;

/*
 * Opens the source and loads rules (taken over, as is store). Each failure is logged
 * as one line before it returns; what was changed in the kernel until then is put back. 0 or a
 * negative errno.
 */
int live_new(const struct live_options *options, struct store *store, struct rule_set *rules,
	struct live **ret);

/* Runs until SIGTERM or SIGINT (0), or until source or store are lost (negative errno, logged). */
int live_run(struct live *live);

/* Removes our rules, takes in what the kernel still holds, commits it, and puts the audit state
 * back. 0 or a negative errno, logged. */
int live_stop(struct live *live);

void live_free(struct live *live);
DEFINE_CLEANUP(struct live *, live_free)

/* What is wrong with a rule file, as one line: where, why, and what follows from it ("" or ";
 * ..."). */
void log_rule_error(const struct rule_error *error, int code, const char *consequence);
