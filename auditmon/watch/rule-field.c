/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/rule-field.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <libaudit.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "watch/rule.h"

/* linux/audit.h since 5.16 */
#ifndef AUDIT_FILTER_URING_EXIT
#define AUDIT_FILTER_URING_EXIT 7
#endif

/* libaudit's limit; the kernel takes one more. */
#define MAX_FIELDS (AUDIT_MAX_FIELDS - 1)

/* What a field can be compared with; each includes those before it (audit_field_valid() in kernel/auditfilter.c). */
enum operators {
	EQUAL,
	EQUALITY,
	ORDER,
	BITS,
};

enum kind {
	NUMBER,
	ARGUMENT,
	USER,
	GROUP,
	SESSION,
	EXIT,
	MESSAGE_TYPE,
	FILE_TYPE,
	FILE_SYSTEM,
	FAMILY,
	PERM,
	ARCH,
	STRING, /* this and what follows: text in data->buf */
	PATH,
	TREE,
};

#define ON(list) (1u << (list))
#define ON_FILES (ON(AUDIT_FILTER_EXIT) | ON(AUDIT_FILTER_URING_EXIT))
#define ON_CALLS (ON_FILES | ON(AUDIT_FILTER_TASK) | ON(AUDIT_FILTER_USER))
#define ON_PROCESSES (ON_CALLS | ON(AUDIT_FILTER_EXCLUDE))

struct field {
	uint32_t number;
	enum kind kind;
	enum operators operators;
	unsigned lists; /* ON() each */
};

// clang-format off
static const struct field fields[] = {
	{ AUDIT_PID,		NUMBER,		ORDER,		ON_PROCESSES },
	{ AUDIT_UID,		USER,		ORDER,		ON_PROCESSES },
	{ AUDIT_EUID,		USER,		ORDER,		ON_CALLS },
	{ AUDIT_SUID,		USER,		ORDER,		ON_CALLS },
	{ AUDIT_FSUID,		USER,		ORDER,		ON_CALLS },
	{ AUDIT_GID,		GROUP,		ORDER,		ON_PROCESSES },
	{ AUDIT_EGID,		GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_SGID,		GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_FSGID,		GROUP,		ORDER,		ON_CALLS },
	{ AUDIT_LOGINUID,	USER,		ORDER,		ON_PROCESSES },
	{ AUDIT_PERS,		NUMBER,		BITS,		ON_CALLS },
	{ AUDIT_ARCH,		ARCH,		EQUALITY,	ON_CALLS },
	{ AUDIT_MSGTYPE,	MESSAGE_TYPE,	ORDER,		ON(AUDIT_FILTER_EXCLUDE) | ON(AUDIT_FILTER_USER) },
	{ AUDIT_SUBJ_USER,	STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_ROLE,	STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_TYPE,	STRING,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SUBJ_SEN,	STRING,		ORDER,		ON_PROCESSES },
	{ AUDIT_SUBJ_CLR,	STRING,		ORDER,		ON_PROCESSES },
	{ AUDIT_PPID,		NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_USER,	STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_ROLE,	STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_TYPE,	STRING,		EQUALITY,	ON_FILES },
	{ AUDIT_OBJ_LEV_LOW,	STRING,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_LEV_HIGH,	STRING,		ORDER,		ON_FILES },
	{ AUDIT_SESSIONID,	SESSION,	ORDER,		ON_PROCESSES },
	{ AUDIT_DEVMAJOR,	NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_DEVMINOR,	NUMBER,		BITS,		ON_FILES },
	{ AUDIT_INODE,		NUMBER,		EQUALITY,	ON_FILES },
	{ AUDIT_EXIT,		EXIT,		ORDER,		ON_FILES },
	{ AUDIT_SUCCESS,	NUMBER,		ORDER,		ON_FILES },
	{ AUDIT_WATCH,		PATH,		EQUAL,		ON_FILES },
	{ AUDIT_DIR,		TREE,		EQUAL,		ON_FILES },
	{ AUDIT_PERM,		PERM,		EQUAL,		ON(AUDIT_FILTER_EXIT) },
	{ AUDIT_FILETYPE,	FILE_TYPE,	EQUALITY,	ON_FILES },
	{ AUDIT_FSTYPE,		FILE_SYSTEM,	EQUALITY,	ON(AUDIT_FILTER_FS) },
	{ AUDIT_OBJ_UID,	USER,		ORDER,		ON_FILES },
	{ AUDIT_OBJ_GID,	GROUP,		ORDER,		ON_FILES },
	{ AUDIT_ARG0,		ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG1,		ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG2,		ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_ARG3,		ARGUMENT,	BITS,		ON_CALLS },
	{ AUDIT_EXE,		PATH,		EQUALITY,	ON_PROCESSES },
	{ AUDIT_SADDR_FAM,	FAMILY,		ORDER,		ON_CALLS },
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

static const struct {
	char letter;
	uint32_t bit;
} perms[] = {
	{ 'r', AUDIT_PERM_READ },
	{ 'w', AUDIT_PERM_WRITE },
	{ 'x', AUDIT_PERM_EXEC },
	{ 'a', AUDIT_PERM_ATTR },
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

	return number == AUDIT_FILTERKEY || (field && field->kind >= STRING);
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
 * Values: each parser says what is wrong, or NULL.
 */

static const char *parse_number(const char *value, uint32_t *ret)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)value[0]))
		return "needs a number";
	errno = 0;
	number = strtoull(value, &end, 0);
	if (*end)
		return "needs a number";
	if (errno || number > UINT32_MAX)
		return "the number is beyond 32 bits, which is all that the kernel compares";
	*ret = (uint32_t)number;
	return NULL;
}

