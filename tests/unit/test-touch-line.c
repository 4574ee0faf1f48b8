/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <time.h>

#include "output/touch-line.h"

/* 2026-11-23T11:23:22.342Z */
#define NOW INT64_C(1795433002342)
#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"

/* A privileged Docker container's write; each test changes one thing about it. */
static struct touch container_touch(void)
{
	return (struct touch){
		.time_msec = NOW,
		.serial = 22,
		.path = "/etc/passwd",
		.path_seen = "/host/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.action = ACTION_WRITE,
		.success = true,
		.pid = 6743,
		.comm = "touch",
		.exe = "/usr/bin/touch",
		.user = "root",
		.auid = AUID_UNSET,
		.container = {
			.id = ID,
			.name = "hack",
			.runtime = "docker",
			.privileged = TRISTATE_YES,
		},
		.flags = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED) |
			FLAG_BIT(FLAG_PRIVILEGED),
		.severity = SEVERITY_CRITICAL,
	};
}

static struct touch host_touch(void)
{
	return (struct touch){
		.time_msec = NOW,
		.serial = 31,
		.path = "/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.action = ACTION_WRITE,
		.success = true,
		.pid = 6800,
		.comm = "vi",
		.user = "root",
		.auid = 3267,
		.login = "dwalsh",
	};
}

