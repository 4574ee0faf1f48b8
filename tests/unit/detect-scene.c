/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect-scene.h"

struct touch worst_touch(void)
{
	return (struct touch){
		.path = "/etc/passwd",
		.action = ACTION_WRITE,
		.success = true,
		.auid = AUID_UNSET,
		.container = { .id = "df2302cf8c63", .privileged = TRISTATE_YES },
	};
}

static struct policy *policy;

int policy_setup(void **state)
{
	const struct policy_settings settings = {
		.own_paths = (const char *const[]){ "/srv/audit.db*" },
		.n_own_paths = 1,
		.own_program = "/opt/auditmon",
	};

	return policy_new(&settings, &policy);
}

int policy_teardown(void **state)
{
	policy_free(policy);
	return 0;
}

void detect_with(struct touch *touch, const struct touch_facts *facts)
{
	detect(touch, facts, policy);
}

void detect_plain(struct touch *touch)
{
	detect_with(touch, &(struct touch_facts){});
}

void assert_flag(const struct touch *touch, enum flag flag)
{
	assert_true(touch->flags & FLAG_BIT(flag));
}

void assert_no_flag(const struct touch *touch, enum flag flag)
{
	assert_false(touch->flags & FLAG_BIT(flag));
}

struct touch host_touch(enum action action, const char *path)
{
	return (struct touch){
		.path = path,
		.path_by = PATH_BY_IDENTITY,
		.action = action,
		.success = true,
		.auid = 1000,
		.exe = "/usr/bin/vi",
	};
}
