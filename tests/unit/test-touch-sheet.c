/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "output/touch-sheet.h"

#define TEXTS(literal)                                                                             \
	{                                                                                          \
		literal, sizeof(literal) - 1, true                                                 \
	}

/* Each test changes something. */
static struct touch container_touch(void)
{
	return (struct touch){
		.time_msec = INT64_C(1795433002342), /* 2026-11-23T11:23:22.342Z */
		.serial = 22,
		.path = "/etc/passwd",
		.path_seen = "/host/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.action = ACTION_WRITE,
		.success = true,
		.syscall = "openat",
		.watch = "identity",
		.pid = 6743,
		.ppid = 6700,
		.comm = "sh",
		.exe = "/bin/busybox",
		.argv = TEXTS("sh\0-c\0x"),
		.ancestors = "[{\"pid\":6700,\"argv\":[\"sh\"],\"complete\":true}]",
		.user = "root",
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.container = {
			.id = "df2302cf8c63",
			.name = "hack",
			.runtime = "docker",
			.image = "bb",
			.privileged = TRISTATE_YES,
			.entry = ENTRY_INIT,
			.attributed_by = ATTRIBUTED_CGROUP,
		},
		.launcher = {
			.auid = 3267,
			.login = "dwalsh",
			.pid = 6600,
			.exe = "/usr/bin/docker",
			.argv = TEXTS("docker\0run\0bb"),
			.via = "/run/docker.sock",
			.confidence = CONFIDENCE_CERTAIN,
			.evidence = TEXTS("only client connected\0its command line names it"),
		},
		.flags = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_PRIVILEGED),
		.severity = SEVERITY_CRITICAL,
	};
}

static char *print(const struct touch *touch)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	touch_sheet_print(out, touch, false);
	fclose(out);
	return text;
}

static void assert_has(const struct touch *touch, const char *line)
{
	_cleanup_(freep) char *text = print(touch);

	if (!strstr(text, line))
		fail_msg("no '%s' in:\n%s", line, text);
}

static void all_that_is_known_is_printed(void **state)
{
	struct touch touch = container_touch();
	_cleanup_(freep) char *text = print(&touch);

	assert_string_equal(text, "event 22, 2026-11-23 11:23:22.342\n"
				  "  node               -\n"
				  "  path               /etc/passwd\n"
				  "    found by         identity\n"
				  "    as seen          /host/etc/passwd\n"
				  "  action             write, openat\n"
				  "  watch              identity\n"
				  "  process            pid 6743, parent 6700\n"
				  "    comm             sh\n"
				  "    exe              /bin/busybox\n"
				  "    argv             sh -c x\n"
				  "  user               root (uid 0)\n"
				  "  login              unset\n"
				  "  session            -\n"
				  "  container          hack\n"
				  "    id               df2302cf8c63\n"
				  "    engine           docker\n"
				  "    image            bb\n"
				  "    privileged       yes\n"
				  "    entry            init\n"
				  "    told by          cgroup\n"
				  "    chain            6700 sh\n"
				  "                     \\_ 6743 sh -c x\n"
				  "  launcher           dwalsh, auid 3267 (certain)\n"
				  "    client           /usr/bin/docker\n"
				  "    argv             docker run bb\n"
				  "    via              /run/docker.sock\n"
				  "    evidence         only client connected\n"
				  "    evidence         its command line names it\n"
				  "  flags              host-write, privileged\n"
				  "  severity           critical\n"
				  "  doubt              -\n");
}

static void what_is_not_known_is_not_made_up(void **state)
{
	struct touch touch = container_touch();

	touch.ppid = 0;
	assert_has(&touch, "  process            pid 6743, parent unknown\n");
	touch.pid = 1;
	assert_has(&touch, "  process            pid 1, parent 0\n");
	touch.pid = 0;
	assert_has(&touch, "  process            -\n");
	touch.user = NULL;
	touch.uid = UINT32_MAX;
	assert_has(&touch, "  user               -\n");
	touch.uid = 7;
	assert_has(&touch, "  user               no name (uid 7)\n");
}

static void arguments_that_are_not_whole_are_marked(void **state)
{
	struct touch touch = container_touch();

	touch.argv.complete = touch.launcher.argv.complete = false;
	assert_has(&touch, "    argv             sh -c x ...\n");
	assert_has(&touch, "    argv             docker run bb ...\n");
}

static void an_error_without_a_name_is_its_number(void **state)
{
	struct touch touch = container_touch();

	touch.success = false;
	touch.error = EACCES;
	assert_has(&touch, "  action             write, failed: Permission denied, openat\n");
	touch.error = 512;
	assert_has(&touch, "  action             write, failed: errno 512, openat\n");
	touch.error = 0;
	assert_has(&touch, "  action             write, failed: error unknown, openat\n");
}

static void the_longest_value_is_printed_to_its_end(void **state)
{
	struct touch touch = container_touch();
	char *argv = malloc(100000);

	memset(argv, '\n', 100000);
	argv[99999] = 'x';
	touch.argv = (struct arguments){ argv, 100000, true };
	assert_has(&touch, "\\x0a\\x0ax\n");
	free(argv);
}

static void a_client_of_the_host_has_its_chain_beside_its_arguments(void **state)
{
	struct touch touch = container_touch();

	touch.container = (struct touch_container){ 0 };
	assert_has(&touch, "  container          none: a process of the host\n");
	assert_has(&touch, "    argv             sh -c x\n"
			   "    chain            6700 sh\n"
			   "                     \\_ 6743 sh -c x\n"
			   "  user               root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_known_is_printed),
		cmocka_unit_test(what_is_not_known_is_not_made_up),
		cmocka_unit_test(arguments_that_are_not_whole_are_marked),
		cmocka_unit_test(an_error_without_a_name_is_its_number),
		cmocka_unit_test(the_longest_value_is_printed_to_its_end),
		cmocka_unit_test(a_client_of_the_host_has_its_chain_beside_its_arguments),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
