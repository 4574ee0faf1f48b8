/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "watch/rule.h"

static struct rule *parse(const char *line)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r = rule_parse(line, "test.rules", 7, &rule, &error);

	if (r != 0)
		fail_msg("%s: %s", line, error.reason);
	assert_non_null(rule);
	assert_null(error.file);
	return rule;
}

static void assert_refused(const char *line, const char *why)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r = rule_parse(line, "test.rules", 7, &rule, &error);

	if (r != -EINVAL || !strstr(error.reason, why))
		fail_msg("%s: %d '%s', expected '%s'", line, r, error.reason, why);
	assert_null(rule);
	assert_string_equal(error.file, "test.rules");
	assert_int_equal(error.line, 7);
	assert_null(strchr(error.reason, '\n'));
	rule_error_done(&error);
}

static void assert_same_rule(const char *a, const char *b, bool same)
{
	_cleanup_(rule_freep) struct rule *x = parse(a);
	_cleanup_(rule_freep) struct rule *y = parse(b);

	if (rule_equal(x, y) != same)
		fail_msg("'%s' and '%s': same is %d", a, b, !same);
	assert_int_equal(rule_compare(x, y), -rule_compare(y, x));
}

static void assert_formatted(const char *line, const char *expected)
{
	_cleanup_(rule_freep) struct rule *rule = parse(line);
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(rule_format(rule, &text), 0);
	assert_string_equal(text, expected);
}

static void a_watch_of_a_file_is_a_path_rule_on_the_exit_list(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev/null -p wa -k identity");
	const struct audit_rule_data *data = rule->data;

	assert_int_equal(rule->list, AUDIT_FILTER_EXIT);
	assert_int_equal(rule->action, AUDIT_ALWAYS);
	assert_string_equal(rule->path, "/dev/null");
	assert_false(rule->tree);
	assert_true(rule->watch);
	assert_string_equal(rule->key, "identity");
	assert_string_equal(rule->text, "-w /dev/null -p wa -k identity");
	assert_string_equal(rule->file, "test.rules");
	assert_int_equal(rule->line, 7);

	assert_int_equal(data->field_count, 3);
	assert_int_equal(data->fields[0], AUDIT_WATCH);
	assert_int_equal(data->values[0], strlen("/dev/null"));
	assert_int_equal(data->fields[1], AUDIT_PERM);
	assert_int_equal(data->values[1], AUDIT_PERM_WRITE | AUDIT_PERM_ATTR);
	assert_int_equal(data->fields[2], AUDIT_FILTERKEY);
	assert_int_equal(data->fieldflags[2], AUDIT_EQUAL);
	assert_int_equal(data->buflen, strlen("/dev/nullidentity"));
	assert_memory_equal(data->buf, "/dev/nullidentity", data->buflen);
}

static void a_watch_of_a_directory_is_a_tree_rule(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev -p wa");

	assert_true(rule->tree);
	assert_true(rule->watch);
	assert_null(rule->key);
	assert_int_equal(rule->data->fields[0], AUDIT_DIR);
}

static void what_does_not_exist_is_taken_for_a_file(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /nonexistent/directory/file");

	assert_false(rule->tree);
	assert_int_equal(rule->data->fields[0], AUDIT_WATCH);
}

static void a_watch_without_permissions_has_all_of_them(void **state)
{
	assert_same_rule("-w /dev/null", "-w /dev/null -p rwxa", true);
	assert_same_rule("-w /dev/null -p r", "-w /dev/null -p w", false);
}

static void slashes_at_the_end_of_a_watch_are_dropped(void **state)
{
	_cleanup_(rule_freep) struct rule *root = parse("-w /");

	assert_same_rule("-w /dev/// -p wa", "-w /dev -p wa", true);
	assert_string_equal(root->path, "/");
	assert_true(root->tree);
}

