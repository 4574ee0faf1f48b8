/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "attribute/entry.h"
#include "attribute/lineage.h"
#include "fake-host.h"

#define HEX16 "0123456789abcdef"
#define ID "c1" HEX16 HEX16 HEX16 "0123456789abcd"
#define OTHER_ID "d2" HEX16 HEX16 HEX16 "0123456789abcd"
#define CGROUP "/docker/" ID
#define OTHER_CGROUP "/docker/" OTHER_ID
#define PODMAN_CGROUP "/machine.slice/libpod-" ID ".scope/container"

/* The host: init, a daemon, and the shim that the container's processes come from. */
#define INIT 1
#define DAEMON 10
#define SHIM 20
#define LOGIN 30

/* Milliseconds after which the scene begins. */
#define BEGIN UINT64_C(1000000)
#define SLACK_MSEC 6

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
	size_t process_limit;
	unsigned n_appeared, n_ended;
};

static void on_container(const struct container *container, void *userdata)
{
	((struct scene *)userdata)->n_appeared++;
}

static void on_container_end(const struct container *container, void *userdata)
{
	((struct scene *)userdata)->n_ended++;
}

static uint64_t at(uint64_t msec)
{
	return (BEGIN + msec) * 1000000;
}

static void live(struct scene *scene, struct fake_process process)
{
	if (process.start_nsec == 0)
		process.start_nsec = at(0) - FAKE_SEC;
	fake_process(&scene->host, &process);
}

static int new_lineage(struct scene *scene)
{
	const struct lineage_options options = {
		.proc = scene->host.proc,
		.runtime = scene->runtime,
		.process_limit = scene->process_limit ? scene->process_limit : 1000,
		.on_container = on_container,
		.on_container_end = on_container_end,
		.userdata = scene,
	};

	return lineage_new(&options, &scene->lineage);
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		runtime_new(scene->host.proc, scene->host.root, &scene->runtime) < 0 ||
		new_lineage(scene) < 0)
		return -1;
	live(scene, (struct fake_process){ .pid = INIT });
	live(scene, (struct fake_process){ .pid = DAEMON,
			    .parent = INIT,
			    .cgroup = "/system.slice/docker.service",
			    .exe = "/usr/bin/dockerd" });
	live(scene,
		(struct fake_process){
			.pid = SHIM, .parent = INIT, .cgroup = "/system.slice/docker.service" });
	live(scene, (struct fake_process){ .pid = LOGIN,
			    .parent = INIT,
			    .has_loginuid = true,
			    .loginuid = 3267,
			    .cgroup = "/user.slice/session-3.scope" });
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

static void scan(struct scene *scene)
{
	assert_int_equal(lineage_scan(scene->lineage, at(0)), 0);
}

static void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec)
{
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = type, .pid = pid, .parent = parent, .time_nsec = at(msec) });
}

/* Born, and in /proc with its parent's or with the given cgroup. */
static void born(struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, uint64_t msec)
{
	live(scene,
		(struct fake_process){
			.pid = pid, .parent = parent, .cgroup = cgroup, .start_nsec = at(msec) });
	happen(scene, PROCESS_FORK, pid, parent, msec);
}

/* A process that comes and goes before anybody can look. */
static void flash(
	struct scene *scene, pid_t pid, pid_t parent, uint64_t from_msec, uint64_t until_msec)
{
	happen(scene, PROCESS_FORK, pid, parent, from_msec);
	happen(scene, PROCESS_EXIT, pid, 0, until_msec);
}

static void die(struct scene *scene, pid_t pid, uint64_t msec)
{
	fake_gone(&scene->host, pid);
	happen(scene, PROCESS_EXIT, pid, 0, msec);
}

static struct lineage_answer find_slack(
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

static struct lineage_answer find(struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec)
{
	return find_slack(scene, pid, ppid, msec, 0);
}

static void assert_host(struct lineage_answer answer)
{
	assert_null(answer.doubt);
	assert_null(answer.entry);
	assert_non_null(answer.process);
}

static void assert_in(struct lineage_answer answer, const char *id, enum attributed_by by)
{
	assert_null(answer.doubt);
	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->container->info->id, id);
	assert_string_equal(attributed_by_names[answer.attributed_by], attributed_by_names[by]);
}

static void assert_doubt(struct lineage_answer answer)
{
	assert_non_null(answer.doubt);
	assert_null(answer.entry);
	assert_int_equal(answer.attributed_by, ATTRIBUTED_NONE);
}

static void assert_kind(struct lineage_answer answer, enum entry_kind kind)
{
	assert_non_null(answer.entry);
	assert_string_equal(entry_names[answer.entry->kind], entry_names[kind]);
}

/* The shim's child runs the container's program as 100, the init of a pid namespace. */
static void start_container(struct scene *scene)
{
	scan(scene);
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	live(scene, (struct fake_process){ .pid = 100,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .inner_pid = "\t1" });
	happen(scene, PROCESS_EXEC, 100, 0, 20);
}

static void a_process_of_the_host_is_one(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	assert_host(find(scene, DAEMON, INIT, 5));
	born(scene, 40, LOGIN, "/user.slice/session-3.scope", 10);
	happen(scene, PROCESS_EXEC, 40, 0, 11);
	flash(scene, 41, 40, 12, 13);
	assert_host(find(scene, 40, LOGIN, 15));
	assert_host(find(scene, 41, 40, 12));
	assert_int_equal(scene->n_appeared, 0);
}

static void a_process_is_in_the_container_from_when_its_cgroup_is(void **state)
{
	static const enum process_event_type types[] = { PROCESS_EXEC, PROCESS_SESSION,
		PROCESS_NAME };
	struct scene *scene = *state;

	scan(scene);
	for (pid_t i = 0; i < 3; i++) {
		born(scene, 100 + i, SHIM, CGROUP, 10);
		happen(scene, types[i], 100 + i, 0, 20);
		fake_gone(&scene->host, 100 + i);
		assert_in(find(scene, 100 + i, SHIM, 25), ID, ATTRIBUTED_CGROUP);
	}
	assert_int_equal(scene->n_appeared, 1);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void a_process_that_touches_is_looked_up_if_nothing_told_of_it(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 100, SHIM, CGROUP, 10);
	assert_in(find(scene, 100, SHIM, 25), ID, ATTRIBUTED_CGROUP);
}

