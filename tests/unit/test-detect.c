/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/detect.h"
#include "detect/severity.h"

/* A privileged container of a daemon writes a file of the host: each test changes one thing about
 * it. */
static struct touch worst_touch(void)
{
	return (struct touch){
		.path = "/etc/passwd",
		.action = ACTION_WRITE,
		.success = true,
		.auid = AUID_UNSET,
		.container = { .id = "df2302cf8c63", .privileged = TRISTATE_YES },
	};
}

static struct policy *policy;

static int policy_setup(void **state)
{
	const struct policy_settings settings = {
		.own_paths = (const char *const[]){ "/srv/audit.db*" },
		.n_own_paths = 1,
		.own_program = "/opt/auditmon",
	};

	return policy_new(&settings, &policy);
}

static int policy_teardown(void **state)
{
	policy_free(policy);
	return 0;
}

static void detect_with(struct touch *touch, const struct touch_facts *facts)
{
	detect(touch, facts, policy);
}

static void detect_plain(struct touch *touch)
{
	detect_with(touch, &(struct touch_facts){});
}

static void assert_flag(const struct touch *touch, enum flag flag)
{
	assert_true(touch->flags & FLAG_BIT(flag));
}

static void assert_no_flag(const struct touch *touch, enum flag flag)
{
	assert_false(touch->flags & FLAG_BIT(flag));
}

static void a_containers_change_of_a_host_file_is_a_host_write(void **state)
{
	static const enum action changes[] = { ACTION_WRITE, ACTION_ATTR, ACTION_CREATE,
		ACTION_DELETE, ACTION_RENAME, ACTION_LINK };

	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		struct touch touch = worst_touch();

		touch.action = changes[i];
		detect_plain(&touch);
		assert_flag(&touch, FLAG_HOST_WRITE);
	}
}

static void what_changes_nothing_is_no_host_write(void **state)
{
	static const enum action others[] = { ACTION_READ, ACTION_EXEC, ACTION_CONNECT,
		ACTION_DENIED };

	for (size_t i = 0; i < ELEMENTS(others); i++) {
		struct touch touch = worst_touch();

		touch.action = others[i];
		detect_plain(&touch);
		assert_no_flag(&touch, FLAG_HOST_WRITE);
		assert_no_flag(&touch, FLAG_DAEMON_SPAWNED);
	}
}

static void a_host_processs_write_is_no_host_write(void **state)
{
	struct touch touch = worst_touch();

	touch.container.id = NULL;
	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
}

static void a_write_to_the_containers_own_file_is_no_host_write(void **state)
{
	struct touch touch = worst_touch();

	detect_with(&touch, &(struct touch_facts){ .own_file = true });
	assert_no_flag(&touch, FLAG_HOST_WRITE);
	assert_no_flag(&touch, FLAG_DAEMON_SPAWNED);
	assert_flag(&touch, FLAG_PRIVILEGED);
}

static void a_change_of_some_file_is_no_host_write(void **state)
{
	struct touch touch = worst_touch();

	touch.path = NULL;
	detect_with(&touch, &(struct touch_facts){ .unknown_file = true });
	assert_no_flag(&touch, FLAG_HOST_WRITE);
	assert_no_flag(&touch, FLAG_DAEMON_SPAWNED);
}

static void an_attempt_that_failed_is_no_host_write(void **state)
{
	struct touch touch = worst_touch();

	touch.success = false;
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_HOST_WRITE);
	assert_no_flag(&touch, FLAG_DAEMON_SPAWNED);
}

static void a_host_write_without_loginuid_is_daemon_spawned(void **state)
{
	struct touch touch = worst_touch();

	detect_plain(&touch);
	assert_flag(&touch, FLAG_DAEMON_SPAWNED);
}

static void a_host_write_with_loginuid_is_not_daemon_spawned(void **state)
{
	struct touch touch = worst_touch();

	touch.auid = 3267;
	detect_plain(&touch);
	assert_flag(&touch, FLAG_HOST_WRITE);
	assert_no_flag(&touch, FLAG_DAEMON_SPAWNED);
}

