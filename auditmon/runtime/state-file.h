/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An engine's state files: found, read, taken over field by field
 *
 * A directory is opened by the path that somebody trustworthy named (configuration, a daemon's own
 * arguments, a default); below it nothing is trusted: base/file.h refuses links and what is no
 * regular file. A rootless engine's files are its user's to write, so each value has a limit, and a
 * value beyond it is absent rather than cut.
 */

#include "base/json.h"
#include "runtime/container.h"

#define STATE_FILE_MAX ((size_t)4 << 20)
#define STATE_STRING_MAX ((size_t)4096)
#define STATE_LABELS_MAX ((size_t)64 << 10)
#define STATE_ARGUMENTS_MAX ((size_t)128 << 10)

struct state_directory {
	int fd;
	char *path; /* as the host names it */
};

/* Opens root joined with path. 0, -EINVAL (not absolute), -ENOENT, -ENOTDIR, -EACCES, -ENOMEM. */
int state_directory_open(const char *root, const char *path, struct state_directory *ret);

/*
 * Opens below, relative to directory; no link is followed in it. Errors as above, -ELOOP for a
 * link.
 */
int state_directory_open_below(
	const struct state_directory *directory, const char *below, struct state_directory *ret);
void state_directory_done(struct state_directory *directory);

/* Reads a file below directory. 0, -ENOENT (no such file, or nothing in it of use), -ENOMEM. */
int state_load(struct json *json, const struct state_directory *directory, const char *file);

/* Adds that file to info->source. 0 or -ENOMEM. */
int state_credit(
	const struct state_directory *directory, const char *file, struct container_info *info);

/*
 * Where a string goes: a value is taken if the field is still empty, so of several paths for one
 * field the first wins.
 */
struct state_field {
	const char *path;
	size_t offset; /* of a char * in struct container_info */
};

/*
 * The following take what is there, of the right type and within the limits, into what is still
 * empty. 0 or -ENOMEM.
 */
int state_take_fields(struct json *json, const struct state_field *fields, size_t n_fields,
	struct container_info *info);
int state_take_string(struct json *json, const char *path, char **field);
int state_take_arguments(struct json *json, const char *path, char **field, size_t *len);
int state_take_labels(struct json *json, const char *path, char **field);
int state_take_time(struct json *json, const char *path, int64_t *field);

/* True for an id as Docker and Podman give it; only such an id becomes part of their paths. */
bool state_id_is_hex64(const char *id);

/* True for a name that is one component of a path and leads nowhere else. */
bool state_name_is_safe(const char *name);
