/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of a runtime's own processes: the stages on their way into a container, and its children. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lineage-scene.h"

static void a_stage_on_its_way_into_a_container_is_watched(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	assert_false(lineage_has_suspects(scene->lineage));
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	happen(scene, PROCESS_SESSION, BOX, 0, 11);
	assert_true(lineage_has_suspects(scene->lineage));
	assert_true(lineage_poll(scene->lineage, at(12)));
	live(scene, (struct fake_process){ .pid = BOX,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .inner_pid = "\t1" });
	assert_false(lineage_poll(scene->lineage, at(14)));
	fake_gone(&scene->host, BOX);
	assert_in(find(scene, BOX, SHIM, 15), ID, ATTRIBUTED_CGROUP);
	assert_kind(find(scene, BOX, SHIM, 15), ENTRY_INIT);
}

static void suspicion_ends(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, 40, LOGIN, LOGIN_CGROUP, 10);
	happen(scene, PROCESS_NAME, 40, 0, 11);
	born_in(scene, 41, LOGIN, LOGIN_CGROUP, 10);
	happen(scene, PROCESS_NAME, 41, 0, 11);
	die(scene, 41, 12);
	assert_true(lineage_poll(scene->lineage, at(1000)));
	assert_false(lineage_poll(scene->lineage, at(3000)));
	assert_host(find(scene, 40, LOGIN, 3100));
}

static void a_suspect_that_is_gone_before_it_could_be_seen_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	happen(scene, PROCESS_SESSION, BOX, 0, 11);
	fake_gone(&scene->host, BOX);
	happen(scene, PROCESS_EXEC, BOX, 0, 12);
	happen(scene, PROCESS_EXIT, BOX, 0, 13);
	assert_doubt(find(scene, BOX, SHIM, 12));
}

/* A runtime's command, by the shim of ID, and what it made, which is gone before it can be seen. */
static void command_and_lose(struct scene *scene, const char *argv)
{
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/runc",
			    .argv = argv,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, 170, SHIM, 30);
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	born_in(scene, 171, 170, ENGINE_CGROUP, 40);
	happen(scene, PROCESS_SESSION, 171, 0, 41);
	fake_gone(&scene->host, 171);
	happen(scene, PROCESS_EXEC, 171, 0, 42);
	happen(scene, PROCESS_EXIT, 171, 0, 43);
}

static void what_an_exec_made_and_is_gone_is_told_by_the_command(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby exec --process p " ID);
	assert_in(find(scene, 171, 170, 42), ID, ATTRIBUTED_SHIM);
	assert_kind(find(scene, 171, 170, 42), ENTRY_EXEC);
}

static void an_exec_of_a_container_that_ends_is_an_exec(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	born(scene, BOX + 1, BOX, 25);
	die(scene, BOX, 29);
	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby exec --process p " ID);
	assert_in(find(scene, 171, 170, 42), ID, ATTRIBUTED_SHIM);
	assert_kind(find(scene, 171, 170, 42), ENTRY_EXEC);
}

