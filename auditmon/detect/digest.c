/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define MAX_FILES 1024
#define MAX_FILE_BYTES ((size_t)512 << 10)
#define MAX_TICK_BYTES ((size_t)8 << 20)
#define MAX_WAITING 64 /* touches of one file that is not at rest */
#define REST_MSEC 1000
#define PATIENCE_MSEC 10000

enum state {
	STATE_UNKNOWN, /* too large, unreadable, no regular file */
	STATE_ABSENT,
	STATE_KNOWN,
};

struct content {
	enum state state;
	uint8_t digest[DIGEST_LEN];
};

/* A touch that waits for its file to come to rest. */
struct waiting {
	int64_t time_msec;
	uint64_t serial;
	unsigned item;
	char *node;
	bool is_alert;
};

/* What a file looks like from outside: when this stays, it is at rest. */
struct look {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct file {
	char *path;             /* absolute */
	struct content content; /* before the touches that wait, if any do */
	struct waiting *waiting;
	size_t n_waiting;
	int64_t since_msec, last_msec; /* of the first and the last of them */
	struct look look;
	bool looked;
};

struct digests {
	struct digest_limits limits;
	char *root;
	int root_fd;
	struct file *files;
	size_t n_files;
	size_t n_read; /* bytes in this tick */
	char hex[2 * DIGEST_LEN + 1];
};

int digests_new(const char *root, const struct digest_limits *limits, struct digests **ret)
{
	_cleanup_(digests_freep) struct digests *digests = calloc(1, sizeof(*digests));

	if (!digests)
		return -ENOMEM;
	digests->limits = *limits;
	if (!digests->limits.max_files)
		digests->limits.max_files = MAX_FILES;
	if (!digests->limits.max_file_bytes)
		digests->limits.max_file_bytes = MAX_FILE_BYTES;
	if (!digests->limits.max_tick_bytes)
		digests->limits.max_tick_bytes = MAX_TICK_BYTES;
	digests->root_fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (digests->root_fd < 0)
		return -errno;
	digests->root = strdup(root);
	digests->files = calloc(digests->limits.max_files, sizeof(*digests->files));
	if (!digests->root || !digests->files)
		return -ENOMEM;
	*ret = TAKE(digests);
	return 0;
}

static void forget_waiting(struct file *file)
{
	for (size_t i = 0; i < file->n_waiting; i++)
		free(file->waiting[i].node);
	free(file->waiting);
	file->waiting = NULL;
	file->n_waiting = 0;
	file->looked = false;
}

void digests_free(struct digests *digests)
{
	if (!digests)
		return;
	for (size_t i = 0; i < digests->n_files; i++) {
		forget_waiting(&digests->files[i]);
		free(digests->files[i].path);
	}
	free(digests->files);
	free(digests->root);
	closep(&digests->root_fd);
	free(digests);
}

size_t digests_count(const struct digests *digests)
{
	size_t n = 0;

	for (size_t i = 0; i < digests->n_files; i++)
		n += digests->files[i].content.state == STATE_KNOWN;
	return n;
}

size_t digests_waiting(const struct digests *digests)
{
	size_t n = 0;

	for (size_t i = 0; i < digests->n_files; i++)
		n += digests->files[i].n_waiting;
	return n;
}

static struct file *find(struct digests *digests, const char *path)
{
	for (size_t i = 0; i < digests->n_files; i++)
		if (strcmp(digests->files[i].path, path) == 0)
			return &digests->files[i];
	return NULL;
}

/* A place for one more: of a file that is gone, where there is no other. NULL: none, or no memory.
 */
static struct file *add(struct digests *digests, const char *path)
{
	char *copy = strdup(path);
	struct file *file = NULL;

