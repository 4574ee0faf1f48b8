/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/container.h"

#include <errno.h>
#include <string.h>

/* Every owned string, so that copying and freeing cannot disagree. */
static const size_t string_offsets[] = {
	offsetof(struct container_info, id),
	offsetof(struct container_info, runtime),
	offsetof(struct container_info, outer_id),
	offsetof(struct container_info, pod_uid),
	offsetof(struct container_info, pod_name),
	offsetof(struct container_info, pod_namespace),
	offsetof(struct container_info, name),
	offsetof(struct container_info, image),
	offsetof(struct container_info, image_id),
	offsetof(struct container_info, image_digest),
	offsetof(struct container_info, labels),
	offsetof(struct container_info, named_by),
	offsetof(struct container_info, process_label),
	offsetof(struct container_info, rootfs),
	offsetof(struct container_info, source),
	offsetof(struct container_info, life.restart_policy),
};

/* Every owned block with a length beside it. */
static const struct {
	size_t bytes, len;
} block_offsets[] = {
	{ offsetof(struct container_info, command), offsetof(struct container_info, command_len) },
	{ offsetof(struct container_info, created_by),
		offsetof(struct container_info, created_by_len) },
	{ offsetof(struct container_info, life.health_check),
		offsetof(struct container_info, life.health_check_len) },
};

static char **bytes_at(const struct container_info *info, size_t offset)
{
	return (char **)((char *)info + offset);
}

static size_t *len_at(const struct container_info *info, size_t offset)
{
	return (size_t *)((char *)info + offset);
}

int container_info_new(const char *id, const char *runtime, struct container_info **ret)
{
	_cleanup_(container_info_freep) struct container_info *info = calloc(1, sizeof(*info));

	if (!info)
		return -ENOMEM;
	info->privileged = TRISTATE_UNKNOWN;
	info->running = TRISTATE_UNKNOWN;
	info->id = strdup(id);
	info->runtime = strdup(runtime);
	if (!info->id || !info->runtime)
		return -ENOMEM;
	*ret = TAKE(info);
	return 0;
}

void container_info_free(struct container_info *info)
{
	if (!info)
		return;
	for (size_t i = 0; i < ELEMENTS(string_offsets); i++)
		free(*bytes_at(info, string_offsets[i]));
	for (size_t i = 0; i < ELEMENTS(block_offsets); i++)
		free(*bytes_at(info, block_offsets[i].bytes));
	for (size_t i = 0; i < info->n_mounts; i++) {
		free(info->mounts[i].source);
		free(info->mounts[i].destination);
	}
	free(info->mounts);
	for (int fact = 0; fact < POSTURE_COUNT; fact++) {
		free(info->posture[fact].json);
		free(info->posture[fact].source);
	}
	free(info);
}

static int copy_bytes(const char *from, size_t size, char **ret)
{
	if (!from)
		return 0;
	*ret = malloc(size + 1); /* malloc(0) may give NULL */
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, from, size);
	return 0;
}

static int copy_fact(const struct posture_value *from, struct posture_value *to)
{
	if (!from->json)
		return 0;
	to->json = strdup(from->json);
	to->source = strdup(from->source);
	return to->json && to->source ? 0 : -ENOMEM;
}

/* Fills a record that holds nothing yet; what it holds after a failure is its owner's to free. */
static int copy_into(const struct container_info *from, struct container_info *to)
{
	int r = 0;

	to->created_msec = from->created_msec;
	to->init_pid = from->init_pid;
	to->privileged = from->privileged;
	to->running = from->running;
	to->of_user = from->of_user;
	to->named_stamp = from->named_stamp;
	to->has_root_device = from->has_root_device;
	to->root_major = from->root_major;
	to->root_minor = from->root_minor;
	to->life.restarts = from->life.restarts;
	to->life.restarting = from->life.restarting;
	to->life.finished_msec = from->life.finished_msec;
	for (size_t i = 0; i < ELEMENTS(string_offsets) && r == 0; i++) {
		const char *string = *bytes_at(from, string_offsets[i]);

		r = copy_bytes(
			string, string ? strlen(string) + 1 : 0, bytes_at(to, string_offsets[i]));
	}
	for (size_t i = 0; i < ELEMENTS(block_offsets) && r == 0; i++) {
		size_t len = *len_at(from, block_offsets[i].len);

		r = copy_bytes(*bytes_at(from, block_offsets[i].bytes), len,
			bytes_at(to, block_offsets[i].bytes));
		*len_at(to, block_offsets[i].len) = len;
	}
	for (int fact = 0; fact < POSTURE_COUNT && r == 0; fact++)
		r = copy_fact(&from->posture[fact], &to->posture[fact]);
	for (size_t i = 0; i < from->n_mounts && r == 0; i++)
		r = container_info_add_mount(to, &from->mounts[i]);
	return r;
}

int container_info_copy(const struct container_info *info, struct container_info **ret)
{
	_cleanup_(container_info_freep) struct container_info *copy = calloc(1, sizeof(*copy));
	int r = copy ? copy_into(info, copy) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = TAKE(copy);
	return 0;
}

static void swap(char **a, char **b)
{
	char *former = *a;

	*a = *b;
	*b = former;
}

bool container_info_take_over(struct container_info *info, struct container_info *fresh)
{
	bool is_new = false;

	info->named_stamp = fresh->named_stamp;
	if (fresh->name && (!info->name || strcmp(info->name, fresh->name) != 0)) {
		swap(&info->name, &fresh->name);
		is_new = true;
	}
	for (size_t i = 0; i < ELEMENTS(string_offsets); i++) {
		char **lacking = bytes_at(info, string_offsets[i]);

		if (*lacking || !*bytes_at(fresh, string_offsets[i]))
			continue;
		swap(lacking, bytes_at(fresh, string_offsets[i]));
		is_new = true;
	}
	for (size_t i = 0; i < ELEMENTS(block_offsets); i++) {
		char **lacking = bytes_at(info, block_offsets[i].bytes);

		if (*lacking || !*bytes_at(fresh, block_offsets[i].bytes))
			continue;
		swap(lacking, bytes_at(fresh, block_offsets[i].bytes));
		*len_at(info, block_offsets[i].len) = *len_at(fresh, block_offsets[i].len);
		is_new = true;
	}
	return is_new;
}

static bool has_destination(const struct container_info *info, const char *destination)
{
	for (size_t i = 0; i < info->n_mounts; i++)
		if (strcmp(info->mounts[i].destination, destination) == 0)
			return true;
	return false;
}

int container_info_add_mount(struct container_info *info, const struct container_mount *mount)
{
	_cleanup_(freep) char *source = NULL, *destination = NULL;
	struct container_mount *larger;

	if (info->n_mounts == CONTAINER_MOUNTS_MAX || has_destination(info, mount->destination))
		return 0;
	source = strdup(mount->source);
	destination = strdup(mount->destination);
	larger = reallocarray(info->mounts, info->n_mounts + 1, sizeof(*larger));
	if (larger)
		info->mounts = larger;
	if (!source || !destination || !larger)
		return -ENOMEM;
	larger[info->n_mounts++] = (struct container_mount){
		.source = TAKE(source),
		.destination = TAKE(destination),
		.writable = mount->writable,
		.recursive = mount->recursive,
	};
	return 0;
}

int container_info_add_source(struct container_info *info, const char *path)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", info->source ? info->source : "", info->source ? "," : "",
		    path) < 0)
		return -ENOMEM;
	free(info->source);
	info->source = joined;
	return 0;
}
