/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Secrets in arguments
 *
 * The administrator names options whose values must not be stored, as glob(7) patterns: an argument `--password=x` becomes `--password=***` where
 * `--password` matches a pattern, and after a lone `--password` the next argument becomes `***`. Any other argument that matches as a whole becomes `***`;
 * one that begins with '-' and matches by a wildcard may be both (`-psecret`, `--db-password`), so it and the next one become `***`.
 */

#include <stddef.h>

#include "base/touch.h"

struct redact;

/* patterns: copied. -ENOMEM. */
int redact_new(const char *const *patterns, size_t n_patterns, struct redact **ret);
void redact_free(struct redact *redact);
DEFINE_CLEANUP(struct redact *, redact_free)

/* What may be stored of arguments: they themselves where nothing matches, else a changed copy, borrowed until the next call. NULL redact: as it is. */
struct arguments redact_arguments(struct redact *redact, struct arguments arguments);
