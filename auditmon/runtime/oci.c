/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/oci.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* From containerd internal/cri/annotations, kubelet, cri-o internal/annotations, nerdctl. */
// clang-format off
#define FIELD(key, field) { "$.annotations.\"" key "\"", offsetof(struct container_info, field) }
static const struct state_field fields[] = {
	FIELD("io.kubernetes.cri.container-name",       name),
	FIELD("io.kubernetes.container.name",           name),
	FIELD("io.kubernetes.cri-o.ContainerName",      name),
	FIELD("nerdctl/name",                           name),
	FIELD("io.kubernetes.cri.sandbox-uid",          pod_uid),
	FIELD("io.kubernetes.pod.uid",                  pod_uid),
	FIELD("io.kubernetes.cri.sandbox-name",         pod_name),
	FIELD("io.kubernetes.pod.name",                 pod_name),
	FIELD("io.kubernetes.cri-o.KubeName",           pod_name),
	FIELD("io.kubernetes.cri.sandbox-namespace",    pod_namespace),
	FIELD("io.kubernetes.pod.namespace",            pod_namespace),
	FIELD("io.kubernetes.cri-o.Namespace",          pod_namespace),
	FIELD("io.kubernetes.cri.image-name",           image),
	FIELD("io.kubernetes.cri-o.Image",              image),
	FIELD("io.kubernetes.cri-o.ImageName",          image),
};
// clang-format on

/* An engine's own word on --privileged, "TRUE" or "false". */
static const char *const privileged_paths[] = {
	"$.annotations.\"io.podman.annotations.privileged\"",
	"$.annotations.\"io.kubernetes.cri-o.PrivilegedRuntime\"",
};

/*
 * Capabilities that only --privileged or --cap-add gives. Not "all that the kernel has": an engine
 * grants those that it knows and has itself, and may run with a reduced bounding set.
 */
static const char *const beyond_default[] = {
	"CAP_SYS_ADMIN",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_PTRACE",
	"CAP_SYS_BOOT",
	"CAP_SYS_TIME",
	"CAP_NET_ADMIN",
	"CAP_DAC_READ_SEARCH",
	"CAP_LINUX_IMMUTABLE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
};

static bool has_string(const char *strings, size_t len, const char *wanted)
{
	for (const char *s = strings; s < strings + len; s += strlen(s) + 1)
		if (strcmp(s, wanted) == 0)
			return true;
	return false;
}

static int take_mount(struct json *mount, void *userdata)
{
	_cleanup_(freep) char *source = NULL, *destination = NULL, *type = NULL, *options = NULL;
	size_t len = 0;
	bool recursive;
	int r;

	r = state_take_string(mount, "$.source", &source);
	if (r == 0)
		r = state_take_string(mount, "$.destination", &destination);
	if (r == 0)
		r = state_take_string(mount, "$.type", &type);
	if (r == 0)
		r = state_take_arguments(mount, "$.options", &options, &len);
	if (r < 0 || !source || !destination || *source != '/' || *destination != '/')
		return r;
	/* The type of a bind mount is free (runtime-spec config.md, Linux mount options). */
	recursive = options && has_string(options, len, "rbind");
	if (!recursive && !(options && has_string(options, len, "bind")) &&
		!(type && strcmp(type, "bind") == 0))
		return 0;
	return container_info_add_mount(
		userdata, &(struct container_mount){ .source = source,
				  .destination = destination,
				  .writable = !(options && has_string(options, len, "ro")),
				  .recursive = recursive });
}

