/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/action.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum open_flags_in { NO_FLAGS, FLAGS_IN_A1, FLAGS_IN_A2, FLAGS_IN_RECORD };

/* Which arguments are descriptors of the directories that relative names begin at. */
enum descriptors { NONE, AT_A0, AT_A1, AT_A0_A2 };

struct verb {
	const char *syscall;
	enum action action;
	enum descriptors at;
	enum open_flags_in flags_in; /* open and its kin: the flags tell reading from writing */
};

/* Sorted by name, for bsearch. */
// clang-format off
static const struct verb verbs[] = {
	{ "access",                ACTION_READ },
	{ "acct",                  ACTION_WRITE },
	{ "bind",                  ACTION_CREATE },
	{ "chdir",                 ACTION_READ },
	{ "chmod",                 ACTION_ATTR },
	{ "chown",                 ACTION_ATTR },
	{ "chown32",               ACTION_ATTR },
	{ "chroot",                ACTION_READ },
	{ "connect",               ACTION_CONNECT },
	{ "copy_file_range",       ACTION_WRITE },
	{ "creat",                 ACTION_WRITE },
	{ "execve",                ACTION_EXEC },
	{ "execveat",              ACTION_EXEC, AT_A0 },
	{ "faccessat",             ACTION_READ, AT_A0 },
	{ "faccessat2",            ACTION_READ, AT_A0 },
	{ "fallocate",             ACTION_WRITE },
	{ "fchdir",                ACTION_READ },
	{ "fchmod",                ACTION_ATTR },
	{ "fchmodat",              ACTION_ATTR, AT_A0 },
	{ "fchmodat2",             ACTION_ATTR, AT_A0 },
	{ "fchown",                ACTION_ATTR },
	{ "fchown32",              ACTION_ATTR },
	{ "fchownat",              ACTION_ATTR, AT_A0 },
	{ "fgetxattr",             ACTION_READ },
	{ "file_getattr",          ACTION_READ, AT_A0 },
	{ "file_setattr",          ACTION_ATTR, AT_A0 },
	{ "flistxattr",            ACTION_READ },
	{ "fremovexattr",          ACTION_ATTR },
	{ "fsetxattr",             ACTION_ATTR },
	{ "fsmount",               ACTION_MOUNT },
	{ "fsopen",                ACTION_MOUNT },
	{ "fstat",                 ACTION_READ },
	{ "fstat64",               ACTION_READ },
	{ "fstatat64",             ACTION_READ, AT_A0 },
	{ "fstatfs",               ACTION_READ },
	{ "fstatfs64",             ACTION_READ },
	{ "ftruncate",             ACTION_WRITE },
	{ "ftruncate64",           ACTION_WRITE },
	{ "futimesat",             ACTION_ATTR, AT_A0 },
	{ "getxattr",              ACTION_READ },
	{ "getxattrat",            ACTION_READ, AT_A0 },
	{ "inotify_add_watch",     ACTION_READ },
	{ "io_uring",              ACTION_WRITE,  AT_A0 },
	{ "io_uring:connect",      ACTION_CONNECT },
	{ "io_uring:fallocate",    ACTION_WRITE },
	{ "io_uring:fgetxattr",    ACTION_READ },
	{ "io_uring:fsetxattr",    ACTION_ATTR },
	{ "io_uring:ftruncate",    ACTION_WRITE },
	{ "io_uring:getxattr",     ACTION_READ },
	{ "io_uring:linkat",       ACTION_LINK,   AT_A0_A2 },
	{ "io_uring:mkdirat",      ACTION_CREATE, AT_A0 },
	{ "io_uring:openat",       ACTION_WRITE,  AT_A0 },
	{ "io_uring:openat2",      ACTION_WRITE,  AT_A0 },
	{ "io_uring:renameat",     ACTION_RENAME, AT_A0_A2 },
	{ "io_uring:setxattr",     ACTION_ATTR },
	{ "io_uring:symlinkat",    ACTION_CREATE, AT_A0 },
	{ "io_uring:unlinkat",     ACTION_DELETE, AT_A0 },
	{ "io_uring_enter",        ACTION_WRITE,  AT_A0 },
	{ "ioctl",                 ACTION_ATTR },
	{ "lchown",                ACTION_ATTR },
	{ "lchown32",              ACTION_ATTR },
	{ "lgetxattr",             ACTION_READ },
	{ "link",                  ACTION_LINK },
	{ "linkat",                ACTION_LINK, AT_A0_A2 },
	{ "listxattr",             ACTION_READ },
	{ "listxattrat",           ACTION_READ, AT_A0 },
	{ "llistxattr",            ACTION_READ },
	{ "lremovexattr",          ACTION_ATTR },
	{ "lsetxattr",             ACTION_ATTR },
	{ "lstat",                 ACTION_READ },
	{ "lstat64",               ACTION_READ },
	{ "mkdir",                 ACTION_CREATE },
	{ "mkdirat",               ACTION_CREATE, AT_A0 },
	{ "mknod",                 ACTION_CREATE },
	{ "mknodat",               ACTION_CREATE, AT_A0 },
	{ "mount",                 ACTION_MOUNT },
	{ "mount_setattr",         ACTION_MOUNT, AT_A0 },
	{ "move_mount",            ACTION_MOUNT, AT_A0_A2 },
	{ "mq_open",               ACTION_READ, NONE, FLAGS_IN_A1 },
	{ "mq_unlink",             ACTION_DELETE },
	{ "name_to_handle_at",     ACTION_READ, AT_A0 },
	{ "newfstatat",            ACTION_READ, AT_A0 },
	{ "open",                  ACTION_READ, NONE, FLAGS_IN_A1 },
	{ "open_by_handle_at",     ACTION_READ, NONE, FLAGS_IN_A2 },
	{ "open_tree",             ACTION_MOUNT, AT_A0 },
	{ "open_tree_attr",        ACTION_MOUNT, AT_A0 },
	{ "openat",                ACTION_READ, AT_A0, FLAGS_IN_A2 },
	{ "openat2",               ACTION_READ, AT_A0, FLAGS_IN_RECORD },
	{ "pivot_root",            ACTION_MOUNT },
	{ "quotactl",              ACTION_WRITE },
	{ "readlink",              ACTION_READ },
	{ "readlinkat",            ACTION_READ, AT_A0 },
	{ "removexattr",           ACTION_ATTR },
	{ "removexattrat",         ACTION_ATTR, AT_A0 },
	{ "rename",                ACTION_RENAME },
	{ "renameat",              ACTION_RENAME, AT_A0_A2 },
	{ "renameat2",             ACTION_RENAME, AT_A0_A2 },
	{ "rmdir",                 ACTION_DELETE },
	{ "sendmmsg",              ACTION_CONNECT },
	{ "sendmsg",               ACTION_CONNECT },
	{ "sendto",                ACTION_CONNECT },
	{ "setns",                 ACTION_MOUNT },
	{ "setxattr",              ACTION_ATTR },
	{ "setxattrat",            ACTION_ATTR, AT_A0 },
	{ "socketcall",            ACTION_CONNECT },
	{ "stat",                  ACTION_READ },
	{ "stat64",                ACTION_READ },
	{ "statfs",                ACTION_READ },
	{ "statfs64",              ACTION_READ },
	{ "statx",                 ACTION_READ, AT_A0 },
	{ "swapoff",               ACTION_WRITE },
	{ "swapon",                ACTION_WRITE },
	{ "symlink",               ACTION_CREATE },
	{ "symlinkat",             ACTION_CREATE, AT_A1 },
	{ "truncate",              ACTION_WRITE },
	{ "truncate64",            ACTION_WRITE },
	{ "umount",                ACTION_MOUNT },
	{ "umount2",               ACTION_MOUNT },
	{ "unlink",                ACTION_DELETE },
	{ "unlinkat",              ACTION_DELETE, AT_A0 },
	{ "unshare",               ACTION_MOUNT },
	{ "uselib",                ACTION_READ },
	{ "utime",                 ACTION_ATTR },
	{ "utimensat",             ACTION_ATTR, AT_A0 },
	{ "utimensat_time64",      ACTION_ATTR, AT_A0 },
	{ "utimes",                ACTION_ATTR },
};
// clang-format on

