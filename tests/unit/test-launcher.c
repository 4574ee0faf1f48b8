/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/launcher.h"

#define SEC 1000000000ull
#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"

/* An entry of a container of Docker's, made by a runc that nobody saw clients beside. */
struct scene {
	struct audit_clock clock;
	struct container_info info;
	struct container container;
	struct entry entry;
	struct launchers *launchers;
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene)
		return -1;
	scene->info = (struct container_info){
		.id = (char *)ID,
		.name = (char *)"hack",
		.runtime = (char *)"docker",
		.source = (char *)"config.v2.json",
	};
	scene->container = (struct container){ .info = &scene->info };
	scene->entry = (struct entry){
		.container = &scene->container,
		.kind = ENTRY_INIT,
		.pid = 6743,
		.began_nsec = 100 * SEC,
		.maker = 6730,
		.restarts_before = -1,
	};
	return launchers_new(&(struct launchers_options){ .proc_fd = -1, .clock = &scene->clock },
		&scene->launchers);
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	launcher_free(scene->entry.launcher);
	ancestor_unref(scene->entry.program);
	launchers_free(scene->launchers);
	free(scene);
	return 0;
}

static const struct launcher *settle(struct scene *scene)
{
	launchers_settle(scene->launchers, &scene->entry);
	assert_non_null(scene->entry.launcher);
	return scene->entry.launcher;
}

static void assert_reason(struct scene *scene, const char *reason)
{
	const struct launcher *launcher = settle(scene);

	assert_int_equal(launcher->confidence, CONFIDENCE_NONE);
	assert_int_equal(launcher->auid, AUID_UNSET);
	assert_string_equal(launcher->reason, reason);
}

static void a_pods_container_is_the_kubelets(void **state)
{
	struct scene *scene = *state;

	scene->info.pod_uid = (char *)"0a1b2c3d-0000-4000-8000-000000000000";
	assert_reason(scene, "Kubernetes' kubelet asked for it: it belongs to a pod");
}

static void a_task_is_swarms(void **state)
{
	struct scene *scene = *state;

	scene->info.labels = (char *)"{\"com.docker.swarm.task.id\":\"x\"}";
	assert_reason(scene, "Swarm's scheduler started it: a task of a service");
}

static void what_the_engine_restarts_is_its_own_doing(void **state)
{
	struct scene *scene = *state;

	scene->entry.restarts_before = 0;
	scene->info.life.restarts = 1;
	assert_reason(scene, "the engine restarted it by its restart policy");
}

static void what_is_in_the_midst_of_a_restart_is_its_own_doing_too(void **state)
{
	struct scene *scene = *state;

	scene->info.life.restarting = true;
	assert_reason(scene, "the engine restarted it by its restart policy");
}

static void a_health_check_is_the_engines_own_doing(void **state)
{
	struct scene *scene = *state;

	scene->entry.kind = ENTRY_EXEC;
	scene->info.life.health_check = (char *)"curl";
	scene->info.life.health_check_len = sizeof("curl");
	assert_int_equal(ancestor_new(6743, NULL, "curl", 4, &scene->entry.program), 0);
	assert_reason(scene, "the engine ran its health check");
}

static void what_was_there_before_names_nobody(void **state)
{
	struct scene *scene = *state;

	scene->entry.began_nsec = 0;
	assert_reason(scene, "auditmon was started after it began");
}

static void what_no_runtimes_command_made_names_nobody(void **state)
{
	struct scene *scene = *state;

	scene->entry.maker = 0;
	assert_reason(scene, "which engine's command made it could not be seen, so nobody can have "
			     "asked for it for "
			     "sure");
}

static void say(struct scene *scene, uint32_t auid)
{
	launchers_engine_says(scene->launchers,
		&(struct event_engine){ .operation = "start", .id = ID, .auid = auid }, 99 * SEC);
}

static void the_engines_own_record_names_whom_nobody_saw(void **state)
{
	struct scene *scene = *state;
	const struct launcher *launcher;

	say(scene, 3267);
	launcher = settle(scene);
	assert_int_equal(launcher->confidence, CONFIDENCE_LIKELY);
	assert_int_equal(launcher->auid, 3267);
	assert_int_equal(launcher->pid, 0);
	assert_null(launcher->reason);
	assert_string_equal(launcher->evidence, "the engine's own VIRT_CONTROL record says that "
						"auid 3267 asked for it; no client was "
						"seen");
}

static void it_does_not_name_anybody_for_what_the_engine_did(void **state)
{
	struct scene *scene = *state;

	say(scene, 3267);
	scene->info.life.restarting = true;
	assert_reason(scene, "the engine restarted it by its restart policy");
}

static void nor_for_what_it_may_have_done(void **state)
{
	struct scene *scene = *state;
	const struct launcher *launcher;

	say(scene, 3267);
	scene->info.life.restart_policy = (char *)"always";
	scene->entry.ran_before = true;
	launcher = settle(scene);
	assert_int_equal(launcher->confidence, CONFIDENCE_NONE);
	assert_non_null(launcher->reason);
}

static void nor_for_what_no_command_of_a_runtime_made(void **state)
{
	struct scene *scene = *state;

	say(scene, 3267);
	scene->entry.maker = 0;
	assert_int_equal(settle(scene)->confidence, CONFIDENCE_NONE);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_pods_container_is_the_kubelets),
		scene_test(a_task_is_swarms),
		scene_test(what_the_engine_restarts_is_its_own_doing),
		scene_test(what_is_in_the_midst_of_a_restart_is_its_own_doing_too),
		scene_test(a_health_check_is_the_engines_own_doing),
		scene_test(what_was_there_before_names_nobody),
		scene_test(what_no_runtimes_command_made_names_nobody),
		scene_test(the_engines_own_record_names_whom_nobody_saw),
		scene_test(it_does_not_name_anybody_for_what_the_engine_did),
		scene_test(nor_for_what_it_may_have_done),
		scene_test(nor_for_what_no_command_of_a_runtime_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