static int take_rootfs(struct json *json, const char *bundle, struct container_info *info)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	if (info->rootfs)
		return 0;
	r = state_take_string(json, "$.root.path", &path);
	if (r < 0 || !path)
		return r;
	if (*path == '/') {
		info->rootfs = TAKE(path);
		return 0;
	}
	if (asprintf(&info->rootfs, "%s/%s", bundle, path) < 0) {
		info->rootfs = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* 1 where the element allows every device: no type, or "a", and no numbers. */
static int allows_all_devices(struct json *element, void *userdata)
{
	_cleanup_(freep) char *type = NULL, *access = NULL;
	int64_t number;
	bool allow;

	if (json_bool(element, "$.allow", &allow) < 0 || !allow ||
		json_string(element, "$.access", &access) < 0)
		return 0;
	if (json_int(element, "$.major", &number) == 0 && number >= 0)
		return 0;
	if (json_string(element, "$.type", &type) == 0 && *type && strcmp(type, "a") != 0)
		return 0;
	return strchr(access, 'r') && strchr(access, 'w') && strchr(access, 'm');
}

static int is_user_namespace(struct json *element, void *userdata)
{
	_cleanup_(freep) char *type = NULL;

	return json_string(element, "$.type", &type) == 0 && strcmp(type, "user") == 0;
}

static bool has_all_capabilities(struct json *json, bool *ret_known)
{
	_cleanup_(freep) char *bounding = NULL;
	size_t len;

	*ret_known = json_strings(json, "$.process.capabilities.bounding", &bounding, &len) == 0;
	for (size_t i = 0; *ret_known && i < ELEMENTS(beyond_default); i++)
		if (!has_string(bounding, len, beyond_default[i]))
			return false;
	return *ret_known;
}

/*
 * What --privileged leaves of a spec, for engines that do not say the word in it: every capability,
 * no seccomp filter, nothing masked, every device. With some but not all of it the word may or may
 * not have been said: containerd can be told to leave the devices out, and in a user namespace the
 * same spec grants little.
 */
static enum tristate posture(struct json *json)
{
	_cleanup_(freep) char *seccomp = NULL;
	size_t n_masked = 0;
	bool known;

	if (!has_all_capabilities(json, &known))
		return known ? TRISTATE_NO : TRISTATE_UNKNOWN;
	json_array_len(json, "$.linux.maskedPaths", &n_masked);
	if (n_masked > 0 || json_text(json, "$.linux.seccomp", &seccomp) == 0)
		return TRISTATE_NO;
	if (json_each(json, "$.linux.namespaces", is_user_namespace, NULL) == 1)
		return TRISTATE_UNKNOWN;
	if (json_each(json, "$.linux.resources.devices", allows_all_devices, NULL) == 1)
		return TRISTATE_YES;
	return TRISTATE_UNKNOWN;
}

static enum tristate find_privileged(struct json *json)
{
	for (size_t i = 0; i < ELEMENTS(privileged_paths); i++) {
		_cleanup_(freep) char *word = NULL;

		if (json_string(json, privileged_paths[i], &word) < 0)
			continue;
		if (strcasecmp(word, "true") == 0)
			return TRISTATE_YES;
		if (strcasecmp(word, "false") == 0)
			return TRISTATE_NO;
	}
	return posture(json);
}

/*
 * CRI-O keeps the labels as JSON text inside the JSON. It is used as it is, so it must be an
 * object.
 */
static int take_labels(struct json *json, struct container_info *info)
{
	_cleanup_(freep) char *text = NULL;
	int r;

	if (info->labels)
		return 0;
	r = json_string(json, "$.annotations.\"io.kubernetes.cri-o.Labels\"", &text);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = json_load(json, text, strlen(text));
	if (r == 0)
		r = state_take_labels(json, "$", &info->labels);
	return r == -ENOMEM ? r : 0;
}

static int take_posture(struct json *json, const char *bundle, struct container_info *info)
{
	_cleanup_(freep) char *source = NULL;

	if (asprintf(&source, "%s/config.json", bundle) < 0) {
		source = NULL;
		return -ENOMEM;
	}
	return posture_take_spec(json, source, info);
}

int oci_take_config(struct json *json, const char *bundle, struct container_info *info)
{
	int r;

	r = state_take_fields(json, fields, ELEMENTS(fields), info);
	if (r == 0)
		r = state_take_string(json, "$.process.selinuxLabel", &info->process_label);
	if (r == 0)
		r = state_take_arguments(
			json, "$.process.args", &info->command, &info->command_len);
	if (r == 0)
		r = state_take_time(
			json, "$.annotations.\"io.kubernetes.cri-o.Created\"", &info->created_msec);
	if (r == 0)
		r = take_rootfs(json, bundle, info);
	if (r == 0)
		r = take_posture(json, bundle, info);
	if (r == 0)
		r = json_each(json, "$.mounts", take_mount, info);
	if (r == -ENOMEM)
		return r;
	if (info->privileged == TRISTATE_UNKNOWN)
		info->privileged = find_privileged(json);
	return take_labels(json, info);
}

int oci_describe(
	struct json *json, const struct state_directory *bundle, struct container_info *info)
{
	int r = state_load(json, bundle, "config.json");

	if (r == 0)
		r = oci_take_config(json, bundle->path, info);
	return r < 0 ? r : state_credit(bundle, "config.json", info);
}
