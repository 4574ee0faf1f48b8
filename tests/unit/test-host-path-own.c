/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose is the file: the host's, or of the container's own root? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "host-path-scene.h"

static void the_containers_own_file_is_not_the_hosts(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	char root[64];
	struct stat st;

	enter_container(host, bindings, ELEMENTS(bindings));
	snprintf(root, sizeof(root), "/proc/%d/root/etc/own", host->pid);
	assert_int_equal(stat(root, &st), 0);
	resolve_contained(host, add_identity(host, "/etc/own", &st, PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/etc/own");
	assert_true(host->answer.container_own_file);
}

static void a_file_below_the_containers_root_on_the_host_is_its_own(void **state)
{
	struct host *host = *state;
	char rootfs[512];

	/* In a chroot no mount need be the root. */
	need_mounts();
	/* As LXC has it, or an engine with the vfs driver: no file system of its own. */
	snprintf(rootfs, sizeof(rootfs), "%s", path_of(host, "srv"));
	host->info.rootfs = rootfs;
	host->engine_mount =
		(struct container_mount){ .source = rootfs, .destination = (char *)"/" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	resolve_contained(host, add(host, "/data/file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
	assert_true(host->answer.container_own_file);
	resolve_contained(host, add(host, "/etc/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
}

/* What a container's process can mount over its own root must not make the host's files the
 * container's. */
static void a_directory_of_the_host_mounted_at_the_root_is_still_the_hosts(void **state)
{
	struct host *host = *state;
	char text[1024];
	struct stat st;

	need_mounts();
	st = place_stat(&host->place, "srv");
	snprintf(text, sizeof(text), "9 1 %u:%u /srv / rw - tmpfs x rw\n", major(st.st_dev),
		minor(st.st_dev));
	assert_int_equal(mounts_parse(text, &host->container.mounts), 0);
	resolve_contained(host, add(host, "/data/file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
	assert_false(host->answer.container_own_file);
}

static void what_is_mounted_at_the_containers_root_on_the_host_is_its_own(void **state)
{
	struct host *host = *state;
	char rootfs[512];

	need_mounts();
	strcpy(rootfs, path_of(host, "merged"));
	place_directory(&host->place, "merged");
	assert_int_equal(mount("merged", rootfs, "tmpfs", 0, "size=1m"), 0);
	place_text(&host->place, "merged/own", "x");
	host->info.rootfs = rootfs;
	resolve_contained(host, add(host, "/own", "merged/own", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/own");
	assert_true(host->answer.container_own_file);
	resolve_contained(host, add(host, "/srv", "srv", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
	/* A directory of the host's file system is no mount of its own. */
	strcpy(rootfs, path_of(host, "srv"));
	resolve_contained(host, add(host, "/x", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
	assert_int_equal(umount2(path_of(host, "merged"), MNT_DETACH), 0);
}

static void a_container_in_the_hosts_mount_namespace_owns_nothing_of_it(void **state)
{
	struct host *host = *state;
	struct stat st;

	need_mounts();
	read_mounts_of(host, getpid());
	assert_int_equal(stat("/usr", &st), 0);
	resolve_contained(host, add_identity(host, "/usr", &st, PATH_TYPE_NORMAL), NULL);
	assert_string_equal(host->answer.path, "/usr");
	assert_int_equal(host->answer.by, PATH_BY_IDENTITY);
	assert_false(host->answer.container_own_file);
	resolve_contained(
		host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void the_root_of_a_container_that_is_gone_is_still_its_own(void **state)
{
	struct host *host = *state;
	struct stat gone;

	enter_container(host, NULL, 0);
	mounts_free(host->container.mounts);
	host->container.mounts = NULL;
	/* Its device's number is another's by now: that of the host's own file system. */
	gone = place_stat(&host->place, "etc/passwd");
	gone.st_ino = 999999999;
	host->info.rootfs = (char *)"/var/lib/engine/gone/merged";
	host->info.has_root_device = true;
	host->info.root_major = major(gone.st_dev);
	host->info.root_minor = minor(gone.st_dev);
	resolve_contained(host, add_identity(host, "/own", &gone, PATH_TYPE_NORMAL), NULL);
	assert_true(host->answer.container_own_file);
	host->info.root_minor++;
	host->event.time_msec = NOW + 1;
	resolve_contained(host, add_identity(host, "/other", &gone, PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
}

/* What is removed from an overlay is told with the identity that it had in the layer below. */
static void what_is_removed_from_a_containers_root_is_its_own(void **state)
{
	struct host *host = *state;
	const struct event_path *parent, *item;
	struct stat root, below;

	enter_container(host, NULL, 0);
	root = place_stat(&host->place, "etc");
	below = place_stat(&host->place, "etc/passwd");
	root.st_dev = makedev(0, 54321);
	host->info.rootfs = (char *)"/var/lib/engine/gone/merged";
	host->info.has_root_device = true;
	host->info.root_major = major(root.st_dev);
	host->info.root_minor = minor(root.st_dev);
	parent = add_identity(host, "/etc/", &root, PATH_TYPE_PARENT);
	item = add_identity(host, "/etc/own", &below, PATH_TYPE_DELETE);
	resolve_contained(host, item, parent);
	assert_true(host->answer.container_own_file);
	assert_int_equal(host->answer.by, PATH_AS_SEEN);
	/* In a directory of the host's it is not. */
	host->event.n_paths = 0;
	parent = add(host, "/etc/", "etc", PATH_TYPE_PARENT);
	item = add_identity(host, "/etc/own", &below, PATH_TYPE_DELETE);
	resolve_contained(host, item, parent);
	assert_false(host->answer.container_own_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(the_containers_own_file_is_not_the_hosts),
		host_test(a_file_below_the_containers_root_on_the_host_is_its_own),
		host_test(a_directory_of_the_host_mounted_at_the_root_is_still_the_hosts),
		host_test(what_is_mounted_at_the_containers_root_on_the_host_is_its_own),
		host_test(a_container_in_the_hosts_mount_namespace_owns_nothing_of_it),
		host_test(the_root_of_a_container_that_is_gone_is_still_its_own),
		host_test(what_is_removed_from_a_containers_root_is_its_own),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
