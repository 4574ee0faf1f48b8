/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute-scene.h"

static void on_touch(struct touch *touch, const struct touch_facts *facts, void *userdata)
{
	struct scene *scene = userdata;

	assert_true(scene->n < MAX_TOUCHES);
	assert_int_equal(touch_copy(touch, &scene->touches[scene->n]), 0);
	scene->own[scene->n] = facts->own_file;
	scene->host_namespace[scene->n] = facts->host_namespace;
	scene->entry_unset[scene->n++] = facts->entry_unset;
}

void live(struct scene *scene, struct fake_process process)
{
	process.start_nsec = process.start_nsec ? process.start_nsec : MONO_NSEC;
	fake_process(&scene->host, &process);
}

int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct lineage_options options = { .process_limit = 100 };

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		runtime_new(scene->host.proc, scene->host.root, &scene->runtime) < 0 ||
		watch_paths_new(&scene->watched) < 0 ||
		path_resolver_new("/proc", scene->watched, &scene->resolver) < 0)
		return -1;
	options.proc = scene->host.proc;
	options.runtime = scene->runtime;
	if (lineage_new(&options, &scene->lineage) < 0)
		return -1;
	audit_clock_sample_at(&scene->clock, TIME_MSEC * 1000000, MONO_NSEC);
	scene->clock.slack_nsec = 5000000;
	live(scene, (struct fake_process){ .pid = SHIM, .parent = 1 });
	live(scene, (struct fake_process){
			    .pid = LOGIN, .parent = 1, .has_loginuid = true, .loginuid = 3267 });
	scene->attributor = (struct attributor){
		.clock = &scene->clock,
		.proc_fd = -1,
		.on_touch = on_touch,
		.userdata = scene,
	};
	scene->event = (struct event){
		.time_msec = TIME_MSEC + 100,
		.serial = 43,
		.has_syscall = true,
		.syscall = "chmod",
		.success = true,
		.pid = INSIDE,
		.ppid = SHIM,
		.uid = 0,
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.comm = "sh",
		.exe = "/bin/busybox",
		.key = "k",
		.cwd = "/home",
	};
	return 0;
}

static void forget_touches(struct scene *scene)
{
	while (scene->n > 0)
		free(scene->touches[--scene->n]);
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;

	forget_touches(scene);
	path_resolver_free(scene->resolver);
	watch_paths_free(scene->watched);
	attributor_done(&scene->attributor);
	lineage_free(scene->lineage);
	runtime_free(scene->runtime);
	redact_free(scene->attributor.redact);
	fake_host_done(&scene->host);
	free(scene);
	return 0;
}

struct event_path *add(struct scene *scene, const char *name, enum path_type type)
{
	struct event_path *path = &scene->event.paths[scene->event.n_paths++];

	*path = (struct event_path){ .name = name,
		.type = type,
		.has_inode = true,
		.inode = scene->event.n_paths,
		.dev_major = 1,
		.dev_minor = 1 };
	return path;
}

const struct touch *attribute(struct scene *scene)
{
	forget_touches(scene);
	attribute_event(&scene->attributor, &scene->event);
	return scene->n > 0 ? scene->touches[0] : NULL;
}

void be_live(struct scene *scene, const char *cgroup)
{
	scene->attributor.lineage = scene->lineage;
	scene->attributor.proc_fd = scene->host.proc_fd;
	live(scene, (struct fake_process){ .pid = INSIDE,
			    .parent = SHIM,
			    .cgroup = cgroup,
			    .inner_pid = "\t1",
			    .mountinfo = "1 0 0:5 / / rw - overlay x rw\n",
			    .argv = "sh -c something" });
	assert_int_equal(lineage_scan(scene->lineage, MONO_NSEC), 0);
}

void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec)
{
	lineage_event(scene->lineage, &(struct process_event){ .type = type,
					      .pid = pid,
					      .parent = parent,
					      .time_nsec = MONO_NSEC + msec * 1000000 });
}
