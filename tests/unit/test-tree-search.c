/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/tree-search.h"
#include "place.h"

#define NOW 100000

struct search_place {
	struct place place;
	struct tree_search *search;
	char found[512];
	size_t n_asked, n_refused;
};

static int search_setup(void **state)
{
	struct search_place *place = calloc(1, sizeof(*place));

	*state = place;
	if (!place || place_init(&place->place) < 0)
		return -1;
	return tree_search_new(&place->search);
}

static int search_teardown(void **state)
{
	struct search_place *place = *state;

	tree_search_free(place->search);
	place_done(&place->place);
	free(place);
	return 0;
}

static bool take(const char *path, void *userdata)
{
	struct search_place *place = userdata;

	snprintf(place->found, sizeof(place->found), "%s", path);
	place->n_asked++;
	return place->n_asked > place->n_refused;
}

static bool look_below(struct search_place *place, const char *tree, uint64_t inode,
	const char *name, int64_t now_msec)
{
	place->n_asked = 0;
	return tree_search(place->search, NULL, tree, inode, name, now_msec, take, place);
}

static bool look_for(struct search_place *place, const char *name, int64_t now_msec)
{
	return look_below(place, place->place.path, place_stat(&place->place, name).st_ino, NULL,
		now_msec);
}

static void a_file_is_found_however_deep(void **state)
{
	static const char *const names[] = { "a", "b/c", "b/d/e", "b/d/f/g/h/i" };
	struct search_place *place = *state;

	for (size_t i = 0; i < ELEMENTS(names); i++)
		place_text(&place->place, names[i], "x");
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		assert_true(look_for(place, names[i], NOW));
		assert_string_equal(place->found, place_name(&place->place, names[i]));
	}
}

static void a_directory_and_the_tree_itself_are_found(void **state)
{
	struct search_place *place = *state;

	place_directory(&place->place, "b/d");
	assert_true(look_for(place, "b/d", NOW));
	assert_string_equal(place->found, place_name(&place->place, "b/d"));
	assert_true(look_for(place, "", NOW));
	assert_string_equal(place->found, place->place.path);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct search_place *place = *state;

	place_text(&place->place, "a", "x");
	assert_false(look_below(place, place->place.path, 1, NULL, NOW));
	assert_false(look_below(place, "/nonexistent", 1, NULL, NOW));
	assert_false(look_below(place, place_name(&place->place, "a"), 1, NULL, NOW));
}

static void symlinks_are_not_followed(void **state)
{
	struct search_place *place = *state;
	uint64_t inode;

	place_text(&place->place, "out/file", "x");
	place_directory(&place->place, "in");
	assert_int_equal(
		symlink(place_name(&place->place, "out"), place_name(&place->place, "in/link")), 0);
	inode = place_stat(&place->place, "out/file").st_ino;
	assert_false(look_below(place, place_name(&place->place, "in"), inode, NULL, NOW));
	assert_false(look_below(place, place_name(&place->place, "in/link"), inode, NULL, NOW));
}

static void of_several_links_the_one_of_that_name_comes_first(void **state)
{
	struct search_place *place = *state;
	uint64_t inode;

	place_text(&place->place, "a", "x");
	for (char name[] = "b"; name[0] <= 'e'; name[0]++)
		assert_int_equal(link(place_name(&place->place, "a"), place_name(&place->place, name)),
			0);
	inode = place_stat(&place->place, "a").st_ino;
	assert_true(look_below(place, place->place.path, inode, "d", NOW));
	assert_string_equal(place->found, place_name(&place->place, "d"));
	/* What the caller does not take is not the end, and each comes once. */
	place->n_refused = 4;
	assert_true(look_below(place, place->place.path, inode, "d", NOW));
	place->n_refused = 5;
	assert_false(look_below(place, place->place.path, inode, "d", NOW));
	assert_int_equal(place->n_asked, 5);
}

static void what_came_later_is_found_after_a_pause_or_at_once_where_it_was_told(void **state)
{
	struct search_place *place = *state;

	place_text(&place->place, "a", "x");
	assert_true(look_for(place, "a", NOW));
	place_text(&place->place, "b", "x");
	place_text(&place->place, "c", "x");
	tree_search_add(place->search, place_name(&place->place, "b"),
		place_stat(&place->place, "b").st_ino);
	assert_true(look_for(place, "b", NOW + 1));
	assert_string_equal(place->found, place_name(&place->place, "b"));
	assert_false(look_for(place, "c", NOW + 1));
	assert_true(look_for(place, "c", NOW + 5000));
}

static void a_deep_tree_has_a_bottom(void **state)
{
	struct search_place *place = *state;
	char name[256] = "d";

	for (unsigned i = 0; i < 40; i++)
		strcat(name, "/d");
	place_directory(&place->place, name);
	assert_false(look_for(place, name, NOW));
	name[2 * 20 + 1] = '\0';
	assert_true(look_for(place, name, NOW));
}

static void a_large_tree_is_not_searched_to_its_end_nor_as_often_as_one_likes(void **state)
{
	struct search_place *place = *state;
	char name[64];

	for (unsigned i = 0; i < 51000; i++) {
		snprintf(name, sizeof(name), "many/%u", i);
		if (i == 0)
			place_text(&place->place, name, "");
		else
			assert_int_equal(link(place_name(&place->place, "many/0"),
						 place_name(&place->place, name)),
				0);
	}
	place->n_refused = 1000000;
	assert_false(look_for(place, "many/0", NOW));
	assert_in_range(place->n_asked, 40000, 50000);
	place->n_refused = 0;
	place_text(&place->place, "few/a", "x");
	assert_true(look_below(place, place_name(&place->place, "few"),
		place_stat(&place->place, "few/a").st_ino, NULL, NOW));
	/* The large one had to go for it, and is not walked again at once. */
	assert_false(look_for(place, "many/0", NOW + 100));
	assert_true(look_for(place, "many/0", NOW + 100000));
}

#define search_test(test) cmocka_unit_test_setup_teardown(test, search_setup, search_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		search_test(a_file_is_found_however_deep),
		search_test(a_directory_and_the_tree_itself_are_found),
		search_test(what_is_not_there_is_not_found),
		search_test(symlinks_are_not_followed),
		search_test(of_several_links_the_one_of_that_name_comes_first),
		search_test(what_came_later_is_found_after_a_pause_or_at_once_where_it_was_told),
		search_test(a_deep_tree_has_a_bottom),
		search_test(a_large_tree_is_not_searched_to_its_end_nor_as_often_as_one_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
