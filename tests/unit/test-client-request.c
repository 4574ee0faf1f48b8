/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "attribute/client-request.h"

#define ENGINE 900
#define FD 9
#define INODE 2001
#define SLACK 10
#define LATER 1000000

/* Times are small numbers here; what is heard is heard much later, but for where that matters. */
static int setup(void **state)
{
	static struct request_log log;

	*state = &log;
	return request_log_accepted(&log, ENGINE, FD, INODE, 50, 60) ? 0 : -1;
}

static int teardown(void **state)
{
	request_log_done(*state);
	return 0;
}

static struct requests *now_at(struct request_log *log, int fd)
{
	return request_log_of_fd(log, ENGINE, fd);
}

static void wants(struct requests *requests, uint64_t size, int64_t result, uint64_t time_nsec)
{
	requests_note(requests, size, result, time_nsec, LATER, SLACK);
}

/* A request, worked on from since_nsec until until_nsec. */
static void works(struct requests *requests, uint64_t since_nsec, uint64_t until_nsec)
{
	wants(requests, 4096, 193, since_nsec);
	wants(requests, 1, -EAGAIN, since_nsec + 1);
	wants(requests, 4096, -EAGAIN, until_nsec);
}

static void between_requests_nothing_is_worked_on(void **state)
{
	struct requests *requests = now_at(*state, FD);

	works(requests, 100, 200);
	works(requests, 300, 400);
	/* A stamp can be early: the end by the slack, the beginning not at all. */
	assert_true(requests_rested(requests, 210, 300));
	assert_true(requests_rested(requests, 250, 350));
	assert_true(requests_rested(requests, 150, 210));
	assert_true(requests_rested(requests, 410, 5000));
	assert_false(requests_rested(requests, 100, 209));
	assert_false(requests_rested(requests, 301, 409));
	assert_false(requests_rested(requests, 301, 301));
	assert_false(requests_rested(requests, 301, 300));
}

static void what_is_worked_on_still_is_no_rest(void **state)
{
	struct requests *requests = now_at(*state, FD);

	works(requests, 100, 200);
	wants(requests, 4096, 193, 300);
	assert_false(requests_rested(requests, 301, 100000));
	assert_true(requests_rested(requests, 220, 100000));
}

/* Who is not seen to wait by a single byte may read while it works: HTTP/2, or what is left of a
 * request that it answers already. */
static void without_the_single_byte_nothing_is_known(void **state)
{
	struct requests *requests = now_at(*state, FD);

	wants(requests, 4096, 193, 100);
	wants(requests, 4096, -EAGAIN, 101);
	assert_false(requests_rested(requests, 0, 100000));
	wants(requests, 1, -EAGAIN, 201);
	assert_false(requests_rested(requests, 0, 100000));
	wants(requests, 4096, -EAGAIN, 301);
	assert_true(requests_rested(requests, 311, 100000));
	/* That was for the request before. */
	wants(requests, 4096, 193, 400);
	wants(requests, 4096, -EAGAIN, 401);
	assert_false(requests_rested(requests, 401, 100000));
}

static void of_which_nothing_was_read_nothing_is_worked_on(void **state)
{
	struct requests *requests = now_at(*state, FD);

	wants(requests, 4096, -EAGAIN, 100);
	assert_true(requests_rested(requests, 110, 100000));
	wants(requests, 4096, 193, 200);
	assert_false(requests_rested(requests, 201, 100000));
}

static void what_was_there_before_may_be_worked_on(void **state)
{
	struct request_log *log = *state;
	struct requests *requests = request_log_found(log, ENGINE, FD + 1, INODE + 1, 60);

	wants(requests, 4096, -EAGAIN, 100);
	assert_false(requests_rested(requests, 0, 100000));
	works(requests, 200, 300);
	assert_true(requests_rested(requests, 310, 100000));
}

