/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_LEN 10000

/* A directory of its own for each test. */
struct place {
	char path[64];
	int fd;
};

static int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/test-file-XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return place->fd < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int place_teardown(void **state)
{
	struct place *place = *state;
	int r = nftw(place->path, remove_one, 4, FTW_DEPTH | FTW_PHYS);

	close(place->fd);
	free(place);
	return r;
}

static void put(const struct place *place, const char *name, size_t len)
{
	int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(write(fd, &"abcdefghij"[i % 10], 1), 1);
	close(fd);
}

static void assert_refused(int directory_fd, const char *path, int error)
{
	char *text = (char *)"untouched";
	size_t len = 4711;

	assert_int_equal(file_read(directory_fd, path, MAX_LEN, &text, &len), -error);
	assert_string_equal(text, "untouched");
	assert_int_equal(len, 4711);
}

static void a_file_is_read_to_its_end(void **state)
{
	static const size_t lens[] = { 0, 1, 4094, 4095, 4096, 4097, 9999, MAX_LEN };
	const struct place *place = *state;

	for (size_t i = 0; i < ELEMENTS(lens); i++) {
		_cleanup_(freep) char *text = NULL;
		size_t len = 0;

		put(place, "file", lens[i]);
		assert_int_equal(file_read(place->fd, "file", MAX_LEN, &text, &len), 0);
		assert_int_equal(len, lens[i]);
		assert_int_equal(strlen(text), len);
		if (len > 0)
			assert_int_equal(text[len - 1], "abcdefghij"[(len - 1) % 10]);
	}
}

static void a_file_of_proc_is_read_though_it_has_no_size(void **state)
{
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(file_read(AT_FDCWD, "/proc/self/status", MAX_LEN, &text, NULL), 0);
	assert_ptr_equal(strstr(text, "Name:"), text);
}

static void a_file_in_a_directory_below_is_read(void **state)
{
	const struct place *place = *state;
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(mkdirat(place->fd, "below", 0700), 0);
	put(place, "below/file", 3);
	assert_int_equal(file_read(place->fd, "below/file", MAX_LEN, &text, NULL), 0);
	assert_string_equal(text, "abc");
}

static void a_file_that_is_not_there_is_enoent(void **state)
{
	const struct place *place = *state;

	assert_refused(place->fd, "nothing", ENOENT);
	assert_refused(place->fd, "nothing/file", ENOENT);
	assert_refused(AT_FDCWD, "/nonexistent/file", ENOENT);
}

static void a_symlink_is_refused(void **state)
{
	const struct place *place = *state;
	char path[128];

	put(place, "file", 3);
	assert_int_equal(symlinkat("file", place->fd, "link"), 0);
	assert_refused(place->fd, "link", ELOOP);
	snprintf(path, sizeof(path), "%s/link", place->path);
	assert_refused(AT_FDCWD, path, ELOOP);
}

static void a_symlink_on_the_way_is_refused(void **state)
{
	const struct place *place = *state;

	assert_int_equal(mkdirat(place->fd, "below", 0700), 0);
	put(place, "below/file", 3);
	assert_int_equal(symlinkat("below", place->fd, "link"), 0);
	assert_refused(place->fd, "link/file", ELOOP);
	assert_int_equal(symlinkat("/proc/self", place->fd, "self"), 0);
	assert_refused(place->fd, "self/status", ELOOP);
}

static void the_way_up_is_refused(void **state)
{
	const struct place *place = *state;

	assert_refused(place->fd, "../etc/passwd", EXDEV);
	assert_refused(place->fd, "/etc/passwd", EXDEV);
}

static void what_is_no_regular_file_is_refused(void **state)
{
	const struct place *place = *state;

	assert_int_equal(mkdirat(place->fd, "directory", 0700), 0);
	assert_refused(place->fd, "directory", ENOTSUP);
	assert_refused(AT_FDCWD, "/dev/null", ENOTSUP);
}

static void a_fifo_without_writer_is_refused_at_once(void **state)
{
	const struct place *place = *state;

	assert_int_equal(mkfifoat(place->fd, "fifo", 0600), 0);
	assert_refused(place->fd, "fifo", ENOTSUP);
}

static void a_file_longer_than_the_limit_is_refused(void **state)
{
	const struct place *place = *state;
	char *text = NULL;

	put(place, "file", MAX_LEN + 1);
	assert_refused(place->fd, "file", EFBIG);
	put(place, "file", 1);
	assert_int_equal(file_read(place->fd, "file", 0, &text, NULL), -EFBIG);
	assert_null(text);
}

static void a_file_without_permission_is_refused(void **state)
{
	const struct place *place = *state;
	int status = 0;
	pid_t pid;

	put(place, "file", 3);
	assert_int_equal(fchmodat(place->fd, "file", 0, 0), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char *text;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(file_read(place->fd, "file", MAX_LEN, &text, NULL) == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_files_of_a_process_that_ended_are_gone(void **state)
{
	_cleanup_(closep) int fd = -1;
	char path[64], *text = NULL;
	int status, r;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	kill(pid, SIGKILL);
	assert_true(fd >= 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r = file_read(fd, "cgroup", MAX_LEN, &text, NULL);
	assert_true(r == -ENOENT || r == -ESRCH);
	assert_null(text);
}

#define place_test(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

/* As RestrictSUIDSGID= of systemd does. */
static int forbid_openat2(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ELEMENTS(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return -errno;
	return syscall(SYS_openat2, -1, "", NULL, 0) < 0 && errno == ENOSYS ? 0 : -ENOTSUP;
}

int main(void)
{
	int failed;
	const struct CMUnitTest tests[] = {
		place_test(a_file_is_read_to_its_end),
		cmocka_unit_test(a_file_of_proc_is_read_though_it_has_no_size),
		place_test(a_file_in_a_directory_below_is_read),
		place_test(a_file_that_is_not_there_is_enoent),
		place_test(a_symlink_is_refused),
		place_test(a_symlink_on_the_way_is_refused),
		place_test(the_way_up_is_refused),
		place_test(what_is_no_regular_file_is_refused),
		place_test(a_fifo_without_writer_is_refused_at_once),
		place_test(a_file_longer_than_the_limit_is_refused),
		place_test(a_file_without_permission_is_refused),
		cmocka_unit_test(the_files_of_a_process_that_ended_are_gone),
	};

	failed = cmocka_run_group_tests_name("with openat2", tests, NULL, NULL);
	if (forbid_openat2() < 0) {
		fprintf(stderr, "no system call filter here: not tested without openat2\n");
		return failed;
	}
	return failed + cmocka_run_group_tests_name("without openat2", tests, NULL, NULL);
}
