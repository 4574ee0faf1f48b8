/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of each flag a touch that has it and one, as near as can be, that has not; and detect() does
 * nothing else but to tell. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "detect/detect.h"

#define INSIDE .container = { .id = "df2302cf8c63", .privileged = TRISTATE_NO }
#define PRIVILEGED .container = { .id = "df2302cf8c63", .privileged = TRISTATE_YES }
#define AT(p) .path = (p), .path_by = PATH_BY_IDENTITY
#define POLICY_JSON "/etc/containers/policy.json"
#define AUDIT_LOG "/var/log/audit/audit.log"

struct deed {
	struct touch touch;
	struct touch_facts facts;
};

// clang-format off
static const struct {
	struct deed raised, not;
} flags[FLAG_COUNT] = {
	[FLAG_HOST_WRITE] = {
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = true, .auid = 1000, INSIDE }, { 0 } },
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = true, .auid = 1000, INSIDE }, { .own_file = true } },
	},
	[FLAG_DAEMON_SPAWNED] = {
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = true, .auid = AUID_UNSET, INSIDE }, { 0 } },
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = true, .auid = 1000, INSIDE }, { 0 } },
	},
	[FLAG_PRIVILEGED] = {
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true, PRIVILEGED }, { 0 } },
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true, INSIDE }, { 0 } },
	},
	[FLAG_HOST_NAMESPACE] = {
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true, INSIDE }, { .host_namespace = true } },
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true }, { .host_namespace = true } },
	},
	[FLAG_CGROUP_ESCAPE] = {
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true, INSIDE }, { .cgroup_left = true } },
		{ { AT("/etc/passwd"), .action = ACTION_READ, .success = true, INSIDE }, { .cgroup_left = false } },
	},
	[FLAG_ENGINE_SOCKET] = {
		{ { AT("/run/docker.sock"), .action = ACTION_CONNECT, .success = true, INSIDE }, { .engine_socket = true } },
		{ { AT("/run/docker.sock"), .action = ACTION_CONNECT, .success = true }, { .engine_socket = true } },
	},
	[FLAG_RAW_DEVICE] = {
		{ { AT("/dev/vda"), .action = ACTION_WRITE, .success = true, INSIDE }, { .block_device = true } },
		{ { AT("/dev/vda"), .action = ACTION_READ, .success = true, INSIDE }, { .block_device = true } },
	},
	[FLAG_TRUST_CHANGE] = {
		{ { AT(POLICY_JSON), .action = ACTION_RENAME, .success = true }, { 0 } },
		{ { AT(POLICY_JSON), .action = ACTION_READ, .success = true }, { .reads = true } },
	},
	[FLAG_SECRET_READ] = {
		{ { AT("/etc/shadow"), .action = ACTION_READ, .success = true, .watch = "secrets", .exe = "/bin/cat" }, { .reads = true } },
		{ { AT("/etc/shadow"), .action = ACTION_READ, .success = true, .watch = "secrets", .exe = "/usr/bin/sudo" }, { .reads = true } },
	},
	[FLAG_LOG_TAMPER] = {
		{ { AT(AUDIT_LOG), .action = ACTION_DELETE, .success = true, .exe = "/bin/rm" }, { 0 } },
		{ { AT(AUDIT_LOG), .action = ACTION_DELETE, .success = true, .exe = "/usr/sbin/auditd" }, { 0 } },
	},
	[FLAG_FAILED] = {
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = false }, { 0 } },
		{ { AT("/etc/passwd"), .action = ACTION_WRITE, .success = true }, { 0 } },
	},
};
// clang-format on

static struct policy *policy;

static int policy_setup(void **state)
{
	return policy_new(&(struct policy_settings){ 0 }, &policy);
}

static int policy_teardown(void **state)
{
	policy_free(policy);
	return 0;
}

static unsigned flags_of(const struct deed *deed)
{
	struct touch touch = deed->touch;

	detect(&touch, &deed->facts, policy);
	return touch.flags;
}

static void each_flag_is_raised_and_is_not(void **state)
{
	for (int i = 0; i < FLAG_COUNT; i++) {
		if (!(flags_of(&flags[i].raised) & FLAG_BIT(i)))
			fail_msg("%s is not raised", flag_names[i]);
		if (flags_of(&flags[i].not ) & FLAG_BIT(i))
			fail_msg("%s is raised", flag_names[i]);
	}
}

/* In strict mode any system call but read, write and exit kills. */
static void to_detect_is_to_ask_nobody(void **state)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
			_exit(77);
		for (int i = 0; i < FLAG_COUNT; i++) {
			flags_of(&flags[i].raised);
			flags_of(&flags[i].not );
		}
		syscall(SYS_exit, 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flag_is_raised_and_is_not),
		cmocka_unit_test(to_detect_is_to_ask_nobody),
	};

	return cmocka_run_group_tests(tests, policy_setup, policy_teardown);
}
