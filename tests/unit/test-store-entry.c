/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "store/entry.h"

static const struct entry_record sample = {
	.runtime = "docker",
	.container_id = "abc",
	.boot = "this boot",
	.pid = 41,
	.start_nsec = 12345678901234567,
	.began_msec = 1764000000123,
	.kind = ENTRY_EXEC,
	.launcher = {
		.auid = 3267,
		.pid = 40,
		.exe = "/usr/bin/docker",
		.argv = { "docker\0run\0b\"b", 14, true },
		.via = "/run/docker.sock",
		.confidence = CONFIDENCE_LIKELY,
		.evidence = { "one\0two", 7, true },
		.content_trust = CONTENT_TRUST_ON,
	},
};

static void on_entry(const struct entry_record *record, void *userdata)
{
	unsigned *n = userdata;

	assert_string_equal(record->runtime, "docker");
	assert_string_equal(record->container_id, "abc");
	assert_int_equal(record->pid, 41);
	assert_int_equal(record->start_nsec, 12345678901234567);
	assert_int_equal(record->kind, ENTRY_EXEC);
	assert_int_equal(record->launcher.auid, 3267);
	assert_int_equal(record->launcher.confidence, CONFIDENCE_LIKELY);
	assert_int_equal(record->launcher.argv.len, 14);
	assert_memory_equal(record->launcher.argv.bytes, "docker\0run\0b\"b", 14);
	assert_int_equal(record->launcher.evidence.len, 7);
	assert_memory_equal(record->launcher.evidence.bytes, "one\0two", 7);
	assert_string_equal(record->launcher.via, "/run/docker.sock");
	assert_null(record->launcher.reason);
	assert_int_equal(record->launcher.content_trust, CONTENT_TRUST_ON);
	++*n;
}

static void an_entry_comes_back_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);
	unsigned n = 0;

	assert_int_equal(entry_put(store_connection(store), &sample), 0);
	/* Told again it is one still. */
	assert_int_equal(entry_put(store_connection(store), &sample), 0);
	assert_int_equal(entry_each(store, "this boot", 10, on_entry, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(entry_each(store, "another", 10, on_entry, &n), 0);
	assert_int_equal(n, 1);
	store_close(store);
}

static void a_copy_owns_what_it_points_to(void **state)
{
	struct entry_record *copy;
	unsigned n = 0;

	assert_int_equal(entry_record_copy(&sample, &copy), 0);
	assert_ptr_not_equal(copy->launcher.argv.bytes, sample.launcher.argv.bytes);
	on_entry(copy, &n);
	free(copy);
}

static void what_somebody_wrote_into_the_database_is_not_believed(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);
	unsigned n = 0;

	assert_int_equal(entry_put(store_connection(store), &sample), 0);
	assert_int_equal(sqlite3_exec(store_connection(store),
				 "UPDATE entry SET kind = 77, argv = 'no json'", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(entry_each(store, "this boot", 10, on_entry, &n), 0);
	assert_int_equal(n, 0);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(an_entry_comes_back_as_it_was),
		store_test(a_copy_owns_what_it_points_to),
		store_test(what_somebody_wrote_into_the_database_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
