/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/touch-line.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "output/word.h"

/* Terminals of less go without pid and event number, or with the first of the flags only. */
#define EVENT_WIDTH 100
#define FLAGS_WIDTH 160

#define WHO_SIZE 128
#define CONTAINER_SIZE 320
#define BY_SIZE 320
#define FLAGS_SIZE 320
#define FULL_ID_LEN 64
#define SHORT_ID_LEN 12

/* In a line of its own nothing but the path may be long. */
#define NAME_COLUMNS 48
#define PATH_COLUMNS 160

// clang-format off
static const struct table_column columns[] = {
	{ .title = "TIME" },
	{ .title = "WHO", .shrink = 8 },
	{ .title = "CONTAINER", .shrink = 9 },
	{ .title = "ACTION" },
	{ .title = "PATH", .shrink = 24 },
	{ .title = "BY", .shrink = 8 },
	{ .title = "EVENT", .right = true },
	{ .title = "FLAGS", .shrink = 12 },
};

static const struct table_column narrow_columns[] = {
	{ .title = "TIME" },
	{ .title = "WHO", .shrink = 8 },
	{ .title = "CONTAINER", .shrink = 9 },
	{ .title = "ACTION" },
	{ .title = "PATH", .shrink = 16 },
	{ .title = "BY", .shrink = 6 },
	{ .title = "FLAGS", .shrink = 10 },
};

/* What the process did; what it failed to do. */
static const struct {
	const char *done, *failed;
} verbs[ACTION_COUNT] = {
	[ACTION_WRITE]   = { "wrote",                 "failed to write" },
	[ACTION_ATTR]    = { "changed attributes of", "failed to change attributes of" },
	[ACTION_CREATE]  = { "created",               "failed to create" },
	[ACTION_DELETE]  = { "deleted",               "failed to delete" },
	[ACTION_RENAME]  = { "renamed",               "failed to rename" },
	[ACTION_LINK]    = { "linked",                "failed to link" },
	[ACTION_READ]    = { "read",                  "failed to read" },
	[ACTION_EXEC]    = { "executed",              "failed to execute" },
	[ACTION_CONNECT] = { "connected to",          "failed to connect to" },
	[ACTION_MOUNT]   = { "mounted",               "failed to mount" },
	[ACTION_DENIED]  = { "was denied",            "was denied" },
};

static const enum table_style severity_styles[SEVERITY_COUNT] = {
	[SEVERITY_INFO]     = TABLE_PLAIN,
	[SEVERITY_NOTICE]   = TABLE_PLAIN,
	[SEVERITY_WARNING]  = TABLE_YELLOW,
	[SEVERITY_CRITICAL] = TABLE_RED,
};
// clang-format on

static bool is_narrower(size_t width, size_t than)
{
	return width > 0 && width < than;
}

int touch_table_new(FILE *out, size_t width, bool colour, struct table **ret)
{
	if (is_narrower(width, EVENT_WIDTH))
		return table_new(narrow_columns, ELEMENTS(narrow_columns), out, width, colour, ret);
	return table_new(columns, ELEMENTS(columns), out, width, colour, ret);
}

/* The container's entry had no loginuid: one that is there now, the container gave to itself. */
static bool is_self_set(const struct touch *touch)
{
	return touch->auid != AUID_UNSET && (touch->flags & FLAG_BIT(FLAG_DAEMON_SPAWNED));
}

const char *touch_verb(const struct touch *touch)
{
	return touch->success ? verbs[touch->action].done : verbs[touch->action].failed;
}

bool touch_has_login(const struct touch *touch)
{
	return touch->auid != AUID_UNSET && !is_self_set(touch);
}

static bool has_launcher(const struct touch *touch)
{
	return touch->launcher.confidence != CONFIDENCE_NONE;
}

static void print_login(
	const char *login, uint32_t auid, const char *note, char *buffer, size_t size)
{
	const char *begin = note ? " (" : "", *end = note ? ")" : "";

	note = note ? note : "";
	if (login)
		snprintf(buffer, size, "%s%s%s%s", login, begin, note, end);
	else
		snprintf(buffer, size, "auid %u%s%s%s", auid, begin, note, end);
}

