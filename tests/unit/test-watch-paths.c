/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/sysmacros.h>

#include "attribute/watch-paths.h"
#include "place.h"

/* Two watched files, one by one key; the watch begins at BEGIN. */
#define BEGIN 1000

struct watched_place {
	struct place place;
	struct watch_paths *paths;
	char one[512], two[512], absent[512];
};

static void set(struct watched_place *place, int64_t now_msec)
{
	const struct watch_path list[] = {
		{ place->one, "ones", false },
		{ place->two, "twos", false },
		{ place->absent, "twos", false },
	};

	assert_int_equal(watch_paths_set(place->paths, list, ELEMENTS(list), now_msec), 0);
}

static int watched_setup(void **state)
{
	struct watched_place *place = calloc(1, sizeof(*place));

	*state = place;
	if (!place || place_init(&place->place) < 0 || watch_paths_new(&place->paths) < 0)
		return -1;
	place_text(&place->place, "one", "1");
	place_text(&place->place, "two", "2");
	strcpy(place->one, place_name(&place->place, "one"));
	strcpy(place->two, place_name(&place->place, "two"));
	strcpy(place->absent, place_name(&place->place, "absent"));
	set(place, BEGIN);
	return 0;
}

static int watched_teardown(void **state)
{
	struct watched_place *place = *state;

	watch_paths_free(place->paths);
	place_done(&place->place);
	free(place);
	return 0;
}

static struct file_identity identity_of(const struct watched_place *place, const char *name)
{
	struct stat st = place_stat(&place->place, name);

	return (struct file_identity){ st.st_ino, major(st.st_dev), minor(st.st_dev) };
}

static const char *find(
	struct watched_place *place, const struct file_identity *identity, int64_t time_msec)
{
	return watch_paths_find(place->paths, identity, time_msec, time_msec);
}

static void move(const struct watched_place *place, const char *from, const char *to)
{
	assert_int_equal(rename(place_name(&place->place, from), place_name(&place->place, to)), 0);
}

static void a_watched_file_is_found_by_its_identity(void **state)
{
	struct watched_place *place = *state;
	struct file_identity one = identity_of(place, "one"), two = identity_of(place, "two");

	assert_string_equal(find(place, &one, BEGIN + 1), place->one);
	assert_string_equal(find(place, &two, BEGIN + 1), place->two);
}

static void what_was_there_when_the_watch_began_was_there_before(void **state)
{
	struct watched_place *place = *state;
	struct file_identity one = identity_of(place, "one");

	assert_string_equal(find(place, &one, 1), place->one);
}

static void another_file_is_not_found(void **state)
{
	struct watched_place *place = *state;
	struct file_identity one = identity_of(place, "one"), other = one;

	other.inode += 1000000;
	assert_null(find(place, &other, BEGIN + 1));
	other = one;
	other.dev_minor++;
	assert_null(find(place, &other, BEGIN + 1));
	other = one;
	other.dev_major++;
	assert_null(find(place, &other, BEGIN + 1));
	other = (struct file_identity){ 0 };
	assert_null(find(place, &other, BEGIN + 1));
}

static void a_rename_over_the_file_is_followed_from_its_time_on(void **state)
{
	struct watched_place *place = *state;
	struct file_identity before = identity_of(place, "one"), after;

	place_text(&place->place, "fresh", "x");
	after = identity_of(place, "fresh");
	move(place, "fresh", "one");
	watch_paths_changed(place->paths, place->one, &after, BEGIN + 500);
	assert_string_equal(find(place, &before, BEGIN + 499), place->one);
	assert_null(find(place, &before, BEGIN + 501));
	assert_string_equal(find(place, &after, BEGIN + 501), place->one);
	assert_null(find(place, &after, BEGIN + 499));
}

static void a_file_that_went_away_is_no_longer_it(void **state)
{
	struct watched_place *place = *state;
	struct file_identity one = identity_of(place, "one");

	assert_int_equal(unlink(place->one), 0);
	watch_paths_changed(place->paths, place->one, NULL, BEGIN + 500);
	assert_string_equal(find(place, &one, BEGIN + 499), place->one);
	assert_null(find(place, &one, BEGIN + 501));
}

