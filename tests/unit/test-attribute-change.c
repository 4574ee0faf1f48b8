/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an event changes of the names that are watched. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/sysmacros.h>

#include "attribute-scene.h"

/* An item with the identity of a file in the place. */
static void add_file(struct scene *scene, const char *name, const char *file, enum path_type type)
{
	struct stat st = place_stat(&scene->host.place, file);
	struct event_path *path = add(scene, name, type);

	path->inode = st.st_ino;
	path->dev_major = major(st.st_dev);
	path->dev_minor = minor(st.st_dev);
}

static void resolve_for_real(struct scene *scene)
{
	be_live(scene, "/");
	scene->attributor.resolver = scene->resolver;
	scene->attributor.watched = scene->watched;
}

static void watch(struct scene *scene, const char *path)
{
	const struct watch_path list[] = { { path, "k", false } };

	assert_int_equal(watch_paths_set(scene->watched, list, 1, TIME_MSEC), 0);
}

static const char *found(struct scene *scene, const char *file, int64_t time_msec)
{
	struct stat st = place_stat(&scene->host.place, file);
	const struct file_identity identity = { st.st_ino, major(st.st_dev), minor(st.st_dev) };

	return watch_paths_find(scene->watched, &identity, time_msec, time_msec);
}

static void a_rename_over_a_watched_file_is_followed(void **state)
{
	struct scene *scene = *state;
	char watched[512], fresh[512], directory[512];

	strcpy(watched, place_name(&scene->host.place, "etc/watched"));
	strcpy(fresh, place_name(&scene->host.place, "etc/fresh"));
	strcpy(directory, place_name(&scene->host.place, "etc/"));
	place_text(&scene->host.place, "etc/watched", "old");
	place_text(&scene->host.place, "etc/fresh", "new");
	resolve_for_real(scene);
	watch(scene, watched);
	scene->event.syscall = "rename";
	add_file(scene, directory, "etc", PATH_TYPE_PARENT);
	add_file(scene, fresh, "etc/fresh", PATH_TYPE_DELETE);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	add_file(scene, watched, "etc/fresh", PATH_TYPE_CREATE);
	assert_int_equal(link(watched, place_name(&scene->host.place, "kept")), 0);
	assert_int_equal(rename(fresh, watched), 0);
	attribute(scene);
	assert_int_equal(scene->n, 2);
	assert_string_equal(scene->touches[0]->path, fresh);
	assert_string_equal(scene->touches[1]->path, watched);
	assert_int_equal(scene->touches[1]->path_by, PATH_BY_IDENTITY);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
	assert_null(found(scene, "etc/watched", scene->event.time_msec - 1));
	assert_string_equal(found(scene, "kept", scene->event.time_msec - 1), watched);
	assert_null(found(scene, "kept", scene->event.time_msec + 1));
}

static void a_failed_or_unproven_change_is_none(void **state)
{
	struct scene *scene = *state;
	char watched[512], directory[512];

	strcpy(watched, place_name(&scene->host.place, "etc/watched"));
	strcpy(directory, place_name(&scene->host.place, "etc/"));
	place_text(&scene->host.place, "etc/watched", "old");
	place_text(&scene->host.place, "other/file", "x");
	resolve_for_real(scene);
	watch(scene, watched);
	scene->event.syscall = "unlink";
	add_file(scene, directory, "etc", PATH_TYPE_PARENT);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	scene->event.success = false;
	attribute(scene);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
	scene->event.success = true;
	scene->event.n_paths = 0;
	add_file(scene, directory, "other", PATH_TYPE_PARENT);
	add_file(scene, watched, "etc/watched", PATH_TYPE_DELETE);
	assert_int_equal(attribute(scene)->path_by, PATH_BY_NAME);
	assert_string_equal(found(scene, "etc/watched", scene->event.time_msec + 1), watched);
}

static void the_kernels_word_of_a_moved_watch_is_followed(void **state)
{
	struct scene *scene = *state;
	char watched[512];

	strcpy(watched, place_name(&scene->host.place, "watched"));
	resolve_for_real(scene);
	watch(scene, watched);
	place_text(&scene->host.place, "watched", "new");
	scene->event.has_syscall = false;
	scene->event.config_op = "updated_rules";
	assert_null(attribute(scene));
	assert_null(found(scene, "watched", TIME_MSEC + 200));
	scene->event.config_path = watched;
	assert_null(attribute(scene));
	assert_string_equal(found(scene, "watched", TIME_MSEC + 200), watched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_rename_over_a_watched_file_is_followed),
		scene_test(a_failed_or_unproven_change_is_none),
		scene_test(the_kernels_word_of_a_moved_watch_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
