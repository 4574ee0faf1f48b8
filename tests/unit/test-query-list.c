/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What else a store is asked for: containers, losses, facts and the summary. */

#include "store-fixture.h"

static void containers_are_listed_with_what_they_did(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	struct container_mount mount = { (char *)"/", (char *)"/host", true, false };
	struct query_filter filter = EVERYTHING;
	struct touch touch = full_touch();
	struct container_row row;

	assert_int_equal(container_info_new(touch.container.id, "docker", &info), 0);
	info->privileged = TRISTATE_YES;
	info->created_msec = 1000;
	info->init_pid = 77;
	info->labels = strdup("{\"tier\":\"x\"}");
	info->command = memcpy(malloc(8), "sh\0-c\0x", 8);
	info->command_len = 7;
	assert_int_equal(container_info_add_mount(info, &mount), 0);
	assert_int_equal(writer_put_container(writer, info, 2000), 0);
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(
		writer_put_container_end(writer, "docker", touch.container.id, touch.time_msec + 1),
		0);
	assert_int_equal(writer_free(writer), 0);

	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_containers_new(store, &filter, &list), 0);
	assert_int_equal(query_containers_next(list, &row), 1);
	assert_string_equal(row.id, touch.container.id);
	assert_string_equal(row.name, "hack");
	assert_string_equal(row.runtime, "docker");
	assert_string_equal(row.image, "ubi8-micro:latest");
	assert_int_equal(row.privileged, TRISTATE_YES);
	assert_int_equal(row.first_seen_msec, 2000);
	assert_int_equal(row.last_seen_msec, touch.time_msec + 1);
	assert_int_equal(row.ended_msec, touch.time_msec + 1);
	assert_int_equal(row.n_touches, 1);
	assert_int_equal(row.n_flagged, 1);
	assert_non_null(strstr(row.json, "\"created\":\"1970-01-01T00:00:01.000Z\""));
	assert_non_null(strstr(row.json, "\"command\":[\"sh\",\"-c\",\"x\"]"));
	assert_non_null(strstr(row.json, "\"labels\":{\"tier\":\"x\"}"));
	assert_non_null(strstr(row.json, "\"mounts\":[{\"source\":\"/\",\"destination\":\"/host\","
					 "\"writable\":true,\"recursive\":false}]"));
	assert_non_null(strstr(row.json, "\"rootfs\":null"));
	assert_int_equal(query_containers_next(list, &row), 0);
}

static void put_container(struct writer *writer, const char *id, int64_t since, int64_t until)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;

	assert_int_equal(container_info_new(id, "docker", &info), 0);
	assert_int_equal(writer_put_container(writer, info, since), 0);
	if (until)
		assert_int_equal(writer_put_container_end(writer, "docker", id, until), 0);
}

static void assert_containers(
	const struct fixture *fixture, const char *expected, const struct query_filter *filter)
{
	_cleanup_(store_closep) struct store *store = open_store(fixture, STORE_READ);
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	struct container_row row;
	char ids[256] = "";

	assert_int_equal(query_containers_new(store, filter, &list), 0);
	while (query_containers_next(list, &row) > 0) {
		strcat(ids, row.id);
		strcat(ids, " ");
	}
	assert_string_equal(ids, expected);
}

static void containers_are_those_that_lived_then(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct query_filter filter = EVERYTHING;

	put_container(writer, "first", 1000, 2000);
	put_container(writer, "second", 1500, 3000);
	put_container(writer, "alive", 1600, 0);
	assert_int_equal(writer_free(writer), 0);
	assert_containers(fixture, "first second alive ", &filter);
	filter.since_msec = 2001;
	assert_containers(fixture, "second alive ", &filter);
	filter.since_msec = 9000;
	assert_containers(fixture, "alive ", &filter);
	filter.since_msec = INT64_MIN;
	filter.until_msec = 1550;
	assert_containers(fixture, "first second ", &filter);
	filter = EVERYTHING;
	filter.limit = 2;
	assert_containers(fixture, "second alive ", &filter);
	filter.container = "firs";
	assert_containers(fixture, "first ", &filter);
	filter.container = "fir";
	assert_containers(fixture, "", &filter);
}

static void losses_are_those_that_overlap(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct loss losses[] = { { LOSS_DOWNTIME, 1000, 2000, 0, NULL },
		{ LOSS_KERNEL, 5000, 6000, 12, "while \xff" } };
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	_cleanup_(query_list_freep) struct query_list *none = NULL;
	struct loss_row row;

	for (size_t i = 0; i < ELEMENTS(losses); i++)
		assert_int_equal(writer_put_loss(writer, &losses[i]), 0);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_losses_new(store, 2001, 4999, &none), 0);
	assert_int_equal(query_losses_next(none, &row), 0);
	assert_int_equal(query_losses_new(store, 2000, 5000, &list), 0);
	assert_int_equal(query_losses_next(list, &row), 1);
	assert_int_equal(row.loss.kind, LOSS_DOWNTIME);
	assert_int_equal(row.loss.count, 0);
	assert_null(row.loss.detail);
	assert_string_equal(row.json,
		"{\"kind\":\"downtime\",\"since\":\"1970-01-01T00:00:01.000Z\","
		"\"until\":\"1970-01-01T00:00:02.000Z\",\"count\":null,"
		"\"detail\":null}");
	assert_int_equal(query_losses_next(list, &row), 1);
	assert_int_equal(row.loss.kind, LOSS_KERNEL);
	assert_int_equal(row.loss.count, 12);
	assert_string_equal(row.loss.detail, "while \xff");
	assert_non_null(strstr(row.json, "\"detail\":\"while \\\\xff\""));
	assert_int_equal(query_losses_next(list, &row), 0);
}

static void a_fact_is_there_or_not(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(freep) char *value = NULL;
	struct store *store;

	assert_int_equal(writer_put_meta(writer, "source", "kernel"), 0);
	assert_int_equal(writer_put_meta(writer, "node", NULL), 0);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_meta(store, "none", &value), -ENOENT);
	assert_int_equal(query_meta(store, "node", &value), -ENOENT);
	assert_null(value);
	assert_int_equal(query_meta(store, "source", &value), 0);
	assert_string_equal(value, "kernel");
	store_close(store);
}

static void the_summary_counts(void **state)
{
	struct touch touches[] = { full_touch(), plain_touch(1000, 1, "/x") };
	struct store_summary summary;
	struct store *store;

	put_all(*state, touches, ELEMENTS(touches));
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_summary(store, &summary), 0);
	assert_int_equal(summary.n_touches, 2);
	assert_int_equal(summary.n_flagged, 1);
	assert_int_equal(summary.n_containers, 1);
	assert_int_equal(summary.n_losses, 0);
	assert_int_equal(summary.first_msec, 1000);
	assert_int_equal(summary.last_msec, touches[0].time_msec);
	assert_int_equal(summary.schema_version, STORE_SCHEMA_VERSION);
	assert_true(summary.size_bytes > 4096);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(containers_are_listed_with_what_they_did),
		store_test(containers_are_those_that_lived_then),
		store_test(losses_are_those_that_overlap),
		store_test(a_fact_is_there_or_not),
		store_test(the_summary_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
