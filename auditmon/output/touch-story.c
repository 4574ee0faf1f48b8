/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/touch-story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/evidence.h"
#include "output/table.h"
#include "output/touch-line.h"
#include "output/word.h"
#include "output/wrap.h"

#define NAME_COLUMNS 48
#define COMMAND_COLUMNS 100
#define REASON_COLUMNS 160
#define PATH_COLUMNS 160
#define COMMAND_SIZE 512
#define CUT " ..."
#define INDENT 4
#define MAX_NAMED 4

static void print_command(FILE *out, const struct arguments *argv, const char *exe)
{
	char line[COMMAND_SIZE];
	size_t max = sizeof(line) - sizeof(CUT), len = argv->len < max ? argv->len : max;

	if (!argv->bytes || len == 0) {
		word_print(out, exe ? exe : "a client", COMMAND_COLUMNS);
		return;
	}
	memcpy(line, argv->bytes, len);
	while (len > 0 && line[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		line[i] = line[i] ? line[i] : ' ';
	strcpy(line + len, argv->complete && argv->len <= max ? "" : CUT);
	word_print_quoted(out, line, COMMAND_COLUMNS);
}

static void print_login(FILE *out, const char *login, uint32_t auid)
{
	if (login)
		word_print(out, login, NAME_COLUMNS);
	else
		fprintf(out, "auid %u", auid);
}

static void print_through(FILE *out, const struct touch_launcher *launcher)
{
	char name[EVIDENCE_PROGRAM_SIZE];
	uint32_t uid;

	if (!evidence_through(launcher, &uid, name))
		return;
	if (uid == 0)
		fputs(", as root through ", out);
	else
		fprintf(out, ", as uid %u through ", uid);
	word_print(out, name, NAME_COLUMNS);
}

static void print_place(FILE *out, const struct touch_launcher *launcher)
{
	_cleanup_(freep) char *name = NULL, *id = NULL;

	if (!evidence_place(launcher, &name, &id))
		return;
	fputs(" in container ", out);
	word_print(out, name, NAME_COLUMNS);
	fputs(" (", out);
	word_print(out, id, NAME_COLUMNS);
	fputc(')', out);
}

static void print_client(FILE *out, const struct touch_launcher *launcher)
{
	print_login(out, launcher->login, launcher->auid);
	print_through(out, launcher);
	if (launcher->pid == 0)
		return;
	fputs(", by ", out);
	print_command(out, &launcher->argv, launcher->exe);
	fprintf(out, " (pid %d)", (int)launcher->pid);
	print_place(out, launcher);
}

/* A login's name, or "auid 3268". */
static void print_candidate(FILE *out, const char *name)
{
	unsigned auid;
	char rest;

	if (sscanf(name, "auid %u%c", &auid, &rest) == 1)
		print_login(out, NULL, auid);
	else
		print_login(out, name, AUID_UNSET);
}

static void print_candidates(FILE *out, const struct touch_launcher *launcher)
{
	char *names[MAX_NAMED];
	bool more = false;
	size_t n = evidence_candidates(launcher, names, MAX_NAMED, &more);

	fputs(n > 0 ? "one of " : "one of several logins", out);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : i + 1 == n && !more ? " and " : ", ", out);
		print_candidate(out, names[i]);
		free(names[i]);
	}
	fputs(more ? " and others" : "", out);
}

static bool is_named(const struct touch_launcher *launcher)
{
	return launcher->confidence >= CONFIDENCE_LIKELY && launcher->auid != AUID_UNSET;
}

static bool has_container(const struct touch *touch)
{
	return touch->container.id || touch->doubt;
}

/* False: there is nobody to be named. */
static bool print_who(FILE *out, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (is_named(launcher))
		print_client(out, launcher);
	else if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		print_candidates(out, launcher);
	else if (touch_has_login(touch))
		print_login(out, touch->login, touch->auid);
	else
		return false;
	return true;
}

/* "docker container hack (bb, privileged)" */
static void print_container(FILE *out, const struct touch *touch)
{
	const struct touch_container *container = &touch->container;
	char name[320];

	touch_container_name(touch, name, sizeof(name));
	if (container->runtime) {
		word_print(out, container->runtime, NAME_COLUMNS);
		fputc(' ', out);
	}
	fputs("container ", out);
	word_print(out, name, NAME_COLUMNS);
	if (touch->doubt)
		fputc('?', out);
	if (!container->image && container->privileged != TRISTATE_YES)
		return;
	fputs(" (", out);
	if (container->image)
		word_print(out, container->image, NAME_COLUMNS);
	if (container->privileged == TRISTATE_YES)
		fputs(container->image ? ", privileged" : "privileged", out);
	fputc(')', out);
}

