/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A connection to a syslog receiver
 *
 * One message a datagram, or octet counting (RFC 6587, RFC 5425) on a stream. Syslog has no
 * acknowledgement, and bytes that a socket took are not yet a receiver's: who dies loses what
 * stands in its socket. What the transport does prove:
 * - a stream, TLS or not: link_settle() ends it in order. A receiver that read everything closes
 * its own end; one that had not yet is told by a reset;
 * - a unix datagram socket: the kernel says what the receiver has not fetched (link_is_drained());
 * a later send shows that it was a living one that did;
 * - UDP: nothing.
 *
 * Every call waits as long as it must, until stop_fd becomes readable: then it returns -ECANCELED.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "output/destination.h"
#include "output/tls.h"

struct link;

/* stop_fd is borrowed; files are for TLS. 0, -ENOMEM, -EBADMSG (see link_reason()). */
int link_new(const struct destination *destination, const struct tls_files *files, int stop_fd,
	struct link **ret);
void link_free(struct link *link);
DEFINE_CLEANUP(struct link *, link_free)

/* 0, -ECANCELED, or why not. What was connected before is closed. */
int link_connect(struct link *link);

/*
 * 0, -EMSGSIZE (no datagram holds it; nothing was sent), -ECANCELED, or the connection is lost. On
 * a stream it may stay in a buffer until link_flush().
 */
int link_send(struct link *link, const char *message, size_t len);
int link_flush(struct link *link);

/* Waits msec, or less if the receiver ends the connection: 0, -EPIPE, -ECANCELED, another error. */
int link_wait(struct link *link, int msec);

bool link_is_stream(const struct link *link);
bool link_is_drained(const struct link *link);

/*
 * Ends a stream: 0: the receiver has read all that was sent. -ETIMEDOUT: it has not said so within
 * msec, and may be asked again; -ECANCELED; any other: it has perhaps not.
 */
int link_settle(struct link *link, int msec);

/* From now on no wait goes beyond msec (-ETIMEDOUT), and stop_fd is not heeded: for the end. */
void link_hurry(struct link *link, int msec);

/* Why the last call failed, in words. Static or borrowed until the next call. */
const char *link_reason(const struct link *link, int error);
