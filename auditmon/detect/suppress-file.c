/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/glob.h"
#include "base/text.h"
#include "base/time.h"
#include "detect/suppress-internal.h"

#define MAX_FILE_LEN (1024 * 1024)
#define OUT_OF_MEMORY "out of memory"

static const char *const condition_keys[CONDITION_COUNT] = {
	[CONDITION_CONTAINER] = "container",
	[CONDITION_IMAGE] = "image",
	[CONDITION_LABEL] = "label",
	[CONDITION_EXE] = "exe",
	[CONDITION_LOGIN] = "login",
	[CONDITION_PATH] = "path",
	[CONDITION_FLAG] = "flag",
};

void suppress_error_done(struct suppress_error *error)
{
	free(error->file);
	*error = (struct suppress_error){ 0 };
}

static const char *check_flag(const char *value)
{
	for (int i = 0; i < FLAG_COUNT; i++)
		if (glob_match(value, flag_names[i]))
			return NULL;
	return "is no flag";
}

static const char *check_label(const char *value)
{
	const char *equals = strchr(value, '=');

	if (!equals || equals == value)
		return "must be KEY=GLOB";
	if (memchr(value, '"', (size_t)(equals - value)) ||
		memchr(value, '\\', (size_t)(equals - value)))
		return "has a quote or a backslash in its key";
	return NULL;
}

static const char *add_pattern(
	struct suppression *rule, enum condition condition, const char *value)
{
	struct patterns *patterns = &rule->conditions[condition];
	const char *wrong = NULL;
	char **larger;

	if (condition == CONDITION_FLAG)
		wrong = check_flag(value);
	else if (condition == CONDITION_LABEL)
		wrong = check_label(value);
	if (wrong)
		return wrong;
	if (patterns->n == SUPPRESS_MAX_PATTERNS)
		return "is given too often";
	larger = reallocarray(patterns->items, patterns->n + 1, sizeof(*larger));
	if (!larger)
		return OUT_OF_MEMORY;
	patterns->items = larger;
	patterns->items[patterns->n] = strdup(value);
	if (!patterns->items[patterns->n])
		return OUT_OF_MEMORY;
	patterns->n++;
	return NULL;
}

/* A point in time that stays where it is: not "tomorrow", not "+1d". */
static const char *set_expiry(struct suppression *rule, const char *value)
{
	bool is_date = strspn(value, "0123456789") == 4 && value[4] == '-';

	if (rule->expiry_msec != INT64_MAX)
		return "is given twice";
	if ((!is_date && value[0] != '@') || time_parse(value, 0, &rule->expiry_msec) < 0)
		return "must be a date (2027-01-31) or RFC 3339";
	return NULL;
}

static const char *set_comment(struct suppression *rule, const char *value)
{
	if (rule->comment)
		return "is given twice";
	rule->comment = strdup(value);
	return rule->comment ? NULL : OUT_OF_MEMORY;
}

static const char *set(struct suppression *rule, const char *key, const char *value)
{
	if (strcmp(key, "comment") == 0)
		return set_comment(rule, value);
	if (strcmp(key, "expires") == 0)
		return set_expiry(rule, value);
	for (int i = 0; i < CONDITION_COUNT; i++)
		if (strcmp(key, condition_keys[i]) == 0)
			return add_pattern(rule, (enum condition)i, value);
	return "is no such key";
}

