/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "attribute/clock.h"
#include "attribute/proc.h"
#include "base/cleanup.h"
#include "fake-host.h"

static int host_setup(void **state)
{
	struct fake_host *host = calloc(1, sizeof(*host));

	*state = host;
	return host ? fake_host_init(host) : -1;
}

static int host_teardown(void **state)
{
	int r = fake_host_done(*state);

	free(*state);
	return r;
}

static void a_stat_is_read(void **state)
{
	struct fake_host *host = *state;
	const struct fake_process process = {
		.pid = 7, .parent = 3, .session = 5, .start_nsec = 42 * FAKE_SEC
	};
	struct proc_stat stat;

	fake_process(host, &process);
	assert_int_equal(proc_read_stat(host->proc_fd, 7, &stat), 0);
	assert_int_equal(stat.parent, 3);
	assert_int_equal(stat.session, 5);
	assert_int_equal(stat.state, 'S');
	assert_in_range(stat.start_nsec, 42 * FAKE_SEC - 2 * FAKE_TICK_NSEC,
		42 * FAKE_SEC + FAKE_TICK_NSEC);
}

static void a_name_in_a_stat_may_hold_anything(void **state)
{
	static const char *const names[] = { ") S 9 9 9", "((", "))", "a b", "\n", "" };
	struct proc_stat stat;
	char text[256];

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		snprintf(text, sizeof(text),
			"7 (%s) R 3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 250 1 2\n", names[i]);
		assert_int_equal(proc_parse_stat(text, &stat), 0);
		assert_int_equal(stat.parent, 3);
		assert_int_equal(stat.state, 'R');
		assert_int_equal(stat.start_nsec, 2500000000);
	}
}

static void what_is_no_stat_is_refused(void **state)
{
	static const char *const texts[] = { "", "7 (x", "7 (x)", "7 (x) S",
		"7 (x) S 3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0",
		"7 (x) S 3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 x",
		"7 (x) S -3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 250",
		"7 (x) S 3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999",
		"7 (x) S 3 7 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 -1" };
	struct proc_stat stat = { .parent = 4711 };

	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_int_equal(proc_parse_stat(texts[i], &stat), -EBADMSG);
	assert_int_equal(stat.parent, 4711);
}

static void what_began_before_time_is_not_in_the_future(void **state)
{
	struct fake_host *host = *state;
	struct proc_stat stat;

	fake_file(
		host, 1, "stat", "1 (init) S 0 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 0 1 2\n");
	assert_int_equal(proc_read_stat(host->proc_fd, 1, &stat), 0);
	assert_int_equal(stat.start_nsec, 1);
}

