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

static bool look_for(struct search_place *place, const char *name, int64_t now_msec)
{
	return tree_search(place->search, place->place.path, place_stat(&place->place, name).st_ino,
		now_msec, place->found, sizeof(place->found));
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

static void a_directory_is_found(void **state)
{
	struct search_place *place = *state;

	place_directory(&place->place, "b/d");
	assert_true(look_for(place, "b/d", NOW));
	assert_string_equal(place->found, place_name(&place->place, "b/d"));
}

static void what_is_not_there_is_not_found(void **state)
{
	struct search_place *place = *state;

	place_text(&place->place, "a", "x");
	assert_false(tree_search(
		place->search, place->place.path, 1, NOW, place->found, sizeof(place->found)));
	assert_false(tree_search(
		place->search, "/nonexistent", 1, NOW, place->found, sizeof(place->found)));
	assert_false(tree_search(place->search, place_name(&place->place, "a"), 1, NOW,
		place->found, sizeof(place->found)));
}

static void symlinks_are_not_followed(void **state)
{
	struct search_place *place = *state;

	place_text(&place->place, "out/file", "x");
	place_directory(&place->place, "in");
	assert_int_equal(
		symlink(place_name(&place->place, "out"), place_name(&place->place, "in/link")), 0);
	assert_false(tree_search(place->search, place_name(&place->place, "in"),
		place_stat(&place->place, "out/file").st_ino, NOW, place->found,
		sizeof(place->found)));
	assert_false(tree_search(place->search, place_name(&place->place, "in/link"),
		place_stat(&place->place, "out/file").st_ino, NOW, place->found,
		sizeof(place->found)));
}

static void a_name_that_does_not_fit_is_passed_over(void **state)
{
	struct search_place *place = *state;
	char small[64];

	place_text(&place->place, "a-name-that-is-longer-than-the-room-for-it-which-is-small", "x");
	place_text(&place->place, "b", "x");
	assert_true(tree_search(place->search, place->place.path,
		place_stat(&place->place, "b").st_ino, NOW, small, sizeof(small)));
	assert_string_equal(small, place_name(&place->place, "b"));
	assert_false(tree_search(place->search, place->place.path,
		place_stat(&place->place, "b").st_ino, NOW, small, 4));
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

static void a_large_tree_is_not_searched_to_its_end(void **state)
{
	struct search_place *place = *state;
	char name[64];

	place_text(&place->place, "first", "x");
	for (unsigned i = 0; i < 21000; i++) {
		snprintf(name, sizeof(name), "many/%u", i);
		if (i == 0)
			place_text(&place->place, name, "");
		else
			assert_int_equal(link(place_name(&place->place, "many/0"),
						 place_name(&place->place, name)),
				0);
	}
	assert_false(tree_search(
		place->search, place->place.path, 1, NOW, place->found, sizeof(place->found)));
	/* Nor is it begun anew as often as one likes. */
	assert_false(look_for(place, "many", NOW + 100));
	assert_true(look_for(place, "many", NOW + 200));
}

#define search_test(test) cmocka_unit_test_setup_teardown(test, search_setup, search_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		search_test(a_file_is_found_however_deep),
		search_test(a_directory_is_found),
		search_test(what_is_not_there_is_not_found),
		search_test(symlinks_are_not_followed),
		search_test(a_name_that_does_not_fit_is_passed_over),
		search_test(a_deep_tree_has_a_bottom),
		search_test(a_large_tree_is_not_searched_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