static void other_sizes_and_errors_are_no_rest(void **state)
{
	struct requests *requests = now_at(*state, FD);

	wants(requests, 4096, 193, 100);
	wants(requests, 1, -EAGAIN, 101);
	wants(requests, 4000, -EAGAIN, 102);
	wants(requests, 4096, -EINTR, 103);
	wants(requests, 4096, 0, 104);
	assert_false(requests_rested(requests, 0, 100000));
}

static void a_request_in_pieces_is_one(void **state)
{
	struct requests *requests = now_at(*state, FD);

	wants(requests, 4096, 100, 100);
	wants(requests, 4096, 50, 150);
	assert_int_equal(requests_read_by(requests, 1000), 150);
	assert_int_equal(requests_read_by(requests, 99), 0);
	wants(requests, 1, -EAGAIN, 151);
	wants(requests, 4096, -EAGAIN, 200);
	wants(requests, 4096, 10, 250);
	assert_int_equal(requests_read_by(requests, 1000), 250);
	assert_int_equal(requests_read_by(requests, 220), 150);
}

static void a_rest_is_never_later_than_it_was_heard_of(void **state)
{
	struct requests *requests = now_at(*state, FD);

	wants(requests, 1, -EAGAIN, 100);
	requests_note(requests, 4096, -EAGAIN, 200, 203, SLACK);
	assert_true(requests_rested(requests, 203, 203));
	assert_false(requests_rested(requests, 0, 202));
}

static void what_covers_can_have_been_the_request(void **state)
{
	struct requests *requests = now_at(*state, FD);

	assert_true(requests_cover(NULL, 100, 200));
	assert_true(requests_cover(requests, 100, 200));
	works(requests, 100, 200);
	assert_true(requests_cover(requests, 100, 200));
	assert_true(requests_cover(requests, 150, 160));
	assert_false(requests_cover(requests, 90, 200));
	assert_true(requests_cover(requests, 100, 200));
	assert_false(requests_cover(requests, 100, 201));
	wants(requests, 4096, 10, 300);
	assert_true(requests_cover(requests, 300, 100000));
}

static void what_is_too_long_ago_is_not_known(void **state)
{
	struct requests *requests = now_at(*state, FD);

	for (uint64_t i = 1; i <= REQUESTS_KEPT + 1; i++)
		works(requests, i * 100, i * 100 + 50);
	assert_false(requests_rested(requests, 170, 190));
	assert_true(requests_cover(requests, 170, 190));
	assert_int_equal(requests_read_by(requests, 180), 0);
	assert_true(requests_rested(requests, 270, 290));
	assert_false(requests_cover(requests, 270, 290));
}

/* A handler that has waited for the rest of its request's body goes on without it. */
static void who_sends_nothing_more_may_be_worked_for_still(void **state)
{
	struct requests *requests = now_at(*state, FD);

	works(requests, 100, 200);
	wants(requests, 4096, 0, 300);
	assert_true(requests_rested(requests, 250, 300));
	assert_false(requests_rested(requests, 301, 100000));
	wants(requests, 1, -EAGAIN, 400);
	wants(requests, 4096, -EAGAIN, 500);
	assert_false(requests_rested(requests, 301, 100000));
}

static void a_reading_that_fails_is_no_rest(void **state)
{
	struct requests *requests = now_at(*state, FD);

	works(requests, 100, 200);
	wants(requests, 4096, -ECONNRESET, 300);
	assert_false(requests_rested(requests, 301, 100000));
}

/* Its connection can be open still, and what it carries is not noted any more. */
static void who_has_to_make_room_is_not_known_any_more(void **state)
{
	struct request_log *log = *state;
	struct requests *first = requests_ref(now_at(log, FD));

	works(first, 100, 200);
	for (int fd = 100; now_at(log, FD); fd++)
		assert_non_null(request_log_accepted(log, ENGINE, fd, 0, 300, 310));
	assert_false(requests_rested(first, 210, 100000));
	requests_unref(first);
}

