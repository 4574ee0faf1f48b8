/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "output/terminal.h"

/* Runs action with a terminal of 77 columns for standard output and error, and returns what
 * appeared there. */
static char *on_terminal(void (*action)(void))
{
	static char shown[8192];
	const struct winsize size = { .ws_row = 24, .ws_col = 77 };
	int terminal, status, len = 0;
	pid_t pid = forkpty(&terminal, NULL, NULL, &size);

	assert_true(pid >= 0);
	if (pid == 0) {
		setenv("TERM", "xterm", 1);
		unsetenv("COLUMNS");
		unsetenv("NO_COLOR");
		unsetenv("AUDITMON_PAGER");
		setenv("PAGER", "", 1);
		action();
		fflush(stdout);
		_exit(0);
	}
	for (;;) {
		ssize_t n = read(terminal, shown + len, sizeof(shown) - 1 - (size_t)len);

		if (n <= 0) /* EIO: nobody has it open any more */
			break;
		len += (int)n;
	}
	shown[len] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(terminal);
	return shown;
}

static void print_facts(void)
{
	printf("%zu %d", terminal_width(), terminal_colour());
}

static void print_facts_without_colour(void)
{
	setenv("NO_COLOR", "1", 1);
	print_facts();
}

static void print_facts_with_empty_no_color(void)
{
	setenv("NO_COLOR", "", 1);
	print_facts();
}

static void print_facts_when_dumb(void)
{
	setenv("TERM", "dumb", 1);
	print_facts();
}

static void print_facts_with_columns(void)
{
	setenv("COLUMNS", "123", 1);
	print_facts();
}

static void print_facts_with_bad_columns(void)
{
	setenv("COLUMNS", "-5", 1);
	print_facts();
	setenv("COLUMNS", "12x", 1);
	print_facts();
	setenv("COLUMNS", "99999999999999999999999", 1);
	print_facts();
}

static void print_to_pager(void)
{
	pager_open();
	printf("out %zu %d\n", terminal_width(), terminal_colour());
	fflush(stdout);
	fprintf(stderr, "error\n");
	pager_close();
	printf("after %zu %d\n", terminal_width(), terminal_colour());
}

static void page_by_variable(void)
{
	setenv("PAGER", "false", 1);
	setenv("AUDITMON_PAGER", " sed  s/^/paged:/ ", 1);
	print_to_pager();
}

static void page_without_input(void)
{
	close(STDIN_FILENO);
	page_by_variable();
}

static void page_without_pager_on_the_machine(void)
{
	setenv("PATH", "/nonexistent", 1);
	setenv("PAGER", "also-nonexistent -x", 1);
	print_to_pager();
}

static void page_by_cat(void)
{
	setenv("PAGER", "cat", 1);
	print_to_pager();
	pager_open();
	printf("%d\n", waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
	pager_close();
}

static void page_with_environment(void)
{
	unsetenv("LESS");
	setenv("PAGER", "env", 1);
	print_to_pager();
}

static void page_and_be_interrupted(void)
{
	setenv("PAGER", "sed s/^/paged:/", 1);
	pager_open();
	raise(SIGINT);
	printf("alive\n");
	pager_close();
}

static void page_after_sigint_was_handled(void)
{
	struct sigaction before;

	setenv("PAGER", "sed s/^/paged:/", 1);
	print_to_pager();
	sigaction(SIGINT, NULL, &before);
	printf("default %d\n", before.sa_handler == SIG_DFL);
}

static void off_a_terminal_there_is_no_width(void **state)
{
	int saved = dup(STDOUT_FILENO), pipe_ends[2];
	size_t width, with_columns;
	bool colour;

	unsetenv("COLUMNS");
	assert_int_equal(pipe(pipe_ends), 0);
	dup2(pipe_ends[1], STDOUT_FILENO);
	width = terminal_width();
	colour = terminal_colour();
	pager_open(); /* does nothing */
	setenv("COLUMNS", "90", 1);
	with_columns = terminal_width();
	unsetenv("COLUMNS");
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	assert_int_equal(width, 0);
	assert_false(colour);
	assert_int_equal(with_columns, 90);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_terminal_has_its_width_and_colour(void **state)
{
	assert_string_equal(on_terminal(print_facts), "77 1");
	assert_string_equal(on_terminal(print_facts_with_columns), "123 1");
	assert_string_equal(on_terminal(print_facts_with_bad_columns), "77 177 177 1");
}

static void colour_can_be_refused(void **state)
{
	assert_string_equal(on_terminal(print_facts_without_colour), "77 0");
	assert_string_equal(on_terminal(print_facts_with_empty_no_color), "77 1");
	assert_string_equal(on_terminal(print_facts_when_dumb), "77 0");
}

static void the_pager_gets_output_and_errors(void **state)
{
	assert_string_equal(
		on_terminal(page_by_variable), "paged:out 77 1\r\npaged:error\r\nafter 77 1\r\n");
}

/* The pipe to the pager gets the number of standard input. */
static void a_program_without_standard_input_has_a_pager_too(void **state)
{
	assert_string_equal(on_terminal(page_without_input),
		"paged:out 77 1\r\npaged:error\r\nafter 77 1\r\n");
}

static void without_a_pager_on_the_machine_the_output_still_comes(void **state)
{
	assert_string_equal(on_terminal(page_without_pager_on_the_machine),
		"out 77 1\r\nerror\r\nafter 77 1\r\n");
}

static void cat_is_no_pager(void **state)
{
	assert_string_equal(on_terminal(page_by_cat), "out 77 1\r\nerror\r\nafter 77 1\r\n1\r\n");
}

static void less_is_told_how_to_behave(void **state)
{
	const char *shown = on_terminal(page_with_environment);

	assert_non_null(strstr(shown, "\nLESS=FRSXMK\r\n"));
	if (geteuid() == 0)
		assert_non_null(strstr(shown, "LESSSECURE=1\r\n"));
	else
		assert_null(strstr(shown, "LESSSECURE=1\r\n"));
}

static void an_interrupt_is_the_pagers(void **state)
{
	assert_string_equal(on_terminal(page_and_be_interrupted), "paged:alive\r\n");
	assert_non_null(strstr(on_terminal(page_after_sigint_was_handled), "default 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_a_terminal_there_is_no_width),
		cmocka_unit_test(a_terminal_has_its_width_and_colour),
		cmocka_unit_test(colour_can_be_refused),
		cmocka_unit_test(the_pager_gets_output_and_errors),
		cmocka_unit_test(a_program_without_standard_input_has_a_pager_too),
		cmocka_unit_test(without_a_pager_on_the_machine_the_output_still_comes),
		cmocka_unit_test(cat_is_no_pager),
		cmocka_unit_test(less_is_told_how_to_behave),
		cmocka_unit_test(an_interrupt_is_the_pagers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
