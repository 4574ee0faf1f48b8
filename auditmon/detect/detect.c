/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/detect.h"

#include "detect/severity.h"

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
	/* A runtime makes device nodes at a container's start: that is ACTION_CREATE. The node may
	 * be the container's own; the device is not. */
	if (facts->block_device && touch->success && touch->action == ACTION_WRITE)
		flags |= FLAG_BIT(FLAG_RAW_DEVICE);
	if (touch->success && changes_file(touch->action) && !facts->own_file &&
		!facts->unknown_file) {
		flags |= FLAG_BIT(FLAG_HOST_WRITE);
		/* A loginuid that the container set itself names nobody: before it is set, any
		 * process may. */
		if (touch->auid == AUID_UNSET || facts->entry_unset)
			flags |= FLAG_BIT(FLAG_DAEMON_SPAWNED);
	}
	return flags;
}

/* A mount over a file hides it from who opens it by name. */
static bool tampers(
	const struct touch *touch, const struct touch_facts *facts, const struct policy *policy)
{
	if (policy_is_own_program(policy, touch))
		return false;
	if (facts->own_records)
		return true;
	return !facts->own_file && policy_is_own(policy, touch) &&
	       (changes_file(touch->action) || touch->action == ACTION_MOUNT);
}

/* What is true of a process of the host as well. An attempt on the log is told; a change of trust
 * or a secret that was read is one only if it succeeded. */
static unsigned host_flags(
	const struct touch *touch, const struct touch_facts *facts, const struct policy *policy)
{
	unsigned flags = 0;

	if (tampers(touch, facts, policy))
		flags |= FLAG_BIT(FLAG_LOG_TAMPER);
	if (!touch->success || facts->own_file)
		return flags;
	if ((changes_file(touch->action) || touch->action == ACTION_MOUNT) &&
		policy_is_trust(policy, touch))
		flags |= FLAG_BIT(FLAG_TRUST_CHANGE);
	if (facts->reads && policy_is_secret(policy, touch) && !policy_may_read(policy, touch, facts))
		flags |= FLAG_BIT(FLAG_SECRET_READ);
	return flags;
}

void detect(struct touch *touch, const struct touch_facts *facts, const struct policy *policy)
{
	unsigned flags = touch->container.id ? container_flags(touch, facts) : 0;

	flags |= host_flags(touch, facts, policy);
	if (!touch->success)
		flags |= FLAG_BIT(FLAG_FAILED);
	touch->flags = flags;
	touch->severity = severity_of(touch);
}
