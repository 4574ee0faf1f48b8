/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Suppression rules for a command: read as its configuration says, what is wrong logged
 */

#include "base/config.h"
#include "detect/suppress.h"

/*
 * Replaces *suppressions. On an error, which is logged, it stays as it was; NULL becomes no rules
 * at all, as telling too much is better than not to watch. -ENOMEM only without any.
 */
int suppress_load(const struct config *config, struct suppressions **suppressions);

/* Logs the rules that have expired, each once. */
void suppress_tell_expired(struct suppressions *suppressions);
