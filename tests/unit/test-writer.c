/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <poll.h>
#include <sys/stat.h>

#include "store/writer.h"

#define PATIENCE_MSEC 10000

/* No time: what is put waits for a flush or a full batch. */
#define NEVER_MSEC 3600000

static bool is_readable(const struct writer *writer, int timeout_msec)
{
	struct pollfd poll_fd = { .fd = writer_fd(writer), .events = POLLIN };

	return poll(&poll_fd, 1, timeout_msec) == 1;
}

static void put(struct writer *writer, const struct touch *touch)
{
	assert_int_equal(writer_put_touch(writer, touch), 0);
}

static void put_plain(struct writer *writer, uint64_t serial)
{
	struct touch touch = plain_touch(1000, serial, "/etc/passwd");

	put(writer, &touch);
}

static void what_is_put_is_committed(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	put_plain(writer, 1);
	put_plain(writer, 2);
	assert_int_equal(writer_flush(writer), 0);
	assert_int_equal(writer_committed(writer), 2);
	assert_int_equal(writer_queued(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 2);
	assert_int_equal(writer_free(writer), 0);
}

static void the_end_of_the_writer_commits_the_rest(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(
		fixture, &(struct writer_limits){ .commit_msec = NEVER_MSEC, .max_batch = 7 });

	for (uint64_t serial = 1; serial <= 100; serial++)
		put_plain(writer, serial);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 100);
	assert_int_equal(stored(fixture, "SELECT touches FROM total"), 100);
}

static void a_full_batch_is_committed_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(
		fixture, &(struct writer_limits){
				 .commit_msec = NEVER_MSEC, .max_batch = 4, .max_queued = 4 });
	struct touch touch = plain_touch(1000, 5, "/etc/passwd");
	int r;

	for (uint64_t serial = 1; serial <= 4; serial++)
		put_plain(writer, serial);
	/* Either there is room already, or there will be without any flush. */
	while ((r = writer_put_touch(writer, &touch)) == -EAGAIN)
		assert_true(is_readable(writer, PATIENCE_MSEC));
	assert_int_equal(r, 0);
	assert_int_equal(writer_committed(writer), 4);
	writer_free(writer);
}

static void a_batch_is_committed_after_its_time(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer =
		new_writer(fixture, &(struct writer_limits){ .commit_msec = 1, .max_queued = 1 });
	struct touch touch = plain_touch(1000, 2, "/etc/passwd");

	put_plain(writer, 1);
	while (writer_put_touch(writer, &touch) == -EAGAIN)
		assert_true(is_readable(writer, PATIENCE_MSEC));
	assert_true(writer_committed(writer) >= 1);
	writer_free(writer);
}

/* Somebody's SQLite shell holds the database, so that nothing can be committed. */
static void a_full_queue_says_so_and_says_when_it_has_room(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, &(struct writer_limits){ .max_queued = 3 });
	struct touch touch = plain_touch(1000, 4, "/etc/passwd");
	sqlite3 *shell = open_sqlite(fixture);

	assert_int_equal(sqlite3_exec(shell, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (uint64_t serial = 1; serial <= 3; serial++)
		put_plain(writer, serial);
	assert_int_equal(writer_put_touch(writer, &touch), -EAGAIN);
	assert_int_equal(writer_queued(writer), 3);
	assert_int_equal(writer_error(writer), 0);
	assert_false(is_readable(writer, 0));

	assert_int_equal(sqlite3_exec(shell, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(shell);
	assert_true(is_readable(writer, PATIENCE_MSEC));
	writer_fd_acknowledge(writer);
	assert_false(is_readable(writer, 0));
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 4);
}

static void a_queue_is_full_by_bytes_too_but_takes_one_of_any_size(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer =
		new_writer(fixture, &(struct writer_limits){ .max_queued_bytes = 4096 });
	sqlite3 *shell = open_sqlite(fixture);
	char path[8192] = "/";
	struct touch touch = plain_touch(1000, 1, path);

	assert_int_equal(sqlite3_exec(shell, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	memset(path + 1, 'a', sizeof(path) - 2);
	put(writer, &touch);
	touch = plain_touch(1000, 2, "/short");
	assert_int_equal(writer_put_touch(writer, &touch), -EAGAIN);
	sqlite3_close(shell);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT max(length(path)) FROM touch"), 8191);
}

static void the_same_touch_twice_is_one_row(void **state)
{
	struct fixture *fixture = *state;
	struct touch touch = full_touch();

	for (int round = 0; round < 2; round++) {
		struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

		put(writer, &touch);
		put(writer, &touch);
		assert_int_equal(writer_free(writer), 0);
	}
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 1);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM process"), 1);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM launcher"), 1);
	assert_int_equal(stored(fixture, "SELECT touches FROM total"), 1);
	assert_int_equal(stored(fixture, "SELECT touches FROM container"), 1);
}

static void what_differs_in_the_key_is_another_row(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct touch touch = full_touch();

	put(writer, &touch);
	touch.item = 1;
	put(writer, &touch);
	touch.serial++;
	put(writer, &touch);
	touch.time_msec++;
	put(writer, &touch);
	touch.node = "web2";
	put(writer, &touch);
	touch.node = NULL;
	put(writer, &touch);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM touch"), 6);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM process"), 1);
}