static void an_inode_given_to_another_file_is_not_the_watched_one(void **state)
{
	struct watched_place *place = *state;
	struct file_identity one = identity_of(place, "one");

	/* No record told of it: the file is looked at before anything is said. */
	move(place, "one", "elsewhere");
	place_text(&place->place, "one", "another");
	assert_null(find(place, &one, BEGIN + 500));
	/* It was it when it was seen last. */
	assert_string_equal(find(place, &one, BEGIN), place->one);
}

static void a_change_that_no_record_told_of_is_found_by_looking(void **state)
{
	struct watched_place *place = *state;
	struct file_identity fresh;

	place_text(&place->place, "absent", "x");
	fresh = identity_of(place, "absent");
	assert_null(find(place, &fresh, BEGIN + 500));
	watch_paths_refresh_key(place->paths, "ones", BEGIN + 501);
	assert_null(find(place, &fresh, BEGIN + 500));
	watch_paths_refresh_key(place->paths, "twos", BEGIN + 501);
	assert_string_equal(find(place, &fresh, BEGIN + 500), place->absent);
	assert_null(find(place, &fresh, BEGIN - 1));
}

static void a_path_is_looked_at_again_when_told(void **state)
{
	struct watched_place *place = *state;
	struct file_identity fresh;

	place_text(&place->place, "absent", "x");
	fresh = identity_of(place, "absent");
	watch_paths_refresh(place->paths, "/elsewhere", BEGIN + 500);
	assert_null(find(place, &fresh, BEGIN + 500));
	watch_paths_refresh(place->paths, place->absent, BEGIN + 500);
	assert_string_equal(find(place, &fresh, BEGIN + 500), place->absent);
}

static void a_symlink_is_watched_itself(void **state)
{
	struct watched_place *place = *state;
	struct file_identity link, target;

	assert_int_equal(symlink(place->one, place->absent), 0);
	set(place, BEGIN + 1);
	link = identity_of(place, "absent");
	target = identity_of(place, "one");
	assert_string_equal(find(place, &link, BEGIN + 1), place->absent);
	assert_string_equal(find(place, &target, BEGIN + 1), place->one);
}

static void some_former_identities_are_remembered(void **state)
{
	struct watched_place *place = *state;
	struct file_identity first = identity_of(place, "one");

	for (unsigned i = 1; i <= 4; i++) {
		struct file_identity fresh = { first.inode + 1000 + i, 1, 1 };

		watch_paths_changed(place->paths, place->one, &fresh, BEGIN + 100 * i);
	}
	assert_string_equal(find(place, &first, BEGIN + 50), place->one);
	watch_paths_changed(place->paths, place->one, NULL, BEGIN + 500);
	assert_null(find(place, &first, BEGIN + 50));
}

/* An inode number goes from file to file within a millisecond. */
static void within_a_millisecond_an_inode_is_whose_it_is_now(void **state)
{
	struct watched_place *place = *state;
	struct file_identity passing, fresh;

	place_text(&place->place, "fresh", "x");
	passing = identity_of(place, "fresh");
	move(place, "fresh", "absent");
	watch_paths_changed(place->paths, place->absent, &passing, BEGIN + 10);
	assert_string_equal(find(place, &passing, BEGIN + 10), place->absent);
	move(place, "absent", "two");
	watch_paths_changed(place->paths, place->absent, NULL, BEGIN + 10);
	watch_paths_changed(place->paths, place->two, &passing, BEGIN + 10);
	assert_string_equal(find(place, &passing, BEGIN + 10), place->two);
	/* A change that looking met before its record was read. */
	place_text(&place->place, "fresh", "y");
	move(place, "two", "kept");
	move(place, "fresh", "two");
	watch_paths_refresh(place->paths, place->two, BEGIN + 10);
	assert_string_equal(find(place, &passing, BEGIN + 10), place->two);
	fresh = identity_of(place, "two");
	watch_paths_changed(place->paths, place->two, &fresh, BEGIN + 10);
	assert_null(find(place, &passing, BEGIN + 10));
	move(place, "kept", "two");
	watch_paths_changed(place->paths, place->two, &passing, BEGIN + 10);
	assert_string_equal(find(place, &passing, BEGIN + 10), place->two);
	/* Two that had it formerly: which one, is not to be said. */
	move(place, "two", "away");
	watch_paths_changed(place->paths, place->two, NULL, BEGIN + 10);
	assert_null(find(place, &passing, BEGIN + 10));
}

