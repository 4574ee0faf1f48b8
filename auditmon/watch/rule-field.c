/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/rule-field.h"

#include <errno.h>
#include <libaudit.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "watch/rule-value.h"
#include "watch/rule.h"

/* libaudit's limit; the kernel takes one more. */
#define MAX_FIELDS (AUDIT_MAX_FIELDS - 1)

/*
 * What a field can be compared with; each includes those before it (audit_field_valid() in
 * kernel/auditfilter.c).
 */
enum operators {
	EQUAL,
	EQUALITY,
	ORDER,
	BITS,
};

#define ON(list) (1u << (list))
#define ON_FILES (ON(AUDIT_FILTER_EXIT) | ON(AUDIT_FILTER_URING_EXIT))
#define ON_CALLS (ON_FILES | ON(AUDIT_FILTER_TASK) | ON(AUDIT_FILTER_USER))
#define ON_PROCESSES (ON_CALLS | ON(AUDIT_FILTER_EXCLUDE))

struct field {
	uint32_t number;
	enum rule_value kind;
	enum operators operators;
	unsigned lists; /* ON() each */
};

// clang-format off
static const struct field fields[] = {
	{ AUDIT_PID,		VALUE_NUMBER,		ORDER,		ON_PROCESSES },
	{ AUDIT_UID,		VALUE_USER,		ORDER,		ON_PROCESSES },
	{ AUDIT_EUID,		VALUE_USER,		ORDER,		ON_CALLS },
	{ AUDIT_SUID,		VALUE_USER,		ORDER,		ON_CALLS },
	{ AUDIT_FSUID,		VALUE_USER,		ORDER,		ON_CALLS },
	{ AUDIT_GID,		VALUE_GROUP,		ORDER,		ON_PROCESSES },
	{ AUDIT_EGID,		VALUE_GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_SGID,		VALUE_GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_FSGID,		VALUE_GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_LOGINUID,	VALUE_USER,		ORDER,		ON_PROCESSES },
	{ AUDIT_PERS,		VALUE_NUMBER,		BITS,		ON_CALLS },
	{ AUDIT_ARCH,		VALUE_ARCH,		EQUALITY,	ON_CALLS },
	{ AUDIT_MSGTYPE,	VALUE_MESSAGE_TYPE,	ORDER,		ON(AUDIT_FILTER_EXCLUDE) | ON(AUDIT_FILTER_USER) },
	{ AUDIT_SUBJ_USER,	VALUE_STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_ROLE,	VALUE_STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_TYPE,	VALUE_STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_SEN,	VALUE_STRING,		ORDER,		ON_PROCESSES },
	{ AUDIT_SUBJ_CLR,	VALUE_STRING,		ORDER,		ON_PROCESSES },
	{ AUDIT_PPID,		VALUE_NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_USER,	VALUE_STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_ROLE,	VALUE_STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_TYPE,	VALUE_STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_LEV_LOW,	VALUE_STRING,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_LEV_HIGH,	VALUE_STRING,		ORDER,		ON_FILES },
	{ AUDIT_SESSIONID,	VALUE_SESSION,	ORDER,		ON_PROCESSES },
	{ AUDIT_DEVMAJOR,	VALUE_NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_DEVMINOR,	VALUE_NUMBER,		BITS,		ON_FILES },
	{ AUDIT_INODE,		VALUE_NUMBER,		EQUALITY,	ON_FILES },
	{ AUDIT_EXIT,		VALUE_EXIT,		ORDER,		ON_FILES },
	{ AUDIT_SUCCESS,	VALUE_NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_WATCH,		VALUE_PATH,		EQUAL,		ON_FILES },
	{ AUDIT_DIR,		VALUE_TREE,		EQUAL,		ON_FILES },
	{ AUDIT_PERM,		VALUE_PERM,		EQUAL,		ON(AUDIT_FILTER_EXIT) },
	{ AUDIT_FILETYPE,	VALUE_FILE_TYPE,	EQUALITY,	ON_FILES },
	{ AUDIT_FSTYPE,		VALUE_FILE_SYSTEM,	EQUALITY,	ON(AUDIT_FILTER_FS) },
	{ AUDIT_OBJ_UID,	VALUE_USER,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_GID,	VALUE_GROUP,		ORDER,		ON_FILES },
	{ AUDIT_ARG0,		VALUE_ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG1,		VALUE_ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG2,		VALUE_ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG3,		VALUE_ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_EXE,		VALUE_PATH,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SADDR_FAM,	VALUE_FAMILY,		ORDER,		ON_CALLS },
};