static void the_slash_of_a_dir_field_is_the_kernels_but_not_of_the_path(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a always,exit -F dir=/dev/ -F perm=wa");

	assert_string_equal(rule->path, "/dev");
	assert_true(rule->tree);
	assert_false(rule->watch);
	assert_int_equal(rule->data->values[0], strlen("/dev/"));
}

static void a_watch_is_what_its_long_form_is(void **state)
{
	assert_same_rule("-w /dev/null -p wa -k x",
		"-a always,exit -F path=/dev/null -F perm=wa -F key=x", true);
	assert_same_rule("-w /dev -p wa -k x", "-a exit,always -F dir=/dev -F perm=aw -k x", true);
	assert_same_rule("-w /dev -p wa -k x", "-a never,exit -F dir=/dev -F perm=wa -k x", false);
	assert_same_rule("-w /dev -p wa -k x", "-w /dev -p wa -k y", false);
	assert_same_rule("-w /dev -p wa -k x", "-w /dev -p wa", false);
}

static void several_keys_become_one(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev/null -k one -F key=two");

	assert_string_equal(rule->key, "one,two");
	assert_memory_equal(rule->data->buf + rule->data->values[0], "one\001two", 7);
}

static void arguments_may_stick_to_their_options(void **state)
{
	assert_same_rule("-w/dev/null -pwa -kx", "-w /dev/null -p wa -k x", true);
}

static void blanks_and_tabs_separate(void **state)
{
	assert_same_rule("\t -w  /dev/null\t-p \twa  \t", "-w /dev/null -p wa", true);
}

static void a_carriage_return_at_the_end_is_dropped(void **state)
{
	assert_same_rule("-w /dev/null -k x\r", "-w /dev/null -k x", true);
}

static void escaped_blanks_and_backslashes_belong_to_the_word(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /a\\ b\\\\c\\d -k f\\ g");
	_cleanup_(rule_freep) struct rule *end = parse("-w /nonexistent\\ ");

	assert_string_equal(rule->path, "/a b\\c\\d");
	assert_string_equal(rule->key, "f g");
	assert_string_equal(end->path, "/nonexistent ");
}

static void quotation_marks_are_letters(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev/null -k \"x'");

	assert_string_equal(rule->key, "\"x'");
}

static void bytes_beyond_ascii_are_taken_as_they_are(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /\xff\xfe -k \xc3\xa4");

	assert_string_equal(rule->path, "/\xff\xfe");
	assert_string_equal(rule->key, "\xc3\xa4");
}

static void names_of_system_calls_depend_on_the_architecture(void **state)
{
	_cleanup_(rule_freep) struct rule *b64 = parse("-a always,exit -F arch=x86_64 -S close");
	_cleanup_(rule_freep) struct rule *b32 = parse("-a always,exit -F arch=i386 -S close");

	assert_int_equal(b64->data->mask[0], 1u << 3);
	assert_int_equal(b32->data->mask[0], 1u << 6);
	assert_int_equal(b64->data->values[0], AUDIT_ARCH_X86_64);
	assert_int_equal(b32->data->values[0], AUDIT_ARCH_I386);
}

static void an_architecture_does_not_outlive_its_line(void **state)
{
	_cleanup_(rule_freep) struct rule *before = parse("-a always,exit -S close");
	_cleanup_(rule_freep) struct rule *other = parse("-a always,exit -F arch=s390x -S close");
	_cleanup_(rule_freep) struct rule *after = parse("-a always,exit -S close");

	assert_true(rule_equal(before, after));
	assert_false(rule_equal(before, other));
}

static void system_calls_may_be_listed_repeated_and_numbered(void **state)
{
	assert_same_rule("-a always,exit -F arch=x86_64 -S read,write -S 2",
		"-a always,exit -F arch=c000003e -S open -S write -S read", true);
	assert_same_rule("-a always,exit -S all", "-a always,exit", true);
}

