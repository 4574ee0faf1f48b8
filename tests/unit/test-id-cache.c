/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "store/id-cache.h"

static void what_was_added_is_found(void **state)
{
	_cleanup_(id_cache_freep) struct id_cache *cache = NULL;

	assert_int_equal(id_cache_new(16, &cache), 0);
	assert_int_equal(id_cache_find(cache, "a", 1), 0);
	id_cache_add(cache, "a", 1, 7);
	id_cache_add(cache, "", 0, 8);
	id_cache_add(cache, "a\0b", 3, 9);
	assert_int_equal(id_cache_find(cache, "a", 1), 7);
	assert_int_equal(id_cache_find(cache, "", 0), 8);
	assert_int_equal(id_cache_find(cache, "a\0b", 3), 9);
	assert_int_equal(id_cache_find(cache, "a\0c", 3), 0);
	assert_int_equal(id_cache_find(cache, "a\0", 2), 0);
}

/* One set of four: the one that was not used for longest makes room. */
static void the_least_recently_used_is_forgotten(void **state)
{
	_cleanup_(id_cache_freep) struct id_cache *cache = NULL;

	assert_int_equal(id_cache_new(4, &cache), 0);
	for (int64_t i = 1; i <= 4; i++)
		id_cache_add(cache, &i, sizeof(i), i);
	assert_int_equal(id_cache_find(cache, &(int64_t){ 1 }, sizeof(int64_t)), 1);
	id_cache_add(cache, &(int64_t){ 5 }, sizeof(int64_t), 5);
	assert_int_equal(id_cache_find(cache, &(int64_t){ 2 }, sizeof(int64_t)), 0);
	for (int64_t i = 1; i <= 5; i++)
		if (i != 2)
			assert_int_equal(id_cache_find(cache, &i, sizeof(i)), i);
}

static void a_cache_remembers_no_more_than_its_capacity(void **state)
{
	_cleanup_(id_cache_freep) struct id_cache *cache = NULL;
	size_t n_found = 0;

	assert_int_equal(id_cache_new(64, &cache), 0);
	for (int64_t i = 1; i <= 10000; i++)
		id_cache_add(cache, &i, sizeof(i), i);
	for (int64_t i = 1; i <= 10000; i++) {
		int64_t id = id_cache_find(cache, &i, sizeof(i));

		assert_true(id == 0 || id == i);
		n_found += id != 0;
	}
	assert_in_range(n_found, 1, 64);
}

static void a_long_key_is_not_kept(void **state)
{
	_cleanup_(id_cache_freep) struct id_cache *cache = NULL;
	char key[ID_CACHE_KEY_MAX + 1];

	memset(key, 'x', sizeof(key));
	assert_int_equal(id_cache_new(16, &cache), 0);
	id_cache_add(cache, key, sizeof(key), 1);
	assert_int_equal(id_cache_find(cache, key, sizeof(key)), 0);
	id_cache_add(cache, key, ID_CACHE_KEY_MAX, 2);
	assert_int_equal(id_cache_find(cache, key, ID_CACHE_KEY_MAX), 2);
}

static void a_cleared_cache_knows_nothing(void **state)
{
	_cleanup_(id_cache_freep) struct id_cache *cache = NULL;

	assert_int_equal(id_cache_new(16, &cache), 0);
	id_cache_add(cache, "a", 1, 7);
	id_cache_clear(cache);
	assert_int_equal(id_cache_find(cache, "a", 1), 0);
	id_cache_add(cache, "a", 1, 8);
	assert_int_equal(id_cache_find(cache, "a", 1), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(the_least_recently_used_is_forgotten),
		cmocka_unit_test(a_cache_remembers_no_more_than_its_capacity),
		cmocka_unit_test(a_long_key_is_not_kept),
		cmocka_unit_test(a_cleared_cache_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
