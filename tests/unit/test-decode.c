/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An event has what its records say, and nothing that they do not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "decode-scene.h"

static void an_event_has_all_that_its_records_say(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed_write(watcher);
	event = only_event(watcher);
	assert_int_equal(event->time_msec, INT64_C(1795470104013));
	assert_int_equal(event->serial, 43);
	assert_null(event->node);
	assert_true(event->has_syscall && event->success);
	assert_int_equal(event->arch, 0xc000003e);
	assert_int_equal(event->syscall_number, 257);
	assert_string_equal(event->syscall, "openat");
	assert_int_equal(event->exit, 3);
	assert_int_equal(event->arguments[0], 0xffffff9c);
	assert_int_equal(event->arguments[2], 0x441);
	assert_int_equal(event->arguments[3], 0x1b6);
	assert_int_equal(event->pid, 6743);
	assert_int_equal(event->ppid, 6723);
	assert_int_equal(event->uid, 0);
	assert_int_equal(event->auid, AUID_UNSET);
	assert_int_equal(event->session, SESSION_UNSET);
	assert_string_equal(event->comm, "sh");
	assert_string_equal(event->exe, "/bin/busybox");
	assert_string_equal(event->key, "identity");
	assert_string_equal(event->cwd, "/");
	assert_int_equal(event->n_paths, 2);
	assert_int_equal(event->paths[0].type, PATH_TYPE_PARENT);
	assert_string_equal(event->paths[1].name, "/host/etc/passwd");
	assert_int_equal(event->paths[1].inode, 1180023);
	assert_int_equal(event->paths[1].dev_major, 0xfe);
	assert_int_equal(event->paths[1].dev_minor, 1);
	assert_int_equal(event->paths[1].mode, 0100644);
	assert_int_equal(event->paths[1].type, PATH_TYPE_NORMAL);
	assert_int_equal(event->argv.len, 21);
	assert_memory_equal(event->argv.bytes, "sh\0-c\0echo x >> /host", 21);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
	assert_int_equal(decoder_counts(watcher->decoder)->records, 5);
}

static void names_of_an_enriched_log_are_taken_from_it(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed(watcher, "type=SYSCALL " AUDIT("43") "arch=c000003e syscall=257 success=yes exit=3 "
						  "a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 "
						  "auid=3267 uid=0 ses=1 comm=\"sh\" "
						  "exe=\"/bin/sh\" key=\"k\"\035ARCH=x86_64 "
						  "SYSCALL=openat AUID=\"dwalsh\" "
						  "UID=\"toor\"");
	feed(watcher, "type=CWD " AUDIT("43") "cwd=\"/\"\035");
	event = only_event(watcher);
	assert_string_equal(event->login, "dwalsh");
	assert_string_equal(event->user, "toor");
	assert_int_equal(event->auid, 3267);
	assert_string_equal(event->key, "k");
	assert_string_equal(event->cwd, "/");
}

static void an_unset_loginuid_has_no_name(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43") "\035AUID=\"unset\" UID=\"unknown(0)\"");
	assert_null(only_event(watcher)->login);
	assert_null(only_event(watcher)->user);
}

static void names_of_a_raw_log_are_not_made_up_from_this_hosts_users(void **state)
{
	struct watcher *watcher = *state;

	feed_write(watcher);
	assert_null(only_event(watcher)->user);
	assert_null(only_event(watcher)->login);
}

static void the_node_is_told(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "node=web1 " WRITE_SYSCALL("43"));
	feed(watcher, "node=web2 " WRITE_SYSCALL("43"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 2);
	assert_string_equal(watcher->seen[0].event.node, "web1");
	assert_string_equal(watcher->seen[1].event.node, "web2");
}

static void a_32_bit_call_has_the_name_of_its_own_table(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher,
		"type=SYSCALL " AUDIT(
			"43") "arch=40000003 syscall=5 success=no exit=-13 "
			      "a0=1 a1=8441 a2=1b6 a3=0 items=0 ppid=1 pid=2 auid=0 uid=0 ses=1 "
			      "comm=\"sh\" exe=\"/bin/sh\" key=(null)");
	assert_string_equal(only_event(watcher)->syscall, "open");
	assert_int_equal(only_event(watcher)->exit, -13);
	assert_false(only_event(watcher)->success);
	assert_null(only_event(watcher)->key);
}

