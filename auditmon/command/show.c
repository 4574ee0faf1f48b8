/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/ancestry.h"
#include "output/table.h"
#include "output/terminal.h"
#include "output/touch-line.h"
#include "runtime/posture.h"

#define MAX_CANDIDATES 8
#define LABEL_WIDTH 18

static const char usage[] = "Usage: auditmon show [OPTION]... ID\n"
			    "\n"
			    "All that is known of a container (its id, the beginning of it, or its "
			    "name) or of an event\n"
			    "(event:SERIAL), with the evidence.\n"
			    "\n"
			    "  --format table|json   json: one object a line\n"
			    "  --db FILE             (default " STORE_DEFAULT_PATH ")\n"
			    "  --help\n";

static void print_label(const char *label, bool colour)
{
	printf("  %s%-*s%s ", table_style_begin(TABLE_DIM, colour), LABEL_WIDTH, label,
		table_style_end(TABLE_DIM, colour));
}

/* A line of what is known; absent knowledge is a dash, so that its absence is seen. */
static void print_text(const char *label, const char *text, bool colour)
{
	char safe[4 * 4096 + 1];

	print_label(label, colour);
	if (text)
		text_escape(text, strlen(text), safe, sizeof(safe));
	puts(text ? safe : "-");
}

static void print_arguments(const char *label, const struct arguments *arguments, bool colour)
{
	_cleanup_(freep) char *line = NULL;

	if (!arguments->bytes) {
		print_text(label, NULL, colour);
		return;
	}
	line = malloc(arguments->len + 1);
	if (!line)
		return;
	memcpy(line, arguments->bytes, arguments->len);
	line[arguments->len] = '\0';
	for (size_t i = 0; i < arguments->len; i++)
		if (line[i] == '\0')
			line[i] = i + 1 < arguments->len ? ' ' : '\0';
	print_text(label, line, colour);
}

static void print_launcher(const struct touch *touch, bool colour)
{
	const struct touch_launcher *launcher = &touch->launcher;
	const char *at = launcher->evidence.bytes;
	char text[256];

	if (launcher->confidence == CONFIDENCE_NONE) {
		print_text("launcher", launcher->reason, colour);
		return;
	}
	if (launcher->auid == AUID_UNSET)
		snprintf(text, sizeof(text), "nobody can be named (%s)",
			confidence_names[launcher->confidence]);
	else
		snprintf(text, sizeof(text), "%s, auid %u (%s)",
			launcher->login ? launcher->login : "no login name", launcher->auid,
			confidence_names[launcher->confidence]);
	print_text("launcher", text, colour);
	print_text("  client", launcher->exe, colour);
	print_arguments("  argv", &launcher->argv, colour);
	print_text("  via", launcher->via, colour);
	for (const char *end = at + launcher->evidence.len; at && at < end; at += strlen(at) + 1)
		print_text("  evidence", at, colour);
}

struct chain_lines {
	bool colour, any;
};

static void print_chain_line(const char *text, void *userdata)
{
	struct chain_lines *lines = userdata;

	print_text(lines->any ? "" : "  chain", text, lines->colour);
	lines->any = true;
}

static void print_container_of(const struct touch *touch, bool colour)
{
	const struct touch_container *container = &touch->container;
	char text[512];

	if (!container->id) {
		print_text("container", touch->doubt ? "unknown" : "none: a process of the host",
			colour);
		return;
	}
	touch_container_name(touch, text, sizeof(text));
	print_text("container", text, colour);
	print_text("  id", container->id, colour);
	if (container->outer_id)
		print_text("  within", container->outer_id, colour);
	print_text("  engine", container->runtime, colour);
	print_text("  image", container->image, colour);
	print_text("  privileged",
		container->privileged == TRISTATE_UNKNOWN ? NULL
		: container->privileged == TRISTATE_YES   ? "yes"
							  : "no",
		colour);
	print_text("  entry", entry_names[container->entry], colour);
	print_text("  told by", attributed_by_names[container->attributed_by], colour);
	if (ancestry_print(touch, print_chain_line, &(struct chain_lines){ .colour = colour }) < 0)
		print_text("  chain", NULL, colour);
}

static void print_process_of(const struct touch *touch, bool colour)
{
	char text[256];

	snprintf(text, sizeof(text), "pid %d, parent %d", touch->pid, touch->ppid);
	print_text("process", text, colour);
	print_text("  comm", touch->comm, colour);
	print_text("  exe", touch->exe, colour);
	print_arguments("  argv", &touch->argv, colour);
	snprintf(text, sizeof(text), "%s (uid %u)", touch->user ? touch->user : "no name",
		touch->uid);
	print_text("user", text, colour);
	if (touch->auid == AUID_UNSET)
		snprintf(text, sizeof(text), "unset");
	else
		snprintf(text, sizeof(text), "%s (auid %u)",
			touch->login ? touch->login : "no name", touch->auid);
	print_text("login", text, colour);
	snprintf(text, sizeof(text), "%u", touch->session);
	print_text("session", touch->session == SESSION_UNSET ? NULL : text, colour);
}