static struct container_info *new_info(const char *id, const char *name)
{
	struct container_info *info = NULL;

	assert_int_equal(container_info_new(id, "docker", &info), 0);
	info->name = name ? strdup(name) : NULL;
	return info;
}

static void what_is_known_of_a_container_is_never_lost_again(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(container_info_freep) struct container_info *info = new_info("c1", "web");
	_cleanup_(container_info_freep) struct container_info *less = new_info("c1", NULL);

	info->privileged = TRISTATE_YES;
	info->labels = strdup("{\"a\":\"b\"}");
	info->command = memcpy(malloc(6), "sh\0-c", 6);
	info->command_len = 6;
	assert_int_equal(writer_put_container(writer, info, 1000), 0);
	assert_int_equal(writer_put_container(writer, less, 2000), 0);
	free(info->name);
	info->name = strdup("renamed");
	info->privileged = TRISTATE_UNKNOWN;
	assert_int_equal(writer_put_container(writer, info, 1500), 0);
	assert_int_equal(writer_free(writer), 0);

	assert_int_equal(stored(fixture, "SELECT count(*) FROM container WHERE name = 'renamed'"
					 " AND privileged = 1 AND labels ->> 'a' = 'b'"
					 " AND command = '[\"sh\",\"-c\"]'"
					 " AND first_seen_msec = 1000 AND last_seen_msec = 2000"
					 " AND ended_msec IS NULL"),
		1);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM container"), 1);
}

static void a_container_ends_and_may_start_again(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(container_info_freep) struct container_info *info = new_info("c1", "web");
	struct touch touch = full_touch();

	touch.container.id = "c1";
	touch.time_msec = 3001; /* read after the container's end was */
	assert_int_equal(writer_put_container(writer, info, 1000), 0);
	assert_int_equal(writer_put_container_end(writer, "docker", "c1", 3000), 0);
	assert_int_equal(writer_put_container_end(writer, "podman", "c1", 3500), 0);
	assert_int_equal(writer_put_container_end(writer, "docker", "never seen", 3500), 0);
	put(writer, &touch);
	assert_int_equal(writer_flush(writer), 0);
	assert_int_equal(stored(fixture, "SELECT ended_msec FROM container"), 3000);
	assert_int_equal(writer_put_container(writer, info, 4000), 0);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM container"), 1);
	assert_int_equal(stored(fixture, "SELECT ended_msec IS NULL FROM container"), 1);
}

static void labels_that_are_no_json_are_not_kept(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(container_info_freep) struct container_info *info = new_info("c1", "web");

	info->labels = strdup("{\"a\":");
	assert_int_equal(writer_put_container(writer, info, 1000), 0);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT labels IS NULL FROM container"), 1);
}

static void a_touch_makes_its_container_known(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct touch touch = full_touch();

	touch.container.name = NULL;
	touch.container.privileged = TRISTATE_UNKNOWN;
	put(writer, &touch);
	touch = full_touch();
	touch.serial = 23;
	touch.time_msec += 5;
	put(writer, &touch);
	touch.serial = 24;
	touch.flags = 0;
	put(writer, &touch);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM container WHERE name = 'hack'"
					 " AND privileged = 1 AND touches = 3 AND flagged = 2"
					 " AND last_seen_msec - first_seen_msec = 5"),
		1);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM container"), 1);
}

/* The counters go with each change of container, and at the end of each batch. */
static void containers_count_their_touches(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, &(struct writer_limits){ .max_batch = 10 });

	for (uint64_t serial = 0; serial < 99; serial++) {
		struct touch touch = full_touch();

		touch.serial = serial;
		touch.container.id = serial % 3 == 0 ? "a" : (serial % 3 == 1 ? "b" : NULL);
		put(writer, &touch);
	}
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM container WHERE touches = 33"), 2);
	assert_int_equal(stored(fixture, "SELECT touches FROM total"), 99);
	assert_int_equal(stored(fixture, "SELECT flagged FROM total"), 99);
}