/* Also a negative number, as a system call's argument or result can be. */
static const char *parse_signed(const char *value, uint32_t *ret)
{
	const char *wrong = parse_number(value + (value[0] == '-'), ret);

	if (wrong || value[0] != '-')
		return wrong;
	if (*ret > (uint32_t)INT32_MAX + 1)
		return "the number is beyond 32 bits, which is all that the kernel compares";
	*ret = -*ret;
	return NULL;
}

static const char *parse_session(const char *value, uint32_t *ret)
{
	if (strcmp(value, "unset") == 0 || strcmp(value, "-1") == 0) {
		*ret = UINT32_MAX;
		return NULL;
	}
	return parse_number(value, ret);
}

static const char *parse_user(const char *value, uint32_t *ret)
{
	const struct passwd *user;

	if (!parse_session(value, ret))
		return NULL;
	if (isdigit((unsigned char)value[0]) || value[0] == '-')
		return "is neither a user's number nor a name";
	user = getpwnam(value);
	if (!user)
		return "there is no such user";
	*ret = user->pw_uid;
	return NULL;
}

static const char *parse_group(const char *value, uint32_t *ret)
{
	const struct group *group;

	if (isdigit((unsigned char)value[0]))
		return parse_number(value, ret);
	group = getgrnam(value);
	if (!group)
		return "there is no such group";
	*ret = group->gr_gid;
	return NULL;
}

static const char *parse_exit(const char *value, uint32_t *ret)
{
	int number;

	if (isdigit((unsigned char)value[value[0] == '-']))
		return parse_signed(value, ret);
	number = audit_name_to_errno(value);
	if (number == 0)
		return "there is no such error";
	*ret = (uint32_t)number;
	return NULL;
}

static const char *parse_message_type(const char *value, uint32_t *ret)
{
	int number;

	if (isdigit((unsigned char)value[0]))
		return parse_number(value, ret);
	number = audit_name_to_msg_type(value);
	if (number <= 0)
		return "there is no such record type";
	*ret = (uint32_t)number;
	return NULL;
}

static const char *parse_file_type(const char *value, uint32_t *ret)
{
	int number = audit_name_to_ftype(value);

	if (number < 0)
		return "there is no such file type (file, dir, socket, link, character, block, fifo)";
	*ret = (uint32_t)number;
	return NULL;
}

static const char *parse_file_system(const char *value, uint32_t *ret)
{
	int number;

	if (isdigit((unsigned char)value[0]))
		return parse_number(value, ret);
	number = audit_name_to_fstype(value);
	if (number == -1)
		return "libaudit knows no such file system; give its number";
	*ret = (uint32_t)number;
	return NULL;
}

static const char *parse_family(const char *value, uint32_t *ret)
{
	const char *wrong = parse_number(value, ret);

	return !wrong && *ret >= AF_MAX ? "there is no such address family" : wrong;
}

static const char *parse_perm(const char *value, uint32_t *ret)
{
	uint32_t bits = 0;

	if (!*value || strlen(value) > ELEMENTS(perms))
		return "permissions are up to four of the letters r, w, x and a";
	for (; *value; value++) {
		uint32_t bit = 0;

		for (size_t i = 0; i < ELEMENTS(perms); i++)
			if (perms[i].letter == tolower((unsigned char)*value))
				bit = perms[i].bit;
		if (bit == 0)
			return "permissions are up to four of the letters r, w, x and a";
		bits |= bit;
	}
	*ret = bits;
	return NULL;
}

