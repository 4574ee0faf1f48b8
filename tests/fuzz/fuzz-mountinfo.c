/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mounts.h"
#include "runtime/posture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path of the namespace, to a place in a file system, and back to a name: which is a path again,
 * on a mount of that device. */
static void translate(const struct mounts *mounts, const char *path)
{
	const char *rest = NULL;
	const struct mount *mount = mounts_covering(mounts, path, &rest);
	char *name = NULL, *place;
	size_t len;
	int r;

	if (!mount)
		return;
	assert(path_is_below(path, mount->point));
	assert(rest[0] == '\0' || rest[0] == '/');
	assert(mounts_of_device(mounts, mount->dev_major, mount->dev_minor));
	assert(mounts_by_id(mounts, mount->id));
	len = strlen(mount->root) + strlen(rest) + 1;
	place = malloc(len);
	if (!place)
		return;
	strcpy(place, strcmp(mount->root, "/") == 0 && rest[0] ? "" : mount->root);
	strcat(place, rest);
	r = mounts_name_of(mounts, mount->dev_major, mount->dev_minor, place, &name);
	assert(r == 0 && name[0] == '/');
	free(name);
	free(place);
}

/* What is made of it for a container's posture is JSON. */
static void print_paths(const struct mounts *mounts)
{
	static struct json *json;
	char *paths;

	if (!json && json_new(&json) < 0)
		return;
	assert(posture_host_paths(mounts, mounts, &paths) == 0);
	assert(!paths || json_load(json, paths, strlen(paths)) == 0);
	free(paths);
}

/* A mountinfo; its last line is the path that is asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct mounts *mounts = NULL;
	const char *path;

	if (!text)
		return 0;
	path = strrchr(text, '\n');
	path = path ? path + 1 : text;
	if (mounts_parse(text, &mounts) == 0) {
		for (size_t i = 0; i < mounts->n; i++) {
			assert(mounts->list[i].root[0] == '/' && mounts->list[i].point[0] == '/');
			translate(mounts, mounts->list[i].point);
		}
		if (path[0] == '/')
			translate(mounts, path);
		print_paths(mounts);
	}
	mounts_free(mounts);
	free(text);
	return 0;
}
