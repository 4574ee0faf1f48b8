/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime-scene.h"

int machine_setup(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	*state = machine;
	if (!machine || place_init(&machine->place) < 0)
		return -1;
	snprintf(machine->proc, sizeof(machine->proc), "%s/proc", machine->place.path);
	snprintf(machine->root, sizeof(machine->root), "%s/root", machine->place.path);
	if (mkdir(machine->proc, 0755) < 0 || mkdir(machine->root, 0755) < 0)
		return -1;
	return runtime_new(machine->proc, machine->root, &machine->runtime);
}

int machine_teardown(void **state)
{
	struct machine *machine = *state;
	int r = place_done(&machine->place);

	container_info_free(machine->info);
	runtime_free(machine->runtime);
	free(machine);
	return r;
}

const char *machine_path(const struct machine *machine, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "root%s", name);
	return place_name(&machine->place, path);
}

void put(const struct machine *machine, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "root%s", name);
	place_text(&machine->place, path, text);
}

void put_link_within(const struct machine *machine, const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "root%s", name);
	place_make_way(&machine->place, path);
	assert_int_equal(
		symlink(machine_path(machine, target), place_name(&machine->place, path)), 0);
	assert_int_equal(access(place_name(&machine->place, path), F_OK), 0);
}

static void put_of(
	const struct machine *machine, pid_t pid, const char *file, const void *bytes, size_t len)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%d/%s", (int)pid, file);
	place_put(&machine->place, name, bytes, len);
}

void put_process(const struct machine *machine, pid_t pid, pid_t parent, uid_t uid,
	const char *cgroup, const char *argv, size_t argv_len)
{
	char status[256];

	snprintf(status, sizeof(status),
		"Name:\tx\nState:\tS\nPid:\t%d\nPPid:\t%d\nUid:\t0\t%u\t0\t0\n", (int)pid,
		(int)parent, uid);
	put_of(machine, pid, "status", status, strlen(status));
	put_of(machine, pid, "cmdline", argv, argv_len);
	put_of(machine, pid, "cgroup", cgroup, strlen(cgroup));
}

void put_process_link(
	const struct machine *machine, pid_t pid, const char *name, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/%s", (int)pid, name);
	place_make_way(&machine->place, path);
	assert_int_equal(symlink(target, place_name(&machine->place, path)), 0);
}

const struct container_info *describe(struct machine *machine, const char *cgroup, pid_t pid)
{
	struct cgroup_match match;

	cgroup_match(cgroup, strlen(cgroup), runtime_task_exists, machine->runtime, &match);
	assert_non_null(match.runtime);
	container_info_free(machine->info);
	machine->info = NULL;
	assert_int_equal(runtime_describe(machine->runtime, &match, pid, &machine->info), 0);
	return machine->info;
}

const struct container_mount *mount_at(const struct container_info *info, const char *destination)
{
	for (size_t i = 0; i < info->n_mounts; i++)
		if (strcmp(info->mounts[i].destination, destination) == 0)
			return &info->mounts[i];
	fail_msg("nothing is mounted at %s", destination);
	return NULL;
}
