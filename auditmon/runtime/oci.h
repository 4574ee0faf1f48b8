/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The OCI runtime's file: <bundle>/config.json
 *
 * What every engine hands to runc or crun, whatever its own files look like. Kubernetes' runtimes
 * and Podman put their knowledge of the container into its annotations. The environment is not
 * read: it may hold secrets.
 */

#include "runtime/state-file.h"

/* Fills in what info lacks. 0, -ENOENT (no bundle there), -ENOMEM. */
int oci_describe(
	struct json *json, const struct state_directory *bundle, struct container_info *info);

/* From the text, already loaded; bundle is where it came from. 0 or -ENOMEM. */
int oci_take_config(struct json *json, const char *bundle, struct container_info *info);
