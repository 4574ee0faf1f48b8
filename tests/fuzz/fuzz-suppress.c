/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "detect/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is refused has a line and a reason; what is accepted can be asked. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct touch touch = { .flags = ~0u >> (32 - FLAG_COUNT),
		.path = "/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.exe = "/bin/sh",
		.login = "anna",
		.container = { .id = "c", .name = "web", .image = "web:1" } };
	const struct touch_facts facts = { .labels = "{\"a\":\"b\",\"role\":\"backup\"}" };
	struct suppress_error error = { 0 };
	struct suppressions *suppressions;
	char *text = malloc(size + 1);
	int64_t expiry;
	int r;

	if (!text || suppressions_new(&suppressions) < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	r = suppressions_parse(suppressions, "file", text, size, &error);
	assert(r == 0 || r == -EINVAL);
	if (r == -EINVAL)
		assert(error.line > 0 && error.reason[0] && error.file);
	else
		suppressions_find(suppressions, &touch, &facts);
	while (suppressions_expired(suppressions, 0, &expiry))
		;
	suppress_error_done(&error);
	suppressions_free(suppressions);
	free(text);
	return 0;
}
