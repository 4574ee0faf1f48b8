/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/rule-value.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <libaudit.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static const struct {
	char letter;
	uint32_t bit;
} perms[] = {
	{ 'r', AUDIT_PERM_READ },
	{ 'w', AUDIT_PERM_WRITE },
	{ 'x', AUDIT_PERM_EXEC },
	{ 'a', AUDIT_PERM_ATTR },
};

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
		return "there is no such file type (file, dir, socket, link, character, block, "
		       "fifo)";
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
	return !wrong && audit_elf_to_machine(*ret) < 0 ? "libaudit knows no such architecture"
							: wrong;
}

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

static void format_perm(FILE *out, uint32_t value)
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
	[VALUE_NUMBER] = { parse_number, format_number },
	[VALUE_ARGUMENT] = { parse_signed, format_argument },
	[VALUE_USER] = { parse_user, format_id },
	[VALUE_GROUP] = { parse_group, format_number },
	[VALUE_SESSION] = { parse_session, format_id },
	[VALUE_EXIT] = { parse_exit, format_exit },
	[VALUE_MESSAGE_TYPE] = { parse_message_type, format_message_type },
	[VALUE_FILE_TYPE] = { parse_file_type, format_file_type },
	[VALUE_FILE_SYSTEM] = { parse_file_system, format_file_system },
	[VALUE_FAMILY] = { parse_family, format_number },
	[VALUE_PERM] = { parse_perm, format_perm },
	[VALUE_ARCH] = { parse_arch, format_arch },
};

const char *rule_value_parse(enum rule_value kind, const char *text, uint32_t *ret)
{
	return kinds[kind].parse(text, ret);
}

const char *rule_path_problem(const char *path)
{
	size_t len = strlen(path);

	if (path[0] != '/')
		return "a path must begin with '/'";
	if (len >= PATH_MAX)
		return "the path is longer than a path can be";
	/*
	 * auditctl only warns of these; the rule would wait for ever for a file that is so called.
	 */
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

void rule_value_format(FILE *out, enum rule_value kind, uint32_t value)
{
	kinds[kind].format(out, value);
}
