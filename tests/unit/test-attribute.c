/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/sysmacros.h>

#include "attribute/attribute.h"
#include "fake-host.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CGROUP "/docker/" ID
#define PODMAN_CGROUP "/machine.slice/libpod-" ID ".scope"

#define SHIM 20
#define LOGIN 30
#define INSIDE 100
#define MAX_TOUCHES 8

/* The clocks: at this time of day the machine has run for 1000 s. */
#define TIME_MSEC INT64_C(4102444800000) /* after whatever the tests make has been born */
#define MONO_NSEC (1000 * FAKE_SEC)

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
	struct watch_paths *watched;
	struct path_resolver *resolver;
	struct audit_clock clock;
	struct attributor attributor;
	struct event event;

	struct touch *touches[MAX_TOUCHES];
	bool own[MAX_TOUCHES], entry_unset[MAX_TOUCHES], host_namespace[MAX_TOUCHES];
	unsigned n;
};

static void on_touch(struct touch *touch, const struct touch_facts *facts, void *userdata)
{
	struct scene *scene = userdata;

	assert_true(scene->n < MAX_TOUCHES);
	assert_int_equal(touch_copy(touch, &scene->touches[scene->n]), 0);
	scene->own[scene->n] = facts->own_file;
	scene->host_namespace[scene->n] = facts->host_namespace;
	scene->entry_unset[scene->n++] = facts->entry_unset;
}

static void live(struct scene *scene, struct fake_process process)
{
	process.start_nsec = process.start_nsec ? process.start_nsec : MONO_NSEC;
	fake_process(&scene->host, &process);
}

static int scene_setup(void **state)
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

static int scene_teardown(void **state)
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

static struct event_path *add(struct scene *scene, const char *name, enum path_type type)
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

/* An item with the identity of a file in the place. */
static void add_file(struct scene *scene, const char *name, const char *file, enum path_type type)
{
	struct stat st = place_stat(&scene->host.place, file);
	struct event_path *path = add(scene, name, type);

	path->inode = st.st_ino;
	path->dev_major = major(st.st_dev);
	path->dev_minor = minor(st.st_dev);
}

static const struct touch *attribute(struct scene *scene)
{
	forget_touches(scene);
	attribute_event(&scene->attributor, &scene->event);
	return scene->n > 0 ? scene->touches[0] : NULL;
}

/* With the host behind it, on which the container runs. */
static void be_live(struct scene *scene, const char *cgroup)
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

static void a_log_says_what_it_can_and_that_it_is_one(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	touch = attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(touch->time_msec, TIME_MSEC + 100);
	assert_int_equal(touch->serial, 43);
	assert_int_equal(touch->item, 0);
	assert_string_equal(touch->path, "/etc/passwd");
	assert_string_equal(touch->path_seen, "/etc/passwd");
	assert_int_equal(touch->path_by, PATH_AS_SEEN);
	assert_int_equal(touch->inode, 1);
	assert_int_equal(touch->action, ACTION_ATTR);
	assert_true(touch->success);
	assert_int_equal(touch->error, 0);
	assert_string_equal(touch->syscall, "chmod");
	assert_string_equal(touch->watch, "k");
	assert_int_equal(touch->pid, INSIDE);
	assert_int_equal(touch->ppid, SHIM);
	assert_string_equal(touch->comm, "sh");
	assert_string_equal(touch->exe, "/bin/busybox");
	assert_string_equal(touch->user, "root");
	assert_int_equal(touch->auid, AUID_UNSET);
	assert_null(touch->login);
	assert_null(touch->node);
	assert_null(touch->container.id);
	assert_int_equal(touch->container.privileged, TRISTATE_UNKNOWN);
	assert_int_equal(touch->launcher.auid, AUID_UNSET);
	assert_int_equal(touch->launcher.confidence, CONFIDENCE_NONE);
	assert_string_equal(touch->doubt, "from a log: which container this was is not in it");
	assert_false(scene->own[0] || scene->entry_unset[0]);
}

