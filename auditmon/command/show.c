/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/called-by.h"
#include "output/json-text.h"
#include "output/sheet.h"
#include "output/terminal.h"
#include "output/touch-sheet.h"
#include "runtime/posture.h"

#define MAX_CANDIDATES 8

static const char usage[] = "Usage: auditmon show [OPTION]... ID\n"
			    "\n"
			    "All that is known of a container (its id, the beginning of it, or its "
			    "name) or of an event\n"
			    "(event:SERIAL), with the evidence.\n"
			    "\n"
			    "  --format table|json   json: one object a line\n"
			    "  --db FILE             (default " STORE_DEFAULT_PATH ")\n"
			    "  --help\n";

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
			touch_sheet_print(stdout, &touch, terminal_colour());
	if (r < 0)
		return query_written(query_failed(options, r));
	if (n == 0)
		log_error("event:%s: no such event is recorded", serial);
	return query_written(n > 0 ? STATUS_FOUND : STATUS_NOTHING);
}

static int print_mount(struct json *mount, void *sheet)
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
	sheet_line(sheet, "mount", line);
	return 0;
}

static void print_posture(struct json *json, const struct sheet *sheet)
{
	for (int fact = 0; fact < POSTURE_COUNT; fact++) {
		_cleanup_(freep) char *value = NULL, *source = NULL, *line = NULL;
		char path[96], label[64];

		snprintf(label, sizeof(label), "%s", posture_names[fact]);
		for (char *at = label; *at; at++)
			*at = *at == '_' ? ' ' : *at;
		snprintf(path, sizeof(path), "$.posture.%s.value", posture_names[fact]);
		if (json_text(json, path, &value) < 0) {
			sheet_line(sheet, label, NULL);
			continue;
		}
		snprintf(path, sizeof(path), "$.posture.%s.source", posture_names[fact]);
		json_string(json, path, &source);
		if (asprintf(&line, "%s  (%s)", value, source ? source : "source unknown") < 0)
			line = NULL;
		sheet_line(sheet, label, line);
	}
}

static int print_evidence(const char *key, const char *sentence, void *sheet)
{
	(void)key;
	sheet_line(sheet, "  evidence", sentence);
	return 0;
}

/* The client's process, and who stood above it. */
static void print_process(struct json *entry, const struct sheet *sheet)
{
	_cleanup_(freep) char *start = NULL, *end = NULL, *life = NULL, *above = NULL;
	FILE *out = open_memstream(&above, &(size_t){ 0 });
	bool is_called = out && called_by_print(out, entry, "$.client_ancestors") == 0;
	int64_t pid;

	if (out && fclose(out) != 0)
		is_called = false;
	if (json_int(entry, "$.client_pid", &pid) < 0)
		return;
	json_string(entry, "$.client_start", &start);
	json_string(entry, "$.client_end", &end);
	if (asprintf(&life, "pid %lld%s%s%s%s", (long long)pid, start ? ", from " : "",
		    start ? start : "",
		    end     ? " to "
		    : start ? ", not known to have ended"
			    : "",
		    end ? end : "") < 0)
		life = NULL;
	sheet_line(sheet, "  process", life);
	if (is_called)
		sheet_line(sheet, "  called by", above);
}

/* Who asked for an entry, by which program, and what says so. */
static void print_client(struct json *entry, const struct sheet *sheet)
{
	_cleanup_(freep) char *exe = NULL, *argv = NULL;
	size_t len;

	if (json_string(entry, "$.exe", &exe) == 0)
		sheet_line(sheet, "  client", exe);
	if (json_strings(entry, "$.argv", &argv, &len) == 0 && len > 0) {
		for (size_t i = 0; i < len - 1; i++)
			argv[i] = argv[i] ? argv[i] : ' ';
		sheet_line(sheet, "  argv", argv);
	}
	print_process(entry, sheet);
	json_each_string(entry, "$.evidence", print_evidence, (void *)sheet);
}

/* A way into the container, and the human behind it. */
static int print_entry(struct json *json, void *sheet)
{
	_cleanup_(freep) char *began = NULL, *kind = NULL, *login = NULL, *confidence = NULL,
			      *reason = NULL, *line = NULL;
	int64_t pid = 0, auid = -1;
	char who[96];

	json_int(json, "$.pid", &pid);
	json_int(json, "$.auid", &auid);
	json_string(json, "$.began", &began);
	json_string(json, "$.entry", &kind);
	json_string(json, "$.login", &login);
	json_string(json, "$.confidence", &confidence);
	json_string(json, "$.reason", &reason);
	if (auid >= 0)
		snprintf(who, sizeof(who), "%s%sauid %lld", login ? login : "", login ? ", " : "",
			(long long)auid);
	else
		snprintf(who, sizeof(who), "%s", confidence ? "several logins" : "nobody known");
	if (asprintf(&line, "%s, pid %lld, %s: %s (%s)", kind ? kind : "unknown", (long long)pid,
		    began ? began : "?", who,
		    confidence ? confidence
		    : reason   ? reason
			       : "?") < 0)
		line = NULL;
	sheet_line(sheet, "entry", line);
	print_client(json, sheet);
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
	struct sheet sheet = { stdout, colour };
	struct json *json;

	if (json_new(&json) < 0)
		return;
	if (json_load(json, json_text_line, strlen(json_text_line)) == 0) {
		json_string(json, "$.name", &name);
		sheet_line(&sheet, "container", name);
		for (size_t i = 0; i < ELEMENTS(lines); i++) {
			_cleanup_(freep) char *text = NULL;

			if (json_string(json, lines[i].path, &text) < 0)
				json_text(json, lines[i].path, &text);
			sheet_line(&sheet, lines[i].label, text);
		}
		json_each(json, "$.mounts", print_mount, &sheet);
		print_posture(json, &sheet);
		json_each(json, "$.entries", print_entry, &sheet);
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