static const char *parse_arch(const char *value, uint32_t *ret)
{
	const char *wrong;

	if (!isdigit((unsigned char)value[0])) {
		int machine = audit_determine_machine(value);

		*ret = machine < 0 ? 0 : audit_machine_to_elf(machine);
		return *ret == 0 ? "this machine has no such architecture" : NULL;
	}
	wrong = parse_number(value, ret);
	return !wrong && audit_elf_to_machine(*ret) < 0 ? "libaudit knows no such architecture" :
							  wrong;
}

/*
 * The same back to text, as auditctl -l has it.
 */

static void format_number(FILE *out, uint32_t value)
{
	fprintf(out, "%u", value);
}

static void format_argument(FILE *out, uint32_t value)
{
	fprintf(out, "0x%X", value);
}

static void format_id(FILE *out, uint32_t value)
{
	if (value == UINT32_MAX)
		fputs("-1", out);
	else
		format_number(out, value);
}

static void format_exit(FILE *out, uint32_t value)
{
	int number = (int32_t)value;
	const char *name = number < 0 && number > INT_MIN ? audit_errno_to_name(-number) : NULL;

	if (name)
		fprintf(out, "-%s", name);
	else
		fprintf(out, "%d", number);
}

static void format_name(FILE *out, const char *name, uint32_t value)
{
	if (name)
		fputs(name, out);
	else
		format_number(out, value);
}

static void format_message_type(FILE *out, uint32_t value)
{
	format_name(out, audit_msg_type_to_name((int)value), value);
}

static void format_file_type(FILE *out, uint32_t value)
{
	format_name(out, audit_ftype_to_name((int)value), value);
}

static void format_file_system(FILE *out, uint32_t value)
{
	format_name(out, audit_fstype_to_name((int)value), value);
}

void rule_perm_format(FILE *out, uint32_t value)
{
	for (size_t i = 0; i < ELEMENTS(perms); i++)
		if (value & perms[i].bit)
			fputc(perms[i].letter, out);
}

static void format_arch(FILE *out, uint32_t value)
{
	static const char *const own[] = { "b64", "b32" };
	const char *name;
	int machine;

	for (size_t i = 0; i < ELEMENTS(own); i++) {
		uint32_t number;

		if (!parse_arch(own[i], &number) && number == value) {
			fputs(own[i], out);
			return;
		}
	}
	machine = audit_elf_to_machine(value);
	name = machine < 0 ? NULL : audit_machine_to_name(machine);
	if (name)
		fputs(name, out);
	else
		format_argument(out, value);
}

static const struct {
	const char *(*parse)(const char *value, uint32_t *ret);
	void (*format)(FILE *out, uint32_t value);
} kinds[] = {
	[NUMBER] = { parse_number, format_number },
	[ARGUMENT] = { parse_signed, format_argument },
	[USER] = { parse_user, format_id },
	[GROUP] = { parse_group, format_number },
	[SESSION] = { parse_session, format_id },
	[EXIT] = { parse_exit, format_exit },
	[MESSAGE_TYPE] = { parse_message_type, format_message_type },
	[FILE_TYPE] = { parse_file_type, format_file_type },
	[FILE_SYSTEM] = { parse_file_system, format_file_system },
	[FAMILY] = { parse_family, format_number },
	[PERM] = { parse_perm, rule_perm_format },
	[ARCH] = { parse_arch, format_arch },
};

/*
 * Adding to a rule
 */

static int add_number(struct audit_rule_data *data, uint32_t field, uint32_t operator,
	uint32_t value, struct rule_error *error)
{
	uint32_t i = data->field_count;

	if (i >= MAX_FIELDS)
		return rule_error_set(error, "more than %d fields in one rule", MAX_FIELDS);
	data->fields[i] = field;
	data->fieldflags[i] = operator;
	data->values[i] = value;
	data->field_count++;
	return 0;
}

static int add_string(struct audit_rule_data *data, uint32_t field, uint32_t operator,
	const char *text, struct rule_error *error)
{
	size_t len = strlen(text);
	int r = add_number(data, field, operator, (uint32_t)len, error);

	if (r < 0)
		return r;
	memcpy(data->buf + data->buflen, text, len);
	data->buflen += (uint32_t)len;
	return 0;
}

