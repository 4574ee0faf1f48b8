/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <inttypes.h>

#include "store/cursor.h"
#include "store/feed.h"
#include "store/sql.h"

static void put_touches(struct writer *writer, const struct touch *touches, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(writer_put_touch(writer, &touches[i]), 0);
	assert_int_equal(writer_flush(writer), 0);
}

static struct feed *new_feed(
	struct store *store, const struct query_filter *filter, const struct feed_position *at)
{
	struct feed *feed = NULL;

	assert_int_equal(feed_new(store, filter, at, &feed), 0);
	return feed;
}

/* The serials that feed has now, as text: "1 2 3". */
static const char *serials(struct feed *feed)
{
	static char buffer[4096];
	struct touch touch;
	size_t len = 0;
	int r;

	buffer[0] = '\0';
	while ((r = feed_next(feed, &touch)) > 0)
		len += (size_t)snprintf(buffer + len, sizeof(buffer) - len, "%s%" PRIu64,
			len > 0 ? " " : "", touch.serial);
	assert_int_equal(r, 0);
	return buffer;
}

static const struct feed_position nothing_yet = { 0 };

static void touches_come_as_they_arrive_and_each_once(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct store *store = open_store(fixture, STORE_READ);
	struct feed *feed = new_feed(store, &filter, &nothing_yet);

	assert_string_equal(serials(feed), "");
	put_touches(writer,
		(struct touch[]){ plain_touch(5000, 1, "/a"), plain_touch(6000, 2, "/a") }, 2);
	assert_string_equal(serials(feed), "1 2");
	assert_string_equal(serials(feed), "");
	/* Late: before all that was given out. */
	put_touches(writer,
		(struct touch[]){ plain_touch(1000, 3, "/a"), plain_touch(5500, 4, "/a") }, 2);
	assert_string_equal(serials(feed), "3 4");
	/* And what is there already is not given out again. */
	put_touches(writer,
		(struct touch[]){ plain_touch(1000, 3, "/a"), plain_touch(7000, 5, "/a") }, 2);
	assert_string_equal(serials(feed), "5");
	feed_free(feed);
	store_close(store);
	assert_int_equal(writer_free(writer), 0);
}

static void times_that_go_back_and_forth_make_arrivals_of_their_own(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct touch touches[] = { plain_touch(100000, 1, "/a"), plain_touch(900000, 2, "/a"),
		plain_touch(100001, 3, "/a"), plain_touch(900001, 4, "/a"),
		plain_touch(900000, 5, "/a") };
	struct store *store;
	struct feed *feed;
	int64_t n;

	put_touches(writer, touches, ELEMENTS(touches));
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	feed = new_feed(store, &filter, &nothing_yet);
	/* Within a second the times put them in order. */
	assert_string_equal(serials(feed), "1 2 3 5 4");
	assert_int_equal(
		sql_integer(store_connection(store), "SELECT count(*) FROM arrival", &n), 0);
	assert_int_equal(n, 4);
	feed_free(feed);
	store_close(store);
}

static void a_position_is_where_the_next_reader_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct feed_position position;
	struct store *store;
	struct touch touch;
	struct feed *feed;

	for (unsigned i = 1; i <= 3000; i++) {
		struct touch one = plain_touch(1000 + i / 100, i, "/a");

		assert_int_equal(writer_put_touch(writer, &one), 0);
	}
	assert_int_equal(writer_free(writer), 0);

	store = open_store(fixture, STORE_CURSOR);
	feed = new_feed(store, &filter, &nothing_yet);
	for (unsigned i = 1; i <= 2500; i++) {
		assert_int_equal(feed_next(feed, &touch), 1);
		assert_int_equal(touch.serial, i);
	}
	feed_position(feed, &position);
	assert_int_equal(cursor_save(store, "there", &position), 0);
	feed_free(feed);
	store_close(store);

	store = open_store(fixture, STORE_CURSOR);
	assert_int_equal(cursor_load(store, "elsewhere", &position), 0);
	assert_int_equal(position.arrival, 0);
	assert_int_equal(cursor_load(store, "there", &position), 0);
	feed = new_feed(store, &filter, &position);
	for (unsigned i = 2501; i <= 3000; i++) {
		assert_int_equal(feed_next(feed, &touch), 1);
		assert_int_equal(touch.serial, i);
	}
	assert_int_equal(feed_next(feed, &touch), 0);
	feed_seek(feed, &position);
	assert_int_equal(feed_next(feed, &touch), 1);
	assert_int_equal(touch.serial, 2501);
	feed_free(feed);
	store_close(store);
}

