/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a container does to the host, and how severe a touch is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect-scene.h"
#include "detect/severity.h"

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
		cmocka_unit_test(flagged_without_host_write_is_notice),
		cmocka_unit_test(a_host_write_is_a_warning),
		cmocka_unit_test(who_left_the_container_is_told),
		cmocka_unit_test(who_left_and_writes_to_the_host_is_critical),
		cmocka_unit_test(an_engines_socket_counts_where_a_container_connects_to_the_hosts),
		cmocka_unit_test(a_privileged_daemon_spawned_host_write_is_critical),
		cmocka_unit_test(the_worst_flag_is_what_it_was_about),
		cmocka_unit_test(no_flag_is_without_severity),
	};

	return cmocka_run_group_tests(tests, policy_setup, policy_teardown);
}
