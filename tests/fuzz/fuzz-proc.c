/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same bytes as each of the files that are parsed: what is accepted makes sense. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct proc_stat stat = { 0 };
	uint32_t loginuid = 0;
	unsigned depth = 0;
	pid_t pid = 0;

	if (!text)
		return 0;
	if (proc_parse_stat(text, &stat) == 0)
		assert(strchr(text, ')') && stat.parent >= 0);
	if (proc_parse_inner_pid(text, &pid, &depth) == 0)
		assert(pid > 0 && depth > 0 && depth <= size);
	if (proc_parse_loginuid(text, &loginuid) == 0)
		assert(text[0] >= '0' && text[0] <= '9');
	proc_parse_content_trust(text, strlen(text), true);
	/* An environment as the kernel gives it: NULs within, and none at its end where it was cut.
	 */
	proc_parse_content_trust((const char *)data, size, false);
	free(text);
	return 0;
}
