/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From an event to its touches: who, through which container, what of the host
 *
 * Joins what the other rooms of this stage know: lineage (which process, which entry), host-path (which file), action (what was done), users and redact. A
 * log without a live host behind it has neither lineage nor resolver: then containers and host paths are unknown, and the touch says so.
 */

#include "attribute/clock.h"
#include "attribute/client-table.h"
#include "attribute/host-path.h"
#include "attribute/launcher.h"
#include "attribute/lineage.h"
#include "attribute/redact.h"
#include "attribute/users.h"
#include "collect/event.h"
#include "runtime/engine-socket.h"

struct attributor {
	struct lineage *lineage;	/* NULL: from a log */
	struct path_resolver *resolver; /* NULL: from a log */
	struct watch_paths *watched;	/* NULL: from a log */
	struct users *users;		/* NULL: names only as the log has them */
	struct redact *redact;		/* NULL: nothing is redacted */
	const struct audit_clock *clock;
	const char *node; /* for events that name none; NULL: none known */
	const struct engine_sockets *sockets; /* NULL: none are known */
	struct client_table *clients; /* NULL: from a log */
	struct launchers *launchers;  /* NULL: from a log */
	struct ancestor *chain_of; /* counted: whose ancestry chain is; begins as NULL */
	char *chain;		  /* heap */
	int proc_fd;	  /* for argv longer than a record holds; -1: none */

	/* The touch is borrowed for the call; its flags are not set yet. */
	void (*on_touch)(struct touch *touch, const struct touch_facts *facts, void *userdata);
	void *userdata;
};

/* Frees what an attributor keeps of its own between events. */
void attributor_done(struct attributor *attributor);

/* Calls on_touch for each path that the event touched, in the order of their items. */
void attribute_event(struct attributor *attributor, const struct event *event);
