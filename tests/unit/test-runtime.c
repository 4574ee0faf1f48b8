/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is known of a container without an engine of its own files: by its bundle, its task, or the
 * path alone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "runtime-scene.h"

static void without_any_file_only_the_path_speaks(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	info = describe(machine, "0::/docker/" OTHER "/docker/" ID, 4242);
	assert_string_equal(info->id, ID);
	assert_string_equal(info->runtime, "docker");
	assert_string_equal(info->outer_id, OTHER);
	assert_null(info->name);
	assert_null(info->source);
	assert_null(info->labels);
	assert_int_equal(info->privileged, TRISTATE_UNKNOWN);
}

#define TASKS "/run/containerd/io.containerd.runtime.v2.task"

// clang-format off
static const char cri_config[] =
	"{\"process\":{\"args\":[\"/app\"]},\"root\":{\"path\":\"rootfs\"},\"annotations\":{"
	"\"io.kubernetes.cri.container-type\":\"container\","
	"\"io.kubernetes.cri.container-name\":\"app\","
	"\"io.kubernetes.cri.sandbox-name\":\"app-7\","
	"\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
	"\"io.kubernetes.cri.image-name\":\"reg.example/app@sha256:" IMAGE "\"}}";

static const char crio_config[] =
	"{\"annotations\":{\"io.kubernetes.cri-o.KubeName\":\"web-1\","
	"\"io.kubernetes.cri-o.Namespace\":\"shop\",\"io.kubernetes.container.name\":\"web\","
	"\"io.kubernetes.cri-o.Image\":\"quay.example/web:3\","
	"\"io.kubernetes.cri-o.Created\":\"2026-03-04T05:06:07Z\","
	"\"io.kubernetes.cri-o.Labels\":\"{\\\"a\\\":\\\"b\\\"}\","
	"\"io.kubernetes.cri-o.PrivilegedRuntime\":\"true\"}}";
// clang-format on

static void kubernetes_annotations_name_pod_and_image(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	put(machine, TASKS "/k8s.io/" ID "/config.json", cri_config);
	info = describe(machine, "0::/system.slice/cri-containerd-" ID ".scope", 0);
	assert_string_equal(info->name, "app");
	assert_string_equal(info->pod_name, "app-7");
	assert_string_equal(info->pod_namespace, "prod");
	assert_string_equal(info->image, "reg.example/app@sha256:" IMAGE);
	assert_string_equal(info->image_digest, "sha256:" IMAGE);
	assert_string_equal(info->rootfs, TASKS "/k8s.io/" ID "/rootfs");
}

static void a_pods_shim_stands_beside_its_containers(void **state)
{
	struct machine *machine = *state;

	put(machine, "/srv/c/k8s.io/" ID "/config.json", cri_config);
	PUT_PROCESS(machine, 400, 1, 0, "0::/system.slice/containerd.service\n",
		"/usr/bin/containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\0" OTHER);
	put_process_link(machine, 400, "cwd", "/srv/c/k8s.io/" OTHER);
	PUT_PROCESS(machine, 401, 400, 0, "0::/kubepods/x\n", "/app");
	assert_string_equal(
		describe(machine, "0::/system.slice/cri-containerd-" ID ".scope", 401)->name,
		"app");
}

static void crio_tells_all_that_its_annotations_hold(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	put(machine, "/run/containers/storage/overlay-containers/" ID "/userdata/config.json",
		crio_config);
	info = describe(machine, "0::/kubepods.slice/crio-" ID ".scope", 0);
	assert_string_equal(info->runtime, "cri-o");
	assert_string_equal(info->name, "web");
	assert_string_equal(info->pod_name, "web-1");
	assert_string_equal(info->pod_namespace, "shop");
	assert_string_equal(info->image, "quay.example/web:3");
	assert_string_equal(info->labels, "{\"a\":\"b\"}");
	assert_true(info->created_msec == INT64_C(1772600767000));
	assert_int_equal(info->privileged, TRISTATE_YES);
}

// clang-format off
#define ALL_CAPS \
	"\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_MODULE\"," \
	"\"CAP_SYS_RAWIO\",\"CAP_SYS_PTRACE\",\"CAP_SYS_BOOT\",\"CAP_SYS_TIME\"," \
	"\"CAP_NET_ADMIN\",\"CAP_DAC_READ_SEARCH\",\"CAP_LINUX_IMMUTABLE\",\"CAP_MAC_ADMIN\"," \
	"\"CAP_SYSLOG\",\"CAP_CHOWN\"]}}"