	for (size_t i = 0; copy && digests->n_files == digests->limits.max_files && !file &&
			   i < digests->n_files;
		i++)
		if (digests->files[i].content.state != STATE_KNOWN &&
			digests->files[i].n_waiting == 0) {
			file = &digests->files[i];
			free(file->path);
		}
	if (copy && !file && digests->n_files < digests->limits.max_files)
		file = &digests->files[digests->n_files++];
	if (!file) {
		free(copy);
		return NULL;
	}
	*file = (struct file){ .path = copy };
	return file;
}

static void read_content(struct digests *digests, const char *path, struct content *ret)
{
	_cleanup_(freep) char *text = NULL;
	size_t len = 0;
	int r = file_read(digests->root_fd, path + 1, digests->limits.max_file_bytes, &text, &len);

	*ret = (struct content){ .state = STATE_UNKNOWN };
	digests->n_read += r == -EFBIG ? digests->limits.max_file_bytes : len;
	if (r == -ENOENT)
		ret->state = STATE_ABSENT;
	else if (r == 0 && gnutls_hash_fast(GNUTLS_DIG_SHA256, text, len, ret->digest) == 0)
		ret->state = STATE_KNOWN;
}

static void learn_file(struct digests *digests, const char *path)
{
	struct content content;
	struct file *file;

	if (find(digests, path))
		return;
	read_content(digests, path, &content);
	if (content.state != STATE_KNOWN)
		return;
	file = add(digests, path);
	if (file)
		file->content = content;
}

static int learn_tree(struct digests *digests, char *top)
{
	FTS *tree =
		fts_open((char *const[]){ top, NULL }, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;

	if (!tree)
		return errno == ENOMEM ? -ENOMEM : 0;
	while (digests->n_files < digests->limits.max_files && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F)
			learn_file(digests, entry->fts_path + strlen(digests->root));
	fts_close(tree);
	return 0;
}

int digests_learn(struct digests *digests, const char *pattern)
{
	_cleanup_(freep) char *whole = NULL;
	glob_t found = { 0 };
	int r;

	if (asprintf(&whole, "%s%s", digests->root, pattern) < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	r = glob(whole, GLOB_NOSORT, NULL, &found) == GLOB_NOSPACE ? -ENOMEM : 0;
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		r = learn_tree(digests, found.gl_pathv[i]);
	globfree(&found);
	return r;
}

static const uint8_t *digest_of(const struct content *content)
{
	return content->state == STATE_KNOWN ? content->digest : NULL;
}

static bool wait_for_rest(struct file *file, const struct touch *touch, int64_t now_msec)
{
	struct waiting *larger;
	char *node = NULL;

	if (file->n_waiting == MAX_WAITING)
		return false;
	larger = reallocarray(file->waiting, file->n_waiting + 1, sizeof(*larger));
	if (!larger)
		return false;
	file->waiting = larger;
	if (touch->node) {
		node = strdup(touch->node);
		if (!node)
			return false;
	}
	if (file->n_waiting == 0)
		file->since_msec = now_msec;
	file->last_msec = now_msec;
	file->waiting[file->n_waiting++] = (struct waiting){ touch->time_msec, touch->serial,
		touch->item, node, touch->flags && !touch->suppressed };
	return true;
}

void digests_touch(struct digests *digests, struct touch *touch, int64_t now_msec)
{
	const uint8_t *before;
	struct file *file;

	if (!touch->path || touch->path[0] != '/' || touch->path_by == PATH_AS_SEEN)
		return;
	file = find(digests, touch->path);
	if (!file)
		file = add(digests, touch->path);
	if (!file)
		return;
	wait_for_rest(file, touch, now_msec);
	file->looked = false;
	before = digest_of(&file->content);
	for (size_t i = 0; before && i < DIGEST_LEN; i++)
		snprintf(digests->hex + 2 * i, 3, "%02x", before[i]);
	touch->digest_before = before ? digests->hex : NULL;
}

/* True where it looks as it did a tick ago. */
static bool is_at_rest(struct digests *digests, struct file *file)
{
	struct look look = { 0 };
	struct stat st;
	bool same;

	if (fstatat(digests->root_fd, file->path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0)
		look = (struct look){ st.st_dev, st.st_ino, st.st_size, st.st_ctim };
	same = file->looked && look.device == file->look.device && look.inode == file->look.inode &&
	       look.size == file->look.size && look.changed.tv_sec == file->look.changed.tv_sec &&
	       look.changed.tv_nsec == file->look.changed.tv_nsec;
	file->look = look;
	file->looked = true;
	return same;
}

static void settle(struct digests *digests, struct file *file, digest_fn fn, void *userdata)
{
	struct content before = file->content;

	read_content(digests, file->path, &file->content);
	for (size_t i = 0; i < file->n_waiting; i++) {
		const struct waiting *waiting = &file->waiting[i];
		const struct digest_pair pair = {
			.path = file->path,
			.is_alert = waiting->is_alert,
			.time_msec = waiting->time_msec,
			.serial = waiting->serial,
			.item = waiting->item,
			.node = waiting->node,
			.before = digest_of(&before),
			.after = digest_of(&file->content),
		};

		if (pair.before || pair.after)
			fn(&pair, userdata);
	}
	forget_waiting(file);
}

void digests_tick(
	struct digests *digests, int64_t now_msec, bool at_once, digest_fn fn, void *userdata)
{
	digests->n_read = 0;
	for (size_t i = 0; i < digests->n_files; i++) {
		struct file *file = &digests->files[i];

		if (file->n_waiting == 0)
			continue;
		if (!at_once && digests->n_read >= digests->limits.max_tick_bytes)
			return;
		if (at_once || now_msec - file->since_msec >= PATIENCE_MSEC ||
			(is_at_rest(digests, file) && now_msec - file->last_msec >= REST_MSEC))
			settle(digests, file, fn, userdata);
	}
}
