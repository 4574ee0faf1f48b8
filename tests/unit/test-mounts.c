/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mounts.h"

/* As a container with a bind mount of the host's root, of a directory and of a file sees it. */
static const char container_text[] =
	"300 200 0:57 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/l,upperdir=/u\n"
	"301 300 0:60 / /proc rw,nosuid - proc proc rw\n"
	"302 300 254:1 / /host rw,relatime master:1 - ext4 /dev/vda1 rw\n"
	"303 302 254:2 / /host/home rw,relatime - ext4 /dev/vda2 rw\n"
	"304 300 254:1 /srv/data /data rw,relatime - ext4 /dev/vda1 rw\n"
	"305 300 254:1 /etc/resolv.conf /etc/resolv.conf ro,relatime - ext4 /dev/vda1 rw\n";

static const char host_text[] = "20 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
				"21 20 254:2 / /home rw,relatime - ext4 /dev/vda2 rw\n"
				"22 20 254:1 /srv/data /export rw,relatime - ext4 /dev/vda1 rw\n"
				"23 20 0:5 / /dev rw - devtmpfs devtmpfs rw\n";

static struct mounts *parse(const char *text)
{
	struct mounts *mounts = NULL;

	assert_int_equal(mounts_parse(text, &mounts), 0);
	return mounts;
}

static void a_mountinfo_is_read(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse(container_text);

	assert_int_equal(mounts->n, 6);
	assert_int_equal(mounts->list[4].id, 304);
	assert_int_equal(mounts->list[4].dev_major, 254);
	assert_int_equal(mounts->list[4].dev_minor, 1);
	assert_string_equal(mounts->list[4].root, "/srv/data");
	assert_string_equal(mounts->list[4].point, "/data");
	assert_string_equal(mounts->list[4].type, "ext4");
	assert_string_equal(mounts->list[0].type, "overlay");
}

static void optional_fields_may_be_none_or_many(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts =
		parse("1 0 8:1 / / rw - ext4 x rw\n"
		      "2 1 8:2 / /a rw shared:1 master:2 propagate_from:3 unbindable - xfs y rw\n");

	assert_int_equal(mounts->n, 2);
	assert_string_equal(mounts->list[1].type, "xfs");
}

static void escapes_are_undone(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts =
		parse("1 0 8:1 /a\\134b /with\\040blank\\011tab\\012line\\043hash rw - ext4 x rw\n"
		      "2 0 8:1 /\\400\\8\\ /\\04 rw - ext4 x rw");

	assert_string_equal(mounts->list[0].root, "/a\\b");
	assert_string_equal(mounts->list[0].point, "/with blank\ttab\nline#hash");
	assert_string_equal(mounts->list[1].root, "/\\400\\8\\");
	assert_string_equal(mounts->list[1].point, "/\\04");
}

static void lines_that_are_none_are_left_out(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse("\n"
							      "garbage\n"
							      "1 0 8:1 / /\n"
							      "1 0 8:1 / / rw - \n"
							      "1 0 8:1 / / rw ext4 x rw\n"
							      "1 0 81 / / rw - ext4 x rw\n"
							      "1 0 8:1 root / rw - ext4 x rw\n"
							      "1 0 8:1 / point rw - ext4 x rw\n"
							      "1 0 8:1  / / rw - ext4 x rw\n"
							      "7 0 8:1 / /good rw - ext4 x rw");

	assert_int_equal(mounts->n, 1);
	assert_int_equal(mounts->list[0].id, 7);
}

static void an_empty_mountinfo_has_no_mounts(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse("");
	const char *rest;
	char *name = NULL;

	assert_int_equal(mounts->n, 0);
	assert_null(mounts_covering(mounts, "/etc", &rest));
	assert_null(mounts_of_device(mounts, 0, 0));
	assert_null(mounts_by_id(mounts, 0));
	assert_int_equal(mounts_name_of(mounts, 0, 0, "/", &name), -ENOENT);
	assert_null(name);
}

static void below_means_whole_components(void **state)
{
	assert_true(path_is_below("/etc/passwd", "/etc"));
	assert_true(path_is_below("/etc", "/etc"));
	assert_true(path_is_below("/etc", "/"));
	assert_true(path_is_below("/", "/"));
	assert_false(path_is_below("/etcetera", "/etc"));
	assert_false(path_is_below("/et", "/etc"));
	assert_false(path_is_below("etc", "/"));
}

static void assert_covered(const struct mounts *mounts, const char *path, int id, const char *rest)
{
	const char *got = NULL;
	const struct mount *mount = mounts_covering(mounts, path, &got);

	assert_non_null(mount);
	assert_int_equal(mount->id, id);
	assert_string_equal(got, rest);
}

static void the_deepest_mount_covers_a_path(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse(container_text);

	assert_covered(mounts, "/etc/passwd", 300, "/etc/passwd");
	assert_covered(mounts, "/", 300, "");
	assert_covered(mounts, "/host/etc/passwd", 302, "/etc/passwd");
	assert_covered(mounts, "/host", 302, "");
	assert_covered(mounts, "/host/home/dan", 303, "/dan");
	assert_covered(mounts, "/hostile", 300, "/hostile");
	assert_covered(mounts, "/etc/resolv.conf", 305, "");
}

