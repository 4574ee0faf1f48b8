/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a watch says of a file: it has the name that is watched, whatever the process called it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mount.h>
#include <time.h>

#include "host-path-scene.h"

static void a_relative_name_from_nowhere_is_found_in_a_tree(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc"), "etc/ssh", PATH_TYPE_PARENT);

	watch(host, "etc", true);
	resolve_in(host, NULL, add(host, "key", "etc/ssh/key", PATH_TYPE_DELETE), parent, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve_in(host, NULL, add(host, "new", "etc/ssh/key", PATH_TYPE_CREATE), parent, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/new");
	/* Without knowing the directory: where the file itself is. */
	resolve_in(host, NULL, add(host, "x", "etc/ssh/key", PATH_TYPE_CREATE), NULL, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve_in(host, NULL, add(host, "x", "etc/ssh/key", PATH_TYPE_DELETE), NULL, NULL);
	assert_as_seen(host, "x");
}

static void a_hard_link_is_the_watched_file(void **state)
{
	struct host *host = *state;

	assert_int_equal(link(path_of(host, "etc/passwd"), path_of(host, "srv/hard")), 0);
	watch(host, "etc/passwd", false);
	resolve(host, add(host, path_of(host, "srv/hard"), "srv/hard", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_hard_link_that_comes_is_told_by_its_own_name(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "srv/"), "srv", PATH_TYPE_PARENT);

	assert_int_equal(link(path_of(host, "etc/passwd"), path_of(host, "srv/hard")), 0);
	watch(host, "etc/passwd", false);
	resolve(host, add(host, path_of(host, "srv/hard"), "srv/hard", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "srv/hard");
}

static void a_file_without_name_is_the_watched_one(void **state)
{
	struct host *host = *state;

	watch(host, "etc/passwd", false);
	resolve(host, add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_file_without_name_is_looked_for_in_the_watched_trees(void **state)
{
	struct host *host = *state;

	watch(host, "etc", true);
	resolve(host, add(host, NULL, "etc/ssh/key", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve(host, add(host, "", "etc", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc");
}

static void a_file_without_name_outside_all_trees_stays_unknown(void **state)
{
	struct host *host = *state;

	watch(host, "etc", true);
	resolve(host, add(host, NULL, "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "");
}

static void the_one_file_of_a_rule_is_told_by_name_where_it_was_replaced(void **state)
{
	struct host *host = *state;
	struct event_path *item;
	struct stat gone;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/between", "x");
	gone = place_stat(&host->place, "etc/between");
	assert_int_equal(unlink(path_of(host, "etc/between")), 0);
	item = add_identity(host, NULL, &gone, PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void of_several_files_in_an_event_a_rule_does_not_say_which(void **state)
{
	struct host *host = *state;
	struct event_path *item;
	struct stat gone;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/between", "x");
	gone = place_stat(&host->place, "etc/between");
	assert_int_equal(unlink(path_of(host, "etc/between")), 0);
	item = add_identity(host, NULL, &gone, PATH_TYPE_NORMAL);
	add(host, "/other", "srv/data/file", PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_as_seen(host, "");
}

static void a_file_that_took_the_watched_name_unseen_is_found(void **state)
{
	struct host *host = *state;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/fresh", "x");
	assert_int_equal(rename(path_of(host, "etc/fresh"), path_of(host, "etc/passwd")), 0);
	resolve(host, add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void an_answer_is_not_kept_over_a_change_of_names(void **state)
{
	struct host *host = *state;
	struct event_path *parent, *item;

	watch(host, "etc", true);
	item = add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_int_equal(rename(path_of(host, "etc/passwd"), path_of(host, "etc/moved")), 0);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);
	resolve(host, add(host, path_of(host, "etc/moved"), "etc/moved", PATH_TYPE_CREATE), parent);
	resolve(host, item, NULL);
	/* The budget of the search is per moment, and this is the same one. */
	assert_answer(host, PATH_BY_IDENTITY, "etc/moved");
}

static void a_tree_reached_through_another_mount_is_told_by_its_watched_name(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;

	need_mounts();
	place_directory(&host->place, "alias");
	assert_int_equal(
		mount(path_of(host, "etc"), path_of(host, "alias"), NULL, MS_BIND, NULL), 0);
	watch(host, "etc", true);
	resolve(host, add(host, path_of(host, "alias/ssh/key"), "etc/ssh/key", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(
		host, add(host, "/host/etc/ssh/key", "etc/ssh/key", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	/* No tree of this key: then any name that is true. */
	host->event.key = "other";
	resolve(host, add(host, path_of(host, "alias/passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "alias/passwd");
	assert_int_equal(umount2(path_of(host, "alias"), MNT_DETACH), 0);
}

static int64_t real_now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool knows_births(const struct host *host)
{
	struct statx stx;

	return statx(AT_FDCWD, path_of(host, "etc/passwd"), 0, STATX_BTIME, &stx) == 0 &&
	       (stx.stx_mask & STATX_BTIME);
}

static void resolve_at(struct host *host, const struct event_path *item, const char *seen,
	int64_t time_msec, int64_t now_msec)
{
	host->event.time_msec = time_msec;
	path_resolve(host->resolver, NULL, &host->event, item, NULL, seen, now_msec, &host->answer);
}

/* An inode number is given away again as soon as its file is gone. */
static void a_file_born_after_the_event_is_not_its_file(void **state)
{
	struct host *host = *state;
	const struct event_path *item;
	int64_t now_msec = real_now_msec();

	if (!knows_births(host))
		skip();
	watch(host, "etc", true);
	item = add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve_at(host, item, NULL, now_msec - 60000, now_msec);
	assert_as_seen(host, "");
	resolve_at(host, item, NULL, now_msec + 500, now_msec + 2000);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	/* A clock that is ahead of ours proves nothing. */
	resolve_at(host, item, NULL, now_msec - 60000, now_msec - 50000);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_watched_file_born_after_the_event_is_not_its_file(void **state)
{
	struct host *host = *state;
	const struct event_path *item;
	int64_t now_msec = real_now_msec();
	struct watch_path list = { path_of(host, "etc/shadow"), "k", false };

	if (!knows_births(host))
		skip();
	assert_int_equal(watch_paths_set(host->watched, &list, 1, now_msec - 60000), 0);
	place_text(&host->place, "etc/shadow", "x");
	watch_paths_refresh(host->watched, list.path, now_msec + 100);
	item = add(host, NULL, "etc/shadow", PATH_TYPE_NORMAL);
	add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve_at(host, item, NULL, now_msec - 30000, now_msec + 100);
	assert_as_seen(host, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(a_relative_name_from_nowhere_is_found_in_a_tree),
		host_test(a_hard_link_is_the_watched_file),
		host_test(a_hard_link_that_comes_is_told_by_its_own_name),
		host_test(a_file_without_name_is_the_watched_one),
		host_test(a_file_without_name_is_looked_for_in_the_watched_trees),
		host_test(a_file_without_name_outside_all_trees_stays_unknown),
		host_test(the_one_file_of_a_rule_is_told_by_name_where_it_was_replaced),
		host_test(of_several_files_in_an_event_a_rule_does_not_say_which),
		host_test(a_file_that_took_the_watched_name_unseen_is_found),
		host_test(an_answer_is_not_kept_over_a_change_of_names),
		host_test(a_tree_reached_through_another_mount_is_told_by_its_watched_name),
		host_test(a_file_born_after_the_event_is_not_its_file),
		host_test(a_watched_file_born_after_the_event_is_not_its_file),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