static void children_inherit_the_container(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 101, 100, 30, 31);
	happen(scene, PROCESS_FORK, 102, 100, 30);
	flash(scene, 103, 102, 32, 33);
	happen(scene, PROCESS_EXIT, 102, 0, 34);
	assert_in(find(scene, 100, SHIM, 30), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, 100, 30), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, 103, 102, 33), ID, ATTRIBUTED_LINEAGE);
	assert_ptr_equal(find(scene, 103, 102, 33).entry, find(scene, 100, SHIM, 30).entry);
}

static void what_the_engine_says_is_known(void **state)
{
	struct scene *scene = *state;
	const struct container_info *info;

	fake_docker(&scene->host, ID, "hack", "bb:latest", true, 100, NULL);
	start_container(scene);
	info = find(scene, 100, SHIM, 30).entry->container->info;
	assert_string_equal(info->runtime, "docker");
	assert_string_equal(info->name, "hack");
	assert_string_equal(info->image, "bb:latest");
	assert_int_equal(info->privileged, TRISTATE_YES);
}

static void a_move_to_another_cgroup_does_not_undo_it(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = "/", .start_nsec = at(10) });
	happen(scene, PROCESS_EXEC, 100, 0, 30);
	born(scene, 101, 100, "/", 31);
	happen(scene, PROCESS_EXEC, 101, 0, 32);
	happen(scene, PROCESS_SESSION, 101, 0, 33);
	assert_in(find(scene, 100, SHIM, 40), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, 100, 40), ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_rescan(scene->lineage, at(50), at(60)), 0);
	assert_in(find(scene, 101, 100, 70), ID, ATTRIBUTED_LINEAGE);
}

static void a_pid_is_a_pid_at_a_time(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 200, LOGIN, 100, 110);
	flash(scene, 200, 100, 200, 210);
	assert_in(find_slack(scene, 200, 100, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 200, LOGIN, 105, SLACK_MSEC));
	assert_in(find_slack(scene, 200, 100, 205, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void within_the_slack_the_parent_tells_incarnations_apart(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 200, LOGIN, 42, 60);
	assert_in(find_slack(scene, 200, 100, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 200, LOGIN, 39, SLACK_MSEC));
	/* Without slack only one lived then. */
	assert_in(find(scene, 200, LOGIN, 39), ID, ATTRIBUTED_LINEAGE);
}

static void within_the_slack_there_is_doubt_where_the_parent_does_not_tell(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 200, LOGIN, 42, 60);
	assert_doubt(find_slack(scene, 200, INIT, 39, SLACK_MSEC));
	/* The parent that the record names is in a container itself: then so is its child. */
	happen(scene, PROCESS_FORK, 201, 100, 30);
	assert_in(find_slack(scene, 200, 201, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* The clock of a stalled machine may be behind by any time, the parent's word is not. */
static void a_parent_of_another_container_tells_that_it_was_another_process(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 300, SHIM, OTHER_CGROUP, 10);
	happen(scene, PROCESS_EXEC, 300, 0, 11);
	happen(scene, PROCESS_FORK, 301, 300, 12);
	flash(scene, 200, 100, 30, 40);
	assert_in(find_slack(scene, 200, 301, 35, SLACK_MSEC), OTHER_ID, ATTRIBUTED_LINEAGE);
	/* An init adopts what comes into its pid namespace, a shim what its containers leave. */
	assert_in(find_slack(scene, 200, 300, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_in(find_slack(scene, 200, SHIM, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* The audit clock stood still, for longer than it was ever seen to. */
static void a_parent_that_may_have_adopted_it_settles_nothing_where_the_pid_had_another(
	void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 201, LOGIN, 30, 40);
	assert_in(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 201, 100, 35, SLACK_MSEC));
	flash(scene, 200, LOGIN, 1500, 1510);
	flash(scene, 201, 100, 1500, 1510);
	assert_doubt(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC));
	assert_doubt(find_slack(scene, 201, 100, 35, SLACK_MSEC));
	/* Whose parent is who bore them are who they were. */
	assert_in(find_slack(scene, 200, 100, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	assert_host(find_slack(scene, 201, LOGIN, 35, SLACK_MSEC));
	assert_host(find_slack(scene, 200, LOGIN, 1505, SLACK_MSEC));
}

static void an_orphan_that_its_own_container_adopted_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	happen(scene, PROCESS_FORK, 210, 100, 25);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, 210, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

/* runc has ended, and its child is its shim's. */
static void an_orphan_that_an_ancestor_adopted_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 60, SHIM, "/system.slice/docker.service", 25);
	born(scene, 200, 60, CGROUP, 30);
	happen(scene, PROCESS_EXEC, 200, 0, 31);
	die(scene, 60, 32);
	die(scene, 200, 40);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, SHIM, 35, SLACK_MSEC), ID, ATTRIBUTED_CGROUP);
	assert_doubt(find_slack(scene, 200, LOGIN, 35, SLACK_MSEC));
}

/* Its adopter is young, and the adopter's pid was another's a moment before. */
static void an_orphan_whose_adopters_pid_has_just_changed_hands_is_who_it_was(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 210, LOGIN, 20, 22);
	happen(scene, PROCESS_FORK, 210, 100, 25);
	happen(scene, PROCESS_FORK, 211, 210, 28);
	flash(scene, 200, 211, 30, 40);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_in(find_slack(scene, 200, 210, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void nor_does_a_parent_that_nobody_knows(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	assert_in(find_slack(scene, 200, 777, 35, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
	flash(scene, 200, LOGIN, 1500, 1510);
	assert_doubt(find_slack(scene, 200, 777, 35, SLACK_MSEC));
}

static void a_parent_that_changed_hands_itself_settles_nothing(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, LOGIN, 30, 40);
	flash(scene, 200, 100, 42, 60);
	assert_in(find_slack(scene, 777, 200, 50, 0), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find_slack(scene, 777, 200, 39, SLACK_MSEC));
}

static void incarnations_of_one_entry_need_not_be_told_apart(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 200, 100, 42, 60);
	assert_in(find_slack(scene, 200, INIT, 39, SLACK_MSEC), ID, ATTRIBUTED_LINEAGE);
}

static void incarnations_of_two_entries_are_told_apart(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	start_container(scene);
	born(scene, 300, SHIM, CGROUP, 25);
	happen(scene, PROCESS_EXEC, 300, 0, 26);
	flash(scene, 200, 100, 30, 40);
	flash(scene, 200, 300, 42, 60);
	answer = find_slack(scene, 200, 300, 39, SLACK_MSEC);
	assert_in(answer, ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(answer.entry->pid, 300);
	answer = find_slack(scene, 200, 100, 39, SLACK_MSEC);
	assert_int_equal(answer.entry->pid, 100);
	assert_doubt(find_slack(scene, 200, INIT, 39, SLACK_MSEC));
}

static void the_dead_are_known_until_they_expire(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 100, 30, 40);
	die(scene, 100, 50);
	lineage_expire(scene->lineage, at(40));
	assert_in(find(scene, 200, 100, 35), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, 100, SHIM, 45), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
	lineage_expire(scene->lineage, at(1000));
	assert_doubt(find(scene, 200, INIT, 35));
	assert_null(find(scene, 200, INIT, 35).process);
	assert_int_equal(lineage_container_count(scene->lineage), 0);
}

static void a_container_ends_with_its_last_process(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_FORK, 101, 100, 30);
	happen(scene, PROCESS_EXIT, 100, 0, 40);
	assert_int_equal(scene->n_ended, 0);
	happen(scene, PROCESS_EXIT, 101, 0, 41);
	happen(scene, PROCESS_EXIT, 101, 0, 42);
	assert_int_equal(scene->n_appeared, 1);
	assert_int_equal(scene->n_ended, 1);
}

static void a_thread_that_executes_is_the_process_again(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_EXIT, 100, 0, 30);
	assert_int_equal(scene->n_ended, 1);
	happen(scene, PROCESS_EXEC, 100, 0, 31);
	assert_int_equal(scene->n_appeared, 2);
	assert_true(find(scene, 100, SHIM, 40).entry->alive);
	flash(scene, 101, 100, 50, 51);
	lineage_expire(scene->lineage, at(45));
	assert_in(find(scene, 100, SHIM, 60), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, 100, 50), ID, ATTRIBUTED_LINEAGE);
	happen(scene, PROCESS_EXIT, 100, 0, 70);
	assert_int_equal(scene->n_ended, 2);
}

static void threads_go_on_after_their_leaders_end(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_EXIT, 100, 0, 30);
	flash(scene, 101, 100, 40, 41);
	assert_in(find(scene, 100, SHIM, 40), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, 100, 40), ID, ATTRIBUTED_LINEAGE);
}

