/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "collect/decode.h"
#include "collect/event.h"

#define MAX_EVENTS 8

/* linux/audit.h */
#define SYSCALL 1300
#define PATH 1302
#define CONFIG_CHANGE 1305
#define CWD 1307
#define EOE 1320
#define PROCTITLE 1327
#define USER_CMD 1123
#define VIRT_CONTROL 2500

#define AUDIT(serial) "msg=audit(1795470104.013:" serial "): "
#define WRITE_SYSCALL(serial)                                                                      \
	"type=SYSCALL " AUDIT(serial) "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c "  \
				      "a1=7f8a a2=441 a3=1b6 items=2 ppid=6723 pid=6743 "          \
				      "auid=4294967295 uid=0 gid=0 euid=0 tty=pts0 "               \
				      "ses=4294967295 comm=\"sh\" exe=\"/bin/busybox\" "           \
				      "key=\"identity\""
#define WRITE_CWD(serial) "type=CWD " AUDIT(serial) "cwd=\"/\""
#define WRITE_PARENT(serial)                                                                       \
	"type=PATH " AUDIT(serial) "item=0 name=\"/host/etc/\" inode=1179649 dev=fe:01 "           \
				   "mode=040755 ouid=0 ogid=0 rdev=00:00 nametype=PARENT"
#define WRITE_PATH(serial)                                                                         \
	"type=PATH " AUDIT(serial) "item=1 name=\"/host/etc/passwd\" inode=1180023 dev=fe:01 "     \
				   "mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL"
#define WRITE_PROCTITLE(serial)                                                                    \
	"type=PROCTITLE " AUDIT(serial) "proctitle=7368002D63006563686F2078203E3E202F686F7374"

/* What the decoder hands out is borrowed, so the events are kept with strings of their own. */
struct seen {
	struct event event;
	char *strings[64];
	unsigned n_strings;
};

struct watcher {
	struct decoder *decoder;
	struct seen seen[MAX_EVENTS];
	unsigned n, n_beyond;
};

static const char *keep(struct seen *seen, const char *text)
{
	if (!text)
		return NULL;
	assert_true(seen->n_strings < ELEMENTS(seen->strings));
	seen->strings[seen->n_strings] = strdup(text);
	return seen->strings[seen->n_strings++];
}

static void on_event(const struct event *event, void *userdata)
{
	struct watcher *watcher = userdata;
	struct seen *seen = &watcher->seen[watcher->n];
	const char **strings[] = { &seen->event.node, &seen->event.user, &seen->event.login,
		&seen->event.comm, &seen->event.exe, &seen->event.key, &seen->event.cwd,
		&seen->event.socket_path, &seen->event.config_op, &seen->event.config_path,
		&seen->event.engine.operation, &seen->event.engine.name, &seen->event.engine.id };

	if (watcher->n == MAX_EVENTS) {
		watcher->n_beyond++;
		return;
	}
	seen->event = *event;
	for (size_t i = 0; i < ELEMENTS(strings); i++)
		*strings[i] = keep(seen, *strings[i]);
	for (unsigned i = 0; i < event->n_paths; i++)
		seen->event.paths[i].name = keep(seen, event->paths[i].name);
	if (event->argv.bytes) {
		char *bytes = malloc(event->argv.len + 1);

		memcpy(bytes, event->argv.bytes, event->argv.len);
		seen->strings[seen->n_strings++] = bytes;
		seen->event.argv.bytes = bytes;
	}
	watcher->n++;
}

static int decoder_setup(void **state)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	*state = watcher;
	return watcher ? decoder_new(on_event, watcher, &watcher->decoder) : -1;
}

static void forget_seen(struct watcher *watcher)
{
	for (unsigned i = 0; i < watcher->n; i++)
		for (unsigned j = 0; j < watcher->seen[i].n_strings; j++)
			free(watcher->seen[i].strings[j]);
	memset(watcher->seen, 0, sizeof(watcher->seen));
	watcher->n = 0;
}

static int decoder_teardown(void **state)
{
	struct watcher *watcher = *state;

	decoder_free(watcher->decoder);
	forget_seen(watcher);
	free(watcher);
	return 0;
}

static void feed(struct watcher *watcher, const char *line)
{
	assert_int_equal(decoder_line(watcher->decoder, line, strlen(line)), 0);
}

static void feed_write(struct watcher *watcher)
{
	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, WRITE_PROCTITLE("43"));
}

static const struct event *only_event(struct watcher *watcher)
{
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	return &watcher->seen[0].event;
}

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

