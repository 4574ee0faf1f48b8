/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mounts.h"

#include <errno.h>
#include <string.h>

/*
 * File systems without a block device of their own that answer by themselves. Any other without one
 * asks: a server (NFS, CIFS, 9P), a process (FUSE, autofs), another machine's kernel. fuseblk has a
 * block device and asks all the same. What an overlay is made of is not looked at.
 */
static const char *const local_types[] = { "aufs", "bcachefs", "binder", "binfmt_misc", "bpf",
	"btrfs", "cgroup", "cgroup2", "configfs", "cpuset", "debugfs", "devpts", "devtmpfs",
	"efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "overlay", "proc", "pstore", "ramfs",
	"resctrl", "rootfs", "securityfs", "selinuxfs", "smackfs", "sysfs", "tmpfs", "tracefs",
	"ubifs", "zfs" };

static bool asks(const struct mount *mount)
{
	if (strncmp(mount->type, "fuse", 4) == 0 && strcmp(mount->type, "fusectl") != 0)
		return true;
	if (mount->dev_major != 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(local_types); i++)
		if (strcmp(mount->type, local_types[i]) == 0)
			return false;
	return true;
}

void mounts_free(struct mounts *mounts)
{
	if (!mounts)
		return;
	for (size_t i = 0; i < mounts->n; i++) {
		free(mounts->list[i].root);
		free(mounts->list[i].point);
		free(mounts->list[i].type);
	}
	free(mounts->list);
	free(mounts);
}

/* The next blank-separated field, without consuming a line end; NULL where the line is over. */
static const char *next_field(const char **at, size_t *ret_len)
{
	const char *start = *at;
	size_t len = strcspn(start, " \n");

	if (len == 0)
		return NULL;
	*at = start + len + (start[len] == ' ');
	*ret_len = len;
	return start;
}

/* Undoes the \040 escapes of mangle_path() (fs/seq_file.c). */
static char *unescaped(const char *field, size_t len)
{
	char *text = malloc(len + 1), *out = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (field[i] == '\\' && len - i > 3 && field[i + 1] >= '0' && field[i + 1] <= '3' &&
			field[i + 2] >= '0' && field[i + 2] <= '7' && field[i + 3] >= '0' &&
			field[i + 3] <= '7') {
			*out++ = (char)((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 |
				(field[i + 3] - '0'));
			i += 3;
		} else {
			*out++ = field[i];
		}
	}
	*out = '\0';
	return text;
}

/* Among options that are separated by commas. */
static bool has_option(const char *options, size_t len, const char *wanted)
{
	const char *end = options + len;

	while (options < end) {
		const char *comma = memchr(options, ',', (size_t)(end - options));
		size_t n = (size_t)((comma ? comma : end) - options);

		if (n == strlen(wanted) && memcmp(options, wanted, n) == 0)
			return true;
		options += n + 1;
	}
	return false;
}

/* id parent major:minor root point options [optional...] - type source options: 1, 0 for a line that is none, -ENOMEM. */
static int parse_line(const char *line, struct mount *ret)
{
	enum { ID, PARENT, DEVICE, ROOT, POINT, OPTIONS, N_FIELDS };
	const char *fields[N_FIELDS], *at = line, *field, *type = NULL;
	size_t lens[N_FIELDS], len, type_len = 0;
	char *end;

	for (int i = 0; i < N_FIELDS; i++) {
		fields[i] = next_field(&at, &lens[i]);
		if (!fields[i])
			return 0;
	}
	field = next_field(&at, &len);
	while (field && (len != 1 || *field != '-'))
		field = next_field(&at, &len);
	if (field)
		type = next_field(&at, &type_len);
	/* The source may be "none", and is not wanted; behind it are the file system's own options.
	 */
	next_field(&at, &len);
	field = next_field(&at, &len);
	ret->read_only = has_option(fields[OPTIONS], lens[OPTIONS], "ro") ||
			 (field && has_option(field, len, "ro"));
	if (!type || fields[ROOT][0] != '/' || fields[POINT][0] != '/')
		return 0;

	ret->id = (int)strtol(fields[ID], NULL, 10);
	ret->dev_major = (uint32_t)strtoul(fields[DEVICE], &end, 10);
	if (*end != ':')
		return 0;
	ret->dev_minor = (uint32_t)strtoul(end + 1, NULL, 10);
	ret->root = unescaped(fields[ROOT], lens[ROOT]);
	ret->point = unescaped(fields[POINT], lens[POINT]);
	ret->type = strndup(type, type_len);
	return ret->root && ret->point && ret->type ? 1 : -ENOMEM;
}