static void a_later_mount_hides_an_earlier_one_at_its_place(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse("1 0 8:1 / / rw - ext4 x rw\n"
							      "2 1 8:2 / /a rw - ext4 x rw\n"
							      "3 2 8:3 / /a rw - ext4 x rw\n");

	assert_covered(mounts, "/a/b", 3, "/b");
}

static void a_mount_is_found_by_device_and_by_id(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse(container_text);

	assert_int_equal(mounts_of_device(mounts, 254, 2)->id, 303);
	assert_int_equal(mounts_of_device(mounts, 254, 1)->id, 302);
	assert_null(mounts_of_device(mounts, 254, 3));
	assert_string_equal(mounts_by_id(mounts, 304)->point, "/data");
	assert_null(mounts_by_id(mounts, 1));
}

static void assert_name(
	const struct mounts *mounts, uint32_t dev_minor, const char *place, const char *expected)
{
	_cleanup_(freep) char *name = NULL;

	assert_int_equal(mounts_name_of(mounts, 254, dev_minor, place, &name), 0);
	assert_string_equal(name, expected);
}

static void a_place_has_the_name_of_its_nearest_mount(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts = parse(host_text);

	assert_name(mounts, 1, "/etc/passwd", "/etc/passwd");
	assert_name(mounts, 1, "/", "/");
	assert_name(mounts, 2, "/", "/home");
	assert_name(mounts, 2, "/dan/x", "/home/dan/x");
	assert_name(mounts, 1, "/srv/data", "/export");
	assert_name(mounts, 1, "/srv/data/x", "/export/x");
	assert_name(mounts, 1, "/srv/database", "/srv/database");
}

static void a_place_that_is_not_mounted_has_no_name(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts =
		parse("1 0 254:1 /sub /mnt rw - ext4 x rw\n");
	char *name = NULL;

	assert_int_equal(mounts_name_of(mounts, 254, 1, "/other", &name), -ENOENT);
	assert_int_equal(mounts_name_of(mounts, 254, 2, "/sub", &name), -ENOENT);
	assert_null(name);
}

static void a_mount_or_its_file_system_is_read_only(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts =
		parse("1 0 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
		      "2 1 254:1 /x /x ro,nosuid shared:3 - ext4 /dev/vda1 rw,errors=remount-ro\n"
		      "3 1 254:2 / /y rw - ext4 /dev/vda2 ro\n"
		      "4 1 254:3 / /z rw,rofl - ext4 /dev/vda3 errors=remount-ro,rw\n"
		      "5 1 254:4 / /w rw - ext4\n");
	static const bool expected[] = { false, true, true, false, false };

	for (size_t i = 0; i < mounts->n; i++)
		assert_int_equal(mounts->list[i].read_only, expected[i]);
}

static void some_file_systems_ask_somebody(void **state)
{
	_cleanup_(mounts_freep) struct mounts *mounts =
		parse("1 0 254:1 / / rw - ext4 /dev/vda1 rw\n"
		      "2 1 0:50 / /net/x rw - nfs4 server:/x rw\n"
		      "3 1 0:51 / /home/a/mnt rw - fuse.sshfs a@b: rw\n"
		      "4 1 8:1 / /usb rw - fuseblk /dev/sda1 rw\n"
		      "5 1 0:52 / /boot rw - autofs systemd-1 rw\n"
		      "6 5 254:2 / /boot rw - ext4 /dev/vda2 rw\n"
		      "7 1 0:53 / /over rw - overlay overlay rw\n"
		      "8 1 0:54 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n"
		      "9 1 0:55 / /new rw - somefs x rw\n");

	assert_true(mounts_asks_at(mounts, "/net/x"));
	assert_true(mounts_asks_at(mounts, "/home/a/mnt"));
	assert_true(mounts_asks_at(mounts, "/usb"));
	assert_true(mounts_asks_at(mounts, "/new"));
	/* What lies on top of it counts. */
	assert_false(mounts_asks_at(mounts, "/boot"));
	assert_false(mounts_asks_at(mounts, "/"));
	assert_false(mounts_asks_at(mounts, "/over"));
	assert_false(mounts_asks_at(mounts, "/sys/fs/fuse/connections"));
	assert_false(mounts_asks_at(mounts, "/net"));
	assert_false(mounts_asks_at(mounts, "/net/x/y"));
	assert_true(mounts_asks_around(mounts, "/net/x/y"));
	assert_true(mounts_asks_around(mounts, "/net/x"));
	assert_false(mounts_asks_around(mounts, "/net/xy"));
	assert_true(mounts_asks_around(mounts, "/home/a"));
	assert_false(mounts_asks_around(mounts, "/home/a/.local"));
	assert_false(mounts_asks_around(mounts, "/boot/vmlinuz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mountinfo_is_read),
		cmocka_unit_test(optional_fields_may_be_none_or_many),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(lines_that_are_none_are_left_out),
		cmocka_unit_test(an_empty_mountinfo_has_no_mounts),
		cmocka_unit_test(below_means_whole_components),
		cmocka_unit_test(the_deepest_mount_covers_a_path),
		cmocka_unit_test(a_later_mount_hides_an_earlier_one_at_its_place),
		cmocka_unit_test(a_mount_is_found_by_device_and_by_id),
		cmocka_unit_test(a_place_has_the_name_of_its_nearest_mount),
		cmocka_unit_test(a_place_that_is_not_mounted_has_no_name),
		cmocka_unit_test(a_mount_or_its_file_system_is_read_only),
		cmocka_unit_test(some_file_systems_ask_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
