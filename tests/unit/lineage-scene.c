/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/entry.h"
#include "lineage-scene.h"

#define BEGIN_MSEC UINT64_C(1000000)

static void on_container(const struct container *container, void *userdata)
{
	((struct scene *)userdata)->n_appeared++;
}

static void on_container_end(const struct container *container, void *userdata)
{
	((struct scene *)userdata)->n_ended++;
}

static void on_entry(struct entry *entry, pid_t maker, uint64_t maker_start_nsec, void *userdata)
{
	((struct scene *)userdata)->maker = maker;
}

static int new_lineage(struct scene *scene, size_t process_limit)
{
	const struct lineage_options options = {
		.proc = scene->host.proc,
		.runtime = scene->runtime,
		.process_limit = process_limit,
		.on_container = on_container,
		.on_container_end = on_container_end,
		.on_entry = on_entry,
		.userdata = scene,
	};

	return lineage_new(&options, &scene->lineage);
}

int scene_setup(void **state)
{
	static const struct fake_process processes[] = {
		{ .pid = INIT },
		{ .pid = DAEMON,
			.parent = INIT,
			.cgroup = ENGINE_CGROUP,
			.exe = "/usr/bin/dockerd" },
		{ .pid = SHIM, .parent = INIT, .cgroup = ENGINE_CGROUP },
		{ .pid = LOGIN,
			.parent = INIT,
			.cgroup = LOGIN_CGROUP,
			.has_loginuid = true,
			.loginuid = LOGIN_AUID },
	};
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		runtime_new(scene->host.proc, scene->host.root, &scene->runtime) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(processes) / sizeof(*processes); i++) {
		struct fake_process process = processes[i];

		process.mounts = HOST_NAMESPACE;
		live(scene, process);
	}
	return new_lineage(scene, 1000);
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;

	lineage_free(scene->lineage);
	runtime_free(scene->runtime);
	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

void forget_all(struct scene *scene, size_t process_limit)
{
	lineage_free(scene->lineage);
	scene->lineage = NULL;
	assert_int_equal(new_lineage(scene, process_limit), 0);
}

uint64_t at(uint64_t msec)
{
	return (BEGIN_MSEC + msec) * 1000000;
}

void scan(struct scene *scene)
{
	assert_int_equal(lineage_scan(scene->lineage, at(0)), 0);
}

void live(struct scene *scene, struct fake_process process)
{
	if (process.start_nsec == 0)
		process.start_nsec = at(0) - FAKE_SEC;
	fake_process(&scene->host, &process);
	if (process.mounts)
		fake_namespace(&scene->host, process.pid, "pid",
			process.pid < BOX ? "pid:[1]" : "pid:[7]");
}

void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec)
{
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = type, .pid = pid, .parent = parent, .time_nsec = at(msec) });
}

void born(struct scene *scene, pid_t pid, pid_t parent, uint64_t msec)
{
	live(scene, (struct fake_process){ .pid = pid,
			    .parent = parent,
			    .cgroup = CGROUP,
			    .mounts = BOX_NAMESPACE,
			    .start_nsec = at(msec) });
	happen(scene, PROCESS_FORK, pid, parent, msec);
}

void born_in(struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, uint64_t msec)
{
	live(scene,
		(struct fake_process){
			.pid = pid, .parent = parent, .cgroup = cgroup, .start_nsec = at(msec) });
	happen(scene, PROCESS_FORK, pid, parent, msec);
}

void exec_in(struct scene *scene, pid_t pid, pid_t parent, uint64_t born_msec, const char *cgroup,
	const char *mounts, const char *argv, uint64_t msec)
{
	fake_gone(&scene->host, pid);
	live(scene, (struct fake_process){ .pid = pid,
			    .parent = parent,
			    .cgroup = cgroup,
			    .mounts = mounts,
			    .argv = argv,
			    .start_nsec = at(born_msec),
			    .inner_pid = pid == BOX ? "\t1" : NULL });
	happen(scene, PROCESS_EXEC, pid, 0, msec);
}

void flash(struct scene *scene, pid_t pid, pid_t parent, uint64_t from_msec, uint64_t until_msec)
{
	happen(scene, PROCESS_FORK, pid, parent, from_msec);
	happen(scene, PROCESS_EXIT, pid, 0, until_msec);
}

void die(struct scene *scene, pid_t pid, uint64_t msec)
{
	fake_gone(&scene->host, pid);
	happen(scene, PROCESS_EXIT, pid, 0, msec);
}

void start_box(struct scene *scene)
{
	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	exec_in(scene, BOX, SHIM, 10, CGROUP, BOX_NAMESPACE, "sh -c job", 20);
}

struct lineage_answer find_slack(
	struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec, uint64_t slack_msec)
{
	struct lineage_answer answer;

	lineage_find(scene->lineage,
		&(struct lineage_question){ .pid = pid,
			.ppid = ppid,
			.time_nsec = at(msec),
			.slack_nsec = slack_msec * 1000000 },
		&answer);
	return answer;
}

struct lineage_answer find(struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec)
{
	return find_slack(scene, pid, ppid, msec, 0);
}

const char *container_of(const struct lineage_answer *answer)
{
	return answer->entry ? answer->entry->container->info->id : "none";
}

void assert_host(struct lineage_answer answer)
{
	assert_null(answer.doubt);
	assert_null(answer.entry);
	assert_non_null(answer.process);
}

void assert_in(struct lineage_answer answer, const char *id, enum attributed_by by)
{
	assert_null(answer.doubt);
	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->container->info->id, id);
	assert_string_equal(attributed_by_names[answer.attributed_by], attributed_by_names[by]);
}

void assert_doubt(struct lineage_answer answer)
{
	assert_non_null(answer.doubt);
	assert_null(answer.entry);
	assert_int_equal(answer.attributed_by, ATTRIBUTED_NONE);
}

void assert_kind(struct lineage_answer answer, enum entry_kind kind)
{
	assert_non_null(answer.entry);
	assert_string_equal(entry_names[answer.entry->kind], entry_names[kind]);
}
