/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who may read a secret: one entry of the allow-list
 *
 * Written as words `exe=GLOB uid=NUMBER path=GLOB container=GLOB image=GLOB`; exe is obligatory,
 * and all that are given must hold. An entry that names neither container nor image is for
 * processes of the host alone: inside a container anybody can call a program /usr/bin/dockerd.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct reader {
	char *exe, *path, *container, *image; /* globs; NULL: any (container, image: see above) */
	bool has_uid;
	uint32_t uid;
};

/* NULL, or what is wrong with text (static; READER_NO_MEMORY). */
#define READER_NO_MEMORY "out of memory"
const char *reader_parse(const char *text, struct reader *ret);
void reader_done(struct reader *reader);
