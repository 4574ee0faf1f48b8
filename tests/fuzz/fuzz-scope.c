/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The key of a record: rules of anybody can have any, also one that looks like a companion's. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/companion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *key = strndup((const char *)data, size);
	const char *directory = key;
	enum rule_scope scope;
	size_t len = 0;

	if (!key)
		return 0;
	scope = rule_scope_of(key, &len, &directory);
	assert(len <= strlen(key));
	assert((scope == SCOPE_BELOW) == (directory != NULL));
	assert(!directory || (directory > key + len && directory <= key + strlen(key)));
	assert(scope != SCOPE_ALL || len == strlen(key));
	assert(scope == SCOPE_ALL || len == 0 || key[len] == ',');
	free(key);
	return 0;
}
