/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/syslog.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#define SYSLOG_NAMES
#include <syslog.h>

#include "base/time.h"
#include "output/flat.h"
#include "output/touch-line.h"

#define HOST_MAX 255

static const struct flat_syntax syntax = { .special = "\"\\]" };

const struct syslog_options syslog_defaults = {
	.facility = LOG_AUTHPRIV,
	.enterprise = SYSLOG_ENTERPRISE,
};

static const int severities[SEVERITY_COUNT] = {
	[SEVERITY_INFO] = LOG_INFO,
	[SEVERITY_NOTICE] = LOG_NOTICE,
	[SEVERITY_WARNING] = LOG_WARNING,
	[SEVERITY_CRITICAL] = LOG_CRIT,
};

/* In every message; the rest is for those without a document. */
static const enum field short_fields[] = { FIELD_ID, FIELD_FLAGS, FIELD_SEVERITY };

int syslog_facility(const char *name)
{
	for (const CODE *code = facilitynames; code->c_name; code++)
		if (strcmp(code->c_name, name) == 0)
			return code->c_val;
	return -EINVAL;
}

/* HOSTNAME is printable ASCII without spaces; a log may say anything. */
static void print_host(FILE *out, const char *node)
{
	size_t len = node ? strlen(node) : 0;
	bool valid = len > 0 && len <= HOST_MAX;

	for (size_t i = 0; i < len && valid; i++)
		valid = node[i] > ' ' && node[i] < 0x7f;
	fputs(valid ? node : "-", out);
}

static void print_header(
	FILE *out, const struct record *record, const struct syslog_options *options)
{
	const struct touch *touch = record->touch;
	char time[TIME_TEXT_LEN];

	time_format_utc(touch->time_msec, time, sizeof(time));
	fprintf(out, "<%d>1 %s ", options->facility | severities[touch->severity], time);
	print_host(out, touch->node);
	fprintf(out, " " FORMAT_PRODUCT " - %s [" FORMAT_PRODUCT "@%" PRIu32,
		action_names[touch->action], options->enterprise);
}

static void print_parameter(
	FILE *out, const struct record *record, enum field field, struct flat_escaped *escaped)
{
	struct value value;

	field_value(record, field, &value);
	if (value.type == VALUE_NONE)
		return;
	fprintf(out, " %s=\"", field_name(field));
	flat_print_field(out, field, &value, &syntax, escaped);
	fputc('"', out);
}

static void print_escaped(FILE *out, const struct flat_escaped *escaped)
{
	struct value value;

	flat_escaped_value(escaped, &value);
	if (value.type != VALUE_NONE)
		fprintf(out, " escaped=\"%s\"", value.bytes);
}

static void print_short(FILE *out, const struct record *record)
{
	struct flat_escaped escaped = { 0 };

	for (size_t i = 0; i < ELEMENTS(short_fields); i++)
		print_parameter(out, record, short_fields[i], &escaped);
	print_escaped(out, &escaped);
}

static void print_all(FILE *out, const struct record *record)
{
	struct flat_escaped escaped = { 0 };

	for (int field = FIELD_NONE + 1; field < FIELD_COUNT; field++)
		print_parameter(out, record, field, &escaped);
	print_escaped(out, &escaped);
}

void syslog_print(FILE *out, const struct record *record, const char *document,
	const struct syslog_options *options)
{
	print_header(out, record, options);
	if (document) {
		print_short(out, record);
		fprintf(out, "] %s", document);
	} else {
		print_all(out, record);
		fputs("] ", out);
		touch_sentence_print(out, record->touch);
	}
}

void syslog_print_oversize(FILE *out, const struct record *record, size_t n_bytes,
	const struct syslog_options *options)
{
	print_header(out, record, options);
	print_short(out, record);
	fprintf(out, " oversize=\"%zu\"] ", n_bytes);
	touch_sentence_print(out, record->touch);
}

void syslog_format_print(FILE *out, const struct record *record, unsigned index)
{
	syslog_print(out, record, NULL, &syslog_defaults);
}
