/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the flags need to know of this host: which files decide about trust, which are auditmon's
 * and auditd's own, and who may read secrets
 *
 * Compiled once from the built-in tables and the configuration; afterwards it only answers. A path
 * is the host's; a class of files is also told by the key of the watch that reported it, as such a
 * rule matches the file whatever its name.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/config.h"
#include "base/touch.h"

/* Keys of the shipped rules; any rule may carry them. */
#define WATCH_KEY_OWN "auditmon"
#define WATCH_KEY_TRUST "trust"
#define WATCH_KEY_SECRETS "secrets"

struct policy;

/* What is known only where the program runs. Paths are globs (base/glob.h), and copied. */
struct policy_settings {
	const struct config *config; /* trust-path, secret-reader */
	const char *const *own_paths;
	size_t n_own_paths;
	const char *own_program; /* path of this very executable; NULL: not known */
};

/* 0 or -ENOMEM. */
int policy_new(const struct policy_settings *settings, struct policy **ret);
void policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy *, policy_free)

/* The trust paths in turn, as patterns; NULL behind the last. Borrowed. */
const char *policy_trust_path(const struct policy *policy, size_t i);

/* Of a touch whose path, watch, exe, uid and container are known. */
bool policy_is_trust(const struct policy *policy, const struct touch *touch);
bool policy_is_own(const struct policy *policy, const struct touch *touch);
bool policy_is_secret(const struct policy *policy, const struct touch *touch);

/* Is the process auditmon or auditd, as a process of this host beyond doubt? */
bool policy_is_own_program(const struct policy *policy, const struct touch *touch);
/* Is it on the allow-list, or a pod that reads what was made for it? */
bool policy_may_read(const struct policy *policy, const struct touch *touch,
	const struct touch_facts *facts);

/* Does watch (keys joined by ',') have key? */
bool watch_has_key(const char *watch, const char *key);
