/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include "store/sql.h"
#include "store/store.h"

#define NOBODY 65534

static int try_open(const struct fixture *fixture, enum store_mode mode)
{
	struct store *store = NULL;
	int r = store_open(fixture->path, mode, &store);

	if (r < 0)
		assert_null(store);
	store_close(store);
	return r;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void execute(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = open_sqlite(fixture);

	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_reader_never_creates_a_database(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(try_open(fixture, STORE_READ), -ENOENT);
	assert_false(exists(fixture->path));
	assert_false(exists(beside(fixture, "-lock")));
}

static void a_missing_directory_is_no_database(void **state)
{
	struct fixture *fixture = *state;

	strcat(fixture->directory, "/none");
	snprintf(fixture->path, sizeof(fixture->path), "%s/db", fixture->directory);
	assert_int_equal(try_open(fixture, STORE_WRITE), -ENOENT);
	assert_int_equal(try_open(fixture, STORE_READ), -ENOENT);
	fixture->directory[strlen(fixture->directory) - strlen("/none")] = '\0';
}

static void a_writer_creates_a_database_that_is_ours(void **state)
{
	struct fixture *fixture = *state;
	mode_t before = umask(022);
	struct stat st;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	umask(before);
	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stored(fixture, "PRAGMA application_id"), STORE_APPLICATION_ID);
	assert_int_equal(stored(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
}

static void a_name_without_a_directory_is_of_this_one(void **state)
{
	struct fixture *fixture = *state;
	char before[4096];

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(fixture->directory), 0);
	strcpy(fixture->path, "db");
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
	assert_int_equal(chdir(before), 0);
}

static void odd_characters_in_a_name_are_just_that(void **state)
{
	struct fixture *fixture = *state;

	snprintf(fixture->path, sizeof(fixture->path), "%s/a?mode=ro#b%%41", fixture->directory);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	assert_true(exists(fixture->path));
	assert_int_equal(try_open(fixture, STORE_READ), 0);
}

static void a_symlink_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char target[sizeof(fixture->path)];

	strcpy(target, fixture->path);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	strcat(fixture->path, "-link");
	assert_int_equal(symlink(target, fixture->path), 0);
	assert_int_equal(try_open(fixture, STORE_READ), -EMEDIUMTYPE);
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
}

static void a_link_to_the_directory_is_followed(void **state)
{
	struct fixture *fixture = *state;
	char target[sizeof(fixture->directory)], link[80];

	strcpy(target, fixture->directory);
	snprintf(link, sizeof(link), "%s/link", fixture->directory);
	assert_int_equal(symlink(target, link), 0);
	snprintf(fixture->path, sizeof(fixture->path), "%.70s/db", link);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_int_equal(try_open(fixture, STORE_READ), -EMEDIUMTYPE);
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
	strcpy(fixture->path, fixture->directory);
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
	strcat(fixture->path, "/");
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
}

static void somebody_elses_file_is_refused_and_left_alone(void **state)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/sh\n";
	struct fixture *fixture = *state;
	char bytes[200];
	FILE *file;

	write_file(fixture->path, text, strlen(text));
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
	assert_int_equal(try_open(fixture, STORE_READ), -EMEDIUMTYPE);
	file = fopen(fixture->path, "re");
	assert_int_equal(fread(bytes, 1, sizeof(bytes), file), strlen(text));
	fclose(file);
	assert_memory_equal(bytes, text, strlen(text));
	assert_false(exists(beside(fixture, "-lock")));
	assert_false(exists(beside(fixture, "-wal")));
}

static void somebody_elses_database_is_refused_and_left_alone(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "CREATE TABLE theirs(x)");
	assert_int_equal(try_open(fixture, STORE_WRITE), -EMEDIUMTYPE);
	assert_int_equal(try_open(fixture, STORE_READ), -EMEDIUMTYPE);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_false(exists(beside(fixture, "-lock")));
}

static void an_empty_file_is_filled_by_a_writer_only(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture->path, "", 0);
	assert_int_equal(try_open(fixture, STORE_READ), -EMEDIUMTYPE);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
}

static void a_newer_schema_is_not_understood(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	execute(fixture, "PRAGMA user_version = 1000");
	assert_int_equal(unlink(beside(fixture, "-lock")), 0);
	assert_int_equal(try_open(fixture, STORE_READ), -EPROTO);
	assert_int_equal(try_open(fixture, STORE_WRITE), -EPROTO);
	assert_false(exists(beside(fixture, "-lock")));
}