static void what_may_have_gone_untold_is_no_rest(void **state)
{
	struct request_log *log = *state;
	struct requests *requests = now_at(log, FD), *next;

	works(requests, 100, 200);
	wants(requests, 1, -EAGAIN, 210);
	request_log_forget(log, 300);
	assert_false(requests_rested(requests, 0, 100000));
	/* From before; what was read since may not be on record. */
	wants(requests, 4096, -EAGAIN, 290);
	wants(requests, 1, -EAGAIN, 300);
	wants(requests, 4096, -EAGAIN, 310);
	assert_false(requests_rested(requests, 0, 100000));
	works(requests, 320, 330);
	assert_true(requests_rested(requests, 340, 100000));
	next = request_log_accepted(log, ENGINE, FD + 1, INODE + 1, 300, 310);
	wants(next, 4096, -EAGAIN, 320);
	assert_false(requests_rested(next, 0, 100000));
	next = request_log_accepted(log, ENGINE, FD + 2, INODE + 2, 301, 310);
	wants(next, 4096, -EAGAIN, 320);
	assert_true(requests_rested(next, 330, 100000));
}

static void a_descriptor_that_is_accepted_again_is_another(void **state)
{
	struct request_log *log = *state;
	struct requests *former = requests_ref(now_at(log, FD)), *next;

	works(former, 100, 200);
	next = request_log_accepted(log, ENGINE, FD, INODE + 1, 300, 310);
	assert_ptr_equal(now_at(log, FD), next);
	assert_ptr_equal(request_log_of_inode(log, INODE + 1), next);
	assert_null(request_log_of_inode(log, INODE));
	/* It was what it was thought to be. */
	assert_true(requests_rested(former, 210, 210));
	requests_unref(former);
}

/* The second was accepted before the first was looked at: what was found there was the second. */
static void what_was_found_too_late_is_forgotten(void **state)
{
	struct request_log *log = *state;
	struct requests *former = requests_ref(now_at(log, FD));

	works(former, 51, 52);
	request_log_accepted(log, ENGINE, FD, 0, 55, 400);
	assert_false(requests_rested(former, 0, 100000));
	requests_unref(former);
}

static void one_that_is_found_at_another_descriptor_was_not_at_the_first(void **state)
{
	struct request_log *log = *state;
	struct requests *former = requests_ref(now_at(log, FD));

	works(former, 100, 200);
	request_log_accepted(log, ENGINE, FD + 1, INODE, 300, 310);
	assert_false(requests_rested(former, 0, 100000));
	assert_null(now_at(log, FD));
	requests_unref(former);
}

static void engines_have_descriptors_of_their_own(void **state)
{
	struct request_log *log = *state;

	assert_non_null(request_log_accepted(log, ENGINE + 1, FD, INODE + 1, 300, 310));
	assert_int_equal(now_at(log, FD)->inode, INODE);
	assert_int_equal(request_log_of_fd(log, ENGINE + 1, FD)->inode, INODE + 1);
	assert_null(request_log_of_inode(log, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		test(between_requests_nothing_is_worked_on),
		test(what_is_worked_on_still_is_no_rest),
		test(without_the_single_byte_nothing_is_known),
		test(of_which_nothing_was_read_nothing_is_worked_on),
		test(what_was_there_before_may_be_worked_on),
		test(other_sizes_and_errors_are_no_rest),
		test(a_request_in_pieces_is_one),
		test(a_rest_is_never_later_than_it_was_heard_of),
		test(what_covers_can_have_been_the_request),
		test(what_is_too_long_ago_is_not_known),
		test(who_sends_nothing_more_may_be_worked_for_still),
		test(a_reading_that_fails_is_no_rest),
		test(who_has_to_make_room_is_not_known_any_more),
		test(what_may_have_gone_untold_is_no_rest),
		test(a_descriptor_that_is_accepted_again_is_another),
		test(what_was_found_too_late_is_forgotten),
		test(one_that_is_found_at_another_descriptor_was_not_at_the_first),
		test(engines_have_descriptors_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
