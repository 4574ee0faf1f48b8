/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/cgroup.h"

#define A "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define B "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define POD64 "1357913579135791357913579135791357913579135791357913579135791357"
#define UID "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
#define UID_ "0b1c2d3e_4f50_6172_8394_a5b6c7d8e9f0"
#define HASH "00112233445566778899aabbccddeeff"
#define STEP "k3v8y1q0z7x5w2p4m6n9b0c1d"
#define KUBE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"

struct sample {
	const char *path;
	const char *runtime; /* NULL: no container */
	const char *id;
	const char *pod_uid; /* NULL: none */
};

static struct cgroup_match match_text(const char *text)
{
	struct cgroup_match match;

	cgroup_match(text, strlen(text), NULL, NULL, &match);
	return match;
}

static void check(const struct sample *sample)
{
	struct cgroup_match match = match_text(sample->path);
	const char *runtime = match.runtime ? match.runtime : "none";

	if (strcmp(runtime, sample->runtime ? sample->runtime : "none") != 0)
		fail_msg("%s: %s", sample->path, runtime);
	if (strcmp(match.container_id, sample->id ? sample->id : "") != 0)
		fail_msg("%s: id %s", sample->path, match.container_id);
	if (strcmp(match.pod_uid, sample->pod_uid ? sample->pod_uid : "") != 0)
		fail_msg("%s: pod %s", sample->path, match.pod_uid);
}

static void check_all(const struct sample *samples, size_t n_samples)
{
	for (size_t i = 0; i < n_samples; i++)
		check(&samples[i]);
}

