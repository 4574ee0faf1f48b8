/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of what trust and the record rest on: block devices, image trust, secrets and the log. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect-scene.h"

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
	struct touch touch =
		host_touch(ACTION_READ, "/var/lib/docker/swarm/certificates/swarm-node.key");

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(a_pod_may_read_what_was_made_for_it),
		cmocka_unit_test(passwords_may_be_checked_by_whom_it_is_for),
	};

	return cmocka_run_group_tests(tests, policy_setup, policy_teardown);
}
