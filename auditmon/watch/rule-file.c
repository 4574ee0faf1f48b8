/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "watch/rule-field.h"
#include "watch/rule.h"

#define SUFFIX ".rules"

/*
 * Rules on their way from files. After a problem reading goes on, so that the administrator hears
 * of the others as well.
 */
struct reading {
	struct rule_set *set;
	rule_problem_fn on_problem;
	void *userdata;
	int first_error;
};

/* A problem is told and remembered; only the lack of memory ends the reading at once. */
static int tell(struct reading *reading, const struct rule_error *error, int r)
{
	if (r == -ENOMEM)
		return r;
	if (reading->first_error == 0)
		reading->first_error = r;
	reading->on_problem(error, reading->userdata);
	return 0;
}

/* A problem with the file as a whole, or with a line that makes no rule. */
static int tell_file(
	struct reading *reading, const char *path, unsigned line, int r, const char *reason)
{
	struct rule_error error = { .line = line, .file = strdup(path) };

	if (!error.file)
		return -ENOMEM;
	rule_error_set(&error, "%s", reason ? reason : strerror(-r));
	r = tell(reading, &error, r);
	rule_error_done(&error);
	return r;
}

static int read_line(
	struct reading *reading, const char *path, unsigned number, const char *line, size_t len)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r;

	if (strlen(line) != len)
		return tell_file(reading, path, number, -EINVAL, "the line has a NUL byte");
	r = rule_line_parse(line, path, number, &reading->set->settings, &rule, &error);
	if (r < 0)
		r = tell(reading, &error, r);
	rule_error_done(&error);
	if (!rule)
		return r < 0 ? r : 0;
	if (reading->set->n_rules == RULES_MAX) {
		rule_free(rule);
		return tell_file(reading, path, number, -EINVAL, "there are too many rules");
	}
	return rule_set_add(reading->set, rule);
}

static int read_lines(struct reading *reading, const char *path, char *text, size_t len)
{
	char *line = text, *end = text + len;

	for (unsigned number = 1; line < end; number++) {
		char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((stop ? stop : end) - line);
		int r;

		line[line_len] = '\0';
		r = read_line(reading, path, number, line, line_len);
		if (r < 0)
			return r;
		line += line_len + 1;
	}
	return 0;
}

static int read_file(struct reading *reading, const char *path)
{
	/* A link is the administrator's way to take a shipped file; file_read() follows none. */
	_cleanup_(freep) char *real = realpath(path, NULL);
	_cleanup_(freep) char *text = NULL;
	const char *reason = NULL;
	struct stat st;
	size_t len;
	int r;

	if (!real || stat(real, &st) < 0) {
		r = -errno;
	} else if (S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH)) {
		r = -EPERM;
		reason = "anyone may write to this file";
	} else {
		r = file_read(AT_FDCWD, real, RULE_FILE_LEN_MAX, &text, &len);
		if (r == -ENOTSUP)
			reason = "is no regular file";
	}
	if (r < 0)
		return tell_file(reading, path, 0, r, reason);
	return read_lines(reading, path, text, len);
}

static int is_rule_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix_len = strlen(SUFFIX);

	return entry->d_name[0] != '.' && len > suffix_len &&
	       strcmp(entry->d_name + len - suffix_len, SUFFIX) == 0;
}

static int read_directory(struct reading *reading, const char *path)
{
	struct dirent **entries;
	int n, r = 0;

	/* augenrules sorts by `ls -v`: 9-x before 10-x. */
	n = scandir(path, &entries, is_rule_file, versionsort);
	if (n < 0)
		return tell_file(reading, path, 0, -errno, NULL);
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *file = NULL;

		if (r == 0 && asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0) {
			file = NULL;
			r = -ENOMEM;
		}
		r = r < 0 ? r : read_file(reading, file);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int read_path(struct reading *reading, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return tell_file(reading, path, 0, -errno, NULL);
	return S_ISDIR(st.st_mode) ? read_directory(reading, path) : read_file(reading, path);
}

int rule_set_check(const char *const *paths, size_t n_paths, rule_problem_fn on_problem,
	void *userdata, struct rule_set **ret)
{
	_cleanup_(rule_set_freep) struct rule_set *set = calloc(1, sizeof(*set));
	struct reading reading = { .set = set, .on_problem = on_problem, .userdata = userdata };
	int r = set ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n_paths; i++)
		r = read_path(&reading, paths[i]);
	r = r < 0 ? r : reading.first_error;
	r = r < 0 ? r : rule_set_drop_repeated(set);
	if (r < 0)
		return r;
	*ret = TAKE(set);
	return 0;
}

/* Only the first is kept. */
static void keep_first(const struct rule_error *error, void *userdata)
{
	struct rule_error *first = userdata;

	if (first->reason[0])
		return;
	*first = *error;
	first->file = strdup(error->file);
	if (!first->file)
		first->line = 0;
}

int rule_set_read(
	const char *const *paths, size_t n_paths, struct rule_set **ret, struct rule_error *error)
{
	*error = (struct rule_error){ 0 };
	return rule_set_check(paths, n_paths, keep_first, error, ret);
}
