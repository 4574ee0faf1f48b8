/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "detect/digest.h"
#include "place.h"

/* sha256sum of "one", and of "two". */
#define ONE "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
#define TWO "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"

struct told {
	unsigned n;
	uint64_t serial;
	char before[65], after[65];
};

static void hex(const uint8_t *digest, char buffer[65])
{
	buffer[0] = '\0';
	for (size_t i = 0; digest && i < DIGEST_LEN; i++)
		snprintf(buffer + 2 * i, 3, "%02x", digest[i]);
}

static void on_digest(const struct digest_pair *pair, void *userdata)
{
	struct told *told = userdata;

	told->n++;
	told->serial = pair->serial;
	hex(pair->before, told->before);
	hex(pair->after, told->after);
}

struct digest_place {
	struct place place;
	struct digests *digests;
	struct told told;
};

static int digest_setup(void **state)
{
	struct digest_place *place = calloc(1, sizeof(*place));

	*state = place;
	if (place_init(&place->place) < 0)
		return -1;
	return digests_new(place->place.path,
		&(struct digest_limits){ .max_files = 4, .max_file_bytes = 16 }, &place->digests);
}

static int digest_teardown(void **state)
{
	struct digest_place *place = *state;

	digests_free(place->digests);
	place_done(&place->place);
	free(place);
	return 0;
}

static void put(struct digest_place *place, const char *name, const char *text)
{
	place_put(&place->place, name, text, strlen(text));
}

static const char *touch_at(
	struct digest_place *place, const char *path, uint64_t serial, int64_t now)
{
	struct touch touch = { .path = path, .path_by = PATH_BY_IDENTITY, .serial = serial };

	digests_touch(place->digests, &touch, now);
	return touch.digest_before;
}

static void tick(struct digest_place *place, int64_t now)
{
	digests_tick(place->digests, now, false, on_digest, &place->told);
}

static void a_change_has_both_digests_when_the_file_is_at_rest(void **state)
{
	struct digest_place *place = *state;

	put(place, "etc/policy.json", "one");
	assert_int_equal(digests_learn(place->digests, "/etc"), 0);
	assert_int_equal(digests_count(place->digests), 1);
	assert_string_equal(touch_at(place, "/etc/policy.json", 7, 0), ONE);
	tick(place, 500);
	/* Only now it is written. */
	put(place, "etc/policy.json", "two");
	tick(place, 1500);
	assert_int_equal(place->told.n, 0);
	tick(place, 2500);
	assert_int_equal(place->told.n, 1);
	assert_int_equal(place->told.serial, 7);
	assert_string_equal(place->told.before, ONE);
	assert_string_equal(place->told.after, TWO);
	assert_int_equal(digests_waiting(place->digests), 0);
	assert_string_equal(touch_at(place, "/etc/policy.json", 8, 3000), TWO);
}

static void touches_until_then_share_both(void **state)
{
	struct digest_place *place = *state;

	put(place, "f", "one");
	assert_int_equal(digests_learn(place->digests, "/f"), 0);
	touch_at(place, "/f", 1, 0);
	touch_at(place, "/f", 2, 10);
	put(place, "f", "two");
	digests_tick(place->digests, 20, true, on_digest, &place->told);
	assert_int_equal(place->told.n, 2);
	assert_string_equal(place->told.before, ONE);
	assert_string_equal(place->told.after, TWO);
}

static void one_that_never_rests_is_told_after_a_while(void **state)
{
	struct digest_place *place = *state;

	put(place, "f", "one");
	for (int64_t now = 0; now < 10000; now += 1000) {
		touch_at(place, "/f", 1, now);
		tick(place, now);
		assert_int_equal(place->told.n, 0);
	}
	tick(place, 10000);
	assert_int_equal(place->told.n, 10);
}

static void a_file_that_comes_or_goes_has_one_digest(void **state)
{
	struct digest_place *place = *state;

	assert_null(touch_at(place, "/new", 1, 0));
	put(place, "new", "one");
	digests_tick(place->digests, 0, true, on_digest, &place->told);
	assert_string_equal(place->told.before, "");
	assert_string_equal(place->told.after, ONE);
	assert_string_equal(touch_at(place, "/new", 2, 0), ONE);
	unlink(place_name(&place->place, "new"));
	digests_tick(place->digests, 0, true, on_digest, &place->told);
	assert_string_equal(place->told.before, ONE);
	assert_string_equal(place->told.after, "");
}

static void what_is_no_small_regular_file_has_none(void **state)
{
	struct digest_place *place = *state;

	put(place, "large", "more than sixteen bytes");
	put(place, "secret", "one");
	assert_int_equal(symlink("secret", place_name(&place->place, "link")), 0);
	assert_int_equal(mkfifo(place_name(&place->place, "fifo"), 0600), 0);
	touch_at(place, "/large", 1, 0);
	touch_at(place, "/link", 2, 0);
	touch_at(place, "/fifo", 3, 0);
	touch_at(place, "/", 4, 0);
	digests_tick(place->digests, 0, true, on_digest, &place->told);
	assert_int_equal(place->told.n, 0);
}

static void a_name_that_was_not_found_on_the_host_is_not_read(void **state)
{
	struct digest_place *place = *state;
	struct touch touch = { .path = "/secret", .path_by = PATH_AS_SEEN };

	put(place, "secret", "one");
	digests_touch(place->digests, &touch, 0);
	touch.path = NULL;
	digests_touch(place->digests, &touch, 0);
	assert_int_equal(digests_waiting(place->digests), 0);
}

static void there_is_room_for_so_many_and_those_that_are_gone_make_room(void **state)
{
	struct digest_place *place = *state;

	for (int i = 0; i < 6; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d/%d", i);
		put(place, name, "one");
	}
	assert_int_equal(digests_learn(place->digests, "/[d]"), 0);
	assert_int_equal(digests_count(place->digests), 4);
	assert_null(touch_at(place, "/none", 1, 0));
	assert_int_equal(digests_waiting(place->digests), 0);
	for (int i = 0; i < 6; i++) {
		char name[16];

		snprintf(name, sizeof(name), "/d/%d", i);
		unlink(place_name(&place->place, name + 1));
		touch_at(place, name, 1, 0);
	}
	digests_tick(place->digests, 0, true, on_digest, &place->told);
	assert_int_equal(digests_count(place->digests), 0);
	touch_at(place, "/none", 1, 0);
	assert_int_equal(digests_waiting(place->digests), 1);
}

#define digest_test(name) cmocka_unit_test_setup_teardown(name, digest_setup, digest_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		digest_test(a_change_has_both_digests_when_the_file_is_at_rest),
		digest_test(touches_until_then_share_both),
		digest_test(one_that_never_rests_is_told_after_a_while),
		digest_test(a_file_that_comes_or_goes_has_one_digest),
		digest_test(what_is_no_small_regular_file_has_none),
		digest_test(a_name_that_was_not_found_on_the_host_is_not_read),
		digest_test(there_is_room_for_so_many_and_those_that_are_gone_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
