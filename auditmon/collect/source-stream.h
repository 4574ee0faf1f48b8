/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * auditd's plugins as sources
 *
 * As a plugin: auditd's child, records on a descriptor. As a client of its af_unix plugin: a socket
 * that comes and goes with auditd, and is looked for again each second. Neither ever waits: auditd
 * would wait for us, the kernel for auditd, and the host for the kernel.
 */

#include "collect/source.h"

/* fd is borrowed. 0, -ENOTSUP (a regular file or a terminal: nothing that auditd would give),
 * -ENOMEM. */
int source_plugin_new(int fd, struct source **ret);

/* path: NULL for the usual places. start: -ENOENT, -ECONNREFUSED, -EACCES, ... 0, -ENAMETOOLONG,
 * -ENOMEM. */
int source_socket_new(const char *path, struct source **ret);