static void a_loginuid_that_the_container_set_itself_does_not_count(void **state)
{
	struct touch touch = worst_touch();

	touch.auid = 3267;
	detect_with(&touch, &(struct touch_facts){ .entry_unset = true });
	assert_flag(&touch, FLAG_DAEMON_SPAWNED);
}

static void who_left_the_container_is_told(void **state)
{
	struct touch touch = worst_touch();

	touch.container.privileged = TRISTATE_NO;
	touch.action = ACTION_READ;
	detect_with(&touch, &(struct touch_facts){ .host_namespace = true });
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_HOST_NAMESPACE));
	assert_int_equal(touch.severity, SEVERITY_WARNING);
	detect_with(&touch, &(struct touch_facts){ .cgroup_left = true });
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_CGROUP_ESCAPE));
	assert_int_equal(touch.severity, SEVERITY_WARNING);
}

static void who_left_and_writes_to_the_host_is_critical(void **state)
{
	struct touch touch = worst_touch();

	touch.container.privileged = TRISTATE_NO;
	detect_with(&touch, &(struct touch_facts){ .cgroup_left = true });
	assert_flag(&touch, FLAG_HOST_WRITE);
	assert_int_equal(touch.severity, SEVERITY_CRITICAL);
}

static void an_engines_socket_counts_where_a_container_connects_to_the_hosts(void **state)
{
	struct touch touch = worst_touch();

	touch.action = ACTION_CONNECT;
	detect_with(&touch, &(struct touch_facts){ .engine_socket = true });
	assert_flag(&touch, FLAG_ENGINE_SOCKET);
	detect_with(&touch, &(struct touch_facts){ .engine_socket = true, .own_file = true });
	assert_no_flag(&touch, FLAG_ENGINE_SOCKET);
	touch.action = ACTION_READ;
	detect_with(&touch, &(struct touch_facts){ .engine_socket = true });
	assert_no_flag(&touch, FLAG_ENGINE_SOCKET);
	touch.action = ACTION_CONNECT;
	touch.container = (struct touch_container){ 0 };
	detect_with(&touch,
		&(struct touch_facts){
			.engine_socket = true, .host_namespace = true, .cgroup_left = true });
	assert_int_equal(touch.flags, 0);
}

static void a_privileged_containers_touch_is_privileged(void **state)
{
	struct touch touch = worst_touch();

	touch.action = ACTION_READ;
	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_PRIVILEGED));
}

static void privileged_is_never_guessed(void **state)
{
	struct touch touch = worst_touch();

	touch.container.privileged = TRISTATE_NO;
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_PRIVILEGED);
	touch.container.privileged = TRISTATE_UNKNOWN;
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_PRIVILEGED);
	touch.container = (struct touch_container){ .id = NULL, .privileged = TRISTATE_YES };
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_PRIVILEGED);
}

static void an_attempt_that_failed_is_failed(void **state)
{
	struct touch touch = { .action = ACTION_WRITE, .auid = 1000, .success = false };

	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_FAILED));
}

static void an_attempt_that_succeeded_is_not_failed(void **state)
{
	struct touch touch = { .action = ACTION_WRITE, .auid = 1000, .success = true };

	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
}

static void flags_from_before_do_not_stay(void **state)
{
	struct touch touch = { .success = true, .flags = ~0u, .severity = SEVERITY_CRITICAL };

	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
	assert_int_equal(touch.severity, SEVERITY_INFO);
}

static void nothing_flagged_is_info(void **state)
{
	struct touch touch = { .success = true };

	detect_plain(&touch);
	assert_int_equal(touch.severity, SEVERITY_INFO);
}