static char *strip(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static int refuse(struct suppress_error *error, unsigned line, const char *what, const char *why)
{
	if (strcmp(why, OUT_OF_MEMORY) == 0)
		return -ENOMEM;
	error->line = line;
	snprintf(error->reason, sizeof(error->reason), "%s%.64s%s%s", what ? "'" : "",
		what ? what : "", what ? "' " : "", why);
	return -EINVAL;
}

/* The rule has all its lines. One without a condition would keep everything quiet. */
static int finish(struct suppression *rule, struct suppress_error *error)
{
	size_t n = 0;

	if (!rule || rule->text)
		return 0;
	for (int i = 0; i < CONDITION_COUNT; i++)
		n += rule->conditions[i].n;
	if (n == 0)
		return refuse(error, rule->line, rule->name, "has no condition");
	if (asprintf(&rule->text, "%s%s%s", rule->name, rule->comment ? ": " : "",
		    rule->comment ? rule->comment : "") < 0) {
		rule->text = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* Takes its name from "[name]". */
static int begin(
	struct suppressions *suppressions, char *head, unsigned line, struct suppress_error *error)
{
	size_t len = strlen(head);
	struct suppression *larger;
	char *name;

	if (head[len - 1] != ']')
		return refuse(error, line, head, "does not end with ']'");
	head[len - 1] = '\0';
	head = strip(head + 1);
	if (!*head)
		return refuse(error, line, NULL, "a rule without a name");
	for (size_t i = 0; i < suppressions->n; i++)
		if (strcmp(suppressions->rules[i].name, head) == 0)
			return refuse(error, line, head, "is there already");
	if (suppressions->n == SUPPRESS_MAX_RULES)
		return refuse(error, line, NULL, "too many rules");
	larger = reallocarray(suppressions->rules, suppressions->n + 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	suppressions->rules = larger;
	name = strdup(head);
	if (!name)
		return -ENOMEM;
	suppressions->rules[suppressions->n++] =
		(struct suppression){ .name = name, .expiry_msec = INT64_MAX, .line = line };
	return 0;
}

/* first: how many rules other files have. */
static int parse_line(struct suppressions *suppressions, size_t first, char *line, unsigned number,
	struct suppress_error *error)
{
	struct suppression *rule =
		suppressions->n > first ? &suppressions->rules[suppressions->n - 1] : NULL;
	char *equals, *key, *value;
	const char *wrong;
	int r;

	line = strip(line);
	if (*line == '\0' || *line == '#')
		return 0;
	if (*line == '[') {
		r = finish(rule, error);
		return r < 0 ? r : begin(suppressions, line, number, error);
	}
	equals = strchr(line, '=');
	if (!equals)
		return refuse(error, number, NULL, "neither '[name]' nor 'key = value'");
	if (!rule)
		return refuse(error, number, NULL, "stands before the first '[name]'");
	*equals = '\0';
	key = strip(line);
	value = strip(equals + 1);
	wrong = *value ? set(rule, key, value) : "has no value";
	return wrong ? refuse(error, number, key, wrong) : 0;
}

static int parse_lines(
	struct suppressions *suppressions, char *text, size_t len, struct suppress_error *error)
{
	size_t first = suppressions->n;
	unsigned number = 0;

	for (char *line = text, *end; line; line = end) {
		size_t rest = len - (size_t)(line - text);
		int r;

		end = memchr(line, '\n', rest);
		if (end)
			*end++ = '\0';
		number++;
		if (!text_is_utf8(line, end ? (size_t)(end - line) - 1 : rest))
			return refuse(error, number, NULL, "is no UTF-8 text");
		r = parse_line(suppressions, first, line, number, error);
		if (r < 0)
			return r;
	}
	return suppressions->n > first ? finish(&suppressions->rules[suppressions->n - 1], error)
				       : 0;
}

int suppressions_parse(struct suppressions *suppressions, const char *file, char *text, size_t len,
	struct suppress_error *error)
{
	int r = parse_lines(suppressions, text, len, error);

	if (r == -EINVAL)
		error->file = strdup(file);
	return r;
}

static int read_file(
	struct suppressions *suppressions, const char *path, struct suppress_error *error)
{
	_cleanup_(freep) char *text = NULL, *real = realpath(path, NULL);
	size_t len;
	int r = real ? file_read(AT_FDCWD, real, MAX_FILE_LEN, &text, &len) : -errno;

	if (r == 0)
		return suppressions_parse(suppressions, path, text, len, error);
	error->file = strdup(path);
	return r;
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

int suppressions_read(
	const char *directory, struct suppressions **ret, struct suppress_error *error)
{
	_cleanup_(suppressions_freep) struct suppressions *suppressions = NULL;
	struct dirent **entries = NULL;
	int n, r;

	*error = (struct suppress_error){ 0 };
	r = suppressions_new(&suppressions);
	if (r < 0)
		return r;
	n = scandir(directory, &entries, is_conf, alphasort);
	if (n < 0 && errno != ENOENT)
		return -errno;
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *path = NULL;

		if (r == 0 && asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			r = -ENOMEM;
		r = r < 0 ? r : read_file(suppressions, path, error);
		free(entries[i]);
	}
	free(entries);
	if (r < 0)
		return r;
	*ret = TAKE(suppressions);
	return 0;
}