static void print_touch(const struct touch *touch, bool colour)
{
	char text[512], time[TIME_TEXT_LEN];
	const char *error;
	size_t len = 0;

	time_format_local(touch->time_msec, time, sizeof(time));
	printf("event %" PRIu64 ", %s.%03d\n", touch->serial, time,
		(int)(((touch->time_msec % 1000) + 1000) % 1000));
	print_text("node", touch->node, colour);
	print_text("path", touch->path, colour);
	print_text("  found by", path_by_names[touch->path_by], colour);
	print_text("  as seen", touch->path_seen, colour);
	error = touch->error ? strerrordesc_np(touch->error) : NULL;
	snprintf(text, sizeof(text), "%s%s%s, %s", action_names[touch->action],
		touch->success ? "" : ", failed: ",
		touch->success ? "" : (error ? error : "error unknown"),
		touch->syscall ? touch->syscall : "unknown system call");
	print_text("action", text, colour);
	print_text("watch", touch->watch, colour);
	print_process_of(touch, colour);
	print_container_of(touch, colour);
	print_launcher(touch, colour);
	text[0] = '\0';
	for (int flag = 0; flag < FLAG_COUNT; flag++)
		if (touch->flags & FLAG_BIT(flag))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
				len ? ", " : "", flag_names[flag]);
	print_text("flags", len ? text : NULL, colour);
	print_text("severity", severity_names[touch->severity], colour);
	print_text("doubt", touch->doubt, colour);
}

static int show_event(struct store *store, const struct query_options *options, const char *serial)
{
	_cleanup_(query_freep) struct query *query = NULL;
	struct query_filter filter = options->filter;
	const char *json;
	struct touch touch;
	uint64_t n = 0;
	char *end;
	int r;

	errno = 0;
	filter.serial = strtoll(serial, &end, 10);
	if (!isdigit((unsigned char)serial[0]) || *end || errno) {
		log_error("event:%s: expected a serial number", serial);
		return STATUS_USAGE;
	}
	r = query_new(store, &filter, &query);
	if (r < 0)
		return query_failed(options, r);
	pager_open();
	if (options->format == FORMAT_JSON)
		for (; (r = query_next_json(query, &json)) > 0; n++)
			json_line_print(stdout, json);
	else
		for (; (r = query_next(query, &touch)) > 0; n++)
			print_touch(&touch, terminal_colour());
	if (r < 0)
		return query_written(query_failed(options, r));
	if (n == 0)
		log_error("event:%s: no such event is recorded", serial);
	return query_written(n > 0 ? STATUS_FOUND : STATUS_NOTHING);
}

static int print_mount(struct json *mount, void *colour)
{
	_cleanup_(freep) char *source = NULL, *destination = NULL, *line = NULL;
	bool writable = false;

	if (json_string(mount, "$.source", &source) < 0 ||
		json_string(mount, "$.destination", &destination) < 0)
		return 0;
	json_bool(mount, "$.writable", &writable);
	if (asprintf(&line, "%s at %s, %s", source, destination,
		    writable ? "writable" : "read-only") < 0) {
		line = NULL;
		return -ENOMEM;
	}
	print_text("mount", line, *(bool *)colour);
	return 0;
}

static void print_posture(struct json *json, bool colour)
{
	for (int fact = 0; fact < POSTURE_COUNT; fact++) {
		_cleanup_(freep) char *value = NULL, *source = NULL, *line = NULL;
		char path[96], label[64];

		snprintf(label, sizeof(label), "%s", posture_names[fact]);
		for (char *at = label; *at; at++)
			*at = *at == '_' ? ' ' : *at;
		snprintf(path, sizeof(path), "$.posture.%s.value", posture_names[fact]);
		if (json_text(json, path, &value) < 0) {
			print_text(label, NULL, colour);
			continue;
		}
		snprintf(path, sizeof(path), "$.posture.%s.source", posture_names[fact]);
		json_string(json, path, &source);
		if (asprintf(&line, "%s  (%s)", value, source ? source : "source unknown") < 0)
			line = NULL;
		print_text(label, line, colour);
	}
}

static int print_evidence(struct json *json, void *colour)
{
	_cleanup_(freep) char *text = NULL;

	if (json_string(json, "$", &text) == 0)
		print_text("  evidence", text, *(const bool *)colour);
	return 0;
}

/* A way into the container, and the human behind it. */
static int print_entry(struct json *json, void *colour)
{
	_cleanup_(freep) char *began = NULL, *kind = NULL, *login = NULL, *confidence = NULL,
			      *reason = NULL, *argv = NULL, *line = NULL;
	int64_t pid = 0, auid = -1;
	char who[96];

	json_int(json, "$.pid", &pid);
	json_int(json, "$.auid", &auid);
	json_string(json, "$.began", &began);
	json_string(json, "$.entry", &kind);
	json_string(json, "$.login", &login);
	json_string(json, "$.confidence", &confidence);
	json_string(json, "$.reason", &reason);
	json_text(json, "$.argv", &argv);
	if (auid >= 0)
		snprintf(who, sizeof(who), "%s%sauid %lld", login ? login : "", login ? ", " : "",
			(long long)auid);
	else
		snprintf(who, sizeof(who), "%s", confidence ? "several logins" : "nobody known");
	if (asprintf(&line, "%s, pid %lld, %s: %s (%s)%s%s", kind ? kind : "unknown", (long long)pid,
		    began ? began : "?", who, confidence ? confidence : reason ? reason : "?",
		    argv ? " by " : "", argv ? argv : "") < 0)
		line = NULL;
	print_text("entry", line, *(const bool *)colour);
	json_each(json, "$.evidence", print_evidence, colour);
	return 0;
}