static void names_are_those_of_the_log(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.uid = 1000;
	scene->event.auid = 3267;
	touch = attribute(scene);
	assert_null(touch->user);
	assert_null(touch->login);
	scene->event.user = "dan";
	scene->event.login = "dwalsh";
	scene->event.node = "web1";
	scene->attributor.node = "here";
	touch = attribute(scene);
	assert_string_equal(touch->user, "dan");
	assert_string_equal(touch->login, "dwalsh");
	assert_string_equal(touch->node, "web1");
	scene->event.node = NULL;
	assert_string_equal(attribute(scene)->node, "here");
}

static void a_failure_has_its_errno(void **state)
{
	static const struct {
		int64_t exit;
		int error;
	} cases[] = { { -13, 13 }, { -4095, 4095 }, { -4096, 0 }, { 0, 0 }, { 5, 0 },
		{ INT64_MIN, 0 } };
	struct scene *scene = *state;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.success = false;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		scene->event.exit = cases[i].exit;
		assert_int_equal(attribute(scene)->error, cases[i].error);
		assert_false(scene->touches[0]->success);
	}
	scene->event.success = true;
	scene->event.exit = -13;
	assert_int_equal(attribute(scene)->error, 0);
}

static void each_name_is_a_touch_of_its_own(void **state)
{
	struct scene *scene = *state;

	scene->event.syscall = "rename";
	add(scene, "/etc/", PATH_TYPE_PARENT);
	add(scene, "/etc/a", PATH_TYPE_DELETE);
	add(scene, "/etc/b", PATH_TYPE_CREATE);
	attribute(scene);
	assert_int_equal(scene->n, 2);
	assert_string_equal(scene->touches[0]->path, "/etc/a");
	assert_int_equal(scene->touches[0]->item, 0);
	assert_string_equal(scene->touches[1]->path, "/etc/b");
	assert_int_equal(scene->touches[1]->item, 1);
}

static void a_relative_name_is_joined_with_cwd_unless_a_descriptor_was_given(void **state)
{
	struct scene *scene = *state;

	scene->event.syscall = "unlinkat";
	scene->event.arguments[0] = 0xffffff9c;
	add(scene, "passwd", PATH_TYPE_DELETE);
	assert_string_equal(attribute(scene)->path_seen, "/home/passwd");
	scene->event.arguments[0] = 4;
	assert_string_equal(attribute(scene)->path_seen, "passwd");
	scene->event.paths[0].name = "";
	assert_null(attribute(scene)->path_seen);
	assert_null(scene->touches[0]->path);
}

static void what_touches_nothing_is_no_touch(void **state)
{
	struct scene *scene = *state;

	assert_null(attribute(scene));
	add(scene, "/etc/", PATH_TYPE_PARENT);
	assert_null(attribute(scene));
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.has_syscall = false;
	assert_null(attribute(scene));
}

static void a_connect_is_a_touch_of_the_socket(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	scene->event.syscall = "connect";
	scene->event.socket_path = "/run/docker.sock";
	touch = attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(touch->action, ACTION_CONNECT);
	assert_string_equal(touch->path, "/run/docker.sock");
	add(scene, "/run/docker.sock", PATH_TYPE_NORMAL);
	attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(scene->touches[0]->inode, 1);
}

static void a_call_without_name_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	be_live(scene, "/");
	scene->event.syscall = NULL;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_string_equal(
		attribute(scene)->doubt, "system call without a known name, taken for a write");
}

static void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec)
{
	lineage_event(scene->lineage, &(struct process_event){ .type = type,
					      .pid = pid,
					      .parent = parent,
					      .time_nsec = MONO_NSEC + msec * 1000000 });
}

/* The namespaces of the container's first process; that of pids is the host's or its own. */
static void put_namespaces(struct scene *scene, const char *pids)
{
	static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "user", "uts" };

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		fake_namespace(&scene->host, 1, kinds[i], "x:[1]");
		fake_namespace(&scene->host, INSIDE, kinds[i],
			strcmp(kinds[i], "pid") == 0 ? pids : "x:[2]");
	}
}

