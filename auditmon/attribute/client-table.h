/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Client table: who is, and was, connected to an engine
 *
 * Joins two witnesses. The audit record of a connect names the client, at once and also where that
 * is gone a moment later; the kernel's list of sockets (unix-diag.h) knows each connection that an
 * engine holds, also those that no record told of. They are joined by the inode of the client's
 * end, read from the client's descriptor while it lives, or by the only way that is left: a
 * connection whose client is gone is that of a connect that no picture since has shown to be over.
 *
 * An engine answers a request on the connection that it came by, and keeps that open while it works
 * on it, whether the client still waits or not (net/http closes a connection when its handler has
 * returned; dockerd's handlers for start and exec return when the process runs). So what is
 * connected while the runtime makes an entry is all that can have asked for it, but for the engine
 * itself.
 *
 * A socket is an engine's by the identity of its file, so a copy that is mounted elsewhere is the
 * same; and by its name, where root made it. Bounded; what falls over the limit is counted, and
 * from then on nothing is said to be complete until it can be again. Not seen: engines in network
 * namespaces of their own (rootless Docker), and whoever connects by io_uring and is gone at once.
 */

#include "attribute/client.h"
#include "attribute/unix-diag.h"
#include "base/cleanup.h"
#include "base/host-mounts.h"
#include "runtime/engine-socket.h"

struct client_table;

struct client_table_options {
	int proc_fd;                          /* borrowed */
	const struct engine_sockets *sockets; /* borrowed */
	struct host_mounts *mounts;           /* borrowed; NULL: not known */
	size_t limit; /* connections, and connects that are not joined yet */
	/* unix_diag_list() with the table's own unix_diag if NULL; for tests. */
	int (*list)(unix_socket_fn on_socket, void *to, void *userdata);
	/* CLOCK_MONOTONIC, and the processor time of a process: 0 or a negative errno. NULL: the
	 * kernel's; for tests. */
	uint64_t (*now)(void *userdata);
	int (*cpu)(pid_t pid, uint64_t *ret_nsec, void *userdata);
	/* The entry that a process which lives came by, borrowed (NULL: of the host); *ret_doubt:
	 * why that may be wrong. */
	struct entry *(*entry_of)(pid_t pid, const char **ret_doubt, void *userdata);
	/* A client is known now, by a record of its connect or by /proc; once more, when its
	 * process has ended. May be NULL. */
	void (*on_client)(const struct client *client, const char *via, void *userdata);
	void *userdata;
};

/* 0, -EPROTONOSUPPORT (no list of sockets here: no picture will be complete), -ENOMEM. */
int client_table_new(const struct client_table_options *options, struct client_table **ret);
void client_table_free(struct client_table *table);
DEFINE_CLEANUP(struct client_table *, client_table_free)

/* A record: client (copied; above is read here) connected by its descriptor fd (-1: not known) to
 * the socket at path. lives: /proc/PID is still the client's. */
void client_table_connected(struct client_table *table, const struct client *client,
	const char *path, int fd, bool lives, uint64_t time_nsec);

void client_table_ended(struct client_table *table, pid_t pid, uint64_t time_nsec);

/*
 * A record: the process pid has shut down its descriptor fd for sending (shutdown(2)). Of an engine
 * that means that the connection's last handler has returned: net/http shuts one down when it is
 * done with it, and dockerd one that it had taken over (attach, exec) when that is over.
 */
void client_table_shut(struct client_table *table, pid_t pid, int fd, uint64_t time_nsec);

/* A record: the process pid has accepted a connection, as its descriptor fd. */
void client_table_accepted(struct client_table *table, pid_t pid, int fd, uint64_t time_nsec);

/* A record: the process pid wanted to read size bytes of its descriptor fd and got result, or a
 * negative errno; see client-request.h for what that says of an engine. */
void client_table_read(struct client_table *table, pid_t pid, int fd, uint64_t size, int64_t result,
	uint64_t time_nsec);

/* All records of what happened before time_nsec have been told. Until then it is not known what is
 * left for a connection whose client is gone. */
void client_table_heard(struct client_table *table, uint64_t time_nsec);

/* Engines can have read until now what no record tells of: the rules are others, or the like. */
void client_table_untold(struct client_table *table);

/* Records, or words of processes, were lost until now. */
void client_table_lost(struct client_table *table, uint64_t now_nsec);

/*
 * Is a record lost only after the kernel has waited for long, so that the loss is known before it
 * can matter, or that the records come late? Else what engines do not do proves nothing: to be
 * called when that changes. It is not at first.
 */
void client_table_rely(struct client_table *table, bool on_records);

/*
 * What is born from since_nsec on is audited (UINT64_MAX: that is not known, as it is at first). The
 * kernel decides that for each thread when it is made (audit_alloc() in kernel/auditsc.c), so of an
 * engine that is older some threads can be audited, and some not.
 */
void client_table_audited(struct client_table *table, uint64_t since_nsec);

/* What is connected now. The reference is the caller's. 0, -ENOMEM, or the error of listing. */
int client_table_look(struct client_table *table, uint64_t now_nsec, struct picture **ret);

/* Which of those who are connected have run since the last call? To be called often. */
void client_table_read_rests(struct client_table *table);

/* Looks through /proc for who holds those open connections whose client nobody knows. */
void client_table_identify(struct client_table *table, uint64_t now_nsec);

/* Connections that are proven not to have carried the request, by kind; and of those of which it is
 * not known whose they are, how many hardly did, as they came too late. */
struct clients_left_out {
	size_t n_late, n_shut, n_rested;
	size_t n_unknown_unlikely; /* not left out: unknown, and too late or over too early */
	/* Of those that rested, the ones whose engine may have read what is not on record, and their
	 * login; AUID_UNSET: they are of several, or not known for sure. */
	size_t n_unheard;
	uint32_t unheard_auid;
};

struct client_seen {
	struct client *client; /* borrowed from picture and table */
	const char *via;
	uint64_t opened_nsec; /* earliest; 0: not known */
	uint64_t closed_nsec; /* when the last of its ends was closed; 0: it was connected still */
	bool inferred;        /* only as what is left: its connection's other end is closed */
	bool is_shared;       /* another login holds its connection, or may */
	/* When the engine had read of what it was at work on for it, of the latest connection; 0:
	 * that of none is known. */
	uint64_t read_nsec;
	bool reads_known;     /* that of each of its connections is */
	bool is_read_in_time; /* one is from when the entry can have been asked for */
	bool is_read_when_made; /* ... after the making of the container had been answered */
	bool may_have_made;   /* one can have carried the request to make the container */
};

/* What is known of the times of a request for an entry, each 0: not known. */
struct clients_when {
	uint64_t after_nsec;             /* what had been closed before hardly carried it */
	uint64_t by_nsec;                /* the engine was at work on it */
	uint64_t since_nsec, until_nsec; /* all the while between it was */
	uint64_t made_nsec;  /* the making of the container had been answered about then */
	uint64_t slack_nsec; /* how far stamps of the same moment can be apart */
};

/*
 * Whom a picture shows, each client once; at most max. *ret_unknown: connections of which it is not
 * known whose they are. runtime: only what can have asked for its containers; engines that are
 * clients of other engines are left out. So are connections of which no client's word, but the
 * kernel's proves that they did not carry the request: those that were not there yet when the
 * engine was at work on it, those on which it worked on nothing at a moment in which it did
 * (client-request.h), and those that it had shut down by the time of the picture. dockerd keeps
 * connections that it had taken over (attach, exec) until its memory is collected.
 */
size_t client_table_of_picture(struct client_table *table, const struct picture *picture,
	const char *runtime, const struct clients_when *when, struct client_seen *seen, size_t max,
	size_t *ret_unknown, struct clients_left_out *ret_left_out);

/* The same without a picture: who connected before time_nsec and was not known to have ended by
 * then. */
size_t client_table_before(struct client_table *table, uint64_t time_nsec, const char *runtime,
	struct client_seen *seen, size_t max);

/*
 * Can a client of another login than auid have asked and gone, of late, by a socket whose requests
 * outlive their connections (engine-socket.h)? Then no picture shows all that can have asked.
 */
bool client_table_has_passed(
	struct client_table *table, uint64_t time_nsec, const char *runtime, uint32_t auid);

/* The path of the engine's socket that this file was at the last look, however else it is mounted;
 * NULL: it was none. Borrowed for as long as the table lives. */
const char *client_table_socket_of(
	const struct client_table *table, uint64_t inode, uint32_t dev_major, uint32_t dev_minor);

/* Is what the engines read on record still? Not that of one whose executable was replaced or moved
 * since: the rules are on the file that is at its path now. */
bool client_table_is_told(const struct client_table *table);

/* Does the process that lives as pid listen at an engine's socket, as last looked? */
bool client_table_is_engine(const struct client_table *table, pid_t pid);

/*
 * Can one of the engines be asked where nobody can watch, too? Then that counts as an unknown
 * connection. Where, in words; NULL: nowhere. Of those that listen at no socket of the table's it
 * has to be noted (where: kept as it is).
 */
#define ENGINE_ON_THE_NETWORK "on the network"
bool client_table_has_network(const struct client_table *table);
const char *client_table_elsewhere(const struct client_table *table);
void client_table_note_elsewhere(struct client_table *table, const char *where);

struct client_table_counts {
	size_t connections, connects;
	uint64_t evicted;
};
struct client_table_counts client_table_counts(const struct client_table *table);
