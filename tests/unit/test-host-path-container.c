/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A name in a container is translated into the host's through its mounts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mount.h>

#include "host-path-scene.h"

static void a_name_in_a_container_is_translated_through_its_mounts(void **state)
{
	static const struct binding bindings[] = { { "", "/host" }, { "srv/data", "/data" },
		{ "etc/passwd", "/users" } };
	static const struct {
		const char *seen, *file;
	} cases[] = {
		{ "/host/etc/passwd", "etc/passwd" },
		{ "/host/srv/data/file", "srv/data/file" },
		{ "/data/file", "srv/data/file" },
		{ "/data", "srv/data" },
		{ "/users", "etc/passwd" },
		{ "/host", "" },
	};
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		resolve_contained(
			host, add(host, cases[i].seen, cases[i].file, PATH_TYPE_NORMAL), NULL);
		assert_answer(host, PATH_BY_IDENTITY, cases[i].file);
		assert_false(host->answer.container_own_file);
	}
}

static void a_relative_name_in_a_container_is_translated(void **state)
{
	static const struct binding bindings[] = { { "srv", "/data" } };
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	host->event.cwd = "/data/data";
	resolve_contained(host, add(host, "file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
}

static void names_that_came_and_went_in_a_container_are_proven_by_their_directory(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *parent, *from, *to;

	enter_container(host, bindings, ELEMENTS(bindings));
	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/fresh", "x");
	parent = add(host, "/host/etc/", "etc", PATH_TYPE_PARENT);
	from = add(host, "/host/etc/fresh", "etc/fresh", PATH_TYPE_DELETE);
	to = add(host, "/host/etc/passwd", "etc/fresh", PATH_TYPE_CREATE);
	assert_int_equal(rename(path_of(host, "etc/fresh"), path_of(host, "etc/passwd")), 0);
	resolve_contained(host, from, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/fresh");
	resolve_contained(host, to, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void a_file_gone_from_a_container_is_told_by_name(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *item;

	enter_container(host, bindings, ELEMENTS(bindings));
	item = add(host, "/host/srv/data/file", "srv/data/file", PATH_TYPE_NORMAL);
	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	resolve_contained(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "srv/data/file");
}

static void a_chroot_into_a_mount_is_found_out(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *parent;

	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(host, add(host, "/etc/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	parent = add(host, "/etc/", "etc", PATH_TYPE_PARENT);
	resolve_contained(host, add(host, "/etc/new", "etc/passwd", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
}

static void a_name_that_leads_to_another_file_is_refused(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	/* By chroot to a place that is not known: the host's own file of that name is not it. */
	place_text(&host->place, "jail/etc/passwd", "x");
	resolve_contained(
		host, add(host, "/etc/passwd", "jail/etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/etc/passwd");
	watch(host, "jail", true);
	resolve_contained(
		host, add(host, "/etc/passwd ", "jail/etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "jail/etc/passwd");
}

static void the_engines_word_helps_where_no_mounts_were_seen(void **state)
{
	struct host *host = *state;

	host->engine_mount = (struct container_mount){ .source = (char *)path_of(host, "etc"),
		.destination = (char *)"/config" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	resolve_contained(host, add(host, "/config/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/config/ssh/key", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_NAME, "etc/ssh/key");
	resolve_contained(host, add(host, "/configuration", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/configuration");
}

static void a_rootless_engines_word_must_be_proven(void **state)
{
	struct host *host = *state;

	host->engine_mount = (struct container_mount){ .source = (char *)path_of(host, "etc"),
		.destination = (char *)"/config" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	host->container.owner = 1000;
	resolve_contained(host, add(host, "/config/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/config/ssh/key", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/config/ssh/key");
}

static void a_mount_whose_source_was_removed_leads_nowhere(void **state)
{
	static const struct binding bindings[] = { { "srv/data", "/data" } };
	struct host *host = *state;
	struct event_path *item, *parent;

	enter_container(host, bindings, ELEMENTS(bindings));
	parent = add(host, "/data/", "srv/data", PATH_TYPE_PARENT);
	item = add(host, "/data/file", "srv/data/file", PATH_TYPE_DELETE);
	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	assert_int_equal(rmdir(path_of(host, "srv/data")), 0);
	read_mounts_of(host, host->pid);
	resolve_contained(host, item, parent);
	assert_as_seen(host, "/data/file");
}

static void mounts_that_come_later_are_noticed(void **state)
{
	static const struct binding bindings[] = { { "late", "/data" } };
	struct host *host = *state;

	need_mounts();
	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	place_directory(&host->place, "late");
	assert_int_equal(mount("late", path_of(host, "late"), "tmpfs", 0, "size=1m"), 0);
	place_text(&host->place, "late/file", "x");
	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(host, add(host, "/data/file", "late/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "late/file");
	assert_int_equal(umount2(path_of(host, "late"), MNT_DETACH), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(a_name_in_a_container_is_translated_through_its_mounts),
		host_test(a_relative_name_in_a_container_is_translated),
		host_test(names_that_came_and_went_in_a_container_are_proven_by_their_directory),
		host_test(a_file_gone_from_a_container_is_told_by_name),
		host_test(a_chroot_into_a_mount_is_found_out),
		host_test(a_name_that_leads_to_another_file_is_refused),
		host_test(the_engines_word_helps_where_no_mounts_were_seen),
		host_test(a_rootless_engines_word_must_be_proven),
		host_test(a_mount_whose_source_was_removed_leads_nowhere),
		host_test(mounts_that_come_later_are_noticed),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
