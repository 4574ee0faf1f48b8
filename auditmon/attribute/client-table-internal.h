/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Client table from the inside: shared by client-table.c (records, pictures, joining) and
 * client-scan.c (who holds a connection, by /proc)
 */

#include "attribute/client-table.h"
#include "attribute/clock.h"

#define CONNECTION_BUCKETS 512
#define MAX_PLACES 64
#define MAX_LISTENERS 64
#define PID_BITS 32768
#define MAX_DAEMONS 16

/* A path at which an engine listens, or did; the identity is that of the file there now. */
struct engine_place {
	char *path;
	uint32_t inode; /* 0: none */
	uint32_t dev_major, dev_minor;
};

/* A record of a connect that no connection is known for. */
struct connect {
	struct client *client; /* counted */
	const char *via;
	uint32_t client_inode; /* 0: the client was gone */
	uint64_t time_nsec;
	bool is_hidden;       /* its client is in a network namespace of its own */
	uint64_t closed_nsec; /* by then its connection was over; 0: not proven */
};

/* Each connect of late, for when there is no picture. */
struct recent {
	struct client *client; /* counted */
	const char *via;
	uint64_t time_nsec;
};

struct client_table {
	struct client_table_options options;
	struct unix_diag *diag;
	struct connection *buckets[CONNECTION_BUCKETS]; /* the open ones, by the engine's end */
	size_t n_connections;
	struct connect *connects; /* oldest first */
	struct recent *recent;    /* oldest first */
	size_t n_connects, n_recent;
	uint8_t pids[PID_BITS / 8]; /* a process may have been a client: a filter */
	struct engine_place places[MAX_PLACES];
	size_t n_places;
	uint32_t listeners[MAX_LISTENERS];    /* inodes of the engines' own sockets, as last seen */
	bool listener_is_held[MAX_LISTENERS]; /* somebody who holds it is among daemons */
	size_t n_listeners;
	const struct engine_place *listens_at; /* of the last of them */
	pid_t daemons[MAX_DAEMONS];
	size_t n_daemons;
	uint32_t daemons_of[MAX_LISTENERS]; /* the listeners that daemons was found for */
	size_t n_daemons_of;
	bool has_network;  /* one of daemons listens on the network, too */
	uint32_t *visible; /* inodes of all that was listed */
	size_t n_visible, max_visible;
	uint64_t look_nsec;     /* of the last update */
	uint64_t identify_nsec; /* of the last scan */
	uint64_t lost_nsec;     /* when records were lost last; 0: never */
	uint64_t evicted;
	bool overflown;
	bool found_listener;
};

/* One that was listed; the engines' descriptors are looked at after all. */
void client_table_see_inode(struct client_table *table, uint32_t inode);
void client_table_look_at_engines(struct client_table *table);

/* An engine holds a connection that is not in the list. */
void client_table_add_hidden(struct client_table *table, uint32_t server_inode);
