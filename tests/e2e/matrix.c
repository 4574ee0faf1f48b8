/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `matrix CODE PLAN FAILURES`: for each line of PLAN, `NUMBER MODE ARGUMENT...`, goes that way to
 * files and does each operation on the file that is called as the operation. While it does its comm
 * is mCODENUMBEROPERATION, which is how the test knows which record is about which cell; what only
 * prepares is done as "prep". What went wrong is a line in FAILURES.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAME_SIZE 4096

static const char *code, *number;
static FILE *failures;

/* Where the operations' names begin: text before them, and the descriptor that relative ones begin
 * at. */
struct place {
	char prefix[NAME_SIZE];
	int fd;
};

static void name_of(const struct place *place, const char *file, char buffer[2 * NAME_SIZE])
{
	snprintf(buffer, 2 * NAME_SIZE, "%s%s", place->prefix, file);
}

static int do_open(const struct place *place, const char *file, int flags)
{
	char name[2 * NAME_SIZE];
	int fd;

	name_of(place, file, name);
	fd = openat(place->fd, name, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int do_write(const struct place *place, const char *file)
{
	return do_open(place, file, O_WRONLY);
}

static int do_append(const struct place *place, const char *file)
{
	return do_open(place, file, O_WRONLY | O_APPEND);
}

static int do_truncate(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return place->fd == AT_FDCWD ? truncate(name, 0) : do_open(place, file, O_WRONLY | O_TRUNC);
}

static int do_chmod(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return fchmodat(place->fd, name, 0640, 0);
}

static int do_chown(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return fchownat(place->fd, name, 1, 1, 0);
}

/* Before Linux 6.13 there is no setxattrat. */
static int do_xattr(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return setxattr(name, "trusted.matrix", "x", 1, 0);
}

static int do_rename(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE], other[2 * NAME_SIZE];

	name_of(place, file, name);
	name_of(place, "renamed", other);
	return renameat(place->fd, name, place->fd, other);
}

static int do_link(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE], other[2 * NAME_SIZE];

	name_of(place, file, name);
	name_of(place, "linked", other);
	return linkat(place->fd, name, place->fd, other, 0);
}

static int do_unlink(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return unlinkat(place->fd, name, 0);
}

static int do_create(const struct place *place, const char *file)
{
	return do_open(place, file, O_WRONLY | O_CREAT | O_EXCL);
}

static int do_mkdir(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return mkdirat(place->fd, name, 0700);
}

static int do_utimens(const struct place *place, const char *file)
{
	char name[2 * NAME_SIZE];

	name_of(place, file, name);
	return utimensat(place->fd, name, NULL, 0);
}

/* By the descriptor of the file itself: an empty prefix and the file's own descriptor. */
static int by_descriptor(const char *operation, int fd)
{
	if (strcmp(operation, "truncate") == 0)
		return ftruncate(fd, 0);
	if (strcmp(operation, "chmod") == 0)
		return fchmod(fd, 0640);
	if (strcmp(operation, "chown") == 0)
		return fchown(fd, 1, 1);
	if (strcmp(operation, "xattr") == 0)
		return fsetxattr(fd, "trusted.matrix", "x", 1, 0);
	if (strcmp(operation, "utimens") == 0)
		return (int)syscall(SYS_utimensat, fd, NULL, NULL, 0);
	errno = ENOTSUP;
	return -1;
}

static const struct operation {
	const char *name;
	int (*act)(const struct place *place, const char *file);
	bool makes; /* the file is not there before */
	bool plain; /* acts on a file by a name, and leaves it there */
	bool by_descriptor;
} operations[] = {
	{ "write", do_write, .plain = true },
	{ "append", do_append, .plain = true },
	{ "truncate", do_truncate, .plain = true, .by_descriptor = true },
	{ "chmod", do_chmod, .plain = true, .by_descriptor = true },
	{ "chown", do_chown, .plain = true, .by_descriptor = true },
	{ "xattr", do_xattr, .plain = true, .by_descriptor = true },
	{ "utimens", do_utimens, .plain = true, .by_descriptor = true },
	{ "rename", do_rename },
	{ "link", do_link },
	{ "unlink", do_unlink },
	{ "create", do_create, .makes = true },
	{ "mkdir", do_mkdir, .makes = true },
};
#define N_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static void complain(const char *what)
{
	fprintf(failures, "%s: way %s: %s: %s\n", code, number, what, strerror(errno));
	fflush(failures);
}

