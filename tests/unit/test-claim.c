/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "attribute/claim.h"

#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"
#define CUT "..."

/* Arguments in one string, separated by '|'; one that ends with CUT is not complete. */
struct text {
	char bytes[512];
	struct arguments arguments;
};

static struct arguments arguments_of(const char *line, struct text *text)
{
	size_t len = strlen(line);
	bool cut = len >= 3 && strcmp(line + len - 3, CUT) == 0;

	len -= cut ? 3 : 0;
	memcpy(text->bytes, line, len);
	text->bytes[len] = '\0';
	for (size_t i = 0; i < len; i++)
		text->bytes[i] = text->bytes[i] == '|' ? '\0' : text->bytes[i];
	return (struct arguments){ text->bytes, len, !cut };
}

static enum claim claim(const char *argv, enum entry_kind kind, const char *program)
{
	static char command[] = "sh\0-c\0echo x";
	struct container_info info = {
		.id = (char *)ID,
		.runtime = (char *)"docker",
		.name = (char *)"hack",
		.image = (char *)"bb",
		.command = command,
		.command_len = sizeof(command),
		.privileged = TRISTATE_YES,
		.labels = (char *)"{\"com.docker.compose.project\":\"shop\"}",
	};
	struct text argv_text, program_text;
	struct arguments arguments = arguments_of(argv, &argv_text);
	struct claim_subject subject = { .info = &info, .kind = kind };

	if (program)
		subject.program = arguments_of(program, &program_text);
	return claim_of(&arguments, &subject);
}

#define RUN "docker|run|--privileged|"

