/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Docker's files: <data-root>/containers/<id>/{config.v2.json,hostconfig.json}
 *
 * Moby's daemon/container/container.go writes both before the container starts, and removes them
 * with it. Its environment is not read: it may hold secrets.
 */

#include "runtime/state-file.h"

/*
 * Fills info, whose id says which container. 0, -ENOENT (no such container below this data root),
 * -ENOMEM.
 */
int docker_describe(
	struct json *json, const struct state_directory *data_root, struct container_info *info);

/* From the text of one file, already loaded. 0 or -ENOMEM. */
int docker_take_config(struct json *json, struct container_info *info);
int docker_take_host_config(struct json *json, struct container_info *info);
