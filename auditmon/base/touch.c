/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/touch.h"

#include <errno.h>
#include <string.h>

const char *const action_names[ACTION_COUNT] = {
	[ACTION_WRITE] = "write",
	[ACTION_ATTR] = "attr",
	[ACTION_CREATE] = "create",
	[ACTION_DELETE] = "delete",
	[ACTION_RENAME] = "rename",
	[ACTION_LINK] = "link",
	[ACTION_READ] = "read",
	[ACTION_EXEC] = "exec",
	[ACTION_CONNECT] = "connect",
	[ACTION_MOUNT] = "mount",
	[ACTION_DENIED] = "denied",
};

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_INFO] = "info",
	[SEVERITY_NOTICE] = "notice",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_CRITICAL] = "critical",
};

const char *const flag_names[FLAG_COUNT] = {
	[FLAG_HOST_WRITE] = "host-write",
	[FLAG_DAEMON_SPAWNED] = "daemon-spawned",
	[FLAG_PRIVILEGED] = "privileged",
	[FLAG_HOST_NAMESPACE] = "host-namespace",
	[FLAG_CGROUP_ESCAPE] = "cgroup-escape",
	[FLAG_ENGINE_SOCKET] = "engine-socket",
	[FLAG_RAW_DEVICE] = "raw-device",
	[FLAG_TRUST_CHANGE] = "trust-change",
	[FLAG_SECRET_READ] = "secret-read",
	[FLAG_LOG_TAMPER] = "log-tamper",
	[FLAG_FAILED] = "failed",
};

const char *const path_by_names[PATH_BY_COUNT] = {
	[PATH_AS_SEEN] = "seen",
	[PATH_BY_NAME] = "name",
	[PATH_BY_IDENTITY] = "identity",
};

const char *const entry_names[ENTRY_COUNT] = {
	[ENTRY_UNKNOWN] = "unknown",
	[ENTRY_INIT] = "init",
	[ENTRY_EXEC] = "exec",
};

const char *const attributed_by_names[ATTRIBUTED_COUNT] = {
	[ATTRIBUTED_NONE] = NULL,
	[ATTRIBUTED_CGROUP] = "cgroup",
	[ATTRIBUTED_LINEAGE] = "lineage",
	[ATTRIBUTED_SHIM] = "shim",
	[ATTRIBUTED_LABEL] = "label",
};

const char *const confidence_names[CONFIDENCE_COUNT] = {
	[CONFIDENCE_NONE] = NULL,
	[CONFIDENCE_AMBIGUOUS] = "ambiguous",
	[CONFIDENCE_LIKELY] = "likely",
	[CONFIDENCE_CERTAIN] = "certain",
};

const char *const content_trust_names[CONTENT_TRUST_COUNT] = {
	[CONTENT_TRUST_UNKNOWN] = NULL,
	[CONTENT_TRUST_OFF] = "off",
	[CONTENT_TRUST_ON] = "on",
};

int name_lookup(const char *const *names, size_t n_names, const char *name)
{
	for (size_t i = 0; i < n_names; i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return (int)i;
	return -EINVAL;
}

/* Every pointer of a touch, by offset: copying is one loop, and a field that is forgotten here
 * dangles in the tests under ASan. */
static const size_t string_offsets[] = {
	offsetof(struct touch, node),
	offsetof(struct touch, path),
	offsetof(struct touch, path_seen),
	offsetof(struct touch, syscall),
	offsetof(struct touch, watch),
	offsetof(struct touch, comm),
	offsetof(struct touch, exe),
	offsetof(struct touch, ancestors),
	offsetof(struct touch, user),
	offsetof(struct touch, login),
	offsetof(struct touch, container.id),
	offsetof(struct touch, container.name),
	offsetof(struct touch, container.runtime),
	offsetof(struct touch, container.image),
	offsetof(struct touch, container.image_id),
	offsetof(struct touch, container.outer_id),
	offsetof(struct touch, launcher.login),
	offsetof(struct touch, launcher.exe),
	offsetof(struct touch, launcher.via),
	offsetof(struct touch, suppressed),
	offsetof(struct touch, digest_before),
	offsetof(struct touch, digest_after),
	offsetof(struct touch, launcher.reason),
	offsetof(struct touch, doubt),
};

static const size_t arguments_offsets[] = {
	offsetof(struct touch, argv),
	offsetof(struct touch, launcher.argv),
	offsetof(struct touch, launcher.evidence),
};

static void *field(struct touch *touch, size_t offset)
{
	return (char *)touch + offset;
}

int touch_copy(const struct touch *touch, struct touch **ret)
{
	struct touch *copy, from = *touch;
	size_t size = sizeof(*copy);
	char *end;

	for (size_t i = 0; i < ELEMENTS(string_offsets); i++) {
		const char **string = field(&from, string_offsets[i]);

		size += *string ? strlen(*string) + 1 : 0;
	}
	for (size_t i = 0; i < ELEMENTS(arguments_offsets); i++) {
		struct arguments *arguments = field(&from, arguments_offsets[i]);

		size += arguments->bytes ? arguments->len + 1 : 0;
	}

	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	*copy = from;
	end = (char *)(copy + 1);
	for (size_t i = 0; i < ELEMENTS(string_offsets); i++) {
		const char **string = field(copy, string_offsets[i]);

		if (*string) {
			const char *source = *string;

			*string = end;
			end = stpcpy(end, source) + 1;
		}
	}
	for (size_t i = 0; i < ELEMENTS(arguments_offsets); i++) {
		struct arguments *arguments = field(copy, arguments_offsets[i]);

		if (arguments->bytes) {
			memcpy(end, arguments->bytes, arguments->len);
			arguments->bytes = end;
			end += arguments->len;
			*end++ = '\0';
		}
	}
	*ret = copy;
	return 0;
}
