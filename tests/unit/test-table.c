/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "output/table.h"

static const struct table_column columns[] = {
	{ .title = "NAME" },
	{ .title = "COUNT", .right = true },
	{ .title = "PATH", .shrink = 8 },
};

/* A table that prints into text. */
struct sheet {
	char *text;
	size_t len;
	FILE *out;
	struct table *table;
};

static void sheet_open(struct sheet *sheet, size_t width, bool colour)
{
	*sheet = (struct sheet){};
	sheet->out = open_memstream(&sheet->text, &sheet->len);
	assert_non_null(sheet->out);
	assert_int_equal(
		table_new(columns, ELEMENTS(columns), sheet->out, width, colour, &sheet->table), 0);
}

static void sheet_row(struct sheet *sheet, const char *name, const char *count, const char *path)
{
	assert_int_equal(table_cell(sheet->table, name, TABLE_PLAIN), 0);
	assert_int_equal(table_cell(sheet->table, count, TABLE_PLAIN), 0);
	assert_int_equal(table_cell(sheet->table, path, TABLE_RED), 0);
}

static void sheet_close(struct sheet *sheet)
{
	assert_int_equal(table_finish(sheet->table), 0);
	table_free(sheet->table);
	fclose(sheet->out);
}

static void assert_sheet(struct sheet *sheet, const char *expected)
{
	sheet_close(sheet);
	assert_string_equal(sheet->text, expected);
	free(sheet->text);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a", "1", "/etc/passwd");
	sheet_row(&sheet, "a longer name", "123456", "/x");
	assert_sheet(&sheet, "NAME            COUNT  PATH\n"
			     "a                   1  /etc/passwd\n"
			     "a longer name  123456  /x\n");
}

static void titles_count_as_cells(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a", "1", "/");
	assert_sheet(&sheet, "NAME  COUNT  PATH\n"
			     "a         1  /\n");
}

static void no_rows_print_nothing(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 80, true);
	assert_sheet(&sheet, "");
}

static void an_absent_cell_is_a_dash(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, NULL, NULL, NULL);
	assert_sheet(&sheet, "NAME  COUNT  PATH\n"
			     "-         -  -\n");
}

static void no_line_ends_in_blanks(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a", "1", "");
	sheet_row(&sheet, "", "", "/x");
	sheet_row(&sheet, "", "", "");
	assert_sheet(&sheet, "NAME  COUNT  PATH\n"
			     "a         1\n"
			     "             /x\n"
			     "\n");
}

static void a_long_cell_loses_its_middle(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 30, false);
	sheet_row(&sheet, "a", "1", "/etc/kubernetes/manifests/etcd.yaml");
	assert_sheet(&sheet, "NAME COUNT PATH\n"
			     "a        1 /etc/k…ts/etcd.yaml\n");
}

static void gaps_shrink_before_cells(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 22, false);
	sheet_row(&sheet, "a", "1", "/etc/passwd");
	assert_sheet(&sheet, "NAME COUNT PATH\n"
			     "a        1 /etc/passwd\n");
}

static void the_terminals_width_is_used_to_the_last_column(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 24, false);
	sheet_row(&sheet, "a", "1", "/etc/passwd");
	assert_sheet(&sheet, "NAME  COUNT  PATH\n"
			     "a         1  /etc/passwd\n");
}

static void off_a_terminal_nothing_is_shortened(void **state)
{
	struct sheet sheet;
	char path[5000];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a", "1", path);
	sheet_close(&sheet);
	assert_non_null(strstr(sheet.text, path));
	free(sheet.text);
}

/* Below what the columns may be shortened to, in need; what may not be shortened never is. */
static void a_terminal_that_is_too_small_gets_no_endless_loop(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 13, false);
	sheet_row(&sheet, "a", "1", "/etc/passwd");
	assert_sheet(&sheet, "NAME COUNT …H\n"
			     "a        1 …d\n");
}

static void wide_characters_take_two_columns(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "漢字", "1", "/");
	sheet_row(&sheet, "e\u0301te\u0301", "1", "/");
	assert_sheet(&sheet, "NAME  COUNT  PATH\n"
			     "漢字      1  /\n"
			     "e\u0301te\u0301       1  /\n");
}

static void wide_characters_are_never_halved(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 21, false);
	sheet_row(&sheet, "a", "1", "漢字漢字漢字漢字");
	assert_sheet(&sheet, "NAME COUNT PATH\n"
			     "a        1 漢…字漢字\n");
}

static void a_combining_character_stays_with_its_letter(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 19, false);
	/* The seventh letter, the first that is left out, is combined. */
	sheet_row(&sheet, "a", "1", "abe\u0301defe\u0301ghijk");
	assert_sheet(&sheet, "NAME COUNT PATH\n"
			     "a        1 ab…ghijk\n");
}

static void a_hostile_cell_stays_one_line(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a\nb", "\033[2J", "\xe2\x80\xae\xff\xc2\x9b");
	assert_sheet(&sheet, "NAME      COUNT  PATH\n"
			     "a\\x0ab  \\x1b[2J  \\xe2\\x80\\xae\\xff\\xc2\\x9b\n");
}

/* A report's are what its SQL, or somebody's database, calls its columns. */
static void a_hostile_title_is_escaped_and_need_not_stay(void **state)
{
	char title[] = "\033[2Jé\n";
	const struct table_column one[] = { { .title = title } };
	struct sheet sheet = {};

	sheet.out = open_memstream(&sheet.text, &sheet.len);
	assert_int_equal(table_new(one, 1, sheet.out, 0, false, &sheet.table), 0);
	memset(title, 'x', sizeof(title) - 1);
	assert_int_equal(table_cell(sheet.table, "a", TABLE_PLAIN), 0);
	assert_sheet(&sheet, "\\x1b[2Jé\\x0a\na\n");
}

static void titles_are_bold_and_styles_coloured_on_a_terminal(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 80, true);
	sheet_row(&sheet, "a", "1", "/x");
	assert_sheet(&sheet, "\033[1mNAME\033[0m  \033[1mCOUNT\033[0m  \033[1mPATH\033[0m\n"
			     "a         1  \033[1;31m/x\033[0m\n");
}

