/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is no rule: remarks, what is the audit daemon's, and bad lines with the reason why. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "rule-fixture.h"

static void comments_and_blank_lines_make_no_rule(void **state)
{
	static const char *const lines[] = { "", " ", "\t", "\r", "# -w /dev/null", "  #",
		"\t# x\r" };

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		struct rule_error error = { 0 };
		struct rule *rule = (struct rule *)state;

		assert_int_equal(rule_parse(lines[i], "f", 1, &rule, &error), 0);
		assert_null(rule);
	}
}

static void lines_for_the_audit_daemon_are_left_to_it(void **state)
{
	static const char *const lines[] = { "-D", "-D -k x", "-b 8192", "-b8192", "-f 1", "-r 100",
		"-e 2", "-i", "-c", "-b 64 -f 2", "--backlog_wait_time 60000",
		"--backlog_wait_time=60000", "--loginuid-immutable", "--reset-lost",
		"--reset_backlog_wait_time_actual" };

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		struct rule_error error = { 0 };
		struct rule *rule = (struct rule *)state;

		assert_int_equal(rule_parse(lines[i], "f", 1, &rule, &error), 1);
		assert_null(rule);
	}
}

// clang-format off
static const struct {
	const char *line, *why;
} bad_lines[] = {
	{ "-w",						"-w needs an argument" },
	{ "-w etc/passwd",				"must begin with '/'" },
	{ "-w /etc/*.conf",				"no wildcards" },
	{ "-w /etc/../passwd",				"'..'" },
	{ "-w /a -w /b",				"only one" },
	{ "-w /a -a always,exit",			"only one" },
	{ "-a always,exit -w /a",			"only one" },
	{ "-w /a -S close",				"does not go with -w" },
	{ "-w /a b",					"'b' stands there" },
	{ "-w /a # why",				"a line of its own" },
	{ "-w /a \\",					"cannot be continued" },
	{ "-w /a -k x\\\\\\",				"cannot be continued" },
	{ "-w /a -p",					"-p needs an argument" },
	{ "-w /a -p q",					"letters r, w, x and a" },
	{ "-w /a -p rwxar",				"letters r, w, x and a" },
	{ "-w /a -k x\001y",				"control character (0x01)" },
	{ "-w /a\033[2J",				"control character (0x1b)" },
	{ "-w /a -k x\x7f",				"control character (0x7f)" },
	{ "-w /a\r -k x",				"control character (0x0d)" },
	{ "-p wa",					"-p needs a -w" },
	{ "-a always,io_uring -p wa",			"the list has no permissions" },
	{ "-k x",					"no -w or -a" },
	{ "-S close",					"no -w or -a" },
	{ "-F pid=1",					"-F needs an -a" },
	{ "-C uid=euid",				"-C needs an -a" },
	{ "-W /a",					"only add" },
	{ "-d always,exit",				"only add" },
	{ "-q /a,/b",					"'-q' is no option" },
	{ "-R /a",					"'-R' is no option" },
	{ "-m x",					"'-m' is no option" },
	{ "-l",						"'-l' is no option" },
	{ "--frob",					"'--frob' is no option" },
	{ "--backlog_wait_timex 5",			"is no option" },
	{ "--",						"'--' is no option" },
	{ "-",						"'-' is no option" },
	{ "-Dk",					"-D takes no argument" },
	{ "-b many",					"a number of records" },
	{ "-b",						"-b needs an argument" },
	{ "-w /a -D",					"in one line" },
	{ "-a always",					"a list and an action" },
	{ "-a exit",					"a list and an action" },
	{ "-a exit,task",				"one list and one action" },
	{ "-a always,exit,never",			"one list and one action" },
	{ "-a always,entry",				"'entry' is no list" },
	{ "-a possible,exit",				"'possible' is no list" },
	{ "-a always,exit -a always,exit",		"only one" },
	{ "-a always,exit -S nosuchcall",		"no such system call" },
	{ "-a always,exit -S 2032",			"no such system call" },
	{ "-a always,exit -S 3x",			"no such system call" },
	{ "-a always,exit -S close -F arch=b64",		"must stand before -S" },
	{ "-a always,task -S close",			"only goes with the exit list" },
	{ "-a always,exclude -S close",			"only goes with the exit list" },
	{ "-a always,io_uring -S openat",		"takes numbers" },
	{ "-a always,exit -F frob=1",			"no such field" },
	{ "-a always,exit -F averyveryverylongnamefora=1", "no such field" },
	{ "-a always,exit -F field_compare=1",		"no such field" },
	{ "-a always,exit -F pid",			"expected NAME=VALUE" },
	{ "-a always,exit -F pid!5",			"expected NAME=VALUE" },
	{ "-a always,exit -F pid=",			"expected NAME=VALUE" },
	{ "-a always,exit -F =5",			"expected NAME=VALUE" },
	{ "-a always,exit -F pid=x",			"needs a number" },
	{ "-a always,exit -F pid=5x",			"needs a number" },
	{ "-a always,exit -F pid=-5",			"needs a number" },
	{ "-a always,exit -F inode=4294967296",		"beyond 32 bits" },
	{ "-a always,exit -F a0=-2147483649",		"beyond 32 bits" },
	{ "-a always,exit -F pid=99999999999999999999",	"beyond 32 bits" },
	{ "-a always,exit -F pid&1",			"'&' and '&='" },
	{ "-a always,exit -F path!=/a",			"only '='" },
	{ "-a always,exit -F exe>/a",			"only '=' and '!='" },
	{ "-a always,exit -F auid=no-such-user",	"no such user" },
	{ "-a always,exit -F auid=12x",			"neither a user's number" },
	{ "-a always,exit -F gid=no-such-group",	"no such group" },
	{ "-a always,exit -F exit=EFROB",		"no such error" },
	{ "-a always,exclude -F msgtype=FROB",		"no such record type" },
	{ "-a always,exit -F msgtype=CWD",		"does not go with this list" },
	{ "-a always,exit -F filetype=frob",		"no such file type" },
	{ "-a always,exit -F fstype=tracefs",		"does not go with this list" },
	{ "-a never,filesystem -F fstype=frob",		"no such file system" },
	{ "-a never,filesystem -F pid=1",		"does not go with this list" },
	{ "-a always,exclude -F path=/a",		"does not go with this list" },
	{ "-a always,io_uring -F perm=wa",		"does not go with this list" },
	{ "-a always,exit -F saddr_fam=4711",		"no such address family" },
	{ "-a always,exit -F arch=frob",		"no such architecture" },
	{ "-a always,exit -F arch=1",			"no such architecture" },
	{ "-a always,exit -F perm=q",			"letters r, w, x and a" },
	{ "-a always,exit -F path=a",			"must begin with '/'" },
	{ "-a always,exit -F path=/a/",			"must not end in '/'" },
	{ "-a always,exit -F exe=/a/",			"must not end in '/'" },
	{ "-a always,exit -F dir=/a/..",		"'..'" },
	{ "-a always,exit -F path=/a -F dir=/b",	"only one of path, dir and inode" },
	{ "-a always,exit -F path=/a -F inode=5",	"only one of path, dir and inode" },
	{ "-a always,exit -F exe=/a -F exe=/b",		"only one exe" },
	{ "-a always,exit -F arch=b64 -F arch=b64",	"only one arch" },
	{ "-a always,exit -C uid=pid",			"cannot compare" },
	{ "-a always,exit -C uid=frob",			"no such field" },
	{ "-a always,exit -C uid>euid",			"only '=' and '!='" },
	{ "-a always,exit -C uid",			"expected NAME=VALUE" },
	{ "-a always,task -C uid=euid",			"only goes with the exit list" },
	{ "-a always,exit -F auid=0 -k x",		"a key needs" },
	{ "-a always,exit -S close -F key=",		"the key is empty" },
};
// clang-format on

