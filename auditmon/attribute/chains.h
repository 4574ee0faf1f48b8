/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Chains of nodes by hash
 *
 * An index beside an array that somebody else owns: node N stands for whatever they mean by it, and
 * is in one chain at most. Who looks something up walks the chain of its hash, in no order, and
 * compares. Nothing is allocated after chains_init().
 */

#include <stddef.h>
#include <stdint.h>

#define CHAIN_END UINT32_MAX

struct chains {
	uint32_t *heads, *next;
	uint32_t mask;
};

/* None of n_nodes (less than 2^31) is in a chain yet. 0 or -ENOMEM. */
int chains_init(struct chains *chains, size_t n_nodes);
void chains_done(struct chains *chains);

void chains_link(struct chains *chains, uint64_t hash, uint32_t node);
void chains_unlink(struct chains *chains, uint64_t hash, uint32_t node);

/* CHAIN_END: no more. Those of other hashes may be between. */
uint32_t chains_first(const struct chains *chains, uint64_t hash);
uint32_t chains_next(const struct chains *chains, uint32_t node);

uint64_t chains_hash(const char *text, size_t len);
