/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A batch of the kernel's answer to a listing of unix sockets. */

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/unix-diag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_socket(const struct unix_socket *socket, void *userdata)
{
	size_t *n_sockets = userdata;

	assert(memchr(socket->name, '\0', sizeof(socket->name)));
	assert(socket->file_minor <= 0xfffff);
	(*n_sockets)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of just that length, so that the sanitizers see where it ends. */
	char *bytes = malloc(size ? size : 1);
	size_t n_sockets = 0;
	int r;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	r = unix_diag_parse(bytes, size, on_socket, &n_sockets);
	assert(r <= 1);
	/* A message has a head of 16 bytes, and a socket's at least 16 more. */
	assert(n_sockets <= size / 32 + 1);
	free(bytes);
	return 0;
}
