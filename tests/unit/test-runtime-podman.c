/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What Podman's files and its conmon say of a container, and whose are believed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime-scene.h"

#define STORAGE "/var/lib/containers/storage"
#define BUNDLE STORAGE "/overlay-containers/" ID "/userdata"

// clang-format off
static const char podman_config[] =
	"{\"process\":{\"args\":[\"top\",\"-b\"],\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]}},"
	"\"root\":{\"path\":\"" STORAGE "/overlay/abc/merged\"},\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\",\"options\":[\"nosuid\"]},"
	"{\"destination\":\"/d\",\"type\":\"bind\",\"source\":\"/srv\",\"options\":[\"rw\",\"rbind\"]},"
	"{\"destination\":\"/r\",\"type\":\"bind\",\"source\":\"/usr\",\"options\":[\"bind\",\"ro\"]},"
	"{\"destination\":\"/t\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}],"
	"\"annotations\":{\"io.container.manager\":\"libpod\","
	"\"io.podman.annotations.privileged\":\"%s\"},\"linux\":{}}";

static const char podman_list[] =
	"[{\"id\":\"" OTHER "\",\"names\":[\"other\"]},"
	"{\"id\":\"" ID "\",\"names\":[\"db\"],\"image\":\"" IMAGE "\","
	"\"created\":\"2026-03-04T05:06:07Z\","
	"\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/pg:16\\\"}\"}]";
// clang-format on

static void put_podman(const struct machine *machine, const char *storage, const char *privileged)
{
	char name[256], text[2048];

	snprintf(name, sizeof(name), "%s/overlay-containers/" ID "/userdata/config.json", storage);
	snprintf(text, sizeof(text), podman_config, privileged);
	put(machine, name, text);
	snprintf(name, sizeof(name), "%s/overlay-containers/containers.json", storage);
	put(machine, name, podman_list);
}

static void podman_tells_all_that_its_files_hold(void **state)
{
	struct machine *machine = *state;
	const struct container_info *info;

	put_podman(machine, STORAGE, "TRUE");
	info = describe(machine, "0::/machine.slice/libpod-" ID ".scope/container", 0);
	assert_string_equal(info->runtime, "podman");
	assert_string_equal(info->name, "db");
	assert_string_equal(info->image, "docker.io/library/pg:16");
	assert_string_equal(info->image_id, "sha256:" IMAGE);
	assert_int_equal(info->privileged, TRISTATE_YES);
	assert_true(info->created_msec == INT64_C(1772600767000));
	assert_memory_equal(info->command, "top\0-b", 7);
	assert_string_equal(info->rootfs, STORAGE "/overlay/abc/merged");
	assert_string_equal(
		info->source, BUNDLE "/config.json," STORAGE "/overlay-containers/containers.json");
	assert_int_equal(info->n_mounts, 2);
	assert_true(mount_at(info, "/d")->writable);
	assert_true(mount_at(info, "/d")->recursive);
	assert_false(mount_at(info, "/r")->writable);
	assert_false(mount_at(info, "/r")->recursive);
}

static void podman_says_that_a_container_is_not_privileged(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, STORAGE, "FALSE");
	assert_int_equal(describe(machine, "0::/machine.slice/libpod-" ID ".scope", 0)->privileged,
		TRISTATE_NO);
}

static void podmans_storage_is_found_by_its_configuration(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, "/srv/p", "TRUE");
	put(machine, "/etc/containers/storage.conf",
		"[storage]\ndriver = \"overlay\"\n# graphroot = \"/no\"\n  graphroot=\"/srv/p\"\n");
	assert_string_equal(describe(machine, "0::/libpod_parent/libpod-" ID, 0)->name, "db");
}

#define CONMON                                                                                     \
	"/usr/bin/conmon\0--api-version\0"                                                         \
	"1\0-c\0" ID "\0-u\0" ID "\0-b\0"
#define CONMON_END "\0-p\0/run/pid\0-n\0named-by-conmon"

static void conmon_says_where_the_bundle_is(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, "/srv/p", "TRUE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/libpod_parent/conmon\n",
		CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END);
	PUT_PROCESS(machine, 301, 300, 0, "0::/libpod_parent/libpod-" ID "\n", "top\0-b");
	PUT_PROCESS(machine, 302, 301, 0, "0::/libpod_parent/libpod-" ID "\n", "sh");
	assert_string_equal(describe(machine, "0::/libpod_parent/libpod-" ID, 302)->name, "db");
}

static void conmons_name_stands_in_for_a_list_that_is_gone(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, STORAGE, "TRUE");
	assert_int_equal(
		unlink(machine_path(machine, STORAGE "/overlay-containers/containers.json")), 0);
	PUT_PROCESS(machine, 300, 1, 0, "0::/libpod_parent/conmon\n", CONMON BUNDLE CONMON_END);
	assert_string_equal(
		describe(machine, "0::/libpod_parent/libpod-" ID, 300)->name, "named-by-conmon");
}

static void a_conmon_inside_a_container_is_not_believed(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, "/srv/p", "FALSE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/libpod_parent/libpod-" ID "\n",
		CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END);
	assert_null(describe(machine, "0::/libpod_parent/libpod-" ID, 300)->source);
}

static void the_conmon_of_another_container_is_not_believed(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, "/srv/p", "FALSE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/\n",
		"conmon\0-c\0" OTHER "\0-b\0/srv/p/overlay-containers/" ID "/userdata");
	assert_null(describe(machine, "0::/libpod_parent/libpod-" ID, 300)->source);
}

