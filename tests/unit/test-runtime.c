/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "runtime/runtime.h"

#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define OTHER "00001f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define IMAGE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DOCKER "/var/lib/docker/containers/" ID
#define STORAGE "/var/lib/containers/storage"
#define BUNDLE STORAGE "/overlay-containers/" ID "/userdata"

/* A machine: its /proc and its files. */
struct machine {
	char path[64], proc[80], root[80];
	struct runtime *runtime;
	struct container_info *info;
};

static int machine_setup(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	strcpy(machine->path, "/tmp/test-runtime-XXXXXX");
	if (!mkdtemp(machine->path))
		return -1;
	snprintf(machine->proc, sizeof(machine->proc), "%s/proc", machine->path);
	snprintf(machine->root, sizeof(machine->root), "%s/root", machine->path);
	*state = machine;
	return mkdir(machine->proc, 0755) < 0 || mkdir(machine->root, 0755) < 0 ||
	       runtime_new(machine->proc, machine->root, &machine->runtime) < 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int machine_teardown(void **state)
{
	struct machine *machine = *state;
	int r = nftw(machine->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	container_info_free(machine->info);
	runtime_free(machine->runtime);
	free(machine);
	return r;
}

static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put_bytes(const char *base, const char *name, const char *bytes, size_t len)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(fclosep) FILE *file = NULL;

	assert_true(asprintf(&path, "%s%s", base, name) > 0);
	make_parents(path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
}

static void put(const struct machine *machine, const char *name, const char *text)
{
	put_bytes(machine->root, name, text, strlen(text));
}

static void put_process(const struct machine *machine, pid_t pid, pid_t parent, uid_t uid,
	const char *cgroup, const char *argv, size_t argv_len)
{
	char name[64], status[256];

	snprintf(status, sizeof(status),
		"Name:\tx\nState:\tS\nPid:\t%d\nPPid:\t%d\nUid:\t0\t%u\t0\t0\n", (int)pid,
		(int)parent, uid);
	snprintf(name, sizeof(name), "/%d/status", (int)pid);
	put_bytes(machine->proc, name, status, strlen(status));
	snprintf(name, sizeof(name), "/%d/cmdline", (int)pid);
	put_bytes(machine->proc, name, argv, argv_len);
	snprintf(name, sizeof(name), "/%d/cgroup", (int)pid);
	put_bytes(machine->proc, name, cgroup, strlen(cgroup));
}

#define PUT_PROCESS(machine, pid, parent, uid, cgroup, argv)                                       \
	put_process(machine, pid, parent, uid, cgroup, argv, sizeof(argv))

static void put_link(const char *base, const char *name, const char *target)
{
	_cleanup_(freep) char *path = NULL;

	assert_true(asprintf(&path, "%s%s", base, name) > 0);
	make_parents(path);
	assert_int_equal(symlink(target, path), 0);
}

/* A link that does lead to the machine's file. */
static void put_link_within(const struct machine *machine, const char *name, const char *target)
{
	_cleanup_(freep) char *path = NULL, *link = NULL;

	assert_true(asprintf(&path, "%s%s", machine->root, target) > 0);
	assert_true(asprintf(&link, "%s%s", machine->root, name) > 0);
	put_link(machine->root, name, path);
	assert_int_equal(access(link, F_OK), 0);
}

static const struct container_info *describe(struct machine *machine, const char *cgroup, pid_t pid)
{
	struct cgroup_match match;

	cgroup_match(cgroup, strlen(cgroup), runtime_task_exists, machine->runtime, &match);
	assert_non_null(match.runtime);
	container_info_free(machine->info);
	machine->info = NULL;
	assert_int_equal(runtime_describe(machine->runtime, &match, pid, &machine->info), 0);
	return machine->info;
}

static const struct container_mount *mount_at(
	const struct container_info *info, const char *destination)
{
	for (size_t i = 0; i < info->n_mounts; i++)
		if (strcmp(info->mounts[i].destination, destination) == 0)
			return &info->mounts[i];
	fail_msg("nothing is mounted at %s", destination);
	return NULL;
}

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
	_cleanup_(freep) char *path = NULL;

	put_podman(machine, STORAGE, "TRUE");
	assert_true(asprintf(&path, "%s" STORAGE "/overlay-containers/containers.json",
			    machine->root) > 0);
	assert_int_equal(unlink(path), 0);
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
	put_link(machine->proc, "/300/exe", "/usr/bin/conmon");
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
	put_link(machine->proc, "/300/exe", "/usr/bin/sudo");
	put_process(machine, 301, 300, 0, "0::/libpod_parent/libpod-" ID "\n", "top", 4);
	assert_null(describe(machine, "0::/libpod_parent/libpod-" ID, 301)->source);
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
	put_link(machine->proc, "/400/cwd", "/srv/c/k8s.io/" OTHER);
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

#define MACHINE_TEST(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(docker_tells_all_that_its_files_hold),
		MACHINE_TEST(docker_says_that_a_container_is_not_privileged),
		MACHINE_TEST(what_runs_by_an_engines_files_has_a_first_process),
		MACHINE_TEST(without_any_file_only_the_path_speaks),
		MACHINE_TEST(a_configured_root_is_looked_in_first),
		MACHINE_TEST(a_root_of_no_known_engine_or_without_a_path_is_refused),
		MACHINE_TEST(a_running_dockerd_says_where_its_data_are),
		MACHINE_TEST(a_dockerds_configuration_says_where_its_data_are),
		MACHINE_TEST(a_dockerd_inside_a_container_or_of_a_user_is_not_believed),
		MACHINE_TEST(a_users_dockerd_speaks_for_that_users_containers),
		MACHINE_TEST(files_of_another_container_under_this_id_are_not_believed),
		MACHINE_TEST(a_link_among_the_files_is_not_followed),
		MACHINE_TEST(broken_files_are_as_good_as_none),
		MACHINE_TEST(an_absurdly_long_value_is_left_out),
		MACHINE_TEST(an_engine_that_the_path_does_not_name_is_found_by_its_files),
		MACHINE_TEST(podman_tells_all_that_its_files_hold),
		MACHINE_TEST(podman_says_that_a_container_is_not_privileged),
		MACHINE_TEST(podmans_storage_is_found_by_its_configuration),
		MACHINE_TEST(conmon_says_where_the_bundle_is),
		MACHINE_TEST(conmons_name_stands_in_for_a_list_that_is_gone),
		MACHINE_TEST(a_conmon_inside_a_container_is_not_believed),
		MACHINE_TEST(the_conmon_of_another_container_is_not_believed),
		MACHINE_TEST(a_users_conmon_may_only_name_what_the_user_owns),
		MACHINE_TEST(a_rootless_container_is_looked_for_in_its_users_home),
		MACHINE_TEST(a_root_conmon_in_a_users_session_makes_it_roots),
		MACHINE_TEST(a_program_that_is_called_conmon_is_none),
		MACHINE_TEST(a_root_engine_knows_its_containers),
		MACHINE_TEST(a_link_in_a_home_leads_nowhere),
		MACHINE_TEST(kubernetes_annotations_name_pod_and_image),
		MACHINE_TEST(a_pods_shim_stands_beside_its_containers),
		MACHINE_TEST(crio_tells_all_that_its_annotations_hold),
		MACHINE_TEST(without_a_word_the_posture_tells_what_is_privileged),
		MACHINE_TEST(runc_names_the_bundle_of_what_it_builds),
		MACHINE_TEST(a_chain_of_processes_without_end_is_given_up),
		MACHINE_TEST(a_command_line_beyond_the_limit_does_not_end_the_search),
		MACHINE_TEST(a_task_of_containerd_is_known_by_its_directory),
		MACHINE_TEST(a_proc_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
