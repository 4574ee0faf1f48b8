/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the posture is read from in /proc: the first byte says which file the rest is of. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "runtime/posture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const parsers[])(const char *text, char **ret) = { posture_parse_capabilities,
		posture_parse_seccomp, posture_parse_no_new_privileges, posture_parse_uid_map };
	static struct json *json;
	char *text, *value = NULL;

	if (size == 0 || (!json && json_new(&json) < 0))
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		return 0;
	assert(parsers[data[0] % 4](text, &value) == 0);
	assert(!value || json_load(json, value, strlen(value)) == 0);
	free(value);
	free(text);
	return 0;
}
