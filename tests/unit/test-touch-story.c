/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/touch-story.h"

/* 2026-11-23T11:23:22.342Z */
#define NOW INT64_C(1795433002342)
#define TIME "2026-11-23 11:23:22  "
#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"
#define TEXTS(literal)                                                                             \
	{                                                                                          \
		literal, sizeof(literal) - 1, true                                                 \
	}

/* A write of a privileged Docker container's, asked for by one client; each test changes something.
 */
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
		.comm = "sh",
		.user = "root",
		.auid = AUID_UNSET,
		.container = {
			.id = ID,
			.name = "hack",
			.runtime = "docker",
			.image = "bb",
			.privileged = TRISTATE_YES,
			.entry = ENTRY_INIT,
		},
		.launcher = {
			.auid = 3267,
			.login = "dwalsh",
			.pid = 6700,
			.exe = "/usr/bin/docker",
			.argv = TEXTS("docker\0run\0--privileged\0bb"),
			.via = "/run/docker.sock",
			.confidence = CONFIDENCE_CERTAIN,
			.evidence = TEXTS("only client connected\0"
					  "dwalsh (auid 3267) acted as uid 0: docker run\0"
					  "its command line names the container"),
		},
		.severity = SEVERITY_CRITICAL,
	};
}

static struct touch nobodys_touch(const char *reason)
{
	struct touch touch = container_touch();

	touch.container.name = "web";
	touch.container.image = "nginx";
	touch.container.privileged = TRISTATE_NO;
	touch.launcher = (struct touch_launcher){ .auid = AUID_UNSET, .reason = reason };
	return touch;
}

static struct touch host_touch(void)
{
	struct touch touch = container_touch();

	touch.container = (struct touch_container){ 0 };
	touch.launcher = (struct touch_launcher){ .auid = AUID_UNSET };
	touch.auid = 3267;
	touch.login = "dwalsh";
	touch.comm = "vi";
	touch.pid = 6800;
	return touch;
}

