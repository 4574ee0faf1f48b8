/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/docker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/docker-image.h"

// clang-format off
static const struct state_field fields[] = {
	{ "$.Name",                                             offsetof(struct container_info, name) },
	{ "$.Config.Image",                                     offsetof(struct container_info, image) },
	{ "$.Image",                                            offsetof(struct container_info, image_id) },
	{ "$.ProcessLabel",                                     offsetof(struct container_info, process_label) },
	{ "$.ImageManifest.digest",                             offsetof(struct container_info, image_digest) },
	{ "$.Config.Labels.\"io.kubernetes.pod.uid\"",          offsetof(struct container_info, pod_uid) },
	{ "$.Config.Labels.\"io.kubernetes.pod.name\"",         offsetof(struct container_info, pod_name) },
	{ "$.Config.Labels.\"io.kubernetes.pod.namespace\"",    offsetof(struct container_info, pod_namespace) },
};
// clang-format on

/* The program and its arguments are kept apart; Config.Cmd lacks the entrypoint. */
static int take_command(struct json *json, struct container_info *info)
{
	_cleanup_(freep) char *program = NULL, *arguments = NULL;
	size_t program_size, len = 0;
	char *command;
	int r;

	if (info->command)
		return 0;
	r = state_take_string(json, "$.Path", &program);
	if (r < 0 || !program)
		return r;
	r = json_strings(json, "$.Args", &arguments, &len);
	if (r == -ENOMEM || len > STATE_ARGUMENTS_MAX)
		return r == -ENOMEM ? r : 0;
	program_size = strlen(program) + 1;
	command = malloc(program_size + len + 1);
	if (!command)
		return -ENOMEM;
	memcpy(command, program, program_size);
	if (len > 0)
		memcpy(command + program_size, arguments, len);
	command[program_size + len] = '\0';
	info->command = command;
	info->command_len = program_size + len;
	return 0;
}

static int take_mount(struct json *mount, void *userdata)
{
	_cleanup_(freep) char *source = NULL, *destination = NULL;
	bool writable = false, alone = false;
	int r;

	r = state_take_string(mount, "$.Source", &source);
	if (r == 0)
		r = state_take_string(mount, "$.Destination", &destination);
	if (r < 0 || !source || !destination || *source != '/' || *destination != '/')
		return r;
	json_bool(mount, "$.RW", &writable);
	json_bool(mount, "$.Spec.BindOptions.NonRecursive", &alone);
	return container_info_add_mount(userdata, &(struct container_mount){ .source = source,
							  .destination = destination,
							  .writable = writable,
							  .recursive = !alone });
}

static void take_init_pid(struct json *json, struct container_info *info)
{
	bool running = false;
	int64_t pid;

	/* After a restart of the machine, State still has the pid of before, but does not run. */
	if (json_bool(json, "$.State.Running", &running) == 0)
		info->running = running ? TRISTATE_YES : TRISTATE_NO;
	if (running &&
		json_int(json, "$.State.Pid", &pid) == 0 && pid > 0 && pid <= INT_MAX)
		info->init_pid = (pid_t)pid;
}

/* moby's container.Container and container.State: what may begin without anybody asking. */
static int take_life(struct json *json, struct container_info *info)
{
	_cleanup_(freep) char *test = NULL;
	struct container_life *life = &info->life;
	size_t len = 0, skipped;
	int r;

	json_int(json, "$.RestartCount", &life->restarts);
	json_bool(json, "$.State.Restarting", &life->restarting);
	r = state_take_time(json, "$.State.FinishedAt", &life->finished_msec);
	if (r < 0)
		return r;
	r = json_strings(json, "$.Config.Healthcheck.Test", &test, &len);
	if (r < 0 || len == 0 || len > STATE_ARGUMENTS_MAX || life->health_check)
		return r == -ENOMEM ? r : 0;
	/* "NONE", "CMD" or "CMD-SHELL" comes first. */
	skipped = strlen(test) + 1;
	if (skipped >= len)
		return 0;
	life->health_check = malloc(len - skipped + 1);
	if (!life->health_check)
		return -ENOMEM;
	memcpy(life->health_check, test + skipped, len - skipped);
	life->health_check[len - skipped] = '\0';
	life->health_check_len = len - skipped;
	return 0;
}

int docker_take_config(struct json *json, struct container_info *info)
{
	int r;

	r = state_take_fields(json, fields, ELEMENTS(fields), info);
	if (r == 0)
		r = take_command(json, info);
	if (r == 0)
		r = state_take_labels(json, "$.Config.Labels", &info->labels);
	if (r == 0)
		r = state_take_time(json, "$.Created", &info->created_msec);
	if (r < 0)
		return r;
	if (info->name && info->name[0] == '/')
		memmove(info->name, info->name + 1, strlen(info->name));
	take_init_pid(json, info);
	r = take_life(json, info);
	if (r < 0)
		return r;
	r = json_each(json, "$.MountPoints", take_mount, info);
	return r == -ENOMEM ? r : 0;
}

int docker_take_host_config(struct json *json, struct container_info *info)
{
	bool privileged;
	int r = json_bool(json, "$.Privileged", &privileged);

	if (r == 0 && info->privileged == TRISTATE_UNKNOWN)
		info->privileged = privileged ? TRISTATE_YES : TRISTATE_NO;
	if (r == -ENOMEM)
		return r;
	return state_take_string(json, "$.RestartPolicy.Name", &info->life.restart_policy);
}

static bool is_of(struct json *json, const char *id)
{
	_cleanup_(freep) char *said = NULL;

	return json_string(json, "$.ID", &said) == 0 && strcmp(said, id) == 0;
}

int docker_describe(
	struct json *json, const struct state_directory *data_root, struct container_info *info)
{
	_cleanup_(freep) char *driver = NULL;
	char file[128];
	int r;

	if (!state_id_is_hex64(info->id))
		return -ENOENT;
	snprintf(file, sizeof(file), "containers/%s/config.v2.json", info->id);
	r = state_load(json, data_root, file);
	if (r == 0 && !is_of(json, info->id))
		r = -ENOENT;
	if (r == 0)
		r = docker_take_config(json, info);
	if (r == 0)
		r = state_take_string(json, "$.Driver", &driver);
	if (r == 0)
		r = state_credit(data_root, file, info);
	if (r < 0)
		return r;
	if (info->name && !info->named_by &&
		asprintf(&info->named_by, "%s/%s", data_root->path, file) < 0) {
		info->named_by = NULL;
		return -ENOMEM;
	}
	if (driver && docker_image_describe(json, data_root, driver, info) == -ENOMEM)
		return -ENOMEM;
	snprintf(file, sizeof(file), "containers/%s/hostconfig.json", info->id);
	r = state_load(json, data_root, file);
	if (r == 0)
		r = docker_take_host_config(json, info);
	if (r == 0)
		r = state_credit(data_root, file, info);
	return r == -ENOMEM ? r : 0;
}