static void print_process(FILE *out, const struct touch *touch)
{
	if (touch->comm)
		word_print(out, touch->comm, NAME_COLUMNS);
	else
		fputs("a process", out);
	if (touch->pid)
		fprintf(out, " (pid %d)", (int)touch->pid);
}

/* Who, and through what, up to the verb. */
static void print_subject(FILE *out, const struct touch *touch)
{
	bool is_exec = touch->container.entry == ENTRY_EXEC;

	if (print_who(out, touch)) {
		if (!has_container(touch))
			return;
		if (touch->container.id) {
			fputs(is_exec ? ", through an exec into " : ", through ", out);
			print_container(out, touch);
		} else {
			fputs(", perhaps through a container", out);
		}
		fputc(',', out);
	} else if (touch->container.id) {
		fputs(is_exec ? "an exec into the " : "the ", out);
		print_container(out, touch);
	} else {
		print_process(out, touch);
		fputs(touch->doubt ? ", a process without a login and perhaps of a container,"
				   : ", a process without a login,",
			out);
	}
}

static void print_deed(FILE *out, const struct touch *touch, bool colour)
{
	static const enum table_style styles[SEVERITY_COUNT] = {
		[SEVERITY_WARNING] = TABLE_YELLOW,
		[SEVERITY_CRITICAL] = TABLE_RED,
	};
	enum table_style style = styles[touch->severity];
	const char *path = touch->path ? touch->path : touch->path_seen;

	fprintf(out, " %s %s",
		touch->action == ACTION_DENIED ? "was denied access to" : touch_verb(touch),
		table_style_begin(style, colour));
	if (path)
		word_print(out, path, PATH_COLUMNS);
	else
		fputs("an unknown file", out);
	fprintf(out, "%s%s as ", path && touch->path_by != PATH_BY_IDENTITY ? "?" : "",
		table_style_end(style, colour));
	if (touch->user)
		word_print(out, touch->user, NAME_COLUMNS);
	else if (touch->uid == AUID_UNSET)
		fputs("an unknown user", out);
	else
		fprintf(out, "uid %u", touch->uid);
	if (!has_container(touch) && touch_has_login(touch)) {
		fputs(", by ", out);
		print_process(out, touch);
	}
	fputc('.', out);
}

static void print_sureness(FILE *out, const struct touch *touch)
{
	static const char *const titles[CONFIDENCE_COUNT] = {
		[CONFIDENCE_AMBIGUOUS] = " Ambiguous",
		[CONFIDENCE_LIKELY] = " Likely",
		[CONFIDENCE_CERTAIN] = " Certain",
	};
	const struct touch_launcher *launcher = &touch->launcher;
	_cleanup_(freep) char *reason = evidence_reason(launcher);

	fputs(titles[launcher->confidence], out);
	if (reason) {
		fputs(": ", out);
		table_print_text(out, reason, REASON_COLUMNS);
	}
	if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		fprintf(out, "; \"auditmon show event:%" PRIu64 "\" has them all", touch->serial);
	fputc('.', out);
}

/* How sure, or why nobody is named; what is in doubt. */
static void print_grounds(FILE *out, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (is_named(launcher) || launcher->confidence == CONFIDENCE_AMBIGUOUS) {
		print_sureness(out, touch);
	} else if (touch->container.id && !touch_has_login(touch)) {
		fputs(" Nobody is named", out);
		if (launcher->reason) {
			fputs(": ", out);
			table_print_text(out, launcher->reason, REASON_COLUMNS);
		}
		fputc('.', out);
	}
	if (touch->container.id && touch->doubt) {
		fputs(" In doubt: ", out);
		table_print_text(out, touch->doubt, REASON_COLUMNS);
		fputc('.', out);
	}
}

void touch_story_print(FILE *out, const struct touch *touch, size_t width, bool colour)
{
	_cleanup_(freep) char *story = NULL;
	char time[TIME_TEXT_LEN];
	size_t len = 0;
	FILE *buffer = open_memstream(&story, &len);

	if (!buffer)
		return;
	time_format_local(touch->time_msec, time, sizeof(time));
	fprintf(buffer, "%s  ", time);
	print_subject(buffer, touch);
	print_deed(buffer, touch, colour);
	print_grounds(buffer, touch);
	if (fclose(buffer) == 0)
		wrap_print(out, story, width, INDENT);
}
