/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A host with a shim and, from start_box() on, a container: what happens there is told to a
 * lineage. Include after cmocka.h.
 */

#include "attribute/lineage.h"
#include "fake-host.h"

#define HEX16 "0123456789abcdef"
#define ID "c1" HEX16 HEX16 HEX16 "0123456789abcd"
#define INNER_ID "d2" HEX16 HEX16 HEX16 "0123456789abcd"
#define OTHER_ID "e3" HEX16 HEX16 HEX16 "0123456789abcd"
#define CGROUP "/docker/" ID

#define INIT 1
#define SHIM 20
#define BOX 100 /* the container's first process */

#define HOST_NAMESPACE "mnt:[1]"
#define BOX_NAMESPACE "mnt:[2]"

#define BEGIN UINT64_C(1000000)

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
};

static uint64_t at(uint64_t msec)
{
	return (BEGIN + msec) * 1000000;
}

static inline __attribute__((unused)) void live(
	struct scene *scene, struct fake_process process, const char *mounts)
{
	if (process.start_nsec == 0)
		process.start_nsec = at(0) - FAKE_SEC;
	fake_process(&scene->host, &process);
	fake_namespace(&scene->host, process.pid, "mnt", mounts);
	fake_namespace(&scene->host, process.pid, "pid", "pid:[7]");
}

static inline __attribute__((unused)) void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec)
{
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = type, .pid = pid, .parent = parent, .time_nsec = at(msec) });
}

static inline __attribute__((unused)) void born(
	struct scene *scene, pid_t pid, pid_t parent, uint64_t msec)
{
	live(scene,
		(struct fake_process){
			.pid = pid, .parent = parent, .cgroup = CGROUP, .start_nsec = at(msec) },
		BOX_NAMESPACE);
	happen(scene, PROCESS_FORK, pid, parent, msec);
}

/* It executes argv, and is in that cgroup and those mounts by then. */
static inline __attribute__((unused)) void exec_in(struct scene *scene, pid_t pid, pid_t parent,
	uint64_t born_msec, const char *cgroup, const char *mounts, const char *argv, uint64_t msec)
{
	fake_gone(&scene->host, pid);
	live(scene,
		(struct fake_process){ .pid = pid,
			.parent = parent,
			.cgroup = cgroup,
			.argv = argv,
			.start_nsec = at(born_msec),
			.inner_pid = pid == BOX ? "\t1" : NULL },
		mounts);
	happen(scene, PROCESS_EXEC, pid, 0, msec);
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		runtime_new(scene->host.proc, scene->host.root, &scene->runtime) < 0)
		return -1;
	live(scene, (struct fake_process){ .pid = INIT }, HOST_NAMESPACE);
	fake_gone(&scene->host, INIT);
	fake_process(&scene->host,
		&(struct fake_process){ .pid = INIT, .start_nsec = at(0) - FAKE_SEC });
	fake_namespace(&scene->host, INIT, "mnt", HOST_NAMESPACE);
	fake_namespace(&scene->host, INIT, "pid", "pid:[1]");
	live(scene, (struct fake_process){ .pid = SHIM, .parent = INIT }, HOST_NAMESPACE);
	if (lineage_new(&(struct lineage_options){ .proc = scene->host.proc,
				.runtime = scene->runtime,
				.process_limit = 1000 },
		    &scene->lineage) < 0)
		return -1;
	assert_int_equal(lineage_scan(scene->lineage, at(0)), 0);
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *scene = *state;

	lineage_free(scene->lineage);
	runtime_free(scene->runtime);
	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

static inline __attribute__((unused)) void start_box(struct scene *scene)
{
	born(scene, BOX, SHIM, 10);
	exec_in(scene, BOX, SHIM, 10, CGROUP, BOX_NAMESPACE, "sh -c job", 20);
}

static inline __attribute__((unused)) struct lineage_answer find(
	struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec)
{
	struct lineage_answer answer;

	lineage_find(scene->lineage,
		&(struct lineage_question){ .pid = pid, .ppid = ppid, .time_nsec = at(msec) },
		&answer);
	return answer;
}

static inline __attribute__((unused)) const char *container_of(const struct lineage_answer *answer)
{
	return answer->entry ? answer->entry->container->info->id : "none";
}
