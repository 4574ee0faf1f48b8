/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "attribute/host-path.h"
#include "attribute/path-cache.h"

#define NOW 5000

static const struct path_cache_key key = { "c1", "/host/etc/passwd", 7, 254, 1, PATH_TYPE_NORMAL };

static int cache_setup(void **state)
{
	struct host_path answer = { .path = "/etc/passwd", .by = PATH_BY_IDENTITY };
	struct path_cache *cache;

	if (path_cache_new(&cache) < 0)
		return -1;
	path_cache_put(cache, &key, NOW, &answer);
	*state = cache;
	return 0;
}

static int cache_teardown(void **state)
{
	path_cache_free(*state);
	return 0;
}

static void an_answer_is_kept_for_a_second(void **state)
{
	struct host_path answer = { .path = "untouched" };

	assert_false(path_cache_get(*state, &key, NOW + 1001, &answer));
	assert_string_equal(answer.path, "untouched");
	assert_true(path_cache_get(*state, &key, NOW + 1000, &answer));
	assert_string_equal(answer.path, "/etc/passwd");
	assert_int_equal(answer.by, PATH_BY_IDENTITY);
	assert_false(answer.container_own_file);
}

static void an_answer_from_the_future_is_none(void **state)
{
	struct host_path answer;

	assert_false(path_cache_get(*state, &key, NOW - 1, &answer));
}

static void whatever_differs_is_another_question(void **state)
{
	const struct path_cache_key others[] = {
		{ "c2", key.seen, 7, 254, 1, PATH_TYPE_NORMAL },
		{ key.container, "/host/etc/passwd2", 7, 254, 1, PATH_TYPE_NORMAL },
		{ key.container, key.seen, 8, 254, 1, PATH_TYPE_NORMAL },
		{ key.container, key.seen, 7, 253, 1, PATH_TYPE_NORMAL },
		{ key.container, key.seen, 7, 254, 2, PATH_TYPE_NORMAL },
		{ key.container, key.seen, 7, 254, 1, PATH_TYPE_UNKNOWN },
		{ "c1/host", "/etc/passwd", 7, 254, 1, PATH_TYPE_NORMAL },
	};
	struct host_path answer;

	for (size_t i = 0; i < ELEMENTS(others); i++)
		assert_false(path_cache_get(*state, &others[i], NOW, &answer));
	assert_true(path_cache_get(*state, &key, NOW, &answer));
}

static void a_newer_answer_takes_the_place_of_the_older(void **state)
{
	struct host_path answer = {
		.path = "/etc/passwd-", .by = PATH_BY_NAME, .container_own_file = true
	};

	path_cache_put(*state, &key, NOW + 500, &answer);
	memset(&answer, 0, sizeof(answer));
	assert_true(path_cache_get(*state, &key, NOW + 1500, &answer));
	assert_string_equal(answer.path, "/etc/passwd-");
	assert_int_equal(answer.by, PATH_BY_NAME);
	assert_true(answer.container_own_file);
}

static void all_is_forgotten_when_told(void **state)
{
	struct host_path answer = { .path = "/etc/passwd" };

	path_cache_forget(*state);
	assert_false(path_cache_get(*state, &key, NOW, &answer));
	path_cache_put(*state, &key, NOW, &answer);
	assert_true(path_cache_get(*state, &key, NOW, &answer));
}

static void the_longest_path_fits(void **state)
{
	static struct host_path answer, again;

	memset(answer.path, 'x', sizeof(answer.path) - 1);
	path_cache_put(*state, &key, NOW, &answer);
	assert_true(path_cache_get(*state, &key, NOW, &again));
	assert_string_equal(again.path, answer.path);
}

static void many_questions_share_the_room(void **state)
{
	char seen[32];
	struct path_cache_key other = key;
	struct host_path answer = { .path = "" };
	unsigned kept = 0;

	other.seen = seen;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(seen, sizeof(seen), "/%u", i);
		snprintf(answer.path, sizeof(answer.path), "/host/%u", i);
		path_cache_put(*state, &other, NOW, &answer);
	}
	for (unsigned i = 0; i < 10000; i++) {
		char expected[32];

		snprintf(seen, sizeof(seen), "/%u", i);
		snprintf(expected, sizeof(expected), "/host/%u", i);
		if (!path_cache_get(*state, &other, NOW, &answer))
			continue;
		assert_string_equal(answer.path, expected);
		kept++;
	}
	assert_in_range(kept, 1, 256);
}

#define cache_test(test) cmocka_unit_test_setup_teardown(test, cache_setup, cache_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cache_test(an_answer_is_kept_for_a_second),
		cache_test(an_answer_from_the_future_is_none),
		cache_test(whatever_differs_is_another_question),
		cache_test(a_newer_answer_takes_the_place_of_the_older),
		cache_test(all_is_forgotten_when_told),
		cache_test(the_longest_path_fits),
		cache_test(many_questions_share_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
