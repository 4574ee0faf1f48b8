/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A decoder, the records of one write for it, and the events that it hands out. Include after
 * cmocka.h.
 */

#include "collect/decode.h"
#include "collect/event.h"

#define MAX_EVENTS 8

/* linux/audit.h */
#define SYSCALL 1300
#define PATH 1302
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

int decoder_setup(void **state);
int decoder_teardown(void **state);

#define decoder_test(test) cmocka_unit_test_setup_teardown(test, decoder_setup, decoder_teardown)

/* A line of a log, all lines of the write, and a record of the kernel's. */
void feed(struct watcher *watcher, const char *line);
void feed_write(struct watcher *watcher);
void feed_kernel(struct watcher *watcher, unsigned type, const char *text);

/* Flushes; more or less than one fails the test. */
const struct event *only_event(struct watcher *watcher);

void forget_seen(struct watcher *watcher);