const char *rule_path_problem(const char *path)
{
	size_t len = strlen(path);

	if (path[0] != '/')
		return "a path must begin with '/'";
	if (len >= PATH_MAX)
		return "the path is longer than a path can be";
	/* auditctl only warns of these; the rule would wait for ever for a file that is so called. */
	if (strpbrk(path, "*?"))
		return "the kernel knows no wildcards; watch the directory";
	for (const char *part = path; *part; part += strcspn(part, "/")) {
		size_t part_len;

		part += strspn(part, "/");
		part_len = strcspn(part, "/");
		if (part_len > NAME_MAX)
			return "the path has a part that is longer than a name can be";
		if (part_len == 2 && strncmp(part, "..", 2) == 0)
			return "the path has '..' in it; write it without";
	}
	return NULL;
}

int rule_field_add_path(struct audit_rule_data *data, bool tree, const char *path,
	struct rule_error *error)
{
	return add_string(data, tree ? AUDIT_DIR : AUDIT_WATCH, AUDIT_EQUAL, path, error);
}

int rule_field_add_key(struct audit_rule_data *data, const char *key, struct rule_error *error)
{
	return add_string(data, AUDIT_FILTERKEY, AUDIT_EQUAL, key, error);
}

int rule_field_set_perm(struct audit_rule_data *data, int list, const char *letters,
	struct rule_error *error)
{
	int i = rule_field_find(data, AUDIT_PERM);
	const char *wrong;
	uint32_t value;

	if (!(find_field(AUDIT_PERM)->lists & ON(list)))
		return rule_error_set(error, "-p: the list has no permissions");
	wrong = parse_perm(letters, &value);
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
	uint32_t operator;
	enum operators least;
	const char *value;
};

static int split_pair(const char *text, struct pair *ret, struct rule_error *error)
{
	size_t len = strcspn(text, "!=<>&");

	for (size_t i = 0; i < ELEMENTS(operators); i++) {
		if (strncmp(text + len, operators[i].text, strlen(operators[i].text)) != 0)
			continue;
		ret->operator = operators[i].number;
		ret->least = operators[i].least;
		ret->value = text + len + strlen(operators[i].text);
		if (len == 0 || !*ret->value)
			return rule_error_set(error, "'%.64s': expected NAME%sVALUE", text,
				operators[i].text);
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

	if (field->kind < STRING)
		wrong = kinds[field->kind].parse(pair->value, &value);
	else if (field->kind != STRING)
		wrong = rule_path_problem(pair->value);
	if (!wrong && field->kind == PATH && pair->value[strlen(pair->value) - 1] == '/')
		wrong = "the path must not end in '/'";
	if (wrong)
		return rule_error_set(error, "'%.64s': %s", text, wrong);
	if (field->kind < STRING)
		return add_number(data, field->number, pair->operator, value, error);
	return add_string(data, field->number, pair->operator, pair->value, error);
}

int rule_field_parse(struct audit_rule_data *data, int list, const char *text,
	struct rule_error *error)
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
		return rule_error_set(error, "'%.64s': %s", text,
			taken_operators[field->operators]);
	wrong = conflict(data, field->number);
	if (wrong)
		return rule_error_set(error, "'%.64s': %s", text, wrong);
	return parse_value(data, field, &pair, text, error);
}

int rule_comparison_parse(struct audit_rule_data *data, int list, const char *text,
	struct rule_error *error)
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
			return add_number(data, AUDIT_FIELD_COMPARE, pair.operator,
				comparisons[i].value, error);
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

static void format_comparison(FILE *out, uint32_t value, const char *operator)
{
	for (size_t i = 0; i < ELEMENTS(comparisons); i++)
		if (comparisons[i].value == value) {
			fprintf(out, " -C %s%s%s", audit_field_to_name(comparisons[i].left),
				operator, audit_field_to_name(comparisons[i].right));
			return;
		}
	fprintf(out, " -C %u%s?", value, operator);
}

void rule_field_format(FILE *out, const struct audit_rule_data *data, uint32_t index,
	const char *string)
{
	const struct field *field = find_field(data->fields[index]);
	const char *operator = audit_operator_to_symbol((int)data->fieldflags[index]);
	const char *name = audit_field_to_name((int)data->fields[index]);
	uint32_t value = data->values[index];

	if (!operator)
		operator = "?";
	if (data->fields[index] == AUDIT_FIELD_COMPARE) {
		format_comparison(out, value, operator);
		return;
	}
	if (name)
		fprintf(out, " -F %s%s", name, operator);
	else
		fprintf(out, " -F f%u%s", data->fields[index], operator);
	if (string)
		rule_word_format(out, string, value);
	else if (field)
		kinds[field->kind].format(out, value);
	else
		format_number(out, value);
}
