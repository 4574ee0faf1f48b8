/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file that says which rules in the kernel are ours. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/ownership.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ownership ownership;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	ownership_parse(text, size, "0123456789abcdef0123456789abcdef", &ownership);
	ownership_done(&ownership);
	free(text);
	return 0;
}
