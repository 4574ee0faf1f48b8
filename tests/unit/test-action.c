/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>

#include "attribute/action.h"

#define FDCWD_32 UINT64_C(0xffffff9c)
#define FDCWD_64 UINT64_C(0xffffffffffffff9c)

static struct event event_of(const char *syscall)
{
	return (struct event){
		.has_syscall = true, .syscall = syscall, .success = true, .cwd = "/home"
	};
}

static struct event_path *add(
	struct event *event, const char *name, uint64_t inode, enum path_type type)
{
	struct event_path *path = &event->paths[event->n_paths++];

	*path = (struct event_path){ .name = name,
		.has_inode = inode != 0,
		.inode = inode,
		.dev_major = 254,
		.dev_minor = 1,
		.type = type };
	return path;
}

static unsigned items_of(const struct event *event, struct action_item *items)
{
	bool known;

	return action_items(event, items, &known);
}

static enum action only_action(const struct event *event)
{
	struct action_item items[EVENT_MAX_PATHS + 1];

	assert_int_equal(items_of(event, items), 1);
	return items[0].action;
}

static void every_call_that_is_named_does_what_it_does(void **state)
{
	static const struct {
		enum action action;
		const char *calls[48];
	} verbs[] = {
		{ ACTION_WRITE, { "acct", "copy_file_range", "creat", "fallocate", "ftruncate",
					"ftruncate64", "quotactl", "swapoff", "swapon", "truncate",
					"truncate64" } },
		{ ACTION_ATTR, { "chmod", "chown", "chown32", "fchmod", "fchmodat", "fchmodat2",
				       "fchown", "fchown32", "fchownat", "file_setattr",
				       "fremovexattr", "fsetxattr", "futimesat", "ioctl", "lchown",
				       "lchown32", "lremovexattr", "lsetxattr", "removexattr",
				       "removexattrat", "setxattr", "setxattrat", "utime",
				       "utimensat", "utimensat_time64", "utimes" } },
		{ ACTION_CREATE, { "bind", "mkdir", "mkdirat", "mknod", "mknodat", "symlink",
					 "symlinkat" } },
		{ ACTION_DELETE, { "mq_unlink", "rmdir", "unlink", "unlinkat" } },
		{ ACTION_RENAME, { "rename", "renameat", "renameat2" } },
		{ ACTION_LINK, { "link", "linkat" } },
		{ ACTION_READ,
			{ "access", "chdir", "chroot", "faccessat", "faccessat2", "fchdir",
				"fgetxattr", "file_getattr", "flistxattr", "fstat", "fstat64",
				"fstatat64", "fstatfs", "fstatfs64", "getxattr", "getxattrat",
				"inotify_add_watch", "lgetxattr", "listxattr", "listxattrat",
				"llistxattr", "lstat", "lstat64", "mq_open", "name_to_handle_at",
				"newfstatat", "open", "open_by_handle_at", "openat", "readlink",
				"readlinkat", "stat", "stat64", "statfs", "statfs64", "statx",
				"uselib" } },
		{ ACTION_EXEC, { "execve", "execveat" } },
		{ ACTION_CONNECT, { "connect", "sendmmsg", "sendmsg", "sendto", "socketcall" } },
		{ ACTION_MOUNT, { "mount", "mount_setattr", "move_mount", "open_tree",
					"open_tree_attr", "pivot_root", "umount", "umount2" } },
	};

	for (size_t i = 0; i < ELEMENTS(verbs); i++)
		for (const char *const *call = verbs[i].calls; *call; call++) {
			struct action_item items[EVENT_MAX_PATHS + 1];
			struct event event = event_of(*call);
			bool known = false;

			add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
			assert_int_equal(action_items(&event, items, &known), 1);
			assert_true(known);
			assert_string_equal(
				action_names[items[0].action], action_names[verbs[i].action]);
			assert_ptr_equal(items[0].path, &event.paths[0]);
		}
}

static void a_call_without_name_counts_as_a_write_and_is_not_known(void **state)
{
	static const char *const calls[] = { NULL, "", "io_uring_exit", "zzz", "openat3" };

	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		struct action_item items[EVENT_MAX_PATHS + 1];
		struct event event = event_of(calls[i]);
		bool known = true;

		add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
		assert_int_equal(action_items(&event, items, &known), 1);
		assert_false(known);
		assert_int_equal(items[0].action, ACTION_WRITE);
	}
}