/* The pairs that the kernel can compare. */
static const struct {
	uint32_t value;
	int left, right;
} comparisons[] = {
	{ AUDIT_COMPARE_UID_TO_OBJ_UID,		AUDIT_UID,	AUDIT_OBJ_UID },
	{ AUDIT_COMPARE_GID_TO_OBJ_GID,		AUDIT_GID,	AUDIT_OBJ_GID },
	{ AUDIT_COMPARE_EUID_TO_OBJ_UID,	AUDIT_EUID,	AUDIT_OBJ_UID },
	{ AUDIT_COMPARE_EGID_TO_OBJ_GID,	AUDIT_EGID,	AUDIT_OBJ_GID },
	{ AUDIT_COMPARE_AUID_TO_OBJ_UID,	AUDIT_LOGINUID,	AUDIT_OBJ_UID },
	{ AUDIT_COMPARE_SUID_TO_OBJ_UID,	AUDIT_SUID,	AUDIT_OBJ_UID },
	{ AUDIT_COMPARE_SGID_TO_OBJ_GID,	AUDIT_SGID,	AUDIT_OBJ_GID },
	{ AUDIT_COMPARE_FSUID_TO_OBJ_UID,	AUDIT_FSUID,	AUDIT_OBJ_UID },
	{ AUDIT_COMPARE_FSGID_TO_OBJ_GID,	AUDIT_FSGID,	AUDIT_OBJ_GID },
	{ AUDIT_COMPARE_UID_TO_AUID,		AUDIT_UID,	AUDIT_LOGINUID },
	{ AUDIT_COMPARE_UID_TO_EUID,		AUDIT_UID,	AUDIT_EUID },
	{ AUDIT_COMPARE_UID_TO_FSUID,		AUDIT_UID,	AUDIT_FSUID },
	{ AUDIT_COMPARE_UID_TO_SUID,		AUDIT_UID,	AUDIT_SUID },
	{ AUDIT_COMPARE_AUID_TO_FSUID,		AUDIT_LOGINUID,	AUDIT_FSUID },
	{ AUDIT_COMPARE_AUID_TO_SUID,		AUDIT_LOGINUID,	AUDIT_SUID },
	{ AUDIT_COMPARE_AUID_TO_EUID,		AUDIT_LOGINUID,	AUDIT_EUID },
	{ AUDIT_COMPARE_EUID_TO_SUID,		AUDIT_EUID,	AUDIT_SUID },
	{ AUDIT_COMPARE_EUID_TO_FSUID,		AUDIT_EUID,	AUDIT_FSUID },
	{ AUDIT_COMPARE_SUID_TO_FSUID,		AUDIT_SUID,	AUDIT_FSUID },
	{ AUDIT_COMPARE_GID_TO_EGID,		AUDIT_GID,	AUDIT_EGID },
	{ AUDIT_COMPARE_GID_TO_FSGID,		AUDIT_GID,	AUDIT_FSGID },
	{ AUDIT_COMPARE_GID_TO_SGID,		AUDIT_GID,	AUDIT_SGID },
	{ AUDIT_COMPARE_EGID_TO_FSGID,		AUDIT_EGID,	AUDIT_FSGID },
	{ AUDIT_COMPARE_EGID_TO_SGID,		AUDIT_EGID,	AUDIT_SGID },
	{ AUDIT_COMPARE_SGID_TO_FSGID,		AUDIT_SGID,	AUDIT_FSGID },
};

/* The longer ones first. */
static const struct {
	const char *text;
	uint32_t number;
	enum operators least;
} operators[] = {
	{ "!=",	AUDIT_NOT_EQUAL,		EQUALITY },
	{ ">=",	AUDIT_GREATER_THAN_OR_EQUAL,	ORDER },
	{ "<=",	AUDIT_LESS_THAN_OR_EQUAL,	ORDER },
	{ "&=",	AUDIT_BIT_TEST,			BITS },
	{ "=",	AUDIT_EQUAL,			EQUAL },
	{ ">",	AUDIT_GREATER_THAN,		ORDER },
	{ "<",	AUDIT_LESS_THAN,		ORDER },
	{ "&",	AUDIT_BIT_MASK,			BITS },
};

static const char *const taken_operators[] = {
	[EQUAL] = "only '=' goes with it",
	[EQUALITY] = "only '=' and '!=' go with it",
	[ORDER] = "'&' and '&=' do not go with it",
};
// clang-format on

