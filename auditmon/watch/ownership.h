/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Whose rules are they?
 *
 * A daemon that is killed leaves its rules in the kernel, where nothing tells who added them. So
 * what is ours stands in a file, good until the next boot: a fingerprint of each rule, and the name
 * of a mark, a rule with a random key of its own. The mark goes with the others when somebody
 * deletes all rules; where it is missing, a rule that equals one of ours is not ours any more, as
 * whoever deleted ours may have added their own since.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/rule.h"

#define OWNERSHIP_MARK_SIZE 17 /* hex digits and NUL */
#define OWNERSHIP_BOOT_SIZE 33

struct fingerprint {
	uint64_t halves[2];
};

struct ownership {
	char mark[OWNERSHIP_MARK_SIZE];
	struct fingerprint *rules; /* sorted once it is read; owned */
	size_t n_rules;
};

void ownership_done(struct ownership *ownership);

/* 0 or -ENOMEM. */
int ownership_add(struct ownership *ownership, const struct rule *rule);

bool ownership_has(const struct ownership *ownership, const struct rule *rule);

/* text: len bytes and a NUL, changed. 0, -ESTALE (of another boot), -EBADMSG, -ENOMEM; ownership
 * is then for ownership_done() only. */
int ownership_parse(char *text, size_t len, const char *boot_id, struct ownership *ret_ownership);

/* The file at path. Also -ENOENT, -EPERM (anyone else may write to it) and other errors of open(2);
 * *ret is empty then. */
int ownership_read(const char *path, const char *boot_id, struct ownership *ret);

/* Replaces the file at path at once. 0 or a negative errno. */
int ownership_write(const char *path, const char *boot_id, const struct ownership *ownership);