void touch_who(const struct touch *touch, char *buffer, size_t size)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (touch_has_login(touch))
		print_login(touch->login, touch->auid, NULL, buffer, size);
	else if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		snprintf(buffer, size, "ambiguous");
	else if (has_launcher(touch) && launcher->auid != AUID_UNSET)
		print_login(launcher->login, launcher->auid, confidence_names[launcher->confidence],
			buffer, size);
	else if (is_self_set(touch))
		print_login(touch->login, touch->auid, "self-set", buffer, size);
	else
		snprintf(buffer, size, "unset");
}

void touch_container_name(const struct touch *touch, char *buffer, size_t size)
{
	const struct touch_container *container = &touch->container;
	const char *runtime = container->runtime ? container->runtime : "unknown";
	const char *name = container->name ? container->name : container->id;

	if (!container->id)
		snprintf(buffer, size, "%s", touch->doubt ? "unknown" : "host");
	else if (!container->name && strlen(container->id) == FULL_ID_LEN)
		snprintf(buffer, size, "%.*s", SHORT_ID_LEN, container->id);
	else if (strcmp(name, "host") == 0 || strcmp(name, "unknown") == 0)
		snprintf(buffer, size, "%s:%s", runtime, name);
	else
		snprintf(buffer, size, "%s", name);
}

static void add_word(char *buffer, size_t size, const char *separator, const char *word)
{
	size_t len = strlen(buffer);

	snprintf(buffer + len, size - len, "%s%s", len > 0 ? separator : "", word);
}

static void errno_text(int error, char *buffer, size_t size)
{
	const char *name = strerrorname_np(error);

	if (name)
		snprintf(buffer, size, "%s", name);
	else
		snprintf(buffer, size, "errno %d", error);
}

/* The failure comes first: it says that nothing else came true. */
static void print_flags(
	const struct touch *touch, const char *separator, bool all, char *buffer, size_t size)
{
	unsigned rest = touch->flags & ~FLAG_BIT(FLAG_FAILED);
	char error[32], word[64];

	buffer[0] = '\0';
	if (!touch->success && touch->error) {
		errno_text(touch->error, error, sizeof(error));
		snprintf(word, sizeof(word), "failed:%s", error);
		add_word(buffer, size, separator, word);
	} else if (touch->flags != rest) {
		add_word(buffer, size, separator, flag_names[FLAG_FAILED]);
	}
	for (int i = 0; i < FLAG_COUNT && rest; i++) {
		if (!(rest & FLAG_BIT(i)))
			continue;
		if (!all && buffer[0]) {
			snprintf(word, sizeof(word), "+%d", __builtin_popcount(rest));
			add_word(buffer, size, "", word);
			return;
		}
		add_word(buffer, size, separator, flag_names[i]);
		rest &= ~FLAG_BIT(i);
	}
}

static const char *command_name(const struct touch *touch)
{
	const char *slash = touch->exe ? strrchr(touch->exe, '/') : NULL;

	if (touch->comm)
		return touch->comm;
	return slash ? slash + 1 : touch->exe;
}

/* Behind a path that was not verified. */
static const char *path_mark(const struct touch *touch)
{
	return touch->path && touch->path_by == PATH_BY_IDENTITY ? "" : "?";
}

/* The path with its mark; NULL where none is known, or without memory. */
static char *path_text(const struct touch *touch)
{
	const char *path = touch->path ? touch->path : touch->path_seen;
	char *text = NULL;

	if (!path || asprintf(&text, "%s%s", path, path_mark(touch)) < 0)
		return NULL;
	return text;
}

/* Everything that both forms print; path is owned, and NULL where none is known. */
struct words {
	char time[TIME_TEXT_LEN];
	char who[WHO_SIZE];
	char container[CONTAINER_SIZE];
	char *path;
	char by[BY_SIZE];
	char event[32];
	char flags[FLAGS_SIZE];
};

static void words_done(struct words *words)
{
	free(words->path);
}

static int words_init(
	struct words *words, const struct touch *touch, size_t width, const char *separator)
{
	const char *command = command_name(touch);

	time_format_local(touch->time_msec, words->time, sizeof(words->time));
	touch_who(touch, words->who, sizeof(words->who));
	touch_container_name(touch, words->container, sizeof(words->container));
	if (touch->container.id && touch->doubt)
		add_word(words->container, sizeof(words->container), "", "?");
	command = command ? command : "";
	if (is_narrower(width, EVENT_WIDTH) || touch->pid == 0)
		snprintf(words->by, sizeof(words->by), "%s", command);
	else
		snprintf(words->by, sizeof(words->by), "%s(%d)", command, touch->pid);
	snprintf(words->event, sizeof(words->event), "%" PRIu64, touch->serial);
	print_flags(touch, separator, !is_narrower(width, FLAGS_WIDTH), words->flags,
		sizeof(words->flags));
	words->path = path_text(touch);
	return words->path || (!touch->path && !touch->path_seen) ? 0 : -ENOMEM;
}

