/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/touch-sheet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/ancestry.h"
#include "output/sheet.h"
#include "output/touch-line.h"

/* Behind arguments of which the end is not known. */
#define CUT " ..."

static void print_arguments(
	const struct sheet *sheet, const char *label, const struct arguments *arguments)
{
	_cleanup_(freep) char *line = NULL;
	size_t len = arguments->len;

	if (!arguments->bytes) {
		sheet_line(sheet, label, NULL);
		return;
	}
	line = malloc(arguments->len + sizeof(CUT));
	if (!line)
		return;
	memcpy(line, arguments->bytes, arguments->len);
	while (len > 0 && line[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		line[i] = line[i] ? line[i] : ' ';
	strcpy(line + len, arguments->complete ? "" : CUT);
	sheet_line(sheet, label, line);
}

static void print_launcher(const struct sheet *sheet, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;
	const char *at = launcher->evidence.bytes;
	char text[256];

	if (launcher->confidence == CONFIDENCE_NONE) {
		sheet_line(sheet, "launcher", launcher->reason);
		return;
	}
	if (launcher->auid == AUID_UNSET)
		snprintf(text, sizeof(text), "nobody can be named (%s)",
			confidence_names[launcher->confidence]);
	else
		snprintf(text, sizeof(text), "%s, auid %u (%s)",
			launcher->login ? launcher->login : "no login name", launcher->auid,
			confidence_names[launcher->confidence]);
	sheet_line(sheet, "launcher", text);
	sheet_line(sheet, "  client", launcher->exe);
	print_arguments(sheet, "  argv", &launcher->argv);
	sheet_line(sheet, "  via", launcher->via);
	for (const char *end = at ? at + launcher->evidence.len : NULL; at < end;
		at += strlen(at) + 1)
		sheet_line(sheet, "  evidence", at);
}

struct chain_lines {
	const struct sheet *sheet;
	bool any;
};

static void print_chain_line(const char *text, void *userdata)
{
	struct chain_lines *lines = userdata;

	sheet_line(lines->sheet, lines->any ? "" : "  chain", text);
	lines->any = true;
}

/* False: none is known. */
static bool print_chain(const struct sheet *sheet, const struct touch *touch)
{
	struct chain_lines lines = { .sheet = sheet };

	return ancestry_print(touch, print_chain_line, &lines) == 0;
}

static void print_container_of(const struct sheet *sheet, const struct touch *touch)
{
	const struct touch_container *container = &touch->container;
	char text[512];

	if (!container->id) {
		sheet_line(sheet, "container",
			touch->doubt ? "unknown" : "none: a process of the host");
		return;
	}
	touch_container_name(touch, text, sizeof(text));
	sheet_line(sheet, "container", text);
	sheet_line(sheet, "  id", container->id);
	if (container->outer_id)
		sheet_line(sheet, "  within", container->outer_id);
	sheet_line(sheet, "  engine", container->runtime);
	sheet_line(sheet, "  image", container->image);
	sheet_line(sheet, "  privileged",
		container->privileged == TRISTATE_UNKNOWN ? NULL
		: container->privileged == TRISTATE_YES   ? "yes"
							  : "no");
	sheet_line(sheet, "  entry", entry_names[container->entry]);
	sheet_line(sheet, "  told by", attributed_by_names[container->attributed_by]);
	if (!print_chain(sheet, touch))
		sheet_line(sheet, "  chain", NULL);
}

static void print_process_of(const struct sheet *sheet, const struct touch *touch)
{
	/* Only the first two processes have no parent; of others it was in no record. */
	bool has_parent = touch->ppid || touch->pid <= 2;
	char text[256];

	if (has_parent)
		snprintf(text, sizeof(text), "pid %d, parent %d", touch->pid, touch->ppid);
	else
		snprintf(text, sizeof(text), "pid %d, parent unknown", touch->pid);
	sheet_line(sheet, "process", touch->pid ? text : NULL);
	sheet_line(sheet, "  comm", touch->comm);
	sheet_line(sheet, "  exe", touch->exe);
	print_arguments(sheet, "  argv", &touch->argv);
	if (!touch->container.id)
		print_chain(sheet, touch);
	snprintf(text, sizeof(text), "%s (uid %u)", touch->user ? touch->user : "no name",
		touch->uid);
	sheet_line(sheet, "user", touch->user || touch->uid != UINT32_MAX ? text : NULL);
	if (touch->auid == AUID_UNSET)
		snprintf(text, sizeof(text), "unset");
	else
		snprintf(text, sizeof(text), "%s (auid %u)",
			touch->login ? touch->login : "no name", touch->auid);
	sheet_line(sheet, "login", text);
	snprintf(text, sizeof(text), "%u", touch->session);
	sheet_line(sheet, "session", touch->session == SESSION_UNSET ? NULL : text);
}

static void print_action(const struct sheet *sheet, const struct touch *touch)
{
	const char *name = touch->error ? strerrordesc_np(touch->error) : "error unknown";
	char error[64], text[512];

	if (name)
		snprintf(error, sizeof(error), "%s", name);
	else
		snprintf(error, sizeof(error), "errno %d", touch->error);
	snprintf(text, sizeof(text), "%s%s%s, %s", action_names[touch->action],
		touch->success ? "" : ", failed: ", touch->success ? "" : error,
		touch->syscall ? touch->syscall : "unknown system call");
	sheet_line(sheet, "action", text);
}

static void print_flags(const struct sheet *sheet, const struct touch *touch)
{
	char text[512] = "";
	size_t len = 0;

	for (int flag = 0; flag < FLAG_COUNT; flag++)
		if (touch->flags & FLAG_BIT(flag))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
				len ? ", " : "", flag_names[flag]);
	sheet_line(sheet, "flags", len ? text : NULL);
}

void touch_sheet_print(FILE *out, const struct touch *touch, bool colour)
{
	const struct sheet our_sheet = { out, colour }, *sheet = &our_sheet;
	char time[TIME_TEXT_LEN];

	time_format_local(touch->time_msec, time, sizeof(time));
	fprintf(out, "event %" PRIu64 ", %s.%03d\n", touch->serial, time,
		(int)(((touch->time_msec % 1000) + 1000) % 1000));
	sheet_line(sheet, "node", touch->node);
	sheet_line(sheet, "path", touch->path);
	sheet_line(sheet, "  found by", path_by_names[touch->path_by]);
	sheet_line(sheet, "  as seen", touch->path_seen);
	print_action(sheet, touch);
	sheet_line(sheet, "watch", touch->watch);
	print_process_of(sheet, touch);
	print_container_of(sheet, touch);
	print_launcher(sheet, touch);
	print_flags(sheet, touch);
	sheet_line(sheet, "severity", severity_names[touch->severity]);
	sheet_line(sheet, "doubt", touch->doubt);
}
