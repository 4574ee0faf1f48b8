/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <poll.h>

#include "store/cursor.h"
#include "store/feed.h"
#include "store/recorder.h"
#include "store/retention.h"
#include "store/sql.h"

#define DAY_MSEC (24 * 3600000ll)
#define NOW_MSEC (1000 * DAY_MSEC)

struct site {
	struct store *store;
	struct recorder *recorder;
	struct retention *retention;
	uint64_t serial;
};

static struct site new_site(const struct fixture *fixture, const struct retention_limits *limits)
{
	struct site site = { .store = open_store(fixture, STORE_WRITE) };

	assert_int_equal(recorder_new(site.store, &site.recorder), 0);
	assert_int_equal(retention_new(site.store, site.recorder, limits, &site.retention), 0);
	return site;
}

static void end_site(struct site *site)
{
	retention_free(site->retention);
	recorder_free(site->recorder);
	store_close(site->store);
}

static int64_t number(struct site *site, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(sql_integer(store_connection(site->store), sql, &n), 0);
	return n;
}

/* One arrival of n touches, a second apart, each with a path of its own. */
static void record(struct site *site, int64_t first_msec, const char *directory, int n)
{
	assert_int_equal(recorder_begin(site->recorder), 0);
	for (int i = 0; i < n; i++) {
		struct touch touch = full_touch();
		char path[64], why[80];

		snprintf(path, sizeof(path), "%s/%d", directory, i);
		snprintf(why, sizeof(why), "because of %s", path);
		touch.time_msec = first_msec + i;
		touch.serial = ++site->serial;
		touch.path = touch.path_seen = path;
		touch.pid = 1000 + i;
		touch.exe = directory;
		touch.launcher.via = i % 2 ? why : touch.launcher.via;
		touch.flags |= FLAG_BIT(FLAG_TRUST_CHANGE);
		assert_int_equal(recorder_touch(site->recorder, &touch), 1);
		assert_int_equal(recorder_digest(site->recorder,
					 &(struct touch_digest){ .time_msec = touch.time_msec,
						 .serial = touch.serial,
						 .node = touch.node,
						 .has_after = true }),
			0);
	}
	assert_int_equal(recorder_commit(site->recorder), 0);
}

static void keep(struct site *site, int64_t now_msec)
{
	int r;

	while ((r = retention_step(site->retention, now_msec)) > 0)
		;
	assert_int_equal(r, 0);
}

#define WITHOUT(table, column, where)                                                              \
	"(SELECT count(*) FROM " where " WHERE " column " <> 0 AND NOT EXISTS"                     \
	" (SELECT 1 FROM " table " AS t WHERE t.id = " column "))"

/* What a touch refers to is there. */
static void assert_whole(struct site *site)
{
	assert_int_equal(
		number(site,
			"SELECT " WITHOUT("process", "process", "touch_event") "+" WITHOUT(
				"text", "path", "touch_event") "+" WITHOUT("text", "path_seen",
				"touch_event") "+" WITHOUT("text", "node",
				"touch_event") "+" WITHOUT("text", "syscall",
				"touch_event") "+" WITHOUT("text", "watch",
				"touch_event") "+" WITHOUT("text", "node",
				"digest") "+" WITHOUT("text", "exe", "process") "+" WITHOUT("text",
				"argv", "process") "+" WITHOUT("text", "ancestors",
				"process") "+" WITHOUT("launcher", "launcher",
				"process") "+" WITHOUT("text", "via",
				"launcher") "+" WITHOUT("text", "evidence", "launcher")),
		0);
	assert_int_equal(number(site, "SELECT (SELECT touches FROM total) -"
				      " (SELECT count(*) FROM touch_event)"),
		0);
	assert_int_equal(number(site, "SELECT (SELECT coalesce(sum(touches), 0) FROM container) -"
				      " (SELECT count(*) FROM touch_event)"),
		0);
}

static int64_t orphans(struct site *site)
{
	return number(site, "SELECT (SELECT count(*) FROM process AS p WHERE NOT EXISTS"
			    " (SELECT 1 FROM touch_event WHERE process = p.id))"
			    " + (SELECT count(*) FROM text WHERE value LIKE '%/old%')");
}

static const struct retention_limits ninety_days = { .max_age_msec = 90 * DAY_MSEC };