static void a_filter_moves_the_position_over_what_it_passes(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct query_filter filter = EVERYTHING;
	struct touch flagged = full_touch();
	struct feed_position position;
	struct store *store;
	struct feed *feed;

	filter.flagged = true;
	put_touches(writer, (struct touch[]){ plain_touch(1000, 1, "/a") }, 1);
	put_touches(writer, &flagged, 1);
	put_touches(writer, (struct touch[]){ plain_touch(3000, 3, "/a") }, 1);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	feed = new_feed(store, &filter, &nothing_yet);
	assert_string_equal(serials(feed), "22");
	feed_position(feed, &position);
	assert_int_equal(position.arrival, 3);
	feed_free(feed);
	filter.flagged = false;
	filter.since_msec = 3000;
	feed = new_feed(store, &filter, &nothing_yet);
	assert_string_equal(serials(feed), "22 3");
	feed_free(feed);
	store_close(store);
}

static void what_was_deleted_before_it_was_read_is_a_gap(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct store *store = open_store(fixture, STORE_READ);
	struct feed *feed = new_feed(store, &filter, &nothing_yet);
	sqlite3 *db;

	put_touches(writer, (struct touch[]){ plain_touch(1000, 1, "/a") }, 1);
	assert_string_equal(serials(feed), "1");
	put_touches(writer, (struct touch[]){ plain_touch(2000, 2, "/a") }, 1);
	put_touches(writer, (struct touch[]){ plain_touch(3000, 3, "/a") }, 1);
	assert_int_equal(writer_free(writer), 0);
	db = open_sqlite(fixture);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM arrival WHERE id = 2", NULL, NULL, NULL), 0);
	sqlite3_close(db);
	assert_false(feed_take_gap(feed));
	assert_string_equal(serials(feed), "3");
	assert_true(feed_take_gap(feed));
	assert_false(feed_take_gap(feed));
	feed_free(feed);
	store_close(store);
}

static void numbers_of_arrivals_are_never_used_again(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	sqlite3 *db;

	put_touches(writer, (struct touch[]){ plain_touch(1000, 1, "/a") }, 1);
	assert_int_equal(writer_free(writer), 0);
	db = open_sqlite(fixture);
	assert_int_equal(
		sqlite3_exec(db, "DELETE FROM arrival; DELETE FROM touch_event", NULL, NULL, NULL),
		0);
	sqlite3_close(db);
	writer = new_writer(fixture, WITHOUT_RESERVE);
	put_touches(writer, (struct touch[]){ plain_touch(1000, 2, "/a") }, 1);
	assert_int_equal(writer_free(writer), 0);
	db = open_sqlite(fixture);
	assert_int_equal(integer(db, "SELECT id FROM arrival"), 2);
	assert_int_equal(integer(db, "SELECT arrival FROM touch_event"), 2);
	sqlite3_close(db);
}

static void a_cursor_is_saved_beside_a_writer_and_not_by_a_reader(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct feed_position position = { .arrival = 7, .time_msec = INT64_MAX };
	struct store *store = open_store(fixture, STORE_READ);

	assert_int_equal(cursor_save(store, "x", &position), -EROFS);
	store_close(store);
	store = open_store(fixture, STORE_CURSOR);
	assert_int_equal(cursor_save(store, "x", &position), 0);
	put_touches(writer, (struct touch[]){ plain_touch(1000, 1, "/a") }, 1);
	position.arrival = 0;
	assert_int_equal(cursor_load(store, "x", &position), 0);
	assert_int_equal(position.arrival, 7);
	store_close(store);
	assert_int_equal(writer_free(writer), 0);
}

static void a_touch_whose_digests_come_later_comes_once_more(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct store *store = open_store(fixture, STORE_READ);
	struct feed *feed = new_feed(store, &filter, &nothing_yet);
	struct touch trust = plain_touch(5000, 2, "/etc/containers/policy.json"), touch;
	struct touch_digest digest = { .time_msec = 5000, .serial = 2, .has_before = true };

	trust.flags = FLAG_BIT(FLAG_TRUST_CHANGE);
	put_touches(writer, (struct touch[]){ plain_touch(5000, 1, "/a") }, 1);
	put_touches(writer, &trust, 1);
	assert_string_equal(serials(feed), "1 2");
	/* Nothing new is known where the file is gone. */
	assert_int_equal(writer_put_digest(writer, &digest), 0);
	assert_int_equal(writer_flush(writer), 0);
	assert_string_equal(serials(feed), "");
	digest.has_after = true;
	memset(digest.after, 0xab, sizeof(digest.after));
	assert_int_equal(writer_put_digest(writer, &digest), 0);
	put_touches(writer, (struct touch[]){ plain_touch(9000, 3, "/a") }, 1);
	assert_int_equal(feed_next(feed, &touch), 1);
	assert_int_equal(touch.serial, 2);
	assert_int_equal(strncmp(touch.digest_after, "abab", 4), 0);
	assert_string_equal(serials(feed), "3");
	feed_free(feed);
	/* Who comes later gets both, too: the first may have been without. */
	feed = new_feed(store, &filter, &nothing_yet);
	assert_string_equal(serials(feed), "1 2 2 3");
	feed_free(feed);
	store_close(store);
	assert_int_equal(writer_free(writer), 0);
}

