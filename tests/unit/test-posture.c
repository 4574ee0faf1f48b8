/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mounts.h"
#include "fake-host.h"
#include "runtime/container.h"
#include "runtime/posture.h"

typedef int (*parse_fn)(const char *text, char **ret);

static void assert_parsed(parse_fn parse, const char *text, const char *expected)
{
	_cleanup_(freep) char *json = NULL;

	assert_int_equal(parse(text, &json), 0);
	if (expected)
		assert_string_equal(json, expected);
	else
		assert_null(json);
}

static void capabilities_are_those_beyond_the_default(void **state)
{
	assert_parsed(posture_parse_capabilities, "Name:\tx\nCapBnd:\t00000000a80425fb\n", "[]");
	assert_parsed(posture_parse_capabilities, "CapBnd:\t00000000aa0425fb\n", "[\"SYS_TIME\"]");
	assert_parsed(posture_parse_capabilities, "CapBnd:\t8000000000200000\n",
		"[\"SYS_ADMIN\",\"63\"]");
	assert_parsed(posture_parse_capabilities, "CapEff:\t00000000a80425fb\n", NULL);
	assert_parsed(posture_parse_capabilities, "CapBnd:\tnone\n", NULL);
}

static void seccomp_is_a_mode(void **state)
{
	assert_parsed(posture_parse_seccomp, "Seccomp:\t0\nSeccomp_filters:\t0\n", "\"disabled\"");
	assert_parsed(posture_parse_seccomp, "Seccomp:\t2\n", "\"filter\"");
	assert_parsed(posture_parse_seccomp, "Seccomp_filters:\t2\n", NULL);
	assert_parsed(posture_parse_seccomp, "Seccomp:\t7\n", NULL);
}

static void a_name_cannot_pass_for_a_line(void **state)
{
	assert_parsed(posture_parse_seccomp, "Name:\tSeccomp:\t0\nSeccomp:\t2\n", "\"filter\"");
	assert_parsed(posture_parse_no_new_privileges, "Name:\tNoNewPrivs:\t1\n", NULL);
}

static void no_new_privileges_is_yes_or_no(void **state)
{
	assert_parsed(posture_parse_no_new_privileges, "NoNewPrivs:\t1\n", "true");
	assert_parsed(posture_parse_no_new_privileges, "NoNewPrivs:\t0\n", "false");
	assert_parsed(posture_parse_no_new_privileges, "NoNewPrivs:\t\n", NULL);
}

static void a_user_namespace_is_the_hosts_or_a_mapping(void **state)
{
	assert_parsed(posture_parse_uid_map, "         0          0 4294967295\n", "\"host\"");
	assert_parsed(posture_parse_uid_map, "0 1000 1\n1 100000 65536\n",
		"[[0,1000,1],[1,100000,65536]]");
	assert_parsed(posture_parse_uid_map, "", NULL);
	assert_parsed(posture_parse_uid_map, "0 x 1", NULL);
}

static void take_spec(struct container_info *info, const char *spec)
{
	_cleanup_(json_freep) struct json *json = NULL;

	assert_int_equal(json_new(&json), 0);
	assert_int_equal(json_load(json, spec, strlen(spec)), 0);
	assert_int_equal(posture_take_spec(json, "/bundle/config.json", info), 0);
}

static void assert_fact(
	const struct container_info *info, enum posture_fact fact, const char *expected)
{
	if (expected)
		assert_string_equal(info->posture[fact].json, expected);
	else
		assert_null(info->posture[fact].json);
}

static const char spec[] =
	"{\"process\":{\"noNewPrivileges\":true,\"apparmorProfile\":\"docker-default\","
	"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_SYS_TIME\",\"CAP_NONSENSE\"]}},"
	"\"root\":{\"readonly\":true},\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"
	","
	"\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":"
	"\"uts\"},"
	"{\"type\":\"cgroup\"}]}}";