int rule_error_set(struct rule_error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->reason, sizeof(error->reason), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static const struct field *find_field(uint32_t number)
{
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (fields[i].number == number)
			return &fields[i];
	return NULL;
}

bool rule_field_is_string(uint32_t number)
{
	const struct field *field = find_field(number);

	return number == AUDIT_FILTERKEY || (field && field->kind >= VALUE_STRING);
}

int rule_field_find(const struct audit_rule_data *data, uint32_t number)
{
	for (uint32_t i = 0; i < data->field_count; i++)
		if (data->fields[i] == number)
			return (int)i;
	return -1;
}

int rule_machine(const struct audit_rule_data *data)
{
	int i = rule_field_find(data, AUDIT_ARCH);

	return i < 0 ? audit_detect_machine() : audit_elf_to_machine(data->values[i]);
}

/*
 * Adding to a rule
 */

static int add_number(struct audit_rule_data *data, uint32_t field, uint32_t op, uint32_t value,
	struct rule_error *error)
{
	uint32_t i = data->field_count;

	if (i >= MAX_FIELDS)
		return rule_error_set(error, "more than %d fields in one rule", MAX_FIELDS);
	data->fields[i] = field;
	data->fieldflags[i] = op;
	data->values[i] = value;
	data->field_count++;
	return 0;
}

static int add_string(struct audit_rule_data *data, uint32_t field, uint32_t op, const char *text,
	struct rule_error *error)
{
	size_t len = strlen(text);
	int r = add_number(data, field, op, (uint32_t)len, error);

	if (r < 0)
		return r;
	memcpy(data->buf + data->buflen, text, len);
	data->buflen += (uint32_t)len;
	return 0;
}

int rule_field_add_path(
	struct audit_rule_data *data, bool tree, const char *path, struct rule_error *error)
{
	return add_string(data, tree ? AUDIT_DIR : AUDIT_WATCH, AUDIT_EQUAL, path, error);
}

int rule_field_add_key(struct audit_rule_data *data, const char *key, struct rule_error *error)
{
	return add_string(data, AUDIT_FILTERKEY, AUDIT_EQUAL, key, error);
}

int rule_field_set_perm(
	struct audit_rule_data *data, int list, const char *letters, struct rule_error *error)
{
	int i = rule_field_find(data, AUDIT_PERM);
	const char *wrong;
	uint32_t value;

	if (!(find_field(AUDIT_PERM)->lists & ON(list)))
		return rule_error_set(error, "-p: the list has no permissions");
	wrong = rule_value_parse(VALUE_PERM, letters, &value);
	if (wrong)
		return rule_error_set(error, "-p %.64s: %s", letters, wrong);
	if (i < 0)
		return add_number(data, AUDIT_PERM, AUDIT_EQUAL, value, error);
	data->values[i] = value;
	return 0;
}

/* A field or comparison, taken apart; value points into the text. */
struct pair {
	char name[24];
	int field; /* by name; negative: unknown */
	uint32_t op;
	enum operators least;
	const char *value;
};

static int split_pair(const char *text, struct pair *ret, struct rule_error *error)
{
	size_t len = strcspn(text, "!=<>&");

	for (size_t i = 0; i < ELEMENTS(operators); i++) {
		if (strncmp(text + len, operators[i].text, strlen(operators[i].text)) != 0)
			continue;
		ret->op = operators[i].number;
		ret->least = operators[i].least;
		ret->value = text + len + strlen(operators[i].text);
		if (len == 0 || !*ret->value)
			return rule_error_set(
				error, "'%.64s': expected NAME%sVALUE", text, operators[i].text);
		snprintf(ret->name, sizeof(ret->name), "%.*s", (int)len, text);
		ret->field = len < sizeof(ret->name) ? audit_name_to_field(ret->name) : -1;
		return 0;
	}
	return rule_error_set(error, "'%.64s': expected NAME=VALUE or another operator", text);
}

/* What the kernel does not want together. */
static const char *conflict(const struct audit_rule_data *data, uint32_t field)
{
	switch (field) {
	case AUDIT_WATCH:
	case AUDIT_DIR:
	case AUDIT_INODE:
		if (rule_field_find(data, AUDIT_WATCH) >= 0 ||
			rule_field_find(data, AUDIT_DIR) >= 0 ||
			rule_field_find(data, AUDIT_INODE) >= 0)
			return "one rule has only one of path, dir and inode";
		return NULL;
	case AUDIT_EXE:
		return rule_field_find(data, AUDIT_EXE) >= 0 ? "one rule has only one exe" : NULL;
	case AUDIT_ARCH:
		if (rule_field_find(data, AUDIT_ARCH) >= 0)
			return "one rule has only one arch";
		for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++)
			if (data->mask[i])
				return "must stand before -S, whose names depend on it";
		return NULL;
	default:
		return NULL;
	}
}

