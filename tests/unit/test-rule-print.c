/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is printed of a rule, and what the kernel tells of one, is the same rule. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>

#include "rule-fixture.h"

static void assert_formatted(const char *line, const char *expected)
{
	_cleanup_(rule_freep) struct rule *rule = parse(line);
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(rule_format(rule, &text), 0);
	assert_string_equal(text, expected);
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