static void flagged_without_host_write_is_notice(void **state)
{
	struct touch touch = worst_touch();

	touch.success = false;
	detect_plain(&touch);
	assert_int_equal(touch.severity, SEVERITY_NOTICE);
	touch.success = true;
	touch.action = ACTION_READ;
	detect_plain(&touch);
	assert_int_equal(touch.severity, SEVERITY_NOTICE);
}

static void a_host_write_is_a_warning(void **state)
{
	struct touch touch = worst_touch();

	touch.auid = 3267;
	detect_plain(&touch);
	assert_int_equal(touch.severity, SEVERITY_WARNING);
	touch = worst_touch();
	touch.container.privileged = TRISTATE_NO;
	detect_plain(&touch);
	assert_int_equal(touch.severity, SEVERITY_WARNING);
}

static void a_privileged_daemon_spawned_host_write_is_critical(void **state)
{
	struct touch touch = worst_touch();

	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
					      FLAG_BIT(FLAG_PRIVILEGED));
	assert_int_equal(touch.severity, SEVERITY_CRITICAL);
}

/* A process of the host does something to a file of it. */
static struct touch host_touch(enum action action, const char *path)
{
	return (struct touch){
		.path = path,
		.path_by = PATH_BY_IDENTITY,
		.action = action,
		.success = true,
		.auid = 1000,
		.exe = "/usr/bin/vi",
	};
}

static void a_block_device_opened_for_writing_is_a_raw_device(void **state)
{
	const struct touch_facts block = { .block_device = true, .own_file = true };
	struct touch touch = worst_touch();

	detect_with(&touch, &block);
	assert_flag(&touch, FLAG_RAW_DEVICE);
	assert_int_equal(touch.severity, SEVERITY_CRITICAL);
}

static void a_device_that_is_made_read_or_not_had_is_no_raw_device(void **state)
{
	const struct touch_facts block = { .block_device = true };
	struct touch touch = worst_touch();

	touch.action = ACTION_CREATE;
	detect_with(&touch, &block);
	assert_no_flag(&touch, FLAG_RAW_DEVICE);
	touch.action = ACTION_READ;
	detect_with(&touch, &block);
	assert_no_flag(&touch, FLAG_RAW_DEVICE);
	touch.action = ACTION_WRITE;
	touch.success = false;
	detect_with(&touch, &block);
	assert_no_flag(&touch, FLAG_RAW_DEVICE);
	touch = host_touch(ACTION_WRITE, "/dev/vda");
	detect_with(&touch, &block);
	assert_int_equal(touch.flags, 0);
	touch = worst_touch();
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_RAW_DEVICE);
}

static void image_trust_and_engine_configuration_are_a_trust_change(void **state)
{
	static const char *const paths[] = { "/etc/containers/policy.json",
		"/etc/containers/registries.d/default.yaml", "/etc/containers/registries.conf",
		"/etc/pki/containers/key.gpg", "/etc/docker/daemon.json", "/etc/apparmor.d/docker",
		"/var/lib/docker/swarm/certificates/swarm-node.crt",
		"/var/lib/docker/swarm/docker-state.json", "/usr/share/containers/seccomp.json",
		"/etc/containers/seccomp.json", "/home/anna/.docker/trust/private/root.key" };

	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		struct touch touch = host_touch(ACTION_WRITE, paths[i]);

		detect_plain(&touch);
		assert_int_equal(touch.flags, FLAG_BIT(FLAG_TRUST_CHANGE));
		assert_int_equal(touch.severity, SEVERITY_WARNING);
	}
}

static void a_watch_with_the_key_makes_any_path_trust(void **state)
{
	struct touch touch = host_touch(ACTION_RENAME, "/srv/profile.json");

	touch.watch = "mine,trust";
	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_TRUST_CHANGE));
	touch.watch = "distrust";
	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
}

static void a_container_that_changes_trust_is_critical(void **state)
{
	struct touch touch = worst_touch();

	touch.container.privileged = TRISTATE_NO;
	touch.path = "/etc/containers/policy.json";
	touch.path_by = PATH_BY_IDENTITY;
	detect_plain(&touch);
	assert_flag(&touch, FLAG_TRUST_CHANGE);
	assert_int_equal(touch.severity, SEVERITY_CRITICAL);
}