static void put_loss(struct writer *writer, enum loss_kind kind, int64_t since_msec,
	int64_t until_msec, uint64_t count, const char *detail)
{
	const struct loss loss = { kind, since_msec, until_msec, count, detail };

	assert_int_equal(writer_put_loss(writer, &loss), 0);
}

static void losses_that_follow_each_other_are_one(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	put_loss(writer, LOSS_KERNEL, 1000, 2000, 3, NULL);
	put_loss(writer, LOSS_KERNEL, 2000, 3000, 4, NULL);
	put_loss(writer, LOSS_KERNEL, 4000, 4500, 5, NULL); /* a second later */
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM loss WHERE since_msec = 1000"
					 " AND until_msec = 4500 AND count = 12"),
		1);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM loss"), 1);
}

static void losses_apart_stay_apart(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	put_loss(writer, LOSS_KERNEL, 1000, 2000, 3, NULL);
	put_loss(writer, LOSS_KERNEL, 3001, 4000, 4, NULL);
	put_loss(writer, LOSS_SOCKET, 1500, 2000, 0, NULL);
	put_loss(writer, LOSS_KERNEL, 1500, 2000, 3, "with words");
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM loss"), 4);
}

static void a_loss_told_twice_is_one(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	for (int round = 0; round < 2; round++) {
		put_loss(writer, LOSS_BROKEN_RECORD, 1000, 2000, 3, "audit.log");
		put_loss(writer, LOSS_DOWNTIME, 1000, 2000, 0, NULL);
	}
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(stored(fixture, "SELECT sum(count) FROM loss"), 3);
	assert_int_equal(stored(fixture, "SELECT count(*) FROM loss"), 2);
}

static void every_loss_has_its_own_name(void **state)
{
	for (int kind = 0; kind < LOSS_COUNT; kind++) {
		assert_non_null(loss_names[kind]);
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(loss_names[kind], loss_names[other]);
	}
}

static void the_last_word_on_a_fact_counts(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	assert_int_equal(writer_put_meta(writer, "source", "log"), 0);
	assert_int_equal(writer_put_meta(writer, "source", "kernel"), 0);
	assert_int_equal(writer_put_meta(writer, "node", NULL), 0);
	assert_int_equal(writer_free(writer), 0);
	assert_int_equal(
		stored(fixture,
			"SELECT count(*) FROM meta WHERE name = 'source' AND value = 'kernel'"),
		1);
	assert_int_equal(
		stored(fixture, "SELECT count(*) FROM meta WHERE name = 'node' AND value IS NULL"),
		1);
}

static void the_reserve_exists_as_long_as_the_writer(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer =
		new_writer(fixture, &(struct writer_limits){ .reserve_bytes = 1 << 20 });
	struct stat st;

	assert_int_equal(stat(beside(fixture, "-reserve"), &st), 0);
	assert_int_equal(st.st_blocks * 512, 1 << 20);
	assert_int_equal(writer_free(writer), 0);
	assert_false(exists(beside(fixture, "-reserve")));
}

/* The disk fills up below a running writer; the reserve is enough for what comes. */
static int reserve_is_given_up(const struct fixture *fixture)
{
	struct writer *writer = NULL;
	struct store *store = NULL;
	int r = 0;

	if (!mount_small(fixture, "size=8m") || store_open(fixture->path, STORE_WRITE, &store) < 0)
		return 1;
	if (writer_new(store, &(struct writer_limits){ .reserve_bytes = 2 << 20 }, &writer) < 0)
		return 2;
	close(fill_disk(fixture, "filler", 8192));
	for (uint64_t serial = 0; serial < 1000 && r == 0; serial++) {
		struct touch touch = full_touch();

		touch.serial = serial;
		r = writer_put_touch(writer, &touch);
	}
	if (r < 0 || writer_flush(writer) != -ENOSPC || writer_queued(writer) != 0)
		return 3;
	if (!is_readable(writer, 0) || exists(beside(fixture, "-reserve")))
		return 4;
	if (writer_free(writer) != -ENOSPC)
		return 5;
	return stored(fixture, "SELECT count(*) FROM touch WHERE path = '/etc/passwd'") == 1000 ? 0
												: 6;
}

static void a_full_disk_costs_the_reserve_and_nothing_else(void **state)
{
	need_small(*state);
	in_child(reserve_is_given_up, *state);
}