/* It may be a hook, on the host. */
static void what_a_create_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby create --bundle b " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void what_another_namespaces_exec_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_box(scene);
	command_and_lose(scene, "runc --root /run/containerd/runc/k8s.io exec --process p " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void names_are_looked_up_a_few_times_only(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born_in(scene, BOX, SHIM, ENGINE_CGROUP, 10);
	for (unsigned i = 0; i < 1000; i++)
		happen(scene, PROCESS_NAME, BOX, 0, 11);
	live(scene, (struct fake_process){
			    .pid = BOX, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_NAME, BOX, 0, 12);
	assert_int_equal(scene->n_appeared, 0);
	happen(scene, PROCESS_EXEC, BOX, 0, 13);
	assert_in(find(scene, BOX, SHIM, 20), ID, ATTRIBUTED_CGROUP);
	/* A new program may be a stage again. */
	born_in(scene, 101, SHIM, ENGINE_CGROUP, 10);
	for (unsigned i = 0; i < 1000; i++)
		happen(scene, PROCESS_NAME, 101, 0, 11);
	happen(scene, PROCESS_EXEC, 101, 0, 12);
	live(scene,
		(struct fake_process){
			.pid = 101, .parent = SHIM, .cgroup = OTHER_CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_NAME, 101, 0, 13);
	assert_int_equal(scene->n_appeared, 2);
}

static void there_is_an_end_to_suspects(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	for (pid_t pid = 1000; pid < 1400; pid++) {
		happen(scene, PROCESS_FORK, pid, LOGIN, 10);
		happen(scene, PROCESS_SESSION, pid, 0, 11);
	}
	assert_true(lineage_poll(scene->lineage, at(12)));
	assert_false(lineage_poll(scene->lineage, at(5000)));
}

static void run_as_a_shim(struct scene *scene)
{
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2" });
}

/* A command below the shim of ID, and what it forks to have it enter the container. */
#define COMMAND 60
#define STAGE 171

static void run_as_the_shim_of(struct scene *scene, const char *id)
{
	static char argv[200];

	snprintf(argv, sizeof(argv), "containerd-shim-runc-v2 -namespace moby -id %s", id);
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2",
			    .argv = argv,
			    .mounts = HOST_NAMESPACE });
	start_box(scene);
}

/* Before anybody can look. */
static void command_unseen(struct scene *scene)
{
	happen(scene, PROCESS_FORK, COMMAND, SHIM, 30);
	happen(scene, PROCESS_EXEC, COMMAND, 0, 31);
	happen(scene, PROCESS_FORK, STAGE, COMMAND, 32);
}

static void what_an_unseen_command_made_and_is_gone_is_told_by_the_shim(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	command_unseen(scene);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	happen(scene, PROCESS_SESSION, STAGE, 0, 34);
	happen(scene, PROCESS_EXEC, STAGE, 0, 35);
	happen(scene, PROCESS_EXIT, STAGE, 0, 36);
	assert_in(find(scene, STAGE, COMMAND, 35), ID, ATTRIBUTED_SHIM);
	assert_kind(find(scene, STAGE, COMMAND, 35), ENTRY_EXEC);
	assert_doubt(find(scene, COMMAND, SHIM, 35));
	/* A shim that has ended told it while it lived. */
	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2",
			    .argv = "containerd-shim-runc-v2 -namespace moby -id " ID });
	happen(scene, PROCESS_EXEC, SHIM, 0, 40);
	happen(scene, PROCESS_FORK, COMMAND + 1, SHIM, 41);
	happen(scene, PROCESS_EXEC, COMMAND + 1, 0, 42);
	happen(scene, PROCESS_FORK, STAGE + 1, COMMAND + 1, 43);
	die(scene, SHIM, 44);
	happen(scene, PROCESS_NAME, STAGE + 1, 0, 45);
	happen(scene, PROCESS_EXEC, STAGE + 1, 0, 46);
	assert_in(find(scene, STAGE + 1, COMMAND + 1, 47), ID, ATTRIBUTED_SHIM);
}

/* Under version 1 of cgroups. */
static void what_is_shown_in_the_root_as_it_ends_is_gone(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	command_unseen(scene);
	live(scene,
		(struct fake_process){
			.pid = STAGE, .parent = COMMAND, .start_nsec = at(32), .exiting = true });
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	happen(scene, PROCESS_EXEC, STAGE, 0, 35);
	assert_in(find(scene, STAGE, COMMAND, 35), ID, ATTRIBUTED_SHIM);
}

/* A hook or a helper, on the host, that names itself as its own affair. */
static void what_executed_before_it_named_itself_is_no_stage(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	command_unseen(scene);
	happen(scene, PROCESS_EXEC, STAGE, 0, 33);
	happen(scene, PROCESS_NAME, STAGE, 0, 34);
	happen(scene, PROCESS_SESSION, STAGE, 0, 34);
	happen(scene, PROCESS_EXEC, STAGE, 0, 35);
	assert_doubt(find(scene, STAGE, COMMAND, 35));
}