struct seen {
	unsigned n;
	struct cursor_row last;
	char error[64];
};

static void see(const struct cursor_row *row, void *userdata)
{
	struct seen *seen = userdata;

	seen->n++;
	seen->last = *row;
	snprintf(seen->error, sizeof(seen->error), "%s", row->error ? row->error : "");
	assert_string_equal(row->name, "there");
}

static struct seen look(struct store *store)
{
	struct seen seen = { 0 };

	assert_int_equal(cursors_each(store, see, &seen), 0);
	return seen;
}

static void it_is_told_how_far_a_destination_is(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct query_filter filter = EVERYTHING;
	struct store *store = open_store(fixture, STORE_CURSOR);
	struct feed_position position = nothing_yet;
	struct feed *feed;
	struct touch touch;
	struct seen seen;

	assert_int_equal(look(store).n, 0);
	assert_int_equal(cursor_save(store, "there", &position), 0);
	seen = look(store);
	assert_int_equal(seen.n, 1);
	assert_true(seen.last.position_msec == 0 && seen.last.behind == 0);
	put_touches(writer,
		(struct touch[]){ plain_touch(5000, 1, "/a"), plain_touch(6000, 2, "/a"),
			plain_touch(6000, 3, "/a") },
		3);
	/* Late, and within the first ones' span. */
	put_touches(writer,
		(struct touch[]){ plain_touch(1000, 4, "/a"), plain_touch(5500, 5, "/a") }, 2);
	seen = look(store);
	assert_true(seen.last.position_msec == 0 && seen.last.behind == 5);
	assert_int_equal(seen.last.behind_since_msec, 1000);

	feed = new_feed(store, &filter, &position);
	for (int i = 0; i < 2; i++)
		assert_int_equal(feed_next(feed, &touch), 1);
	feed_position(feed, &position);
	assert_int_equal(cursor_save(store, "there", &position), 0);
	seen = look(store);
	assert_int_equal(seen.last.position_msec, 6000);
	assert_int_equal(seen.last.behind, 3);
	assert_string_equal(serials(feed), "3 4 5");
	feed_position(feed, &position);
	assert_int_equal(cursor_save(store, "there", &position), 0);
	seen = look(store);
	assert_int_equal(seen.last.position_msec, 5500);
	assert_int_equal(seen.last.behind, 0);
	assert_int_equal(seen.last.behind_since_msec, 0);
	feed_free(feed);
	store_close(store);
	assert_int_equal(writer_free(writer), 0);
}

static void why_a_destination_is_not_reached_is_told_until_it_is(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct store *store = open_store(fixture, STORE_CURSOR);
	struct feed_position position = { .arrival = 3 };

	assert_int_equal(cursor_save(store, "there", &position), 0);
	assert_string_equal(look(store).error, "");
	assert_int_equal(cursor_note(store, "there", "connection refused"), 0);
	assert_int_equal(cursor_save(store, "there", &position), 0);
	assert_string_equal(look(store).error, "connection refused");
	assert_true(look(store).last.error_msec > 0);
	assert_int_equal(cursor_note(store, "there", NULL), 0);
	assert_string_equal(look(store).error, "");
	assert_true(look(store).last.error_msec == 0);
	assert_int_equal(cursor_forget(store, "elsewhere"), 0);
	assert_int_equal(cursor_forget(store, "there"), 1);
	assert_int_equal(look(store).n, 0);
	store_close(store);
	assert_int_equal(writer_free(writer), 0);
}

static void there_is_no_cursor_without_a_database(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = NULL;

	assert_int_equal(store_open(fixture->path, STORE_CURSOR, &store), -ENOENT);
	assert_false(exists(fixture->path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(touches_come_as_they_arrive_and_each_once),
		store_test(times_that_go_back_and_forth_make_arrivals_of_their_own),
		store_test(a_position_is_where_the_next_reader_goes_on),
		store_test(a_filter_moves_the_position_over_what_it_passes),
		store_test(what_was_deleted_before_it_was_read_is_a_gap),
		store_test(numbers_of_arrivals_are_never_used_again),
		store_test(a_cursor_is_saved_beside_a_writer_and_not_by_a_reader),
		store_test(a_touch_whose_digests_come_later_comes_once_more),
		store_test(it_is_told_how_far_a_destination_is),
		store_test(why_a_destination_is_not_reached_is_told_until_it_is),
		store_test(there_is_no_cursor_without_a_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
