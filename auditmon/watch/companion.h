/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Companions: the rules that report what a watch's permissions leave out
 *
 * perm=w looks at the access mode of an open alone, so that O_RDONLY|O_TRUNC empties a file unseen,
 * perm=a knows no timestamps and not all newer calls, and neither holds for io_uring (all measured:
 * see auditmon-coverage(7)). For each watch with w or a, companions for exactly that path (or that
 * directory) report these, under the watch's own conditions and key.
 *
 * A companion tells more than it is meant for (the flags of openat2 are in memory, where no rule
 * sees them; io_uring's requests are matched by directory). So its key says what is to be left out
 * when its event is read: see enum rule_scope.
 */

#include "watch/rule.h"

/*
 * Behind the watch's own key, where there is one, stands one of these. What follows SCOPE_KEY_BELOW
 * is the directory.
 */
#define SCOPE_KEY "auditmon:"
#define SCOPE_KEY_ALSO SCOPE_KEY "also"
#define SCOPE_KEY_BELOW SCOPE_KEY "below:"
#define SCOPE_KEY_DESCRIPTOR SCOPE_KEY "descriptor"
#define SCOPE_KEY_INSIDE SCOPE_KEY "inside"

/* What of a rule's events is wanted. */
enum rule_scope {
	SCOPE_ALL,        /* a rule that somebody wrote */
	SCOPE_ALSO,       /* no mere reading, unless another rule wants to know of that */
	SCOPE_BELOW,      /* of a directory, only what is watched there */
	SCOPE_DESCRIPTOR, /* names no file, only a descriptor: what is watched of those */
	SCOPE_INSIDE,     /* what containers' processes do */
};

/* Adds the companions of every watch in the set, behind all that is there. 0 or -ENOMEM. */
int companion_add(struct rule_set *set);

/*
 * What a key of the kernel's record (several joined by ',') means: the scope, *ret_len bytes of the
 * key as it was written in the rule, and the directory of SCOPE_BELOW (NULL: of another scope),
 * which is a part of key.
 */
enum rule_scope rule_scope_of(const char *key, size_t *ret_len, const char **ret_directory);