static void what_changes_no_trust_is_no_trust_change(void **state)
{
	struct touch touch = host_touch(ACTION_READ, "/etc/containers/policy.json");

	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
	touch = host_touch(ACTION_WRITE, "/etc/containers/policy.json");
	touch.success = false;
	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_FAILED));
	touch = host_touch(ACTION_WRITE, "/etc/containersX");
	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
	/* The container's word for one of its own files, or for one that was not found. */
	touch = worst_touch();
	touch.path = "/etc/containers/policy.json";
	touch.path_by = PATH_AS_SEEN;
	detect_plain(&touch);
	assert_no_flag(&touch, FLAG_TRUST_CHANGE);
	touch.path_by = PATH_BY_NAME;
	detect_with(&touch, &(struct touch_facts){ .own_file = true });
	assert_no_flag(&touch, FLAG_TRUST_CHANGE);
}

static struct touch secret_read(const char *exe, uint32_t uid)
{
	struct touch touch = host_touch(ACTION_READ, "/var/lib/docker/swarm/certificates/swarm-node.key");

	touch.watch = "secrets";
	touch.exe = exe;
	touch.uid = uid;
	return touch;
}

static void a_secret_read_by_an_outsider_is_a_secret_read(void **state)
{
	const struct touch_facts reads = { .reads = true };
	struct touch touch = secret_read("/bin/cat", 0);

	detect_with(&touch, &reads);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_SECRET_READ));
	assert_int_equal(touch.severity, SEVERITY_WARNING);
	/* The engine's program, but not as its user. */
	touch = secret_read("/usr/bin/dockerd", 1000);
	detect_with(&touch, &reads);
	assert_flag(&touch, FLAG_SECRET_READ);
	/* A container that calls its program so. */
	touch = secret_read("/usr/bin/dockerd", 0);
	touch.container.id = "c";
	detect_with(&touch, &reads);
	assert_flag(&touch, FLAG_SECRET_READ);
	assert_int_equal(touch.severity, SEVERITY_CRITICAL);
	/* Perhaps a container. */
	touch = secret_read("/usr/bin/dockerd", 0);
	touch.doubt = "process events were lost";
	detect_with(&touch, &reads);
	assert_flag(&touch, FLAG_SECRET_READ);
	/* Opened for reading and writing. */
	touch = secret_read("/bin/cat", 0);
	touch.action = ACTION_WRITE;
	detect_with(&touch, &reads);
	assert_flag(&touch, FLAG_SECRET_READ);
}

static void a_secret_read_by_its_engine_or_not_read_is_no_secret_read(void **state)
{
	struct touch touch = secret_read("/usr/bin/dockerd", 0);

	detect_with(&touch, &(struct touch_facts){ .reads = true });
	assert_int_equal(touch.flags, 0);
	touch = secret_read("/bin/ls", 0);
	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
	touch = secret_read("/bin/cat", 0);
	touch.watch = "identity";
	detect_with(&touch, &(struct touch_facts){ .reads = true });
	assert_int_equal(touch.flags, 0);
	touch = secret_read("/bin/cat", 0);
	touch.success = false;
	detect_with(&touch, &(struct touch_facts){ .reads = true });
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_FAILED));
}

static void a_pod_may_read_what_was_made_for_it(void **state)
{
	const struct touch_facts facts = { .reads = true, .pod_uid = "3f1a" };
	struct touch touch = secret_read("/app", 1000);

	touch.container.id = "c";
	touch.path = "/var/lib/kubelet/pods/3f1a/volumes/kubernetes.io~projected/t/token";
	detect_with(&touch, &facts);
	assert_no_flag(&touch, FLAG_SECRET_READ);
	touch.path = "/var/lib/kubelet/pods/3f1ab/volumes/kubernetes.io~projected/t/token";
	detect_with(&touch, &facts);
	assert_flag(&touch, FLAG_SECRET_READ);
	touch.path = "/var/lib/kubelet/pods/3f1a/volumes/kubernetes.io~projected/t/token";
	touch.path_by = PATH_BY_NAME;
	detect_with(&touch, &facts);
	assert_flag(&touch, FLAG_SECRET_READ);
}