static void a_new_list_keeps_what_is_known(void **state)
{
	struct watched_place *place = *state;
	struct file_identity before = identity_of(place, "one"), after;

	place_text(&place->place, "fresh", "x");
	after = identity_of(place, "fresh");
	move(place, "fresh", "one");
	watch_paths_changed(place->paths, place->one, &after, BEGIN + 500);
	set(place, BEGIN + 600);
	assert_string_equal(find(place, &before, BEGIN + 499), place->one);
	assert_string_equal(find(place, &after, BEGIN + 501), place->one);
	assert_int_equal(watch_paths_set(place->paths, NULL, 0, BEGIN + 700), 0);
	assert_null(find(place, &after, BEGIN + 501));
}

static void a_rule_on_one_file_can_have_fired_for_nothing_else(void **state)
{
	struct watched_place *place = *state;

	assert_string_equal(watch_paths_only(place->paths, "ones"), place->one);
	assert_null(watch_paths_only(place->paths, "twos"));
	assert_null(watch_paths_only(place->paths, "none"));
}

static void a_rule_with_a_tree_or_without_path_can_have_fired_for_anything(void **state)
{
	struct watched_place *place = *state;
	const struct watch_path list[] = {
		{ place->one, "tree", false },
		{ place->place.path, "tree", true },
		{ place->one, "any", false },
		{ NULL, "any", false },
		{ place->one, NULL, false },
		{ place->one, "same", false },
		{ place->one, "same", false },
	};

	assert_int_equal(watch_paths_set(place->paths, list, ELEMENTS(list), BEGIN), 0);
	assert_null(watch_paths_only(place->paths, "tree"));
	assert_null(watch_paths_only(place->paths, "any"));
	assert_string_equal(watch_paths_only(place->paths, "same"), place->one);
}

static void the_trees_of_a_key_are_listed(void **state)
{
	struct watched_place *place = *state;
	const struct watch_path list[] = {
		{ "/a", "one", true },
		{ "/b", "two", false },
		{ "/c", "two", true },
		{ "/d", NULL, true },
		{ "/e", "two", true },
	};
	size_t position = 0;

	assert_int_equal(watch_paths_set(place->paths, list, ELEMENTS(list), BEGIN), 0);
	assert_string_equal(watch_paths_tree(place->paths, "two", &position), "/c");
	assert_string_equal(watch_paths_tree(place->paths, "two", &position), "/e");
	assert_null(watch_paths_tree(place->paths, "two", &position));
	position = 0;
	assert_string_equal(watch_paths_tree(place->paths, NULL, &position), "/a");
	assert_string_equal(watch_paths_tree(place->paths, NULL, &position), "/c");
	assert_string_equal(watch_paths_tree(place->paths, NULL, &position), "/d");
	assert_string_equal(watch_paths_tree(place->paths, NULL, &position), "/e");
	assert_null(watch_paths_tree(place->paths, NULL, &position));
}

