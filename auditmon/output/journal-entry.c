/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/journal-entry.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/json-encode.h"
#include "detect/severity.h"
#include "output/field.h"
#include "output/touch-line.h"
#include "output/word.h"

// clang-format off
const char *const journal_message_ids[FLAG_COUNT] = {
	[FLAG_HOST_WRITE]     = "8b5b8a296d8f44e6b3e6ef6b8cd70e8b",
	[FLAG_DAEMON_SPAWNED] = "ae9be2235bbd41619a391617a90efc89",
	[FLAG_PRIVILEGED]     = "e058a28b37454d55a6eddd6f5fbd25b7",
	[FLAG_HOST_NAMESPACE] = "54b5aa844ab54758aa58823bdde0bb68",
	[FLAG_CGROUP_ESCAPE]  = "0422c947d34940e09ce3a66c7c82e0da",
	[FLAG_ENGINE_SOCKET]  = "6981cac36d4b4f56bf698e5acdbab595",
	[FLAG_RAW_DEVICE]     = "054cd04a3a0244a69e96569570dc85b4",
	[FLAG_TRUST_CHANGE]   = "d9956d1ded5349d7825e4dce8d024893",
	[FLAG_SECRET_READ]    = "5d21f35ecffe45919003f01ad4998d69",
	[FLAG_LOG_TAMPER]     = "a3aabdd8f269494b8391064cb3687b2e",
	[FLAG_FAILED]         = "41ca1efceedb45309c2a256780a1a8da",
};

static const int priorities[SEVERITY_COUNT] = {
	[SEVERITY_INFO]     = LOG_INFO,
	[SEVERITY_NOTICE]   = LOG_NOTICE,
	[SEVERITY_WARNING]  = LOG_WARNING,
	[SEVERITY_CRITICAL] = LOG_CRIT,
};
// clang-format on

#define PATH_COLUMNS 400

/* Fields as they are written: begins has where each starts in the text, and where the last ends. */
struct writing {
	FILE *out;
	size_t begins[JOURNAL_ENTRY_MAX + 1];
	int n;
};

static void begin_field(struct writing *writing)
{
	assert(writing->n < JOURNAL_ENTRY_MAX);
	writing->begins[writing->n++] = (size_t)ftell(writing->out);
}

static void put_field(struct writing *writing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void put_field(struct writing *writing, const char *format, ...)
{
	va_list arguments;

	begin_field(writing);
	va_start(arguments, format);
	vfprintf(writing->out, format, arguments);
	va_end(arguments);
}

static void put_value(FILE *out, const struct value *value)
{
	switch (value->type) {
	case VALUE_NUMBER:
		fprintf(out, "%" PRId64, value->number);
		break;
	case VALUE_BOOLEAN:
		fputs(value->number ? "true" : "false", out);
		break;
	case VALUE_LIST:
		json_encode_arguments(out, value->bytes, value->len);
		break;
	default:
		fwrite(value->bytes, 1, value->len, out);
		break;
	}
}

static void put_touch_field(struct writing *writing, const struct record *record, enum field field)
{
	struct value value;

	field_value(record, field, &value);
	if (value.type == VALUE_NONE || !field_name(field))
		return;
	begin_field(writing);
	fputs("AUDITMON_", writing->out);
	for (const char *name = field_name(field); *name; name++)
		fputc(toupper((unsigned char)*name), writing->out);
	fputc('=', writing->out);
	put_value(writing->out, &value);
}

static void put_fields(struct writing *writing, const struct touch *touch, const char *id)
{
	const struct record record = { .touch = touch, .id = id };

	begin_field(writing);
	fputs("MESSAGE=", writing->out);
	touch_sentence_print(writing->out, touch);
	put_field(writing, "MESSAGE_ID=%s", journal_message_ids[flag_worst(touch->flags)]);
	put_field(writing, "PRIORITY=%d", priorities[touch->severity]);
	put_field(writing, "SYSLOG_IDENTIFIER=auditmon");
	put_field(writing, "SYSLOG_FACILITY=%d", LOG_FAC(LOG_AUTHPRIV));
	if (!touch->success && touch->error)
		put_field(writing, "ERRNO=%d", touch->error);
	for (int i = 0; i < FLAG_COUNT; i++)
		if (touch->flags & FLAG_BIT(i))
			put_field(writing, "AUDITMON_FLAG=%s", flag_names[i]);
	for (int field = FIELD_NONE + 1; field < FIELD_COUNT; field++)
		put_touch_field(writing, &record, (enum field)field);
}
_Static_assert(FIELD_COUNT + FLAG_COUNT + 6 <= JOURNAL_ENTRY_MAX, "an entry holds all fields");

static void put_digest_fields(struct writing *writing, const struct touch *touch, const char *id)
{
	static const enum field fields[] = { FIELD_ID, FIELD_TIME, FIELD_SERIAL, FIELD_NODE,
		FIELD_PATH, FIELD_DIGEST_BEFORE, FIELD_DIGEST_AFTER };
	const struct record record = { .touch = touch, .id = id };

	begin_field(writing);
	fputs("MESSAGE=", writing->out);
	word_print(writing->out, touch->path, PATH_COLUMNS);
	fprintf(writing->out, " holds %.12s... after event %" PRIu64 ", %s%.12s before",
		touch->digest_after, touch->serial, touch->digest_before ? "" : "nothing known",
		touch->digest_before ? touch->digest_before : "");
	put_field(writing, "MESSAGE_ID=%s", JOURNAL_DIGEST_ID);
	put_field(writing, "PRIORITY=%d", LOG_NOTICE);
	put_field(writing, "SYSLOG_IDENTIFIER=auditmon");
	put_field(writing, "SYSLOG_FACILITY=%d", LOG_FAC(LOG_AUTHPRIV));
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		put_touch_field(writing, &record, fields[i]);
}

static int init(struct journal_entry *entry, const struct touch *touch,
	void (*put)(struct writing *writing, const struct touch *touch, const char *id))
{
	_cleanup_(freep) char *id = touch_id(touch);
	struct writing writing = { 0 };
	size_t len;

	*entry = (struct journal_entry){ 0 };
	writing.out = id ? open_memstream(&entry->text, &len) : NULL;
	if (!writing.out)
		return -ENOMEM;
	put(&writing, touch, id);
	writing.begins[writing.n] = (size_t)ftell(writing.out);
	if (fclose(writing.out) != 0) {
		journal_entry_done(entry);
		return -ENOMEM;
	}
	for (int i = 0; i < writing.n; i++)
		entry->fields[i] = (struct iovec){ entry->text + writing.begins[i],
			writing.begins[i + 1] - writing.begins[i] };
	entry->n_fields = writing.n;
	return 0;
}

int journal_entry_init(struct journal_entry *entry, const struct touch *touch)
{
	return init(entry, touch, put_fields);
}

int journal_entry_init_digest(struct journal_entry *entry, const struct touch *touch)
{
	return init(entry, touch, put_digest_fields);
}

void journal_entry_done(struct journal_entry *entry)
{
	free(entry->text);
	*entry = (struct journal_entry){ 0 };
}