static void what_is_old_goes_with_all_that_was_its_own(void **state)
{
	struct site site = new_site(*state, &ninety_days);

	record(&site, NOW_MSEC - 100 * DAY_MSEC, "/old", 1500);
	record(&site, NOW_MSEC - 1 * DAY_MSEC, "/new", 20);
	keep(&site, NOW_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 20);
	assert_int_equal(number(&site, "SELECT count(*) FROM digest"), 20);
	assert_int_equal(number(&site, "SELECT count(*) FROM arrival"), 1);
	assert_int_equal(number(&site, "SELECT count(*) FROM loss"), 1);
	assert_int_equal(number(&site, "SELECT count FROM loss WHERE kind ="
				       " (SELECT number FROM name WHERE kind = 'loss' AND name ="
				       " 'retention')"),
		1500);
	assert_int_equal(number(&site, "SELECT until_msec - since_msec FROM loss"), 1499);
	assert_int_equal(orphans(&site), 0);
	assert_whole(&site);
	/* Later there is more, which goes into the same loss. */
	keep(&site, NOW_MSEC + 90 * DAY_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 0);
	assert_int_equal(number(&site, "SELECT count FROM loss"), 1520);
	end_site(&site);
}

static void without_limits_nothing_goes(void **state)
{
	struct site site = new_site(*state, &(struct retention_limits){ 0 });

	record(&site, 0, "/old", 20);
	keep(&site, NOW_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 20);
	end_site(&site);
}