/* One that forked, touched and ended before anybody could look at it. */
static void touch_in_passing(struct scene *scene)
{
	happen(scene, PROCESS_FORK, INSIDE + 1, INSIDE, 99);
	happen(scene, PROCESS_EXIT, INSIDE + 1, 0, 101);
	scene->event.pid = INSIDE + 1;
	scene->event.ppid = INSIDE;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_non_null(attribute(scene));
}

static void what_the_container_shares_an_ended_process_shared(void **state)
{
	struct scene *scene = *state;

	put_namespaces(scene, "x:[1]");
	be_live(scene, CGROUP);
	touch_in_passing(scene);
	assert_string_equal(scene->touches[0]->container.id, ID);
	assert_true(scene->host_namespace[0]);
}

static void what_the_container_has_for_itself_an_ended_process_had(void **state)
{
	struct scene *scene = *state;

	put_namespaces(scene, "x:[2]");
	be_live(scene, CGROUP);
	touch_in_passing(scene);
	assert_string_equal(scene->touches[0]->container.id, ID);
	assert_false(scene->host_namespace[0]);
}

static void below_an_inner_engine_the_outer_is_told_with_doubt_and_nobodys_launch(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	fake_podman(&scene->host, ID, "hack", "bb", true);
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = LOGIN,
			    .exe = "/usr/bin/podman",
			    .argv = "podman run bb",
			    .has_loginuid = true,
			    .loginuid = 3267 });
	be_live(scene, PODMAN_CGROUP);
	live(scene, (struct fake_process){ .pid = INSIDE + 5,
			    .parent = INSIDE,
			    .cgroup = PODMAN_CGROUP,
			    .exe = "/usr/bin/conmon",
			    .argv = "conmon" });
	assert_int_equal(lineage_scan(scene->lineage, MONO_NSEC), 0);
	happen(scene, PROCESS_FORK, INSIDE + 6, INSIDE + 5, 90);
	happen(scene, PROCESS_EXEC, INSIDE + 6, 0, 91);
	happen(scene, PROCESS_EXIT, INSIDE + 6, 0, 110);
	scene->event.pid = INSIDE + 6;
	scene->event.ppid = INSIDE + 5;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	touch = attribute(scene);
	assert_string_equal(touch->container.id, ID);
	assert_int_equal(touch->container.entry, ENTRY_UNKNOWN);
	assert_non_null(touch->doubt);
	assert_int_equal(touch->launcher.confidence, CONFIDENCE_NONE);
	/* Of the container itself it is known. */
	scene->event.pid = INSIDE;
	scene->event.ppid = SHIM;
	scene->event.auid = 3267;
	touch = attribute(scene);
	assert_null(touch->doubt);
	assert_int_equal(touch->launcher.auid, 3267);
}

static void a_container_is_told_with_all_that_is_known(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	fake_docker(&scene->host, ID, "hack", "bb:latest", true, INSIDE, NULL);
	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	touch = attribute(scene);
	assert_null(touch->doubt);
	assert_string_equal(touch->container.id, ID);
	assert_string_equal(touch->container.name, "hack");
	assert_string_equal(touch->container.runtime, "docker");
	assert_string_equal(touch->container.image, "bb:latest");
	assert_int_equal(touch->container.privileged, TRISTATE_YES);
	assert_int_equal(touch->container.entry, ENTRY_INIT);
	assert_int_equal(touch->container.attributed_by, ATTRIBUTED_CGROUP);
	assert_int_equal(touch->launcher.confidence, CONFIDENCE_NONE);
	assert_true(scene->entry_unset[0]);
}

static void a_process_of_the_host_has_no_container_and_no_doubt(void **state)
{
	struct scene *scene = *state;

	be_live(scene, "/");
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_null(attribute(scene)->doubt);
	assert_null(scene->touches[0]->container.id);
	assert_false(scene->entry_unset[0]);
}

static void an_unknown_process_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	scene->event.pid = 4711;
	scene->event.ppid = 4710;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_non_null(attribute(scene)->doubt);
	assert_null(scene->touches[0]->container.id);
}

static void a_loginuid_that_the_container_chose_is_in_doubt(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.auid = 1000;
	touch = attribute(scene);
	assert_string_equal(touch->doubt,
		"loginuid was set inside the container: it names whom the container chose");
	assert_string_equal(touch->container.id, ID);
	assert_true(scene->entry_unset[0]);
}

