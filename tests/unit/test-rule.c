/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A line makes the rule that auditctl would have made of it. */

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

#include "rule-fixture.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