static void what_a_destination_lacks_is_kept(void **state)
{
	struct site site = new_site(*state, &ninety_days);
	struct feed_position position = { .arrival = 1, .time_msec = INT64_MAX };

	record(&site, NOW_MSEC - 100 * DAY_MSEC, "/old", 30);
	record(&site, NOW_MSEC - 99 * DAY_MSEC, "/old", 40);
	assert_int_equal(cursor_save(site.store, "there", &(struct feed_position){ 0 }), 0);
	keep(&site, NOW_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 70);
	/* The first arrival is there now, of the second a part. */
	assert_int_equal(cursor_save(site.store, "there", &position), 0);
	keep(&site, NOW_MSEC + DAY_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 40);
	position = (struct feed_position){ .arrival = 2, .time_msec = NOW_MSEC - 99 * DAY_MSEC };
	assert_int_equal(cursor_save(site.store, "there", &position), 0);
	keep(&site, NOW_MSEC + 2 * DAY_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 40);
	position.time_msec = INT64_MAX;
	assert_int_equal(cursor_save(site.store, "there", &position), 0);
	keep(&site, NOW_MSEC + 3 * DAY_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM touch_event"), 0);
	assert_int_equal(number(&site, "SELECT count(*) FROM loss WHERE kind ="
				       " (SELECT number FROM name WHERE name ="
				       " 'retention-unexported')"),
		0);
	end_site(&site);
}

static void who_had_all_sees_no_gap(void **state)
{
	struct site site = new_site(*state, &ninety_days);
	const struct query_filter all = { .since_msec = INT64_MIN,
		.until_msec = INT64_MAX,
		.action = -1,
		.serial = -1,
		.limit = -1 };
	struct feed_position position = { 0 };
	struct touch touch;
	struct feed *feed;

	record(&site, NOW_MSEC - 100 * DAY_MSEC, "/old", 3);
	assert_int_equal(feed_new(site.store, &all, &position, &feed), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(feed_next(feed, &touch), 1);
	assert_int_equal(feed_next(feed, &touch), 0);
	keep(&site, NOW_MSEC);
	record(&site, NOW_MSEC, "/new", 1);
	assert_int_equal(feed_next(feed, &touch), 1);
	assert_int_equal(touch.serial, 4);
	assert_false(feed_take_gap(feed));
	feed_free(feed);
	end_site(&site);
}

static void too_many_bytes_go_even_if_a_destination_lacks_them(void **state)
{
	struct site site = new_site(*state, &(struct retention_limits){ .max_bytes = 600 << 10 });
	int64_t used, n;

	assert_int_equal(cursor_save(site.store, "there", &(struct feed_position){ 0 }), 0);
	for (int i = 0; i < 12; i++) {
		char directory[32];

		snprintf(directory, sizeof(directory), "/d%d", i);
		record(&site, NOW_MSEC + i * DAY_MSEC, directory, 500);
	}
	keep(&site, NOW_MSEC + 20 * DAY_MSEC);
	used = number(&site, "SELECT (page_count - freelist_count) * page_size FROM"
			     " pragma_page_count, pragma_freelist_count, pragma_page_size");
	assert_in_range(used, 300 << 10, 600 << 10);
	n = number(&site, "SELECT count(*) FROM touch_event");
	assert_in_range(n, 500, 5500);
	/* The newest are there, and each of the others is in the loss. */
	assert_int_equal(
		number(&site, "SELECT count(*) FROM touch_event WHERE serial > 5500"), 500);
	assert_int_equal(number(&site, "SELECT count FROM loss WHERE kind ="
				       " (SELECT number FROM name WHERE name ="
				       " 'retention-unexported')"),
		6000 - n);
	assert_whole(&site);
	end_site(&site);
}

/* Names whose touches have gone come again at each moment of the sweep. */
static void what_is_recorded_meanwhile_loses_nothing(void **state)
{
	struct site site = new_site(*state, &ninety_days);
	int n_steps = 0, r;

	record(&site, NOW_MSEC - 100 * DAY_MSEC, "/old", 4000);
	record(&site, NOW_MSEC - DAY_MSEC, "/new", 3000);
	while ((r = retention_step(site.retention, NOW_MSEC)) > 0) {
		record(&site, NOW_MSEC + n_steps * 100, "/old", 1 + n_steps % 40);
		n_steps++;
	}
	assert_int_equal(r, 0);
	assert_true(n_steps > 20);
	assert_whole(&site);
	assert_int_equal(
		number(&site, "SELECT count(*) FROM text WHERE value LIKE '/old/3___'"), 0);
	assert_true(number(&site, "SELECT count(*) FROM text WHERE value LIKE '/old/_'") == 10);
	end_site(&site);
}

/* Whoever adds a column: store/sweep.c must know it if it refers to a text, a process or a
 * launcher. */
static void the_sweep_knows_each_column(void **state)
{
	static const struct {
		const char *sql;
		int64_t n;
	} columns[] = {
		{ "SELECT count(*) FROM pragma_table_info('touch_event')", 21 },
		{ "SELECT count(*) FROM pragma_table_info('process')", 16 },
		{ "SELECT count(*) FROM pragma_table_info('launcher')", 12 },
		{ "SELECT count(*) FROM pragma_table_info('digest')", 7 },
		{ "SELECT count(*) FROM pragma_table_info('cursor')", 9 },
	};
	struct site site = new_site(*state, &ninety_days);

	for (size_t i = 0; i < ELEMENTS(columns); i++)
		assert_int_equal(number(&site, columns[i].sql), columns[i].n);
	end_site(&site);
}

static void a_container_that_ended_goes_with_its_last_touch(void **state)
{
	struct site site = new_site(*state, &ninety_days);

	record(&site, NOW_MSEC - 100 * DAY_MSEC, "/old", 3);
	keep(&site, NOW_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM container"), 1);
	assert_int_equal(recorder_begin(site.recorder), 0);
	assert_int_equal(facts_container_end(recorder_facts(site.recorder), "docker",
				 full_touch().container.id, NOW_MSEC - 95 * DAY_MSEC),
		0);
	assert_int_equal(recorder_commit(site.recorder), 0);
	record(&site, NOW_MSEC - 99 * DAY_MSEC, "/old", 1);
	keep(&site, NOW_MSEC + DAY_MSEC);
	assert_int_equal(number(&site, "SELECT count(*) FROM container"), 0);
	/* One that is seen again is a row again. */
	record(&site, NOW_MSEC + DAY_MSEC, "/new", 1);
	assert_int_equal(number(&site, "SELECT count(*) FROM container"), 1);
	assert_whole(&site);
	end_site(&site);
}

static void the_writer_keeps_it(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture,
		&(struct writer_limits){ .reserve_bytes = SIZE_MAX, .max_age_msec = DAY_MSEC });
	struct touch touch = plain_touch(1000, 1, "/old");

	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_flush(writer), 0);
	for (int i = 0; i < 500 && stored(fixture, "SELECT count(*) FROM touch_event") > 0; i++)
		poll(NULL, 0, 10);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch_event"), 0);
	assert_int_equal(writer_free(writer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(what_is_old_goes_with_all_that_was_its_own),
		store_test(without_limits_nothing_goes),
		store_test(what_a_destination_lacks_is_kept),
		store_test(who_had_all_sees_no_gap),
		store_test(too_many_bytes_go_even_if_a_destination_lacks_them),
		store_test(what_is_recorded_meanwhile_loses_nothing),
		store_test(the_sweep_knows_each_column),
		store_test(a_container_that_ended_goes_with_its_last_touch),
		store_test(the_writer_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
