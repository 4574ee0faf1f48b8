/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An engine's state file; the first byte says which. Those of rootless engines are their users' to
 * write.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/docker-image.h"
#include "runtime/docker.h"
#include "runtime/oci.h"
#include "runtime/podman-database.h"
#include "runtime/podman.h"

#define IMAGE "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const char *string, size_t max_len)
{
	assert(!string || (strlen(string) > 0 && strlen(string) <= max_len));
}

static void check(const struct container_info *info)
{
	check_string(info->image, STATE_STRING_MAX);
	check_string(info->image_digest, STATE_STRING_MAX);
	assert(!info->created_by || info->created_by_len > 0);
	check_string(info->labels, STATE_LABELS_MAX);
	check_string(info->pod_name, STATE_STRING_MAX);
	assert(!info->command || info->command_len > 0);
	assert(!info->command || info->command[info->command_len - 1] == '\0');
	assert(info->created_msec >= 0 && info->init_pid >= 0);
	assert(info->n_mounts <= CONTAINER_MOUNTS_MAX);
	for (size_t i = 0; i < info->n_mounts; i++)
		assert(info->mounts[i].source[0] == '/' && info->mounts[i].destination[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL, *copy = NULL;
	static struct json *json;

	if (size == 0 || (!json && json_new(&json) < 0) ||
		container_info_new(ID, "docker", &info) < 0 ||
		json_load(json, (const char *)data + 1, size - 1) < 0)
		return 0;
	if ((data[0] & 7) >= 4) {
		info->image = strdup("web:1.2");
		info->image_id = strdup(IMAGE);
	}
	switch (data[0] & 7) {
	case 0:
		docker_take_config(json, info);
		break;
	case 1:
		docker_take_host_config(json, info);
		break;
	case 2:
		oci_take_config(json, "/bundle", info);
		break;
	case 3:
		podman_take_container(json, info);
		break;
	case 4:
		docker_image_take_digest(json, info);
		break;
	case 5:
		podman_take_image(json, info);
		break;
	case 6:
		podman_database_take_config(json, info);
		break;
	case 7:
		podman_database_take_state(json, info);
		break;
	}
	check(info);
	assert(container_info_copy(info, &copy) == 0);
	check(copy);
	return 0;
}
