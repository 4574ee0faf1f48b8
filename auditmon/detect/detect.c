/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/detect.h"

static bool changes_file(enum action action)
{
	switch (action) {
	case ACTION_WRITE:
	case ACTION_ATTR:
	case ACTION_CREATE:
	case ACTION_DELETE:
	case ACTION_RENAME:
	case ACTION_LINK:
		return true;
	default:
		return false;
	}
}

static enum severity severity_of(unsigned flags)
{
	const unsigned worst = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
		FLAG_BIT(FLAG_PRIVILEGED);

	if ((flags & worst) == worst)
		return SEVERITY_CRITICAL;
	if (flags & FLAG_BIT(FLAG_HOST_WRITE))
		return SEVERITY_WARNING;
	return flags ? SEVERITY_NOTICE : SEVERITY_INFO;
}

void detect(struct touch *touch, const struct detect_facts *facts)
{
	unsigned flags = 0;

	if (!touch->success)
		flags |= FLAG_BIT(FLAG_FAILED);
	if (touch->container.id) {
		if (touch->container.privileged == TRISTATE_YES)
			flags |= FLAG_BIT(FLAG_PRIVILEGED);
		if (touch->success && changes_file(touch->action) && !facts->container_own_file) {
			flags |= FLAG_BIT(FLAG_HOST_WRITE);
			/* A loginuid that the container set itself names nobody: before it is set, any process may. */
			if (touch->auid == AUID_UNSET || facts->entry_unset)
				flags |= FLAG_BIT(FLAG_DAEMON_SPAWNED);
		}
	}
	touch->flags = flags;
	touch->severity = severity_of(flags);
}
