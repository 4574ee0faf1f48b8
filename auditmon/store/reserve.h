/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Room on the disk for the last words
 *
 * A file of zeros beside the database. When the disk is full it is deleted, and what had been
 * received until then fits in its place.
 */

#include <stddef.h>

#include "base/cleanup.h"

struct reserve;

/*
 * size 0: 8 MiB, or a quarter of what is free where that is less. 0, -ENOSPC, -EACCES, -ENOMEM,
 * -EIO or another error of creating a file.
 */
int reserve_new(const char *database_path, size_t size, struct reserve **ret);

/* Deletes the file: the room is needed now, or nobody will write any more. */
void reserve_free(struct reserve *reserve);
DEFINE_CLEANUP(struct reserve *, reserve_free)
