/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The unix sockets of this network namespace, as the kernel lists them now
 *
 * sock_diag(7) with UDIAG_SHOW_PEER and UDIAG_SHOW_VFS: which sockets listen at which file, and
 * which connections a server has accepted there. An accepted socket bears the file of the socket
 * that it came in by, whatever path the client used, and it is listed as long as the server holds
 * it; its peer is 0 once the client's end is closed. One that the server has not accepted yet is
 * not listed (seen on 6.18). The namespace is that of the client: see client-engine.c for the rest.
 * Sources: net/unix/diag.c, include/uapi/linux/unix_diag.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define UNIX_NAME_SIZE 109

struct unix_socket {
	uint32_t inode;
	uint32_t n_waiting; /* of one that listens: connections that are not accepted yet */
	uint32_t peer; /* inode of the other end; 0: closed, or none */
	bool listens, is_connected;
	uint32_t file_inode; /* of the file that it is bound to; 0: none */
	uint32_t file_major, file_minor;
	uint32_t uid;              /* who made it; UINT32_MAX: not told */
	char name[UNIX_NAME_SIZE]; /* as it was bound; "": none, or abstract */
};

struct unix_diag;

/* 0, -EPROTONOSUPPORT (kernel without CONFIG_UNIX_DIAG), -ENOMEM, ... */
int unix_diag_new(struct unix_diag **ret);
void unix_diag_free(struct unix_diag *diag);
DEFINE_CLEANUP(struct unix_diag *, unix_diag_free)

typedef void (*unix_socket_fn)(const struct unix_socket *socket, void *userdata);

/*
 * Calls on_socket for every socket, for some of them twice. 0 or an error, after which what was
 * told is not all.
 */
int unix_diag_list(struct unix_diag *diag, unix_socket_fn on_socket, void *userdata);

/* The same of those that listen. */
int unix_diag_list_listeners(struct unix_diag *diag, unix_socket_fn on_socket, void *userdata);

/*
 * One batch of messages of the kernel's. 1: there is more to come, 0: that was the last, -EBADMSG,
 * or the error that the kernel answered.
 */
int unix_diag_parse(const char *bytes, size_t len, unix_socket_fn on_socket, void *userdata);
