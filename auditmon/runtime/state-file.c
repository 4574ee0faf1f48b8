/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"

int state_directory_open(const char *root, const char *path, struct state_directory *ret)
{
	_cleanup_(freep) char *joined = NULL, *copy = NULL;
	int fd;

	if (*path != '/')
		return -EINVAL;
	copy = strdup(path);
	if (!copy || asprintf(&joined, "%s%s", root, path) < 0)
		return -ENOMEM;
	fd = open(joined, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = (struct state_directory){ .fd = fd, .path = TAKE(copy) };
	return 0;
}

int state_directory_open_below(
	const struct state_directory *directory, const char *below, struct state_directory *ret)
{
	_cleanup_(closep) int fd =
		file_open_beneath(directory->fd, below, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *path;

	if (fd < 0)
		return fd;
	if (asprintf(&path, "%s/%s", strcmp(directory->path, "/") == 0 ? "" : directory->path,
		    below) < 0)
		return -ENOMEM;
	*ret = (struct state_directory){ .fd = TAKE_FD(fd), .path = path };
	return 0;
}

void state_directory_done(struct state_directory *directory)
{
	closep(&directory->fd);
	free(directory->path);
	*directory = (struct state_directory){ .fd = -1 };
}

static int only_enomem(int r)
{
	return r == -ENOMEM ? r : 0;
}

int state_load(struct json *json, const struct state_directory *directory, const char *file)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;
	int r;

	r = file_read(directory->fd, file, STATE_FILE_MAX, &text, &len);
	if (r == 0)
		r = json_load(json, text, len);
	return r == 0 || r == -ENOMEM ? r : -ENOENT;
}

int state_credit(
	const struct state_directory *directory, const char *file, struct container_info *info)
{
	_cleanup_(freep) char *path = NULL;

	if (asprintf(&path, "%s/%s", directory->path, file) < 0)
		return -ENOMEM;
	return container_info_add_source(info, path);
}

int state_take_string(struct json *json, const char *path, char **field)
{
	_cleanup_(freep) char *value = NULL;
	int r;

	if (*field)
		return 0;
	r = json_string(json, path, &value);
	if (r == 0 && *value != '\0' && strlen(value) <= STATE_STRING_MAX)
		*field = TAKE(value);
	return only_enomem(r);
}

int state_take_fields(struct json *json, const struct state_field *fields, size_t n_fields,
	struct container_info *info)
{
	int r = 0;

	for (size_t i = 0; i < n_fields && r == 0; i++)
		r = state_take_string(
			json, fields[i].path, (char **)((char *)info + fields[i].offset));
	return r;
}

int state_take_arguments(struct json *json, const char *path, char **field, size_t *len)
{
	_cleanup_(freep) char *value = NULL;
	size_t value_len;
	int r;

	if (*field)
		return 0;
	r = json_strings(json, path, &value, &value_len);
	if (r == 0 && value_len > 0 && value_len <= STATE_ARGUMENTS_MAX) {
		*field = TAKE(value);
		*len = value_len;
	}
	return only_enomem(r);
}

int state_take_labels(struct json *json, const char *path, char **field)
{
	_cleanup_(freep) char *value = NULL;
	int r;

	if (*field)
		return 0;
	r = json_text(json, path, &value);
	if (r == 0 && *value == '{' && strlen(value) <= STATE_LABELS_MAX)
		*field = TAKE(value);
	return only_enomem(r);
}

int state_take_time(struct json *json, const char *path, int64_t *field)
{
	_cleanup_(freep) char *value = NULL;
	int64_t time_msec;
	int r;

	if (*field != 0)
		return 0;
	r = json_string(json, path, &value);
	/* Go's zero time is in the year 1. */
	if (r == 0 && time_parse(value, 0, &time_msec) == 0 && time_msec > 0)
		*field = time_msec;
	return only_enomem(r);
}

bool state_id_is_hex64(const char *id)
{
	return strlen(id) == 64 && strspn(id, "0123456789abcdef") == 64;
}

bool state_name_is_safe(const char *name)
{
	return *name != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && strlen(name) <= NAME_MAX;
}
