/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/entry.h"
#include "base/mounts.h"
#include "fake-host.h"

#define PID 100
#define INIT_PID 50

/* A container, and an entry whose first process is PID. */
struct scene {
	struct fake_host host;
	struct container_table *containers;
	struct container *container;
	struct entry *entry;
};

static void be_of(struct scene *scene, const char *runtime)
{
	free(scene->container->info->runtime);
	scene->container->info->runtime = strdup(runtime);
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct container_info *info = calloc(1, sizeof(*info));

	*state = scene;
	if (!scene || !info || fake_host_init(&scene->host) < 0)
		return -1;
	info->id = strdup("c1");
	info->runtime = strdup("docker");
	if (container_table_new(100, &scene->containers) < 0 ||
		container_table_add(scene->containers, info, &scene->container) < 0)
		return -1;
	return entry_new(scene->container, PID, &scene->entry);
}

static int scene_teardown(void **state)
{
	struct scene *scene = *state;
	size_t n_left;

	entry_unref(scene->entry);
	container_unref(scene->container);
	n_left = container_table_count(scene->containers);
	container_table_free(scene->containers);
	fake_host_done(&scene->host);
	free(scene);
	return n_left == 0 ? 0 : -1;
}

static void live(struct scene *scene, const struct fake_process *process)
{
	fake_process(&scene->host, process);
}

static void settle(struct scene *scene, bool has_executed)
{
	entry_settle(scene->entry, scene->host.proc_fd, has_executed);
}

static void assert_kind(const struct scene *scene, enum entry_kind kind)
{
	assert_string_equal(entry_names[scene->entry->kind], entry_names[kind]);
}

/* The container has an init that lives. */
static struct entry *give_init(struct scene *scene)
{
	struct entry *init;

	live(scene, &(struct fake_process){ .pid = INIT_PID, .inner_pid = "\t1" });
	assert_int_equal(entry_new(scene->container, INIT_PID, &init), 0);
	init->kind = ENTRY_INIT;
	scene->container->init = init;
	return init;
}

static void pid_1_of_a_pid_namespace_is_the_init(void **state)
{
	struct scene *scene = *state;

	live(scene, &(struct fake_process){ .pid = PID, .inner_pid = "\t1" });
	settle(scene, false);
	assert_kind(scene, ENTRY_INIT);
	assert_true(scene->entry->kind_is_final);
	assert_ptr_equal(scene->container->init, scene->entry);
}

static void pid_1_of_the_host_is_no_init(void **state)
{
	struct scene *scene = *state;

	scene->entry->pid = 1;
	live(scene, &(struct fake_process){ .pid = 1 });
	settle(scene, true);
	assert_kind(scene, ENTRY_UNKNOWN);
}

/* Its end is told late: see has_live_init() in entry.c. */
static void the_successor_of_an_init_that_is_gone_is_the_init(void **state)
{
	struct scene *scene = *state;
	struct entry *init = give_init(scene);

	fake_gone(&scene->host, INIT_PID);
	live(scene, &(struct fake_process){ .pid = PID, .inner_pid = "\t1" });
	settle(scene, false);
	assert_kind(scene, ENTRY_INIT);
	entry_unref(init);
}

static void nothing_is_settled_before_the_program_runs(void **state)
{
	struct scene *scene = *state;

	scene->container->seen_from_start = true;
	live(scene, &(struct fake_process){ .pid = PID, .inner_pid = "\t12" });
	settle(scene, false);
	assert_kind(scene, ENTRY_UNKNOWN);
	assert_false(scene->entry->kind_is_final);
}

static void the_stages_of_runc_are_not_the_program(void **state)
{
	static const char *const stages[] = { "runc init", "/usr/sbin/runc init",
		"/proc/self/exe init" };
	static const char *const programs[] = { "runc", "runc init2", "sh init", "/sbin/init",
		"init" };
	struct scene *scene = *state;

	scene->container->seen_from_start = true;
	for (size_t i = 0; i < ELEMENTS(stages); i++) {
		live(scene, &(struct fake_process){ .pid = PID, .argv = stages[i] });
		settle(scene, true);
		assert_false(scene->entry->kind_is_final);
	}
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		scene->entry->kind_is_final = false;
		live(scene, &(struct fake_process){ .pid = PID, .argv = programs[i] });
		settle(scene, true);
		assert_true(scene->entry->kind_is_final);
		scene->container->init = NULL;
	}
}