static void podmans_human_is_the_launcher(void **state)
{
	static const char *const patterns[] = { "--password" };
	struct scene *scene = *state;
	const struct touch *touch;

	assert_int_equal(redact_new(patterns, 1, &scene->attributor.redact), 0);
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = LOGIN,
			    .has_loginuid = true,
			    .loginuid = 3267,
			    .exe = "/usr/bin/podman",
			    .argv = "podman run --password=x bb" });
	be_live(scene, PODMAN_CGROUP);
	scene->event.auid = 3267;
	scene->event.argv = (struct arguments){ "sh\0--password=y", 15, true };
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	touch = attribute(scene);
	assert_null(touch->doubt);
	assert_int_equal(touch->launcher.confidence, CONFIDENCE_CERTAIN);
	assert_int_equal(touch->launcher.auid, 3267);
	assert_int_equal(touch->launcher.pid, SHIM);
	assert_string_equal(touch->launcher.exe, "/usr/bin/podman");
	assert_memory_equal(touch->launcher.argv.bytes, "podman\0run\0--password=***\0bb", 28);
	assert_memory_equal(touch->argv.bytes, "sh\0--password=***", 17);
	assert_false(scene->entry_unset[0]);
	/* A privileged container may set another one for itself. */
	scene->event.auid = 1000;
	assert_non_null(attribute(scene)->doubt);
	scene->event.auid = AUID_UNSET;
	assert_non_null(attribute(scene)->doubt);
}

static void a_cut_argv_is_read_whole_while_the_process_lives(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.argv = (struct arguments){ "sh\0-c\0some", 10, false };
	assert_int_equal(attribute(scene)->argv.len, 15);
	assert_memory_equal(scene->touches[0]->argv.bytes, "sh\0-c\0something", 15);
	assert_true(scene->touches[0]->argv.complete);
	/* Another program's by now. */
	scene->event.argv.bytes = "sh\0-c\0else";
	assert_memory_equal(attribute(scene)->argv.bytes, "sh\0-c\0else", 10);
	assert_false(scene->touches[0]->argv.complete);
	/* What is whole is not read again. */
	scene->event.argv = (struct arguments){ "sh", 2, true };
	assert_int_equal(attribute(scene)->argv.len, 2);
	/* Of the dead nothing is read: the pid may be another's. */
	scene->event.argv = (struct arguments){ "sh\0-c\0some", 10, false };
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = PROCESS_EXIT, .pid = INSIDE, .time_nsec = MONO_NSEC + FAKE_SEC });
	assert_int_equal(attribute(scene)->argv.len, 10);
}

/* The kernel says at each record of a task what its argv was at the first. */
static void the_argv_of_a_former_program_is_not_told(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.exe = "/usr/sbin/runc";
	scene->event.comm = "runc:[2:INIT]";
	scene->event.argv = (struct arguments){ "runc\0init", 9, true };
	assert_memory_equal(attribute(scene)->argv.bytes, "runc\0init", 9);
	/* Of one that executed nothing since it is its own, whatever name it has given itself. */
	scene->event.comm = "another";
	assert_memory_equal(attribute(scene)->argv.bytes, "runc\0init", 9);
	lineage_event(scene->lineage,
		&(struct process_event){ .type = PROCESS_EXEC,
			.pid = INSIDE,
			.time_nsec = MONO_NSEC + FAKE_SEC / 10 + 1 });
	scene->event.comm = "sh";
	scene->event.exe = "/bin/sh";
	scene->event.time_msec++;
	assert_int_equal(attribute(scene)->argv.len, 15);
	assert_memory_equal(scene->touches[0]->argv.bytes, "sh\0-c\0something", 15);
	/* What it executes after the event says nothing of that. */
	lineage_event(scene->lineage,
		&(struct process_event){ .type = PROCESS_EXEC,
			.pid = INSIDE,
			.time_nsec = MONO_NSEC + 3 * FAKE_SEC / 10 });
	assert_null(attribute(scene)->argv.bytes);
	/* EXECVE is of the call itself. */
	scene->event.syscall = "execve";
	scene->event.time_msec += 300;
	scene->event.argv = (struct arguments){ "true", 4, true };
	assert_memory_equal(attribute(scene)->argv.bytes, "true", 4);
}

