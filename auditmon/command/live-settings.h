/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's audit settings that the rule files ask for (watch/setting.h)
 *
 * Only where we are the audit daemon: beside another they are its own. What can be put back is put
 * back at the end, or when the files do not ask for it any more; what locks comes last.
 */

#include "collect/audit-control.h"
#include "watch/setting.h"

struct applied_settings {
	struct settings wanted;
	struct {
		bool changed;
		uint32_t before;
	} values[N_SETTINGS];
};

/* Takes wanted over, and leaves it empty. A refusal is logged: the rules count for more. */
void applied_settings_set(struct applied_settings *applied, struct settings *wanted,
	struct audit_control *control, bool is_daemon);

/* What locks until the next boot; after the rules are loaded. True: they cannot be changed now. */
bool applied_settings_lock(
	const struct applied_settings *applied, struct audit_control *control, bool is_daemon);

/* As it was before, as far as is_daemon. */
void applied_settings_undo(
	struct applied_settings *applied, struct audit_control *control, bool is_daemon);
void applied_settings_done(struct applied_settings *applied);