/* What show prints of a container, in this order: the keys of its JSON object. */
static void print_container(const char *json_text_line, bool colour)
{
	static const struct {
		const char *label, *path;
		bool is_time;
	} lines[] = {
		{ "id", "$.id" },
		{ "engine", "$.runtime" },
		{ "outer", "$.outer_id" },
		{ "pod", "$.pod_uid" },
		{ "pod name", "$.pod_name" },
		{ "namespace", "$.pod_namespace" },
		{ "image", "$.image" },
		{ "image id", "$.image_id" },
		{ "digest", "$.image_digest" },
		{ "verified", "$.image_verified" },
		{ "command", "$.command" },
		{ "created by", "$.created_by" },
		{ "created", "$.created" },
		{ "privileged", "$.privileged" },
		{ "labels", "$.labels" },
		{ "root", "$.rootfs" },
		{ "first seen", "$.first_seen" },
		{ "last seen", "$.last_seen" },
		{ "ended", "$.ended" },
		{ "touches", "$.touches" },
		{ "flagged", "$.flagged" },
		{ "sources", "$.source" },
	};
	_cleanup_(freep) char *name = NULL;
	struct json *json;

	if (json_new(&json) < 0)
		return;
	if (json_load(json, json_text_line, strlen(json_text_line)) == 0) {
		json_string(json, "$.name", &name);
		print_text("container", name, colour);
		for (size_t i = 0; i < ELEMENTS(lines); i++) {
			_cleanup_(freep) char *text = NULL;

			if (json_string(json, lines[i].path, &text) < 0)
				json_text(json, lines[i].path, &text);
			print_text(lines[i].label, text, colour);
		}
		json_each(json, "$.mounts", print_mount, &colour);
		print_posture(json, colour);
		json_each(json, "$.entries", print_entry, &colour);
	}
	json_free(json);
}

/* 1: row and *ret_json (heap) are the container; 0: none; -EEXIST: several, said; other errors. */
static int find_container(struct store *store, const char *id, char **ret_json)
{
	_cleanup_(query_list_freep) struct query_list *query = NULL;
	const struct query_filter filter = {
		.container = id,
		.since_msec = INT64_MIN,
		.until_msec = INT64_MAX,
		.action = -1,
		.serial = -1,
		.limit = -1,
	};
	char candidates[MAX_CANDIDATES * 96] = "";
	struct container_row row;
	size_t n = 0, len = 0;
	int r = query_containers_new(store, &filter, &query);

	while (r >= 0 && (r = query_containers_next(query, &row)) > 0) {
		/* The whole id is never ambiguous, whatever names others gave themselves. */
		bool exact = strcmp(row.id, id) == 0;

		if (n++ == 0 || exact) {
			free(*ret_json);
			*ret_json = strdup(row.json);
		}
		if (exact)
			return *ret_json ? 1 : -ENOMEM;
		if (n <= MAX_CANDIDATES)
			len += (size_t)snprintf(candidates + len, sizeof(candidates) - len,
				"%s%.12s (%.40s)", len ? ", " : "", row.id,
				row.name ? row.name : "no name");
	}
	if (r < 0 || n == 0)
		return r;
	if (n > 1) {
		log_error("%s: several containers fit: %s%s", id, candidates,
			n > MAX_CANDIDATES ? ", ..." : "");
		return -EEXIST;
	}
	return *ret_json ? 1 : -ENOMEM;
}

static int show_container(struct store *store, struct query_options *options, const char *id)
{
	_cleanup_(freep) char *json = NULL;
	int r = find_container(store, id, &json);

	if (r == -EEXIST)
		return STATUS_USAGE;
	if (r < 0)
		return query_failed(options, r);
	if (r == 0) {
		log_error("%s: no such container is recorded", id);
		return STATUS_NOTHING;
	}
	pager_open();
	if (options->format == FORMAT_JSON)
		json_line_print(stdout, json);
	else
		print_container(json, terminal_colour());
	return query_written(STATUS_FOUND);
}

int command_show(int argc, char **argv)
{
	struct query_options options = { .usage = usage };
	_cleanup_(store_closep) struct store *store = NULL;
	int status;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	if (options.n_arguments != 1 || options.arguments[0][0] == '\0') {
		log_error("show: expected one ID (a container's, or event:SERIAL)");
		return STATUS_USAGE;
	}
	store = query_options_open(&options);
	if (!store)
		return STATUS_IMPOSSIBLE;
	if (strncmp(options.arguments[0], "event:", 6) == 0)
		return show_event(store, &options, options.arguments[0] + 6);
	return show_container(store, &options, options.arguments[0]);
}