static void calls_newer_than_libaudit_have_names(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=SYSCALL " AUDIT("43") "arch=c000003e syscall=452 success=yes exit=0");
	feed(watcher, "type=SYSCALL " AUDIT("44") "arch=c000003e syscall=437 success=yes exit=0");
	feed(watcher, "type=OPENAT2 " AUDIT("44") "oflag=01001 mode=00 resolve=0x0");
	feed(watcher, "type=SYSCALL " AUDIT("45") "arch=c000003e syscall=9999 success=yes exit=0");
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 3);
	assert_string_equal(watcher->seen[0].event.syscall, "fchmodat2");
	assert_string_equal(watcher->seen[1].event.syscall, "openat2");
	assert_true(watcher->seen[1].event.has_open_flags);
	assert_int_equal(watcher->seen[1].event.open_flags, 01001);
	assert_null(watcher->seen[2].event.syscall);
}

static void names_are_the_bytes_that_the_process_chose(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, "type=CWD " AUDIT("43") "cwd=2F746D702F612062");
	feed(watcher, "type=PATH " AUDIT("43") "item=0 name=2FFFFE1B5B33316D0A22 inode=5 "
					       "dev=00:2f nametype=CREATE");
	feed(watcher, "type=PATH " AUDIT("43") "item=1 name=(null) inode=6 dev=00:2f "
					       "nametype=NORMAL");
	feed(watcher, "type=PATH " AUDIT("43") "item=2 name=\"x\" nametype=UNKNOWN");
	event = only_event(watcher);
	assert_string_equal(event->cwd, "/tmp/a b");
	assert_string_equal(event->paths[0].name, "/\xff\xfe\x1b[31m\n\"");
	assert_null(event->paths[1].name);
	assert_true(event->paths[1].has_inode);
	assert_false(event->paths[2].has_inode);
	assert_int_equal(event->paths[2].type, PATH_TYPE_UNKNOWN);
}

static void arguments_in_pieces_are_put_together(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, "type=EXECVE " AUDIT("43") "argc=3 a0=\"sh\" a1_len=8 a1[0]=6162");
	feed(watcher, "type=EXECVE " AUDIT("43") " a1[1]=6364 a2=\"end\"");
	feed(watcher, "type=PROCTITLE " AUDIT("43") "proctitle=\"cut\"");
	event = only_event(watcher);
	assert_int_equal(event->argv.len, 12);
	assert_memory_equal(event->argv.bytes, "sh\0abcd\0end\0", 12);
	assert_true(event->argv.complete);
}

static void arguments_of_which_some_are_lost_are_not_complete(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=EXECVE " AUDIT("43") "argc=3 a0=\"sh\" a1=\"-c\"");
	assert_int_equal(only_event(watcher)->argv.len, 6);
	assert_false(only_event(watcher)->argv.complete);
}

static void all_keys_of_a_rule_are_told(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=SYSCALL " AUDIT("43") "arch=c000003e syscall=2 key=6F6E650174776F2062");
	assert_string_equal(only_event(watcher)->key, "one,two b");
}

static void arguments_of_an_execve_win_over_a_proctitle_before_them(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	/* The EOE is late, as where a remote log server mixes what it gets. */
	feed(watcher, "type=EXECVE " AUDIT("43") "argc=1 a0=\"sh\"");
	feed(watcher, "type=PROCTITLE " AUDIT("43") "proctitle=\"cut\"");
	event = only_event(watcher);
	assert_int_equal(event->argv.len, 3);
	assert_memory_equal(event->argv.bytes, "sh", 3);
}

static void a_connect_has_a_socket(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, "type=SOCKADDR " AUDIT("43") "saddr=01002F72756E2F646F636B65722E736F636B00");
	assert_string_equal(only_event(watcher)->socket_path, "/run/docker.sock");
}

static void a_moved_watch_is_told(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=CONFIG_CHANGE " AUDIT("43") "auid=0 ses=1 op=updated_rules "
							"path=\"/etc/passwd\" key=\"identity\" "
							"list=4 res=1");
	assert_string_equal(only_event(watcher)->config_op, "updated_rules");
	assert_string_equal(only_event(watcher)->config_path, "/etc/passwd");
	assert_false(only_event(watcher)->has_syscall);
}

static void records_of_the_kernel_make_the_same_event(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed_kernel(watcher, SYSCALL, strchr(WRITE_SYSCALL("43"), '=') + sizeof("SYSCALL msg="));
	feed_kernel(watcher, CWD, "audit(1795470104.013:43): cwd=\"/\"\n");
	feed_kernel(watcher, PATH, strstr(WRITE_PATH("43"), "audit("));
	feed_kernel(watcher, PROCTITLE, "audit(1795470104.013:43): proctitle=\"sh\"");
	feed_kernel(watcher, EOE, "audit(1795470104.013:43): ");
	event = only_event(watcher);
	assert_int_equal(event->serial, 43);
	assert_string_equal(event->syscall, "openat");
	assert_string_equal(event->cwd, "/");
	assert_string_equal(event->paths[0].name, "/host/etc/passwd");
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
}

