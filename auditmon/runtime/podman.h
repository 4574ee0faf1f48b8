/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files of containers/storage, which Podman and CRI-O share
 *
 * <storage>/<driver>-containers/<id>/userdata/config.json is the OCI spec; beside the directories,
 * containers.json (volatile-containers.json for --rm in newer versions) has names and images.
 * Images' digests are in <driver>-images/images.json, labels and the client's command line in
 * Podman's database alone: see podman-database.h.
 */

#include "runtime/state-file.h"

/*
 * Fills in what info, whose id says which container, lacks. 0, -ENOENT (no such container there),
 * -ENOMEM.
 */
int podman_describe(
	struct json *json, const struct state_directory *storage, struct container_info *info);

/*
 * The storage of which bundle, `<storage>/<driver>-containers/<id>/userdata`, is part; heap text.
 * 0, -EINVAL (not such a path), -ENOMEM.
 */
int podman_storage_of(const char *bundle, const char *id, char **ret);

/*
 * From the text of containers.json, already loaded: the entry of info->id. 0, -ENOENT (not in it),
 * -ENOMEM.
 */
int podman_take_container(struct json *json, struct container_info *info);

/*
 * From the text of images.json, already loaded: the digest of info->image_id. 0, -ENOENT (not in
 * it), -ENOMEM.
 */
int podman_take_image(struct json *json, struct container_info *info);