static void our_own_stat_is_of_this_hour(void **state)
{
	_cleanup_(closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t now_nsec = monotonic_now_nsec();
	struct proc_stat stat;

	assert_int_equal(proc_read_stat(proc_fd, getpid(), &stat), 0);
	assert_int_equal(stat.parent, getppid());
	assert_int_equal(stat.session, getsid(0));
	assert_true(stat.start_nsec <= now_nsec && now_nsec - stat.start_nsec < 3600 * FAKE_SEC);
}

static void a_process_that_is_not_there_is_enoent(void **state)
{
	struct fake_host *host = *state;
	struct proc_stat stat;
	char *text = NULL;
	unsigned depth;
	uint32_t uid;
	size_t len;
	pid_t pid;

	assert_int_equal(proc_read_stat(host->proc_fd, 7, &stat), -ENOENT);
	assert_int_equal(proc_read_cgroup(host->proc_fd, 7, &text, &len), -ENOENT);
	assert_int_equal(proc_read_loginuid(host->proc_fd, 7, &uid), -ENOENT);
	assert_int_equal(proc_read_cmdline(host->proc_fd, 7, &text, &len), -ENOENT);
	assert_int_equal(proc_read_mountinfo(host->proc_fd, 7, &text), -ENOENT);
	assert_int_equal(proc_read_inner_pid(host->proc_fd, 7, &pid, &depth), -ENOENT);
	assert_int_equal(proc_read_exe(host->proc_fd, 7, &text), -ENOENT);
	assert_null(text);
}

static void the_other_files_are_read(void **state)
{
	struct fake_host *host = *state;
	const struct fake_process process = { .pid = 7,
		.cgroup = "/system.slice/x",
		.argv = "sh -c",
		.exe = "/bin/sh (deleted)",
		.mountinfo = "mounts\n" };
	_cleanup_(freep) char *cgroup = NULL, *argv = NULL, *mountinfo = NULL, *exe = NULL;
	size_t len;

	fake_process(host, &process);
	assert_int_equal(proc_read_cgroup(host->proc_fd, 7, &cgroup, &len), 0);
	assert_string_equal(cgroup, "0::/system.slice/x\n");
	assert_int_equal(len, strlen(cgroup));
	assert_int_equal(proc_read_cmdline(host->proc_fd, 7, &argv, &len), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(argv, "sh\0-c", 6);
	assert_int_equal(proc_read_mountinfo(host->proc_fd, 7, &mountinfo), 0);
	assert_string_equal(mountinfo, "mounts\n");
	assert_int_equal(proc_read_exe(host->proc_fd, 7, &exe), 0);
	assert_string_equal(exe, "/bin/sh (deleted)");
}

static void a_loginuid_is_a_number(void **state)
{
	static const char *const others[] = { "", "\n", "x", "-1", "4294967296", " 0", "0x10",
		"1 2" };
	uint32_t uid = 4711;

	assert_int_equal(proc_parse_loginuid("3267", &uid), 0);
	assert_int_equal(uid, 3267);
	assert_int_equal(proc_parse_loginuid("4294967295\n", &uid), 0);
	assert_int_equal(uid, FAKE_UNSET);
	for (size_t i = 0; i < ELEMENTS(others); i++)
		assert_int_equal(proc_parse_loginuid(others[i], &uid), -EBADMSG);
	assert_int_equal(uid, FAKE_UNSET);
}

static void the_inner_pid_is_the_last_one(void **state)
{
	unsigned depth;
	pid_t pid;

	assert_int_equal(
		proc_parse_inner_pid("Name:\tx\nNSpid:\t77\nVmPeak:\t1\n", &pid, &depth), 0);
	assert_int_equal(pid, 77);
	assert_int_equal(depth, 1);
	assert_int_equal(proc_parse_inner_pid("Name:\tx\nNSpid:\t77\t12\t1\n", &pid, &depth), 0);
	assert_int_equal(pid, 1);
	assert_int_equal(depth, 3);
	assert_int_equal(proc_parse_inner_pid("Name:\tNSpid:\t1\nNSpid: 77 3", &pid, &depth), 0);
	assert_int_equal(pid, 3);
}

static void what_has_no_inner_pid_is_refused(void **state)
{
	static const char *const texts[] = { "", "NSpid:\t1\n", "Name:\tx\n", "x\nNSpid:\n",
		"x\nNSpid:\t\n", "x\nNSpid:\tx\n", "x\nNSpid:\t7\tx\n", "x\nNSpid:\t0\n",
		"x\nNSpid:\t-1\n", "x\nNSpid:\t99999999999\n", "x\nNSpid:\t7\v1\n" };
	unsigned depth;
	pid_t pid;

	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_int_equal(proc_parse_inner_pid(texts[i], &pid, &depth), -EBADMSG);
}

static void a_file_longer_than_the_kernel_writes_is_refused(void **state)
{
	struct fake_host *host = *state;
	char *long_text = malloc(300 * 1024), *text = NULL;
	size_t len;

	memset(long_text, 'x', 300 * 1024);
	long_text[300 * 1024 - 1] = '\0';
	fake_file(host, 7, "cmdline", long_text);
	fake_file(host, 7, "cgroup", long_text);
	assert_int_equal(proc_read_cmdline(host->proc_fd, 7, &text, &len), -EFBIG);
	assert_int_equal(proc_read_cgroup(host->proc_fd, 7, &text, &len), -EFBIG);
	assert_null(text);
	free(long_text);
}

#define host_test(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)

static enum content_trust trust_of(const char *text, size_t size)
{
	return proc_parse_content_trust(text, size, true);
}

static void content_trust_is_read_as_the_client_reads_it(void **state)
{
#define TRUST(text) trust_of(text, sizeof(text))
	assert_int_equal(TRUST("A=1\0DOCKER_CONTENT_TRUST=1\0B="), CONTENT_TRUST_ON);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST=true"), CONTENT_TRUST_ON);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST=yes"), CONTENT_TRUST_ON);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST=0"), CONTENT_TRUST_OFF);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST="), CONTENT_TRUST_OFF);
	assert_int_equal(TRUST("A=DOCKER_CONTENT_TRUST=1"), CONTENT_TRUST_OFF);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST_SERVER=x"), CONTENT_TRUST_OFF);
	assert_int_equal(TRUST("DOCKER_CONTENT_TRUST=0\0DOCKER_CONTENT_TRUST=1"), CONTENT_TRUST_OFF);
	/* A kernel thread, or one that is about to end, has none. */
	assert_int_equal(trust_of("", 0), CONTENT_TRUST_UNKNOWN);
	assert_int_equal(proc_parse_content_trust("A=1", 3, false), CONTENT_TRUST_UNKNOWN);
	assert_int_equal(proc_parse_content_trust("DOCKER_CONTENT_TRUST=", 21, false),
		CONTENT_TRUST_UNKNOWN);
#undef TRUST
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(a_stat_is_read),
		cmocka_unit_test(a_name_in_a_stat_may_hold_anything),
		cmocka_unit_test(what_is_no_stat_is_refused),
		host_test(what_began_before_time_is_not_in_the_future),
		cmocka_unit_test(our_own_stat_is_of_this_hour),
		host_test(a_process_that_is_not_there_is_enoent),
		host_test(the_other_files_are_read),
		cmocka_unit_test(a_loginuid_is_a_number),
		cmocka_unit_test(the_inner_pid_is_the_last_one),
		cmocka_unit_test(what_has_no_inner_pid_is_refused),
		host_test(a_file_longer_than_the_kernel_writes_is_refused),
		cmocka_unit_test(content_trust_is_read_as_the_client_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