static void an_open_does_what_its_flags_say(void **state)
{
	static const struct {
		uint64_t flags;
		enum action action;
	} opens[] = {
		{ O_RDONLY, ACTION_READ },
		{ O_RDONLY | O_CLOEXEC, ACTION_READ },
		{ O_WRONLY, ACTION_WRITE },
		{ O_RDWR | O_APPEND, ACTION_WRITE },
		{ 3, ACTION_WRITE },
		{ O_RDONLY | O_TRUNC, ACTION_WRITE },
	};
	static const struct {
		const char *call;
		unsigned argument;
	} calls[] = { { "open", 1 }, { "mq_open", 1 }, { "openat", 2 },
		{ "open_by_handle_at", 2 } };

	for (size_t i = 0; i < ELEMENTS(opens); i++) {
		for (size_t j = 0; j < ELEMENTS(calls); j++) {
			struct event event = event_of(calls[j].call);

			event.arguments[calls[j].argument] = opens[i].flags;
			add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
			assert_int_equal(only_action(&event), opens[i].action);
		}
	}
}

static void an_openat2_has_its_flags_in_a_record_of_its_own(void **state)
{
	struct event event = event_of("openat2");

	add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
	event.arguments[2] = O_RDONLY;
	assert_int_equal(only_action(&event), ACTION_WRITE);
	event.has_open_flags = true;
	event.open_flags = O_RDONLY;
	assert_int_equal(only_action(&event), ACTION_READ);
	event.open_flags = O_RDONLY | O_TRUNC;
	assert_int_equal(only_action(&event), ACTION_WRITE);
}

static void an_open_that_makes_the_file_creates(void **state)
{
	struct event event = event_of("openat");
	struct action_item items[EVENT_MAX_PATHS + 1];

	event.arguments[0] = FDCWD_32;
	event.arguments[2] = O_WRONLY | O_CREAT;
	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	add(&event, "/etc/new", 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 1);
	assert_int_equal(items[0].action, ACTION_CREATE);
	assert_ptr_equal(items[0].path, &event.paths[1]);
	assert_ptr_equal(items[0].parent, &event.paths[0]);
}

static void a_rename_is_two_touches(void **state)
{
	struct event event = event_of("rename");
	struct action_item items[EVENT_MAX_PATHS + 1];

	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	add(&event, "/tmp/", 3, PATH_TYPE_PARENT);
	add(&event, "/tmp/new", 7, PATH_TYPE_DELETE);
	add(&event, "/etc/passwd", 8, PATH_TYPE_DELETE);
	add(&event, "/etc/passwd", 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 2);
	assert_int_equal(items[0].action, ACTION_RENAME);
	assert_string_equal(items[0].path->name, "/tmp/new");
	assert_ptr_equal(items[0].parent, &event.paths[1]);
	assert_int_equal(items[1].action, ACTION_RENAME);
	assert_ptr_equal(items[1].path, &event.paths[4]);
	assert_ptr_equal(items[1].parent, &event.paths[0]);
}

static void an_exchange_is_two_touches(void **state)
{
	struct event event = event_of("renameat2");
	struct action_item items[EVENT_MAX_PATHS + 1];

	event.arguments[0] = event.arguments[2] = FDCWD_64;
	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	add(&event, "/etc/a", 7, PATH_TYPE_DELETE);
	add(&event, "/etc/b", 8, PATH_TYPE_DELETE);
	add(&event, "/etc/b", 7, PATH_TYPE_CREATE);
	add(&event, "/etc/a", 8, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 2);
	assert_ptr_equal(items[0].path, &event.paths[4]);
	assert_ptr_equal(items[1].path, &event.paths[5]);
	assert_int_equal(items[1].parent->inode, 2);
}

static void a_rename_between_directories_under_one_name_is_two_touches(void **state)
{
	struct event event = event_of("renameat");
	struct action_item items[EVENT_MAX_PATHS + 1];

	event.arguments[0] = 4;
	event.arguments[2] = FDCWD_32;
	add(&event, "/home", 2, PATH_TYPE_PARENT);
	add(&event, "/home", 3, PATH_TYPE_PARENT);
	add(&event, "x", 7, PATH_TYPE_DELETE);
	add(&event, "x", 8, PATH_TYPE_DELETE);
	add(&event, "x", 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 2);
	assert_ptr_equal(items[0].path, &event.paths[2]);
	assert_ptr_equal(items[1].path, &event.paths[4]);
	/* Which of the two directories is whose, no record says. */
	assert_null(items[0].parent);
	assert_null(items[1].parent);
	assert_true(items[0].at_descriptor && items[1].at_descriptor);
}

