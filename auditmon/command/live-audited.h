/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Since when is whatever is born audited?
 *
 * The kernel decides it for each thread when that is made, for good: never before auditing was first
 * on, nor while a rule of the list task says so (audit_alloc() in kernel/auditsc.c). What was before
 * us is not known, so it is since our rules are in force; and not any more once such a rule has
 * been there, as threads of that time may live for as long as we do. See client_table_audited().
 */

struct live;

/* Once the rules are in force. A rule of that list is warned of. */
void live_audited_begin(struct live *live);

/* Somebody has changed the kernel's rules, or whether it audits at all: what engines read until now
 * may be on no record. */
void live_audited_changed(struct live *live);

/* To be called each second. */
void live_audited_tick(struct live *live);
