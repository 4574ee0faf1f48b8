/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/touch-story.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "output/table.h"
#include "output/touch-line.h"

#define NAME_COLUMNS 48
#define COMMAND_COLUMNS 100
#define REASON_COLUMNS 160
#define PATH_COLUMNS 160
#define COMMAND_SIZE 512

static void print_command(FILE *out, const struct arguments *argv, const char *exe)
{
	char line[COMMAND_SIZE];
	size_t len = argv->len < sizeof(line) - 1 ? argv->len : sizeof(line) - 1;

	if (!argv->bytes || len == 0) {
		table_print_text(out, exe ? exe : "a client", COMMAND_COLUMNS);
		return;
	}
	memcpy(line, argv->bytes, len);
	while (len > 0 && line[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		line[i] = line[i] ? line[i] : ' ';
	line[len] = '\0';
	table_print_text(out, line, COMMAND_COLUMNS);
}

static void print_login(FILE *out, const char *login, uint32_t auid)
{
	if (login)
		table_print_text(out, login, NAME_COLUMNS);
	else
		fprintf(out, "auid %u", auid);
}

/* The launcher, and in parentheses how sure that is and which client it was. */
static void print_launcher(FILE *out, const struct touch_launcher *launcher)
{
	print_login(out, launcher->login, launcher->auid);
	fprintf(out, " (%s", confidence_names[launcher->confidence]);
	if (launcher->pid != 0) {
		fputs(": ", out);
		print_command(out, &launcher->argv, launcher->exe);
		fprintf(out, ", pid %d", (int)launcher->pid);
	}
	fputc(')', out);
}

static void print_who(FILE *out, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (launcher->confidence >= CONFIDENCE_LIKELY && launcher->auid != AUID_UNSET)
		print_launcher(out, launcher);
	else if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		fprintf(out, "one of several logins (ambiguous: show event:%" PRIu64 " lists them)",
			touch->serial);
	else if (touch_has_login(touch))
		print_login(out, touch->login, touch->auid);
	else if (launcher->reason) {
		fputs("nobody known (", out);
		table_print_text(out, launcher->reason, REASON_COLUMNS);
		fputc(')', out);
	} else {
		fputs(touch->container.id ? "nobody known" : "no login", out);
	}
}

static void print_container(FILE *out, const struct touch *touch)
{
	const struct touch_container *container = &touch->container;
	char name[320];

	if (!container->id) {
		if (touch->doubt)
			fputs(" through an unknown container", out);
		return;
	}
	touch_container_name(touch, name, sizeof(name));
	fputs(" through ", out);
	if (container->runtime) {
		table_print_text(out, container->runtime, NAME_COLUMNS);
		fputc(' ', out);
	}
	fputs("container ", out);
	table_print_text(out, name, NAME_COLUMNS);
	if (touch->doubt)
		fputc('?', out);
	if (!container->image && container->privileged != TRISTATE_YES)
		return;
	fputs(" (", out);
	if (container->image)
		table_print_text(out, container->image, NAME_COLUMNS);
	if (container->privileged == TRISTATE_YES)
		fputs(container->image ? ", privileged" : "privileged", out);
	fputc(')', out);
}

void touch_story_print(FILE *out, const struct touch *touch, bool colour)
{
	static const enum table_style styles[SEVERITY_COUNT] = {
		[SEVERITY_WARNING] = TABLE_YELLOW,
		[SEVERITY_CRITICAL] = TABLE_RED,
	};
	enum table_style style = styles[touch->severity];
	const char *path = touch->path ? touch->path : touch->path_seen;
	char time[TIME_TEXT_LEN];

	time_format_local(touch->time_msec, time, sizeof(time));
	fprintf(out, "%s  ", time);
	print_who(out, touch);
	print_container(out, touch);
	fprintf(out, " %s %s",
		touch_verb(touch),
		table_style_begin(style, colour));
	table_print_text(out, path ? path : "an unknown file", PATH_COLUMNS);
	fprintf(out, "%s%s as ", path && touch->path_by != PATH_BY_IDENTITY ? "?" : "",
		table_style_end(style, colour));
	if (touch->user)
		table_print_text(out, touch->user, NAME_COLUMNS);
	else
		fprintf(out, "uid %u", touch->uid);
	if (!touch->container.id && touch->comm) {
		fputs(" by ", out);
		table_print_text(out, touch->comm, NAME_COLUMNS);
		fprintf(out, "(%d)", (int)touch->pid);
	}
	fputc('\n', out);
}