static void what_covers_a_path_is_the_first_rule_that_does(void **state)
{
	struct watched_place *place = *state;
	const struct watch_path list[] = {
		{ "/a/b/c", "file", false, WATCH_CHANGES },
		{ "/a/b", "reads", true, WATCH_READS },
		{ "/a", "tree", true, WATCH_CHANGES },
		{ "/a/b/c", "later", false, WATCH_READS | WATCH_CHANGES },
		{ "/ab", "beside", true, WATCH_CHANGES },
		{ "/x", "no-tree", false, WATCH_CHANGES },
		{ NULL, "any", false, WATCH_CHANGES },
	};
	static const struct {
		const char *path;
		unsigned wants;
		const char *key;
	} cases[] = {
		{ "/a/b/c", WATCH_CHANGES, "file" },
		{ "/a/b/c", WATCH_READS, "reads" },
		{ "/a/b/c/d", WATCH_CHANGES, "tree" },
		{ "/a/b/c/d", WATCH_READS, "reads" },
		{ "/a", WATCH_CHANGES, "tree" },
		{ "/a", WATCH_READS, NULL },
		{ "/abc", WATCH_CHANGES, NULL },
		{ "/x", WATCH_CHANGES, "no-tree" },
		{ "/x/y", WATCH_CHANGES, NULL },
		{ "/", WATCH_CHANGES, NULL },
	};
	const struct watch_path root = { "/", "root", true, WATCH_CHANGES };
	const char *key;

	assert_int_equal(watch_paths_set(place->paths, list, ELEMENTS(list), BEGIN), 0);
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		bool covered = watch_paths_covering(
			place->paths, cases[i].path, cases[i].wants, &key);

		assert_int_equal(covered, cases[i].key != NULL);
		if (covered)
			assert_string_equal(key, cases[i].key);
	}
	assert_int_equal(watch_paths_set(place->paths, &root, 1, BEGIN), 0);
	assert_true(watch_paths_covering(place->paths, "/", WATCH_CHANGES, &key));
	assert_true(watch_paths_covering(place->paths, "/any/thing", WATCH_CHANGES, &key));
	assert_string_equal(key, "root");
}

/* Searching from end to end would take minutes. */
static void ten_thousand_are_searched_as_fast_as_a_few(void **state)
{
	enum { N = 10000, QUESTIONS = 200000 };
	struct watched_place *place = *state;
	struct watch_path *list = calloc(N, sizeof(*list));
	char (*names)[32] = calloc(N, sizeof(*names));
	struct file_identity wanted = { 7, 1, 1 }, other = { 8, 1, 1 };
	const char *key;

	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "/nowhere/%zu/file", i);
		list[i] = (struct watch_path){ names[i], "many", false, WATCH_CHANGES };
	}
	for (int64_t round = 0; round < 20; round++)
		assert_int_equal(watch_paths_set(place->paths, list, N, BEGIN + round), 0);
	watch_paths_changed(place->paths, names[N - 1], &wanted, BEGIN + 100);
	for (size_t i = 0; i < QUESTIONS; i++) {
		assert_null(find(place, &other, BEGIN + 101));
		assert_true(watch_paths_covering(
			place->paths, names[i % N], WATCH_CHANGES, &key));
		assert_false(watch_paths_covering(
			place->paths, "/nowhere/else/file", WATCH_CHANGES, &key));
		assert_null(watch_paths_only(place->paths, "many"));
		watch_paths_refresh_key(place->paths, "many", BEGIN + 99);
	}
	/* It had it, and was seen without it by the last look at all of them. */
	assert_string_equal(find(place, &wanted, BEGIN + 100), names[N - 1]);
	assert_null(find(place, &wanted, BEGIN + 200));
	free(names);
	free(list);
}

#define watched_test(test) cmocka_unit_test_setup_teardown(test, watched_setup, watched_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		watched_test(a_watched_file_is_found_by_its_identity),
		watched_test(what_was_there_when_the_watch_began_was_there_before),
		watched_test(another_file_is_not_found),
		watched_test(a_rename_over_the_file_is_followed_from_its_time_on),
		watched_test(a_file_that_went_away_is_no_longer_it),
		watched_test(an_inode_given_to_another_file_is_not_the_watched_one),
		watched_test(a_change_that_no_record_told_of_is_found_by_looking),
		watched_test(a_path_is_looked_at_again_when_told),
		watched_test(a_symlink_is_watched_itself),
		watched_test(some_former_identities_are_remembered),
		watched_test(within_a_millisecond_an_inode_is_whose_it_is_now),
		watched_test(a_new_list_keeps_what_is_known),
		watched_test(a_rule_on_one_file_can_have_fired_for_nothing_else),
		watched_test(a_rule_with_a_tree_or_without_path_can_have_fired_for_anything),
		watched_test(the_trees_of_a_key_are_listed),
		watched_test(what_covers_a_path_is_the_first_rule_that_does),
		watched_test(ten_thousand_are_searched_as_fast_as_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