static void a_thread_cannot_make_an_ended_process_immortal(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_EXIT, 100, 0, 30);
	happen(scene, PROCESS_SESSION, 100, 0, 31);
	happen(scene, PROCESS_NAME, 100, 0, 32);
	lineage_expire(scene->lineage, at(1000));
	assert_int_equal(lineage_container_count(scene->lineage), 0);
	assert_int_equal(scene->n_ended, 1);
}

static void pid_1_of_the_container_came_in_as_its_init(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	assert_kind(find(scene, 100, SHIM, 30), ENTRY_INIT);
}

static void who_comes_later_came_in_by_exec(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 150, SHIM, CGROUP, 50);
	live(scene, (struct fake_process){ .pid = 150,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(50),
			    .inner_pid = "\t7" });
	happen(scene, PROCESS_NAME, 150, 0, 51);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	flash(scene, 151, 150, 60, 61);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_EXEC);
	assert_kind(find(scene, 151, 150, 60), ENTRY_EXEC);
	assert_kind(find(scene, 100, SHIM, 60), ENTRY_INIT);
	assert_int_equal(scene->n_appeared, 1);
}

static void runcs_stages_are_passed_over(void **state)
{
	struct scene *scene = *state;
	struct fake_process stage = { .pid = 100,
		.parent = SHIM,
		.start_nsec = at(10),
		.cgroup = CGROUP,
		.argv = "runc init" };

	scan(scene);
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	live(scene, stage);
	happen(scene, PROCESS_EXEC, 100, 0, 11);
	happen(scene, PROCESS_NAME, 100, 0, 12);
	assert_kind(find(scene, 100, SHIM, 13), ENTRY_UNKNOWN);
	/* With the host's pids, for which only the program itself tells. */
	stage.argv = "sleep 1000";
	live(scene, stage);
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	assert_kind(find(scene, 100, SHIM, 21), ENTRY_INIT);
}

static void a_container_in_the_hosts_pid_namespace_has_an_init_too(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 100, SHIM, CGROUP, 10);
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	born(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	assert_kind(find(scene, 100, SHIM, 60), ENTRY_INIT);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_EXEC);
}

