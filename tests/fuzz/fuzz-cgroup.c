/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Text of a /proc/PID/cgroup. A container's processes choose the names below its own cgroup. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/cgroup-home.h"
#include "runtime/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Must be asked only for what is one component each. */
static int task_exists(void *userdata, const char *namespace_name, const char *id)
{
	assert(*namespace_name && !strpbrk(namespace_name, "/\n") && namespace_name[0] != '.');
	assert(*id && !strpbrk(id, "/\n") && id[0] != '.');
	return id[0] & 1;
}

static void check_home(const char *text, size_t size, const char *id)
{
	char *home;

	if (cgroup_home_take(text, size, id, &home) < 0)
		return;
	cgroup_home_is_left(home, text, size);
	assert(!*home || !cgroup_home_is_left("", text, size));
	free(home);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct cgroup_match match;

	cgroup_match(text, size, task_exists, NULL, &match);
	assert(!match.runtime == !*match.container_id);
	assert(!match.outer_runtime == !*match.outer_id);
	assert(!*match.outer_id || strcmp(match.outer_id, match.container_id) != 0);
	assert(!strchr(match.container_id, '/') && !strchr(match.outer_id, '/'));
	assert(strcmp(match.container_id, ".") != 0 && strcmp(match.container_id, "..") != 0);
	assert(!match.matched == !(match.runtime || *match.pod_uid));
	if (match.runtime)
		check_home(text, size, match.container_id);
	if (match.matched) {
		assert(match.matched >= text && match.matched + match.matched_len <= text + size);
		assert(!memchr(match.matched, '\n', match.matched_len));
	}
	return 0;
}