static void a_users_conmon_may_only_name_what_the_user_owns(void **state)
{
	struct machine *machine = *state;
	const char argv[] = CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END;

	put_podman(machine, "/srv/p", "FALSE");
	put_process(machine, 300, 1, geteuid() + 1, "0::/user.slice\n", argv, sizeof(argv));
	assert_null(describe(machine, "0::/libpod_parent/libpod-" ID, 300)->source);
	put_process(machine, 300, 1, geteuid(), "0::/user.slice\n", argv, sizeof(argv));
	assert_string_equal(describe(machine, "0::/libpod_parent/libpod-" ID, 300)->name, "db");
}

/* The first user of this machine who has a home. */
static const struct passwd *some_user(void)
{
	const struct passwd *user;

	setpwent();
	do
		user = getpwent();
	while (user && (user->pw_uid == 0 || strlen(user->pw_dir) < 2 || user->pw_dir[0] != '/'));
	endpwent();
	return user;
}

static void a_rootless_container_is_looked_for_in_its_users_home(void **state)
{
	struct machine *machine = *state;
	const struct passwd *user = some_user();
	char storage[256], cgroup[256];

	if (!user)
		skip();
	snprintf(storage, sizeof(storage), "%s/.local/share/containers/storage", user->pw_dir);
	snprintf(cgroup, sizeof(cgroup),
		"0::/user.slice/user-%u.slice/user@%u.service/user.slice/libpod-" ID ".scope",
		user->pw_uid, user->pw_uid);
	put_podman(machine, storage, "TRUE");
	assert_string_equal(describe(machine, cgroup, 0)->name, "db");
	/* Where its root is does not count: what lies there would not be the host's. */
	assert_null(machine->info->rootfs);
	assert_null(describe(machine, "0::/machine.slice/libpod-" ID ".scope", 0)->name);
}

static void a_root_conmon_in_a_users_session_makes_it_roots(void **state)
{
	static const char cgroup[] =
		"0::/user.slice/user@1000.service/app.slice/libpod-payload-" ID;
	struct machine *machine = *state;
	struct cgroup_match match;

	put_podman(machine, "/srv/p", "TRUE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/\n",
		CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END);
	put_process_link(machine, 300, "exe", "/usr/bin/conmon");
	put_process(machine, 301, 300, 0, cgroup, "top", 4);
	assert_non_null(describe(machine, cgroup, 301)->rootfs);
	cgroup_match(cgroup, strlen(cgroup), NULL, NULL, &match);
	assert_int_equal(runtime_owner_of(machine->runtime, &match, 301), RUNTIME_NO_OWNER);
	assert_int_equal(runtime_owner_of(machine->runtime, &match, 0), 1000);
}

/* As who starts sudo may name it. */
static void a_program_that_is_called_conmon_is_none(void **state)
{
	struct machine *machine = *state;

	put_podman(machine, "/srv/p", "TRUE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/\n",
		CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END);
	put_process_link(machine, 300, "exe", "/usr/bin/sudo");
	put_process(machine, 301, 300, 0, "0::/libpod_parent/libpod-" ID "\n", "top", 4);
	assert_null(describe(machine, "0::/libpod_parent/libpod-" ID, 301)->source);
}

static void a_link_in_a_home_leads_nowhere(void **state)
{
	struct machine *machine = *state;
	const struct passwd *user = some_user();
	char share[256], cgroup[256];

	if (!user)
		skip();
	put_podman(machine, "/srv/p", "TRUE");
	snprintf(share, sizeof(share), "%s/.local/share/containers/storage", user->pw_dir);
	put_link_within(machine, share, "/srv/p");
	snprintf(cgroup, sizeof(cgroup), "0::/user.slice/user@%u.service/libpod-" ID ".scope",
		user->pw_uid);
	assert_null(describe(machine, cgroup, 0)->name);
}

static void a_command_line_beyond_the_limit_does_not_end_the_search(void **state)
{
	enum { LEN = 1 << 20 };
	struct machine *machine = *state;
	_cleanup_(freep) char *argv = calloc(1, LEN);

	memset(argv, 'x', LEN - 1);
	put_podman(machine, "/srv/p", "TRUE");
	PUT_PROCESS(machine, 300, 1, 0, "0::/\n",
		CONMON "/srv/p/overlay-containers/" ID "/userdata" CONMON_END);
	put_process(machine, 301, 300, 0, "0::/libpod_parent/libpod-" ID "\n", argv, LEN);
	assert_string_equal(describe(machine, "0::/libpod_parent/libpod-" ID, 301)->name, "db");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(podman_tells_all_that_its_files_hold),
		machine_test(podman_says_that_a_container_is_not_privileged),
		machine_test(podmans_storage_is_found_by_its_configuration),
		machine_test(conmon_says_where_the_bundle_is),
		machine_test(conmons_name_stands_in_for_a_list_that_is_gone),
		machine_test(a_conmon_inside_a_container_is_not_believed),
		machine_test(the_conmon_of_another_container_is_not_believed),
		machine_test(a_users_conmon_may_only_name_what_the_user_owns),
		machine_test(a_rootless_container_is_looked_for_in_its_users_home),
		machine_test(a_root_conmon_in_a_users_session_makes_it_roots),
		machine_test(a_program_that_is_called_conmon_is_none),
		machine_test(a_link_in_a_home_leads_nowhere),
		machine_test(a_command_line_beyond_the_limit_does_not_end_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
