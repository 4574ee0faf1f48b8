/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A name of the host, and what proves it: the file's identity, or its directory's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host-path-scene.h"

static void a_relative_name_is_joined_with_cwd(void **state)
{
	struct event_path item = { .name = "passwd" };
	char seen[32];

	assert_true(path_seen(&item, "/etc", seen, sizeof(seen)));
	assert_string_equal(seen, "/etc/passwd");
	assert_true(path_seen(&item, "/", seen, sizeof(seen)));
	assert_string_equal(seen, "/passwd");
	assert_true(path_seen(&item, NULL, seen, sizeof(seen)));
	assert_string_equal(seen, "passwd");
	item.name = "/etc/passwd";
	assert_true(path_seen(&item, "/root", seen, sizeof(seen)));
	assert_string_equal(seen, "/etc/passwd");
}

static void what_has_no_name_is_not_seen(void **state)
{
	struct event_path item = { .name = NULL };
	char seen[8];

	assert_false(path_seen(&item, "/etc", seen, sizeof(seen)));
	item.name = "";
	assert_false(path_seen(&item, "/etc", seen, sizeof(seen)));
	item.name = "much-too-long";
	assert_false(path_seen(&item, NULL, seen, sizeof(seen)));
	item.name = "/etc";
	assert_false(path_seen(&item, "/", seen, 4));
	assert_true(path_seen(&item, "/", seen, 5));
}

static void a_name_of_the_host_is_verified(void **state)
{
	struct host *host = *state;

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void a_name_with_another_file_behind_it_is_not_proven(void **state)
{
	struct host *host = *state;

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/ssh/key", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_file_on_another_device_is_another_file(void **state)
{
	struct host *host = *state;
	struct event_path *item =
		add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL);

	item->dev_minor += 100;
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_relative_name_is_found_from_cwd(void **state)
{
	struct host *host = *state;

	host->event.cwd = path_of(host, "etc/ssh");
	resolve(host, add(host, "../passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_symlink_on_the_way_is_resolved(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("etc", path_of(host, "link")), 0);
	resolve(host, add(host, path_of(host, "link/passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_way_up_behind_a_symlink_is_the_kernels(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("etc/ssh", path_of(host, "link")), 0);
	resolve(host, add(host, path_of(host, "link/../passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void the_last_symlink_may_be_what_was_touched(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("passwd", path_of(host, "etc/link")), 0);
	resolve(host, add(host, path_of(host, "etc/link"), "etc/link", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/link");
}

static void a_file_that_is_gone_is_told_by_name(void **state)
{
	struct host *host = *state;
	struct event_path *item =
		add(host, path_of(host, "srv//./data/file"), "srv/data/file", PATH_TYPE_NORMAL);

	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "srv/data/file");
}

static void a_removed_name_is_proven_by_its_directory(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);
	struct event_path *item =
		add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_DELETE);

	assert_int_equal(unlink(path_of(host, "etc/passwd")), 0);
	resolve(host, item, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_removed_name_in_another_directory_is_not_proven(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "srv", PATH_TYPE_PARENT);

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_DELETE),
		parent);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_created_name_is_proven_though_replaced_since(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/ssh/key", PATH_TYPE_CREATE),
		parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_created_directory_may_end_in_a_slash(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);

	place_directory(&host->place, "etc/new");
	resolve(host, add(host, path_of(host, "etc/new/"), "etc/new", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
	assert_int_equal(rmdir(path_of(host, "etc/new")), 0);
	resolve(host, add(host, path_of(host, "etc/new/"), "etc/ssh", PATH_TYPE_DELETE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
}

static void a_relative_name_from_nowhere_is_not_taken_for_ours(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc"), "etc", PATH_TYPE_PARENT);
	struct event_path *item = add(host, "passwd", "etc/passwd", PATH_TYPE_DELETE);
	char cwd[512];

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(path_of(host, "etc")), 0);
	resolve_in(host, NULL, item, parent, NULL);
	assert_int_equal(chdir(cwd), 0);
	assert_as_seen(host, "passwd");
}

static void the_longest_names_do_no_harm(void **state)
{
	struct host *host = *state;
	char *name = malloc(HOST_PATH_SIZE);

	assert_non_null(name);
	memset(name, 'x', HOST_PATH_SIZE);
	name[0] = '/';
	for (unsigned i = 200; i < HOST_PATH_SIZE; i += 200)
		name[i] = '/';
	name[HOST_PATH_SIZE - 1] = '\0';
	watch(host, "etc", true);
	resolve(host, add(host, name, "etc/passwd", PATH_TYPE_DELETE), NULL);
	assert_int_equal(host->answer.by, PATH_BY_NAME);
	resolve_contained(host, add(host, name, "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, name);
	resolve_contained(host, add(host, "/../../..", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/../../..");
	free(name);
}

static void a_proc_without_us_gives_no_translation_but_no_error(void **state)
{
	struct host *host = *state;
	struct path_resolver *resolver;

	assert_int_equal(path_resolver_new(path_of(host, "etc"), host->watched, &resolver), 0);
	path_resolver_free(host->resolver);
	host->resolver = resolver;
	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/x", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/x");
}

static void a_name_below_proc_is_not_taken_for_a_place(void **state)
{
	struct host *host = *state;
	const struct stat gone = { .st_ino = 999999999 };

	host->event.key = NULL;
	resolve(host, add_identity(host, "/proc/self/fd/9/file", &gone, PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/proc/self/fd/9/file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relative_name_is_joined_with_cwd),
		cmocka_unit_test(what_has_no_name_is_not_seen),
		host_test(a_name_of_the_host_is_verified),
		host_test(a_name_with_another_file_behind_it_is_not_proven),
		host_test(a_file_on_another_device_is_another_file),
		host_test(a_relative_name_is_found_from_cwd),
		host_test(a_symlink_on_the_way_is_resolved),
		host_test(a_way_up_behind_a_symlink_is_the_kernels),
		host_test(the_last_symlink_may_be_what_was_touched),
		host_test(a_file_that_is_gone_is_told_by_name),
		host_test(a_removed_name_is_proven_by_its_directory),
		host_test(a_removed_name_in_another_directory_is_not_proven),
		host_test(a_created_name_is_proven_though_replaced_since),
		host_test(a_created_directory_may_end_in_a_slash),
		host_test(a_relative_name_from_nowhere_is_not_taken_for_ours),
		host_test(a_name_below_proc_is_not_taken_for_a_place),
		host_test(the_longest_names_do_no_harm),
		host_test(a_proc_without_us_gives_no_translation_but_no_error),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