/* As version 1 had it: without what came later. */
static void an_older_schema_is_brought_up_to_date_by_a_writer_only(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	int64_t n;

	assert_int_equal(store_open(fixture->path, STORE_WRITE, &store), 0);
	store_close(store);
	execute(fixture, "INSERT INTO text VALUES (1, 'kept'); DROP VIEW touch;"
			 "ALTER TABLE process DROP COLUMN ancestors;"
			 "ALTER TABLE container DROP COLUMN posture;"
			 "ALTER TABLE container DROP COLUMN of_user;"
			 "ALTER TABLE touch_event DROP COLUMN arrival; DROP INDEX touch_flagged;"
			 "ALTER TABLE touch_event DROP COLUMN suppressed; DROP TABLE digest;"
			 "ALTER TABLE launcher DROP COLUMN content_trust;"
			 "CREATE INDEX touch_flagged ON touch_event(time_msec, serial, node, item,"
			 " severity, flags) WHERE flags <> 0;"
			 "ALTER TABLE launcher DROP COLUMN reason; DROP TABLE entry;"
			 "DROP TABLE client;"
			 "INSERT INTO touch_event VALUES (5000, 1, 0, 0, 1, 1, 0, NULL, NULL, 0, 1,"
			 " NULL, NULL, NULL, 1, NULL, 0, 0, NULL);"
			 "DROP TABLE arrival; DROP TABLE cursor;"
			 "CREATE VIEW touch AS SELECT 1 AS old; PRAGMA user_version = 1");
	assert_int_equal(store_open(fixture->path, STORE_READ, &store), -ESTALE);
	assert_int_equal(store_open(fixture->path, STORE_WRITE, &store), 0);
	store_close(store);
	assert_int_equal(store_open(fixture->path, STORE_READ, &store), 0);
	assert_int_equal(sql_integer(store_connection(store), "PRAGMA user_version", &n), 0);
	assert_int_equal(n, STORE_SCHEMA_VERSION);
	assert_int_equal(sql_integer(store_connection(store),
				 "SELECT count(*) FROM text WHERE value = 'kept'", &n),
		0);
	assert_int_equal(n, 1);
	assert_int_equal(
		sql_integer(store_connection(store),
			"SELECT count(ancestors) + count(container_outer_id) + count(suppressed)"
			" + count(digest_after) + count(launcher_content_trust) FROM touch", &n),
		0);
	assert_int_equal(sql_integer(store_connection(store),
				 "SELECT count(*) FROM touch_event AS e, arrival AS a"
				 " WHERE e.arrival = a.id AND a.first_msec = 5000"
				 " AND a.last_msec = 5000",
				 &n),
		0);
	assert_int_equal(n, 1);
	assert_int_equal(sql_integer(store_connection(store),
				 "SELECT count(error) + count(error_msec) FROM cursor", &n),
		0);
	store_close(store);
}

/* What version 5 added. */
#define WITHOUT_CLIENTS                                                                            \
	"DROP TABLE client; DROP INDEX entry_by_client;"                                           \
	"ALTER TABLE entry DROP COLUMN content_trust;"

/* As version 3 had it. */
static void a_cursor_outlives_the_upgrade(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	int64_t n;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	execute(fixture,
		"ALTER TABLE container DROP COLUMN of_user;"
		"ALTER TABLE cursor DROP COLUMN error; ALTER TABLE digest DROP COLUMN arrival;"
		"ALTER TABLE cursor DROP COLUMN error_msec;" WITHOUT_CLIENTS
		"INSERT INTO cursor VALUES ('there', 7, 1, 2, 3, 4, 5);"
		"PRAGMA user_version = 3");
	assert_int_equal(try_open(fixture, STORE_READ), -ESTALE);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(sql_integer(store_connection(store),
				 "SELECT arrival FROM cursor WHERE error IS NULL", &n),
		0);
	assert_int_equal(n, 7);
	store_close(store);
}

/* As version 4 had it. */
static void an_entry_outlives_the_upgrade(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	int64_t n;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	execute(fixture, WITHOUT_CLIENTS
		"INSERT INTO entry(runtime, container_id, boot, pid, start_nsec, began_msec, kind,"
		" argv_complete, confidence) VALUES ('docker', 'a', 'boot', 1, 2, 3, 1, 1, 0);"
		"PRAGMA user_version = 4");
	assert_int_equal(try_open(fixture, STORE_READ), -ESTALE);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(sql_integer(store_connection(store),
				 "SELECT count(*) - count(content_trust)"
				 " + (SELECT count(*) FROM client) FROM entry",
				 &n),
		0);
	assert_int_equal(n, 1);
	store_close(store);
}