static int compare(const void *name, const void *verb)
{
	return strcmp(name, ((const struct verb *)verb)->syscall);
}

static uint64_t open_flags(const struct event *event, enum open_flags_in flags_in)
{
	switch (flags_in) {
	case FLAGS_IN_A1:
		return event->arguments[1];
	case FLAGS_IN_A2:
		return event->arguments[2];
	default:
		/* Before Linux 5.16 openat2's flags are in no record. */
		return event->has_open_flags ? event->open_flags : O_RDWR;
	}
}

static enum action open_action(const struct event *event, enum open_flags_in flags_in)
{
	uint64_t flags = open_flags(event, flags_in);

	/* Opening for reading with O_TRUNC empties the file all the same. */
	return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) ? ACTION_WRITE : ACTION_READ;
}

static const struct verb *verb_of(const struct event *event)
{
	if (!event->syscall)
		return NULL;
	return bsearch(event->syscall, verbs, ELEMENTS(verbs), sizeof(verbs[0]), compare);
}

static enum action action_of(const struct event *event, const struct verb *verb)
{
	if (!verb)
		return ACTION_WRITE;
	if (verb->flags_in != NO_FLAGS)
		return open_action(event, verb->flags_in);
	return verb->action;
}

/* A descriptor by which the content can be read, or a program that is run; not what only looks at names and attributes. */
static bool reads_content(const struct event *event, const struct verb *verb)
{
	uint64_t flags;

	if (!verb)
		return false;
	if (verb->flags_in == NO_FLAGS)
		return verb->action == ACTION_EXEC || strcmp(verb->syscall, "uselib") == 0;
	flags = open_flags(event, verb->flags_in);
	return !(flags & O_PATH) && (flags & O_ACCMODE) != O_WRONLY;
}