static void a_link_touches_both_names(void **state)
{
	struct event event = event_of("link");
	struct action_item items[EVENT_MAX_PATHS + 1];

	add(&event, "/tmp/", 3, PATH_TYPE_PARENT);
	add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
	add(&event, "/tmp/hard", 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 2);
	assert_int_equal(items[0].action, ACTION_LINK);
	assert_int_equal(items[1].action, ACTION_LINK);
	assert_null(items[0].parent);
	assert_ptr_equal(items[1].parent, &event.paths[0]);
}

static void the_text_of_a_symlink_is_not_touched(void **state)
{
	struct event event = event_of("symlink");
	struct action_item items[EVENT_MAX_PATHS + 1];

	add(&event, "/tmp/", 3, PATH_TYPE_PARENT);
	add(&event, "/etc/passwd", 0, PATH_TYPE_UNKNOWN);
	add(&event, "/tmp/soft", 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(&event, items), 1);
	assert_string_equal(items[0].path->name, "/tmp/soft");
}

static void a_name_that_leads_nowhere_is_touched_all_the_same(void **state)
{
	struct event event = event_of("openat");
	struct action_item items[EVENT_MAX_PATHS + 1];

	event.success = false;
	event.arguments[0] = FDCWD_32;
	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	add(&event, "/etc/nothing", 0, PATH_TYPE_UNKNOWN);
	assert_int_equal(items_of(&event, items), 1);
	assert_string_equal(items[0].path->name, "/etc/nothing");
	assert_ptr_equal(items[0].parent, &event.paths[0]);
}

static void an_exec_is_of_the_program_alone(void **state)
{
	struct event event = event_of("execve");
	struct action_item items[EVENT_MAX_PATHS + 1];

	add(&event, "/bin/true", 7, PATH_TYPE_NORMAL);
	add(&event, "/lib64/ld-linux-x86-64.so.2", 8, PATH_TYPE_NORMAL);
	assert_int_equal(items_of(&event, items), 1);
	assert_ptr_equal(items[0].path, &event.paths[0]);
}

static void an_event_without_names_touches_nothing(void **state)
{
	struct event event = event_of("openat");
	struct action_item items[EVENT_MAX_PATHS + 1];

	assert_int_equal(items_of(&event, items), 0);
	add(&event, "/etc/", 2, PATH_TYPE_PARENT);
	assert_int_equal(items_of(&event, items), 0);
	add(&event, "/etc/passwd", 7, PATH_TYPE_NORMAL);
	event.has_syscall = false;
	assert_int_equal(items_of(&event, items), 0);
}

static void a_full_event_has_room(void **state)
{
	struct event event = event_of("openat");
	struct action_item items[EVENT_MAX_PATHS + 1];

	for (unsigned i = 0; i < EVENT_MAX_PATHS; i++)
		add(&event, "/x", i + 1, PATH_TYPE_NORMAL);
	assert_int_equal(items_of(&event, items), EVENT_MAX_PATHS);
}

static const struct event_path *parent_in(struct event *event, const char *name)
{
	struct action_item items[EVENT_MAX_PATHS + 1];

	add(event, name, 7, PATH_TYPE_CREATE);
	assert_int_equal(items_of(event, items), 1);
	return items[0].parent;
}

static void the_parent_is_the_one_that_the_name_begins_with(void **state)
{
	struct event event = event_of("mkdir");

	add(&event, "/a/", 2, PATH_TYPE_PARENT);
	add(&event, "/a/b/", 3, PATH_TYPE_PARENT);
	add(&event, "/home", 4, PATH_TYPE_PARENT);
	add(&event, "/", 5, PATH_TYPE_PARENT);
	assert_ptr_equal(parent_in(&event, "/a/x"), &event.paths[0]);
	event.n_paths = 4;
	assert_ptr_equal(parent_in(&event, "/a/b/x"), &event.paths[1]);
	event.n_paths = 4;
	assert_ptr_equal(parent_in(&event, "/a/b/"), &event.paths[0]);
	event.n_paths = 4;
	assert_ptr_equal(parent_in(&event, "x"), &event.paths[2]);
	event.n_paths = 4;
	assert_ptr_equal(parent_in(&event, "x//"), &event.paths[2]);
	event.n_paths = 4;
	assert_ptr_equal(parent_in(&event, "/x"), &event.paths[3]);
	event.n_paths = 4;
	assert_null(parent_in(&event, "/c/x"));
	event.n_paths = 4;
	assert_null(parent_in(&event, NULL));
}

static void a_lone_parent_is_the_parent(void **state)
{
	struct event event = event_of("mkdir");

	add(&event, NULL, 2, PATH_TYPE_PARENT);
	assert_ptr_equal(parent_in(&event, "/a/x"), &event.paths[0]);
}