int touch_table_add(struct table *table, const struct touch *touch)
{
	enum table_style style = severity_styles[touch->severity];
	size_t width = table_width(table);
	_cleanup_(words_done) struct words words = {};
	int r = words_init(&words, touch, width, ",");
	const struct {
		const char *text;
		enum table_style style;
		bool wide_only;
	} cells[] = {
		{ words.time, TABLE_PLAIN },
		{ words.who, TABLE_PLAIN },
		{ words.container, TABLE_PLAIN },
		{ action_names[touch->action], TABLE_PLAIN },
		{ words.path, style },
		{ words.by[0] ? words.by : NULL, TABLE_PLAIN },
		{ words.event, TABLE_PLAIN, true },
		{ words.flags, style },
	};

	for (size_t i = 0; i < ELEMENTS(cells) && r == 0; i++)
		if (!cells[i].wide_only || !is_narrower(width, EVENT_WIDTH))
			r = table_cell(table, cells[i].text, cells[i].style);
	return r;
}

static void print_subject(FILE *out, const struct touch *touch, const char *container)
{
	if (!touch->container.id) {
		fputs(touch->doubt ? "process of unknown container" : "host process", out);
		return;
	}
	word_print(out, container, NAME_COLUMNS);
	if (touch->doubt)
		fputc('?', out);
	if (touch->container.runtime) {
		fputs(" (", out);
		word_print(out, touch->container.runtime, NAME_COLUMNS);
		fputs(")", out);
	}
}

static void print_path(FILE *out, const struct touch *touch)
{
	const char *path = touch->path ? touch->path : touch->path_seen;

	if (!path) {
		fputs("an unknown file", out);
		return;
	}
	word_print(out, path, PATH_COLUMNS);
	fputs(path_mark(touch), out);
}

static void print_user(FILE *out, const struct touch *touch)
{
	if (touch->user)
		word_print(out, touch->user, NAME_COLUMNS);
	else if (touch->uid == UINT32_MAX)
		fputs("an unknown user", out);
	else
		fprintf(out, "uid %u", touch->uid);
}

static void print_process(FILE *out, const struct touch *touch)
{
	const char *command = command_name(touch);

	if (command)
		word_print(out, command, NAME_COLUMNS);
	if (touch->pid)
		fprintf(out, "(%d)", touch->pid);
	else if (!command)
		fputs("an unknown process", out);
}

static void print_sentence(FILE *out, const struct touch *touch, const struct words *words,
	const char *begin_path, const char *end_path)
{
	char container[CONTAINER_SIZE];

	touch_container_name(touch, container, sizeof(container));
	print_subject(out, touch, container);
	fprintf(out, " %s %s", touch_verb(touch), begin_path);
	print_path(out, touch);
	fprintf(out, "%s as ", end_path);
	print_user(out, touch);
	fputs(has_launcher(touch) && !touch_has_login(touch) ? ", launcher " : ", login ", out);
	table_print_text(out, words->who, NAME_COLUMNS);
	fputs(": ", out);
	print_process(out, touch);
	if (words->flags[0])
		fprintf(out, " [%s]", words->flags);
}

void touch_sentence_print(FILE *out, const struct touch *touch)
{
	_cleanup_(words_done) struct words words = {};

	words_init(&words, touch, 0, " ");
	print_sentence(out, touch, &words, "", "");
}

void touch_line_print(FILE *out, const struct touch *touch, bool colour)
{
	enum table_style style = severity_styles[touch->severity];
	_cleanup_(words_done) struct words words = {};

	words_init(&words, touch, 0, " ");
	/* The day is known to who watches. */
	fprintf(out, "%s %s%s%s: ", strrchr(words.time, ' ') + 1, table_style_begin(style, colour),
		severity_names[touch->severity], table_style_end(style, colour));
	print_sentence(out, touch, &words, table_style_begin(style, colour),
		table_style_end(style, colour));
	fputc('\n', out);
}