static void the_mask_of_all_system_calls_is_what_the_kernel_gives_back(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a always,exit -F pid=1");

	for (size_t i = 0; i + 1 < AUDIT_BITMASK_SIZE; i++)
		assert_int_equal(rule->data->mask[i], UINT32_MAX);
	/* The last 16 bits are classes of system calls, which it resolves. */
	assert_int_equal(rule->data->mask[AUDIT_BITMASK_SIZE - 1], 0xffff);
}

static void a_task_rule_has_no_system_calls(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a never,task");

	assert_int_equal(rule->list, AUDIT_FILTER_TASK);
	assert_int_equal(rule->action, AUDIT_NEVER);
	for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++)
		assert_int_equal(rule->data->mask[i], 0);
}

static void prepending_is_a_matter_of_place_not_of_identity(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-A always,exit -F pid=1");

	assert_int_equal(rule->list, AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND);
	assert_int_equal(rule->data->flags, AUDIT_FILTER_EXIT);
	assert_same_rule("-A always,exit -F pid=1", "-a always,exit -F pid=1", true);
}

/* field=value, and what the kernel gets for it */
static void values_are_understood(void **state)
{
	// clang-format off
	static const struct {
		const char *text;
		uint32_t operator, value;
	} cases[] = {
		{ "pid=5",		AUDIT_EQUAL,			5 },
		{ "pid!=0x10",		AUDIT_NOT_EQUAL,		16 },
		{ "auid>=1000",		AUDIT_GREATER_THAN_OR_EQUAL,	1000 },
		{ "auid<=1000",		AUDIT_LESS_THAN_OR_EQUAL,	1000 },
		{ "auid>1000",		AUDIT_GREATER_THAN,		1000 },
		{ "auid<1000",		AUDIT_LESS_THAN,		1000 },
		{ "auid!=unset",	AUDIT_NOT_EQUAL,		UINT32_MAX },
		{ "auid!=-1",		AUDIT_NOT_EQUAL,		UINT32_MAX },
		{ "auid!=4294967295",	AUDIT_NOT_EQUAL,		UINT32_MAX },
		{ "loginuid=0",		AUDIT_EQUAL,			0 },
		{ "uid=root",		AUDIT_EQUAL,			0 },
		{ "gid=root",		AUDIT_EQUAL,			0 },
		{ "egid=12",		AUDIT_EQUAL,			12 },
		{ "sessionid=unset",	AUDIT_EQUAL,			UINT32_MAX },
		{ "exit=-EPERM",	AUDIT_EQUAL,			(uint32_t)-EPERM },
		{ "exit=-13",		AUDIT_EQUAL,			(uint32_t)-13 },
		{ "exit>=3",		AUDIT_GREATER_THAN_OR_EQUAL,	3 },
		{ "success=0",		AUDIT_EQUAL,			0 },
		{ "a0=-1",		AUDIT_EQUAL,			UINT32_MAX },
		{ "a2&0x200",		AUDIT_BIT_MASK,			0x200 },
		{ "a3&=0x40",		AUDIT_BIT_TEST,			0x40 },
		{ "filetype=block",	AUDIT_EQUAL,			S_IFBLK },
		{ "perm=rx",		AUDIT_EQUAL,			AUDIT_PERM_READ | AUDIT_PERM_EXEC },
		{ "inode=4294967295",	AUDIT_EQUAL,			UINT32_MAX },
		{ "devmajor=8",		AUDIT_EQUAL,			8 },
		{ "saddr_fam=1",	AUDIT_EQUAL,			1 },
		{ "ppid=1",		AUDIT_EQUAL,			1 },
		{ "obj_uid=0",		AUDIT_EQUAL,			0 },
	};
	// clang-format on

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(rule_freep) struct rule *rule = NULL;
		char line[128];

		snprintf(line, sizeof(line), "-a always,exit -F %s", cases[i].text);
		rule = parse(line);
		assert_int_equal(rule->data->field_count, 1);
		assert_int_equal(rule->data->fieldflags[0], cases[i].operator);
		assert_int_equal(rule->data->values[0], cases[i].value);
	}
}

