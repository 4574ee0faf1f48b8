/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A touch has its container and its human, or says why not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute-scene.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_container_is_told_with_all_that_is_known),
		scene_test(what_the_container_shares_an_ended_process_shared),
		scene_test(what_the_container_has_for_itself_an_ended_process_had),
		scene_test(below_an_inner_engine_the_outer_is_told_with_doubt_and_nobodys_launch),
		scene_test(a_process_of_the_host_has_no_container_and_no_doubt),
		scene_test(an_unknown_process_is_in_doubt),
		scene_test(a_loginuid_that_the_container_chose_is_in_doubt),
		scene_test(podmans_human_is_the_launcher),
		scene_test(the_mounts_are_read_when_nobody_has_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
