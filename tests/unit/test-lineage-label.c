/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/container-table.h"
#include "attribute/lineage.h"
#include "fake-host.h"

#define ID "aaaabbbbccccddddeeeeffff0000111122223333444455556666777788889999"
#define OTHER "bbbbbbbbccccddddeeeeffff0000111122223333444455556666777788889999"
#define LABEL "system_u:system_r:container_t:s0:c12,c345"
#define OTHER_LABEL "system_u:system_r:container_t:s0:c12,c346"
#define SHIM 30
#define FIRST 100 /* the container's, which its cgroup tells */
#define STRAY 200 /* in no container's cgroup, child of init */
#define SEC UINT64_C(1000000000)

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
};

static void live(
	struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, const char *label)
{
	fake_process(&scene->host,
		&(struct fake_process){
			.pid = pid, .parent = parent, .cgroup = cgroup, .start_nsec = SEC });
	if (label) {
		char name[64];

		snprintf(name, sizeof(name), "proc/%d/attr/current", pid);
		place_put(&scene->host.place, name, label, strlen(label) + 1);
	}
}

static void put_container(struct scene *scene, const char *id, const char *name, const char *label)
{
	char path[256], text[512];

	snprintf(path, sizeof(path), "root/var/lib/docker/containers/%s/config.v2.json", id);
	snprintf(text, sizeof(text), "{\"ID\":\"%s\",\"Name\":\"/%s\",\"ProcessLabel\":\"%s\"}", id,
		name, label);
	place_text(&scene->host.place, path, text);
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct lineage_options options = { .process_limit = 1000 };

	*state = scene;
	if (!scene || fake_host_init(&scene->host) < 0 ||
		runtime_new(scene->host.proc, scene->host.root, &scene->runtime) < 0)
		return -1;
	options.proc = scene->host.proc;
	options.runtime = scene->runtime;
	live(scene, 1, 0, "/init.scope", NULL);
	live(scene, SHIM, 1, "/system.slice/docker.service", NULL);
	live(scene, FIRST, SHIM, "/docker/" ID, LABEL);
	put_container(scene, ID, "web", LABEL);
	return lineage_new(&options, &scene->lineage);
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

static struct lineage_answer find(struct scene *scene, pid_t pid, const char *label)
{
	struct lineage_answer answer;

	lineage_find(scene->lineage,
		&(struct lineage_question){
			.pid = pid, .ppid = 1, .time_nsec = 2 * SEC, .label = label },
		&answer);
	return answer;
}

static void assert_label_told(const struct lineage_answer *answer)
{
	assert_null(answer->doubt);
	assert_non_null(answer->entry);
	assert_string_equal(answer->entry->container->info->name, "web");
	assert_int_equal(answer->attributed_by, ATTRIBUTED_LABEL);
	/* Not which way it came. */
	assert_int_equal(answer->entry->kind, ENTRY_UNKNOWN);
}

static void assert_doubt(const struct lineage_answer *answer)
{
	assert_null(answer->entry);
	assert_non_null(strstr(answer->doubt, "SELinux label"));
}

static void a_label_of_one_container_tells(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live(scene, STRAY, 1, "/", LABEL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_label_told(&answer);
	answer = find(scene, FIRST, NULL);
	assert_int_equal(answer.attributed_by, ATTRIBUTED_CGROUP);
}

static void a_label_of_two_containers_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live(scene, STRAY, 1, "/", LABEL);
	live(scene, FIRST + 1, SHIM, "/docker/" OTHER, LABEL);
	put_container(scene, OTHER, "other", LABEL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_doubt(&answer);
	answer = find(scene, STRAY + 1, LABEL);
	assert_doubt(&answer);
}

static void a_label_of_no_known_container_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live(scene, STRAY, 1, "/", OTHER_LABEL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_doubt(&answer);
}

static void a_label_that_is_no_containers_tells_nothing(void **state)
{
	static const char *const labels[] = {
		"unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
		"system_u:system_r:spc_t:s0", "system_u:system_r:container_t:s0",
		"system_u:system_r:container_runtime_t:s0", "docker-default (enforce)\n", "",
		":::", "a:b:container_t"
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(labels); i++)
		live(scene, STRAY + (pid_t)i, 1, "/", labels[i]);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	for (size_t i = 0; i < ELEMENTS(labels); i++) {
		struct lineage_answer answer = find(scene, STRAY + (pid_t)i, labels[i]);

		assert_null(answer.entry);
		assert_null(answer.doubt);
	}
}

static void the_label_of_a_record_tells_of_a_process_that_is_gone(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, LABEL);
	assert_label_told(&answer);
	answer = find(scene, STRAY, OTHER_LABEL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
	answer = find(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

/* Whoever can make cgroups can make one with the name of a container that does not run. */
static void the_cgroup_of_a_container_that_does_not_run_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER "/config.v2.json",
		"{\"ID\":\"" OTHER "\",\"Name\":\"/stopped\",\"State\":{\"Running\":false,\"Pid\":0}}");
	live(scene, STRAY, 1, "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

/* An engine that was killed does not know better; nor does Podman, which has no daemon. */
static void nor_does_one_run_whose_first_process_is_gone(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER "/config.v2.json",
		"{\"ID\":\"" OTHER
		"\",\"Name\":\"/killed\",\"State\":{\"Running\":true,\"Pid\":99999}}");
	live(scene, STRAY, 1, "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_nested_cgroup_with_the_name_of_one_that_does_not_run_is_not_believed(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER "/config.v2.json",
		"{\"ID\":\"" OTHER "\",\"Name\":\"/stopped\",\"State\":{\"Running\":false,\"Pid\":0}}");
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	live(scene, STRAY, FIRST, "/docker/" ID "/docker/" OTHER, NULL);
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = PROCESS_FORK, .pid = STRAY, .parent = FIRST, .time_nsec = SEC });
	answer = find(scene, STRAY, NULL);
	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->container->info->name, "web");
	/* Met by a scan there is no lineage to go by: doubt. */
	live(scene, STRAY + 1, 1, "/docker/" ID "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	answer = find(scene, STRAY + 1, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_nested_cgroup_with_the_name_of_one_that_is_gone_is_not_believed(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live(scene, FIRST + 1, SHIM, "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	fake_gone(&scene->host, FIRST + 1);
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = PROCESS_EXIT, .pid = FIRST + 1, .time_nsec = 2 * SEC });
	lineage_expire(scene->lineage, 3 * SEC);
	live(scene, STRAY, 1, "/docker/" ID "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, 3 * SEC), 0);
	answer = find(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_container_beyond_the_limit_is_doubted_and_counted(void **state)
{
	struct scene *scene = *state;
	struct lineage_options options = { .proc = scene->host.proc,
		.runtime = scene->runtime,
		.process_limit = 1000,
		.container_limit = 1 };
	struct lineage_answer answer;

	lineage_free(scene->lineage);
	scene->lineage = NULL;
	assert_int_equal(lineage_new(&options, &scene->lineage), 0);
	live(scene, FIRST + 1, SHIM, "/docker/" OTHER, NULL);
	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
	assert_true(lineage_containers_refused(scene->lineage) > 0);
	for (pid_t pid = FIRST; pid <= FIRST + 1; pid++) {
		answer = find(scene, pid, NULL);
		assert_true((answer.entry == NULL) == (answer.doubt != NULL));
	}
}

static void a_container_that_is_renamed_has_the_new_name(void **state)
{
	struct scene *scene = *state;
	struct container *container;

	assert_int_equal(lineage_scan(scene->lineage, SEC), 0);
	container = find(scene, FIRST, NULL).entry->container;
	lineage_check_name(scene->lineage, container, 2 * SEC);
	assert_string_equal(container->info->name, "web");
	put_container(scene, ID, "renamed", LABEL);
	/* Not at every touch. */
	lineage_check_name(scene->lineage, container, 2 * SEC + SEC / 2);
	assert_string_equal(container->info->name, "web");
	lineage_check_name(scene->lineage, container, 4 * SEC);
	assert_string_equal(container->info->name, "renamed");
	/* Its files are gone: it keeps the name. */
	assert_int_equal(unlink(place_name(&scene->host.place,
				 "root/var/lib/docker/containers/" ID "/config.v2.json")),
		0);
	lineage_check_name(scene->lineage, container, 8 * SEC);
	assert_string_equal(container->info->name, "renamed");
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_label_of_one_container_tells),
		scene_test(a_label_of_two_containers_leaves_doubt),
		scene_test(a_label_of_no_known_container_leaves_doubt),
		scene_test(a_label_that_is_no_containers_tells_nothing),
		scene_test(a_container_that_is_renamed_has_the_new_name),
		scene_test(the_cgroup_of_a_container_that_does_not_run_leaves_doubt),
		scene_test(nor_does_one_run_whose_first_process_is_gone),
		scene_test(a_nested_cgroup_with_the_name_of_one_that_does_not_run_is_not_believed),
		scene_test(a_nested_cgroup_with_the_name_of_one_that_is_gone_is_not_believed),
		scene_test(a_container_beyond_the_limit_is_doubted_and_counted),
		scene_test(the_label_of_a_record_tells_of_a_process_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