static void a_long_table_is_printed_in_pieces_of_the_same_widths(void **state)
{
	struct sheet sheet;
	size_t len;

	sheet_open(&sheet, 30, false);
	for (int i = 0; i < TABLE_MAX_ROWS - 1; i++)
		sheet_row(&sheet, "a", "1", "/x");
	fflush(sheet.out);
	assert_int_equal(sheet.len, 0);
	sheet_row(&sheet, "a", "1", "/x");
	fflush(sheet.out);
	len = sheet.len;
	assert_int_equal(
		len, strlen("NAME  COUNT  PATH\n") + TABLE_MAX_ROWS * strlen("a         1  /x\n"));
	sheet_row(&sheet, "a longer name", "1234567", "/etc/passwd");
	sheet_close(&sheet);
	assert_string_equal(sheet.text + len, "a longer name  1234567  /…wd\n");
	free(sheet.text);
}

static void a_megabyte_of_text_is_a_piece_too(void **state)
{
	char path[4096];
	struct sheet sheet;
	int rows = 0;

	memset(path, '\033', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	sheet_open(&sheet, 80, false);
	for (; sheet.len == 0 && rows < TABLE_MAX_ROWS; rows++) {
		sheet_row(&sheet, "a", "1", path);
		fflush(sheet.out);
	}
	assert_in_range(rows, 2, 100);
	sheet_close(&sheet);
	free(sheet.text);
}

static void a_closed_pipe_is_epipe_for_every_later_cell(void **state)
{
	_cleanup_(table_freep) struct table *table = NULL;
	_cleanup_(fclosep) FILE *out = NULL;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	out = fdopen(ends[1], "w");
	assert_int_equal(table_new(columns, 1, out, 0, false, &table), 0);
	for (int i = 0; i < TABLE_MAX_ROWS - 1; i++)
		assert_int_equal(table_cell(table, "a", TABLE_PLAIN), 0);
	assert_int_equal(table_cell(table, "a", TABLE_PLAIN), -EPIPE);
	assert_int_equal(table_cell(table, "a", TABLE_PLAIN), -EPIPE);
	assert_int_equal(table_finish(table), -EPIPE);
}

static void a_full_disk_is_enospc(void **state)
{
	_cleanup_(table_freep) struct table *table = NULL;
	_cleanup_(fclosep) FILE *out = fopen("/dev/full", "we");

	assert_non_null(out);
	assert_int_equal(table_new(columns, 1, out, 0, false, &table), 0);
	assert_int_equal(table_cell(table, "a", TABLE_PLAIN), 0);
	assert_int_equal(table_finish(table), -ENOSPC);
}

static void a_row_that_was_not_completed_is_not_printed(void **state)
{
	struct sheet sheet;

	sheet_open(&sheet, 0, false);
	sheet_row(&sheet, "a", "1", "/");
	assert_int_equal(table_cell(sheet.table, "half", TABLE_PLAIN), 0);
	sheet_close(&sheet);
	assert_null(strstr(sheet.text, "half"));
	free(sheet.text);
}

static void text_outside_a_table_is_shortened_alike(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(table_print_text(out, "/etc/kubernetes/manifests", 10), 10);
	fputc('|', out);
	assert_int_equal(table_print_text(out, "a\nb", 10), 6);
	fclose(out);
	assert_string_equal(text, "/et…ifests|a\\x0ab");
	free(text);
}

static void a_locale_without_the_ellipsis_gets_a_tilde(void **state)
{
	struct sheet sheet;

	setlocale(LC_ALL, "C");
	sheet_open(&sheet, 19, false);
	sheet_row(&sheet, "a", "1", "/etc/passwd");
	assert_sheet(&sheet, "NAME COUNT PATH\n"
			     "a        1 /e~asswd\n");
	setlocale(LC_ALL, "C.UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(titles_count_as_cells),
		cmocka_unit_test(no_rows_print_nothing),
		cmocka_unit_test(an_absent_cell_is_a_dash),
		cmocka_unit_test(no_line_ends_in_blanks),
		cmocka_unit_test(a_long_cell_loses_its_middle),
		cmocka_unit_test(gaps_shrink_before_cells),
		cmocka_unit_test(the_terminals_width_is_used_to_the_last_column),
		cmocka_unit_test(off_a_terminal_nothing_is_shortened),
		cmocka_unit_test(a_terminal_that_is_too_small_gets_no_endless_loop),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(wide_characters_are_never_halved),
		cmocka_unit_test(a_combining_character_stays_with_its_letter),
		cmocka_unit_test(a_hostile_cell_stays_one_line),
		cmocka_unit_test(a_hostile_title_is_escaped_and_need_not_stay),
		cmocka_unit_test(titles_are_bold_and_styles_coloured_on_a_terminal),
		cmocka_unit_test(a_long_table_is_printed_in_pieces_of_the_same_widths),
		cmocka_unit_test(a_megabyte_of_text_is_a_piece_too),
		cmocka_unit_test(a_closed_pipe_is_epipe_for_every_later_cell),
		cmocka_unit_test(a_full_disk_is_enospc),
		cmocka_unit_test(a_row_that_was_not_completed_is_not_printed),
		cmocka_unit_test(text_outside_a_table_is_shortened_alike),
		cmocka_unit_test(a_locale_without_the_ellipsis_gets_a_tilde),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
