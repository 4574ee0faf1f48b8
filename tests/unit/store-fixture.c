/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <ftw.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->directory, "/tmp/auditmon-test-XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/db", fixture->directory);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	nftw(fixture->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

const char *beside(const struct fixture *fixture, const char *suffix)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s%s", fixture->path, suffix);
	return path;
}

bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

struct store *open_store(const struct fixture *fixture, enum store_mode mode)
{
	struct store *store = NULL;

	assert_int_equal(store_open(fixture->path, mode, &store), 0);
	return store;
}

struct writer *new_writer(const struct fixture *fixture, const struct writer_limits *limits)
{
	struct writer *writer = NULL;

	assert_int_equal(writer_new(open_store(fixture, STORE_WRITE), limits, &writer), 0);
	return writer;
}

sqlite3 *open_sqlite(const struct fixture *fixture)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	return db;
}

int64_t integer(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

int64_t stored(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = open_sqlite(fixture);
	int64_t value = integer(db, sql);

	sqlite3_close(db);
	return value;
}

void in_child(int (*check)(const struct fixture *fixture), const struct fixture *fixture)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(check(fixture));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

void need_root(void)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
}

bool mount_small(const struct fixture *fixture, const char *options)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", fixture->directory, "tmpfs", 0, options) == 0;
}

/* Root is not enough for that: a container has no CAP_SYS_ADMIN, and the / of a chroot need not be
 * a mount point. */
void need_small(const struct fixture *fixture)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(mount_small(fixture, "size=1m") ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0) {
		print_message("no file system can be mounted here\n");
		skip();
	}
}

int fill_disk(const struct fixture *fixture, const char *name, size_t leave)
{
	char path[160], *block = calloc(1, 4096);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, 4096) == 4096)
		;
	free(block);
	if (ftruncate(fd, lseek(fd, 0, SEEK_CUR) - (off_t)leave) < 0)
		return -1;
	return fd;
}

struct touch full_touch(void)
{
	return (struct touch){
		.time_msec = 1795433002342,
		.serial = 22,
		.node = "web1",
		.path = "/etc/passwd",
		.path_seen = "/host/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.inode = 131075,
		.dev_major = 253,
		.dev_minor = 7,
		.action = ACTION_WRITE,
		.success = true,
		.syscall = "openat",
		.watch = "identity",
		.pid = 6743,
		.ancestors = "[{\"pid\":6723,\"argv\":[\"sh\"],\"complete\":true}]",
		.ppid = 6723,
		.comm = "touch",
		.exe = "/usr/bin/touch",
		.argv = { "touch\0/host/etc/passwd", 22, true },
		.uid = 0,
		.user = "root",
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.container = {
			.id = "df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df23",
			.name = "hack",
			.runtime = "docker",
			.image = "ubi8-micro:latest",
			.privileged = TRISTATE_YES,
			.entry = ENTRY_INIT,
			.attributed_by = ATTRIBUTED_LINEAGE,
		},
		.launcher = {
			.auid = 3267,
			.login = "dwalsh",
			.pid = 6700,
			.exe = "/usr/bin/docker",
			.argv = { "docker\0run\0--privileged", 23, true },
			.via = "/run/docker.sock",
			.confidence = CONFIDENCE_CERTAIN,
			.evidence = { "only client connected", 21, true },
		},
		.flags = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
			 FLAG_BIT(FLAG_PRIVILEGED),
		.severity = SEVERITY_CRITICAL,
	};
}

struct touch plain_touch(int64_t time_msec, uint64_t serial, const char *path)
{
	return (struct touch){
		.time_msec = time_msec,
		.serial = serial,
		.path = path,
		.action = ACTION_WRITE,
		.success = true,
		.pid = 100,
		.ppid = 1,
		.uid = 0,
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.container.privileged = TRISTATE_UNKNOWN,
		.launcher.auid = AUID_UNSET,
	};
}

void put_all(const struct fixture *fixture, const struct touch *touches, size_t n)
{
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(writer_put_touch(writer, &touches[i]), 0);
	assert_int_equal(writer_free(writer), 0);
}
