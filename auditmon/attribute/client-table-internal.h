/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Client table from the inside: shared by client-table.c (its life, and what records tell),
 * client-look.c (what is connected now), client-join.c (which connect that was), client-scan.c (who
 * holds a connection, by /proc), client-engine.c (what the engines hold) and client-seen.c (who can
 * have asked)
 */

#include "attribute/client-table.h"
#include "attribute/clock.h"
#include "attribute/engine-protocol.h"

#define CONNECTION_BUCKETS 512
#define MAX_PLACES 64
#define MAX_LISTENERS 64
#define PID_BITS 32768
#define MAX_DAEMONS 16

/* A path at which an engine listens, or did; the identity is that of the file there, now or last. */
struct engine_place {
	char *path;
	uint32_t inode; /* 0: none */
	uint32_t dev_major, dev_minor;
	bool is_there;
	uint32_t listener;    /* inode of the socket that listens, as last listed */
	bool may_speak_http2; /* who holds that: see engine-protocol.h */
};

/* A record of a connect that no connection is known for. */
struct connect {
	struct client *client; /* counted */
	const char *via;
	uint32_t client_inode; /* 0: the client was gone */
	uint64_t time_nsec;
	bool is_hidden;       /* its client is in a network namespace of its own */
	uint64_t closed_nsec; /* by then its connection was over; 0: not proven */
	uint64_t last_nsec;   /* what was first seen later is not its connection; 0: may be */
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
	uint64_t places_nsec; /* when they were read */
	bool places_are_old;  /* something listens at a path, and is not what was there */
	uint32_t unplaced;    /* that, as seen last */
	uint32_t listeners[MAX_LISTENERS];    /* inodes of the engines' own sockets, as last seen */
	bool listener_is_held[MAX_LISTENERS]; /* somebody who holds it is among daemons */
	size_t n_listeners;
	const struct engine_place *listens_at; /* of the last of them */
	pid_t daemons[MAX_DAEMONS];
	char *programs[MAX_DAEMONS]; /* their executables, as found; NULL: not known */
	uint64_t starts_nsec[MAX_DAEMONS]; /* 0: not known */
	size_t n_daemons;
	uint32_t daemons_of[MAX_LISTENERS]; /* the listeners that daemons was found for */
	size_t n_daemons_of;
	/* Where one of daemons, or another engine's, listens besides; NULL: nowhere. */
	const char *elsewhere, *others_elsewhere;
	bool has_network; /* one of both */
	struct engine_protocols protocols;
	uint32_t *visible; /* inodes of all that was listed */
	size_t n_visible, max_visible;
	uint64_t look_nsec;     /* of the last update */
	uint64_t whole_nsec;    /* of the last one that listed everything; 0: none yet */
	uint64_t rests_nsec;    /* when the clients' processor time was read last */
	uint64_t heard_nsec;    /* all records from before have been told */
	uint64_t join_nsec;     /* once those from before are, there is something to join; 0: no */
	uint64_t identify_nsec; /* of the last scan */
	uint64_t lost_nsec;     /* when records were lost last; 0: never */
	uint64_t late_nsec;     /* when they came late last; 0: never */
	bool relies_on_records; /* see client_table_rely() */
	uint64_t audited_nsec;  /* see client_table_audited() */
	uint64_t evicted;
	struct request_log requests;
	bool overflown;
	bool has_waiting; /* an engine has yet to accept a connection */
	bool found_listener;
};

/* Stamps of records are that much early at most, and the joining of connect and accept that late.
 */
#define CLIENT_SLACK_NSEC (20 * 1000000ull)

/* One place for each path; it stays, as connections and entries name it. NULL: no room. */
struct engine_place *client_table_place(struct client_table *table, const char *path);

struct connection *client_table_find(struct client_table *table, uint32_t server_inode);

/* Brings the connections up to now. 0, or the error of listing. */
int client_table_update(struct client_table *table, uint64_t now_nsec);

/* A client is of that pid: its end will be wanted. */
void client_table_note_pid(struct client_table *table, pid_t pid);

/* To whom it may concern: a new client, or one that has ended. */
void client_table_tell(
	const struct client_table *table, const struct client *client, const char *via);

uint64_t client_table_now(const struct client_table *table);

/* Joins the connections and the connects that name one descriptor. */
void client_table_join(struct client_table *table);

/* After a look, which succeeded: joins what is left to those that it can be of only. */
void client_table_join_the_rest(struct client_table *table);

/* Can the connect be the connection's? */
bool client_table_may_be(const struct connect *connect, const struct connection *connection);

/* One that was listed; the engines' descriptors are looked at after all. */
void client_table_see_inode(struct client_table *table, uint32_t inode);
void client_table_look_at_engines(struct client_table *table);
void client_table_forget_daemons(struct client_table *table);

/* Are all threads of the engine audited, for sure? */
bool client_table_is_audited(const struct client_table *table, pid_t engine);

/* An engine holds a connection that is not in the list. */
void client_table_add_hidden(struct client_table *table, uint32_t server_inode);
