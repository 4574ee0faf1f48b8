/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who stands above a client, in a line: "bash (6690), sshd (6650)"
 */

#include <stdio.h>

#include "base/json.h"

/*
 * Of the ancestors at path, as a touch has them: the nearest first, each by the name that it gives
 * itself in its arguments, with its pid. 0, -ENOENT (none are known, or they are no array),
 * -ENOMEM.
 */
int called_by_print(FILE *out, struct json *json, const char *path);