static void an_event_of_the_kernel_comes_with_its_eoe(void **state)
{
	struct watcher *watcher = *state;

	feed_write(watcher);
	assert_int_equal(watcher->n, 0);
	feed(watcher, "type=EOE " AUDIT("43"));
	assert_int_equal(watcher->n, 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	assert_int_equal(decoder_counts(watcher->decoder)->events, 1);
}

/* auditd writes no EOE. */
static void an_event_of_a_log_comes_with_the_line_after_its_proctitle(void **state)
{
	struct watcher *watcher = *state;

	feed_write(watcher);
	assert_int_equal(watcher->n, 0);
	feed(watcher, WRITE_SYSCALL("44"));
	assert_int_equal(watcher->n, 1);
	assert_int_equal(watcher->seen[0].event.n_paths, 2);
}

static void an_event_without_proctitle_ends_with_its_eoe(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, "type=EOE " AUDIT("43"));
	feed(watcher, WRITE_SYSCALL("44"));
	assert_int_equal(watcher->n, 1);
	assert_null(watcher->seen[0].event.argv.bytes);
}

static void records_of_two_events_may_be_mixed(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("44"));
	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("44"));
	feed(watcher, WRITE_PARENT("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, WRITE_PROCTITLE("43"));
	feed(watcher, WRITE_CWD("44"));
	feed(watcher, WRITE_PROCTITLE("44"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 2);
	assert_int_equal(watcher->seen[0].event.serial + watcher->seen[1].event.serial, 87);
	for (unsigned i = 0; i < 2; i++) {
		const struct event *event = &watcher->seen[i].event;

		assert_int_equal(event->n_paths, event->serial == 43 ? 2 : 1);
		assert_string_equal(event->cwd, "/");
		assert_true(event->has_syscall);
	}
}

static void an_event_without_end_comes_two_seconds_later(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_PATH("43"));
	feed(watcher, "type=CWD msg=audit(1795470105.013:44): cwd=\"/\"");
	assert_int_equal(watcher->n, 0);
	feed(watcher, "type=CWD msg=audit(1795470107.013:45): cwd=\"/\"");
	assert_in_range(watcher->n, 1, 2);
	assert_int_equal(watcher->seen[0].event.serial, 43);
	assert_int_equal(watcher->seen[0].event.n_paths, 1);
}

static void an_event_without_end_comes_with_age(void **state)
{
	struct watcher *watcher = *state;
	char line[256];

	/* libauparse compares with the clock of the day. */
	snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:43): cwd=\"/\"",
		(long long)time(NULL));
	feed(watcher, line);
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:44): cwd=\"/\"",
		(long long)time(NULL) - 10);
	feed(watcher, line);
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	assert_int_equal(watcher->seen[0].event.serial, 44);
}

static void a_flush_gives_what_there_is(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 1);
	feed_write(watcher);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 2);
	assert_int_equal(watcher->seen[1].event.n_paths, 2);
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

static void more_names_than_there_is_room_for_are_counted(void **state)
{
	struct watcher *watcher = *state;
	char line[256];

	feed(watcher, WRITE_SYSCALL("43"));
	for (unsigned i = 0; i < EVENT_MAX_PATHS + 3; i++) {
		snprintf(line, sizeof(line), "type=PATH %sitem=%u name=\"/%u\" nametype=NORMAL",
			AUDIT("43"), i, i);
		feed(watcher, line);
	}
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->seen[0].event.n_paths, EVENT_MAX_PATHS);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
}

static void an_event_whose_names_are_missing_is_counted(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_SYSCALL("43"));
	feed(watcher, WRITE_CWD("43"));
	feed(watcher, WRITE_PARENT("43"));
	decoder_flush(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
	feed(watcher, WRITE_SYSCALL("44"));
	feed(watcher, WRITE_PARENT("44"));
	feed(watcher, WRITE_PATH("44"));
	decoder_flush(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->cut, 1);
}

static void a_line_that_is_no_record_is_counted(void **state)
{
	static const char *const lines[] = { "garbage", "type=SYSCALL", "node=web1",
		"type= msg=audit(1795470104.013:43): cwd=\"/\"",
		"type=SYSCALL msg=audit(1795470104.013",
		"type=SYSCALL msg=audit(1795470104:43): arch=c000003e syscall=257",
		"node=a type=SYSCALL audit(1795470104.013:43): arch=c000003e", "\xff\xfe\xfd" };
	struct watcher *watcher = *state;

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		feed(watcher, lines[i]);
		assert_int_equal(decoder_counts(watcher->decoder)->broken, i + 1);
	}
	decoder_broken_line(watcher->decoder);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, ELEMENTS(lines) + 1);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	feed_write(watcher);
	assert_int_equal(only_event(watcher)->n_paths, 2);
}