/* libnvidia-container does so, below a hook. */
static void what_a_hook_forked_is_no_stage(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	command_unseen(scene);
	happen(scene, PROCESS_EXEC, STAGE, 0, 33);
	happen(scene, PROCESS_FORK, STAGE + 1, STAGE, 34);
	happen(scene, PROCESS_NAME, STAGE + 1, 0, 35);
	happen(scene, PROCESS_EXEC, STAGE + 1, 0, 36);
	assert_doubt(find(scene, STAGE + 1, STAGE, 36));
}

static void what_the_shim_of_a_sandbox_forked_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){ .pid = SHIM,
			    .parent = INIT,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/containerd-shim-runc-v2",
			    .argv = "containerd-shim-runc-v2 -namespace k8s.io -id " ID });
	start_box(scene);
	command_unseen(scene);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	happen(scene, PROCESS_EXEC, STAGE, 0, 35);
	assert_doubt(find(scene, STAGE, COMMAND, 35));
}

/* The command shows itself at its birth in those namespaces (NULL: not at all), and its stage is
 * seen in the container. */
static struct lineage_answer enter_by(struct scene *scene, const char *mounts, pid_t pid)
{
	run_as_the_shim_of(scene, ID);
	scene->maker = -1;
	if (mounts)
		live(scene, (struct fake_process){ .pid = pid,
				    .parent = SHIM,
				    .cgroup = ENGINE_CGROUP,
				    .mounts = mounts,
				    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, pid, SHIM, 30);
	if (mounts)
		fake_gone(&scene->host, pid);
	happen(scene, PROCESS_EXEC, pid, 0, 31);
	born(scene, STAGE, pid, 32);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	return find(scene, STAGE, pid, 34);
}

static void a_command_that_was_seen_to_be_the_hosts_is_the_maker(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer = enter_by(scene, HOST_NAMESPACE, COMMAND);

	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, COMMAND);
	assert_int_equal(answer.entry->maker_sight, MAKER_OUTSIDE);
}

static void a_command_that_nobody_saw_may_be_the_maker(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer = enter_by(scene, NULL, COMMAND);

	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, COMMAND);
	assert_int_equal(answer.entry->maker_sight, MAKER_UNSEEN);
}

/* One that has left the container's cgroup, and was forked with CLONE_PARENT. */
static void what_was_seen_in_a_containers_namespaces_is_no_maker(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer = enter_by(scene, BOX_NAMESPACE, COMMAND);

	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, 0);
}

/* The host's mounts are not all that is the host's. */
static void what_was_seen_in_a_containers_pids_is_no_maker(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer = enter_by(scene, HOST_NAMESPACE, BOX + 60);

	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, 0);
}

