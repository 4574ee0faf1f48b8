/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Engines that no test can start here: what their state files, in the formats that they write, say of a container whose
 * cgroup is given, by every way in which Kubernetes lays out its cgroups
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "place.h"
#include "runtime/runtime.h"

#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define SANDBOX "00001f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define UID "8f2c1d5e-3b7a-4c6d-9e0f-112233445566"
#define UID_UNIT "8f2c1d5e_3b7a_4c6d_9e0f_112233445566"
#define STATIC_UID "0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define TASK "/run/containerd/io.containerd.runtime.v2.task/"
#define CRIO "/run/containers/storage/overlay-containers/" ID "/userdata/config.json"

/* containerd internal/cri/annotations; what runc is handed without --privileged. */
#define CRI_ANNOTATIONS(uid)                                                                       \
	"\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","                     \
	"\"io.kubernetes.cri.container-name\":\"app\",\"io.kubernetes.cri.sandbox-id\":\"" SANDBOX \
	"\",\"io.kubernetes.cri.sandbox-name\":\"app-7\",\"io.kubernetes.cri.sandbox-namespace\":" \
	"\"prod\",\"io.kubernetes.cri.sandbox-uid\":\"" uid "\",\"io.kubernetes.cri.image-name\":" \
	"\"reg.example/app@" DIGEST "\"}"
#define PLAIN                                                                                      \
	"\"ociVersion\":\"1.1.0\",\"process\":{\"args\":[\"/app\"],\"noNewPrivileges\":true,"      \
	"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_NET_RAW\",\"CAP_SYS_TIME\"]},"        \
	"\"selinuxLabel\":\"system_u:system_r:container_t:s0:c1,c2\"},\"root\":{\"path\":"         \
	"\"rootfs\",\"readonly\":true},\"linux\":{\"maskedPaths\":[\"/proc/kcore\"],\"seccomp\":"  \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\"},\"namespaces\":[{\"type\":\"pid\"},{\"type\":"     \
	"\"mount\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"network\"},{\"type\":"       \
	"\"cgroup\"}]}"
#define PRIVILEGED                                                                                 \
	"\"ociVersion\":\"1.1.0\",\"process\":{\"args\":[\"/app\"],\"capabilities\":{\"bounding\"" \
	":[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\",\"CAP_SYS_MODULE\",\"CAP_SYS_RAWIO\","                  \
	"\"CAP_SYS_PTRACE\",\"CAP_SYS_BOOT\",\"CAP_SYS_TIME\",\"CAP_NET_ADMIN\","                  \
	"\"CAP_DAC_READ_SEARCH\",\"CAP_LINUX_IMMUTABLE\",\"CAP_MAC_ADMIN\",\"CAP_SYSLOG\"]}},"     \
	"\"root\":{\"path\":\"rootfs\"},\"linux\":{\"resources\":{\"devices\":[{\"allow\":true,"   \
	"\"access\":\"rwm\"}]},\"namespaces\":[{\"type\":\"mount\"}]}"
/* cri-o internal/annotations. */
#define CRIO_ANNOTATIONS                                                                           \
	"\"annotations\":{\"io.container.manager\":\"cri-o\",\"io.kubernetes.container.name\":"    \
	"\"app\",\"io.kubernetes.cri-o.ContainerID\":\"" ID "\",\"io.kubernetes.cri-o.Image\":"    \
	"\"quay.example/app:3\",\"io.kubernetes.cri-o.KubeName\":\"app-7\","                       \
	"\"io.kubernetes.cri-o.Namespace\":\"prod\",\"io.kubernetes.pod.name\":\"app-7\","         \
	"\"io.kubernetes.pod.namespace\":\"prod\",\"io.kubernetes.pod.uid\":\"" UID "\","          \
	"\"io.kubernetes.cri-o.PrivilegedRuntime\":\"false\"}"