/* At its end a process has no command line any more. */
static void what_is_over_before_there_is_an_init_was_a_stage(void **state)
{
	struct scene *scene = *state;

	scene->container->seen_from_start = true;
	live(scene, &(struct fake_process){ .pid = PID, .argv = "" });
	settle(scene, true);
	assert_false(scene->entry->is_in);
	assert_false(scene->entry->kind_is_final);
	assert_false(scene->container->had_init);
}

static void who_comes_while_the_init_lives_is_an_exec(void **state)
{
	struct scene *scene = *state;
	struct entry *init = give_init(scene);

	scene->container->seen_from_start = true;
	live(scene, &(struct fake_process){ .pid = PID, .inner_pid = "\t12" });
	settle(scene, true);
	assert_kind(scene, ENTRY_EXEC);
	assert_ptr_equal(scene->container->init, init);
	entry_unref(init);
	assert_null(scene->container->init);
}

static void who_comes_first_is_the_init_though_it_shares_the_hosts_pids(void **state)
{
	struct scene *scene = *state;

	scene->container->seen_from_start = true;
	live(scene, &(struct fake_process){ .pid = PID });
	settle(scene, true);
	assert_kind(scene, ENTRY_INIT);
}

static void who_comes_after_the_init_ended_is_the_init_of_a_restart(void **state)
{
	struct scene *scene = *state;
	struct entry *former = give_init(scene);

	scene->container->seen_from_start = true;
	former->alive = false;
	live(scene, &(struct fake_process){ .pid = PID });
	settle(scene, true);
	assert_kind(scene, ENTRY_INIT);
	assert_ptr_equal(scene->container->init, scene->entry);
	/* The former one's end does not make it forgotten. */
	entry_unref(former);
	assert_ptr_equal(scene->container->init, scene->entry);
}

static void of_a_container_that_was_there_before_the_engine_says_who_is_the_init(void **state)
{
	struct scene *scene = *state;

	scene->container->info->init_pid = PID;
	live(scene, &(struct fake_process){ .pid = PID });
	settle(scene, true);
	assert_kind(scene, ENTRY_INIT);
}

static void of_a_container_that_was_there_before_any_other_is_an_exec(void **state)
{
	struct scene *scene = *state;

	scene->container->info->init_pid = INIT_PID;
	live(scene, &(struct fake_process){ .pid = PID });
	settle(scene, true);
	assert_kind(scene, ENTRY_EXEC);
}

static void without_the_engines_word_it_stays_unknown(void **state)
{
	struct scene *scene = *state;

	live(scene, &(struct fake_process){ .pid = PID });
	settle(scene, true);
	assert_kind(scene, ENTRY_UNKNOWN);
	assert_true(scene->entry->kind_is_final);
}

static void the_loginuid_of_the_nearest_ancestor_counts(void **state)
{
	struct scene *scene = *state;

	live(scene, &(struct fake_process){ .pid = 90, .has_loginuid = true, .loginuid = 3267 });
	live(scene, &(struct fake_process){ .pid = 80, .has_loginuid = true, .loginuid = 1000 });
	assert_false(scene->entry->auid_known);
	entry_learn_from(scene->entry, scene->host.proc_fd, 70);
	assert_false(scene->entry->auid_known);
	entry_learn_from(scene->entry, scene->host.proc_fd, 90);
	entry_learn_from(scene->entry, scene->host.proc_fd, 80);
	assert_true(scene->entry->auid_known);
	assert_int_equal(scene->entry->auid, 3267);
}

static void learn_of_podman(struct scene *scene, const char *exe, const char *argv, uint32_t auid)
{
	be_of(scene, "podman");
	live(scene, &(struct fake_process){ .pid = 91,
			    .has_loginuid = true,
			    .loginuid = auid,
			    .exe = "/usr/bin/conmon",
			    .argv = "conmon -c c1" });
	live(scene, &(struct fake_process){ .pid = 90,
			    .has_loginuid = true,
			    .loginuid = auid,
			    .exe = exe,
			    .argv = argv });
	entry_learn_from(scene->entry, scene->host.proc_fd, 91);
	entry_learn_from(scene->entry, scene->host.proc_fd, 90);
}

