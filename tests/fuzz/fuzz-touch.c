/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A touch whose names, paths and sentences are any bytes, on its way out: whatever they are, a line
 * is one line, and nothing in it can act on a terminal or pass for something else.
 */

#include <assert.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "output/format.h"
#include "output/journal-entry.h"
#include "output/touch-line.h"
#include "output/touch-sheet.h"
#include "output/touch-story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_CHOICES 16

/* The first bytes choose, the rest are texts with a NUL behind each; in lists \1 stands for NUL. */
struct input {
	uint8_t choices[N_CHOICES];
	char *text;
	size_t left;
};

static const char *next_text(struct input *input)
{
	const char *text = input->text;
	size_t len = strnlen(text, input->left);

	if (input->left == 0)
		return NULL;
	input->text += len + 1;
	input->left -= len + 1;
	return len > 0 ? text : NULL;
}

static struct arguments next_list(struct input *input, bool complete)
{
	char *text = (char *)next_text(input);
	struct arguments list = { text, text ? strlen(text) : 0, complete };

	for (size_t i = 0; i < list.len; i++)
		text[i] = text[i] == 1 ? '\0' : text[i];
	return list;
}

static void fill(struct touch *touch, struct input *input)
{
	const uint8_t *choice = input->choices;

	*touch = (struct touch){
		.time_msec = INT64_C(1795433002342),
		.serial = choice[0],
		.node = next_text(input),
		.path = next_text(input),
		.path_seen = next_text(input),
		.path_by = choice[1] % PATH_BY_COUNT,
		.inode = choice[2],
		.action = choice[3] % ACTION_COUNT,
		.success = choice[4] & 1,
		.error = choice[5],
		.syscall = next_text(input),
		.pid = choice[4] & 2,
		.comm = next_text(input),
		.exe = next_text(input),
		.argv = next_list(input, choice[4] & 4),
		.ancestors = choice[4] & 8 ? "[{\"pid\":1,\"argv\":[\"\\u001b\"]}]" : NULL,
		.uid = choice[4] & 16 ? UINT32_MAX : 0,
		.user = next_text(input),
		.auid = choice[4] & 32 ? AUID_UNSET : 3267,
		.login = next_text(input),
		.container = {
			.id = next_text(input),
			.name = next_text(input),
			.runtime = next_text(input),
			.image = next_text(input),
			.privileged = choice[4] & 64 ? TRISTATE_YES : TRISTATE_UNKNOWN,
			.entry = choice[6] % ENTRY_COUNT,
			.attributed_by = choice[7] % ATTRIBUTED_COUNT,
		},
		.launcher = {
			.auid = choice[4] & 128 ? AUID_UNSET : 3267,
			.login = next_text(input),
			.pid = choice[8] & 1,
			.exe = next_text(input),
			.argv = next_list(input, choice[8] & 2),
			.confidence = choice[9] % CONFIDENCE_COUNT,
			.evidence = next_list(input, true),
			.reason = next_text(input),
		},
		.flags = (choice[10] | choice[11] << 8u) & ((1u << FLAG_COUNT) - 1),
		.severity = choice[12] % SEVERITY_COUNT,
		.suppressed = next_text(input),
		.doubt = next_text(input),
	};
}

/* Only the newlines that the form has by itself. */
static void check(const char *text, bool is_line)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_char(text + i, len - i, &code);

		assert(n > 0);
		assert(!text_is_unsafe(code) || (code == '\n' && (!is_line || i + 1 == len)));
		i += n;
	}
}

static void check_json(const char *text)
{
	struct json *json;

	if (json_new(&json) < 0)
		return;
	assert(json_load(json, text, strlen(text)) == 0);
	json_free(json);
}

static void try_formats(const struct touch *touch)
{
	static const char *const names[] = { "ocsf", "ecs", "cef", "leef", "syslog" };
	_cleanup_(freep) char *id = touch_id(touch);
	const struct record record = { .touch = touch, .id = id };

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		const struct format *format = format_find(names[i]);

		for (unsigned n = 0; n < format_count(format, touch); n++) {
			_cleanup_(freep) char *text = NULL;
			FILE *out = open_memstream(&text, &(size_t){ 0 });

			format->print(out, &record, n);
			fclose(out);
			check(text, true);
			if (i < 2)
				check_json(text);
		}
	}
}

static void try_sentences(const struct touch *touch, size_t width)
{
	_cleanup_(freep) char *line = NULL, *story = NULL, *sheet = NULL;
	FILE *out = open_memstream(&line, &(size_t){ 0 });

	touch_line_print(out, touch, false);
	fclose(out);
	check(line, true);
	out = open_memstream(&story, &(size_t){ 0 });
	touch_story_print(out, touch, width, false);
	fclose(out);
	check(story, width == 0);
	out = open_memstream(&sheet, &(size_t){ 0 });
	touch_sheet_print(out, touch, false);
	fclose(out);
	check(sheet, false);
}

static void try_table(const struct touch *touch, size_t width)
{
	_cleanup_(freep) char *text = NULL;
	FILE *out = open_memstream(&text, &(size_t){ 0 });
	struct table *table;

	if (touch_table_new(out, width, false, &table) == 0) {
		touch_table_add(table, touch);
		table_finish(table);
		table_free(table);
	}
	fclose(out);
	check(text, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = NULL;
	struct journal_entry entry;
	struct input input;
	struct touch touch;

	if (size < N_CHOICES)
		return 0;
	setlocale(LC_ALL, "C.UTF-8");
	memcpy(input.choices, data, N_CHOICES);
	input.left = size - N_CHOICES + 1;
	input.text = text = calloc(1, input.left);
	if (!text)
		return 0;
	memcpy(text, data + N_CHOICES, size - N_CHOICES);
	fill(&touch, &input);
	try_formats(&touch);
	try_sentences(&touch, input.choices[13]);
	try_table(&touch, input.choices[14]);
	if (touch.flags && journal_entry_init(&entry, &touch) == 0)
		journal_entry_done(&entry);
	return 0;
}
