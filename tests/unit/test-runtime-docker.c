/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What dockerd's files say of a container, and whose files are believed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime-scene.h"

#define DOCKER "/var/lib/docker/containers/" ID

// clang-format off
static const char docker_config[] =
	"{\"State\":{\"Running\":true,\"Pid\":4711},\"ID\":\"" ID "\","
	"\"Created\":\"2026-03-04T05:06:07.890123456Z\","
	"\"Path\":\"/entry.sh\",\"Args\":[\"-v\",\"a b\"],"
	"\"Config\":{\"Image\":\"shop/web:1.2\",\"Env\":[\"PASSWORD=x\"],"
	"\"Labels\":{\"team\":\"a\",\"io.kubernetes.pod.name\":\"web-0\","
	"\"io.kubernetes.pod.namespace\":\"shop\"}},"
	"\"Image\":\"sha256:" IMAGE "\",\"Name\":\"/web\",\"MountPoints\":{"
	"\"/data\":{\"Source\":\"/srv/data\",\"Destination\":\"/data\",\"RW\":true},"
	"\"/etc/x\":{\"Source\":\"/etc/x\",\"Destination\":\"/etc/x\",\"RW\":false,"
	"\"Spec\":{\"BindOptions\":{\"NonRecursive\":true}}},"
	"\"/tmp\":{\"Source\":\"\",\"Destination\":\"/tmp\",\"RW\":true,\"Type\":\"tmpfs\"}}}";
// clang-format on

static void put_docker(const struct machine *machine, const char *data_root, bool privileged)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/containers/" ID "/config.v2.json", data_root);
	put(machine, name, docker_config);
	snprintf(name, sizeof(name), "%s/containers/" ID "/hostconfig.json", data_root);
	put(machine, name, privileged ? "{\"Privileged\":true}" : "{\"Privileged\":false}");
}

static void docker_tells_all_that_its_files_hold(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	put_docker(machine, "/var/lib/docker", true);
	PUT_PROCESS(machine, 4711, 1, 0, "0::/docker/" ID "\n", "/entry.sh");
	info = describe(machine, "0::/docker/" ID, 0);
	assert_string_equal(info->id, ID);
	assert_string_equal(info->runtime, "docker");
	assert_string_equal(info->name, "web");
	assert_string_equal(info->image, "shop/web:1.2");
	assert_string_equal(info->image_id, "sha256:" IMAGE);
	assert_string_equal(info->pod_name, "web-0");
	assert_string_equal(info->pod_namespace, "shop");
	assert_int_equal(info->privileged, TRISTATE_YES);
	assert_int_equal(info->init_pid, 4711);
	assert_true(info->created_msec == INT64_C(1772600767890));
	assert_int_equal(info->command_len, 17);
	assert_memory_equal(info->command, "/entry.sh\0-v\0a b", 17);
	assert_non_null(strstr(info->labels, "\"team\":\"a\""));
	assert_string_equal(info->source, DOCKER "/config.v2.json," DOCKER "/hostconfig.json");
	assert_int_equal(info->n_mounts, 2);
	assert_string_equal(mount_at(info, "/data")->source, "/srv/data");
	assert_true(mount_at(info, "/data")->writable);
	assert_true(mount_at(info, "/data")->recursive);
	assert_false(mount_at(info, "/etc/x")->writable);
	assert_false(mount_at(info, "/etc/x")->recursive);
}

static void docker_says_that_a_container_is_not_privileged(void **state)
{
	struct machine *machine = *state;

	put_docker(machine, "/var/lib/docker", false);
	assert_int_equal(describe(machine, "0::/docker/" ID, 0)->privileged, TRISTATE_NO);
}

static void what_runs_by_an_engines_files_has_a_first_process(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	put_docker(machine, "/var/lib/docker", true);
	info = describe(machine, "0::/docker/" ID, 0);
	assert_int_equal(info->running, TRISTATE_NO);
	assert_int_equal(info->init_pid, 0);
	PUT_PROCESS(machine, 4711, 1, 0, "0::/docker/" ID "\n", "/entry.sh");
	info = describe(machine, "0::/docker/" ID, 0);
	assert_int_equal(info->running, TRISTATE_YES);
}

static void a_configured_root_is_looked_in_first(void **state)
{
	struct machine *machine = *state;

	put_docker(machine, "/var/lib/docker", false);
	put_docker(machine, "/mnt/docker", true);
	assert_int_equal(runtime_add_root(machine->runtime, "docker", "/mnt/docker"), 0);
	assert_int_equal(describe(machine, "0::/docker/" ID, 0)->privileged, TRISTATE_YES);
}

static void a_root_of_no_known_engine_or_without_a_path_is_refused(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(runtime_add_root(machine->runtime, "rkt", "/x"), -EINVAL);
	assert_int_equal(runtime_add_root(machine->runtime, "podman", "x"), -EINVAL);
}

static void a_running_dockerd_says_where_its_data_are(void **state)
{
	struct machine *machine = *state;

	put_docker(machine, "/srv/d", true);
	PUT_PROCESS(machine, 200, 1, 0, "0::/system.slice/docker.service\n",
		"/usr/bin/dockerd\0-H\0fd://\0--data-root=/srv/d");
	assert_string_equal(describe(machine, "0::/docker/" ID, 0)->name, "web");
}