#define ALL_DEVICES "\"resources\":{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}"
#define SOME_DEVICES \
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}," \
	"{\"allow\":true,\"type\":\"c\",\"access\":\"rwm\"}," \
	"{\"allow\":true,\"major\":1,\"access\":\"rwm\"},{\"allow\":true,\"access\":\"r\"}]}"
#define ONE_CAP "\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"]}}"

static const struct {
	const char *config;
	enum tristate privileged;
} postures[] = {
	{ "{" ALL_CAPS ",\"linux\":{" ALL_DEVICES "}}", TRISTATE_YES },
	{ "{" ONE_CAP ",\"linux\":{" ALL_DEVICES "}}", TRISTATE_NO },
	{ "{" ALL_CAPS ",\"linux\":{\"seccomp\":{}," ALL_DEVICES "}}", TRISTATE_NO },
	{ "{" ALL_CAPS ",\"linux\":{\"maskedPaths\":[\"/proc/keys\"]," ALL_DEVICES "}}", TRISTATE_NO },
	{ "{" ALL_CAPS ",\"linux\":{" SOME_DEVICES "}}", TRISTATE_UNKNOWN },
	{ "{" ALL_CAPS ",\"linux\":{\"namespaces\":[{\"type\":\"user\"}]," ALL_DEVICES "}}", TRISTATE_UNKNOWN },
	{ "{}", TRISTATE_UNKNOWN },
};
// clang-format on

static void without_a_word_the_posture_tells_what_is_privileged(void **state)
{
	struct machine *machine = *state;

	for (size_t i = 0; i < ELEMENTS(postures); i++) {
		put(machine, TASKS "/k8s.io/" ID "/config.json", postures[i].config);
		describe(machine, "0::/system.slice/cri-containerd-" ID ".scope", 0);
		if (machine->info->privileged != postures[i].privileged)
			fail_msg("%s: %d", postures[i].config, machine->info->privileged);
	}
}

static void runc_names_the_bundle_of_what_it_builds(void **state)
{
	struct machine *machine = *state;

	put(machine, "/srv/b/config.json", "{\"process\":{\"args\":[\"make\"]}}");
	PUT_PROCESS(machine, 500, 1, 0, "0::/system.slice/docker.service\n",
		"runc\0--log\0/x\0run\0--bundle\0/srv/b\0--keep\0k3v8y1q0z7x5w2p4m6n9b0c1d");
	describe(machine, "0::/docker/buildkit/k3v8y1q0z7x5w2p4m6n9b0c1d", 500);
	assert_string_equal(machine->info->runtime, "buildkit");
	assert_string_equal(machine->info->command, "make");
}

static void a_chain_of_processes_without_end_is_given_up(void **state)
{
	struct machine *machine = *state;

	PUT_PROCESS(machine, 600, 601, 0, "0::/\n", "a");
	PUT_PROCESS(machine, 601, 600, 0, "0::/\n", "b");
	assert_null(describe(machine, "0::/docker/" ID, 600)->source);
}

static void a_task_of_containerd_is_known_by_its_directory(void **state)
{
	struct machine *machine = *state;

	put(machine, TASKS "/default/web/config.json", "{}");
	put(machine, TASKS "/default/file", "");
	assert_int_equal(runtime_task_exists(machine->runtime, "default", "web"), 1);
	assert_int_equal(runtime_task_exists(machine->runtime, "default", "db"), 0);
	assert_int_equal(runtime_task_exists(machine->runtime, "default", "file"), 0);
	assert_int_equal(runtime_task_exists(machine->runtime, "default", ".."), 0);
	assert_int_equal(runtime_task_exists(machine->runtime, "..", "default"), 0);
	assert_int_equal(runtime_task_exists(machine->runtime, "default", "web/config.json"), 0);
	assert_string_equal(describe(machine, "0::/default/web", 0)->runtime, "containerd");
}

static void a_proc_that_is_not_there_is_an_error(void **state)
{
	struct runtime *runtime = NULL;

	assert_int_equal(runtime_new("/nonexistent", "", &runtime), -ENOENT);
	assert_null(runtime);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(without_any_file_only_the_path_speaks),
		machine_test(kubernetes_annotations_name_pod_and_image),
		machine_test(a_pods_shim_stands_beside_its_containers),
		machine_test(crio_tells_all_that_its_annotations_hold),
		machine_test(without_a_word_the_posture_tells_what_is_privileged),
		machine_test(runc_names_the_bundle_of_what_it_builds),
		machine_test(a_chain_of_processes_without_end_is_given_up),
		machine_test(a_task_of_containerd_is_known_by_its_directory),
		machine_test(a_proc_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
