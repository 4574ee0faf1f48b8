/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sqlite-file.h"

static const struct sqlite_column column = { "T", "ID", "JSON" };

/* The bytes of a database of these statements. */
static char *bytes_of(const char *sql, size_t *ret_len)
{
	sqlite3 *database;
	sqlite3_int64 len;
	unsigned char *image;
	char *bytes;

	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	image = sqlite3_serialize(database, "main", &len, 0);
	assert_non_null(image);
	bytes = malloc((size_t)len);
	memcpy(bytes, image, (size_t)len);
	sqlite3_free(image);
	sqlite3_close(database);
	*ret_len = (size_t)len;
	return bytes;
}

static int look_up(const char *sql, const char *key, char **ret)
{
	size_t len;
	_cleanup_(freep) char *bytes = bytes_of(sql, &len);

	return sqlite_file_text(bytes, len, &column, key, ret);
}

#define TABLE "CREATE TABLE T (ID TEXT PRIMARY KEY, JSON TEXT); "

static void a_text_is_found_by_its_key(void **state)
{
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(
		look_up(TABLE "INSERT INTO T VALUES ('a', '{}'), ('b', '[]')", "b", &text), 0);
	assert_string_equal(text, "[]");
}

static void a_key_is_no_part_of_the_query(void **state)
{
	char *text = NULL;

	assert_int_equal(
		look_up(TABLE "INSERT INTO T VALUES ('a', '{}')", "' OR 1 --", &text), -ENOENT);
	assert_null(text);
}

static void what_is_not_there_or_no_text_is_enoent(void **state)
{
	char *text = NULL;

	assert_int_equal(look_up(TABLE, "a", &text), -ENOENT);
	assert_int_equal(look_up("CREATE TABLE X (ID)", "a", &text), -ENOENT);
	assert_int_equal(look_up(TABLE "INSERT INTO T VALUES ('a', NULL)", "a", &text), -ENOENT);
	assert_int_equal(look_up(TABLE "INSERT INTO T VALUES ('a', x'00')", "a", &text), -ENOENT);
	assert_null(text);
}

static void nothing_of_its_schema_is_run(void **state)
{
	char *text = NULL;

	assert_int_equal(
		look_up("CREATE VIEW T AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
			"FROM r) SELECT n AS ID, n AS JSON FROM r",
			"a", &text),
		-ENOENT);
	assert_int_equal(look_up("CREATE TABLE T (ID, JSON AS (hex(zeroblob(100000)))); INSERT "
				 "INTO T VALUES ('a')",
				 "a", &text),
		-ENOENT);
	assert_null(text);
}

static void more_work_than_it_is_worth_is_given_up(void **state)
{
	char *text = NULL;

	assert_int_equal(
		look_up("CREATE TABLE T (ID, JSON); INSERT INTO T WITH RECURSIVE r(n) AS (SELECT 1 "
			"UNION ALL SELECT n + 1 FROM r WHERE n < 400000) SELECT n, '' FROM r",
			"a", &text),
		-EBADMSG);
	assert_null(text);
}

static void bytes_that_are_no_database_are_ebadmsg(void **state)
{
	char bytes[4096] = "SQLite format 3";
	char *text = NULL;

	assert_int_equal(sqlite_file_text(bytes, 0, &column, "a", &text), -EBADMSG);
	assert_int_equal(sqlite_file_text(bytes, sizeof(bytes), &column, "a", &text), -EBADMSG);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(sqlite_file_text(bytes, sizeof(bytes), &column, "a", &text), -EBADMSG);
	assert_null(text);
}

static void a_database_that_keeps_a_log_is_read_without_it(void **state)
{
	_cleanup_(freep) char *bytes = NULL, *text = NULL;
	size_t len;

	bytes = bytes_of(TABLE "INSERT INTO T VALUES ('a', '{}')", &len);
	bytes[18] = bytes[19] = 2;
	assert_int_equal(sqlite_file_text(bytes, len, &column, "a", &text), 0);
	assert_string_equal(text, "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_found_by_its_key),
		cmocka_unit_test(a_key_is_no_part_of_the_query),
		cmocka_unit_test(what_is_not_there_or_no_text_is_enoent),
		cmocka_unit_test(nothing_of_its_schema_is_run),
		cmocka_unit_test(more_work_than_it_is_worth_is_given_up),
		cmocka_unit_test(bytes_that_are_no_database_are_ebadmsg),
		cmocka_unit_test(a_database_that_keeps_a_log_is_read_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