static void a_dockerds_configuration_says_where_its_data_are(void **state)
{
	struct machine *machine = *state;

	put_docker(machine, "/srv/d", true);
	put(machine, "/etc/docker/daemon.json", "{\"data-root\":\"/srv/d\",\"debug\":true}");
	PUT_PROCESS(machine, 200, 1, 0, "0::/system.slice/docker.service\n", "dockerd");
	assert_string_equal(describe(machine, "0::/docker/" ID, 0)->name, "web");
}

static void a_dockerd_inside_a_container_or_of_a_user_is_not_believed(void **state)
{
	struct machine *machine = *state;

	put_docker(machine, "/srv/d", false);
	PUT_PROCESS(machine, 200, 1, 0, "0::/docker/" ID "\n", "dockerd\0--data-root\0/srv/d");
	PUT_PROCESS(machine, 201, 1, 1007, "0::/user.slice\n", "dockerd\0--data-root\0/srv/d");
	assert_null(describe(machine, "0::/docker/" ID, 0)->name);
}

static void a_users_dockerd_speaks_for_that_users_containers(void **state)
{
	struct machine *machine = *state;
	const char *cgroup =
		"0::/user.slice/user-1007.slice/user@1007.service/user.slice/docker-" ID ".scope";

	put_docker(machine, "/home/u/d", false);
	PUT_PROCESS(machine, 201, 1, 1007, "0::/user.slice\n", "dockerd\0--data-root\0/home/u/d");
	assert_string_equal(describe(machine, cgroup, 0)->name, "web");
}

static void files_of_another_container_under_this_id_are_not_believed(void **state)
{
	struct machine *machine = *state;

	put(machine, "/var/lib/docker/containers/" OTHER "/config.v2.json", docker_config);
	assert_null(describe(machine, "0::/docker/" OTHER, 0)->name);
}

static void a_link_among_the_files_is_not_followed(void **state)
{
	struct machine *machine = *state;

	put(machine, "/elsewhere/config.v2.json", docker_config);
	put_link_within(machine, DOCKER, "/elsewhere");
	assert_null(describe(machine, "0::/docker/" ID, 0)->name);
}

static void broken_files_are_as_good_as_none(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "null",
		"{\"Name\":7,\"ID\":\"" ID "\"}" };
	struct machine *machine = *state;

	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		put(machine, DOCKER "/config.v2.json", texts[i]);
		assert_null(describe(machine, "0::/docker/" ID, 0)->name);
	}
}

static void an_absurdly_long_value_is_left_out(void **state)
{
	enum { LEN = 1 << 20 };
	struct machine *machine = *state;
	_cleanup_(freep) char *text = malloc(LEN + 256);
	size_t len = (size_t)sprintf(text, "{\"ID\":\"" ID "\",\"Image\":\"i\",\"Name\":\"");

	memset(text + len, 'n', LEN);
	strcpy(text + len + LEN, "\"}");
	put(machine, DOCKER "/config.v2.json", text);
	assert_string_equal(describe(machine, "0::/docker/" ID, 0)->image_id, "i");
	assert_null(machine->info->name);
}

static void an_engine_that_the_path_does_not_name_is_found_by_its_files(void **state)
{
	struct machine *machine = *state;

	assert_string_equal(describe(machine, "0::/ci/" ID, 0)->runtime, "unknown");
	put_docker(machine, "/var/lib/docker", false);
	assert_string_equal(describe(machine, "0::/ci/" ID, 0)->runtime, "docker");
	assert_string_equal(machine->info->name, "web");
}

static void a_root_engine_knows_its_containers(void **state)
{
	static const char cgroup[] = "0::/user.slice/user@1000.service/docker-" ID ".scope";
	struct machine *machine = *state;
	struct cgroup_match match;

	cgroup_match(cgroup, strlen(cgroup), NULL, NULL, &match);
	assert_false(runtime_root_knows(machine->runtime, &match));
	put_docker(machine, "/var/lib/docker", true);
	assert_true(runtime_root_knows(machine->runtime, &match));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(docker_tells_all_that_its_files_hold),
		machine_test(docker_says_that_a_container_is_not_privileged),
		machine_test(what_runs_by_an_engines_files_has_a_first_process),
		machine_test(a_configured_root_is_looked_in_first),
		machine_test(a_root_of_no_known_engine_or_without_a_path_is_refused),
		machine_test(a_running_dockerd_says_where_its_data_are),
		machine_test(a_dockerds_configuration_says_where_its_data_are),
		machine_test(a_dockerd_inside_a_container_or_of_a_user_is_not_believed),
		machine_test(a_users_dockerd_speaks_for_that_users_containers),
		machine_test(files_of_another_container_under_this_id_are_not_believed),
		machine_test(a_link_among_the_files_is_not_followed),
		machine_test(broken_files_are_as_good_as_none),
		machine_test(an_absurdly_long_value_is_left_out),
		machine_test(an_engine_that_the_path_does_not_name_is_found_by_its_files),
		machine_test(a_root_engine_knows_its_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
