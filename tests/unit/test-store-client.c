/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "store/client-record.h"
#include "store/entry.h"
#include "store/query.h"
#include "store/recorder.h"
#include "store/retention.h"
#include "store/sql.h"

#define NOW_MSEC INT64_C(1764000000000)
#define ABOVE                                                                                      \
	"[{\"pid\":30,\"argv\":[\"sshd\"],\"complete\":true},"                                     \
	"{\"pid\":31,\"argv\":[\"bash\"],\"complete\":true}]"

static const struct client_record sample = {
	.boot = "this boot",
	.pid = 40,
	.start_nsec = 5000000000,
	.start_msec = NOW_MSEC,
	.first_msec = NOW_MSEC + 10,
	.auid = 3001,
	.session = 7,
	.uid = 3001,
	.exe = "/usr/bin/docker",
	.argv = { "docker\0run\0b\"b", 14, true },
	.via = "/run/docker.sock",
	.ancestors = ABOVE,
};

static void put(struct store *store, const struct client_record *record)
{
	assert_int_equal(client_record_put(store_connection(store), record), 0);
}

static void execute(struct store *store, const char *sql)
{
	assert_int_equal(sql_execute(store_connection(store), sql), 0);
}

static int64_t number(struct store *store, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(sql_integer(store_connection(store), sql, &n), 0);
	return n;
}

static void an_end_is_added_to_the_client_that_is_there(void **state)
{
	struct store *store = open_store(*state, STORE_WRITE);
	struct client_record record = sample;

	put(store, &record);
	assert_int_equal(number(store, "SELECT count(*) FROM client WHERE end_msec IS NULL"), 1);
	/* Met again after a restart, its start is known in ticks and its first connect is not. */
	record.start_nsec -= 3000000;
	record.start_msec += 2;
	record.first_msec = 0;
	record.end_msec = NOW_MSEC + 500;
	record.ancestors = NULL;
	put(store, &record);
	assert_int_equal(number(store, "SELECT count(*) FROM client"), 1);
	assert_int_equal(number(store, "SELECT end_msec FROM client"), NOW_MSEC + 500);
	assert_int_equal(number(store, "SELECT start_msec FROM client"), NOW_MSEC);
	assert_int_equal(number(store, "SELECT first_msec FROM client"), NOW_MSEC + 10);
	assert_int_equal(
		number(store, "SELECT count(*) FROM client WHERE argv = '[\"docker\",\"run\","
			      "\"b\\\"b\"]' AND auid = 3001 AND session = 7 AND"
			      " json_array_length(ancestors) = 2"),
		1);
	store_close(store);
}

static void another_program_or_process_is_another_client(void **state)
{
	struct store *store = open_store(*state, STORE_WRITE);
	struct client_record record = sample;

	put(store, &record);
	record.start_nsec += 1000000000;
	put(store, &record);
	record.exe = "/usr/bin/curl";
	put(store, &record);
	record.auid = AUID_UNSET;
	put(store, &record);
	put(store, &record);
	assert_int_equal(number(store, "SELECT count(*) FROM client"), 4);
	assert_int_equal(number(store, "SELECT count(*) FROM client WHERE auid IS NULL"), 1);
	store_close(store);
}

static void a_copy_owns_what_it_points_to(void **state)
{
	struct client_record *copy;

	assert_int_equal(client_record_copy(&sample, &copy), 0);
	assert_ptr_not_equal(copy->exe, sample.exe);
	assert_string_equal(copy->exe, sample.exe);
	assert_string_equal(copy->ancestors, ABOVE);
	assert_null(copy->container_id);
	assert_ptr_not_equal(copy->argv.bytes, sample.argv.bytes);
	assert_memory_equal(copy->argv.bytes, sample.argv.bytes, sample.argv.len);
	free(copy);
}

static const struct entry_record entry = {
	.runtime = "docker",
	.container_id = "abcd",
	.boot = "this boot",
	.pid = 41,
	.start_nsec = 5400000000,
	.began_msec = NOW_MSEC + 400,
	.kind = ENTRY_INIT,
	.launcher = {
		.auid = 3001,
		.pid = 40,
		.exe = "/usr/bin/docker",
		.argv = { "docker\0run\0b\"b", 14, true },
		.confidence = CONFIDENCE_CERTAIN,
	},
};

static void assert_shown(struct store *store, const char *text)
{
	const struct query_filter filter = EVERYTHING;
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	struct container_row row;

	assert_int_equal(query_containers_new(store, &filter, &list), 0);
	assert_int_equal(query_containers_next(list, &row), 1);
	if (!strstr(row.json, text))
		fail_msg("no %s in %s", text, row.json);
}

static void an_entry_is_shown_with_its_clients_life(void **state)
{
	struct store *store = open_store(*state, STORE_WRITE);
	struct client_record record = sample;

	execute(store, "INSERT INTO container(runtime, container_id, first_seen_msec,"
		       " last_seen_msec) VALUES ('docker', 'abcd', 1, 1)");
	assert_int_equal(entry_put(store_connection(store), &entry), 0);
	assert_shown(store, "\"client_start\":null,\"client_end\":null,\"client_ancestors\":null");
	/* An earlier and a later process of that pid did not ask. */
	record.start_nsec -= 2000000000;
	put(store, &record);
	record.start_nsec += 4000000000;
	put(store, &record);
	record = sample;
	put(store, &record);
	record.end_msec = NOW_MSEC + 600;
	put(store, &record);
	assert_shown(store, "\"client_start\":\"2025-11-24T16:00:00.000Z\","
			    "\"client_end\":\"2025-11-24T16:00:00.600Z\","
			    "\"client_ancestors\":" ABOVE);
	store_close(store);
}

static void keep(struct store *store, const struct retention_limits *limits)
{
	struct retention *retention;
	struct recorder *recorder;
	int r;

	assert_int_equal(recorder_new(store, &recorder), 0);
	assert_int_equal(retention_new(store, recorder, limits, &retention), 0);
	while ((r = retention_step(retention, NOW_MSEC)) > 0)
		;
	assert_int_equal(r, 0);
	retention_free(retention);
	recorder_free(recorder);
}

static void a_client_goes_with_the_touches_of_its_time(void **state)
{
	struct store *store = open_store(*state, STORE_WRITE);
	struct client_record record = sample;

	execute(store, "INSERT INTO touch_event(time_msec, serial, node, item, path_by, action,"
		       " success, process, flags, severity) VALUES (1, 1, 0, 0, 0, 0, 1, 0, 0, 0),"
		       " (1764000000000, 2, 0, 0, 0, 0, 1, 0, 0, 0);"
		       "UPDATE total SET touches = 2");
	put(store, &record);
	record.start_msec = record.first_msec = 1;
	record.start_nsec = 1;
	put(store, &record);
	record.pid = 43;
	put(store, &record);
	record.pid = 44;
	record.end_msec = NOW_MSEC;
	put(store, &record);
	/* That of an entry stays as long as that. */
	assert_int_equal(entry_put(store_connection(store), &entry), 0);
	keep(store, &(struct retention_limits){ 1000, 0 });
	assert_int_equal(number(store, "SELECT count(*) FROM client WHERE pid = 40"), 2);
	assert_int_equal(number(store, "SELECT count(*) FROM client WHERE pid = 43"), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM client WHERE pid = 44"), 1);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(an_end_is_added_to_the_client_that_is_there),
		store_test(another_program_or_process_is_another_client),
		store_test(a_copy_owns_what_it_points_to),
		store_test(an_entry_is_shown_with_its_clients_life),
		store_test(a_client_goes_with_the_touches_of_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
