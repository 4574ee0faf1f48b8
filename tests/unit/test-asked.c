/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "attribute/asked.h"
#include "place.h"

/* A container's directory, and when each step was taken. */
struct scene {
	struct place place;
	char named_by[128];
	int64_t before_msec, made_msec;
};

/* Later than the coarse clock's next tick, and on a file system whose times are. */
static void pass(void)
{
	nanosleep(&(struct timespec){ 0, 30 * 1000000 }, NULL);
}

static int64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (!scene || place_init(&scene->place) < 0)
		return -1;
	snprintf(scene->named_by, sizeof(scene->named_by), "%s/config.v2.json", scene->place.path);
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	int r = place_done(&scene->place);

	free(scene);
	return r;
}

static void make(struct scene *scene)
{
	scene->before_msec = now_msec();
	pass();
	assert_int_equal(mkdir(place_name(&scene->place, "checkpoints"), 0700), 0);
	place_text(&scene->place, "config.v2.json", "{}");
	pass();
	scene->made_msec = now_msec();
}

static void begin(struct scene *scene)
{
	pass();
	place_text(&scene->place, "hosts", "x");
	place_text(&scene->place, "resolv.conf", "x");
}

static void nothing_is_known_of_what_is_not_there(void **state)
{
	struct scene *scene = *state;
	struct asked asked = { 1, 1, 1 };

	asked_read(NULL, &asked);
	assert_int_equal(asked.by_msec, 0);
	asked = (struct asked){ 1, 1, 1 };
	asked_read("no slash", &asked);
	assert_int_equal(asked.after_msec, 0);
	asked_read(scene->named_by, &asked);
	assert_int_equal(asked.after_msec, 0);
	assert_int_equal(asked.by_msec, 0);
	assert_int_equal(asked.answered_msec, 0);
}

static void a_start_is_asked_for_between_making_and_networking(void **state)
{
	struct scene *scene = *state;
	struct asked asked;

	make(scene);
	begin(scene);
	asked_read(scene->named_by, &asked);
	if (asked.after_msec == 0)
		skip(); /* a file system that keeps no births */
	assert_true(asked.after_msec >= scene->before_msec);
	assert_true(asked.answered_msec >= asked.after_msec);
	assert_true(asked.answered_msec <= scene->made_msec);
	assert_true(asked.by_msec >= scene->made_msec);
}

/* A start that failed has left its files, and they are written again. */
static void the_last_start_counts(void **state)
{
	struct scene *scene = *state;
	struct asked asked;
	int64_t failed_msec;

	make(scene);
	begin(scene);
	pass();
	failed_msec = now_msec();
	begin(scene);
	asked_read(scene->named_by, &asked);
	assert_true(asked.by_msec >= failed_msec);
}

/* What runs in it can give its files any time but that of their change. */
static void times_that_are_set_back_do_not_count(void **state)
{
	struct scene *scene = *state;
	struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct asked asked;
	int64_t begun_msec;

	make(scene);
	begin(scene);
	pass();
	begun_msec = now_msec();
	pass();
	assert_int_equal(utimensat(AT_FDCWD, place_name(&scene->place, "hosts"), times, 0), 0);
	asked_read(scene->named_by, &asked);
	assert_true(asked.by_msec >= begun_msec);
}

static void links_are_not_followed(void **state)
{
	struct scene *scene = *state;
	struct asked asked;

	make(scene);
	assert_int_equal(symlink("/etc/passwd", place_name(&scene->place, "hosts")), 0);
	asked_read(scene->named_by, &asked);
	assert_true(asked.by_msec >= scene->before_msec);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nothing_is_known_of_what_is_not_there),
		test(a_start_is_asked_for_between_making_and_networking),
		test(the_last_start_counts),
		test(times_that_are_set_back_do_not_count),
		test(links_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
