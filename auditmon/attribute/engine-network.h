/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Can an engine be asked over the network?
 *
 * Then who asks need not be on this host, and nobody who is can be named for certain. By the
 * arguments of any engine (tcp://), by dockerd's -H and the `hosts` of its configuration, and where
 * systemd hands it its sockets (fd://) by what it listens at; but for the ports of Swarm, by which
 * nobody asks for a container.
 */

#include <stdbool.h>
#include <sys/types.h>

/* root: prefix of the configuration's path. */
bool engine_has_network(int proc_fd, pid_t pid, const char *root);
