/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Podman's own database: labels, the command line that created a container, and whether it runs
 *
 * What no other file has. db.sql (SQLite, the default since Podman 5) or libpod/bolt_state.db
 * before. Either is read as it lies there, without a lock that Podman could wait for; where it is
 * being written just then it says nothing. A rootless user's is that user's to make up.
 */

#include "runtime/state-file.h"

/* Fills in what info, whose id says which container, lacks. 0, -ENOENT (nothing to be had),
 * -ENOMEM. */
int podman_database_describe(
	struct json *json, const struct state_directory *storage, struct container_info *info);

/* From the text of a container's configuration, or of its state, already loaded. 0 or -ENOMEM. */
int podman_database_take_config(struct json *json, struct container_info *info);
int podman_database_take_state(struct json *json, struct container_info *info);