static struct touch_launcher launcher_of(const struct scene *scene)
{
	struct touch_launcher launcher;

	entry_launcher(scene->entry, &launcher);
	return launcher;
}

static void podmans_client_is_the_launcher_for_certain(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	learn_of_podman(scene, "/usr/bin/podman", "podman run bb", 3267);
	launcher = launcher_of(scene);
	assert_int_equal(launcher.confidence, CONFIDENCE_CERTAIN);
	assert_int_equal(launcher.auid, 3267);
	assert_int_equal(launcher.pid, 90);
	assert_string_equal(launcher.exe, "/usr/bin/podman");
	assert_int_equal(launcher.argv.len, 14);
	assert_memory_equal(launcher.argv.bytes, "podman\0run\0bb", 14);
	assert_true(launcher.argv.complete);
	assert_null(launcher.via);
	assert_null(launcher.login);
	assert_true(launcher.evidence.len > 0);
}

static void the_nearest_client_counts(void **state)
{
	struct scene *scene = *state;

	learn_of_podman(scene, "/usr/bin/podman", "podman run bb", 3267);
	live(scene,
		&(struct fake_process){ .pid = 80, .exe = "/usr/bin/podman", .argv = "podman x" });
	entry_learn_from(scene->entry, scene->host.proc_fd, 80);
	assert_int_equal(launcher_of(scene).pid, 90);
}

static void without_its_client_podmans_launcher_is_likely(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	learn_of_podman(scene, "/usr/bin/bash", "bash", 3267);
	launcher = launcher_of(scene);
	assert_int_equal(launcher.confidence, CONFIDENCE_LIKELY);
	assert_int_equal(launcher.auid, 3267);
	assert_int_equal(launcher.pid, 0);
	assert_null(launcher.exe);
	assert_null(launcher.argv.bytes);
}

static void without_loginuid_podmans_launcher_is_nobody(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	learn_of_podman(scene, "/usr/bin/podman", "podman run bb", FAKE_UNSET);
	launcher = launcher_of(scene);
	assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher.auid, AUID_UNSET);
}

static void podman_as_a_service_names_nobody(void **state)
{
	static const char *const services[] = { "podman system service",
		"podman --log-level info system service --time=0",
		"/usr/bin/podman system service x" };
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(services); i++) {
		struct touch_launcher launcher;

		entry_unref(scene->entry);
		assert_int_equal(entry_new(scene->container, PID, &scene->entry), 0);
		learn_of_podman(scene, "/usr/bin/podman", services[i], 3267);
		launcher = launcher_of(scene);
		assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
		assert_int_equal(launcher.auid, AUID_UNSET);
		assert_null(launcher.exe);
	}
}

static void a_daemons_starter_is_not_the_launcher(void **state)
{
	static const char *const daemons[] = { "docker", "containerd", "cri-o", "lxc", "unknown" };
	struct scene *scene = *state;

	/* dockerd by hand from a login, and with a name that means something to others. */
	live(scene, &(struct fake_process){ .pid = 90,
			    .has_loginuid = true,
			    .loginuid = 3267,
			    .exe = "/usr/bin/podman",
			    .argv = "podman run" });
	for (size_t i = 0; i < ELEMENTS(daemons); i++) {
		be_of(scene, daemons[i]);
		entry_learn_from(scene->entry, scene->host.proc_fd, 90);
		assert_int_equal(launcher_of(scene).confidence, CONFIDENCE_NONE);
		assert_int_equal(launcher_of(scene).auid, AUID_UNSET);
		assert_int_equal(scene->entry->client_pid, 0);
	}
	assert_int_equal(scene->entry->auid, 3267);
}

static void a_long_command_line_is_kept_in_part(void **state)
{
	struct scene *scene = *state;
	char *argv = malloc(20000);
	struct touch_launcher launcher;

	memset(argv, 'x', 20000);
	memcpy(argv, "podman ", 7);
	argv[19999] = '\0';
	learn_of_podman(scene, "/usr/bin/podman", argv, 3267);
	free(argv);
	launcher = launcher_of(scene);
	assert_int_equal(launcher.argv.len, 4096);
	assert_false(launcher.argv.complete);
	assert_int_equal(launcher.confidence, CONFIDENCE_CERTAIN);
}