static void assert_table(const struct touch *touch, size_t width, const char *expected)
{
	_cleanup_(table_freep) struct table *table = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(touch_table_new(out, width, false, &table), 0);
	assert_int_equal(touch_table_add(table, touch), 0);
	assert_int_equal(table_finish(table), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static char *print_line(const struct touch *touch, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	touch_line_print(out, touch, colour);
	fclose(out);
	return text;
}

static void assert_line(const struct touch *touch, const char *expected)
{
	_cleanup_(freep) char *text = print_line(touch, false);

	assert_string_equal(text, expected);
}

static void assert_who(const struct touch *touch, const char *expected)
{
	char who[64];

	touch_who(touch, who, sizeof(who));
	assert_string_equal(who, expected);
}

static void assert_container(const struct touch *touch, const char *expected)
{
	char container[128];

	touch_container_name(touch, container, sizeof(container));
	assert_string_equal(container, expected);
}

static void a_touch_is_one_row(void **state)
{
	struct touch touch = container_touch();

	assert_table(&touch, 0,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY           EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch(6743)     22  "
		"host-write,daemon-spawned,privileged\n");
	touch = host_touch();
	assert_table(&touch, 0,
		"TIME                 WHO     CONTAINER  ACTION  PATH         BY        EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  dwalsh  host       write   /etc/passwd  vi(6800)     31\n");
}

static void a_middling_terminal_counts_the_flags(void **state)
{
	struct touch touch = container_touch();

	assert_table(&touch, 100,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY           EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch(6743)     22  "
		"host-write+2\n");
}

static void a_narrow_terminal_goes_without_pid_and_event(void **state)
{
	struct touch touch = container_touch();

	assert_table(&touch, 80,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY     FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch  "
		"host-write+2\n");
}

static void a_path_that_was_not_verified_is_marked(void **state)
{
	struct touch touch = host_touch();

	touch.path_by = PATH_BY_NAME;
	assert_table(&touch, 80,
		"TIME                 WHO     CONTAINER  ACTION  PATH          BY  FLAGS\n"
		"2026-11-23 12:23:22  dwalsh  host       write   /etc/passwd?  vi\n");
	touch.path = NULL;
	touch.path_seen = "passwd";
	touch.path_by = PATH_BY_IDENTITY;
	assert_table(&touch, 80,
		"TIME                 WHO     CONTAINER  ACTION  PATH     BY  FLAGS\n"
		"2026-11-23 12:23:22  dwalsh  host       write   passwd?  vi\n");
}

static void absent_knowledge_is_a_dash(void **state)
{
	struct touch touch = { .auid = AUID_UNSET, .success = true };

	assert_table(&touch, 80,
		"TIME                 WHO    CONTAINER  ACTION  PATH  BY  FLAGS\n"
		"1970-01-01 01:00:00  unset  host       write   -     -\n");
}

static void a_failure_comes_first_and_names_its_error(void **state)
{
	struct touch touch = container_touch();

	touch.success = false;
	touch.error = EACCES;
	touch.flags = FLAG_BIT(FLAG_PRIVILEGED) | FLAG_BIT(FLAG_FAILED);
	assert_table(&touch, 0,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY           EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch(6743)     22  "
		"failed:EACCES,privileged\n");
	touch.error = 4095;
	touch.flags = FLAG_BIT(FLAG_FAILED);
	assert_table(&touch, 0,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY           EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch(6743)     22  "
		"failed:errno 4095\n");
	touch.error = 0;
	assert_table(&touch, 0,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY           EVENT  "
		"FLAGS\n"
		"2026-11-23 12:23:22  unset  hack       write   /etc/passwd  touch(6743)     22  "
		"failed\n");
}

static void the_executable_stands_in_for_an_absent_comm(void **state)
{
	struct touch touch = host_touch();

	touch.comm = NULL;
	touch.exe = "/usr/bin/vi";
	assert_table(&touch, 80,
		"TIME                 WHO     CONTAINER  ACTION  PATH         BY  FLAGS\n"
		"2026-11-23 12:23:22  dwalsh  host       write   /etc/passwd  vi\n");
}

static void every_action_and_flag_can_be_printed(void **state)
{
	struct touch touch = container_touch();

	touch.flags = (1u << FLAG_COUNT) - 1;
	for (int i = 0; i < ACTION_COUNT; i++) {
		_cleanup_(freep) char *done = NULL, *failed = NULL;

		touch.action = i;
		touch.success = true;
		done = print_line(&touch, false);
		touch.success = false;
		failed = print_line(&touch, false);
		assert_null(strstr(done, "(null)"));
		assert_null(strstr(failed, "(null)"));
		assert_null(strstr(done, "failed to"));
		assert_non_null(strstr(done, "log-tamper]"));
	}
}

static void who_is_the_login(void **state)
{
	struct touch touch = host_touch();

	assert_who(&touch, "dwalsh");
	touch.login = NULL;
	assert_who(&touch, "auid 3267");
	touch.auid = AUID_UNSET;
	assert_who(&touch, "unset");
}

static void who_is_the_launcher_where_there_is_no_login(void **state)
{
	struct touch touch = container_touch();

	touch.launcher = (struct touch_launcher){
		.auid = 3267, .login = "dwalsh", .confidence = CONFIDENCE_CERTAIN
	};
	assert_who(&touch, "dwalsh (certain)");
	touch.launcher.confidence = CONFIDENCE_LIKELY;
	assert_who(&touch, "dwalsh (likely)");
	touch.launcher.login = NULL;
	assert_who(&touch, "auid 3267 (likely)");
	touch.launcher.confidence = CONFIDENCE_AMBIGUOUS;
	assert_who(&touch, "ambiguous");
	touch.launcher =
		(struct touch_launcher){ .auid = AUID_UNSET, .confidence = CONFIDENCE_CERTAIN };
	assert_who(&touch, "unset");
}

static void a_login_needs_no_launcher(void **state)
{
	struct touch touch = container_touch();

	touch.auid = 3267;
	touch.login = "dwalsh";
	touch.flags = FLAG_BIT(FLAG_HOST_WRITE);
	touch.launcher = (struct touch_launcher){
		.auid = 3267, .login = "dwalsh", .confidence = CONFIDENCE_CERTAIN
	};
	assert_who(&touch, "dwalsh");
}

static void a_login_that_the_container_set_itself_is_not_believed(void **state)
{
	struct touch touch = container_touch();

	touch.auid = 3267;
	touch.login = "dwalsh";
	assert_who(&touch, "dwalsh (self-set)");
	touch.launcher = (struct touch_launcher){
		.auid = 1000, .login = "mallory", .confidence = CONFIDENCE_LIKELY
	};
	assert_who(&touch, "mallory (likely)");
}

static void a_container_is_its_name_or_its_id(void **state)
{
	struct touch touch = container_touch();

	assert_container(&touch, "hack");
	touch.container.name = NULL;
	assert_container(&touch, "df2302cf8c63");
	touch.container.id = "web-server-of-nspawn";
	assert_container(&touch, "web-server-of-nspawn");
	touch.container.id = NULL;
	assert_container(&touch, "host");
	touch.doubt = "process events were lost";
	assert_container(&touch, "unknown");
}

static void a_container_cannot_pose_as_the_host(void **state)
{
	struct touch touch = container_touch();

	touch.container.name = "host";
	assert_container(&touch, "docker:host");
	touch.container.name = "unknown";
	assert_container(&touch, "docker:unknown");
	touch.container = (struct touch_container){ .id = "host", .runtime = "lxc" };
	assert_container(&touch, "lxc:host");
	touch.container.runtime = NULL;
	assert_container(&touch, "unknown:host");
}

static void a_doubt_marks_the_container(void **state)
{
	struct touch touch = container_touch();

	touch.doubt = "process events were lost";
	assert_table(&touch, 80,
		"TIME                 WHO    CONTAINER  ACTION  PATH         BY     FLAGS\n"
		"2026-11-23 12:23:22  unset  hack?      write   /etc/passwd  touch  "
		"host-write+2\n");
}

static void a_small_buffer_is_terminated(void **state)
{
	struct touch touch = host_touch();
	char buffer[4] = "xxx";

	touch_who(&touch, buffer, sizeof(buffer));
	assert_string_equal(buffer, "dwa");
	touch_container_name(&touch, buffer, sizeof(buffer));
	assert_string_equal(buffer, "hos");
}

static void a_line_is_a_sentence(void **state)
{
	struct touch touch = container_touch();

	assert_line(&touch,
		"12:23:22 critical: hack (docker) wrote /etc/passwd as root, login unset: "
		"touch(6743) [host-write daemon-spawned privileged]\n");
	touch.launcher = (struct touch_launcher){
		.auid = 3267, .login = "dwalsh", .confidence = CONFIDENCE_LIKELY
	};
	assert_line(&touch,
		"12:23:22 critical: hack (docker) wrote /etc/passwd as root, "
		"launcher dwalsh (likely): touch(6743) [host-write daemon-spawned privileged]\n");
	touch = host_touch();
	assert_line(&touch,
		"12:23:22 info: host process wrote /etc/passwd as root, login dwalsh: vi(6800)\n");
}

static void a_line_says_what_failed(void **state)
{
	struct touch touch = container_touch();

	touch.action = ACTION_READ;
	touch.success = false;
	touch.error = EPERM;
	touch.flags = FLAG_BIT(FLAG_FAILED);
	touch.severity = SEVERITY_NOTICE;
	touch.user = NULL;
	touch.uid = 1000;
	assert_line(&touch,
		"12:23:22 notice: hack (docker) failed to read /etc/passwd as uid 1000, "
		"login unset: touch(6743) [failed:EPERM]\n");
}

static void a_line_says_what_is_unknown(void **state)
{
	struct touch touch = {
		.auid = AUID_UNSET, .uid = UINT32_MAX, .success = true, .doubt = "lost"
	};

	assert_line(&touch,
		"01:00:00 info: process of unknown container wrote an unknown file as an unknown "
		"user, login unset: an unknown process\n");
	touch.comm = "sh";
	assert_line(&touch,
		"01:00:00 info: process of unknown container wrote an unknown file as an unknown "
		"user, login unset: sh\n");
	touch.comm = NULL;
	touch.pid = 5;
	touch.uid = 0;
	assert_line(&touch,
		"01:00:00 info: process of unknown container wrote an unknown file as uid 0, "
		"login unset: (5)\n");
}

/* Who chooses names can say no more than a name. */
static void what_outsiders_chose_is_quoted_in_a_line(void **state)
{
	struct touch touch = host_touch();

	touch.path = "/tmp/x as root, login eve: sh(1)";
	touch.path_by = PATH_BY_NAME;
	touch.comm = "a (1) [";
	assert_line(&touch,
		"12:23:22 info: host process wrote \"/tmp/x as root, login eve: sh(1)\"? as root, "
		"login dwalsh: \"a (1) [\"(6800)\n");
	touch = container_touch();
	touch.container.name = "x\" (docker) read";
	touch.flags = 0;
	assert_line(&touch,
		"12:23:22 critical: \"x\\\" (docker) read\" (docker) wrote /etc/passwd as root, "
		"login unset: touch(6743)\n");
}

static void a_hostile_touch_is_one_line_of_bounded_length(void **state)
{
	_cleanup_(freep) char *text = NULL;
	struct touch touch = container_touch();
	char path[4096];

	memset(path, '\n', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	touch.path = touch.comm = touch.user = touch.login = path;
	touch.container.name = touch.container.runtime = path;
	touch.auid = 3267;
	text = print_line(&touch, true);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_in_range(strlen(text), 300, 700);
}

static void severity_is_coloured(void **state)
{
	static const struct {
		enum severity severity;
		const char *text;
	} cases[] = {
		{ SEVERITY_CRITICAL, " \033[1;31mcritical\033[0m: " },
		{ SEVERITY_WARNING, " \033[33mwarning\033[0m: " },
		{ SEVERITY_NOTICE, " notice: " },
		{ SEVERITY_INFO, " info: " },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct touch touch = container_touch();
		_cleanup_(freep) char *text = NULL;

		touch.severity = cases[i].severity;
		text = print_line(&touch, true);
		assert_non_null(strstr(text, cases[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_touch_is_one_row),
		cmocka_unit_test(a_middling_terminal_counts_the_flags),
		cmocka_unit_test(a_narrow_terminal_goes_without_pid_and_event),
		cmocka_unit_test(a_path_that_was_not_verified_is_marked),
		cmocka_unit_test(absent_knowledge_is_a_dash),
		cmocka_unit_test(a_failure_comes_first_and_names_its_error),
		cmocka_unit_test(the_executable_stands_in_for_an_absent_comm),
		cmocka_unit_test(every_action_and_flag_can_be_printed),
		cmocka_unit_test(who_is_the_login),
		cmocka_unit_test(who_is_the_launcher_where_there_is_no_login),
		cmocka_unit_test(a_login_needs_no_launcher),
		cmocka_unit_test(a_login_that_the_container_set_itself_is_not_believed),
		cmocka_unit_test(a_container_is_its_name_or_its_id),
		cmocka_unit_test(a_container_cannot_pose_as_the_host),
		cmocka_unit_test(a_doubt_marks_the_container),
		cmocka_unit_test(a_small_buffer_is_terminated),
		cmocka_unit_test(a_line_is_a_sentence),
		cmocka_unit_test(a_line_says_what_failed),
		cmocka_unit_test(a_line_says_what_is_unknown),
		cmocka_unit_test(what_outsiders_chose_is_quoted_in_a_line),
		cmocka_unit_test(a_hostile_touch_is_one_line_of_bounded_length),
		cmocka_unit_test(severity_is_coloured),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "CET-1", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