// clang-format off
static void docker_is_known_with_both_drivers(void **state)
{
	static const struct sample samples[] = {
		{ "0::/docker/" A, "docker", A },
		{ "5:memory:/docker/" A, "docker", A },
		{ "0::/system.slice/docker-" A ".scope", "docker", A },
		{ "0::/my.slice/my-ci.slice/docker-" A ".scope/init.scope", "docker", A },
		{ "0::/user.slice/user-1007.slice/user@1007.service/user.slice/docker-" A ".scope", "docker", A },
		{ "0::/system.slice:docker:" A, "docker", A },
		{ "0::/actions_job/" A, "docker", A },
		{ "3:pids:/ecs/5e1d0c9b-8a79-6857-4635-241302f1e0d0/" A, "docker", A },
		{ "3:pids:/ecs/production/" HASH "/" A, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void podman_is_known_with_all_its_managers(void **state)
{
	static const struct sample samples[] = {
		{ "0::/machine.slice/libpod-" A ".scope", "podman", A },
		{ "0::/machine.slice/libpod-" A ".scope/container", "podman", A },
		{ "0::/libpod_parent/libpod-" A, "podman", A },
		{ "0::/foo/libpod-" A, "podman", A },
		{ "0::/machine.slice:libpod:" A, "podman", A },
		{ "0::/user.slice/user-1007.slice/user@1007.service/user.slice/libpod-" A ".scope/container", "podman", A },
		{ "0::/user.slice/user-1007.slice/user@1007.service/user.slice/libpod/" A, "podman", A },
		{ "0::/system.slice/web.service/libpod-payload-" A, "podman", A },
		{ "0::/system.slice/web.service/libpod-payload-" A ".scope", "podman", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void a_podman_pod_is_not_its_container(void **state)
{
	static const struct sample samples[] = {
		{ "0::/machine.slice/machine-libpod_pod_" POD64 ".slice/libpod-" A ".scope", "podman", A, POD64 },
		{ "0::/machine.slice/machine-libpod_pod_" POD64 ".slice", NULL, NULL, POD64 },
		{ "0::/libpod_parent/" POD64 "/libpod-" A, "podman", A, POD64 },
		{ "0::/libpod_parent/" POD64, NULL, NULL, POD64 },
		{ "0::/foo/" POD64 "/libpod-" A, "podman", A, POD64 },
		{ "0::/foo/" POD64 "/conmon", NULL, NULL, POD64 },
	};

	check_all(samples, ELEMENTS(samples));
	assert_string_equal(match_text(samples[4].path).outer_id, "");
}

static void a_name_that_an_engine_claims_is_no_pod(void **state)
{
	static const struct sample samples[] = {
		{ "0::/docker/" A "/conmon", "docker", A },
		{ "0::/docker/" A "/libpod-x", "docker", A },
		{ "0::/ci/" A "/libpod-x", "unknown", A },
		{ "0::/docker/" A "/libpod-" B, "podman", B },
		{ "0::/docker/" A "/libpod_parent/" POD64 "/libpod-" B, "podman", B, POD64 },
		{ "0::/docker/" A "/kubepods/pod" UID, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
	assert_string_equal(match_text(samples[3].path).outer_id, A);
}

static void kubernetes_pods_are_known_with_both_drivers(void **state)
{
	static const struct sample samples[] = {
		{ "0::" KUBE UID_ ".slice/cri-containerd-" A ".scope", "containerd", A, UID },
		{ "0::" KUBE UID_ ".slice/crio-" A ".scope/container", "cri-o", A, UID },
		{ "0::" KUBE UID_ ".slice/docker-" A ".scope", "docker", A, UID },
		{ "0::" KUBE HASH ".slice/cri-containerd-" A ".scope", "containerd", A, HASH },
		{ "0::/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" A ".scope", "cri-o", A, UID },
		{ "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_ ".slice/cri-containerd-" A ".scope",
			"containerd", A, UID },
		{ "0::/kubepods/besteffort/pod" UID "/" A, "unknown", A, UID },
		{ "0::/kubepods/pod" HASH "/" A "/child", "unknown", A, HASH },
		{ "0::/kubepods/besteffort/pod" UID "/crio-" A, "cri-o", A, UID },
		{ "0::/kubepods/besteffort/pod" UID "/" UID, "unknown", UID, UID },
		{ "0::/../../pod" HASH "/" A, "unknown", A, HASH },
		{ "0::/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A "/x",
			"containerd", A, UID },
		{ "0::" KUBE UID_ ".slice", NULL, NULL, UID },
		{ "0::/kubepods/besteffort", NULL },
	};

	check_all(samples, ELEMENTS(samples));
}

static void other_engines_are_known_by_their_names(void **state)
{
	static const struct sample samples[] = {
		{ "0::/system.slice/nerdctl-" A ".scope", "containerd", A },
		{ "0::/default/" A, "containerd", A },
		{ "0::/moby/" A, "containerd", A },
		{ "0::/docker/buildkit/" STEP, "buildkit", STEP },
		{ "0::/buildkit/" STEP, "buildkit", STEP },
		{ "0::/system.slice/docker-" STEP ".scope", "buildkit", STEP },
		{ "0::/system.slice:docker:" STEP, "buildkit", STEP },
		{ "0::/buildah-buildah4037799147", "buildah", "4037799147" },
		{ "0::/user.slice/crun-buildah-buildah12.scope/container", "buildah", "12" },
		{ "0::/user.slice/crun-web.scope", "unknown", "web" },
		{ "0::/system.slice/runc-web.scope", "unknown", "web" },
		{ "0::/lxc.payload.web", "lxc", "web" },
		{ "0::/lxc.payload.prod_web/system.slice/ssh.service", "lxc", "prod_web" },
		{ "0::/lxc.payload/web", "lxc", "web" },
		{ "4:freezer:/lxc/web.example", "lxc", "web.example" },
		{ "4:freezer:/libvirt/lxc/web", "lxc", "web" },
		{ "4:freezer:/machine/web.libvirt-lxc", "lxc", "web" },
		{ "0::/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope/libvirt", "lxc", "4711-web" },
		{ "0::/machine.slice/systemd-nspawn@web\\x2d1.service/payload/init.scope", "systemd-nspawn", "web-1" },
		{ "1:name=systemd:/machine.slice/systemd-nspawn@web.service/system.slice/a.service", "systemd-nspawn", "web" },
		{ "0::/machine.slice/machine-web\\x2d1.scope/payload", "systemd-nspawn", "web-1" },
		{ "1:name=systemd:/machine.slice/machine-rkt\\x2d0b1c2d3e\\x2d4f50\\x2d6172\\x2d8394\\x2da5b6c7d8e9f0.scope"
			"/system.slice/etcd.service", "rkt", UID },
		{ "1:name=systemd:/ecs/" HASH "-2034567890", "unknown", HASH "-2034567890" },
		{ "1:name=systemd:/ecs/" HASH "/" HASH "-2034567890", "unknown", HASH "-2034567890" },
		{ "9:cpu:/system.slice/garden.service/garden/0a1b2c3d-4e5f-6071-8293-a4b5", "garden",
			"0a1b2c3d-4e5f-6071-8293-a4b5" },
		{ "9:cpu:/garden/" UID, "garden", UID },
		{ "9:cpu:/system.slice/runit.service/bpm-mq5gs3tjna", "unknown", "mq5gs3tjna" },
	};

	check_all(samples, ELEMENTS(samples));
}

static void what_only_looks_like_a_container_is_none(void **state)
{
	static const struct sample samples[] = {
		{ "0::/" }, { "0::/init.scope" }, { "0::/.." }, { "0::/../.." },
		{ "0::/system.slice/docker.service" },
		{ "0::/system.slice/containerd.service" },
		{ "0::/system.slice/snap.docker.dockerd.service" },
		{ "0::/user.slice/user-1007.slice/user@1007.service/app.slice/snap.firefox.firefox-" UID ".scope" },
		{ "0::/user.slice/user-1007.slice/user@1007.service/app.slice/app-flatpak-org.gnome.Maps-4711.scope" },
		{ "0::/system.slice/run-r" HASH ".scope" },
		{ "0::/process_api/" HASH },
		{ "0::/machine.slice/libpod-conmon-" A ".scope" },
		{ "0::/system.slice/crio-conmon-" A ".scope" },
		{ "0::/kubepods/besteffort/pod" UID "/crio-conmon-" A, NULL, NULL, UID },
		{ "0::/libpod_parent/conmon" },
		{ "0::/lxc.monitor.web" }, { "0::/lxc.monitor/web" }, { "0::/lxc.pivot" }, { "0::/lxc/lxc.monitor.web" },
		{ "0::/machine.slice/systemd-nspawn@web.service" },
		{ "0::/machine.slice/systemd-nspawn@web.service/supervisor" },
		{ "0::/machine.slice/systemd-nspawn@web.service/.control" },
		{ "0::/machine.slice/machine-qemu\\x2d3\\x2dweb.scope/emulator" },
		{ "0::/kata_overhead/" A },
		{ "0::/podruntime/runtime" },
		{ "0::/default/web" },
		{ "0::/system.slice/docker-" A ".service" },
		{ "0::/system.slice/bpm-web.service" },
	};

	check_all(samples, ELEMENTS(samples));
}

static void an_id_of_another_length_or_alphabet_is_none(void **state)
{
	static const struct sample samples[] = {
		{ "0::/docker/" A "0" }, { "0::/docker/0" HASH HASH }, { "0::/docker/" HASH },
		{ "0::/system.slice/docker-" A "0.scope" },
		{ "0::/system.slice/docker-" HASH ".scope" },
		{ "0::/machine.slice/libpod-" HASH "00112233445566778899aabbccddeefg.scope" },
		{ "0::/machine.slice/libpod-" HASH "00112233445566778899AABBCCDDEEFF.scope" },
		{ "0::/docker/buildkit/" STEP "x" },
		{ "0::/kubepods/besteffort/pod" UID "0/" HASH },
		{ "0::/garden/0a1b2c3d-4e5f-6071-8293-a4b" },
		{ "0::/ecs/" HASH "-" },
		{ "0::/machine.slice/machine-lxc\\x2d1\\x2fx.scope" },
		{ "0::/machine.slice/machine-lxc\\x2d1\\x00.scope" },
		{ "0::/lxc/.." },
	};

	check_all(samples, ELEMENTS(samples));
}

static void a_lone_hex_name_counts_only_outside_of_systemds_tree(void **state)
{
	static const struct sample samples[] = {
		{ "0::/ci/jobs/" A, "unknown", A },
		{ "0::/" A, "unknown", A },
		{ "0::/../" A, "unknown", A },
		{ "0::/user.slice/" A },
		{ "0::/system.slice/ci.service/" A },
		{ "0::/user.slice/user-1007.slice/user@1007.service/ci/" A },
		{ "0::/docker/" A "/" B, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}
// clang-format on

static void of_nested_containers_the_innermost_and_the_outermost_are_told(void **state)
{
	struct cgroup_match match = match_text(
		"0::/docker/" A "/kubelet/kubepods/pod" UID "/" POD64 "/docker/" B "/init.scope");

	assert_string_equal(match.runtime, "docker");
	assert_string_equal(match.container_id, B);
	assert_string_equal(match.outer_id, A);
	assert_string_equal(match.outer_runtime, "docker");
	assert_string_equal(match.pod_uid, UID);

	match = match_text("0::/lxc.payload.web/libpod_parent/libpod-" A);
	assert_string_equal(match.runtime, "podman");
	assert_string_equal(match.outer_id, "web");
	assert_string_equal(match.outer_runtime, "lxc");
}

static void a_container_alone_or_in_itself_has_no_outer_one(void **state)
{
	struct cgroup_match match = match_text("0::/docker/" A);

	assert_string_equal(match.outer_id, "");
	assert_null(match.outer_runtime);
	match = match_text("0::/docker/" A "/docker/" A "/system.slice");
	assert_string_equal(match.container_id, A);
	assert_string_equal(match.outer_id, "");
	assert_null(match.outer_runtime);
}

static void units_and_monitors_inside_a_container_belong_to_it(void **state)
{
	static const struct sample samples[] = {
		{ "0::/docker/" A "/system.slice/docker.service", "docker", A },
		{ "0::/docker/" A "/machine.slice/libpod-conmon-" B ".scope", "docker", A },
		{ "0::/docker/" A "/lxc.monitor.web", "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void every_line_is_looked_at_and_the_deepest_decides(void **state)
{
	const char *text = "12:perf_event:/\n"
			   "3:cpuset:/docker/" A "\n"
			   "2:pids:/docker/" A "/docker/" B "\n"
			   "1:name=systemd:/system.slice/docker.service\n"
			   "0::/docker/" A "\n";
	struct cgroup_match match = match_text(text);

	assert_string_equal(match.container_id, B);
	assert_string_equal(match.outer_id, A);
	assert_ptr_equal(match.matched, strstr(text, "2:pids"));
	assert_int_equal(match.matched_len, strlen("2:pids:/docker/" A "/docker/" B));
}

static void between_equals_the_hierarchies_that_engines_use_decide(void **state)
{
	struct cgroup_match match = match_text("7:rdma:/docker/" B "\n"
					       "5:memory:/docker/" A "\n"
					       "0::/docker/" B "\n");

	assert_string_equal(match.container_id, A);
	match = match_text("5:memory:/docker/" B "\n1:name=systemd:/docker/" A "\n");
	assert_string_equal(match.container_id, A);
}

static void a_pod_is_told_only_where_no_line_knows_a_container(void **state)
{
	struct cgroup_match match = match_text("1:name=systemd:/kubepods/pod" UID "\n"
					       "0::/docker/" A "\n");

	assert_string_equal(match.container_id, A);
	assert_string_equal(match.pod_uid, "");
	match = match_text("1:name=systemd:/kubepods/pod" UID "\n0::/\n");
	assert_null(match.runtime);
	assert_string_equal(match.pod_uid, UID);
	assert_non_null(match.matched);
}

static void namespaces_and_removal_leave_marks_that_are_stripped(void **state)
{
	static const struct sample samples[] = {
		{ "0::/../../../docker/" A, "docker", A },
		{ "0::/../docker-" A ".scope", "docker", A },
		{ "0::/docker/" A " (deleted)", "docker", A },
		{ "0::/../lxc.payload.web (deleted)", "lxc", "web" },
		{ "/docker/" A, "docker", A },
		{ "0::/x/../docker/" A, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void colons_in_a_path_do_not_end_it(void **state)
{
	static const struct sample samples[] = {
		{ "4:cpu,cpuacct:/a:b:c/docker/" A, "docker", A },
		{ "0::/docker/" A "/x:y:z", "docker", A },
		{ "0::/a:/docker/" A, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void a_line_that_is_none_is_passed_over(void **state)
{
	static const struct sample samples[] = {
		{ "" },
		{ "\n\n" },
		{ "0" },
		{ "0:" },
		{ "0::" },
		{ "0::docker/" A },
		{ "x:y:/docker/" A },
		{ "docker/" A },
		{ ":/docker/" A },
		{ "0:/docker/" A },
		{ "garbage\n0::/docker/" A, "docker", A },
	};

	check_all(samples, ELEMENTS(samples));
}

static void bytes_beyond_the_length_are_not_read(void **state)
{
	const char *text = "0::/docker/" A "0";
	struct cgroup_match match;

	cgroup_match(text, strlen(text) - 1, NULL, NULL, &match);
	assert_string_equal(match.container_id, A);
	cgroup_match(text, 0, NULL, NULL, &match);
	assert_null(match.runtime);
	assert_null(match.matched);
}

static void a_name_with_a_nul_is_none(void **state)
{
	static const char text[] = "0::/lxc.payload.a\0b";
	struct cgroup_match match;

	cgroup_match(text, sizeof(text) - 1, NULL, NULL, &match);
	assert_null(match.runtime);
	assert_string_equal(match.container_id, "");
}

static void a_name_longer_than_a_cgroup_can_have_is_none(void **state)
{
	char text[5 + CGROUP_ID_MAX + 1] = "/lxc/";

	memset(text + 5, 'x', CGROUP_ID_MAX);
	assert_null(match_text(text).runtime);
	text[5 + CGROUP_ID_MAX - 1] = '\0';
	assert_int_equal(strlen(match_text(text).container_id), CGROUP_ID_MAX - 1);
}

static int only_web(void *userdata, const char *namespace_name, const char *id)
{
	++*(unsigned *)userdata;
	return strcmp(namespace_name, "default") == 0 && strcmp(id, "web") == 0;
}

static struct cgroup_match ask(const char *text, unsigned *ret_asked)
{
	struct cgroup_match match;

	*ret_asked = 0;
	cgroup_match(text, strlen(text), only_web, ret_asked, &match);
	return match;
}

static void ctrs_free_names_need_a_task_of_containerd(void **state)
{
	struct cgroup_match match;
	unsigned asked;

	match = ask("0::/default/web/sub", &asked);
	assert_string_equal(match.runtime, "containerd");
	assert_string_equal(match.container_id, "web");
	assert_int_equal(asked, 1);
	match = ask("0::/default/db", &asked);
	assert_null(match.runtime);
	assert_int_equal(asked, 1);
}

static void containerd_is_not_asked_for_what_cannot_be_a_task(void **state)
{
	static const char *const paths[] = {
		"0::/system.slice/web",
		"0::/default/web.service",
		"0::/default/web.scope",
		"0::/default",
		"0::/default/we b",
		"0::/default/.web",
		"0::/default/web\xff",
		("0::/docker/" A),
		"0::/default/../web",
	};
	unsigned asked;

	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		ask(paths[i], &asked);
		if (asked > 0)
			fail_msg("asked for %s", paths[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker_is_known_with_both_drivers),
		cmocka_unit_test(podman_is_known_with_all_its_managers),
		cmocka_unit_test(a_podman_pod_is_not_its_container),
		cmocka_unit_test(a_name_that_an_engine_claims_is_no_pod),
		cmocka_unit_test(kubernetes_pods_are_known_with_both_drivers),
		cmocka_unit_test(other_engines_are_known_by_their_names),
		cmocka_unit_test(what_only_looks_like_a_container_is_none),
		cmocka_unit_test(an_id_of_another_length_or_alphabet_is_none),
		cmocka_unit_test(a_lone_hex_name_counts_only_outside_of_systemds_tree),
		cmocka_unit_test(of_nested_containers_the_innermost_and_the_outermost_are_told),
		cmocka_unit_test(a_container_alone_or_in_itself_has_no_outer_one),
		cmocka_unit_test(units_and_monitors_inside_a_container_belong_to_it),
		cmocka_unit_test(every_line_is_looked_at_and_the_deepest_decides),
		cmocka_unit_test(between_equals_the_hierarchies_that_engines_use_decide),
		cmocka_unit_test(a_pod_is_told_only_where_no_line_knows_a_container),
		cmocka_unit_test(namespaces_and_removal_leave_marks_that_are_stripped),
		cmocka_unit_test(colons_in_a_path_do_not_end_it),
		cmocka_unit_test(a_line_that_is_none_is_passed_over),
		cmocka_unit_test(bytes_beyond_the_length_are_not_read),
		cmocka_unit_test(a_name_with_a_nul_is_none),
		cmocka_unit_test(a_name_longer_than_a_cgroup_can_have_is_none),
		cmocka_unit_test(ctrs_free_names_need_a_task_of_containerd),
		cmocka_unit_test(containerd_is_not_asked_for_what_cannot_be_a_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