static void name_oneself(const char *operation)
{
	char comm[32];

	snprintf(comm, sizeof(comm), "m%s%s%s", code, number, operation);
	prctl(PR_SET_NAME, operation ? comm : "prep");
}

static void act(const struct operation *operation, const struct place *place)
{
	name_oneself(operation->name);
	if (operation->act(place, operation->name) < 0)
		complain(operation->name);
	prctl(PR_SET_NAME, "prep");
}

static void act_all(const struct place *place, bool plain_only)
{
	for (size_t i = 0; i < N_OPERATIONS; i++)
		if (!plain_only || operations[i].plain)
			act(&operations[i], place);
}

static void below(const char *directory, struct place *place)
{
	snprintf(place->prefix, sizeof(place->prefix), "%s/", directory);
	place->fd = AT_FDCWD;
}

static void make(const char *directory, const char *file)
{
	char name[2 * NAME_SIZE];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", directory, file);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) < 0)
		complain(name);
}

static void go_at(char **arguments)
{
	struct place place;

	below(arguments[0], &place);
	act_all(&place, false);
}

/* Of what cannot be renamed or removed: a file that is a mount point. */
static void go_files(char **arguments)
{
	struct place place;

	below(arguments[0], &place);
	act_all(&place, true);
}

static void go_cwd(char **arguments)
{
	struct place place = { .fd = AT_FDCWD };

	if (chdir(arguments[0]) < 0)
		complain("chdir");
	act_all(&place, false);
}

static void go_chroot(char **arguments)
{
	struct place place;

	if (chroot(arguments[0]) < 0 || chdir("/") < 0)
		complain("chroot");
	below(arguments[1], &place);
	act_all(&place, false);
}

static void bind_to(const char *source, const char *point)
{
	if (mkdir(point, 0700) < 0 && errno != EEXIST)
		complain("mkdir");
	if (mount(source, point, NULL, MS_BIND, NULL) < 0)
		complain("mount");
}

static void go_bind(char **arguments)
{
	bind_to(arguments[0], arguments[1]);
	go_at(arguments + 1);
}

static void go_unshare(char **arguments)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		complain("unshare");
	go_bind(arguments);
}

static void go_symlink(char **arguments)
{
	if (symlink(arguments[0], arguments[1]) < 0)
		complain("symlink");
	go_at(arguments + 1);
}

/* A symlink for each file. */
static void go_symlinks(char **arguments)
{
	char target[2 * NAME_SIZE], name[2 * NAME_SIZE];

	mkdir(arguments[1], 0700);
	for (size_t i = 0; i < N_OPERATIONS; i++) {
		snprintf(target, sizeof(target), "%s/%s", arguments[0], operations[i].name);
		snprintf(name, sizeof(name), "%s/%s", arguments[1], operations[i].name);
		if (symlink(target, name) < 0)
			complain("symlink");
	}
	go_files(arguments + 1);
}

static int open_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		complain("open");
	return fd;
}

static void go_dirfd(char **arguments)
{
	struct place place = { .fd = open_directory(arguments[0]) };

	for (size_t i = 0; i < N_OPERATIONS; i++)
		if (operations[i].act != do_xattr)
			act(&operations[i], &place);
}

/* Always by descriptor 9, so that its name is known beforehand. */
static void go_procfd(char **arguments)
{
	struct place place = { "/proc/self/fd/9/", AT_FDCWD };

	if (dup2(open_directory(arguments[0]), 9) < 0)
		complain("dup2");
	act_all(&place, false);
}