static void assert_printed(
	const struct touch *touch, size_t width, bool colour, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	touch_story_print(out, touch, width, colour);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

#define assert_story(touch, sentence) assert_printed(touch, 0, false, TIME sentence "\n")

static void one_client_is_named_for_certain(void **state)
{
	struct touch touch = container_touch();

	assert_story(&touch,
		"dwalsh, by \"docker run --privileged bb\" (pid 6700), through docker container "
		"hack "
		"(bb, privileged), wrote /etc/passwd as root. Certain: only client connected.");
}

static void a_login_without_a_name_is_a_number(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.login = NULL;
	touch.container.name = NULL;
	touch.container.image = NULL;
	touch.container.privileged = TRISTATE_UNKNOWN;
	assert_story(&touch,
		"auid 3267, by \"docker run --privileged bb\" (pid 6700), through docker container "
		"df2302cf8c63, wrote /etc/passwd as root. Certain: only client connected.");
}

static void an_exec_is_told_from_the_container_itself(void **state)
{
	struct touch touch = container_touch();

	touch.container.entry = ENTRY_EXEC;
	touch.launcher.argv = (struct arguments)TEXTS("docker\0exec\0hack\0sh");
	assert_story(&touch, "dwalsh, by \"docker exec hack sh\" (pid 6700), through an exec into "
			     "docker container "
			     "hack (bb, privileged), wrote /etc/passwd as root. Certain: only "
			     "client connected.");
}

static void sudo_shows_the_login_and_the_uid(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.evidence =
		(struct arguments)TEXTS("only client connected\0dwalsh (auid 3267) acted as uid 0 "
					"through sudo (pid 41048)");
	assert_story(&touch,
		"dwalsh, as root through sudo, by \"docker run --privileged bb\" (pid 6700), "
		"through "
		"docker container hack (bb, privileged), wrote /etc/passwd as root. Certain: only "
		"client connected.");
	touch.launcher.login = NULL;
	touch.launcher.evidence = (struct arguments)TEXTS(
		"only client connected\0auid 3267 acted as uid 1001 through su (pid 41048)");
	assert_story(&touch,
		"auid 3267, as uid 1001 through su, by \"docker run --privileged bb\" (pid 6700), "
		"through docker container hack (bb, privileged), wrote /etc/passwd as root. "
		"Certain: "
		"only client connected.");
}

static void a_client_in_a_container_is_told_with_it(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.evidence =
		(struct arguments)TEXTS("only client connected\0the client runs in container outer "
					"(8a1f09c2d3e4), entry pid "
					"77, whose launcher is dwalsh (auid 3267)");
	touch.launcher.argv = (struct arguments)TEXTS("engine-client");
	assert_story(&touch,
		"dwalsh, by \"engine-client\" (pid 6700) in container outer (8a1f09c2d3e4), "
		"through "
		"docker container hack (bb, privileged), wrote /etc/passwd as root. Certain: only "
		"client connected.");
}

static void likely_says_what_keeps_it_from_being_certain(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.confidence = CONFIDENCE_LIKELY;
	touch.launcher.evidence = (struct arguments)TEXTS(
		"2 clients of 2 logins can have asked; this one's command line speaks for it\0"
		"candidate: dwalsh (auid 3267), pid 6700: docker run (names the container)\0"
		"candidate: auid 3268, pid 6701: docker ps (asks for something else)");
	assert_story(&touch, "dwalsh, by \"docker run --privileged bb\" (pid 6700), through docker "
			     "container hack "
			     "(bb, privileged), wrote /etc/passwd as root. Likely: 2 clients of 2 "
			     "logins can have "
			     "asked; this one's command line speaks for it.");
	touch.launcher.evidence = (struct arguments)TEXTS(
		"only client connected\0its command line names the container\0"
		"a connection of a client that is not known");
	assert_story(&touch, "dwalsh, by \"docker run --privileged bb\" (pid 6700), through docker "
			     "container hack "
			     "(bb, privileged), wrote /etc/passwd as root. Likely: a connection of "
			     "a client that "
			     "is not known.");
}

/* Whatever else is told, it is the one that weighs. */
static void each_reason_for_doubt_is_told(void **state)
{
	static const char *const reasons[] = {
		"who was connected at the moment could not be seen: these connected before",
		"the command that made it was the engine's, and ended before its program could be "
		"seen",
		"what made it ended before it could be seen: the engine's command, or a process of "
		"the container, whom nobody has asked",
		"the engine listens on the network, too: who asks there is not known",
		"3 connections of clients that are not known",
		"another login had been connected to a socket whose requests outlive their "
		"connections, not long before",
		"the engine may have begun it by itself: restart policy",
		"its connection can have been another login's as well, which can have asked then",
		"the engine was there before auditing is known to have been: not all that it read "
		"need be on record",
	};
	static const char others[] =
		"only client connected\0was connected to /run/docker.sock, since when is not "
		"known\0"
		"had ended 0.100 s before: the engine was still at work for it\0"
		"left out: 1 connections that came when the engine was at work on it";
	char evidence[1024], expected[512];

	for (size_t i = 0; i < ELEMENTS(reasons); i++) {
		struct touch touch = container_touch();

		memcpy(evidence, others, sizeof(others));
		strcpy(evidence + sizeof(others), reasons[i]);
		touch.launcher.confidence = CONFIDENCE_LIKELY;
		touch.launcher.evidence =
			(struct arguments){ evidence, sizeof(others) + strlen(reasons[i]), true };
		snprintf(expected, sizeof(expected),
			TIME "dwalsh, by \"docker run --privileged bb\" (pid 6700), through docker "
			     "container hack (bb, privileged), wrote /etc/passwd as root. Likely: "
			     "%s.\n",
			reasons[i]);
		assert_printed(&touch, 0, false, expected);
	}
}

static void several_that_fit_are_all_named(void **state)
{
	struct touch touch = container_touch();

	touch.launcher = (struct touch_launcher){
		.auid = AUID_UNSET,
		.confidence = CONFIDENCE_AMBIGUOUS,
		.evidence = TEXTS("3 clients of 2 logins can have asked\0"
				  "candidate: dwalsh (auid 3267), pid 41: /tmp/a (may be)\0"
				  "candidate: dwalsh (auid 3267), pid 42: /tmp/a (may be)\0"
				  "candidate: auid 3268, pid 43: /tmp/b (may be)"),
	};
	assert_story(&touch, "one of dwalsh and auid 3268, through docker container hack (bb, "
			     "privileged), wrote "
			     "/etc/passwd as root. Ambiguous: 3 clients of 2 logins can have "
			     "asked; \"auditmon show "
			     "event:22\" has them all.");
	touch.launcher.evidence =
		(struct arguments)TEXTS("5 clients of 5 logins can have asked\0"
					"candidate: ann (auid 1), pid 41: a (may be)\0"
					"candidate: ben (auid 2), pid 42: a (may be)\0"
					"candidate: cat (auid 3), pid 43: a (may be)\0"
					"candidate: dan (auid 4), pid 44: a (may be)\0"
					"candidate: eve (auid 5), pid 45: a (may be)");
	assert_story(&touch, "one of ann, ben, cat, dan and others, through docker container hack "
			     "(bb, privileged), "
			     "wrote /etc/passwd as root. Ambiguous: 5 clients of 5 logins can have "
			     "asked; \"auditmon "
			     "show event:22\" has them all.");
	touch.launcher.evidence = (struct arguments){ 0 };
	assert_story(&touch,
		"one of several logins, through docker container hack (bb, privileged), wrote "
		"/etc/passwd as root. Ambiguous; \"auditmon show event:22\" has them all.");
}

static void where_nobody_is_named_the_reason_is(void **state)
{
	static const char *const reasons[] = {
		"the engine restarted it by its restart policy",
		"the engine ran its health check",
		"Swarm's scheduler started it: a task of a service",
		"Kubernetes' kubelet asked for it: it belongs to a pod",
		"auditmon was started after it began",
		"asked for by a client without a login: cron (pid 77)",
	};
	char expected[512];

	for (size_t i = 0; i < ELEMENTS(reasons); i++) {
		struct touch touch = nobodys_touch(reasons[i]);

		snprintf(expected, sizeof(expected),
			TIME "the docker container web (nginx) wrote /etc/passwd as root. Nobody "
			     "is named: "
			     "%s.\n",
			reasons[i]);
		assert_printed(&touch, 0, false, expected);
	}
}

static void where_not_even_a_reason_is_known_that_is_said(void **state)
{
	struct touch touch = nobodys_touch(NULL);

	touch.container.entry = ENTRY_EXEC;
	assert_story(&touch, "an exec into the docker container web (nginx) wrote /etc/passwd as "
			     "root. Nobody is "
			     "named.");
}

static void a_login_that_the_kernel_kept_is_told_as_it_is(void **state)
{
	struct touch touch = nobodys_touch(NULL);

	touch.container.runtime = "podman";
	touch.auid = 3267;
	touch.login = "dwalsh";
	assert_story(
		&touch, "dwalsh, through podman container web (nginx), wrote /etc/passwd as root.");
}

static void a_login_that_a_container_gave_itself_is_nobodys(void **state)
{
	struct touch touch = nobodys_touch("auditmon was started after it began");

	touch.auid = 3267;
	touch.login = "dwalsh";
	touch.flags = FLAG_BIT(FLAG_DAEMON_SPAWNED);
	touch.doubt = "loginuid was set inside the container: it names whom the container chose";
	assert_story(&touch, "the docker container web? (nginx) wrote /etc/passwd as root. Nobody "
			     "is named: auditmon "
			     "was started after it began. In doubt: loginuid was set inside the "
			     "container: it names "
			     "whom the container chose.");
}

static void a_process_of_the_host_is_told_with_its_program(void **state)
{
	struct touch touch = host_touch();

	assert_story(&touch, "dwalsh wrote /etc/passwd as root, by vi (pid 6800).");
	touch.auid = AUID_UNSET;
	touch.login = NULL;
	touch.success = false;
	touch.user = NULL;
	touch.uid = 999;
	assert_story(&touch, "vi (pid 6800), a process without a login, failed to write "
			     "/etc/passwd as uid 999.");
}

static void of_a_log_the_container_is_not_known(void **state)
{
	struct touch touch = host_touch();

	touch.doubt = "from a log: which container this was is not in it";
	touch.path_by = PATH_AS_SEEN;
	assert_story(&touch, "dwalsh, perhaps through a container, wrote /etc/passwd? as root.");
	touch.auid = AUID_UNSET;
	assert_story(&touch, "vi (pid 6800), a process without a login and perhaps of a container, "
			     "wrote /etc/passwd? "
			     "as root.");
	touch.action = ACTION_DENIED;
	touch.path = touch.path_seen = touch.user = NULL;
	touch.uid = AUID_UNSET;
	assert_story(&touch, "vi (pid 6800), a process without a login and perhaps of a container, "
			     "was denied access "
			     "to an unknown file as an unknown user.");
}

static void a_file_without_a_name_is_unknown(void **state)
{
	struct touch touch = container_touch();

	touch.path = touch.path_seen = NULL;
	touch.action = ACTION_DELETE;
	assert_story(&touch, "dwalsh, by \"docker run --privileged bb\" (pid 6700), through docker "
			     "container hack "
			     "(bb, privileged), deleted an unknown file as root. Certain: only "
			     "client connected.");
}

/* Who chooses names can neither write to the terminal nor say more than a name. */
static void what_outsiders_chose_stays_between_its_quotes(void **state)
{
	struct touch touch = container_touch();

	touch.path = "/tmp/x as root. Certain";
	touch.launcher.argv = (struct arguments)TEXTS("sh\0-c\0x\" (pid 1),\033[2J\n wrote");
	touch.launcher.login = "d walsh";
	touch.container.image = "a\xff\u202e";
	assert_story(&touch, "\"d walsh\", by \"sh -c x\\\" (pid 1),\\x1b[2J\\x0a wrote\" (pid "
			     "6700), through docker "
			     "container hack (a\\xff\\xe2\\x80\\xae, privileged), wrote \"/tmp/x "
			     "as root. Certain\" "
			     "as root. Certain: only client connected.");
	touch = host_touch();
	touch.comm = "a (pid 1)";
	touch.path = "/a\"b";
	assert_story(&touch, "dwalsh wrote \"/a\\\"b\" as root, by \"a (pid 1)\" (pid 6800).");
}

/* A backslash of theirs does not free the quote behind it. */
static void a_backslash_does_not_end_the_quotes(void **state)
{
	struct touch touch = host_touch();

	touch.path = "/a\\\" as bob\\";
	assert_story(&touch, "dwalsh wrote \"/a\\\\\\\" as bob\\\\\" as root, by vi (pid 6800).");
	touch.path = "/a b\\c";
	assert_story(&touch, "dwalsh wrote \"/a b\\c\" as root, by vi (pid 6800).");
}

static void what_looks_like_a_blank_is_none(void **state)
{
	struct touch touch = host_touch();

	touch.path = "/x\u00a0as\u3000bob.";
	assert_story(&touch,
		"dwalsh wrote /x\\xc2\\xa0as\\xe3\\x80\\x80bob. as root, by vi (pid 6800).");
}

/* What stands in the evidence of other clients is theirs. */
static void a_candidates_words_are_not_taken_for_evidence(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.confidence = CONFIDENCE_LIKELY;
	touch.launcher.evidence = (struct arguments)TEXTS(
		"2 clients of 2 logins can have asked\0"
		"the client runs in container outer (8a1f09c2d3e4), entry pid 77, whose launcher "
		"is "
		"dwalsh (auid 3267)\0"
		"candidate: eve (auid 3268), pid 6701: x (auid 3267) acted as uid 0 through sudo "
		"(pid "
		"1) by itself left out (asks for something else)\0"
		"left out: 1 connections that came when the engine was at work on it");
	assert_story(&touch,
		"dwalsh, by \"docker run --privileged bb\" (pid 6700) in container outer "
		"(8a1f09c2d3e4), through docker container hack (bb, privileged), wrote /etc/passwd "
		"as root. Likely: 2 clients of 2 logins can have asked.");
}

static void a_containers_name_is_not_taken_for_evidence(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.evidence =
		(struct arguments)TEXTS("only client connected\0the client runs in container a "
					"acted as uid 0 through su (pid "
					"1), entry pid 2 (8a1f09c2d3e4), entry pid 77, whose "
					"launcher is dwalsh (auid 3267)");
	assert_story(&touch, "dwalsh, by \"docker run --privileged bb\" (pid 6700) in container "
			     "\"a acted as uid 0 "
			     "through su (pid 1), entry pid 2\" (8a1f09c2d3e4), through docker "
			     "container hack (bb, privileged), "
			     "wrote /etc/passwd as root. Certain: only client connected.");
}

static void arguments_that_are_not_whole_do_not_end_as_if_they_were(void **state)
{
	struct touch touch = container_touch();

	touch.launcher.argv.complete = false;
	assert_story(&touch, "dwalsh, by \"docker run --privileged bb ...\" (pid 6700), through "
			     "docker container "
			     "hack (bb, privileged), wrote /etc/passwd as root. Certain: only "
			     "client connected.");
}

static void a_narrow_terminal_gets_several_lines(void **state)
{
	struct touch touch = container_touch();

	assert_printed(&touch, 60, true,
		"2026-11-23 11:23:22  dwalsh, by \"docker run --privileged bb\"\n"
		"    (pid 6700), through docker container hack (bb,\n"
		"    privileged), wrote \033[1;31m/etc/passwd\033[0m as root. Certain: only\n"
		"    client connected.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_client_is_named_for_certain),
		cmocka_unit_test(a_login_without_a_name_is_a_number),
		cmocka_unit_test(an_exec_is_told_from_the_container_itself),
		cmocka_unit_test(sudo_shows_the_login_and_the_uid),
		cmocka_unit_test(a_client_in_a_container_is_told_with_it),
		cmocka_unit_test(likely_says_what_keeps_it_from_being_certain),
		cmocka_unit_test(each_reason_for_doubt_is_told),
		cmocka_unit_test(several_that_fit_are_all_named),
		cmocka_unit_test(where_nobody_is_named_the_reason_is),
		cmocka_unit_test(where_not_even_a_reason_is_known_that_is_said),
		cmocka_unit_test(a_login_that_the_kernel_kept_is_told_as_it_is),
		cmocka_unit_test(a_login_that_a_container_gave_itself_is_nobodys),
		cmocka_unit_test(a_process_of_the_host_is_told_with_its_program),
		cmocka_unit_test(of_a_log_the_container_is_not_known),
		cmocka_unit_test(a_file_without_a_name_is_unknown),
		cmocka_unit_test(what_outsiders_chose_stays_between_its_quotes),
		cmocka_unit_test(a_backslash_does_not_end_the_quotes),
		cmocka_unit_test(what_looks_like_a_blank_is_none),
		cmocka_unit_test(a_candidates_words_are_not_taken_for_evidence),
		cmocka_unit_test(a_containers_name_is_not_taken_for_evidence),
		cmocka_unit_test(arguments_that_are_not_whole_do_not_end_as_if_they_were),
		cmocka_unit_test(a_narrow_terminal_gets_several_lines),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