/* A short shell that executed something else at last: /proc has that one's by the time it is asked.
 */
static void an_argv_that_was_read_too_late_is_not_told(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.exe = "/usr/sbin/runc";
	scene->event.comm = "runc:[2:INIT]";
	scene->event.argv = (struct arguments){ "runc\0init", 9, true };
	attribute(scene);
	lineage_event(scene->lineage, &(struct process_event){ .type = PROCESS_EXEC,
					      .pid = INSIDE,
					      .time_nsec = MONO_NSEC + FAKE_SEC / 10 + 1 });
	scene->event.exe = "/bin/busybox";
	scene->event.comm = "touch";
	scene->event.time_msec++;
	assert_null(attribute(scene)->argv.bytes);
	/* A script is called as its file. */
	scene->event.comm = "something";
	assert_int_equal(attribute(scene)->argv.len, 15);
	scene->event.comm = "thread";
	scene->event.exe = "/bin/sh";
	assert_int_equal(attribute(scene)->argv.len, 15);
	/* Long after, who is called otherwise has given itself the name. */
	scene->event.comm = "renamed";
	scene->event.exe = "/bin/busybox";
	scene->event.time_msec += 1500;
	assert_int_equal(attribute(scene)->argv.len, 15);
}

static void an_endless_argv_is_kept_in_part(void **state)
{
	struct scene *scene = *state;
	char *argv = malloc(200000);

	memset(argv, 'x', 200000);
	argv[199999] = '\0';
	be_live(scene, CGROUP);
	live(scene, (struct fake_process){
			    .pid = INSIDE, .parent = SHIM, .cgroup = CGROUP, .argv = argv });
	free(argv);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.argv = (struct arguments){ "xxx", 3, false };
	assert_int_equal(attribute(scene)->argv.len, 4096);
	assert_false(scene->touches[0]->argv.complete);
}

static void the_mounts_are_read_when_nobody_has_yet(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	be_live(scene, "/");
	live(scene, (struct fake_process){ .pid = 101,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = MONO_NSEC + 10000000,
			    .mountinfo = "1 0 0:5 / / rw - overlay x rw\n" });
	lineage_event(scene->lineage, &(struct process_event){ .type = PROCESS_FORK,
					      .pid = 101,
					      .parent = SHIM,
					      .time_nsec = MONO_NSEC + 10000000 });
	scene->event.pid = 101;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_string_equal(attribute(scene)->container.id, ID);
	lineage_find(scene->lineage,
		&(struct lineage_question){
			.pid = 101, .ppid = SHIM, .time_nsec = MONO_NSEC + 100000000 },
		&answer);
	assert_non_null(answer.entry->container->mounts);
}

static void resolve_for_real(struct scene *scene)
{
	be_live(scene, "/");
	scene->attributor.resolver = scene->resolver;
	scene->attributor.watched = scene->watched;
}

static void watch(struct scene *scene, const char *path)
{
	const struct watch_path list[] = { { path, "k", false } };

	assert_int_equal(watch_paths_set(scene->watched, list, 1, TIME_MSEC), 0);
}

static const char *found(struct scene *scene, const char *file, int64_t time_msec)
{
	struct stat st = place_stat(&scene->host.place, file);
	const struct file_identity identity = { st.st_ino, major(st.st_dev), minor(st.st_dev) };

	return watch_paths_find(scene->watched, &identity, time_msec, time_msec);
}

