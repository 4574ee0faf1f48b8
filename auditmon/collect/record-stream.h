/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What auditd gives its plugins
 *
 * A stream of lines ("string") or of records behind a header of four numbers ("binary", struct
 * audit_dispatcher_header): version 0 has the kernel's text, version 1 a whole line. Its first
 * bytes tell which. auditd 3 fills each binary record up to the longest; auditd 4 need not.
 * Sources: auditd-plugins(5), audisp/audisp.c.
 */

#include <stddef.h>

#include "base/cleanup.h"
#include "collect/source.h"

struct record_stream;

/* 0 or -ENOMEM. */
int record_stream_new(struct record_stream **ret);
void record_stream_free(struct record_stream *stream);
DEFINE_CLEANUP(struct record_stream *, record_stream_free)

/* Where the next bytes go, and how many at most: never 0. Borrowed until record_stream_added(). */
char *record_stream_room(struct record_stream *stream, size_t *ret_len);

/*
 * len bytes have come: hands on what is complete. Returns how many records; -EBADMSG: a header that
 * can be none, behind which nothing can be found again; or the sink's error.
 */
int record_stream_added(struct record_stream *stream, size_t len, const struct source_sink *sink);

/* Another stream begins. What was incomplete is dropped; true if there was something. */
bool record_stream_restart(struct record_stream *stream);
