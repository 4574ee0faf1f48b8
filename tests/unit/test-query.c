/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which touches does a filter let through, and in what order? */

#include "store-fixture.h"

#include <inttypes.h>
#include <time.h>

/* The serials of the answer, as text: "1 2 3". */
static void serials_of(
	const struct fixture *fixture, const struct query_filter *filter, char *buffer, size_t size)
{
	struct store *store = open_store(fixture, STORE_READ);
	struct query *query = NULL;
	struct touch touch;
	size_t len = 0;
	int r;

	assert_int_equal(query_new(store, filter, &query), 0);
	buffer[0] = '\0';
	while ((r = query_next(query, &touch)) > 0)
		len += (size_t)snprintf(
			buffer + len, size - len, "%s%" PRIu64, len > 0 ? " " : "", touch.serial);
	assert_int_equal(r, 0);
	query_free(query);
	store_close(store);
}

#define assert_answer(fixture, expected, ...)                                                      \
	do {                                                                                       \
		struct query_filter filter_ = EVERYTHING;                                          \
		char serials_[4096];                                                               \
		__VA_ARGS__;                                                                       \
		serials_of(fixture, &filter_, serials_, sizeof(serials_));                         \
		assert_string_equal(serials_, expected);                                           \
	} while (0)

static void what_is_suppressed_is_asked_for_or_not(void **state)
{
	struct touch touches[] = { plain_touch(1000, 1, "/x"), plain_touch(2000, 2, "/x"),
		plain_touch(3000, 3, "/x") };

	touches[0].flags = touches[1].flags = FLAG_BIT(FLAG_HOST_WRITE);
	touches[1].suppressed = "rule";
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2", filter_.flagged = true);
	assert_answer(*state, "1", filter_.flagged = true;
		      filter_.suppressed = QUERY_SUPPRESSED_NOT);
	assert_answer(*state, "2", filter_.flagged = true;
		      filter_.suppressed = QUERY_SUPPRESSED_ONLY);
	assert_answer(*state, "1 2 3", filter_.limit = -1);
}

static const char *const tree[] = {
	"/etc",
	"/etc/passwd",
	"/etc/passwd-",
	"/etc/passwd/x",
	"/etc.d/x",
	"/etc0",
	"/et",
	"/",
	"/etc/\xff",
	"/srv/\xff",
	"/srv/\xff/below",
	"/srv/\xfe",
};

static void put_tree(const struct fixture *fixture)
{
	struct touch touches[ELEMENTS(tree)];

	for (size_t i = 0; i < ELEMENTS(tree); i++)
		touches[i] = plain_touch(1000, i, tree[i]);
	put_all(fixture, touches, ELEMENTS(tree));
}

static void a_path_is_itself_and_what_is_below(void **state)
{
	put_tree(*state);
	assert_answer(*state, "1 3", filter_.path = "/etc/passwd");
	assert_answer(*state, "0 1 2 3 8", filter_.path = "/etc");
	assert_answer(*state, "0 1 2 3 8", filter_.path = "/etc/");
	assert_answer(*state, "0 1 2 3 4 5 6 7 8 9 10 11", filter_.path = "/");
	assert_answer(*state, "9 10", filter_.path = "/srv/\xff");
	assert_answer(*state, "", filter_.path = "/etc/pass");
	assert_answer(*state, "", filter_.path = "/ETC");
	assert_answer(*state, "", filter_.path = "/%");
}

static void a_path_may_have_a_second_name(void **state)
{
	put_tree(*state);
	assert_answer(*state, "1 3 5", filter_.path = "/etc0"; filter_.path_alias = "/etc/passwd");
	assert_answer(*state, "1 3", filter_.path = "/etc/passwd";
		      filter_.path_alias = "/etc/passwd");
}

static void times_include_their_ends(void **state)
{
	struct touch touches[5];

	for (size_t i = 0; i < ELEMENTS(touches); i++)
		touches[i] = plain_touch(1000 + (int64_t)i, i, "/x");
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2 3", filter_.since_msec = 1001; filter_.until_msec = 1003);
	assert_answer(*state, "4", filter_.since_msec = 1004);
	assert_answer(*state, "", filter_.since_msec = 1005);
	assert_answer(*state, "0", filter_.until_msec = 1000);
	assert_answer(*state, "", filter_.until_msec = 999);
}

static void touches_come_in_the_order_of_time_then_serial_then_item(void **state)
{
	struct touch touches[] = { plain_touch(2000, 9, "/x"), plain_touch(1000, 30, "/x"),
		plain_touch(1000, 4, "/y"), plain_touch(1000, 4, "/x") };

	touches[2].item = 1;
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "4 4 30 9", (void)0);
	assert_answer(*state, "4 30 9", filter_.path = "/x");
}

static void the_limit_keeps_the_newest(void **state)
{
	struct touch touches[20];

	for (size_t i = 0; i < ELEMENTS(touches); i++)
		touches[i] = plain_touch(1000 + (int64_t)i / 4, i, i % 2 ? "/odd" : "/even");
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "17 18 19", filter_.limit = 3);
	assert_answer(*state, "14 16 18", filter_.limit = 3; filter_.path = "/even");
	assert_answer(*state, "2 3", filter_.limit = 2; filter_.until_msec = 1000);
	assert_answer(*state, "16 17 18 19", filter_.limit = 50; filter_.since_msec = 1004);
	assert_answer(*state, "", filter_.limit = 0);
}