/* What docker-1.13 of RHEL 7 writes; the fields come in any order. */
#define ENGINE_HEAD "pid=1182 uid=0 auid=4294967295 ses=4294967295 subj=a:b:c:s0 msg='"
#define ENGINE_TAIL " exe=\"/usr/bin/dockerd-current\" hostname=? addr=? terminal=? res=success'"

static void a_word_of_dockerd_has_its_sender_and_whom_it_names(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed(watcher, "type=VIRT_CONTROL " AUDIT("470") ENGINE_HEAD
		"reason=api vm-pid=10657 hostname=1235c5a6476b op=exec vm=centos:7 user=origin "
		"auid=1000 exe=sleep " ENGINE_TAIL);
	event = only_event(watcher);
	assert_int_equal(event->pid, 1182);
	assert_int_equal(event->uid, 0);
	assert_int_equal(event->auid, AUID_UNSET);
	assert_null(event->exe);
	assert_string_equal(event->engine.operation, "exec");
	assert_string_equal(event->engine.name, "centos:7");
	assert_string_equal(event->engine.id, "1235c5a6476b");
	assert_int_equal(event->engine.pid, 10657);
	assert_int_equal(event->engine.auid, 1000);
	assert_false(event->engine.failed);
}

static void a_word_of_libvirt_has_a_name_and_names_no_login(void **state)
{
	struct watcher *watcher = *state;
	const struct event *event;

	feed(watcher, "type=VIRT_CONTROL " AUDIT("471") ENGINE_HEAD
		"virt=lxc op=start reason=booted vm=\"web\" "
		"uuid=462dcd6d-fb68-4a26-a96f-56eb024515b9 vm-pid=22527" ENGINE_TAIL);
	event = only_event(watcher);
	assert_string_equal(event->engine.operation, "start");
	assert_string_equal(event->engine.name, "web");
	assert_string_equal(event->engine.id, "462dcd6d-fb68-4a26-a96f-56eb024515b9");
	assert_int_equal(event->engine.auid, AUID_UNSET);
}

/* Who writes the message can neither be another process nor say what it is. */
static void a_sender_cannot_be_another(void **state)
{
	static const char record[] = "audit(1795470104.013:472): " ENGINE_HEAD
				     "op=start pid=1 ppid=1 uid=1 comm=\"dockerd\" key=\"x\" "
				     "auid=1000 auid=1001 vm=? vm-pid=? "
				     "hostname=?" ENGINE_TAIL;
	struct watcher *watcher = *state;
	const struct event *event;

	assert_int_equal(
		decoder_record(watcher->decoder, VIRT_CONTROL, record, sizeof(record) - 1), 0);
	event = only_event(watcher);
	assert_int_equal(event->pid, 1182);
	assert_int_equal(event->ppid, 0);
	assert_int_equal(event->uid, 0);
	assert_null(event->comm);
	assert_null(event->key);
	assert_null(event->engine.name);
	assert_null(event->engine.id);
	assert_int_equal(event->engine.pid, 0);
	assert_false(event->has_syscall);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		decoder_test(an_event_has_all_that_its_records_say),
		decoder_test(names_of_an_enriched_log_are_taken_from_it),
		decoder_test(an_unset_loginuid_has_no_name),
		decoder_test(names_of_a_raw_log_are_not_made_up_from_this_hosts_users),
		decoder_test(the_node_is_told),
		decoder_test(a_32_bit_call_has_the_name_of_its_own_table),
		decoder_test(calls_newer_than_libaudit_have_names),
		decoder_test(names_are_the_bytes_that_the_process_chose),
		decoder_test(arguments_in_pieces_are_put_together),
		decoder_test(arguments_of_which_some_are_lost_are_not_complete),
		decoder_test(all_keys_of_a_rule_are_told),
		decoder_test(arguments_of_an_execve_win_over_a_proctitle_before_them),
		decoder_test(a_connect_has_a_socket),
		decoder_test(a_moved_watch_is_told),
		decoder_test(records_of_the_kernel_make_the_same_event),
		decoder_test(a_word_of_dockerd_has_its_sender_and_whom_it_names),
		decoder_test(a_word_of_libvirt_has_a_name_and_names_no_login),
		decoder_test(a_sender_cannot_be_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
