/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * When a connection carried a request, by its engine's own system calls
 *
 * dockerd's HTTP server (Go's net/http, server.go) reads requests into a buffer of 4096 bytes.
 * While a handler works, it waits for the client's hanging up by reading a single byte; when that
 * handler has returned and nothing is left in the buffer, it reads 4096 again, and if that is
 * EAGAIN, then nothing was being worked on for that connection: until it reads something. Whoever
 * hangs on a connection at that time has not asked for what the engine makes then. Those are the
 * kernel's words (rules on accept4 and read of dockerd alone), in the order in which it happened: a
 * read is on record before the engine can act on what it has read.
 *
 * That holds for HTTP/1, and for a request that was read to its end: then the server waits by the
 * single byte, and where it was not seen to do so, its next read says nothing. HTTP/2, whose
 * requests are worked on while more are read, never does that, nor does who is answered before the
 * rest of what he sends is read (/build with BuildKit). A stream that a handler took over (attach,
 * exec) is read in other sizes, so it looks busy until it is shut down.
 *
 * What is not on record proves a rest only where nothing can be missing: a loss, other rules, or
 * threads of the engine that are not audited (client_table_lost(), _untold(), _audited()).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define REQUEST_READ_SIZE 4096 /* bufio's, which net/http takes */
#define REQUESTS_KEPT 8

struct request {
	/* Stamps, so at most early: when some of it was read (0: not known, or nothing was), and
	 * when nothing was worked on any more. */
	uint64_t first_nsec, last_nsec, done_stamp_nsec;
	uint64_t done_nsec; /* by then, surely, nothing was worked on any more; 0: not yet */
};

/* What one descriptor of one engine was, from being accepted to being closed. Counted references.
 */
struct requests {
	pid_t engine;
	int fd;
	uint32_t inode;      /* of what was found at the descriptor ... */
	uint64_t found_nsec; /* ... at this time, after it had been accepted */
	bool is_awaited; /* that of which was read last, by the single byte; before any: nothing was
			  */
	uint64_t over_nsec;   /* the client sends nothing more, or it failed; 0: not yet */
	uint64_t forgot_nsec; /* of what is stamped until then some may be missing */
	struct request list[REQUESTS_KEPT]; /* a ring; n modulo its size is the next */
	size_t n;
	unsigned n_references;
};

struct requests *requests_ref(struct requests *requests); /* NULL is fine */
void requests_unref(struct requests *requests);           /* NULL is fine */

/* Of requests NULL nothing is known. */

/* Is there a moment between since_nsec and until_nsec at which nothing was worked on, for sure? */
bool requests_rested(const struct requests *requests, uint64_t since_nsec, uint64_t until_nsec);

/* When something of what was being worked on at time_nsec was read last; 0: not known. */
uint64_t requests_read_by(const struct requests *requests, uint64_t time_nsec);

/* Can one have been worked on all the while from since_nsec until until_nsec, by the stamps? True
 * also where that is not known. */
bool requests_cover(const struct requests *requests, uint64_t since_nsec, uint64_t until_nsec);

/* Of one table: the engines' descriptors as they are now. */
struct request_log {
	struct requests **list; /* counted */
	size_t n, max;
	uint64_t forgot_nsec; /* as in each of them */
};

void request_log_done(struct request_log *log);

/* Engines can have read until now_nsec what no record tells of: nothing is known any more, and what
 * is stamped until then proves no rest. */
void request_log_forget(struct request_log *log, uint64_t now_nsec);

/*
 * The engine accepted what was its descriptor fd from time_nsec on (a stamp: at most early). inode:
 * of what is found there now_nsec, 0: it is gone. What was thought to have been there, but was
 * found there only later than that, is this one: nothing is known of it any more, nor of one that
 * has to make room for it. Borrowed; NULL: without memory, then nothing is known of this one.
 */
struct requests *request_log_accepted(struct request_log *log, pid_t engine, int fd, uint32_t inode,
	uint64_t time_nsec, uint64_t now_nsec);

/* The same of one that was accepted before it could be heard of: what came before is not known. */
struct requests *request_log_found(
	struct request_log *log, pid_t engine, int fd, uint32_t inode, uint64_t now_nsec);

/* Borrowed; NULL: none is known. */
struct requests *request_log_of_fd(const struct request_log *log, pid_t engine, int fd);
struct requests *request_log_of_inode(const struct request_log *log, uint32_t inode);

/* The engine wanted size bytes and got result, or a negative errno. The record is stamped
 * time_nsec and was heard at now_nsec; slack_nsec: how early the stamp can be. */
void requests_note(struct requests *requests, uint64_t size, int64_t result, uint64_t time_nsec,
	uint64_t now_nsec, uint64_t slack_nsec);