static void the_value_of_a_path_may_have_an_operator_in_it(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a always,exit -F path=/a!=b&c");

	assert_string_equal(rule->path, "/a!=b&c");
}

static void every_list_is_known(void **state)
{
	// clang-format off
	static const struct {
		const char *line;
		int list;
	} cases[] = {
		{ "-a always,user -F msgtype=1100",		AUDIT_FILTER_USER },
		{ "-a never,exclude -F msgtype=CWD",		AUDIT_FILTER_EXCLUDE },
		{ "-a never,filesystem -F fstype=tracefs",	AUDIT_FILTER_FS },
		{ "-a always,io_uring -S 18,28 -F dir=/dev",	7 },
	};
	// clang-format on

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(rule_freep) struct rule *rule = parse(cases[i].line);

		assert_int_equal(rule->list, cases[i].list);
	}
}

static void fields_can_be_compared_in_either_order(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a always,exit -C auid!=obj_uid");

	assert_int_equal(rule->data->fields[0], AUDIT_FIELD_COMPARE);
	assert_int_equal(rule->data->fieldflags[0], AUDIT_NOT_EQUAL);
	assert_int_equal(rule->data->values[0], AUDIT_COMPARE_AUID_TO_OBJ_UID);
	assert_same_rule("-a always,exit -C uid=euid", "-a always,exit -C euid=uid", true);
}

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

