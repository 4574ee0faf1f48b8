/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where Podman and CRI-O were told to keep their containers: containers-storage.conf(5)
 *
 * Of root's configuration the one line that matters, `graphroot = "/path"`; the rest of TOML is not
 * looked at.
 */

#include <stddef.h>

/* The files in turn; NULL behind the last. */
const char *storage_conf_path(size_t i);

/* Of the file conf below root; heap text, NULL where it says none. 0 or -ENOMEM. */
int storage_conf_graphroot(const char *root, const char *conf, char **ret);