static void act_by_descriptor(const char *directory, bool is_removed)
{
	for (size_t i = 0; i < N_OPERATIONS; i++) {
		const char *operation = operations[i].name;
		char name[2 * NAME_SIZE];
		int fd;

		if (!operations[i].by_descriptor)
			continue;
		snprintf(name, sizeof(name), "%s/%s", directory, operation);
		fd = open(name, O_RDWR | O_CLOEXEC);
		if (fd < 0 || (is_removed && unlink(name) < 0))
			complain("open");
		name_oneself(operation);
		if (by_descriptor(operation, fd) < 0)
			complain(operation);
		prctl(PR_SET_NAME, "prep");
		close(fd);
	}
}

static void go_fd(char **arguments)
{
	act_by_descriptor(arguments[0], false);
}

static void go_removed(char **arguments)
{
	act_by_descriptor(arguments[0], true);
}

static void go_device(char **arguments)
{
	struct place place;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		complain("unshare");
	if ((mkdir(arguments[1], 0700) < 0 && errno != EEXIST) ||
		mount(arguments[0], arguments[1], "ext4", 0, NULL) < 0)
		complain("mount");
	below(arguments[2], &place);
	act_all(&place, false);
}

/* In a directory that was not there when the watch began. */
static void go_fresh(char **arguments)
{
	if (mkdir(arguments[0], 0700) < 0)
		complain("mkdir");
	for (size_t i = 0; i < N_OPERATIONS; i++)
		if (!operations[i].makes)
			make(arguments[0], operations[i].name);
	go_at(arguments);
}

/* Each file is another one before something is done to it. */
static void go_replaced(char **arguments)
{
	char fresh[2 * NAME_SIZE], name[2 * NAME_SIZE];
	struct place place;

	below(arguments[0], &place);
	for (size_t i = 0; i < N_OPERATIONS; i++) {
		if (!operations[i].plain)
			continue;
		make(arguments[0], "fresh");
		snprintf(fresh, sizeof(fresh), "%s/fresh", arguments[0]);
		snprintf(name, sizeof(name), "%s/%s", arguments[0], operations[i].name);
		if (rename(fresh, name) < 0)
			complain("rename");
		act(&operations[i], &place);
	}
	make(arguments[0], "rename");
	name_oneself("rename");
	snprintf(fresh, sizeof(fresh), "%s/rename", arguments[0]);
	snprintf(name, sizeof(name), "%s/renamed", arguments[0]);
	if (rename(fresh, name) < 0)
		complain("rename");
}

static const struct {
	const char *name;
	void (*go)(char **arguments);
	int n_arguments;
} modes[] = {
	{ "at", go_at, 1 },
	{ "bind", go_bind, 2 },
	{ "chroot", go_chroot, 2 },
	{ "cwd", go_cwd, 1 },
	{ "device", go_device, 3 },
	{ "dirfd", go_dirfd, 1 },
	{ "fd", go_fd, 1 },
	{ "files", go_files, 1 },
	{ "fresh", go_fresh, 1 },
	{ "procfd", go_procfd, 1 },
	{ "removed", go_removed, 1 },
	{ "replaced", go_replaced, 1 },
	{ "symlink", go_symlink, 2 },
	{ "symlinks", go_symlinks, 2 },
	{ "unshare", go_unshare, 2 },
};

static void go(char *line)
{
	char *words[8] = { NULL }, *rest = line;
	int n = 0;

	for (char *word = strsep(&rest, " \n"); word && n < 8; word = strsep(&rest, " \n"))
		if (*word)
			words[n++] = word;
	if (n < 2)
		return;
	number = words[0];
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, words[1]) == 0 && n == 2 + modes[i].n_arguments) {
			modes[i].go(words + 2);
			return;
		}
	errno = EINVAL;
	complain(words[1]);
}

int main(int argc, char **argv)
{
	char line[4 * NAME_SIZE];
	FILE *plan;

	if (argc != 4)
		return 2;
	code = argv[1];
	plan = fopen(argv[2], "re");
	failures = fopen(argv[3], "ae");
	if (!plan || !failures)
		return 3;
	prctl(PR_SET_NAME, "prep");
	/* Each way in a process of its own, so that none is where another went. */
	while (fgets(line, sizeof(line), plan)) {
		pid_t pid = fork();

		if (pid == 0) {
			go(line);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}