static void a_spec_says_what_was_asked_for(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;

	assert_int_equal(container_info_new("c1", "docker", &info), 0);
	take_spec(info, spec);
	assert_fact(info, POSTURE_CAPABILITIES, "[\"SYS_TIME\"]");
	assert_fact(info, POSTURE_SECCOMP, "\"filter\"");
	assert_fact(info, POSTURE_LABEL, "\"docker-default\"");
	assert_fact(info, POSTURE_NO_NEW_PRIVILEGES, "true");
	assert_fact(info, POSTURE_READ_ONLY_ROOT, "true");
	assert_fact(info, POSTURE_HOST_NAMESPACES, "[\"net\",\"user\"]");
	assert_fact(info, POSTURE_USER_NAMESPACE, NULL);
}

static void a_namespace_by_path_may_be_anybodys(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;

	assert_int_equal(container_info_new("c1", "docker", &info), 0);
	take_spec(info, "{\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"/proc/1/ns/"
			"net\"}]}}");
	assert_fact(info, POSTURE_HOST_NAMESPACES, NULL);
}

static void wrong_types_say_nothing_worse(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;

	assert_int_equal(container_info_new("c1", "docker", &info), 0);
	take_spec(info,
		"{\"process\":{\"noNewPrivileges\":\"yes\",\"capabilities\":{\"bounding\":7}},"
		"\"linux\":{\"namespaces\":{\"type\":1}}}");
	assert_fact(info, POSTURE_CAPABILITIES, NULL);
	assert_fact(info, POSTURE_NO_NEW_PRIVILEGES, "false");
}

static void the_kernels_word_replaces_the_engines(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL, *copy = NULL;
	_cleanup_(freep) char *json = NULL;
	struct fake_host host;

	assert_int_equal(fake_host_init(&host), 0);
	fake_process(&host, &(struct fake_process){ .pid = 1 });
	fake_process(&host, &(struct fake_process){ .pid = 100 });
	fake_file(&host, 100, "status",
		"Name:\tx\nNoNewPrivs:\t0\nSeccomp:\t0\nCapBnd:\t00000000a80425fb\n");
	fake_file(&host, 100, "uid_map", "0 0 4294967295\n");
	for (const char *const *kind = (const char *const[]){ "cgroup", "ipc", "mnt", "net", "pid",
		     "user", "uts", NULL };
		*kind; kind++) {
		bool shared = strcmp(*kind, "net") == 0 || strcmp(*kind, "user") == 0;

		fake_namespace(&host, 1, *kind, "x:[1]");
		fake_namespace(&host, 100, *kind, shared ? "x:[1]" : "x:[2]");
	}
	assert_int_equal(container_info_new("c1", "docker", &info), 0);
	take_spec(info, spec);
	assert_int_equal(posture_take_process(host.proc_fd, 100, info), 1);
	assert_fact(info, POSTURE_CAPABILITIES, "[]");
	assert_fact(info, POSTURE_SECCOMP, "\"disabled\"");
	assert_fact(info, POSTURE_NO_NEW_PRIVILEGES, "false");
	assert_fact(info, POSTURE_USER_NAMESPACE, "\"host\"");
	assert_fact(info, POSTURE_HOST_NAMESPACES, "[\"net\",\"user\"]");
	assert_string_equal(info->posture[POSTURE_SECCOMP].source, "/proc/100/status");
	assert_string_equal(info->posture[POSTURE_READ_ONLY_ROOT].source, "/bundle/config.json");
	assert_int_equal(container_info_copy(info, &copy), 0);
	assert_int_equal(posture_json(copy, &json), 0);
	assert_non_null(strstr(
		json, "\"read_only_root\":{\"value\":true,\"source\":\"/bundle/config.json\"}"));
	assert_int_equal(posture_take_process(host.proc_fd, 999, info), 0);
	fake_host_done(&host);
}

static void nothing_known_is_nothing(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	char *json = (char *)"";

	assert_int_equal(container_info_new("c1", "docker", &info), 0);
	assert_int_equal(posture_json(info, &json), 0);
	assert_null(json);
	assert_int_equal(posture_find_sockets("", NULL, info), 0);
	assert_fact(info, POSTURE_ENGINE_SOCKETS, NULL);
}