static void a_rename_over_a_watched_file_is_followed(void **state)
{
	struct scene *scene = *state;
	char watched[512], fresh[512], directory[512];

	strcpy(watched, place_name(&scene->host.place, "etc/watched"));
	strcpy(fresh, place_name(&scene->host.place, "etc/fresh"));
	strcpy(directory, place_name(&scene->host.place, "etc/"));
	place_text(&scene->host.place, "etc/watched", "old");
	place_text(&scene->host.place, "etc/fresh", "new");
	resolve_for_real(scene);
	watch(scene, watched);
	scene->event.syscall = "rename";
	add_file(scene, directory, "etc", PATH_TYPE_PARENT);
	add_file(scene, fresh, "etc/fresh", PATH_TYPE_DELETE);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	add_file(scene, watched, "etc/fresh", PATH_TYPE_CREATE);
	assert_int_equal(link(watched, place_name(&scene->host.place, "kept")), 0);
	assert_int_equal(rename(fresh, watched), 0);
	attribute(scene);
	assert_int_equal(scene->n, 2);
	assert_string_equal(scene->touches[0]->path, fresh);
	assert_string_equal(scene->touches[1]->path, watched);
	assert_int_equal(scene->touches[1]->path_by, PATH_BY_IDENTITY);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
	assert_null(found(scene, "etc/watched", scene->event.time_msec - 1));
	assert_string_equal(found(scene, "kept", scene->event.time_msec - 1), watched);
	assert_null(found(scene, "kept", scene->event.time_msec + 1));
}

static void a_failed_or_unproven_change_is_none(void **state)
{
	struct scene *scene = *state;
	char watched[512], directory[512];

	strcpy(watched, place_name(&scene->host.place, "etc/watched"));
	strcpy(directory, place_name(&scene->host.place, "etc/"));
	place_text(&scene->host.place, "etc/watched", "old");
	place_text(&scene->host.place, "other/file", "x");
	resolve_for_real(scene);
	watch(scene, watched);
	scene->event.syscall = "unlink";
	add_file(scene, directory, "etc", PATH_TYPE_PARENT);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	scene->event.success = false;
	attribute(scene);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
	scene->event.success = true;
	scene->event.n_paths = 0;
	add_file(scene, directory, "other", PATH_TYPE_PARENT);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	assert_int_equal(attribute(scene)->path_by, PATH_BY_NAME);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
}

static void the_kernels_word_of_a_moved_watch_is_followed(void **state)
{
	struct scene *scene = *state;
	char watched[512];

	strcpy(watched, place_name(&scene->host.place, "watched"));
	resolve_for_real(scene);
	watch(scene, watched);
	place_text(&scene->host.place, "watched", "new");
	scene->event.has_syscall = false;
	scene->event.config_op = "updated_rules";
	assert_null(attribute(scene));
	assert_null(found(scene, "watched", TIME_MSEC + 200));
	scene->event.config_path = watched;
	assert_null(attribute(scene));
	assert_string_equal(found(scene, "watched", TIME_MSEC + 200), watched);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_log_says_what_it_can_and_that_it_is_one),
		scene_test(names_are_those_of_the_log),
		scene_test(a_failure_has_its_errno),
		scene_test(each_name_is_a_touch_of_its_own),
		scene_test(a_relative_name_is_joined_with_cwd_unless_a_descriptor_was_given),
		scene_test(what_touches_nothing_is_no_touch),
		scene_test(a_connect_is_a_touch_of_the_socket),
		scene_test(a_call_without_name_is_in_doubt),
		scene_test(a_container_is_told_with_all_that_is_known),
		scene_test(what_the_container_shares_an_ended_process_shared),
		scene_test(what_the_container_has_for_itself_an_ended_process_had),
		scene_test(below_an_inner_engine_the_outer_is_told_with_doubt_and_nobodys_launch),
		scene_test(a_process_of_the_host_has_no_container_and_no_doubt),
		scene_test(an_unknown_process_is_in_doubt),
		scene_test(a_loginuid_that_the_container_chose_is_in_doubt),
		scene_test(podmans_human_is_the_launcher),
		scene_test(a_cut_argv_is_read_whole_while_the_process_lives),
		scene_test(the_argv_of_a_former_program_is_not_told),
		scene_test(an_argv_that_was_read_too_late_is_not_told),
		scene_test(an_endless_argv_is_kept_in_part),
		scene_test(the_mounts_are_read_when_nobody_has_yet),
		scene_test(a_rename_over_a_watched_file_is_followed),
		scene_test(a_failed_or_unproven_change_is_none),
		scene_test(the_kernels_word_of_a_moved_watch_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
