/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Ancestry: from a container's entry down to one of its processes, with the argv of each
 *
 * An event tells its process and that one's parent; who was above is gone a moment later. So each
 * process of a container keeps its link of the chain, and a link keeps those above it, however long
 * they are dead. Links do not change: who executes another program gets a new one, and the children
 * from before keep the old. A fork shares its parent's argv.
 *
 * Processes decide how long a chain and an argv are, so both are bounded: beyond ANCESTRY_MAX_DEPTH
 * one link stands for all that are left out, and of an argv the beginning is kept. Links are
 * counted references; single-threaded.
 */

#include <stddef.h>
#include <sys/types.h>

#include "attribute/redact.h"
#include "base/cleanup.h"
#include "base/touch.h"

#define ANCESTRY_MAX_DEPTH 24
#define ANCESTRY_MAX_ARGV_LEN 1024

struct ancestor;

/*
 * A link for pid below above (NULL: pid is the entry's first process). argv: len bytes, separated
 * by NUL, copied; NULL: not known. The reference is the caller's. 0 or -ENOMEM.
 */
int ancestor_new(
	pid_t pid, struct ancestor *above, const char *argv, size_t len, struct ancestor **ret);

/* A link for a child that runs its parent's program still. 0 or -ENOMEM. */
int ancestor_fork(struct ancestor *parent, pid_t pid, struct ancestor **ret);

struct ancestor *ancestor_ref(struct ancestor *ancestor); /* NULL is fine */
void ancestor_unref(struct ancestor *ancestor);           /* NULL is fine */
DEFINE_CLEANUP(struct ancestor *, ancestor_unref)

/* Borrowed; NULL for the entry's first process, and for NULL. */
struct ancestor *ancestor_above(const struct ancestor *ancestor);

/* What is kept of its argv; bytes NULL: nothing. Borrowed. */
struct arguments ancestor_argv(const struct ancestor *ancestor);

/*
 * The chain from the entry's first process down to ancestor, as the text of a JSON array (heap):
 * [{"pid":N,"argv":[...],"complete":true},...]. What redact says is left out; in place of links
 * that were not kept stands one whose pid is null. NULL ancestor: []. 0 or -ENOMEM.
 */
int ancestor_json(const struct ancestor *ancestor, struct redact *redact, char **ret);
