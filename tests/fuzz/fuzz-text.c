/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	setlocale(LC_ALL, "C.UTF-8");
	return 0;
}

/* Whatever comes in, and however small the buffer: one line of UTF-8 comes out, safe to show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t buffer_size = size ? 1 + data[0] : 1;

	for (int round = 0; round < 2; round++, buffer_size = 4 * size + 1) {
		char *buffer = malloc(buffer_size);
		size_t len;

		if (!buffer)
			return 0;
		len = text_escape((const char *)data, size, buffer, buffer_size);
		assert(len < buffer_size && strlen(buffer) == len && text_is_utf8(buffer, len));
		assert(text_columns(buffer) <= 2 * len);
		for (size_t i = 0; i < len;) {
			uint32_t code = 0;

			i += text_utf8_char(buffer + i, len - i, &code);
			assert(!text_is_unsafe(code));
		}
		free(buffer);
	}
	return 0;
}
