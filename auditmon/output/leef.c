/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Log Event Extended Format 2.0
 *
 * "LEEF:2.0|vendor|product|version|event|^|key=value^...". Predefined keys where there is a
 * fitting one, then every field under its name in the view `touch`. LEEF has no escapes: a value
 * has neither tab nor newline in it, see output/flat.h.
 */

#include "output/flat.h"
#include "output/format.h"
#include "output/touch-line.h"

#define DELIMITER '^'

static const struct flat_syntax syntax = { .special = "", .delimiter = DELIMITER };

// clang-format off
static const struct {
	const char *key;
	enum field field; /* FIELD_NONE: make */
	void (*make)(const struct record *record, struct value *ret);
} predefined[] = {
	{ "devTime",       FIELD_TIME_MSEC },
	{ "identHostName", FIELD_NODE },
	{ "usrName",       FIELD_NONE, field_human_name },
	{ "resource",      FIELD_PATH },
	{ "policy",        FIELD_WATCH },
};
// clang-format on

static void print_predefined(FILE *out, const struct record *record, struct flat_escaped *escaped)
{
	struct value value;

	for (size_t i = 0; i < ELEMENTS(predefined); i++) {
		if (predefined[i].make)
			predefined[i].make(record, &value);
		else
			field_value(record, predefined[i].field, &value);
		if (value.type == VALUE_NONE)
			continue;
		fprintf(out, "%s=", predefined[i].key);
		flat_print_field(out, predefined[i].field, &value, &syntax, escaped);
		fputc(DELIMITER, out);
	}
}

void leef_print(FILE *out, const struct record *record, unsigned index)
{
	const struct touch *touch = record->touch;
	struct flat_escaped escaped = { 0 };
	struct value value;

	fprintf(out, "LEEF:2.0|" FORMAT_PRODUCT "|" FORMAT_PRODUCT "|" AUDITMON_VERSION "|%s|^|",
		action_names[touch->action]);
	print_predefined(out, record, &escaped);
	fprintf(out, "sev=%d^cat=%s", flat_severities[touch->severity],
		touch_is_alert(touch) ? "alert" : "event");
	for (int field = FIELD_NONE + 1; field < FIELD_COUNT; field++) {
		field_value(record, field, &value);
		if (value.type == VALUE_NONE)
			continue;
		fprintf(out, "^%s=", field_name(field));
		flat_print_field(out, field, &value, &syntax, &escaped);
	}
	flat_escaped_value(&escaped, &value);
	if (value.type != VALUE_NONE)
		fprintf(out, "^escaped=%s", value.bytes);
}