static void what_is_shared_with_the_host_can_be_asked_for(void **state)
{
	struct container_info info = { 0 };

	assert_false(posture_shares_with_host(&info, "pid"));
	info.posture[POSTURE_HOST_NAMESPACES].json = (char *)"[\"net\",\"pid\"]";
	assert_true(posture_shares_with_host(&info, "pid"));
	assert_true(posture_shares_with_host(&info, "net"));
	assert_false(posture_shares_with_host(&info, "mnt"));
}

static const char host_mounts[] = "1 0 254:1 / / rw - ext4 /dev/vda1 rw\n"
				  "2 1 254:2 / /srv rw - ext4 /dev/vda2 rw\n"
				  "3 1 0:20 / /run rw - tmpfs tmpfs rw\n"
				  "4 1 0:21 / /sys rw - sysfs sysfs rw\n";

static void assert_paths(const char *text, const char *root, const char *paths)
{
	_cleanup_(mounts_freep) struct mounts *mounts = NULL, *host = NULL;
	_cleanup_(freep) char *found_root = NULL, *found = NULL;

	assert_int_equal(mounts_parse(text, &mounts), 0);
	assert_int_equal(mounts_parse(host_mounts, &host), 0);
	assert_int_equal(posture_root_of(mounts, &found_root), 0);
	assert_int_equal(posture_host_paths(mounts, host, &found), 0);
	if (root)
		assert_string_equal(found_root, root);
	else
		assert_null(found_root);
	assert_string_equal(found, paths);
}

static void the_hosts_paths_are_what_the_kernel_has_mounted(void **state)
{
	assert_paths("10 9 0:50 / / ro - overlay overlay rw\n"
		     "11 10 254:1 /etc/x /etc/x ro - ext4 /dev/vda1 rw\n"
		     "12 10 254:2 /data\\040a /data rw - ext4 /dev/vda2 rw\n"
		     "13 10 0:20 /docker.sock /run/docker.sock rw - tmpfs tmpfs rw\n"
		     "14 10 0:21 / /sys ro - sysfs sysfs rw\n"
		     "15 10 0:51 / /dev rw - tmpfs tmpfs rw\n"
		     "16 10 254:1 / /hidden rw - ext4 /dev/vda1 rw\n"
		     "17 16 0:52 / /hidden rw - tmpfs tmpfs rw\n",
		"true",
		"[{\"source\":\"/etc/x\",\"destination\":\"/etc/x\",\"writable\":false},"
		"{\"source\":\"/srv/data a\",\"destination\":\"/data\",\"writable\":true},"
		"{\"source\":\"/run/docker.sock\",\"destination\":\"/run/docker.sock\","
		"\"writable\":true}]");
	/* As LXC has it: its root is a directory of the host, which is the container's own. */
	assert_paths("10 9 254:1 /var/lib/lxc/c/rootfs / rw - ext4 /dev/vda1 rw\n", "false", "[]");
	assert_paths("", NULL, "[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hosts_paths_are_what_the_kernel_has_mounted),
		cmocka_unit_test(what_is_shared_with_the_host_can_be_asked_for),
		cmocka_unit_test(capabilities_are_those_beyond_the_default),
		cmocka_unit_test(seccomp_is_a_mode),
		cmocka_unit_test(a_name_cannot_pass_for_a_line),
		cmocka_unit_test(no_new_privileges_is_yes_or_no),
		cmocka_unit_test(a_user_namespace_is_the_hosts_or_a_mapping),
		cmocka_unit_test(a_spec_says_what_was_asked_for),
		cmocka_unit_test(a_namespace_by_path_may_be_anybodys),
		cmocka_unit_test(wrong_types_say_nothing_worse),
		cmocka_unit_test(the_kernels_word_replaces_the_engines),
		cmocka_unit_test(nothing_known_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