static void a_restart_has_an_init_of_its_own(void **state)
{
	struct scene *scene = *state;

	fake_docker(&scene->host, ID, "hack", "bb", false, 100, NULL);
	live(scene, (struct fake_process){ .pid = 100, .parent = SHIM, .cgroup = CGROUP });
	scan(scene);
	assert_kind(find(scene, 100, SHIM, 5), ENTRY_INIT);
	die(scene, 100, 30);
	/* With the host's pids; the engine has said something else by then. */
	fake_docker(&scene->host, ID, "renamed", "bb", false, 150, NULL);
	born(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	assert_kind(find(scene, 150, SHIM, 60), ENTRY_INIT);
	assert_string_equal(find(scene, 150, SHIM, 60).entry->container->info->name, "renamed");
	assert_int_equal(scene->n_appeared, 2);
	assert_int_equal(scene->n_ended, 1);
}

static void state_files_that_are_gone_take_nothing_back(void **state)
{
	struct scene *scene = *state;
	const struct container_info *info;

	fake_docker(&scene->host, ID, "hack", "bb", true, 100, NULL);
	live(scene, (struct fake_process){ .pid = 100, .parent = SHIM, .cgroup = CGROUP });
	scan(scene);
	die(scene, 100, 30);
	assert_int_equal(nftw(place_name(&scene->host.place, "root/var/lib/docker/containers"),
				 place_remove_one, 4, FTW_DEPTH | FTW_PHYS),
		0);
	born(scene, 150, SHIM, CGROUP, 50);
	happen(scene, PROCESS_EXEC, 150, 0, 52);
	info = find(scene, 150, SHIM, 60).entry->container->info;
	assert_string_equal(info->name, "hack");
	assert_int_equal(info->privileged, TRISTATE_YES);
}

static void a_scan_tells_who_came_how(void **state)
{
	struct scene *scene = *state;

	fake_docker(&scene->host, ID, "hack", "bb", false, 100, NULL);
	/* Init; its child; an exec'ed shell with a child; what a former exec has left behind. */
	live(scene, (struct fake_process){ .pid = 100,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .inner_pid = "\t1",
			    .session = 100 });
	live(scene, (struct fake_process){ .pid = 101,
			    .parent = 100,
			    .cgroup = CGROUP,
			    .inner_pid = "\t2",
			    .session = 100 });
	live(scene, (struct fake_process){ .pid = 90,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .inner_pid = "\t3",
			    .session = 90 });
	live(scene, (struct fake_process){ .pid = 91,
			    .parent = 90,
			    .cgroup = CGROUP,
			    .inner_pid = "\t4",
			    .session = 90 });
	live(scene, (struct fake_process){ .pid = 110,
			    .parent = 100,
			    .cgroup = CGROUP,
			    .inner_pid = "\t5",
			    .session = 109 });
	scan(scene);
	assert_in(find(scene, 100, SHIM, 1), ID, ATTRIBUTED_CGROUP);
	assert_kind(find(scene, 100, SHIM, 1), ENTRY_INIT);
	assert_ptr_equal(find(scene, 101, 100, 1).entry, find(scene, 100, SHIM, 1).entry);
	assert_kind(find(scene, 90, SHIM, 1), ENTRY_EXEC);
	assert_ptr_equal(find(scene, 91, 90, 1).entry, find(scene, 90, SHIM, 1).entry);
	assert_kind(find(scene, 110, 100, 1), ENTRY_UNKNOWN);
	assert_int_equal(scene->n_appeared, 1);
	die(scene, 100, 10);
	die(scene, 101, 10);
	die(scene, 90, 10);
	die(scene, 91, 10);
	assert_int_equal(scene->n_ended, 0);
	die(scene, 110, 10);
	assert_int_equal(scene->n_ended, 1);
}

static void a_child_of_the_container_that_a_scan_meets_outside_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){ .pid = 100, .parent = SHIM, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 101, .parent = 100, .cgroup = "/" });
	scan(scene);
	assert_in(find(scene, 100, SHIM, 1), ID, ATTRIBUTED_CGROUP);
	/* Where the parent is, the scan has seen too: it settles nothing. */
	assert_doubt(find(scene, 101, 100, 1));
	assert_doubt(find(scene, 101, INIT, 1));
	born(scene, 102, 101, "/", 10);
	assert_doubt(find(scene, 102, 101, 11));
}

static void a_scan_survives_the_deepest_nesting(void **state)
{
	struct scene *scene = *state;

	/* Children before their parents, so that each is placed by way of its ancestors. */
	scene->process_limit = 10000;
	lineage_free(scene->lineage);
	scene->lineage = NULL;
	assert_int_equal(new_lineage(scene), 0);
	live(scene,
		(struct fake_process){ .pid = 100000 + 1200, .parent = SHIM, .cgroup = CGROUP });
	for (pid_t i = 0; i < 1200; i++)
		live(scene,
			(struct fake_process){
				.pid = 100000 + i, .parent = 100000 + i + 1, .cgroup = CGROUP });
	scan(scene);
	assert_in(find(scene, 100000, 100001, 1), ID, ATTRIBUTED_CGROUP);
}

static void parents_in_a_circle_do_no_harm(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){ .pid = 100, .parent = 101, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 101, .parent = 100, .cgroup = CGROUP });
	live(scene, (struct fake_process){ .pid = 102, .parent = 102, .cgroup = CGROUP });
	scan(scene);
	for (pid_t pid = 100; pid <= 102; pid++)
		assert_in(find(scene, pid, INIT, 1), ID, ATTRIBUTED_CGROUP);
}

static void what_is_no_process_is_passed_over(void **state)
{
	struct scene *scene = *state;

	place_text(&scene->host.place, "proc/version", "x");
	place_directory(&scene->host.place, "proc/sys");
	place_directory(&scene->host.place, "proc/55");
	place_text(&scene->host.place, "proc/56/stat", "nonsense");
	place_text(&scene->host.place, "proc/-7/stat", "x");
	scan(scene);
	assert_host(find(scene, DAEMON, INIT, 1));
	assert_int_equal(lineage_counts(scene->lineage).known, 4);
}

static void the_loginuid_is_taken_from_outside(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	scan(scene);
	born(scene, 100, SHIM, CGROUP, 10);
	/* Inside, where it is unset, any process may set its own. */
	live(scene, (struct fake_process){ .pid = 100,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .has_loginuid = true,
			    .loginuid = 4242 });
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	answer = find(scene, 100, SHIM, 30);
	assert_in(answer, ID, ATTRIBUTED_CGROUP);
	assert_true(answer.entry->auid_known);
	assert_int_equal(answer.entry->auid, FAKE_UNSET);
}