static const struct {
	const char *argv;
	enum entry_kind kind;
	const char *program;
	enum claim claim;
} cases[] = {
	{ RUN "--name|hack|-v|/:/host|bb|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ RUN "--name=hack|bb|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "/usr/bin/docker|-H|unix:///x|--debug|run|--privileged|--name=hack|bb|sh|-c|echo x",
		ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "docker|container|run|--privileged|bb|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_FITS },
	{ RUN "bb", ENTRY_INIT, NULL, CLAIM_FITS },
	{ RUN "bb:latest|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_FITS },
	{ RUN "b|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_OTHER },
	/* Another's name, another command, another image, not privileged, an exec. */
	{ RUN "--name|other|bb|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ RUN "bb|sh|-c|echo y", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ RUN "alpine|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_OTHER },
	/* As it is where values are redacted. */
	{ RUN "bb|sh|-c|ec***", ENTRY_INIT, NULL, CLAIM_FITS },
	{ RUN "bb|sh|***|echo x", ENTRY_INIT, NULL, CLAIM_FITS },
	{ RUN "bb|sh|-c|other***", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|run|--name|hack|bb|sh|-c|echo x", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ RUN "--name|hack|bb|sh|-c|echo x", ENTRY_EXEC, NULL, CLAIM_OTHER },
	/* PROCTITLE ends at 128 bytes. */
	{ RUN "--name|hack|-v|/very/lo" CUT, ENTRY_INIT, NULL, CLAIM_NAMES },
	{ RUN "-v|/very/lo" CUT, ENTRY_INIT, NULL, CLAIM_FITS },
	{ "docker|ru" CUT, ENTRY_INIT, NULL, CLAIM_OPEN },
	/* What starts nothing. */
	{ "docker|ps", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|logs|-f|hack", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|create|--name|hack|bb", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker", ENTRY_INIT, NULL, CLAIM_OPEN },
	{ "docker|system|dial-stdio", ENTRY_INIT, NULL, CLAIM_OPEN },
	/* What exists already. */
	{ "docker|start|-a|hack", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "docker|restart|-t|0|other|hack", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "docker|start|df2302cf8c63", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "docker|start|df2302cf8c64", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|start|hack", ENTRY_EXEC, NULL, CLAIM_OTHER },
	{ "docker|exec|-it|-e|A=b|hack|id", ENTRY_EXEC, "id", CLAIM_NAMES },
	{ "docker|exec|hack|id", ENTRY_EXEC, "ls", CLAIM_OPEN },
	{ "docker|exec|hack|id", ENTRY_EXEC, NULL, CLAIM_NAMES },
	{ "docker|exec|other|id", ENTRY_EXEC, "id", CLAIM_OTHER },
	{ "docker|exec|hack|id", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|exec", ENTRY_EXEC, NULL, CLAIM_OTHER },
	/* compose */
	{ "docker|compose|up|-d", ENTRY_INIT, NULL, CLAIM_FITS },
	{ "docker-compose|-p|shop|up", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "docker|compose|-p|mine|up", ENTRY_INIT, NULL, CLAIM_OTHER },
	{ "docker|compose|ps", ENTRY_INIT, NULL, CLAIM_OTHER },
	/* Programs of one's own. */
	{ "python3|client.py", ENTRY_INIT, NULL, CLAIM_OPEN },
	{ "curl|--unix-socket|/run/docker.sock|-XPOST|http://d/containers/hack/start", ENTRY_INIT,
		NULL, CLAIM_NAMES },
	{ "curl|http://d/containers/hacker/start", ENTRY_INIT, NULL, CLAIM_OPEN },
	{ "curl|http://d/containers/df2302cf8c63b5/start", ENTRY_INIT, NULL, CLAIM_NAMES },
	{ "", ENTRY_INIT, NULL, CLAIM_OPEN },
};

static void a_command_line_is_taken_at_its_word(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum claim got = claim(cases[i].argv, cases[i].kind, cases[i].program);

		if (got != cases[i].claim)
			fail_msg("%s: %d, not %d", cases[i].argv, got, cases[i].claim);
	}
}

static void nothing_known_is_an_open_claim(void **state)
{
	struct container_info info = { .id = (char *)ID, .runtime = (char *)"docker" };
	const struct claim_subject subject = { .info = &info, .kind = ENTRY_UNKNOWN };
	const struct arguments nothing = { 0 };

	assert_int_equal(claim_of(&nothing, &subject), CLAIM_OPEN);
}

static void run_and_exec_begin_one_entry(void **state)
{
	struct text text;
	struct arguments argv = arguments_of("docker|run|bb", &text);

	assert_true(claim_is_for_one(&argv));
	assert_true(claim_makes_container(&argv));
	argv = arguments_of("docker|exec|a|b", &text);
	assert_true(claim_is_for_one(&argv));
	assert_false(claim_makes_container(&argv));
	argv = arguments_of("docker|start|a|b", &text);
	assert_false(claim_is_for_one(&argv));
	argv = arguments_of("python3|run", &text);
	assert_false(claim_is_for_one(&argv));
}

static bool is_check(const char *program, enum entry_kind kind)
{
	/* As an engine's file gives it: with a NUL behind the last. */
	static char check[] = "curl\0-f\0http://localhost/";
	struct container_info info = {
		.id = (char *)ID,
		.life = { .health_check = check, .health_check_len = sizeof(check) },
	};
	struct claim_subject subject = { .info = &info, .kind = kind };
	struct text text;

	if (program)
		subject.program = arguments_of(program, &text);
	return claim_is_health_check(&subject);
}

static void a_health_check_is_told_by_its_command(void **state)
{
	assert_true(is_check("curl|-f|http://localhost/", ENTRY_EXEC));
	assert_true(is_check("curl|-f|http://localhost/|", ENTRY_EXEC));
	assert_true(is_check("sh|-c|curl|-f|http://localhost/", ENTRY_UNKNOWN));
	assert_false(is_check("curl|-f|http://localhost/", ENTRY_INIT));
	assert_false(is_check("curl|-f|http://localhost/x", ENTRY_EXEC));
	assert_false(is_check("mycurl|-f|http://localhost/", ENTRY_EXEC));
	assert_false(is_check("http://localhost/", ENTRY_EXEC));
	assert_false(is_check(NULL, ENTRY_EXEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_line_is_taken_at_its_word),
		cmocka_unit_test(nothing_known_is_an_open_claim),
		cmocka_unit_test(run_and_exec_begin_one_entry),
		cmocka_unit_test(a_health_check_is_told_by_its_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
