/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An SQLite file, as rootless users can make them up
 */

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/sqlite-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sqlite_column column = { "T", "ID", "JSON" };
	char *bytes = malloc(size ? size : 1), *text = NULL;
	int r;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	r = sqlite_file_text(bytes, size, &column, "a", &text);
	assert(r == 0 || r == -ENOENT || r == -EBADMSG || r == -ENOMEM);
	assert((r == 0) == (text != NULL));
	free(text);
	free(bytes);
	return 0;
}