static void what_lives_no_more_is_not_asked_for_a_loginuid(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 50, LOGIN, "/user.slice/session-3.scope", 10);
	born(scene, 100, 50, CGROUP, 11);
	/* 50 has ended, and another human's process has its pid in /proc, of which no event has
	 * told yet. */
	happen(scene, PROCESS_EXIT, 50, 0, 12);
	live(scene,
		(struct fake_process){
			.pid = 50, .has_loginuid = true, .loginuid = 1111, .start_nsec = at(13) });
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	assert_int_equal(find(scene, 100, 50, 30).entry->auid, 3267);
}

static struct touch_launcher launcher_of(struct lineage_answer answer)
{
	struct touch_launcher launcher;

	assert_non_null(answer.entry);
	entry_launcher(answer.entry, &launcher);
	return launcher;
}

/* LOGIN gives a command; what it starts goes by way of conmon to the container. */
static void start_podman(struct scene *scene, const char *argv)
{
	const char *cgroup = "/user.slice/session-3.scope";

	scan(scene);
	live(scene, (struct fake_process){ .pid = 60,
			    .parent = LOGIN,
			    .cgroup = cgroup,
			    .start_nsec = at(5),
			    .has_loginuid = true,
			    .loginuid = 3267,
			    .exe = "/usr/bin/podman",
			    .argv = argv });
	happen(scene, PROCESS_FORK, 60, LOGIN, 5);
	happen(scene, PROCESS_EXEC, 60, 0, 6);
	/* conmon parts from its parent by a fork of its own. */
	flash(scene, 61, 60, 7, 9);
	live(scene, (struct fake_process){ .pid = 62,
			    .parent = INIT,
			    .cgroup = cgroup,
			    .start_nsec = at(8),
			    .has_loginuid = true,
			    .loginuid = 3267 });
	happen(scene, PROCESS_FORK, 62, 61, 8);
	born(scene, 100, 62, PODMAN_CGROUP, 10);
	happen(scene, PROCESS_EXEC, 100, 0, 20);
}

static void podmans_client_is_found_among_the_ancestors(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	fake_podman(&scene->host, ID, "hack", "bb:latest", true);
	start_podman(scene, "podman run --privileged bb");
	assert_in(find(scene, 100, 62, 30), ID, ATTRIBUTED_CGROUP);
	assert_string_equal(find(scene, 100, 62, 30).entry->container->info->name, "hack");
	launcher = launcher_of(find(scene, 100, 62, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_CERTAIN);
	assert_int_equal(launcher.auid, 3267);
	assert_int_equal(launcher.pid, 60);
	assert_memory_equal(launcher.argv.bytes, "podman\0run\0--privileged\0bb", 26);
}

static void podmans_service_names_nobody(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	start_podman(scene, "podman system service --time 0");
	launcher = launcher_of(find(scene, 100, 62, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher.auid, AUID_UNSET);
}

static void docker_names_nobody_though_its_daemon_was_started_from_a_login(void **state)
{
	struct scene *scene = *state;
	struct touch_launcher launcher;

	live(scene,
		(struct fake_process){
			.pid = SHIM, .parent = DAEMON, .has_loginuid = true, .loginuid = 3267 });
	start_container(scene);
	assert_int_equal(find(scene, 100, SHIM, 30).entry->auid, 3267);
	launcher = launcher_of(find(scene, 100, SHIM, 30));
	assert_int_equal(launcher.confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher.auid, AUID_UNSET);
}

static void a_childs_birth_may_be_read_after_a_scan_met_it(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(0) });
	scan(scene);
	happen(scene, PROCESS_FORK, 100, SHIM, 1);
	assert_in(find(scene, 100, SHIM, 5), ID, ATTRIBUTED_CGROUP);
	assert_int_equal(lineage_counts(scene->lineage).known, 5);
}

static void an_end_from_before_the_scan_is_not_of_the_one_that_it_met(void **state)
{
	struct scene *scene = *state;

	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(50) });
	scan(scene);
	happen(scene, PROCESS_EXIT, 100, 0, 30);
	assert_int_equal(scene->n_ended, 0);
	assert_in(find(scene, 100, SHIM, 60), ID, ATTRIBUTED_CGROUP);
}

static void a_stamp_that_came_late_is_of_the_same_process(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	/* The parent was held up for a second between making the child and telling of it. */
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_FORK, 100, SHIM, 1010);
	happen(scene, PROCESS_EXEC, 100, 0, 1020);
	assert_in(find(scene, 100, SHIM, 1030), ID, ATTRIBUTED_CGROUP);
}

static void a_pid_that_is_anothers_by_now_is_not_looked_up(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	happen(scene, PROCESS_FORK, 100, LOGIN, 10);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(500) });
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	assert_null(find(scene, 100, LOGIN, 25).entry);
	assert_int_equal(scene->n_appeared, 0);
}

static void a_process_that_nobody_told_of_is_looked_for(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	live(scene, (struct fake_process){ .pid = 101, .parent = LOGIN, .start_nsec = at(10) });
	assert_in(find(scene, 100, SHIM, 20), ID, ATTRIBUTED_CGROUP);
	/* It may have come from a container and left it. */
	assert_doubt(find(scene, 101, LOGIN, 20));
	assert_doubt(find(scene, 102, LOGIN, 20));
	assert_null(find(scene, 102, LOGIN, 20).process);
}

static void a_process_younger_than_the_event_is_not_its(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(500) });
	assert_doubt(find_slack(scene, 100, SHIM, 20, SLACK_MSEC));
}

static void a_child_of_nobody_known_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 200, 777, 30, 31);
	assert_doubt(find(scene, 200, 777, 30));
	flash(scene, 201, 200, 40, 41);
	assert_doubt(find(scene, 201, INIT, 40));
	happen(scene, PROCESS_FORK, 110, 100, 30);
	assert_in(find(scene, 201, 110, 40), ID, ATTRIBUTED_LINEAGE);
	/* An init adopts what comes into its pid namespace from outside. */
	assert_doubt(find(scene, 201, 100, 40));
}