/* The program of an exec forks with CLONE_PARENT while its command is there. */
static void what_is_told_as_a_commands_second_child_came_by_its_entry(void **state)
{
	struct scene *scene = *state;
	struct entry *entry;

	run_as_the_shim_of(scene, ID);
	live(scene, (struct fake_process){ .pid = COMMAND,
			    .parent = SHIM,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/runc",
			    .mounts = HOST_NAMESPACE,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, COMMAND, SHIM, 30);
	happen(scene, PROCESS_EXEC, COMMAND, 0, 31);
	/* Those of stages that execute nothing are entries until then. */
	born(scene, STAGE, COMMAND, 32);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	born(scene, STAGE + 1, COMMAND, 34);
	happen(scene, PROCESS_NAME, STAGE + 1, 0, 35);
	die(scene, STAGE, 36);
	happen(scene, PROCESS_EXEC, STAGE + 1, 0, 37);
	entry = find(scene, STAGE + 1, COMMAND, 38).entry;
	assert_int_equal(entry->pid, STAGE + 1);
	assert_int_equal(scene->maker, COMMAND);
	scene->maker = -1;
	born(scene, STAGE + 2, COMMAND, 40);
	assert_in(find(scene, STAGE + 2, COMMAND, 41), ID, ATTRIBUTED_CGROUP);
	assert_ptr_equal(find(scene, STAGE + 2, COMMAND, 41).entry, entry);
	assert_int_equal(scene->maker, -1);
	/* What is told as the shim's came by none that is known, and so each by its own. */
	for (pid_t pid = STAGE + 3; pid < STAGE + 5; pid++) {
		born(scene, pid, SHIM, 42);
		happen(scene, PROCESS_NAME, pid, 0, 43);
		happen(scene, PROCESS_EXEC, pid, 0, 44);
		assert_int_equal(find(scene, pid, SHIM, 45).entry->pid, pid);
	}
}

/* A runc by that parent, of that login (0: none), makes an entry. */
static struct lineage_answer enter_by_command(struct scene *scene, pid_t parent, uint32_t login)
{
	live(scene, (struct fake_process){ .pid = COMMAND,
			    .parent = parent,
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/bin/runc",
			    .mounts = HOST_NAMESPACE,
			    .has_loginuid = login != 0,
			    .loginuid = login,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, COMMAND, parent, 30);
	happen(scene, PROCESS_EXEC, COMMAND, 0, 31);
	born(scene, STAGE, COMMAND, 32);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	assert_int_equal(scene->maker, COMMAND);
	return find(scene, STAGE, COMMAND, 34);
}

static void a_command_below_a_shim_is_the_engines(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	assert_int_equal(enter_by_command(scene, SHIM, 0).entry->maker_sight, MAKER_SEEN);
}

/* A wrapper that forks, and that has not become the command itself. */
static void a_command_below_a_wrapper_is_the_engines(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	live(scene, (struct fake_process){ .pid = 50,
			    .parent = SHIM,
			    .cgroup = ENGINE_CGROUP,
			    .mounts = HOST_NAMESPACE,
			    .start_nsec = at(25) });
	happen(scene, PROCESS_FORK, 50, SHIM, 25);
	happen(scene, PROCESS_EXEC, 50, 0, 26);
	assert_int_equal(enter_by_command(scene, 50, 0).entry->maker_sight, MAKER_SEEN);
}

/* BuildKit's, in dockerd. */
static void a_command_below_the_engine_is_its(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	assert_int_equal(enter_by_command(scene, DAEMON, 0).entry->maker_sight, MAKER_SEEN);
}

static void a_command_that_a_login_runs_is_its_own(void **state)
{
	struct scene *scene = *state;
	const struct entry *entry;

	run_as_the_shim_of(scene, ID);
	entry = enter_by_command(scene, LOGIN, LOGIN_AUID).entry;
	assert_int_equal(entry->maker_sight, MAKER_BY_HAND);
	assert_true(entry->auid_known);
	assert_int_equal(entry->auid, LOGIN_AUID);
}

/* Of one that is gone the login is not that of who ran it. */
static void a_command_by_hand_that_is_gone_has_no_login(void **state)
{
	struct scene *scene = *state;
	const struct entry *entry;

	run_as_the_shim_of(scene, ID);
	live(scene, (struct fake_process){ .pid = COMMAND,
			    .parent = LOGIN,
			    .cgroup = LOGIN_CGROUP,
			    .exe = "/usr/bin/runc",
			    .mounts = HOST_NAMESPACE,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, COMMAND, LOGIN, 30);
	happen(scene, PROCESS_EXEC, COMMAND, 0, 31);
	fake_gone(&scene->host, COMMAND);
	born(scene, STAGE, COMMAND, 32);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	entry = find(scene, STAGE, COMMAND, 34).entry;
	assert_int_equal(entry->maker_sight, MAKER_BY_HAND);
	assert_false(entry->auid_known);
}

/* Nor is what executed nothing, nor the shim itself: runtimes are programs. */
static void what_is_no_program_below_a_shim_is_no_maker(void **state)
{
	struct scene *scene = *state;

	run_as_the_shim_of(scene, ID);
	scene->maker = -1;
	happen(scene, PROCESS_FORK, COMMAND, SHIM, 30);
	born(scene, STAGE, COMMAND, 32);
	happen(scene, PROCESS_NAME, STAGE, 0, 33);
	assert_in(find(scene, STAGE, COMMAND, 34), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, 0);
	scene->maker = -1;
	born(scene, STAGE + 1, SHIM, 35);
	assert_in(find(scene, STAGE + 1, SHIM, 36), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(scene->maker, 0);
}

static void what_is_told_as_the_runtimes_child_may_be_a_containers(void **state)
{
	struct scene *scene = *state;

	/* With CLONE_PARENT, by a process of the container that has left its cgroup. */
	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, "/", 30);
	assert_doubt(find(scene, 160, SHIM, 31));
	happen(scene, PROCESS_EXEC, 160, 0, 32);
	flash(scene, 161, 160, 33, 34);
	assert_doubt(find(scene, 160, SHIM, 35));
	assert_doubt(find(scene, 161, 160, 33));
	flash(scene, 162, SHIM, 36, 37);
	assert_doubt(find(scene, 162, SHIM, 36));
}

static void a_runtimes_child_in_a_containers_cgroup_is_in_the_container(void **state)
{
	struct scene *scene = *state;

	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, CGROUP, 30);
	assert_in(find(scene, 160, SHIM, 31), ID, ATTRIBUTED_CGROUP);
}

static void a_runtimes_child_that_is_a_runtime_is_the_hosts(void **state)
{
	struct scene *scene = *state;

	run_as_a_shim(scene);
	start_box(scene);
	born_in(scene, 160, SHIM, ENGINE_CGROUP, 30);
	live(scene, (struct fake_process){ .pid = 160,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .cgroup = ENGINE_CGROUP,
			    .exe = "/usr/sbin/runc" });
	happen(scene, PROCESS_EXEC, 160, 0, 31);
	assert_host(find(scene, 160, SHIM, 32));
	/* Not so in mounts of its own. */
	born_in(scene, 170, SHIM, ENGINE_CGROUP, 30);
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .exe = "/usr/sbin/runc",
			    .mounts = BOX_NAMESPACE });
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	assert_doubt(find(scene, 170, SHIM, 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_stage_on_its_way_into_a_container_is_watched),
		scene_test(suspicion_ends),
		scene_test(a_suspect_that_is_gone_before_it_could_be_seen_is_in_doubt),
		scene_test(what_an_exec_made_and_is_gone_is_told_by_the_command),
		scene_test(an_exec_of_a_container_that_ends_is_an_exec),
		scene_test(what_a_create_made_and_is_gone_is_in_doubt),
		scene_test(what_another_namespaces_exec_made_and_is_gone_is_in_doubt),
		scene_test(what_an_unseen_command_made_and_is_gone_is_told_by_the_shim),
		scene_test(what_is_shown_in_the_root_as_it_ends_is_gone),
		scene_test(what_executed_before_it_named_itself_is_no_stage),
		scene_test(what_a_hook_forked_is_no_stage),
		scene_test(what_the_shim_of_a_sandbox_forked_is_in_doubt),
		scene_test(a_command_that_was_seen_to_be_the_hosts_is_the_maker),
		scene_test(a_command_that_nobody_saw_may_be_the_maker),
		scene_test(what_was_seen_in_a_containers_namespaces_is_no_maker),
		scene_test(what_was_seen_in_a_containers_pids_is_no_maker),
		scene_test(what_is_told_as_a_commands_second_child_came_by_its_entry),
		scene_test(a_command_below_a_shim_is_the_engines),
		scene_test(a_command_below_a_wrapper_is_the_engines),
		scene_test(a_command_below_the_engine_is_its),
		scene_test(a_command_that_a_login_runs_is_its_own),
		scene_test(a_command_by_hand_that_is_gone_has_no_login),
		scene_test(what_is_no_program_below_a_shim_is_no_maker),
		scene_test(names_are_looked_up_a_few_times_only),
		scene_test(there_is_an_end_to_suspects),
		scene_test(what_is_told_as_the_runtimes_child_may_be_a_containers),
		scene_test(a_runtimes_child_in_a_containers_cgroup_is_in_the_container),
		scene_test(a_runtimes_child_that_is_a_runtime_is_the_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
