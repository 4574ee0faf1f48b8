/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The digest of a Docker image: <data-root>/image/<driver>/repositories.json
 *
 * It maps references, `name:tag` and `name@sha256:...`, to image ids (moby reference/store.go). An
 * image that was never pulled or pushed has no digest. One that has several of them is told by the
 * repository that the container was made from; where that leaves several too, none is told.
 */

#include "runtime/state-file.h"

/* Fills info->image_digest, by image_id and image. 0, -ENOENT (none to be told), -ENOMEM. */
int docker_image_describe(struct json *json, const struct state_directory *data_root,
	const char *driver, struct container_info *info);

/* From the text of repositories.json, already loaded. As above. */
int docker_image_take_digest(struct json *json, struct container_info *info);