static void a_change_of_nobody_known_makes_it_known(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_EXEC, 100, 0, 20);
	assert_in(find(scene, 100, SHIM, 25), ID, ATTRIBUTED_CGROUP);
	happen(scene, PROCESS_EXEC, 101, 0, 20);
	assert_doubt(find(scene, 101, LOGIN, 25));
}

static void after_a_loss_those_who_are_proven_to_be_the_same_are_sure(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 101, 100, CGROUP, 30);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 100, SHIM, 150), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 101, 100, 150), ID, ATTRIBUTED_LINEAGE);
	assert_host(find(scene, DAEMON, INIT, 150));
	assert_host(find(scene, DAEMON, INIT, 250));
	assert_int_equal(scene->n_ended, 0);
}

static void after_a_loss_new_processes_are_where_their_cgroup_says_or_in_doubt(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	live(scene, (struct fake_process){
			    .pid = 101, .parent = 100, .cgroup = CGROUP, .start_nsec = at(150) });
	live(scene, (struct fake_process){ .pid = 40,
			    .parent = LOGIN,
			    .start_nsec = at(150),
			    .cgroup = "/user.slice/session-3.scope" });
	live(scene, (struct fake_process){ .pid = 150,
			    .parent = SHIM,
			    .start_nsec = at(150),
			    .cgroup = OTHER_CGROUP });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, 100, 160), ID, ATTRIBUTED_CGROUP);
	assert_in(find(scene, 150, SHIM, 160), OTHER_ID, ATTRIBUTED_CGROUP);
	assert_doubt(find(scene, 40, LOGIN, 160));
	born(scene, 41, 40, "/user.slice/session-3.scope", 300);
	assert_doubt(find(scene, 41, 40, 310));
	assert_int_equal(scene->n_appeared, 2);
}

static void after_a_loss_those_who_went_into_a_container_meanwhile_are_in_it(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	assert_host(find(scene, 100, SHIM, 20));
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	fake_gone(&scene->host, 100);
	assert_in(find(scene, 100, SHIM, 250), ID, ATTRIBUTED_CGROUP);
}

static void after_a_loss_the_missing_are_sure_until_it_began(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_FORK, 101, 100, 30);
	born(scene, 110, 100, CGROUP, 30);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, INIT, 90), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find(scene, 101, INIT, 150));
	assert_doubt(find(scene, 101, INIT, 250));
	/* The container's own process told of its child. */
	assert_in(find(scene, 101, 110, 150), ID, ATTRIBUTED_LINEAGE);
}

static void after_a_loss_a_pid_that_changed_hands_is_in_doubt_for_its_time(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	happen(scene, PROCESS_FORK, 101, 100, 30);
	live(scene, (struct fake_process){ .pid = 101, .parent = LOGIN, .start_nsec = at(190) });
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_in(find(scene, 101, INIT, 90), ID, ATTRIBUTED_LINEAGE);
	/* Some third one may have had the pid between the two. */
	assert_doubt(find(scene, 101, INIT, 150));
	assert_doubt(find(scene, 101, LOGIN, 195));
}

static void before_a_loss_and_after_it_ends_are_as_sure_as_ever(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	flash(scene, 101, 100, 30, 40);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	/* A thread of it, long before the loss. */
	assert_in(find(scene, 101, INIT, 50), ID, ATTRIBUTED_LINEAGE);
	assert_doubt(find(scene, 101, INIT, 150));
	flash(scene, 102, 100, 300, 310);
	assert_in(find(scene, 102, INIT, 320), ID, ATTRIBUTED_LINEAGE);
}

static void a_container_whose_end_was_lost_ends_with_the_rescan(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	fake_gone(&scene->host, 100);
	assert_int_equal(lineage_rescan(scene->lineage, at(100), at(200)), 0);
	assert_int_equal(scene->n_ended, 1);
	lineage_expire(scene->lineage, at(1000));
	assert_int_equal(lineage_container_count(scene->lineage), 0);
}

static void beyond_the_limit_the_dead_are_forgotten_first(void **state)
{
	struct scene *scene = *state;

	scene->process_limit = 7;
	lineage_free(scene->lineage);
	scene->lineage = NULL;
	assert_int_equal(new_lineage(scene), 0);
	start_container(scene);
	happen(scene, PROCESS_FORK, 110, 100, 25);
	for (pid_t pid = 200; pid < 220; pid++)
		flash(scene, pid, 100, 30, 31);
	assert_int_equal(lineage_counts(scene->lineage).known, 7);
	assert_true(lineage_counts(scene->lineage).evicted > 0);
	assert_int_equal(lineage_counts(scene->lineage).refused, 0);
	assert_in(find(scene, 219, 100, 30), ID, ATTRIBUTED_LINEAGE);
	/* The forgotten are in doubt, or their parent tells. */
	assert_doubt(find(scene, 200, INIT, 30));
	assert_in(find(scene, 200, 110, 30), ID, ATTRIBUTED_LINEAGE);
}