static void bad_lines_are_refused_with_a_reason(void **state)
{
	for (size_t i = 0; i < ELEMENTS(bad_lines); i++)
		assert_refused(bad_lines[i].line, bad_lines[i].why);
}

/* A line of head and n times the letter. */
static void repeat(char *line, const char *head, char letter, size_t n)
{
	size_t len = strlen(head);

	memcpy(line, head, len);
	memset(line + len, letter, n);
	line[len + n] = '\0';
}

static void what_is_too_long_is_refused(void **state)
{
	static char line[2 * RULE_LINE_LEN_MAX];

	repeat(line, "-w /", 'a', 255);
	rule_free(parse(line));
	repeat(line, "-w /", 'a', 256);
	assert_refused(line, "longer than a name");
	for (size_t i = 0; i < 4096; i++)
		strcpy(line + 3 + 2 * i, "/a");
	line[3 + 4096] = '\0';
	assert_refused(line, "longer than a path");

	repeat(line, "-w /dev/null -k ", 'k', AUDIT_MAX_KEY_LEN);
	rule_free(parse(line));
	strcat(line, " -k x");
	assert_refused(line, "longer than 256 bytes");
	repeat(line, "-w /dev/null -k ", 'k', AUDIT_MAX_KEY_LEN + 1);
	assert_refused(line, "longer than 256 bytes");

	repeat(line, "-w /dev/null", ' ', RULE_LINE_LEN_MAX);
	rule_free(parse(line));
	repeat(line, "-w /dev/null -k ", 'k', RULE_LINE_LEN_MAX);
	assert_refused(line, "the line is longer than");
}

static void a_rule_has_a_limited_number_of_fields(void **state)
{
	char line[2048] = "-a always,exit";

	for (size_t i = 0; i < AUDIT_MAX_FIELDS - 1; i++)
		strcat(line, " -F pid!=1");
	rule_free(parse(line));
	strcat(line, " -F pid!=1");
	assert_refused(line, "more than 63 fields");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_and_blank_lines_make_no_rule),
		cmocka_unit_test(lines_for_the_audit_daemon_are_left_to_it),
		cmocka_unit_test(bad_lines_are_refused_with_a_reason),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(a_rule_has_a_limited_number_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
