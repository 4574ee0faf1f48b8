/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/format.h"

#include <string.h>

#include "output/json-text.h"

static void json_print(FILE *out, const struct record *record, unsigned index)
{
	json_text_print(out, record->json);
}

// clang-format off
static const struct format formats[] = {
	{ "json",   .needs_json = true, .print = json_print },
	{ "ocsf",   .count = ocsf_count, .print = ocsf_print },
	{ "ecs",    .print = ecs_print },
	{ "cef",    .print = cef_print },
	{ "leef",   .print = leef_print },
	{ "syslog", .print = syslog_format_print },
};
// clang-format on

const char format_list[] = "json, ocsf, ecs, cef, leef or syslog";

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

unsigned format_count(const struct format *format, const struct touch *touch)
{
	return format->count ? format->count(touch) : 1;
}
