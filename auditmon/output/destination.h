/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where syslog messages go
 *
 * "unix:PATH", "udp:HOST[:PORT]", "tcp:HOST[:PORT]" or "tls:HOST[:PORT]"; an IPv6 address stands in
 * brackets. Without a port: 514, 601 and 6514.
 */

#include <stddef.h>

enum transport { TRANSPORT_UNIX, TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

struct destination {
	enum transport transport;
	char host[256]; /* or the path of the socket */
	char port[8];
};

/* 0 or -EINVAL. */
int destination_parse(const char *text, struct destination *ret);

/* In full, as it could be given. */
#define DESTINATION_TEXT_LEN 300
void destination_print(const struct destination *destination, char *buffer, size_t size);