static void only_relative_names_of_a_descriptor_begin_at_one(void **state)
{
	static const struct {
		const char *syscall, *name;
		uint64_t a0, a1, a2;
		bool at_descriptor;
	} cases[] = {
		{ "openat", "x", FDCWD_32, 0, 0, false },
		{ "openat", "x", FDCWD_64, 0, 0, false },
		{ "openat", "x", 4, 0, 0, true },
		{ "openat", "/x", 4, 0, 0, false },
		{ "openat", NULL, 4, 0, 0, false },
		{ "open", "x", 4, 0, 0, false },
		{ "unlinkat", "x", 0, 0, 0, true },
		{ "openat2", "x", 5, 0, 0, true },
		{ "symlinkat", "x", 4, FDCWD_32, 0, false },
		{ "symlinkat", "x", FDCWD_32, 4, 0, true },
		{ "linkat", "x", FDCWD_32, 4, FDCWD_32, false },
		{ "linkat", "x", FDCWD_32, 4, 3, true },
		{ "renameat2", "x", 3, 4, FDCWD_32, true },
		{ "renameat2", "/x", 3, 4, FDCWD_32, false },
		{ NULL, "x", FDCWD_32, 0, 0, true },
		{ NULL, "/x", FDCWD_32, 0, 0, false },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct event event = event_of(cases[i].syscall);
		struct action_item items[EVENT_MAX_PATHS + 1];

		event.arguments[0] = cases[i].a0;
		event.arguments[1] = cases[i].a1;
		event.arguments[2] = cases[i].a2;
		add(&event, cases[i].name, 7, PATH_TYPE_CREATE);
		assert_int_equal(items_of(&event, items), 1);
		assert_int_equal(items[0].at_descriptor, cases[i].at_descriptor);
	}
}

static bool reads(const char *syscall, uint64_t a1, uint64_t a2, mode_t mode)
{
	struct event event = event_of(syscall);
	struct action_item items[EVENT_MAX_PATHS + 1];

	event.arguments[1] = a1;
	event.arguments[2] = a2;
	add(&event, "key", 7, PATH_TYPE_NORMAL)->mode = mode;
	assert_int_equal(items_of(&event, items), 1);
	return items[0].reads;
}

static void what_opens_for_reading_reads_the_content(void **state)
{
	assert_true(reads("openat", 0, O_RDONLY, 0100600));
	assert_true(reads("open", O_RDWR, 0, 0100600));
	assert_true(reads("openat2", 0, 0, 0100600));
	assert_true(reads("execve", 0, 0, 0100755));
}

static void what_looks_at_names_and_attributes_does_not(void **state)
{
	assert_false(reads("openat", 0, O_WRONLY, 0100600));
	assert_false(reads("openat", 0, O_PATH, 0100600));
	assert_false(reads("openat", 0, O_RDONLY, 0040700));
	assert_false(reads("newfstatat", 0, 0, 0100600));
	assert_false(reads("getxattr", 0, 0, 0100600));
	assert_false(reads("of_a_newer_kernel", 0, 0, 0100600));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_that_is_named_does_what_it_does),
		cmocka_unit_test(a_call_without_name_counts_as_a_write_and_is_not_known),
		cmocka_unit_test(an_open_does_what_its_flags_say),
		cmocka_unit_test(an_openat2_has_its_flags_in_a_record_of_its_own),
		cmocka_unit_test(an_open_that_makes_the_file_creates),
		cmocka_unit_test(a_rename_is_two_touches),
		cmocka_unit_test(an_exchange_is_two_touches),
		cmocka_unit_test(a_rename_between_directories_under_one_name_is_two_touches),
		cmocka_unit_test(a_link_touches_both_names),
		cmocka_unit_test(the_text_of_a_symlink_is_not_touched),
		cmocka_unit_test(a_name_that_leads_nowhere_is_touched_all_the_same),
		cmocka_unit_test(an_exec_is_of_the_program_alone),
		cmocka_unit_test(an_event_without_names_touches_nothing),
		cmocka_unit_test(a_full_event_has_room),
		cmocka_unit_test(the_parent_is_the_one_that_the_name_begins_with),
		cmocka_unit_test(a_lone_parent_is_the_parent),
		cmocka_unit_test(only_relative_names_of_a_descriptor_begin_at_one),
		cmocka_unit_test(what_opens_for_reading_reads_the_content),
		cmocka_unit_test(what_looks_at_names_and_attributes_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
