/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/podman.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/oci.h"
#include "runtime/podman-database.h"

/* containers/storage drivers that Podman can use; fuse-overlayfs is "overlay" too. */
static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" };

static const char *const container_lists[] = { "containers.json", "volatile-containers.json" };

static const struct state_field metadata_fields[] = {
	{ "$.\"image-name\"", offsetof(struct container_info, image) },
	{ "$.name", offsetof(struct container_info, name) },
};

static int take_image_id(struct json *element, struct container_info *info)
{
	_cleanup_(freep) char *image = NULL;
	int r;

	if (info->image_id)
		return 0;
	r = state_take_string(element, "$.image", &image);
	if (r < 0 || !image || !state_id_is_hex64(image))
		return r;
	if (asprintf(&info->image_id, "sha256:%s", image) < 0) {
		info->image_id = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* 1 where it was the one. The metadata are JSON text inside the JSON. */
static int take_element(struct json *element, void *userdata)
{
	_cleanup_(freep) char *id = NULL, *metadata = NULL;
	struct container_info *info = userdata;
	int r;

	if (json_string(element, "$.id", &id) < 0 || strcmp(id, info->id) != 0)
		return 0;
	r = state_take_string(element, "$.names[0]", &info->name);
	if (r == 0)
		r = state_take_time(element, "$.created", &info->created_msec);
	if (r == 0)
		r = take_image_id(element, info);
	if (r < 0)
		return r;
	r = json_string(element, "$.metadata", &metadata);
	if (r == 0)
		r = json_load(element, metadata, strlen(metadata));
	if (r == 0)
		r = state_take_fields(element, metadata_fields, ELEMENTS(metadata_fields), info);
	return r == -ENOMEM ? r : 1;
}

int podman_take_container(struct json *json, struct container_info *info)
{
	int r = json_each(json, "$", take_element, info);

	if (r == 1)
		return 0;
	return r == -ENOMEM ? r : -ENOENT;
}

static int take_lists(
	struct json *json, const struct state_directory *containers, struct container_info *info)
{
	for (size_t i = 0; i < ELEMENTS(container_lists); i++) {
		int r = state_load(json, containers, container_lists[i]);

		if (r == 0)
			r = podman_take_container(json, info);
		if (r == 0)
			r = state_credit(containers, container_lists[i], info);
		if (r == 0 && info->name && !info->named_by &&
			asprintf(&info->named_by, "%s/%s", containers->path, container_lists[i]) <
				0) {
			info->named_by = NULL;
			r = -ENOMEM;
		}
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}

/* 1 where it was the one. */
static int take_image(struct json *element, void *userdata)
{
	_cleanup_(freep) char *id = NULL;
	struct container_info *info = userdata;
	int r;

	if (json_string(element, "$.id", &id) < 0 ||
		strcmp(id, info->image_id + strlen("sha256:")) != 0)
		return 0;
	r = state_take_string(element, "$.digest", &info->image_digest);
	return r < 0 ? r : 1;
}

int podman_take_image(struct json *json, struct container_info *info)
{
	int r;

	if (!info->image_id || strncmp(info->image_id, "sha256:", strlen("sha256:")) != 0)
		return -ENOENT;
	r = json_each(json, "$", take_image, info);
	if (r == 1)
		return info->image_digest ? 0 : -ENOENT;
	return r == -ENOMEM ? r : -ENOENT;
}

static int describe_image(struct json *json, const struct state_directory *storage,
	const char *driver, struct container_info *info)
{
	char file[64];
	int r;

	snprintf(file, sizeof(file), "%s-images/images.json", driver);
	r = state_load(json, storage, file);
	r = r < 0 ? r : podman_take_image(json, info);
	r = r < 0 ? r : state_credit(storage, file, info);
	return r == -ENOMEM ? r : 0;
}

static int describe_below(
	struct json *json, const struct state_directory *containers, struct container_info *info)
{
	struct state_directory bundle;
	char below[80];
	bool has_spec;
	int r;

	snprintf(below, sizeof(below), "%s/userdata", info->id);
	r = state_directory_open_below(containers, below, &bundle);
	if (r == 0) {
		r = oci_describe(json, &bundle, info);
		state_directory_done(&bundle);
	}
	has_spec = r == 0;
	if (r == -ENOMEM)
		return r;
	r = take_lists(json, containers, info);
	/* One that was never started has no spec yet. */
	return r == 0 && !has_spec && !info->source ? -ENOENT : r;
}

int podman_describe(
	struct json *json, const struct state_directory *storage, struct container_info *info)
{
	if (!state_id_is_hex64(info->id))
		return -ENOENT;
	for (size_t i = 0; i < ELEMENTS(drivers); i++) {
		struct state_directory containers;
		char below[32];
		int r;

		snprintf(below, sizeof(below), "%s-containers", drivers[i]);
		r = state_directory_open_below(storage, below, &containers);
		if (r == 0) {
			r = describe_below(json, &containers, info);
			state_directory_done(&containers);
		}
		if (r == 0)
			r = describe_image(json, storage, drivers[i], info);
		if (r == 0)
			r = podman_database_describe(json, storage, info) == -ENOMEM ? -ENOMEM : 0;
		if (r == 0 || r == -ENOMEM)
			return r;
	}
	return -ENOENT;
}

static bool is_driver_directory(const char *name, size_t len)
{
	for (size_t i = 0; i < ELEMENTS(drivers); i++) {
		size_t driver_len = strlen(drivers[i]);

		if (len == driver_len + strlen("-containers") &&
			memcmp(name, drivers[i], driver_len) == 0 &&
			memcmp(name + driver_len, "-containers", strlen("-containers")) == 0)
			return true;
	}
	return false;
}

int podman_storage_of(const char *bundle, const char *id, char **ret)
{
	_cleanup_(freep) char *tail = NULL;
	size_t len = strlen(bundle), tail_len;
	const char *end, *name;

	if (asprintf(&tail, "/%s/userdata", id) < 0)
		return -ENOMEM;
	tail_len = strlen(tail);
	if (*bundle != '/' || len <= tail_len || strcmp(bundle + len - tail_len, tail) != 0)
		return -EINVAL;
	end = bundle + len - tail_len;
	name = memrchr(bundle, '/', (size_t)(end - bundle));
	if (!name || name == bundle || !is_driver_directory(name + 1, (size_t)(end - name - 1)))
		return -EINVAL;
	*ret = strndup(bundle, (size_t)(name - bundle));
	return *ret ? 0 : -ENOMEM;
}