static void beyond_the_limit_of_the_living_births_are_counted_and_in_doubt(void **state)
{
	struct scene *scene = *state;

	scene->process_limit = 6;
	lineage_free(scene->lineage);
	scene->lineage = NULL;
	assert_int_equal(new_lineage(scene), 0);
	start_container(scene);
	happen(scene, PROCESS_FORK, 110, 100, 25);
	happen(scene, PROCESS_FORK, 200, 100, 30);
	happen(scene, PROCESS_EXEC, 200, 0, 31);
	assert_true(lineage_counts(scene->lineage).refused > 0);
	assert_doubt(find(scene, 200, INIT, 40));
	assert_in(find(scene, 200, 110, 40), ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void two_containers_are_told_apart(void **state)
{
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 150, SHIM, OTHER_CGROUP, 30);
	happen(scene, PROCESS_EXEC, 150, 0, 31);
	flash(scene, 101, 100, 40, 41);
	flash(scene, 151, 150, 40, 41);
	assert_in(find(scene, 101, 100, 40), ID, ATTRIBUTED_LINEAGE);
	assert_in(find(scene, 151, 150, 40), OTHER_ID, ATTRIBUTED_LINEAGE);
	assert_int_equal(lineage_container_count(scene->lineage), 2);
}

static void a_stage_on_its_way_into_a_container_is_watched(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	assert_false(lineage_has_suspects(scene->lineage));
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	happen(scene, PROCESS_SESSION, 100, 0, 11);
	assert_true(lineage_has_suspects(scene->lineage));
	assert_true(lineage_poll(scene->lineage, at(12)));
	live(scene, (struct fake_process){ .pid = 100,
			    .parent = SHIM,
			    .cgroup = CGROUP,
			    .start_nsec = at(10),
			    .inner_pid = "\t1" });
	assert_false(lineage_poll(scene->lineage, at(14)));
	fake_gone(&scene->host, 100);
	assert_in(find(scene, 100, SHIM, 15), ID, ATTRIBUTED_CGROUP);
	assert_kind(find(scene, 100, SHIM, 15), ENTRY_INIT);
}

static void suspicion_ends(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 40, LOGIN, "/user.slice/session-3.scope", 10);
	happen(scene, PROCESS_NAME, 40, 0, 11);
	born(scene, 41, LOGIN, "/user.slice/session-3.scope", 10);
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
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	happen(scene, PROCESS_SESSION, 100, 0, 11);
	fake_gone(&scene->host, 100);
	happen(scene, PROCESS_EXEC, 100, 0, 12);
	happen(scene, PROCESS_EXIT, 100, 0, 13);
	assert_doubt(find(scene, 100, SHIM, 12));
}

/* A runtime's command, by the shim of ID, and what it made, which is gone before it can be seen. */
static void command_and_lose(struct scene *scene, const char *argv)
{
	scan(scene);
	start_container(scene);
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .cgroup = "/system.slice/docker.service",
			    .exe = "/usr/bin/runc",
			    .argv = argv,
			    .start_nsec = at(30) });
	happen(scene, PROCESS_FORK, 170, SHIM, 30);
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	born(scene, 171, 170, "/system.slice/docker.service", 40);
	happen(scene, PROCESS_SESSION, 171, 0, 41);
	fake_gone(&scene->host, 171);
	happen(scene, PROCESS_EXEC, 171, 0, 42);
	happen(scene, PROCESS_EXIT, 171, 0, 43);
}

static void what_an_exec_made_and_is_gone_is_told_by_the_command(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby exec --process p " ID);
	assert_in(find(scene, 171, 170, 42), ID, ATTRIBUTED_SHIM);
	assert_kind(find(scene, 171, 170, 42), ENTRY_EXEC);
}

/* It may be a hook, on the host. */
static void what_a_create_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/docker/runtime-runc/moby create --bundle b " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void what_another_namespaces_exec_made_and_is_gone_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	command_and_lose(scene, "runc --root /run/containerd/runc/k8s.io exec --process p " ID);
	assert_doubt(find(scene, 171, 170, 42));
}

static void names_are_looked_up_a_few_times_only(void **state)
{
	struct scene *scene = *state;

	scan(scene);
	born(scene, 100, SHIM, "/system.slice/docker.service", 10);
	for (unsigned i = 0; i < 1000; i++)
		happen(scene, PROCESS_NAME, 100, 0, 11);
	live(scene, (struct fake_process){
			    .pid = 100, .parent = SHIM, .cgroup = CGROUP, .start_nsec = at(10) });
	happen(scene, PROCESS_NAME, 100, 0, 12);
	assert_int_equal(scene->n_appeared, 0);
	happen(scene, PROCESS_EXEC, 100, 0, 13);
	assert_in(find(scene, 100, SHIM, 20), ID, ATTRIBUTED_CGROUP);
	/* A new program may be a stage again. */
	born(scene, 101, SHIM, "/system.slice/docker.service", 10);
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
			    .cgroup = "/system.slice/docker.service",
			    .exe = "/usr/bin/containerd-shim-runc-v2" });
}

static void what_is_told_as_the_runtimes_child_may_be_a_containers(void **state)
{
	struct scene *scene = *state;

	/* With CLONE_PARENT, by a process of the container that has left its cgroup. */
	run_as_a_shim(scene);
	start_container(scene);
	born(scene, 160, SHIM, "/", 30);
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
	start_container(scene);
	born(scene, 160, SHIM, CGROUP, 30);
	assert_in(find(scene, 160, SHIM, 31), ID, ATTRIBUTED_CGROUP);
}

static void a_runtimes_child_that_is_a_runtime_is_the_hosts(void **state)
{
	struct scene *scene = *state;

	run_as_a_shim(scene);
	start_container(scene);
	born(scene, 160, SHIM, "/system.slice/docker.service", 30);
	live(scene, (struct fake_process){ .pid = 160,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .cgroup = "/system.slice/docker.service",
			    .exe = "/usr/sbin/runc" });
	happen(scene, PROCESS_EXEC, 160, 0, 31);
	assert_host(find(scene, 160, SHIM, 32));
	/* Not so in mounts of its own. */
	born(scene, 170, SHIM, "/system.slice/docker.service", 30);
	live(scene, (struct fake_process){ .pid = 170,
			    .parent = SHIM,
			    .start_nsec = at(30),
			    .exe = "/usr/sbin/runc" });
	fake_namespace(&scene->host, SHIM, "mnt", "mnt:[1]");
	fake_namespace(&scene->host, 170, "mnt", "mnt:[2]");
	happen(scene, PROCESS_EXEC, 170, 0, 31);
	assert_doubt(find(scene, 170, SHIM, 32));
}

