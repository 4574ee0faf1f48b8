/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A bolt file, as rootless users can make them up. The checksum of the metas is put right, or no
 * change would get past it.
 */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bolt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_right(uint8_t *bytes, size_t size, size_t at)
{
	uint64_t hash = 14695981039346656037u;

	if (size < at + 80)
		return;
	for (size_t i = 0; i < 56; i++)
		hash = (hash ^ bytes[at + 16 + i]) * 1099511628211u;
	memcpy(bytes + at + 72, &hash, sizeof(hash));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = { "ctr", "5c5b1f0d", "config" };
	uint8_t *bytes = malloc(size ? size : 1);
	struct bolt_value value;
	struct bolt bolt;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	put_right(bytes, size, 0);
	put_right(bytes, size, 512);
	if (bolt_open(bytes, size, &bolt) == 0)
		for (size_t n = 0; n <= 3; n++)
			if (bolt_get(&bolt, keys, n, &value) == 0 && value.len > 0)
				assert(value.bytes >= bytes &&
					value.bytes + value.len <= bytes + size);
	free(bytes);
	return 0;
}
