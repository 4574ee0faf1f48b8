/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The sockets by which container engines are commanded
 *
 * Whoever may connect to one is root on the host. Known by the host's path: a copy that is mounted
 * elsewhere is the same file, and its path has been translated before it is asked for here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct engine_sockets;

/* The engines' own places in turn, as root's engines have them; NULL behind the last. */
const char *engine_socket_path(size_t i);
bool engine_socket_is_known(const char *path);

/* /var/run is a link to /run: path as it is without it. A part of path. */
const char *engine_socket_plain(const char *path);

/* Is the last component what engines call their sockets? */
bool engine_socket_is_named(const char *path);

/* The engines' own places, and paths besides (copied). 0, -EINVAL (not absolute), -ENOMEM. */
int engine_sockets_new(const char *const *paths, size_t n_paths, struct engine_sockets **ret);

/*
 * One more, found to be there now: copied. What is one of them already is not added. As many as are
 * kept: one gives way that was not added in this round of looking and the one before. 0, -EINVAL
 * (not absolute), -ENOSPC (as many are there), -ENOMEM.
 */
int engine_sockets_add(struct engine_sockets *sockets, const char *path);
void engine_sockets_next_round(struct engine_sockets *sockets);

/*
 * Is path where a user's own engine listens, below /run/user/UID, and was not given? Those have
 * room of their own. What such an engine makes has its user's loginuid, and nobody else may
 * connect.
 */
bool engine_sockets_is_users(const struct engine_sockets *sockets, const char *path);
void engine_sockets_free(struct engine_sockets *sockets);
DEFINE_CLEANUP(struct engine_sockets *, engine_sockets_free)

/* The engines' own and the others, in turn; NULL behind the last. Borrowed. */
const char *engine_sockets_path(const struct engine_sockets *sockets, size_t i);

/*
 * Can a client of the socket at path have asked for a container of this runtime? By what the socket
 * is called; one that tells nothing can be any engine's.
 */
bool engine_socket_serves(const char *path, const char *runtime);

/*
 * Can a request for a container of this runtime be worked on when its connection is gone? HTTP/2,
 * and with it gRPC, has many on one, and a server that closes it does not wait for their handlers.
 * By what the socket is called; dockerd's speaks it for builds (POST /grpc, /session). What its
 * daemon is can say more: see attribute/engine-protocol.h.
 */
bool engine_socket_outlived(const char *path, const char *runtime);

/* Is path (as the host names it; NULL is none) one of them? Also below /run/user/UID. */
bool engine_sockets_has(const struct engine_sockets *sockets, const char *path);