static void there_is_one_writer_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);

	assert_int_equal(try_open(fixture, STORE_WRITE), -EBUSY);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
	store_close(store);
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
}

static void a_reader_can_tell_whether_there_is_a_writer(void **state)
{
	struct fixture *fixture = *state;
	struct store *writer = open_store(fixture, STORE_WRITE);
	struct store *reader = open_store(fixture, STORE_READ);

	assert_int_equal(store_has_writer(reader), 1);
	store_close(writer);
	assert_int_equal(store_has_writer(reader), 0);
	store_close(reader);
}

static void a_damaged_database_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	char garbage[4096];
	int fd;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	memset(garbage, 0xa5, sizeof(garbage));
	fd = open(fixture->path, O_RDWR | O_CLOEXEC);
	for (off_t at = 100; at < 20 * 4096; at += (off_t)sizeof(garbage))
		assert_int_equal(pwrite(fd, garbage, sizeof(garbage), at), sizeof(garbage));
	close(fd);
	assert_int_equal(try_open(fixture, STORE_WRITE), -EIO);
}

static void every_error_has_a_text(void **state)
{
	static const int errors[] = { -ENOENT, -EACCES, -EMEDIUMTYPE, -EPROTO, -EBUSY, -ENOSPC,
		-EIO, -EROFS, -ENOMEM };

	for (size_t i = 0; i < ELEMENTS(errors); i++) {
		assert_non_null(store_error_text(errors[i]));
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(
				store_error_text(errors[i]), store_error_text(errors[other]));
	}
}

/* CONTRACT's ground for anyone's SQL: columns may be added, not taken away. */
static void the_view_has_the_promised_columns(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	assert_int_equal(
		stored(fixture,
			"SELECT count(*) FROM (SELECT time, time_msec, serial, item, node, path,"
			" path_seen, path_by, action, success, errno, syscall, watch, pid, ppid,"
			" comm, exe, argv, uid, user, auid, login, session, container_id,"
			" container_name, container_runtime, container_image,"
			" container_privileged, container_entry, container_attributed_by,"
			" launcher_auid, launcher_login, launcher_pid, launcher_exe,"
			" launcher_argv, launcher_via, launcher_confidence, launcher_evidence,"
			" flags, severity, doubt FROM touch)"),
		0);
}

static int open_as_nobody(const struct fixture *fixture, enum store_mode mode)
{
	struct store *store = NULL;
	int r;

	if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return -1;
	r = store_open(fixture->path, mode, &store);
	store_close(store);
	return r;
}

static int read_is_refused(const struct fixture *fixture)
{
	return open_as_nobody(fixture, STORE_READ) == -EACCES ? 0 : 1;
}

static int write_is_refused(const struct fixture *fixture)
{
	return open_as_nobody(fixture, STORE_WRITE) == -EACCES ? 0 : 1;
}

static void without_permission_nothing_is_opened(void **state)
{
	struct fixture *fixture = *state;

	need_root();
	assert_int_equal(try_open(fixture, STORE_WRITE), 0);
	in_child(read_is_refused, fixture);
	assert_int_equal(chmod(fixture->directory, 0755), 0);
	in_child(read_is_refused, fixture);
	in_child(write_is_refused, fixture);
	assert_int_equal(chmod(fixture->path, 0644), 0);
	in_child(write_is_refused, fixture);
}

/* As nobody: every touch is read, and no file appears. */
static int nobody_reads(const struct fixture *fixture)
{
	struct store_summary summary = { 0 };
	struct store *store = NULL;
	int r;

	if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0 || access(fixture->directory, W_OK) == 0)
		return 10;
	r = store_open(fixture->path, STORE_READ, &store);
	if (r < 0)
		return 11;
	r = query_summary(store, &summary);
	store_close(store);
	return r < 0 ? 12 : (summary.n_touches == 1 ? 0 : 13);
}

