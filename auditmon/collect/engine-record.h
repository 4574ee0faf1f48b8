/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What an engine says that it was asked for (VIRT_CONTROL)
 *
 * A message of user space. Of its fields the first pid, uid and auid are the sender's, written by
 * the kernel; all behind them is the sender's word, and whoever has CAP_AUDIT_WRITE can send one,
 * which engines give to their containers. So it is worth as much as its sender. Two forms are in
 * use: libvirt's (virt=lxc op=start reason=booted vm="NAME" uuid=ID vm-pid=PID) and that of Red
 * Hat's dockerd up to 1.13 (op=exec reason=api vm=IMAGE vm-pid=PID hostname=ID user=NAME
 * auid=AUID), whose fields have no order, and which says "?" of what it does not know, at a start
 * of nearly all. libaudit ends either with an exe=, hostname=, addr=, terminal= and res= of its
 * own.
 */

#include "collect/event.h"
#include "collect/field.h"

/* Of one record; begins as {}. */
struct engine_record {
	unsigned n_auid, n_hostname;
};

/* A field of a VIRT_CONTROL record that the sender chose; the sender's own pid, uid, auid and ses
 * belong to the event (false). */
bool engine_record_field(struct engine_record *record, struct event_engine *ret,
	struct field_arena *arena, enum field_name field, const char *value);