// clang-format off
static const struct sample {
	const char *cgroup, *file, *text;
	const char *runtime, *name, *image, *digest, *pod_uid, *pod_name, *pod_namespace;
	enum tristate privileged;
	const char *capabilities, *seccomp; /* posture; NULL: not known */
} samples[] = {
	{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_UNIT ".slice/cri-containerd-" ID ".scope",
	  TASK "k8s.io/" ID "/config.json", "{" PLAIN "," CRI_ANNOTATIONS(UID) "}",
	  "containerd", "app", "reg.example/app@" DIGEST, DIGEST, UID, "app-7", "prod", TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	{ "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_UNIT ".slice/cri-containerd-" ID ".scope",
	  TASK "k8s.io/" ID "/config.json", "{" PRIVILEGED "," CRI_ANNOTATIONS(UID) "}",
	  "containerd", "app", "reg.example/app@" DIGEST, DIGEST, UID, "app-7", "prod", TRISTATE_YES, NULL, "\"disabled\"" },
	/* Guaranteed; a static pod's uid has no dashes. */
	{ "0::/kubepods.slice/kubepods-pod" STATIC_UID ".slice/cri-containerd-" ID ".scope",
	  TASK "k8s.io/" ID "/config.json", "{" PLAIN "," CRI_ANNOTATIONS(STATIC_UID) "}",
	  "containerd", "app", "reg.example/app@" DIGEST, DIGEST, STATIC_UID, "app-7", "prod", TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	/* With the cgroupfs driver the path names no engine: its files do. */
	{ "5:memory:/kubepods/burstable/pod" UID "/" ID "\n0::/",
	  TASK "k8s.io/" ID "/config.json", "{" PLAIN "," CRI_ANNOTATIONS(UID) "}",
	  "containerd", "app", "reg.example/app@" DIGEST, DIGEST, UID, "app-7", "prod", TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	{ "0::/kubepods.slice/kubepods-pod" UID_UNIT ".slice/crio-" ID ".scope/container",
	  CRIO, "{" PLAIN "," CRIO_ANNOTATIONS "}",
	  "cri-o", "app", "quay.example/app:3", NULL, UID, "app-7", "prod", TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	/* ctr and nerdctl keep names in a database that is not read. */
	{ "0::/default/box", TASK "default/box/config.json", "{" PLAIN "}",
	  "containerd", NULL, NULL, NULL, NULL, NULL, NULL, TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	{ "0::/system.slice/nerdctl-" ID ".scope", TASK "default/" ID "/config.json", "{" PLAIN ",\"annotations\":{\"nerdctl/name\":\"web\"}}",
	  "containerd", "web", NULL, NULL, NULL, NULL, NULL, TRISTATE_NO, "[\"SYS_TIME\"]", "\"filter\"" },
	/* Where the id is the name that people gave. */
	{ "0::/lxc.payload.web/init.scope", NULL, NULL, "lxc", "web", NULL, NULL, NULL, NULL, NULL, TRISTATE_UNKNOWN, NULL, NULL },
	{ "0::/machine.slice/systemd-nspawn@deb.service/payload", NULL, NULL,
	  "systemd-nspawn", "deb", NULL, NULL, NULL, NULL, NULL, TRISTATE_UNKNOWN, NULL, NULL },
	/* A pod that has no files any more. */
	{ "0::/kubepods.slice/kubepods-pod" UID_UNIT ".slice/crio-" ID ".scope", NULL, NULL,
	  "cri-o", NULL, NULL, NULL, UID, NULL, NULL, TRISTATE_UNKNOWN, NULL, NULL },
};
// clang-format on

static void assert_text(const char *what, const char *cgroup, const char *is, const char *wanted)
{
	if (!is || !wanted ? is != wanted : strcmp(is, wanted) != 0)
		fail_msg("%s of %s: %s, not %s", what, cgroup, is ? is : "(null)",
			wanted ? wanted : "(null)");
}

static void check(const struct sample *sample)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	_cleanup_(runtime_freep) struct runtime *runtime = NULL;
	char root[128], proc[128], file[512];
	struct cgroup_match match;
	struct place place;

	assert_int_equal(place_init(&place), 0);
	place_directory(&place, "proc");
	place_directory(&place, "root");
	snprintf(root, sizeof(root), "%s/root", place.path);
	snprintf(proc, sizeof(proc), "%s/proc", place.path);
	if (sample->file) {
		snprintf(file, sizeof(file), "root%s", sample->file);
		place_text(&place, file, sample->text);
	}
	assert_int_equal(runtime_new(proc, root, &runtime), 0);
	cgroup_match(sample->cgroup, strlen(sample->cgroup), runtime_task_exists, runtime, &match);
	assert_non_null(match.runtime);
	assert_int_equal(runtime_describe(runtime, &match, 0, &info), 0);
	assert_text("runtime", sample->cgroup, info->runtime, sample->runtime);
	assert_text("name", sample->cgroup, info->name, sample->name);
	assert_text("image", sample->cgroup, info->image, sample->image);
	assert_text("digest", sample->cgroup, info->image_digest, sample->digest);
	assert_text("pod uid", sample->cgroup, info->pod_uid, sample->pod_uid);
	assert_text("pod name", sample->cgroup, info->pod_name, sample->pod_name);
	assert_text("pod namespace", sample->cgroup, info->pod_namespace, sample->pod_namespace);
	assert_int_equal(info->privileged, sample->privileged);
	if (sample->privileged != TRISTATE_YES)
		assert_text("capabilities", sample->cgroup, info->posture[POSTURE_CAPABILITIES].json,
			sample->capabilities);
	assert_text("seccomp", sample->cgroup, info->posture[POSTURE_SECCOMP].json, sample->seccomp);
	if (sample->file)
		assert_non_null(strstr(info->source, sample->file));
	place_done(&place);
}

static void each_engine_is_told_by_its_own_files(void **state)
{
	for (size_t i = 0; i < ELEMENTS(samples); i++)
		check(&samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_engine_is_told_by_its_own_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