/* The directory's group may read, as a package would have it. */
static void who_may_only_read_reads_at_any_time(void **state)
{
	static const char *const suffixes[] = { "-wal", "-shm" };
	struct fixture *fixture = *state;
	struct touch touch = full_touch();
	struct writer *writer;

	need_root();
	assert_int_equal(chown(fixture->directory, 0, NOBODY), 0);
	assert_int_equal(chmod(fixture->directory, 02750), 0);
	writer = new_writer(fixture, WITHOUT_RESERVE);
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_flush(writer), 0);
	in_child(nobody_reads, fixture); /* while it is written */

	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(try_open(fixture, STORE_READ), 0);
	for (size_t i = 0; i < ELEMENTS(suffixes); i++)
		assert_true(exists(beside(fixture, suffixes[i])));
	in_child(nobody_reads, fixture); /* after a clean stop */

	for (size_t i = 0; i < ELEMENTS(suffixes); i++)
		assert_int_equal(unlink(beside(fixture, suffixes[i])), 0);
	in_child(nobody_reads, fixture); /* a copy of nothing but the database */
	assert_int_equal(try_open(fixture, STORE_READ), 0);
	for (size_t i = 0; i < ELEMENTS(suffixes); i++)
		assert_false(exists(beside(fixture, suffixes[i])));
}

static int crash(const struct fixture *fixture)
{
	struct touch touch = full_touch();
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	writer_put_touch(writer, &touch);
	return writer_flush(writer);
}

static void what_was_committed_before_a_crash_is_read(void **state)
{
	struct fixture *fixture = *state;

	need_root();
	assert_int_equal(chown(fixture->directory, 0, NOBODY), 0);
	assert_int_equal(chmod(fixture->directory, 02750), 0);
	in_child(crash, fixture);
	in_child(nobody_reads, fixture);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 1);
}

static int creation_runs_out_of_room(const struct fixture *fixture)
{
	struct store *store = NULL;

	if (!mount_small(fixture, "size=1m"))
		return 1;
	close(fill_disk(fixture, "filler", 16384));
	if (store_open(fixture->path, STORE_WRITE, &store) != -ENOSPC)
		return 2;
	if (exists(fixture->path) || exists(beside(fixture, "-journal")) ||
		exists(beside(fixture, "-wal")))
		return 3;
	return 0;
}

static void a_full_disk_leaves_no_half_database(void **state)
{
	need_small(*state);
	in_child(creation_runs_out_of_room, *state);
}

static int creation_is_impossible(const struct fixture *fixture)
{
	struct store *store = NULL;

	if (!mount_small(fixture, "size=4m") || store_open(fixture->path, STORE_WRITE, &store) < 0)
		return 1;
	store_close(store);
	if (mount(NULL, fixture->directory, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return 2;
	if (store_open(fixture->path, STORE_WRITE, &store) != -EROFS)
		return 3;
	if (store_open(fixture->path, STORE_READ, &store) < 0)
		return 4;
	store_close(store);
	return store_open(beside(fixture, "-new"), STORE_WRITE, &store) == -EROFS ? 0 : 5;
}

static void a_read_only_file_system_is_read_only(void **state)
{
	need_small(*state);
	in_child(creation_is_impossible, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_reader_never_creates_a_database),
		store_test(a_missing_directory_is_no_database),
		store_test(a_writer_creates_a_database_that_is_ours),
		store_test(a_name_without_a_directory_is_of_this_one),
		store_test(odd_characters_in_a_name_are_just_that),
		store_test(a_symlink_is_refused),
		store_test(a_link_to_the_directory_is_followed),
		store_test(what_is_no_file_is_refused_without_waiting),
		store_test(somebody_elses_file_is_refused_and_left_alone),
		store_test(somebody_elses_database_is_refused_and_left_alone),
		store_test(an_empty_file_is_filled_by_a_writer_only),
		store_test(a_newer_schema_is_not_understood),
		store_test(an_older_schema_is_brought_up_to_date_by_a_writer_only),
		store_test(a_cursor_outlives_the_upgrade),
		store_test(an_entry_outlives_the_upgrade),
		store_test(there_is_one_writer_at_a_time),
		store_test(a_reader_can_tell_whether_there_is_a_writer),
		store_test(a_damaged_database_is_an_error),
		store_test(every_error_has_a_text),
		store_test(the_view_has_the_promised_columns),
		store_test(without_permission_nothing_is_opened),
		store_test(who_may_only_read_reads_at_any_time),
		store_test(what_was_committed_before_a_crash_is_read),
		store_test(a_full_disk_leaves_no_half_database),
		store_test(a_read_only_file_system_is_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