/* No reserve, no room: what cannot be written waits until there is room. */
static int full_disk_is_emptied(const struct fixture *fixture)
{
	struct writer *writer = NULL;
	struct store *store = NULL;
	int filler, r = 0;

	if (!mount_small(fixture, "size=8m") || store_open(fixture->path, STORE_WRITE, &store) < 0)
		return 1;
	if (writer_new(store,
		    &(struct writer_limits){ .reserve_bytes = SIZE_MAX, .max_queued = 100 },
		    &writer) < 0)
		return 2;
	filler = fill_disk(fixture, "filler", 0);
	for (uint64_t serial = 0; r == 0; serial++) {
		struct touch touch = full_touch();

		touch.serial = serial;
		r = writer_put_touch(writer, &touch);
		if (r == -EAGAIN)
			r = writer_flush(writer);
	}
	if (r != -ENOSPC || writer_flush(writer) != -ENOSPC || writer_queued(writer) != 100)
		return 3;
	writer_fd_acknowledge(writer);
	if (ftruncate(filler, 0) < 0 || !is_readable(writer, PATIENCE_MSEC))
		return 4;
	if (writer_committed(writer) != 100 || writer_queued(writer) != 0)
		return 5;
	if (writer_free(writer) != -ENOSPC)
		return 6;
	return stored(fixture, "SELECT count(*) FROM touch WHERE watch = 'identity'") == 100 ? 0
											     : 7;
}

static void what_finds_no_room_waits_for_it(void **state)
{
	need_small(*state);
	in_child(full_disk_is_emptied, *state);
}

static int full_disk_stays_full(const struct fixture *fixture)
{
	struct writer *writer = NULL;
	struct store *store = NULL;
	struct touch touch = full_touch();

	if (!mount_small(fixture, "size=8m") || store_open(fixture->path, STORE_WRITE, &store) < 0)
		return 1;
	if (writer_new(store, WITHOUT_RESERVE, &writer) < 0)
		return 2;
	close(fill_disk(fixture, "filler", 0));
	if (writer_put_touch(writer, &touch) < 0 || writer_free(writer) != -ENOSPC)
		return 3;
	if (unlink(beside(fixture, "")) < 0)
		return 4;
	return 0;
}

static void the_end_does_not_wait_for_a_full_disk(void **state)
{
	need_small(*state);
	in_child(full_disk_stays_full, *state);
}

static int no_room_for_a_reserve(const struct fixture *fixture)
{
	struct writer *writer = NULL;
	struct store *store = NULL;

	if (!mount_small(fixture, "size=4m") || store_open(fixture->path, STORE_WRITE, &store) < 0)
		return 1;
	if (writer_new(store, &(struct writer_limits){ .reserve_bytes = 64 << 20 }, &writer) !=
		-ENOSPC)
		return 2;
	if (exists(beside(fixture, "-reserve")))
		return 3;
	close(fill_disk(fixture, "filler", 4096));
	if (writer_new(store, &(struct writer_limits){ 0 }, &writer) != -ENOSPC)
		return 4;
	store_close(store); /* is still ours */
	return 0;
}

static void without_room_for_the_reserve_nothing_starts(void **state)
{
	need_small(*state);
	in_child(no_room_for_a_reserve, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(what_is_put_is_committed),
		store_test(the_end_of_the_writer_commits_the_rest),
		store_test(a_full_batch_is_committed_at_once),
		store_test(a_batch_is_committed_after_its_time),
		store_test(a_full_queue_says_so_and_says_when_it_has_room),
		store_test(a_queue_is_full_by_bytes_too_but_takes_one_of_any_size),
		store_test(the_same_touch_twice_is_one_row),
		store_test(what_differs_in_the_key_is_another_row),
		store_test(what_is_known_of_a_container_is_never_lost_again),
		store_test(a_container_ends_and_may_start_again),
		store_test(labels_that_are_no_json_are_not_kept),
		store_test(a_touch_makes_its_container_known),
		store_test(containers_count_their_touches),
		store_test(losses_that_follow_each_other_are_one),
		store_test(losses_apart_stay_apart),
		store_test(a_loss_told_twice_is_one),
		store_test(every_loss_has_its_own_name),
		store_test(the_last_word_on_a_fact_counts),
		store_test(the_reserve_exists_as_long_as_the_writer),
		store_test(a_full_disk_costs_the_reserve_and_nothing_else),
		store_test(what_finds_no_room_waits_for_it),
		store_test(the_end_does_not_wait_for_a_full_disk),
		store_test(without_room_for_the_reserve_nothing_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
