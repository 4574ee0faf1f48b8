/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * TLS over a connected socket (RFC 5425)
 *
 * GnuTLS, and only here. The peer must show a certificate that one of the authorities vouches for
 * and that is for the host's name; there is no way to do without. The socket does not block: what
 * cannot go on says in *ret_events what to poll for.
 */

#include <stddef.h>

#include "base/cleanup.h"

struct tls;

/* Files in PEM. ca NULL: the system's authorities; certificate and key NULL: none is shown. */
struct tls_files {
	const char *ca, *certificate, *key;
};

/* 0, -ENOMEM, or -EBADMSG: a file that cannot be read (see tls_reason()). */
int tls_new(const struct tls_files *files, struct tls **ret);
void tls_free(struct tls *tls);
DEFINE_CLEANUP(struct tls *, tls_free)

/* A new session over fd; after it tls_handshake() until it returns 0. */
int tls_begin(struct tls *tls, int fd, const char *host);
void tls_end(struct tls *tls);

/*
 * 0, -EAGAIN, -EKEYREJECTED (the peer's certificate), -EPROTO (anything else that TLS finds wrong),
 * or the socket's error. A failed send is repeated with the same bytes.
 */
int tls_handshake(struct tls *tls, short *ret_events);
long tls_send(struct tls *tls, const void *bytes, size_t len, short *ret_events);
/* 0: the end. */
long tls_receive(struct tls *tls, void *bytes, size_t len, short *ret_events);
/* Says that nothing more will be sent. */
int tls_bye(struct tls *tls, short *ret_events);

/* The last failure in words. */
const char *tls_reason(const struct tls *tls);
