/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/posture.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json-encode.h"
#include "base/path-walk.h"
#include "runtime/container.h"
#include "runtime/engine-socket.h"

const char *const posture_names[POSTURE_COUNT] = {
	[POSTURE_CAPABILITIES] = "capabilities_added",
	[POSTURE_SECCOMP] = "seccomp",
	[POSTURE_LABEL] = "label",
	[POSTURE_USER_NAMESPACE] = "user_namespace",
	[POSTURE_NO_NEW_PRIVILEGES] = "no_new_privileges",
	[POSTURE_READ_ONLY_ROOT] = "read_only_root",
	[POSTURE_HOST_NAMESPACES] = "host_namespaces",
	[POSTURE_ENGINE_SOCKETS] = "engine_sockets",
	[POSTURE_HOST_PATHS] = "host_paths",
};

int posture_set(struct container_info *info, enum posture_fact fact, char *json, const char *source)
{
	struct posture_value *value = &info->posture[fact];
	char *copy;

	if (!json)
		return 0;
	copy = strdup(source);
	if (!copy) {
		free(json);
		return -ENOMEM;
	}
	free(value->json);
	free(value->source);
	*value = (struct posture_value){ json, copy };
	return 0;
}

int posture_json(const struct container_info *info, char **ret)
{
	_cleanup_(freep) char *json = NULL;
	const char *separator = "{";
	FILE *out = open_memstream(&json, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	for (int fact = 0; fact < POSTURE_COUNT; fact++) {
		const struct posture_value *value = &info->posture[fact];

		if (!value->json)
			continue;
		fprintf(out, "%s\"%s\":{\"value\":%s,\"source\":", separator, posture_names[fact],
			value->json);
		json_encode_string(out, value->source, strlen(value->source));
		fputc('}', out);
		separator = ",";
	}
	if (*separator == ',')
		fputc('}', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = json[0] ? TAKE(json) : NULL;
	return 0;
}

/* Where a path is looked up: below root, and never where one might have to wait. */
struct sight {
	const char *root;
	const struct mounts *mounts;
};

static bool is_socket(const struct sight *sight, const char *path)
{
	char name[PATH_MAX], canonical[PATH_WALK_SIZE];
	_cleanup_(closep) int fd = -1;
	struct stat st;

	if (snprintf(name, sizeof(name), "%s%s", sight->root, path) >= (int)sizeof(name))
		return false;
	fd = path_walk(sight->mounts, name, false, canonical);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool is_at_or_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (strcmp(directory, "/") == 0)
		return true;
	return strncmp(path, directory, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static void print_socket(FILE *out, const char *path, unsigned *n)
{
	if ((*n)++ > 0)
		fputc(',', out);
	json_encode_string(out, path, strlen(path));
}

/* A socket that is mounted by itself counts by its name, wherever the host has it. */
static void print_own(
	FILE *out, const struct sight *sight, const struct container_info *info, unsigned *n)
{
	for (size_t i = 0; i < info->n_mounts; i++) {
		const char *source = info->mounts[i].source;

		if (engine_socket_is_named(source) && !engine_socket_is_known(source) &&
			is_socket(sight, source))
			print_socket(out, source, n);
	}
}

static bool is_mounted(const struct container_info *info, const char *path)
{
	for (size_t i = 0; i < info->n_mounts; i++) {
		const char *source = info->mounts[i].source;

		source = strncmp(source, "/var/run", 8) == 0 ? source + 4 : source;
		if (is_at_or_below(path, source))
			return true;
	}
	return false;
}

int posture_find_sockets(const char *root, const struct mounts *mounts, struct container_info *info)
{
	const struct sight sight = { root, mounts };
	_cleanup_(freep) char *json = NULL;
	const char *path;
	unsigned n = 0;
	FILE *out;

	/* Without a word of the engine nothing is known of its mounts, not even that there are
	 * none. */
	if (!info->source)
		return 0;
	out = open_memstream(&json, &(size_t){ 0 });
	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (size_t i = 0; (path = engine_socket_path(i)) != NULL; i++)
		if (is_mounted(info, path) && is_socket(&sight, path))
			print_socket(out, path, &n);
	print_own(out, &sight, info, &n);
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	return posture_set(info, POSTURE_ENGINE_SOCKETS, TAKE(json), info->source);
}

bool posture_shares_with_host(const struct container_info *info, const char *kind)
{
	const char *kinds = info->posture[POSTURE_HOST_NAMESPACES].json;
	char quoted[32];

	snprintf(quoted, sizeof(quoted), "\"%s\"", kind);
	return kinds && strstr(kinds, quoted);
}
