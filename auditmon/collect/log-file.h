/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A log that is complete, compressed or not
 *
 * The first bytes tell gzip, xz and zstd, whatever the name says. Each is unpacked by its own
 * program, in a process of its own: a log comes from anywhere, and what its bytes make of a
 * decompressor must not be made of this one. Nothing is written to disk, and no more memory is
 * given than a log needs.
 */

#include <stdint.h>

#include "base/cleanup.h"

struct log_file;

/* 0, an errno of open(2), -ENOPKG (the program for it is not installed), -ENOMEM, ... */
int log_file_open(const char *path, struct log_file **ret);

/* To be read to its end. Borrowed. */
int log_file_fd(const struct log_file *log);

/* What is needed to unpack it, for messages; NULL: nothing. */
const char *log_file_program(const struct log_file *log);

/* After its end: 0, or -EBADMSG where it could not be unpacked to its end. Later calls say the
 * same. */
int log_file_check(struct log_file *log);

void log_file_free(struct log_file *log);
DEFINE_CLEANUP(struct log_file *, log_file_free)

/* When its first record was made, to put the files of a rotation in order: milliseconds, or 0 where
 * that cannot be told. */
int64_t log_file_first_msec(const char *path);
