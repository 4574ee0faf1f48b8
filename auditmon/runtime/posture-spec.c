/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "runtime/capability.h"
#include "runtime/container.h"
#include "runtime/posture.h"

/* An absent boolean is false (runtime-spec config.md). */
static int take_boolean(struct json *json, const char *path, enum posture_fact fact,
	const char *source, struct container_info *info)
{
	bool value = false;
	char *text;
	int r = json_bool(json, path, &value);

	if (r == -ENOMEM)
		return r;
	text = strdup(value ? "true" : "false");
	return text ? posture_set(info, fact, text, source) : -ENOMEM;
}

static int take_capabilities(struct json *json, const char *source, struct container_info *info)
{
	_cleanup_(freep) char *bounding = NULL;
	size_t len = 0;
	char *text;
	int r = json_strings(json, "$.process.capabilities.bounding", &bounding, &len);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = capability_names_beyond_default(bounding, len, &text);
	return r < 0 ? r : posture_set(info, POSTURE_CAPABILITIES, text, source);
}

static int take_seccomp(struct json *json, const char *source, struct container_info *info)
{
	_cleanup_(freep) char *profile = NULL;
	char *text;
	int r = json_text(json, "$.linux.seccomp", &profile);

	if (r == -ENOMEM)
		return r;
	text = strdup(r == 0 ? "\"filter\"" : "\"disabled\"");
	return text ? posture_set(info, POSTURE_SECCOMP, text, source) : -ENOMEM;
}

static int take_label(struct json *json, const char *source, struct container_info *info)
{
	static const char *const paths[] = { "$.process.selinuxLabel",
		"$.process.apparmorProfile" };

	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		_cleanup_(freep) char *label = NULL;
		char *text;
		int r = json_string(json, paths[i], &label);

		if (r == -ENOMEM)
			return r;
		if (r < 0 || label[0] == '\0')
			continue;
		r = json_quote(label, strlen(label), &text);
		return r < 0 ? r : posture_set(info, POSTURE_LABEL, text, source);
	}
	return 0;
}

/* The kinds that a spec has namespaces of; one of somebody else's (path) may be the host's or not.
 */
struct kinds {
	unsigned own, joined;
};

static const struct {
	const char *type, *kind;
} kinds[] = {
	{ "cgroup", "cgroup" },
	{ "ipc", "ipc" },
	{ "mount", "mnt" },
	{ "network", "net" },
	{ "pid", "pid" },
	{ "user", "user" },
	{ "uts", "uts" },
};

static int note_kind(struct json *json, void *userdata)
{
	_cleanup_(freep) char *type = NULL, *path = NULL;
	struct kinds *found = userdata;

	if (json_string(json, "$.type", &type) < 0)
		return 0;
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (strcmp(type, kinds[i].type) != 0)
			continue;
		if (json_string(json, "$.path", &path) == 0 && path[0])
			found->joined |= 1u << i;
		else
			found->own |= 1u << i;
	}
	return 0;
}

static int take_namespaces(struct json *json, const char *source, struct container_info *info)
{
	_cleanup_(freep) char *text = NULL;
	struct kinds found = { 0 };
	unsigned n = 0;
	FILE *out;
	int r = json_each(json, "$.linux.namespaces", note_kind, &found);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	/* Which namespace a path leads to is the kernel's to say. */
	if (found.joined)
		return 0;
	out = open_memstream(&text, &(size_t){ 0 });
	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (!(found.own >> i & 1))
			fprintf(out, "%s\"%s\"", n++ ? "," : "", kinds[i].kind);
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	return posture_set(info, POSTURE_HOST_NAMESPACES, TAKE(text), source);
}

int posture_take_spec(struct json *json, const char *source, struct container_info *info)
{
	int r = take_boolean(json, "$.root.readonly", POSTURE_READ_ONLY_ROOT, source, info);

	r = r < 0 ? r
		  : take_boolean(json, "$.process.noNewPrivileges", POSTURE_NO_NEW_PRIVILEGES,
			    source, info);
	r = r < 0 ? r : take_capabilities(json, source, info);
	r = r < 0 ? r : take_seccomp(json, source, info);
	r = r < 0 ? r : take_label(json, source, info);
	return r < 0 ? r : take_namespaces(json, source, info);
}