static bool is_descriptor(uint64_t argument)
{
	return (int32_t)argument != AT_FDCWD;
}

/* Of two descriptors the records do not say which name began at which. */
static bool begins_at_descriptor(const struct event *event, const struct verb *verb,
	const struct event_path *path)
{
	if (!path->name || path->name[0] == '/')
		return false;
	if (!verb)
		return true;
	switch (verb->at) {
	case AT_A0:
		return is_descriptor(event->arguments[0]);
	case AT_A1:
		return is_descriptor(event->arguments[1]);
	case AT_A0_A2:
		return is_descriptor(event->arguments[0]) || is_descriptor(event->arguments[2]);
	default:
		return false;
	}
}

static bool same_file(const struct event_path *a, const struct event_path *b)
{
	return a->has_inode == b->has_inode && a->inode == b->inode &&
		a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

/* Length of the directory part of a name, with its slash: as the kernel cuts it for the PARENT item (audit_log_name(), kernel/auditsc.c). */
static size_t directory_len(const char *name)
{
	size_t len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	while (len > 0 && name[len - 1] != '/')
		len--;
	return len;
}

/* A name without directory lies in the directory that it began at, which the kernel calls by cwd's name even where it is a descriptor's. */
static bool is_parent_of(const struct event *event, const struct event_path *parent,
	const struct event_path *path)
{
	size_t len = directory_len(path->name);

	if (len == 0)
		return event->cwd && strcmp(parent->name, event->cwd) == 0;
	return strlen(parent->name) == len && memcmp(parent->name, path->name, len) == 0;
}

/*
 * The directory of a path item: the parent whose name is the item's up to its last slash; without a match the only one. Two directories
 * by one name (two descriptors) leave it open.
 */
static const struct event_path *parent_of(const struct event *event, const struct event_path *path)
{
	const struct event_path *only = NULL, *match = NULL;
	unsigned n_parents = 0;

	for (unsigned i = 0; i < event->n_paths; i++) {
		const struct event_path *parent = &event->paths[i];

		if (parent->type != PATH_TYPE_PARENT)
			continue;
		n_parents++;
		only = parent;
		if (!parent->name || !path->name || !is_parent_of(event, parent, path))
			continue;
		if (match && !same_file(match, parent))
			return NULL;
		match = parent;
	}
	if (match)
		return match;
	return n_parents == 1 ? only : NULL;
}

static enum action item_action(enum action action, const struct event_path *path)
{
	if (action != ACTION_WRITE && action != ACTION_READ)
		return action;
	if (path->type == PATH_TYPE_CREATE)
		return ACTION_CREATE;
	return path->type == PATH_TYPE_DELETE ? ACTION_DELETE : action;
}

/* What a rename put something else in the place of: its name is told once, with what has come there. */
static bool is_replaced(const struct event *event, const struct event_path *path)
{
	if (path->type != PATH_TYPE_DELETE || !path->name)
		return false;
	for (unsigned i = 0; i < event->n_paths; i++) {
		const struct event_path *other = &event->paths[i];

		if (other->type == PATH_TYPE_CREATE && other->name && !same_file(path, other) &&
			strcmp(other->name, path->name) == 0)
			return true;
	}
	return false;
}

/* Which of the names did the call act on? A rename and a link have both of theirs; the others one, and what they passed on the way is not theirs. */
static bool is_wanted(const struct event *event, enum action action, const struct event_path *path,
	unsigned n_real)
{
	if (path->type == PATH_TYPE_PARENT)
		return false;
	/* A name without file beside others that have one: the text of a symlink, say. */
	if (path->type == PATH_TYPE_UNKNOWN && !path->has_inode && n_real > 0)
		return false;
	/* Nor does this: a place that a worker of io_uring looked at before it made the file. */
	if (!path->name && !path->has_inode && n_real > 1)
		return false;
	if (action == ACTION_EXEC)
		return path == &event->paths[0];
	/* What the file system makes and removes by itself: overlayfs in its work directory. */
	if (action == ACTION_MOUNT && path->type != PATH_TYPE_NORMAL)
		return false;
	return action != ACTION_RENAME || !is_replaced(event, path);
}

unsigned action_items(const struct event *event, struct action_item *items, bool *ret_known)
{
	const struct verb *verb = verb_of(event);
	enum action action = action_of(event, verb);
	bool reads = reads_content(event, verb);
	unsigned n = 0, n_real = 0;

	*ret_known = verb != NULL;
	if (!event->has_syscall && event->n_ring == 0)
		return 0;
	for (unsigned i = 0; i < event->n_paths; i++)
		if (event->paths[i].type != PATH_TYPE_PARENT &&
			(event->paths[i].type != PATH_TYPE_UNKNOWN || event->paths[i].has_inode))
			n_real++;
	for (unsigned i = 0; i < event->n_paths; i++) {
		const struct event_path *path = &event->paths[i];
		bool linked = action == ACTION_LINK && path->type == PATH_TYPE_NORMAL;

		if (!is_wanted(event, action, path, n_real))
			continue;
		items[n++] = (struct action_item){
			.action = item_action(action, path),
			.path = path,
			/* A link's one directory is that of the new name. */
			.parent = linked ? NULL : parent_of(event, path),
			.reads = reads && !S_ISDIR(path->mode),
			.at_descriptor = begins_at_descriptor(event, verb, path),
		};
	}
	return n;
}

enum action action_of_event(const struct event *event, bool *ret_known)
{
	const struct verb *verb = verb_of(event);

	*ret_known = verb != NULL;
	return action_of(event, verb);
}
