/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose container does an SELinux label tell, and when is neither that nor a cgroup believed? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/container-table.h"
#include "lineage-scene.h"

#define LABEL "system_u:system_r:container_t:s0:c12,c345"
#define OTHER_LABEL "system_u:system_r:container_t:s0:c12,c346"
#define OTHER_BOX (BOX + 1)
#define STRAY 200 /* in no container's cgroup, child of init */

static void live_labelled(
	struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, const char *label)
{
	live(scene, (struct fake_process){ .pid = pid, .parent = parent, .cgroup = cgroup });
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

/* The container is there before anybody looks, and its cgroup tells it. */
static int label_setup(void **state)
{
	int r = scene_setup(state);

	if (r < 0)
		return r;
	live_labelled(*state, BOX, SHIM, CGROUP, LABEL);
	put_container(*state, ID, "web", LABEL);
	return 0;
}

static struct lineage_answer find_labelled(struct scene *scene, pid_t pid, const char *label)
{
	struct lineage_answer answer;

	lineage_find(scene->lineage,
		&(struct lineage_question){
			.pid = pid, .ppid = INIT, .time_nsec = at(1000), .label = label },
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

static void assert_label_doubt(const struct lineage_answer *answer)
{
	assert_null(answer->entry);
	assert_non_null(strstr(answer->doubt, "SELinux label"));
}

static void a_label_of_one_container_tells(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live_labelled(scene, STRAY, INIT, "/", LABEL);
	scan(scene);
	answer = find_labelled(scene, STRAY, NULL);
	assert_label_told(&answer);
	answer = find_labelled(scene, BOX, NULL);
	assert_int_equal(answer.attributed_by, ATTRIBUTED_CGROUP);
}

static void a_label_of_two_containers_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live_labelled(scene, STRAY, INIT, "/", LABEL);
	live_labelled(scene, OTHER_BOX, SHIM, OTHER_CGROUP, LABEL);
	put_container(scene, OTHER_ID, "other", LABEL);
	scan(scene);
	answer = find_labelled(scene, STRAY, NULL);
	assert_label_doubt(&answer);
	answer = find_labelled(scene, STRAY + 1, LABEL);
	assert_label_doubt(&answer);
}

static void a_label_of_no_known_container_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live_labelled(scene, STRAY, INIT, "/", OTHER_LABEL);
	scan(scene);
	answer = find_labelled(scene, STRAY, NULL);
	assert_label_doubt(&answer);
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
		live_labelled(scene, STRAY + (pid_t)i, INIT, "/", labels[i]);
	scan(scene);
	for (size_t i = 0; i < ELEMENTS(labels); i++) {
		struct lineage_answer answer = find_labelled(scene, STRAY + (pid_t)i, labels[i]);

		assert_null(answer.entry);
		assert_null(answer.doubt);
	}
}

static void the_label_of_a_record_tells_of_a_process_that_is_gone(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	scan(scene);
	answer = find_labelled(scene, STRAY, LABEL);
	assert_label_told(&answer);
	answer = find_labelled(scene, STRAY, OTHER_LABEL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
	answer = find_labelled(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

/* Whoever can make cgroups can make one with the name of a container that does not run. */
static void the_cgroup_of_a_container_that_does_not_run_leaves_doubt(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER_ID "/config.v2.json",
		"{\"ID\":\"" OTHER_ID
		"\",\"Name\":\"/stopped\",\"State\":{\"Running\":false,\"Pid\":0}}");
	live_labelled(scene, STRAY, INIT, OTHER_CGROUP, NULL);
	scan(scene);
	answer = find_labelled(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

/* An engine that was killed does not know better; nor does Podman, which has no daemon. */
static void nor_does_one_run_whose_first_process_is_gone(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER_ID "/config.v2.json",
		"{\"ID\":\"" OTHER_ID
		"\",\"Name\":\"/killed\",\"State\":{\"Running\":true,\"Pid\":99999}}");
	live_labelled(scene, STRAY, INIT, OTHER_CGROUP, NULL);
	scan(scene);
	answer = find_labelled(scene, STRAY, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_nested_cgroup_with_the_name_of_one_that_does_not_run_is_not_believed(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	place_text(&scene->host.place, "root/var/lib/docker/containers/" OTHER_ID "/config.v2.json",
		"{\"ID\":\"" OTHER_ID
		"\",\"Name\":\"/stopped\",\"State\":{\"Running\":false,\"Pid\":0}}");
	scan(scene);
	live_labelled(scene, STRAY, BOX, CGROUP OTHER_CGROUP, NULL);
	happen(scene, PROCESS_FORK, STRAY, BOX, 0);
	answer = find_labelled(scene, STRAY, NULL);
	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->container->info->name, "web");
	/* Met by a scan there is no lineage to go by: doubt. */
	live_labelled(scene, STRAY + 1, INIT, CGROUP OTHER_CGROUP, NULL);
	scan(scene);
	answer = find_labelled(scene, STRAY + 1, NULL);
	assert_null(answer.entry);
	assert_non_null(answer.doubt);
}

static void a_nested_cgroup_with_the_name_of_one_that_is_gone_is_not_believed(void **state)
{
	struct scene *scene = *state;
	struct lineage_answer answer;

	live_labelled(scene, OTHER_BOX, SHIM, OTHER_CGROUP, NULL);
	scan(scene);
	die(scene, OTHER_BOX, 1000);
	lineage_expire(scene->lineage, at(2000));
	live_labelled(scene, STRAY, INIT, CGROUP OTHER_CGROUP, NULL);
	assert_int_equal(lineage_scan(scene->lineage, at(2000)), 0);
	answer = find_labelled(scene, STRAY, NULL);
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
	live_labelled(scene, OTHER_BOX, SHIM, OTHER_CGROUP, NULL);
	scan(scene);
	assert_int_equal(lineage_container_count(scene->lineage), 1);
	assert_true(lineage_containers_refused(scene->lineage) > 0);
	for (pid_t pid = BOX; pid <= OTHER_BOX; pid++) {
		answer = find_labelled(scene, pid, NULL);
		assert_true((answer.entry == NULL) == (answer.doubt != NULL));
	}
}

static void a_container_that_is_renamed_has_the_new_name(void **state)
{
	struct scene *scene = *state;
	struct container *container;

	scan(scene);
	container = find_labelled(scene, BOX, NULL).entry->container;
	lineage_check_name(scene->lineage, container, at(1000));
	assert_string_equal(container->info->name, "web");
	put_container(scene, ID, "renamed", LABEL);
	/* Not at every touch. */
	lineage_check_name(scene->lineage, container, at(1500));
	assert_string_equal(container->info->name, "web");
	lineage_check_name(scene->lineage, container, at(3000));
	assert_string_equal(container->info->name, "renamed");
	/* Its files are gone: it keeps the name. */
	assert_int_equal(unlink(place_name(&scene->host.place,
				 "root/var/lib/docker/containers/" ID "/config.v2.json")),
		0);
	lineage_check_name(scene->lineage, container, at(7000));
	assert_string_equal(container->info->name, "renamed");
}

#define label_test(test) cmocka_unit_test_setup_teardown(test, label_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		label_test(a_label_of_one_container_tells),
		label_test(a_label_of_two_containers_leaves_doubt),
		label_test(a_label_of_no_known_container_leaves_doubt),
		label_test(a_label_that_is_no_containers_tells_nothing),
		label_test(a_container_that_is_renamed_has_the_new_name),
		label_test(the_cgroup_of_a_container_that_does_not_run_leaves_doubt),
		label_test(nor_does_one_run_whose_first_process_is_gone),
		label_test(a_nested_cgroup_with_the_name_of_one_that_does_not_run_is_not_believed),
		label_test(a_nested_cgroup_with_the_name_of_one_that_is_gone_is_not_believed),
		label_test(a_container_beyond_the_limit_is_doubted_and_counted),
		label_test(the_label_of_a_record_tells_of_a_process_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