static void a_line_with_a_nul_or_without_end_is_broken(void **state)
{
	struct watcher *watcher = *state;
	char line[32 * 1024];

	memset(line, 'x', sizeof(line));
	memcpy(line, WRITE_CWD("43"), strlen(WRITE_CWD("43")));
	assert_int_equal(decoder_line(watcher->decoder, line, 16384), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
	assert_int_equal(decoder_line(watcher->decoder, line, 16385), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 1);
	line[200] = '\0';
	assert_int_equal(decoder_line(watcher->decoder, line, 300), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 2);
}

static void lines_of_dos_are_read(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, WRITE_CWD("43") "\r");
	assert_string_equal(only_event(watcher)->cwd, "/");
}

static void what_users_write_is_not_looked_at(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=USER_CMD " AUDIT("43") "pid=1 uid=0 auid=0 ses=1 msg='cwd=\"/\" "
						   "cmd=\"x\" res=success'");
	feed(watcher, "type=UNKNOWN[1420] " AUDIT("44") "x=1");
	feed(watcher, "type=NOSUCHTYPE " AUDIT("45") "x=1");
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 0);
	assert_int_equal(decoder_counts(watcher->decoder)->records, 0);
}

static void a_time_beyond_reason_does_not_overflow(void **state)
{
	struct watcher *watcher = *state;

	feed(watcher, "type=CWD msg=audit(9223372036854775807.999:43): cwd=\"/\"");
	feed(watcher, "type=CWD msg=audit(18446744073709551615.999:44): cwd=\"/\"");
	decoder_flush(watcher->decoder);
	assert_in_range(watcher->n, 1, 2);
	for (unsigned i = 0; i < watcher->n; i++)
		assert_in_range(watcher->seen[i].event.time_msec, 0, INT64_C(253402300799999));
}

static void feed_kernel(struct watcher *watcher, unsigned type, const char *text)
{
	assert_int_equal(decoder_record(watcher->decoder, type, text, strlen(text) + 1), 0);
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

static void a_record_that_is_more_than_one_line_is_broken(void **state)
{
	struct watcher *watcher = *state;
	char *text = calloc(1, 20000);

	memset(text, 'x', 19999);
	feed_kernel(watcher, CWD, text);
	free(text);
	feed_kernel(watcher, CWD, "audit(1795470104.013:43): cwd=\"/\"\ntype=CWD x");
	assert_int_equal(decoder_record(watcher->decoder, CWD, "audit(1.1:1): a\0b", 17), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 3);
	assert_int_equal(decoder_record(watcher->decoder, USER_CMD, "a\nb", 3), 0);
	assert_int_equal(decoder_counts(watcher->decoder)->broken, 3);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n, 0);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated_bytes(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

static void feed_many(struct watcher *watcher, unsigned from, unsigned until)
{
	static const char *const records[] = {
		"type=SYSCALL msg=audit(%u.013:%u): arch=c000003e syscall=257 success=yes exit=3 "
		"a0=0 a1=0 a2=441 a3=0 items=1 ppid=1 pid=2 auid=0 uid=0 ses=1 comm=\"sh\" "
		"exe=\"/bin/sh\" key=\"k\"",
		"type=CWD msg=audit(%u.013:%u): cwd=\"/\"",
		"type=PATH msg=audit(%u.013:%u): item=0 name=\"/etc/passwd\" inode=1 dev=fe:01 "
		"nametype=NORMAL",
		"type=PROCTITLE msg=audit(%u.013:%u): proctitle=7368002D63",
	};

	for (unsigned i = from; i < until; i++)
		for (size_t j = 0; j < ELEMENTS(records); j++) {
			char line[512];
			int len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			len = snprintf(line, sizeof(line), records[j], 1795470104 + i / 1000, i);
#pragma GCC diagnostic pop
			decoder_line(watcher->decoder, line, (size_t)len);
		}
}

static void a_long_log_takes_no_more_memory_than_a_short_one(void **state)
{
	struct watcher *watcher = *state;
	size_t before;

	feed_many(watcher, 1, 10000);
	before = allocated_bytes();
	feed_many(watcher, 10000, 300000);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 299999);
	assert_in_range(allocated_bytes(), 0, before + 256 * 1024);
}

static void events_that_never_end_are_given_up(void **state)
{
	struct watcher *watcher = *state;
	char line[512];

	for (unsigned i = 1; i <= 17000; i++) {
		snprintf(line, sizeof(line), "type=CWD msg=audit(1795470104.013:%u): cwd=\"/\"", i);
		feed(watcher, line);
	}
	assert_in_range(watcher->n + watcher->n_beyond, 16384, 17000);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 17000);
}

