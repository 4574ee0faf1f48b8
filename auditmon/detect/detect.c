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

/* A flag of a container's process by itself, and together with a write to the host. */
static enum severity severity_of(unsigned flags)
{
	const unsigned worst = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
			       FLAG_BIT(FLAG_PRIVILEGED);
	const unsigned out = FLAG_BIT(FLAG_HOST_NAMESPACE) | FLAG_BIT(FLAG_CGROUP_ESCAPE);
	const unsigned warning = out | FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_ENGINE_SOCKET);

	if ((flags & worst) == worst || ((flags & FLAG_BIT(FLAG_HOST_WRITE)) && (flags & out)))
		return SEVERITY_CRITICAL;
	if (flags & warning)
		return SEVERITY_WARNING;
	return flags ? SEVERITY_NOTICE : SEVERITY_INFO;
}

static unsigned container_flags(const struct touch *touch, const struct touch_facts *facts)
{
	unsigned flags = 0;

	if (touch->container.privileged == TRISTATE_YES)
		flags |= FLAG_BIT(FLAG_PRIVILEGED);
	if (facts->host_namespace)
		flags |= FLAG_BIT(FLAG_HOST_NAMESPACE);
	if (facts->cgroup_left)
		flags |= FLAG_BIT(FLAG_CGROUP_ESCAPE);
	if (facts->engine_socket && !facts->own_file && touch->action == ACTION_CONNECT)
		flags |= FLAG_BIT(FLAG_ENGINE_SOCKET);
	if (touch->success && changes_file(touch->action) && !facts->own_file) {
		flags |= FLAG_BIT(FLAG_HOST_WRITE);
		/* A loginuid that the container set itself names nobody: before it is set, any
		 * process may. */
		if (touch->auid == AUID_UNSET || facts->entry_unset)
			flags |= FLAG_BIT(FLAG_DAEMON_SPAWNED);
	}
	return flags;
}

void detect(struct touch *touch, const struct touch_facts *facts)
{
	unsigned flags = touch->container.id ? container_flags(touch, facts) : 0;

	if (!touch->success)
		flags |= FLAG_BIT(FLAG_FAILED);
	touch->flags = flags;
	touch->severity = severity_of(flags);
}