static void passwords_may_be_checked_by_whom_it_is_for(void **state)
{
	struct touch touch = secret_read("/usr/bin/sudo", 1000);

	touch.path = "/etc/shadow";
	detect_with(&touch, &(struct touch_facts){ .reads = true });
	assert_no_flag(&touch, FLAG_SECRET_READ);
	touch.path = "/etc/ssh/ssh_host_ed25519_key";
	detect_with(&touch, &(struct touch_facts){ .reads = true });
	assert_flag(&touch, FLAG_SECRET_READ);
}

static void a_change_of_the_record_or_its_makers_is_log_tamper(void **state)
{
	static const char *const paths[] = { "/var/lib/auditmon/auditmon.db",
		"/etc/auditmon/rules.d/identity.rules", "/etc/audit/rules.d/x.rules",
		"/var/log/audit/audit.log", "/usr/sbin/auditd", "/srv/audit.db-wal" };

	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		struct touch touch = host_touch(ACTION_DELETE, paths[i]);

		detect_plain(&touch);
		assert_int_equal(touch.flags, FLAG_BIT(FLAG_LOG_TAMPER));
		assert_int_equal(touch.severity, SEVERITY_CRITICAL);
	}
}

static void an_attempt_on_the_log_and_a_mount_over_it_are_log_tamper(void **state)
{
	struct touch touch = host_touch(ACTION_WRITE, "/var/log/audit/audit.log");

	touch.success = false;
	detect_plain(&touch);
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_LOG_TAMPER) | FLAG_BIT(FLAG_FAILED));
	assert_int_equal(touch.severity, SEVERITY_WARNING);
	touch = host_touch(ACTION_MOUNT, "/var/log/audit");
	detect_plain(&touch);
	assert_flag(&touch, FLAG_LOG_TAMPER);
}

static void a_deleted_rule_is_log_tamper(void **state)
{
	struct touch touch = host_touch(ACTION_DELETE, NULL);

	detect_with(&touch, &(struct touch_facts){ .own_records = true });
	assert_int_equal(touch.flags, FLAG_BIT(FLAG_LOG_TAMPER));
	touch.exe = "/opt/auditmon";
	detect_with(&touch, &(struct touch_facts){ .own_records = true });
	assert_int_equal(touch.flags, 0);
}

static void auditmon_and_auditd_themselves_are_no_log_tamper(void **state)
{
	static const char *const programs[] = { "/usr/sbin/auditmon", "/usr/sbin/auditd",
		"/opt/auditmon" };

	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct touch touch = host_touch(ACTION_WRITE, "/var/log/audit/audit.log");

		touch.exe = programs[i];
		detect_plain(&touch);
		assert_int_equal(touch.flags, 0);
		touch.container.id = "c";
		detect_plain(&touch);
		assert_flag(&touch, FLAG_LOG_TAMPER);
		touch.container.id = NULL;
		touch.doubt = "unknown";
		touch.watch = "auditmon";
		detect_plain(&touch);
		assert_flag(&touch, FLAG_LOG_TAMPER);
	}
}

static void reading_the_log_is_no_log_tamper(void **state)
{
	struct touch touch = host_touch(ACTION_READ, "/var/log/audit/audit.log");

	detect_plain(&touch);
	assert_int_equal(touch.flags, 0);
	touch = worst_touch();
	touch.path = "/var/log/audit/audit.log";
	touch.path_by = PATH_BY_NAME;
	detect_with(&touch, &(struct touch_facts){ .own_file = true });
	assert_no_flag(&touch, FLAG_LOG_TAMPER);
}