static int parse_value(struct audit_rule_data *data, const struct field *field,
	const struct pair *pair, const char *text, struct rule_error *error)
{
	const char *wrong = NULL;
	uint32_t value = 0;

	if (field->kind < VALUE_STRING)
		wrong = rule_value_parse(field->kind, pair->value, &value);
	else if (field->kind != VALUE_STRING)
		wrong = rule_path_problem(pair->value);
	if (!wrong && field->kind == VALUE_PATH && pair->value[strlen(pair->value) - 1] == '/')
		wrong = "the path must not end in '/'";
	if (wrong)
		return rule_error_set(error, "'%.64s': %s", text, wrong);
	if (field->kind < VALUE_STRING)
		return add_number(data, field->number, pair->op, value, error);
	return add_string(data, field->number, pair->op, pair->value, error);
}

int rule_field_parse(
	struct audit_rule_data *data, int list, const char *text, struct rule_error *error)
{
	const struct field *field;
	const char *wrong;
	struct pair pair;
	int r = split_pair(text, &pair, error);

	if (r < 0)
		return r;
	field = pair.field < 0 ? NULL : find_field((uint32_t)pair.field);
	if (!field)
		return rule_error_set(error, "'%.64s': there is no such field", text);
	if (!(field->lists & ON(list)))
		return rule_error_set(error, "'%.64s': the field does not go with this list", text);
	if (field->operators < pair.least)
		return rule_error_set(
			error, "'%.64s': %s", text, taken_operators[field->operators]);
	wrong = conflict(data, field->number);
	if (wrong)
		return rule_error_set(error, "'%.64s': %s", text, wrong);
	return parse_value(data, field, &pair, text, error);
}

int rule_comparison_parse(
	struct audit_rule_data *data, int list, const char *text, struct rule_error *error)
{
	struct pair pair;
	int right, r = split_pair(text, &pair, error);

	if (r < 0)
		return r;
	right = audit_name_to_field(pair.value);
	if (pair.field < 0 || right < 0)
		return rule_error_set(error, "-C %.64s: there is no such field", text);
	if (pair.least > EQUALITY)
		return rule_error_set(error, "-C %.64s: %s", text, taken_operators[EQUALITY]);
	if (!(ON_FILES & ON(list)))
		return rule_error_set(error, "-C %.64s: only goes with the exit list", text);
	for (size_t i = 0; i < ELEMENTS(comparisons); i++)
		if ((comparisons[i].left == pair.field && comparisons[i].right == right) ||
			(comparisons[i].left == right && comparisons[i].right == pair.field))
			return add_number(
				data, AUDIT_FIELD_COMPARE, pair.op, comparisons[i].value, error);
	return rule_error_set(error, "-C %.64s: the kernel cannot compare these two", text);
}

void rule_word_format(FILE *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == ' ' || bytes[i] == '\\')
			fputc('\\', out);
		fputc(bytes[i], out);
	}
}

static void format_comparison(FILE *out, uint32_t value, const char *op)
{
	for (size_t i = 0; i < ELEMENTS(comparisons); i++)
		if (comparisons[i].value == value) {
			fprintf(out, " -C %s%s%s", audit_field_to_name(comparisons[i].left), op,
				audit_field_to_name(comparisons[i].right));
			return;
		}
	fprintf(out, " -C %u%s?", value, op);
}

void rule_field_format(
	FILE *out, const struct audit_rule_data *data, uint32_t index, const char *string)
{
	const struct field *field = find_field(data->fields[index]);
	const char *op = audit_operator_to_symbol((int)data->fieldflags[index]);
	const char *name = audit_field_to_name((int)data->fields[index]);
	uint32_t value = data->values[index];

	if (!op)
		op = "?";
	if (data->fields[index] == AUDIT_FIELD_COMPARE) {
		format_comparison(out, value, op);
		return;
	}
	if (name)
		fprintf(out, " -F %s%s", name, op);
	else
		fprintf(out, " -F f%u%s", data->fields[index], op);
	if (string)
		rule_word_format(out, string, value);
	else
		rule_value_format(out, field ? field->kind : VALUE_NUMBER, value);
}
