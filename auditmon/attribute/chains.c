/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/chains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int chains_init(struct chains *chains, size_t n_nodes)
{
	size_t n_heads = 1;

	while (n_heads < n_nodes)
		n_heads *= 2;
	*chains = (struct chains){
		.heads = malloc(n_heads * sizeof(uint32_t)),
		.next = calloc(n_nodes + 1, sizeof(uint32_t)),
		.mask = (uint32_t)(n_heads - 1),
	};
	if (!chains->heads || !chains->next) {
		chains_done(chains);
		return -ENOMEM;
	}
	memset(chains->heads, 0xff, n_heads * sizeof(uint32_t));
	return 0;
}

void chains_done(struct chains *chains)
{
	free(chains->heads);
	free(chains->next);
	*chains = (struct chains){ 0 };
}

static uint32_t *head_of(const struct chains *chains, uint64_t hash)
{
	return &chains->heads[(hash ^ hash >> 32) & chains->mask];
}

void chains_link(struct chains *chains, uint64_t hash, uint32_t node)
{
	uint32_t *head = head_of(chains, hash);

	chains->next[node] = *head;
	*head = node;
}

void chains_unlink(struct chains *chains, uint64_t hash, uint32_t node)
{
	uint32_t *at = head_of(chains, hash);

	while (*at != CHAIN_END && *at != node)
		at = &chains->next[*at];
	if (*at == node)
		*at = chains->next[node];
}

uint32_t chains_first(const struct chains *chains, uint64_t hash)
{
	return chains->heads ? *head_of(chains, hash) : CHAIN_END;
}

uint32_t chains_next(const struct chains *chains, uint32_t node)
{
	return chains->next[node];
}

/* FNV-1a. */
uint64_t chains_hash(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return hash;
}
