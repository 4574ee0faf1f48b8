/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/docker-image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How well the digest that was found fits: of any repository, or of the container's own. */
enum fit { FIT_NONE, FIT_ANY, FIT_OWN };

struct search {
	const char *id;
	const char *repository; /* of info->image; not NUL-terminated */
	size_t repository_len;
	enum fit fit;
	bool several; /* of that fit */
	char *digest;
};

/* `host:5000/name:tag` without the tag or digest. */
static size_t repository_len(const char *reference)
{
	const char *at = strchr(reference, '@'), *slash = strrchr(reference, '/');
	const char *colon = strchr(slash ? slash : reference, ':');

	if (at)
		return (size_t)(at - reference);
	return colon ? (size_t)(colon - reference) : strlen(reference);
}

static int take_reference(const char *reference, const char *id, void *userdata)
{
	struct search *search = userdata;
	const char *at = strchr(reference, '@');
	char *digest;
	enum fit fit;

	if (!at || strcmp(id, search->id) != 0 || strlen(at + 1) > STATE_STRING_MAX || !at[1])
		return 0;
	fit = (size_t)(at - reference) == search->repository_len &&
			      memcmp(reference, search->repository, search->repository_len) == 0
		      ? FIT_OWN
		      : FIT_ANY;
	if (fit < search->fit)
		return 0;
	if (fit == search->fit) {
		search->several = search->several || strcmp(search->digest, at + 1) != 0;
		return 0;
	}
	digest = strdup(at + 1);
	if (!digest)
		return -ENOMEM;
	free(search->digest);
	search->digest = digest;
	search->fit = fit;
	search->several = false;
	return 0;
}

static int take_repository(struct json *repository, void *userdata)
{
	int r = json_each_string(repository, "$", take_reference, userdata);

	return r == -ENOMEM ? r : 0;
}

int docker_image_take_digest(struct json *json, struct container_info *info)
{
	const char *image = info->image ? info->image : "";
	struct search search = {
		.id = info->image_id,
		.repository = image,
		.repository_len = repository_len(image),
	};
	int r;

	if (!info->image_id || info->image_digest)
		return -ENOENT;
	r = json_each(json, "$.Repositories", take_repository, &search);
	if (r < 0 || !search.digest || search.several) {
		free(search.digest);
		return r == -ENOMEM ? r : -ENOENT;
	}
	info->image_digest = search.digest;
	return 0;
}

int docker_image_describe(struct json *json, const struct state_directory *data_root,
	const char *driver, struct container_info *info)
{
	char file[320];
	int r;

	if (!state_name_is_safe(driver) ||
		snprintf(file, sizeof(file), "image/%s/repositories.json", driver) >=
			(int)sizeof(file))
		return -ENOENT;
	r = state_load(json, data_root, file);
	r = r < 0 ? r : docker_image_take_digest(json, info);
	return r < 0 ? r : state_credit(data_root, file, info);
}