int mounts_parse(const char *text, struct mounts **ret)
{
	_cleanup_(mounts_freep) struct mounts *mounts = calloc(1, sizeof(*mounts));
	size_t room = 0;

	if (!mounts)
		return -ENOMEM;
	while (*text) {
		int r;

		if (mounts->n == room) {
			struct mount *larger;

			room = room ? room * 2 : 64;
			larger = realloc(mounts->list, room * sizeof(*larger));
			if (!larger)
				return -ENOMEM;
			mounts->list = larger;
		}
		mounts->list[mounts->n] = (struct mount){ 0 };
		r = parse_line(text, &mounts->list[mounts->n]);
		if (r != 0)
			mounts->n++; /* a half-built one is freed with the rest */
		if (r < 0)
			return r;
		if (r > 0) {
			mounts->list[mounts->n - 1].asks = asks(&mounts->list[mounts->n - 1]);
			mounts->n_asking += mounts->list[mounts->n - 1].asks;
		}
		text = strchrnul(text, '\n');
		text += *text == '\n';
	}
	*ret = TAKE(mounts);
	return 0;
}

bool path_is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1 && dir[0] == '/')
		return path[0] == '/';
	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

const struct mount *mounts_covering(const struct mounts *mounts, const char *path,
	const char **ret_rest)
{
	const struct mount *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *mount = &mounts->list[i];
		size_t len = strlen(mount->point);

		if (path_is_below(path, mount->point) && len >= best_len) {
			best = mount;
			best_len = len;
		}
	}
	if (best) {
		*ret_rest = best_len == 1 ? path : path + best_len;
		if (strcmp(*ret_rest, "/") == 0)
			*ret_rest = "";
	}
	return best;
}

bool mounts_asks_at(const struct mounts *mounts, const char *path)
{
	if (mounts->n_asking == 0)
		return false;
	/* The last one hides the others. */
	for (size_t i = mounts->n; i > 0; i--)
		if (strcmp(mounts->list[i - 1].point, path) == 0)
			return mounts->list[i - 1].asks;
	return false;
}

bool mounts_asks_around(const struct mounts *mounts, const char *path)
{
	for (size_t i = 0; mounts->n_asking > 0 && i < mounts->n; i++) {
		const char *point = mounts->list[i].point;

		if (mounts->list[i].asks &&
			(path_is_below(path, point) || path_is_below(point, path)) &&
			mounts_asks_at(mounts, point))
			return true;
	}
	return false;
}

const struct mount *mounts_of_device(const struct mounts *mounts, uint32_t dev_major,
	uint32_t dev_minor)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->list[i].dev_major == dev_major && mounts->list[i].dev_minor == dev_minor)
			return &mounts->list[i];
	return NULL;
}

const struct mount *mounts_by_id(const struct mounts *mounts, int id)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->list[i].id == id)
			return &mounts->list[i];
	return NULL;
}

int mounts_name_of(const struct mounts *mounts, uint32_t dev_major, uint32_t dev_minor,
	const char *fs_path, char **ret)
{
	const struct mount *best = NULL;
	size_t best_len = 0;
	const char *rest;
	char *name;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *mount = &mounts->list[i];
		size_t len = strlen(mount->root);

		if (mount->dev_major != dev_major || mount->dev_minor != dev_minor ||
			!path_is_below(fs_path, mount->root))
			continue;
		if (!best || len > best_len) {
			best = mount;
			best_len = len;
		}
	}
	if (!best)
		return -ENOENT;
	rest = best_len == 1 ? fs_path : fs_path + best_len;
	if (strcmp(rest, "/") == 0)
		rest = "";
	if (asprintf(&name, "%s%s", strcmp(best->point, "/") == 0 && rest[0] ? "" : best->point,
		    rest) < 0)
		return -ENOMEM;
	*ret = name;
	return 0;
}