static void the_worst_flag_is_what_it_was_about(void **state)
{
	assert_int_equal(flag_worst(FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
				    FLAG_BIT(FLAG_PRIVILEGED)),
		FLAG_HOST_WRITE);
	assert_int_equal(flag_worst(FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_TRUST_CHANGE)),
		FLAG_TRUST_CHANGE);
	for (int i = 0; i < FLAG_COUNT; i++)
		assert_int_equal(flag_worst(FLAG_BIT(i)), i);
}

static void no_flag_is_without_severity(void **state)
{
	for (int i = 0; i < FLAG_COUNT; i++) {
		struct touch touch = { .flags = FLAG_BIT(i), .container.id = "c" };

		assert_true(severity_of(&touch) > SEVERITY_INFO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_containers_change_of_a_host_file_is_a_host_write),
		cmocka_unit_test(what_changes_nothing_is_no_host_write),
		cmocka_unit_test(a_host_processs_write_is_no_host_write),
		cmocka_unit_test(a_write_to_the_containers_own_file_is_no_host_write),
		cmocka_unit_test(a_change_of_some_file_is_no_host_write),
		cmocka_unit_test(an_attempt_that_failed_is_no_host_write),
		cmocka_unit_test(a_host_write_without_loginuid_is_daemon_spawned),
		cmocka_unit_test(a_host_write_with_loginuid_is_not_daemon_spawned),
		cmocka_unit_test(a_loginuid_that_the_container_set_itself_does_not_count),
		cmocka_unit_test(a_privileged_containers_touch_is_privileged),
		cmocka_unit_test(privileged_is_never_guessed),
		cmocka_unit_test(an_attempt_that_failed_is_failed),
		cmocka_unit_test(an_attempt_that_succeeded_is_not_failed),
		cmocka_unit_test(flags_from_before_do_not_stay),
		cmocka_unit_test(nothing_flagged_is_info),
		cmocka_unit_test(flagged_without_host_write_is_notice),
		cmocka_unit_test(a_host_write_is_a_warning),
		cmocka_unit_test(who_left_the_container_is_told),
		cmocka_unit_test(who_left_and_writes_to_the_host_is_critical),
		cmocka_unit_test(an_engines_socket_counts_where_a_container_connects_to_the_hosts),
		cmocka_unit_test(a_privileged_daemon_spawned_host_write_is_critical),
		cmocka_unit_test(a_block_device_opened_for_writing_is_a_raw_device),
		cmocka_unit_test(a_device_that_is_made_read_or_not_had_is_no_raw_device),
		cmocka_unit_test(image_trust_and_engine_configuration_are_a_trust_change),
		cmocka_unit_test(a_watch_with_the_key_makes_any_path_trust),
		cmocka_unit_test(a_container_that_changes_trust_is_critical),
		cmocka_unit_test(what_changes_no_trust_is_no_trust_change),
		cmocka_unit_test(a_secret_read_by_an_outsider_is_a_secret_read),
		cmocka_unit_test(a_secret_read_by_its_engine_or_not_read_is_no_secret_read),
		cmocka_unit_test(a_change_of_the_record_or_its_makers_is_log_tamper),
		cmocka_unit_test(an_attempt_on_the_log_and_a_mount_over_it_are_log_tamper),
		cmocka_unit_test(a_deleted_rule_is_log_tamper),
		cmocka_unit_test(auditmon_and_auditd_themselves_are_no_log_tamper),
		cmocka_unit_test(reading_the_log_is_no_log_tamper),
		cmocka_unit_test(the_worst_flag_is_what_it_was_about),
		cmocka_unit_test(no_flag_is_without_severity),
		cmocka_unit_test(a_pod_may_read_what_was_made_for_it),
		cmocka_unit_test(passwords_may_be_checked_by_whom_it_is_for),
	};

	return cmocka_run_group_tests(tests, policy_setup, policy_teardown);
}