static void containers_are_found_by_id_prefix_or_name(void **state)
{
	struct touch touches[4];

	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = full_touch();
		touches[i].serial = i;
	}
	touches[0].container.id = "aaaabbbb";
	touches[1].container.id = "aaaacccc";
	touches[1].container.name = "other";
	touches[2].container.id = "dddd";
	touches[2].container.name = NULL;
	touches[3].container = (struct touch_container){ .privileged = TRISTATE_UNKNOWN };
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "0", filter_.container = "aaaabbbb");
	assert_answer(*state, "0 1", filter_.container = "aaaa");
	assert_answer(*state, "", filter_.container = "aaa");
	assert_answer(*state, "1", filter_.container = "other");
	assert_answer(*state, "", filter_.container = "othe");
	assert_answer(*state, "2", filter_.container = "dddd");
	assert_answer(*state, "", filter_.container = "%");
}

static void people_are_found_by_name_number_or_absence(void **state)
{
	struct touch touches[4];

	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = plain_touch(1000, i, "/x");
		touches[i].user = "root";
	}
	touches[1].auid = 1000;
	touches[1].login = "alice";
	touches[2].user = "alice";
	touches[3].launcher = (struct touch_launcher){
		.auid = 3267,
		.login = "dwalsh",
		.confidence = CONFIDENCE_LIKELY,
	};
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2", filter_.user = "alice");
	assert_answer(*state, "3", filter_.user = "dwalsh");
	assert_answer(*state, "1", filter_.user = "1000");
	assert_answer(*state, "3", filter_.user = "3267");
	assert_answer(*state, "0 2 3", filter_.user = "unset");
	assert_answer(*state, "", filter_.user = "bob");
	assert_answer(*state, "", filter_.user = "0");
	assert_answer(*state, "", filter_.user = "");
}

static void actions_flags_and_events_are_found(void **state)
{
	struct touch touches[] = { plain_touch(1000, 1, "/x"), plain_touch(1000, 2, "/x"),
		plain_touch(1000, 3, "/x") };

	touches[1].action = ACTION_RENAME;
	touches[2].flags = FLAG_BIT(FLAG_FAILED);
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "2", filter_.action = ACTION_RENAME);
	assert_answer(*state, "1 3", filter_.action = ACTION_WRITE);
	assert_answer(*state, "3", filter_.flagged = true);
	assert_answer(*state, "2", filter_.serial = 2);
	assert_answer(*state, "", filter_.serial = 4);
	assert_answer(*state, "", filter_.serial = 2; filter_.flagged = true);
}

static void the_worst_comes_first_within_its_day(void **state)
{
	const int64_t day = 24 * 3600 * 1000;
	struct touch touches[6];

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = plain_touch(((int64_t)i / 3) * day + (int64_t)i, i, "/x");
		touches[i].flags = 1;
		touches[i].severity = SEVERITY_NOTICE;
	}
	touches[1].severity = SEVERITY_CRITICAL;
	touches[4].severity = SEVERITY_WARNING;
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "4 5 3 1 2 0", filter_.order = QUERY_WORST_FIRST;
		      filter_.flagged = true);
	assert_answer(*state, "4 5 3 2", filter_.order = QUERY_WORST_FIRST; filter_.flagged = true;
		      filter_.limit = 4);
}

/* Days are those of who reads. */
static void a_day_is_a_local_one(void **state)
{
	const int64_t hour = 3600 * 1000;
	struct touch touches[] = { plain_touch(23 * hour, 1, "/x"),
		plain_touch(25 * hour, 2, "/x") };

	touches[0].flags = touches[1].flags = 1;
	touches[0].severity = SEVERITY_CRITICAL;
	put_all(*state, touches, ELEMENTS(touches));
	setenv("TZ", "UTC", 1);
	tzset();
	assert_answer(*state, "2 1", filter_.order = QUERY_WORST_FIRST);
	setenv("TZ", "XXX-2", 1);
	tzset();
	assert_answer(*state, "1 2", filter_.order = QUERY_WORST_FIRST);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void an_empty_database_answers_with_nothing(void **state)
{
	struct store_summary summary;
	struct store *store;

	put_all(*state, NULL, 0);
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_summary(store, &summary), 0);
	assert_int_equal(summary.n_touches, 0);
	assert_int_equal(summary.first_msec, 0);
	store_close(store);
	assert_answer(*state, "", (void)0);
	assert_answer(*state, "", filter_.limit = 3);
	assert_answer(*state, "", filter_.order = QUERY_WORST_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_path_is_itself_and_what_is_below),
		store_test(a_path_may_have_a_second_name),
		store_test(times_include_their_ends),
		store_test(touches_come_in_the_order_of_time_then_serial_then_item),
		store_test(the_limit_keeps_the_newest),
		store_test(containers_are_found_by_id_prefix_or_name),
		store_test(people_are_found_by_name_number_or_absence),
		store_test(actions_flags_and_events_are_found),
		store_test(the_worst_comes_first_within_its_day),
		store_test(a_day_is_a_local_one),
		store_test(an_empty_database_answers_with_nothing),
		store_test(what_is_suppressed_is_asked_for_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
