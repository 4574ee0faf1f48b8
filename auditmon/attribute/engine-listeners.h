/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where engines listen now, also those that came later or are elsewhere than usual
 *
 * The kernel is asked which sockets listen at files. An engine's is one that root has made under a
 * name that engines give theirs (docker.sock), one at a path that is an engine's already or that a
 * link at such a path leads to, and whatever a dockerd of the host's root holds, but for what it
 * has for itself below its exec-root: so however it was told where to listen (-H, daemon.json,
 * fd://). The path that the kernel tells is as it was bound, perhaps in another mount namespace: in
 * ours it must be that very socket. An abstract socket has no path that a rule could
 * be about: of a dockerd it is told that there is one.
 *
 * Asking is cheap, and only where a socket has come or gone it is looked into whose they are, for
 * at most a twentieth of the time.
 */

#include <stddef.h>
#include <stdint.h>

#include "attribute/unix-diag.h"
#include "base/mounts.h"
#include "runtime/engine-socket.h"

struct engine_listeners;

struct engine_listeners_options {
	int proc_fd; /* borrowed */
	/* unix_diag_list_listeners() if NULL; for tests. */
	int (*list)(unix_socket_fn on_socket, void *to, void *userdata);
	void *userdata;
};

/* 0 or -ENOMEM. Where the kernel has no such list, links are followed all the same. */
int engine_listeners_new(
	const struct engine_listeners_options *options, struct engine_listeners **ret);
void engine_listeners_free(struct engine_listeners *listeners);
DEFINE_CLEANUP(struct engine_listeners *, engine_listeners_free)

/* How far to go where no socket has come or gone. */
enum engine_look {
	ENGINE_LOOK_IF_CHANGED, /* no farther */
	ENGINE_LOOK_AT_FILES,   /* a link can be another, and a file have been moved */
	ENGINE_LOOK_AT_ALL,     /* the processes, too, of which there may be thousands */
};

/*
 * Adds to sockets those that are there. mounts: our own, NULL: not known. 1: an engine listens that
 * did not at the last look; 0: none, or not looked; -ENOMEM.
 */
int engine_listeners_look(struct engine_listeners *listeners, struct engine_sockets *sockets,
	const struct mounts *mounts, enum engine_look how);

/* Where nobody can watch a dockerd of the host's root listens, at the last look: in words, for ever
 * (client_table_elsewhere()). NULL: nowhere. */
const char *engine_listeners_elsewhere(const struct engine_listeners *listeners);

/* How many of those at the last look did not find room. */
size_t engine_listeners_left_out(const struct engine_listeners *listeners);
