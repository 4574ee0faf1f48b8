/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/log.h"
#include "command/live-internal.h"

#define FILES_TICKS 30

/* What connects to those is not recorded. Said when it begins, and when there are more. */
static void tell_left_out(struct live *live)
{
	size_t n = engine_listeners_left_out(live->listeners);

	if (n > live->engines_left_out)
		log_warning("engines: %zu sockets under an engine's name are more than are "
			    "watched: who connects there is not recorded",
			n);
	live->engines_left_out = n;
}

static int look(struct live *live, enum engine_look how)
{
	int r = engine_listeners_look(
		live->listeners, live->sockets, host_mounts_now(live->mounts), how);

	if (r < 0)
		return r;
	tell_left_out(live);
	client_table_note_elsewhere(live->clients, engine_listeners_elsewhere(live->listeners));
	return r;
}

int live_engines_find(struct live *live)
{
	int r = look(live, ENGINE_LOOK_AT_ALL);

	return r < 0 ? r : 0;
}

void live_engines_tick(struct live *live)
{
	bool files = ++live->engines_ticks % FILES_TICKS == 0;
	int r = look(live, files ? ENGINE_LOOK_AT_FILES : ENGINE_LOOK_IF_CHANGED);

	if (r == 1)
		live->engines_came = true;
	/* While the kernel waits for us to read, it must not be asked: another tick will do. */
	if (!live->engines_came || source_is_behind(live->source) || live->health.backlog_is_full)
		return;
	live->engines_came = false;
	if (live->rules_locked) {
		log_warning("engines: one listens that did not before, and rules are locked "
			    "(auditctl -e 2): who connects there may not be recorded");
		return;
	}
	r = live_rules_add_engines(live);
	if (r < 0)
		log_warning("engines: out of memory; some sockets are not watched");
}
