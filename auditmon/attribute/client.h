/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Clients of container engines, and the connections that carry their requests
 *
 * A client is one process that connected to an engine's socket, or was found holding a connection,
 * with all that names the human: loginuid, argv, who stands above it, and where it runs inside a
 * container, the entry that it came by. A connection is known by the inode of the engine's end,
 * which the engine keeps open as long as it works on a request. Whoever opens a connection answers
 * for it, also where it hands it on; but where that can be seen (it has ended, and the connection's
 * client's end is open), its login is not certain, unless a process of that login holds it still.
 *
 * A picture is what was connected at one moment. All three are counted references; single-threaded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attribute/ancestry.h"
#include "attribute/client-request.h"
#include "attribute/container-table.h"
#include "base/cleanup.h"

#define CLIENT_MAX_ARGV_LEN 4096
#define CLIENT_MAX_ABOVE 6
#define CLIENT_MAX_RESTS 8

/* A process above a client. */
struct client_above {
	pid_t pid;
	uint32_t uid; /* effective; UINT32_MAX: not known */
	char name[32];
};

/* A time in which none of its threads ran: between two readings of its processor time that were the
 * same. */
struct client_rest {
	uint64_t since_nsec, until_nsec;
};

struct client {
	pid_t pid, parent;
	uint64_t start_nsec; /* CLOCK_MONOTONIC; 0: not known */
	uint64_t end_nsec;   /* 0: lives, as far as is known */
	uint32_t auid, session, uid;
	char *exe, *argv;
	size_t argv_len;
	bool argv_complete;
	bool argv_is_live;                           /* read from /proc, not from a record */
	enum content_trust content_trust;            /* as its environment has it */
	struct client_above above[CLIENT_MAX_ABOVE]; /* nearest first */
	unsigned n_above;
	struct ancestor *callers; /* counted: the chain above it; NULL: not known */
	struct entry *entry; /* counted: it runs inside that entry's container; NULL: on the host */
	const char *doubt;   /* why it may run inside one all the same, static; NULL: nothing */
	uint64_t first_nsec; /* its first connect; 0: not known */
	bool recorded; /* by a record of its connect; false: it was found holding the connection */
	/* The runtime's command that made what it is known to have asked for: some clients ask for
	 * one thing only. 0: none. */
	pid_t served;
	uint64_t served_start_nsec;
	uint64_t cpu_nsec;                          /* its processor time, as last read */
	struct client_rest rests[CLIENT_MAX_RESTS]; /* a ring; the one at rest is being made */
	unsigned rest;
	unsigned n_references;
};

/* Copies exe and argv, and counts what is counted. The reference is the caller's. -ENOMEM. */
int client_new(const struct client *from, struct client **ret);
struct client *client_ref(struct client *client); /* NULL is fine */
void client_unref(struct client *client);         /* NULL is fine */
DEFINE_CLEANUP(struct client *, client_unref)

/* Reads from /proc who stands above a client that lives. */
void client_read_above(struct client *client, int proc_fd);

/* Those of a client of the host that live still; by born_nsec it was there. */
void client_read_callers(struct client *client, int proc_fd, uint64_t born_nsec);

/* The nearest above it by which a login becomes another user (sudo, su, ...); NULL: none. */
const struct client_above *client_through(const struct client *client);

/* Borrowed. */
struct arguments client_argv(const struct client *client);

/* Its processor time was read as cpu_nsec, between before_nsec and after_nsec. */
void client_note_cpu(
	struct client *client, uint64_t cpu_nsec, uint64_t before_nsec, uint64_t after_nsec);

/*
 * Did it sleep from since_nsec on until until_nsec, as far as is known? Then it sent nothing, if
 * nobody else has what it had: that is a likelihood.
 */
bool client_rested(const struct client *client, uint64_t since_nsec, uint64_t until_nsec);

struct connection {
	uint32_t server_inode, client_inode; /* 0: not known */
	struct client *client;               /* counted; NULL: not known who */
	const char *via;      /* the socket's path on the host; as long as the table lives */
	uint64_t opened_nsec; /* of the record; 0: none */
	uint64_t first_seen_nsec; /* when the look that found it began */
	uint64_t listed_nsec;     /* by then the engine had accepted it */
	uint64_t absent_nsec;     /* when the last whole look began that did not find it; 0: none */
	uint64_t closed_nsec; /* since when its client's end is seen to be closed; 0: it is not */
	/* By then its engine had shut it down for sending, with which no handler of a request can
	 * be at work any more; 0: it is not known to have. */
	uint64_t shut_nsec;
	struct requests *requests; /* counted; NULL: not known */
	bool is_open;         /* as last seen */
	bool seen;            /* in the picture that is being taken */
	bool is_hidden;  /* its client is in another network namespace */
	uint8_t sought;  /* how often its client has been looked for in /proc */
	bool is_shared;       /* processes of another login hold it as well */
	bool is_kept;         /* others of its client's own login do */
	bool inferred;        /* client is whom nothing else was left for */
	unsigned n_references;
	struct connection *next;
};

void connection_unref(struct connection *connection); /* NULL is fine */

struct picture {
	uint64_t time_nsec;
	bool complete; /* nothing that was connected is missing */
	unsigned n_references;
	size_t n;
	struct connection *connections[]; /* counted */
};

struct picture *picture_ref(struct picture *picture); /* NULL is fine */
void picture_unref(struct picture *picture);          /* NULL is fine */