static void mounts_are_read_and_stay_when_they_cannot_be_read_again(void **state)
{
	struct scene *scene = *state;

	entry_read_mounts(scene->entry, scene->host.proc_fd, PID);
	assert_null(scene->container->mounts);
	live(scene, &(struct fake_process){
			    .pid = PID, .mountinfo = "1 0 0:5 / / rw - overlay x rw\n" });
	entry_read_mounts(scene->entry, scene->host.proc_fd, PID);
	assert_int_equal(scene->container->mounts->n, 1);
	fake_file(&scene->host, PID, "mountinfo", "");
	entry_read_mounts(scene->entry, scene->host.proc_fd, PID);
	assert_int_equal(scene->container->mounts->n, 1);
	fake_file(&scene->host, PID, "mountinfo",
		"1 0 0:5 / / rw - overlay x rw\n"
		"2 1 0:6 / /x rw - tmpfs x rw\n");
	entry_read_mounts(scene->entry, scene->host.proc_fd, PID);
	assert_int_equal(scene->container->mounts->n, 2);
}

static struct entry *child_entry(struct scene *scene, pid_t parent, pid_t session)
{
	live(scene, &(struct fake_process){ .pid = PID, .session = PID });
	live(scene, &(struct fake_process){ .pid = 101, .parent = parent, .session = session });
	return entry_of_child(scene->entry, scene->host.proc_fd, 101);
}

static void a_child_in_its_parents_session_came_with_it(void **state)
{
	struct scene *scene = *state;
	_cleanup_(entry_unrefp) struct entry *entry = NULL;

	scene->entry->kind = ENTRY_INIT;
	entry = child_entry(scene, PID, PID);
	assert_ptr_equal(entry, scene->entry);
}

static void an_orphan_with_a_session_of_its_own_came_somehow(void **state)
{
	struct scene *scene = *state;
	_cleanup_(entry_unrefp) struct entry *entry = NULL;

	scene->entry->kind = ENTRY_INIT;
	entry = child_entry(scene, PID, 101);
	assert_ptr_not_equal(entry, scene->entry);
	assert_ptr_equal(entry->container, scene->container);
	assert_int_equal(entry->kind, ENTRY_UNKNOWN);
	assert_true(entry->kind_is_final);
	assert_false(entry->auid_known);
}

static void a_child_of_an_exec_came_with_it_whatever_its_session(void **state)
{
	struct scene *scene = *state;
	_cleanup_(entry_unrefp) struct entry *entry = NULL;

	scene->entry->kind = ENTRY_EXEC;
	entry = child_entry(scene, PID, 101);
	assert_ptr_equal(entry, scene->entry);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(pid_1_of_a_pid_namespace_is_the_init),
		scene_test(pid_1_of_the_host_is_no_init),
		scene_test(the_successor_of_an_init_that_is_gone_is_the_init),
		scene_test(nothing_is_settled_before_the_program_runs),
		scene_test(the_stages_of_runc_are_not_the_program),
		scene_test(what_is_over_before_there_is_an_init_was_a_stage),
		scene_test(who_comes_while_the_init_lives_is_an_exec),
		scene_test(who_comes_first_is_the_init_though_it_shares_the_hosts_pids),
		scene_test(who_comes_after_the_init_ended_is_the_init_of_a_restart),
		scene_test(of_a_container_that_was_there_before_the_engine_says_who_is_the_init),
		scene_test(of_a_container_that_was_there_before_any_other_is_an_exec),
		scene_test(without_the_engines_word_it_stays_unknown),
		scene_test(the_loginuid_of_the_nearest_ancestor_counts),
		scene_test(podmans_client_is_the_launcher_for_certain),
		scene_test(the_nearest_client_counts),
		scene_test(without_its_client_podmans_launcher_is_likely),
		scene_test(without_loginuid_podmans_launcher_is_nobody),
		scene_test(podman_as_a_service_names_nobody),
		scene_test(a_daemons_starter_is_not_the_launcher),
		scene_test(a_long_command_line_is_kept_in_part),
		scene_test(mounts_are_read_and_stay_when_they_cannot_be_read_again),
		scene_test(a_child_in_its_parents_session_came_with_it),
		scene_test(an_orphan_with_a_session_of_its_own_came_somehow),
		scene_test(a_child_of_an_exec_came_with_it_whatever_its_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
