/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Fills a database with touches whose names are as hostile as a process can make them: fill DB
 * FIRST COUNT [PER-SECOND]. With FILL_SHORT in the environment no name is long. The touches of one
 * FIRST and COUNT are always the same ones. Ends with SIGTERM as a daemon does: what it has put is
 * committed.
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "store/writer.h"

#define START_MSEC 1763000000000
#define CONTAINERS 7

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	stopped = 1;
}

// clang-format off
static const char *const names[] = {
	"/etc/passwd",
	"/etc/systemd/system/dev-disk-by\\x2did.mount",
	"/tmp/a\nb\r\n<0>1 - - forged - - - line",
	"/tmp/\033[2J\033]0;title\a\x7f\x01\x1f",
	"/tmp/\xff\xfe\xc3(\xe2\x82half",
	"/tmp/pipe|equals=a\\=b\\|c\\\\d\\n",
	"/tmp/[auditmon@32473 id=\"x\"]\"] ][",
	"/tmp/tab\tand  spaces  act=forged cs1=x ",
	" leading and trailing ",
	"/tmp/'; DROP TABLE touch; --",
	"/tmp/\xe2\x80\xae" "bidi\xe2\x80\xa8separator\xc2\x9b" "csi\xef\xbb\xbf" "bom",
	"/tmp/\xf0\x9f\x90\xb3\xf3\xa0\x81\x81tag \xc3\xa4\xc3\xb6\xc3\xbc \xe6\xbc\xa2",
	"/tmp/CEF:0|a|b|c|d|e|10|x=y LEEF:2.0|a|b|c|d|^|",
	"/tmp/{\"json\":[\"}]\",null]}\\u0041\\",
	"/tmp/\\xff\xff\\x5c\\",
	"/",
	"relative",
};
// clang-format on
static char longest[4096];

static const char *pick(unsigned n)
{
	return n % 397 == 5 ? longest : names[n % ELEMENTS(names)];
}

static struct touch make(unsigned i)
{
	static char ids[CONTAINERS][65], names_of[CONTAINERS][32], evidence[128], argv[16384];
	unsigned container = i % (CONTAINERS + 1);
	size_t argv_len;
	struct touch touch = {
		.time_msec = START_MSEC + i / 2,
		.serial = 1000 + i / 2,
		.item = i % 2,
		.node = i % 11 == 0 ? NULL : "web1",
		.path = i % 13 == 3 ? NULL : pick(i),
		.path_seen = pick(i / 3),
		.path_by = i % PATH_BY_COUNT,
		.inode = i % 17 == 0 ? 0 : 4000 + i,
		.dev_major = 254,
		.dev_minor = i % 3,
		.action = i % ACTION_COUNT,
		.success = i % 5 != 0,
		.error = i % 5 != 0 ? 0 : 1 + (int)(i % 40),
		.syscall = "openat",
		.watch = i % 19 == 0 ? NULL : pick(i / 7),
		.pid = (pid_t)(1 + i % 30000),
		.ppid = (pid_t)(i % 977),
		.comm = pick(i / 2),
		.exe = i % 23 == 0 ? NULL : pick(i / 5),
		.ancestors = i % 4 ? NULL
				   : "[{\"pid\":6723,\"argv\":[\"sh\",\"\\\\xff\\u001b\"],"
				     "\"complete\":true}]",
		.uid = i % 29 == 0 ? UINT32_MAX : i % 2000,
		.user = i % 3 ? "root" : NULL,
		.auid = i % 4 ? AUID_UNSET : 1000 + i % 10,
		.login = i % 4 ? NULL : pick(i / 4),
		.session = i % 4 ? SESSION_UNSET : i % 100,
		.container.privileged = TRISTATE_UNKNOWN,
		.launcher.auid = AUID_UNSET,
		.flags = i % 3 ? (i * 2654435761u >> 7) % (1u << FLAG_COUNT) : 0,
		.severity = i % SEVERITY_COUNT,
		.suppressed = i % 8 ? NULL : "quiet: because \xff of |=",
		.digest_before = i % 10 ? NULL : "sha256:00",
		.digest_after = i % 12 ? NULL : "sha256:ff",
		.doubt = i % 9 ? NULL : "process events were lost: \xff\n",
	};

	argv_len = (size_t)snprintf(argv, sizeof(argv), "%.2000s", pick(i)) + 1;
	argv_len +=
		(size_t)snprintf(argv + argv_len, sizeof(argv) - argv_len, "%.2000s", pick(i + 1));
	touch.argv = (struct arguments){ i % 6 ? argv : NULL, argv_len, i % 2 };
	if (container < CONTAINERS) {
		snprintf(ids[container], sizeof(ids[0]), "%064x", container + 0xabc);
		snprintf(names_of[container], sizeof(names_of[0]), "c%u\xff|=\"]", container);
		touch.container = (struct touch_container){
			.id = ids[container],
			.name = names_of[container],
			.runtime = container % 2 ? "docker" : "podman",
			.image = "registry.example/a=b:tag|x",
			.privileged = container % 2 ? TRISTATE_YES : TRISTATE_NO,
			.entry = i % ENTRY_COUNT,
			.attributed_by = 1 + i % (ATTRIBUTED_COUNT - 1),
		};
	}
	if (i % 5 < 3) {
		size_t len = (size_t)sprintf(evidence, "argv names %s", "c\x01") + 1;

		len += (size_t)sprintf(evidence + len, "second\xff");
		touch.launcher = (struct touch_launcher){
			.auid = i % 5 ? 3267 : AUID_UNSET,
			.login = i % 5 ? pick(i / 11) : NULL,
			.pid = 6700,
			.exe = "/usr/bin/docker",
			.argv = { argv, argv_len, true },
			.via = "/run/docker.sock",
			.confidence = 1 + i % (CONFIDENCE_COUNT - 1),
			.evidence = { evidence, len, true },
			.content_trust = i % CONTENT_TRUST_COUNT,
		};
	}
	if (touch.launcher.confidence == CONFIDENCE_NONE && touch.container.id)
		touch.launcher.reason = "nobody was |=] \xff connected";
	return touch;
}

static void pace(unsigned per_second, unsigned n)
{
	if (per_second && n % (per_second / 20 + 1) == 0)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
}

int main(int argc, char **argv)
{
	unsigned first, count, per_second;
	struct writer *writer;
	struct store *store;
	int r = 0;

	if (argc < 4)
		return 2;
	first = (unsigned)atoi(argv[2]);
	count = (unsigned)atoi(argv[3]);
	per_second = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
	memset(longest, '\001', sizeof(longest) - 1);
	longest[0] = '/';
	if (getenv("FILL_SHORT"))
		longest[200] = '\0';
	signal(SIGTERM, on_signal);
	if (store_open(argv[1], STORE_WRITE, &store) < 0 ||
		writer_new(store, &(struct writer_limits){ .reserve_bytes = SIZE_MAX }, &writer) <
			0)
		return 3;
	for (unsigned i = first; i < first + count && r == 0 && !stopped; i++) {
		struct touch touch = make(i);

		while ((r = writer_put_touch(writer, &touch)) == -EAGAIN)
			writer_flush(writer);
		pace(per_second, i);
	}
	return writer_free(writer) < 0 || r < 0 ? 3 : 0;
}