static void a_users_unit_with_a_containers_name_is_no_proof(void **state)
{
	static const char cgroup[] = "/user.slice/user-65533.slice/user@65533.service/user.slice/"
				     "libpod-" ID ".scope/container";
	struct scene *scene = *state;

	start_container(scene);
	born(scene, 160, LOGIN, cgroup, 30);
	happen(scene, PROCESS_EXEC, 160, 0, 31);
	assert_doubt(find(scene, 160, LOGIN, 32));
	assert_int_equal(lineage_container_count(scene->lineage), 1);
}

static void without_proc_there_is_no_lineage(void **state)
{
	struct scene *scene = *state;
	struct lineage *lineage = NULL;

	assert_int_equal(lineage_new(&(struct lineage_options){ .proc = "/nonexistent",
					     .runtime = scene->runtime,
					     .process_limit = 10 },
				 &lineage),
		-ENOENT);
	assert_null(lineage);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_process_of_the_host_is_one),
		scene_test(a_process_is_in_the_container_from_when_its_cgroup_is),
		scene_test(a_process_that_touches_is_looked_up_if_nothing_told_of_it),
		scene_test(children_inherit_the_container),
		scene_test(what_the_engine_says_is_known),
		scene_test(a_move_to_another_cgroup_does_not_undo_it),
		scene_test(a_pid_is_a_pid_at_a_time),
		scene_test(within_the_slack_the_parent_tells_incarnations_apart),
		scene_test(within_the_slack_there_is_doubt_where_the_parent_does_not_tell),
		scene_test(a_parent_of_another_container_tells_that_it_was_another_process),
		scene_test(
			a_parent_that_may_have_adopted_it_settles_nothing_where_the_pid_had_another),
		scene_test(an_orphan_that_its_own_container_adopted_is_who_it_was),
		scene_test(an_orphan_that_an_ancestor_adopted_is_who_it_was),
		scene_test(an_orphan_whose_adopters_pid_has_just_changed_hands_is_who_it_was),
		scene_test(nor_does_a_parent_that_nobody_knows),
		scene_test(a_parent_that_changed_hands_itself_settles_nothing),
		scene_test(incarnations_of_one_entry_need_not_be_told_apart),
		scene_test(incarnations_of_two_entries_are_told_apart),
		scene_test(the_dead_are_known_until_they_expire),
		scene_test(a_container_ends_with_its_last_process),
		scene_test(a_thread_that_executes_is_the_process_again),
		scene_test(threads_go_on_after_their_leaders_end),
		scene_test(a_thread_cannot_make_an_ended_process_immortal),
		scene_test(pid_1_of_the_container_came_in_as_its_init),
		scene_test(who_comes_later_came_in_by_exec),
		scene_test(runcs_stages_are_passed_over),
		scene_test(a_container_in_the_hosts_pid_namespace_has_an_init_too),
		scene_test(a_restart_has_an_init_of_its_own),
		scene_test(state_files_that_are_gone_take_nothing_back),
		scene_test(a_scan_tells_who_came_how),
		scene_test(a_child_of_the_container_that_a_scan_meets_outside_is_in_doubt),
		scene_test(a_scan_survives_the_deepest_nesting),
		scene_test(parents_in_a_circle_do_no_harm),
		scene_test(what_is_no_process_is_passed_over),
		scene_test(the_loginuid_is_taken_from_outside),
		scene_test(what_lives_no_more_is_not_asked_for_a_loginuid),
		scene_test(podmans_client_is_found_among_the_ancestors),
		scene_test(podmans_service_names_nobody),
		scene_test(docker_names_nobody_though_its_daemon_was_started_from_a_login),
		scene_test(a_childs_birth_may_be_read_after_a_scan_met_it),
		scene_test(an_end_from_before_the_scan_is_not_of_the_one_that_it_met),
		scene_test(a_stamp_that_came_late_is_of_the_same_process),
		scene_test(a_pid_that_is_anothers_by_now_is_not_looked_up),
		scene_test(a_process_that_nobody_told_of_is_looked_for),
		scene_test(a_process_younger_than_the_event_is_not_its),
		scene_test(a_child_of_nobody_known_is_in_doubt),
		scene_test(a_change_of_nobody_known_makes_it_known),
		scene_test(after_a_loss_those_who_are_proven_to_be_the_same_are_sure),
		scene_test(after_a_loss_new_processes_are_where_their_cgroup_says_or_in_doubt),
		scene_test(after_a_loss_those_who_went_into_a_container_meanwhile_are_in_it),
		scene_test(after_a_loss_the_missing_are_sure_until_it_began),
		scene_test(after_a_loss_a_pid_that_changed_hands_is_in_doubt_for_its_time),
		scene_test(before_a_loss_and_after_it_ends_are_as_sure_as_ever),
		scene_test(a_container_whose_end_was_lost_ends_with_the_rescan),
		scene_test(beyond_the_limit_the_dead_are_forgotten_first),
		scene_test(beyond_the_limit_of_the_living_births_are_counted_and_in_doubt),
		scene_test(two_containers_are_told_apart),
		scene_test(a_stage_on_its_way_into_a_container_is_watched),
		scene_test(suspicion_ends),
		scene_test(a_suspect_that_is_gone_before_it_could_be_seen_is_in_doubt),
		scene_test(what_an_exec_made_and_is_gone_is_told_by_the_command),
		scene_test(what_a_create_made_and_is_gone_is_in_doubt),
		scene_test(what_another_namespaces_exec_made_and_is_gone_is_in_doubt),
		scene_test(names_are_looked_up_a_few_times_only),
		scene_test(there_is_an_end_to_suspects),
		scene_test(what_is_told_as_the_runtimes_child_may_be_a_containers),
		scene_test(a_runtimes_child_in_a_containers_cgroup_is_in_the_container),
		scene_test(a_runtimes_child_that_is_a_runtime_is_the_hosts),
		scene_test(a_users_unit_with_a_containers_name_is_no_proof),
		scene_test(without_proc_there_is_no_lineage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
