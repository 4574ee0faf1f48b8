/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		assert(list->items[i][0] != '\0');
}

/* What is accepted is in range; what is refused has a line and a reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct config_error error;
	struct config config;
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	config_init(&config);
	r = config_parse(&config, text, size, &error);
	assert(r == 0 || r == -EINVAL);
	if (r == -EINVAL)
		assert(error.line > 0 && error.reason[0]);
	check_list(&config.docker_roots);
	check_list(&config.podman_roots);
	check_list(&config.redact);
	assert(config.backlog_limit >= 64 && config.process_limit >= 1024);
	config_done(&config);
	free(text);
	return 0;
}