/* An event that began before a flood, and ends after it. */
static void flood_in_the_midst(struct watcher *watcher, unsigned n)
{
	char line[512];

	feed(watcher, WRITE_SYSCALL("1"));
	for (unsigned i = 2; i <= n; i++) {
		snprintf(line, sizeof(line),
			"type=PROCTITLE msg=audit(1795470104.013:%u): proctitle=\"x\"", i);
		feed(watcher, line);
		snprintf(line, sizeof(line), "type=EOE msg=audit(1795470104.013:%u): ", i);
		feed(watcher, line);
	}
}

static void a_long_flood_does_not_break_an_event_in_two(void **state)
{
	struct watcher *watcher = *state;

	/* libauparse 3.0.9 holds all of them back behind the one that is not complete. */
	flood_in_the_midst(watcher, 9000);
	feed(watcher, WRITE_PATH("1"));
	feed(watcher, WRITE_PROCTITLE("1"));
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 9000);
	assert_int_equal(watcher->seen[0].event.serial, 1);
	assert_string_equal(watcher->seen[0].event.syscall, "openat");
	assert_int_equal(watcher->seen[0].event.n_paths, 1);
}

static void an_event_in_the_making_survives_an_ageing(void **state)
{
	struct watcher *watcher = *state;
	char line[512];

	/* So many at a time that the decoder would like to begin anew. */
	for (unsigned i = 1; i <= 1100; i++) {
		snprintf(line, sizeof(line), "type=CWD msg=audit(%lld.000:%u): cwd=\"/\"",
			(long long)time(NULL) + 3600, i);
		feed(watcher, line);
	}
	decoder_age(watcher->decoder);
	assert_int_equal(watcher->n, 0);
	decoder_flush(watcher->decoder);
	assert_int_equal(watcher->n + watcher->n_beyond, 1100);
	decoder_age(watcher->decoder);
	forget_seen(watcher);
	feed_write(watcher);
	assert_int_equal(only_event(watcher)->n_paths, 2);
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
		"op=start pid=1 ppid=1 uid=1 comm=\"dockerd\" key=\"x\" auid=1000 auid=1001 vm=? vm-pid=? "
		"hostname=?" ENGINE_TAIL;
	struct watcher *watcher = *state;
	const struct event *event;

	assert_int_equal(decoder_record(
		watcher->decoder, VIRT_CONTROL, record, sizeof(record) - 1), 0);
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

static void an_event_of_endless_records_is_given_up(void **state)
{
	struct watcher *watcher = *state;
	static char line[16000];

	memset(line, 'A', sizeof(line));
	memcpy(line, "type=EXECVE " AUDIT("43") "a0=", strlen("type=EXECVE " AUDIT("43") "a0="));
	for (unsigned i = 0; i < 1200; i++)
		assert_int_equal(decoder_line(watcher->decoder, line, sizeof(line)), 0);
	assert_int_equal(watcher->n, 1);
	assert_false(watcher->seen[0].event.argv.complete);
}

#define decoder_test(test) cmocka_unit_test_setup_teardown(test, decoder_setup, decoder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		decoder_test(an_event_has_all_that_its_records_say),
		decoder_test(an_event_of_the_kernel_comes_with_its_eoe),
		decoder_test(an_event_of_a_log_comes_with_the_line_after_its_proctitle),
		decoder_test(an_event_without_proctitle_ends_with_its_eoe),
		decoder_test(records_of_two_events_may_be_mixed),
		decoder_test(an_event_without_end_comes_two_seconds_later),
		decoder_test(an_event_without_end_comes_with_age),
		decoder_test(a_flush_gives_what_there_is),
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
		decoder_test(more_names_than_there_is_room_for_are_counted),
		decoder_test(an_event_whose_names_are_missing_is_counted),
		decoder_test(a_line_that_is_no_record_is_counted),
		decoder_test(a_line_with_a_nul_or_without_end_is_broken),
		decoder_test(lines_of_dos_are_read),
		decoder_test(what_users_write_is_not_looked_at),
		decoder_test(a_time_beyond_reason_does_not_overflow),
		decoder_test(records_of_the_kernel_make_the_same_event),
		decoder_test(a_record_that_is_more_than_one_line_is_broken),
		decoder_test(a_long_log_takes_no_more_memory_than_a_short_one),
		decoder_test(events_that_never_end_are_given_up),
		decoder_test(a_long_flood_does_not_break_an_event_in_two),
		decoder_test(an_event_in_the_making_survives_an_ageing),
		decoder_test(a_word_of_dockerd_has_its_sender_and_whom_it_names),
		decoder_test(a_word_of_libvirt_has_a_name_and_names_no_login),
		decoder_test(a_sender_cannot_be_another),
		decoder_test(an_event_of_endless_records_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
