/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Capabilities beyond what a container gets unasked
 *
 * Compared with Docker's default set (moby daemon/pkg/oci/caps/defaults.go), which holds Podman's
 * and containerd's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a set as in /proc/PID/status: JSON array of names ("SYS_ADMIN"), heap text. 0 or -ENOMEM. */
int capability_beyond_default(uint64_t set, char **ret);

/* Of names as in an OCI spec ("CAP_SYS_ADMIN"), separated by NUL, len bytes. 0 or -ENOMEM. */
int capability_names_beyond_default(const char *names, size_t len, char **ret);
