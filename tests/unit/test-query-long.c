/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Long answers: each row once, nothing held meanwhile, and no look at every touch. */

#include "store-fixture.h"

#include "store/query-filter.h"

#define MANY 3000

static void put_many(const struct fixture *fixture)
{
	struct touch *touches = calloc(MANY, sizeof(*touches));

	for (size_t i = 0; i < MANY; i++) {
		touches[i] = plain_touch(1000 + (int64_t)i / 7, i, i % 3 ? "/a/x" : "/a/y");
		touches[i].flags = 1;
		touches[i].severity = (enum severity)(i % SEVERITY_COUNT);
	}
	put_all(fixture, touches, MANY);
	free(touches);
}

/* Longer than one batch of keys: each row once, none left out. */
static void assert_complete(
	const struct fixture *fixture, const struct query_filter *filter, size_t n, bool in_order)
{
	struct store *store = open_store(fixture, STORE_READ);
	bool *seen = calloc(MANY, sizeof(*seen));
	struct query *query = NULL;
	struct touch touch;
	uint64_t last = 0;
	size_t count = 0;

	assert_int_equal(query_new(store, filter, &query), 0);
	for (; query_next(query, &touch) > 0; count++) {
		assert_true(touch.serial < MANY && !seen[touch.serial]);
		assert_true(!in_order || count == 0 || touch.serial > last);
		seen[touch.serial] = true;
		last = touch.serial;
	}
	assert_int_equal(count, n);
	free(seen);
	query_free(query);
	store_close(store);
}

static void a_long_answer_has_each_row_once(void **state)
{
	struct query_filter filter = EVERYTHING;

	put_many(*state);
	assert_complete(*state, &filter, MANY, true);
	filter.path = "/a";
	assert_complete(*state, &filter, MANY, true);
	filter.path = "/a/y";
	assert_complete(*state, &filter, MANY / 3, true);
	filter.limit = 700;
	assert_complete(*state, &filter, 700, true);
	filter.path = NULL;
	filter.flagged = true;
	filter.order = QUERY_WORST_FIRST;
	filter.limit = -1;
	assert_complete(*state, &filter, MANY, false);
}

/* A pager that nobody closes would make the WAL grow without end. */
static void a_slow_reader_holds_nothing(void **state)
{
	struct query_filter filter = EVERYTHING;
	struct fixture *fixture = *state;
	struct query *query = NULL;
	struct store *store;
	struct touch touch;
	const char *json;
	sqlite3 *db;

	put_many(fixture);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(query_next_json(query, &json), 1);
	db = open_sqlite(fixture);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO meta VALUES ('a', 'b')", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(integer(db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	sqlite3_close(db);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(touch.serial, 2);
	query_free(query);
	store_close(store);
}

/* An answer ends, even where the writer is faster than the reader. */
static void what_comes_later_is_not_part_of_the_answer(void **state)
{
	struct touch before = plain_touch(1000, 1, "/x"), after = plain_touch(2000, 2, "/x"), touch;
	struct query_filter filter = EVERYTHING;
	struct query *query = NULL;
	struct store *store;

	put_all(*state, &before, 1);
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	put_all(*state, &after, 1);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(query_next(query, &touch), 0);
	query_free(query);
	store_close(store);
}

/* What SQLite means to do for the filter's keys, all lines of it. */
static void plan_of(
	struct store *store, const struct query_filter *filter, char *buffer, size_t size)
{
	sqlite3_stmt *keys = NULL, *plan = NULL;
	sqlite3 *db = store_connection(store);
	char *sql = NULL;

	assert_int_equal(filter_prepare(db, filter, FILTER_ANSWER, &keys), 0);
	assert_true(asprintf(&sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(keys)) > 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &plan, NULL), SQLITE_OK);
	buffer[0] = '\0';
	while (sqlite3_step(plan) == SQLITE_ROW) {
		size_t len = strlen(buffer);

		snprintf(buffer + len, size - len, "%s\n", sqlite3_column_text(plan, 3));
	}
	free(sql);
	sqlite3_finalize(plan);
	sqlite3_finalize(keys);
}

static void no_question_looks_at_every_touch(void **state)
{
	static const struct {
		const char *expected;
		struct query_filter filter;
	} questions[] = {
		{ "SEARCH e USING COVERING INDEX touch_by_path (path=? AND (time_msec",
			{ .path = "/etc", .action = -1, .serial = -1 } },
		{ "SEARCH e USING INDEX touch_by_path (path=? AND (time_msec",
			{ .path = "/etc", .user = "root", .action = 1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_by_container (container=? AND (time_msec",
			{ .container = "web", .action = -1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_flagged ((time_msec",
			{ .flagged = true, .action = -1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_flagged ((time_msec",
			{ .flagged = true, .suppressed = QUERY_SUPPRESSED_NOT, .action = -1,
				.serial = -1 } },
		{ "SEARCH e USING PRIMARY KEY ((time_msec", { .action = -1, .serial = -1 } },
	};
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);
	char plan[4096];

	for (size_t i = 0; i < ELEMENTS(questions); i++) {
		plan_of(store, &questions[i].filter, plan, sizeof(plan));
		if (!strstr(plan, questions[i].expected) || strstr(plan, "SCAN e") ||
			strstr(plan, "SCAN text"))
			fail_msg("no '%s' in:\n%s", questions[i].expected, plan);
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_long_answer_has_each_row_once),
		store_test(a_slow_reader_holds_nothing),
		store_test(what_comes_later_is_not_part_of_the_answer),
		store_test(no_question_looks_at_every_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