static void bad_lines_are_refused_with_a_reason(void **state)
{
	// clang-format off
	static const struct {
		const char *line, *why;
	} cases[] = {
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

	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_refused(cases[i].line, cases[i].why);
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

static void a_rule_is_printed_as_auditctl_would(void **state)
{
	assert_formatted("-w /dev/null", "-w /dev/null -p rwxa");
	assert_formatted("-k x -w /dev/ -p aw", "-w /dev -p wa -k x");
	assert_formatted("-w /dev/null -k a -k b", "-w /dev/null -p rwxa -k a -k b");
	assert_formatted("-a exit,always -S connect -F path=/dev/null -k x",
		"-a always,exit -S connect -F path=/dev/null -F key=x");
	assert_formatted(
		"-A always,exit -F arch=b64 -S close -S close -F auid>=1000 -F auid!=unset "
		"-F exit=-EPERM -F a1&0x3 -C uid!=euid -k x",
		"-A always,exit -F arch=b64 -S close -F auid>=1000 -F auid!=-1 -F exit=-EPERM "
		"-F a1&0x3 -C uid!=euid -F key=x");
	assert_formatted("-a always,exit -F pid=1", "-a always,exit -S all -F pid=1");
	assert_formatted("-a never,task", "-a never,task");
	assert_formatted("-a always,exclude -F msgtype=1307", "-a always,exclude -F msgtype=CWD");
	assert_formatted(
		"-a never,filesystem -F fstype=tracefs", "-a never,filesystem -F fstype=tracefs");
}

static void a_path_rule_on_a_directory_is_not_printed_as_a_watch(void **state)
{
	assert_formatted("-a always,exit -F path=/dev -F perm=wa",
		"-a always,exit -S all -F path=/dev -F perm=wa");
	assert_formatted("-a always,exit -F dir=/dev/ -F perm=wa",
		"-a always,exit -S all -F dir=/dev/ -F perm=wa");
	assert_formatted("-a never,exit -F path=/dev/null -F perm=wa",
		"-a never,exit -S all -F path=/dev/null -F perm=wa");
}

static void what_was_printed_makes_the_same_rule(void **state)
{
	static const char *const lines[] = {
		"-w /dev/null -p wa -k x",
		"-w /dev -p r",
		"-w / -k x -k y",
		"-w /nonexistent/a\\ b\\\\c -k d\\ e\\\\",
		"-w /dev/null -F auid>=1000",
		"-a always,exit -F path=/dev -F perm=wa -k x",
		"-a always,exit -F dir=/nonexistent -F perm=wa -k x",
		"-a always,exit -F perm=wa -F path=/dev/null -k x",
		"-a always,exit -F arch=b64 -S connect -F path=/run/x.sock -k engine-socket",
		"-a always,exit -F arch=i386 -S connect,socketcall -F path=/run/x.sock -k x",
		"-a always,exit -F arch=s390x -S open -k x",
		"-a always,exit -F arch!=b64 -S 5 -k x",
		"-a always,exit -S 450,451,2031 -k x",
		"-A never,exit -F exe!=/bin/sh -F subj_type=a_t -F obj_lev_low>=s0 -k x",
		"-a always,exit -F exit=-4095 -F exit>5 -F a0=-1 -F a3&=7 -F success!=0",
		"-a always,exit -F filetype=fifo -F inode!=7 -F devmajor=1 -F devminor&3 -F pers=0",
		"-a always,exit -F uid=4294967294 -F gid=0 -F sessionid!=unset -F saddr_fam=1",
		"-a never,user -F msgtype>=1100 -F msgtype=USER_LOGIN",
		"-a never,exclude -F msgtype=9999 -F auid=unset",
		"-a never,filesystem -F fstype!=0x1234 -k x",
		"-a always,io_uring -S 18,28 -F dir=/dev -k x",
		"-a always,exit -C auid!=obj_uid -C egid=fsgid -F arch=b64",
		"-a never,task -F uid=0",
	};

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		_cleanup_(rule_freep) struct rule *rule = parse(lines[i]), *again = NULL;
		_cleanup_(freep) char *text = NULL;

		assert_int_equal(rule_format(rule, &text), 0);
		again = parse(text);
		if (!rule_equal(rule, again))
			fail_msg("'%s' was printed as '%s'", lines[i], text);
		assert_int_equal(rule->list, again->list);
	}
}

static void what_the_kernel_tells_is_read_back(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev -p wa -k a -k b"), *told = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t len = sizeof(*rule->data) + rule->data->buflen;

	assert_int_equal(rule_from_kernel(rule->data, len, &told), 0);
	assert_true(rule_equal(rule, told));
	assert_string_equal(told->path, "/dev");
	assert_string_equal(told->key, "a,b");
	assert_true(told->tree);
	assert_null(told->file);
	assert_null(told->text);
	assert_int_equal(rule_format(told, &text), 0);
	assert_string_equal(text, "-w /dev -p wa -k a -k b");
}

static void what_contradicts_itself_is_no_rule_of_the_kernel(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-w /dev -p wa -k x");
	struct audit_rule_data *data = rule->data;
	size_t len = sizeof(*data) + data->buflen;
	struct rule *told = NULL;

	assert_int_equal(rule_from_kernel(data, len - 1, &told), -EBADMSG);
	assert_int_equal(rule_from_kernel(data, sizeof(*data) - 1, &told), -EBADMSG);
	data->values[0] += 1;
	assert_int_equal(rule_from_kernel(data, len, &told), -EBADMSG);
	data->values[0] = UINT32_MAX;
	assert_int_equal(rule_from_kernel(data, len, &told), -EBADMSG);
	data->values[0] = 4;
	data->field_count = AUDIT_MAX_FIELDS + 1;
	assert_int_equal(rule_from_kernel(data, len, &told), -EBADMSG);
	data->field_count = 3;
	data->buflen = UINT32_MAX;
	assert_int_equal(rule_from_kernel(data, len, &told), -EBADMSG);
	assert_null(told);
	data->buflen = (uint32_t)(len - sizeof(*data));
}

static void a_field_that_nobody_knows_is_printed_by_number(void **state)
{
	_cleanup_(rule_freep) struct rule *rule = parse("-a always,exit -F pid=5");
	_cleanup_(freep) char *text = NULL;

	rule->data->fields[0] = 199;
	assert_int_equal(rule_format(rule, &text), 0);
	assert_string_equal(text, "-a always,exit -S all -F f199=5");
}

static void an_index_finds_what_is_equal(void **state)
{
	struct rule_set *set = calloc(1, sizeof(*set));
	_cleanup_(rule_freep) struct rule *there = parse("-w /dev/zero -p wa -k 57"),
					  *missing = parse("-w /dev/zero");
	struct rule_index index;
	size_t position = 4711;

	for (int i = 0; i < 200; i++) {
		char line[64];

		snprintf(line, sizeof(line), "-w /dev/zero -p wa -k %d", i);
		assert_int_equal(rule_set_add(set, parse(line)), 0);
	}
	assert_int_equal(rule_index_init(&index, set), 0);
	assert_true(rule_index_find(&index, there, &position));
	assert_int_equal(position, 57);
	assert_true(rule_index_find(&index, there, NULL));
	assert_false(rule_index_find(&index, missing, &position));
	assert_int_equal(position, 57);
	rule_index_done(&index);
	rule_set_free(set);

	assert_int_equal(rule_index_init(&index, NULL), 0);
	assert_false(rule_index_find(&index, there, &position));
	rule_index_done(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watch_of_a_file_is_a_path_rule_on_the_exit_list),
		cmocka_unit_test(a_watch_of_a_directory_is_a_tree_rule),
		cmocka_unit_test(what_does_not_exist_is_taken_for_a_file),
		cmocka_unit_test(a_watch_without_permissions_has_all_of_them),
		cmocka_unit_test(slashes_at_the_end_of_a_watch_are_dropped),
		cmocka_unit_test(the_slash_of_a_dir_field_is_the_kernels_but_not_of_the_path),
		cmocka_unit_test(a_watch_is_what_its_long_form_is),
		cmocka_unit_test(several_keys_become_one),
		cmocka_unit_test(arguments_may_stick_to_their_options),
		cmocka_unit_test(blanks_and_tabs_separate),
		cmocka_unit_test(a_carriage_return_at_the_end_is_dropped),
		cmocka_unit_test(escaped_blanks_and_backslashes_belong_to_the_word),
		cmocka_unit_test(quotation_marks_are_letters),
		cmocka_unit_test(bytes_beyond_ascii_are_taken_as_they_are),
		cmocka_unit_test(names_of_system_calls_depend_on_the_architecture),
		cmocka_unit_test(an_architecture_does_not_outlive_its_line),
		cmocka_unit_test(system_calls_may_be_listed_repeated_and_numbered),
		cmocka_unit_test(the_mask_of_all_system_calls_is_what_the_kernel_gives_back),
		cmocka_unit_test(a_task_rule_has_no_system_calls),
		cmocka_unit_test(prepending_is_a_matter_of_place_not_of_identity),
		cmocka_unit_test(values_are_understood),
		cmocka_unit_test(the_value_of_a_path_may_have_an_operator_in_it),
		cmocka_unit_test(every_list_is_known),
		cmocka_unit_test(fields_can_be_compared_in_either_order),
		cmocka_unit_test(comments_and_blank_lines_make_no_rule),
		cmocka_unit_test(lines_for_the_audit_daemon_are_left_to_it),
		cmocka_unit_test(bad_lines_are_refused_with_a_reason),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(a_rule_has_a_limited_number_of_fields),
		cmocka_unit_test(a_rule_is_printed_as_auditctl_would),
		cmocka_unit_test(a_path_rule_on_a_directory_is_not_printed_as_a_watch),
		cmocka_unit_test(what_was_printed_makes_the_same_rule),
		cmocka_unit_test(what_the_kernel_tells_is_read_back),
		cmocka_unit_test(what_contradicts_itself_is_no_rule_of_the_kernel),
		cmocka_unit_test(a_field_that_nobody_knows_is_printed_by_number),
		cmocka_unit_test(an_index_finds_what_is_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
