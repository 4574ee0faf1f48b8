/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/host-path-internal.h"
#include "base/file.h"
#include "base/path-walk.h"

#define NAMED_SLACK_MSEC 1000

/* On btrfs stat's device is the subvolume's and the record's the file system's, which mountinfo has
 * too. */
static bool is_device(const struct path_resolver *resolver, const struct statx *stx,
	const struct event_path *item)
{
	const struct mount *mount;

	if (stx->stx_dev_major == item->dev_major && stx->stx_dev_minor == item->dev_minor)
		return true;
	if (!resolver->host || !(stx->stx_mask & STATX_MNT_ID))
		return false;
	mount = mounts_by_id(resolver->host, (int)stx->stx_mnt_id);
	return mount && mount->dev_major == item->dev_major && mount->dev_minor == item->dev_minor;
}

/*
 * An inode number is given away again as soon as its file is gone. Where the name leads there too,
 * a second that the clock of a stalled machine may be behind proves nothing; by the number alone
 * what the clocks leave open is not told.
 */
static bool is_born_after(const struct question *question, const struct statx *stx)
{
	int64_t birth_msec = file_birth_msec(stx, question->now_msec);
	int64_t slack_msec =
		question->by_inode ? -question->resolver->clock_slack_msec : NAMED_SLACK_MSEC;

	return birth_msec > question->time_msec + slack_msec;
}

/* Is the file at path the one of the item? Then canonical gets the name by which the host has it.
 */
static bool is_file(const struct question *question, const char *path,
	const struct event_path *item, bool follow, char *canonical)
{
	char name[PATH_WALK_SIZE];
	_cleanup_(closep) int fd = path_walk(question->resolver->host, path, follow, name);
	struct statx stx;

	if (fd < 0 ||
		statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME | STATX_MNT_ID, &stx) < 0 ||
		stx.stx_ino != item->inode || !is_device(question->resolver, &stx, item) ||
		is_born_after(question, &stx))
		return false;
	strcpy(canonical, name);
	return true;
}

/* The directory of path has the identity of the parent item: so path names what came or went there.
 */
static bool is_in_parent(const struct question *question, const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[HOST_PATH_SIZE], canonical[HOST_PATH_SIZE];
	int len;

	if (!question->parent || !question->parent->has_inode || !slash || slash[1] == '\0')
		return false;
	snprintf(directory, sizeof(directory), "%.*s", slash == path ? 1 : (int)(slash - path),
		path);
	if (!is_file(question, directory, question->parent, true, canonical))
		return false;
	len = snprintf(question->answer->path, HOST_PATH_SIZE, "%s%s",
		strcmp(canonical, "/") == 0 ? "" : canonical, slash);
	return len < HOST_PATH_SIZE;
}

bool path_came_or_went(const struct event_path *item)
{
	return item->type == PATH_TYPE_CREATE || item->type == PATH_TYPE_DELETE;
}

const struct event_path *path_on_device(const struct question *question)
{
	const struct event_path *parent = question->parent;

	if (parent && parent->has_inode &&
		(path_came_or_went(question->item) || !question->item->has_inode))
		return parent;
	return question->item->has_inode ? question->item : NULL;
}

bool path_verify(struct question *question, const char *candidate)
{
	const struct event_path *item = question->item;
	bool names_only = path_came_or_went(item) || !item->has_inode;
	bool found = false;

	/* For what came or went the name counts, and the directory proves it even if the name is
	 * another file's by now. */
	if (names_only)
		found = is_in_parent(question, candidate);
	if (!found && item->has_inode && item->type != PATH_TYPE_DELETE)
		found = is_file(question, candidate, item, true, question->answer->path) ||
			is_file(question, candidate, item, false, question->answer->path);
	if (!found && !names_only)
		found = is_in_parent(question, candidate);
	if (found)
		question->answer->by = PATH_BY_IDENTITY;
	return found;
}

bool path_verify_joined(struct question *question, const char *directory, const char *rest)
{
	char candidate[HOST_PATH_SIZE];
	int len = snprintf(candidate, sizeof(candidate), "%s%s%s",
		strcmp(directory, "/") == 0 ? "" : directory, rest[0] && rest[0] != '/' ? "/" : "",
		rest);

	return len > 0 && len < HOST_PATH_SIZE && path_verify(question, candidate);
}
