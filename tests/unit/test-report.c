/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "store/report.h"

static int parse(const char *text, struct report **ret)
{
	return report_parse("name", text, strlen(text), ret);
}

static void a_report_has_a_head(void **state)
{
	_cleanup_(report_freep) struct report *report = NULL;

	assert_int_equal(parse("-- SPDX-License-Identifier: X\n"
			       "-- title:  Who did it \r\n"
			       "\n"
			       "--description:\tWhat: that\n"
			       "-- parameter: since  From then on\n"
			       "-- parameter: path\n"
			       "SELECT 1\n"
			       "-- title: too late\n",
				 &report),
		0);
	assert_string_equal(report->name, "name");
	assert_string_equal(report->title, "Who did it");
	assert_string_equal(report->description, "What: that");
	assert_int_equal(report->n_parameters, 2);
	assert_string_equal(report->parameters[0], "since  From then on");
	assert_string_equal(report->parameters[1], "path");
}

static void a_report_without_a_title_is_none(void **state)
{
	struct report *report = NULL;

	assert_int_equal(parse("SELECT 1", &report), -EINVAL);
	assert_int_equal(parse("", &report), -EINVAL);
	assert_int_equal(parse("-- title:\nSELECT 1", &report), -EINVAL);
	assert_int_equal(parse("SELECT 1\n-- title: late", &report), -EINVAL);
	assert_null(report);
}

static void a_report_is_text(void **state)
{
	struct report *report = NULL;

	assert_int_equal(parse("-- title: \xff\nSELECT 1", &report), -EINVAL);
	assert_int_equal(report_parse("name", "-- title: x\0SELECT 1", 20, &report), -EINVAL);
	assert_null(report);
}

static void a_head_without_end_is_refused(void **state)
{
	char text[8192] = "-- title: x\n";
	struct report *report = NULL;

	for (int i = 0; i < 33; i++)
		strcat(text, "-- parameter: x\n");
	assert_int_equal(parse(text, &report), -EINVAL);
	assert_null(report);
}

static void a_description_is_not_needed(void **state)
{
	_cleanup_(report_freep) struct report *report = NULL;

	assert_int_equal(parse("-- title: x\nSELECT 1", &report), 0);
	assert_null(report->description);
	assert_int_equal(report->n_parameters, 0);
}

static void a_file_gives_the_report_its_name(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(report_freep) struct report *report = NULL;
	const char *path = beside(fixture, ".x.sql");
	FILE *file = fopen(path, "we");

	fputs("-- title: x\nSELECT 1", file);
	fclose(file);
	assert_int_equal(report_read(path, &report), 0);
	assert_string_equal(report->name, "db.x");
}

static void a_file_that_is_not_there_or_too_long_is_no_report(void **state)
{
	struct fixture *fixture = *state;
	struct report *report = NULL;
	FILE *file;

	assert_int_equal(report_read(beside(fixture, ".sql"), &report), -ENOENT);
	file = fopen(beside(fixture, ".sql"), "we");
	fputs("-- title: x\nSELECT 1", file);
	fclose(file);
	assert_int_equal(truncate(beside(fixture, ".sql"), 256 * 1024 + 1), 0);
	assert_int_equal(report_read(beside(fixture, ".sql"), &report), -EFBIG);
	assert_null(report);
}

static struct store *store_with_a_touch(const struct fixture *fixture)
{
	struct touch touch = full_touch();
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	touch.path_seen = "/host/\xff\n";
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_free(writer), 0);
	return open_store(fixture, STORE_READ);
}

/* What comes of a report with this SQL; the error, if any, must contain words. */
static int run(struct store *store, const char *sql, const struct report_parameter *parameters,
	size_t n_parameters, struct report_run **ret, const char *words)
{
	_cleanup_(freep) char *text = NULL, *error = NULL;
	_cleanup_(report_freep) struct report *report = NULL;
	int r;

	assert_true(asprintf(&text, "-- title: x\n%s", sql) > 0);
	assert_int_equal(parse(text, &report), 0);
	r = report_run_new(store, report, parameters, n_parameters, ret, &error);
	if (words && (!error || !strstr(error, words)))
		fail_msg("no '%s' in '%s'", words, error ? error : "(none)");
	return r;
}

static void a_report_gives_rows(void **state)
{
	_cleanup_(store_closep) struct store *store = store_with_a_touch(*state);
	_cleanup_(report_run_freep) struct report_run *report = NULL;
	_cleanup_(freep) char *json = NULL;

	assert_int_equal(run(store,
				 "SELECT path, serial, auid, path_seen AS \"as \"\"seen\"\"\","
				 " 1.5 AS half FROM touch; -- the end\n",
				 NULL, 0, &report, NULL),
		0);
	assert_int_equal(report_run_columns(report), 5);
	assert_string_equal(report_run_column_name(report, 0), "path");
	assert_int_equal(report_run_next(report), 1);
	assert_string_equal(report_run_cell(report, 0), "/etc/passwd");
	assert_string_equal(report_run_cell(report, 1), "22");
	assert_null(report_run_cell(report, 2));
	assert_string_equal(report_run_cell(report, 3), "/host/\\xff\n");
	assert_false(report_run_is_number(report, 0));
	assert_true(report_run_is_number(report, 1));
	assert_true(report_run_is_number(report, 4));
	assert_int_equal(report_run_json(report, &json), 0);
	assert_string_equal(json, "{\"path\":\"/etc/passwd\",\"serial\":22,\"auid\":null,"
				  "\"as \\\"seen\\\"\":\"/host/\\\\xff\\n\",\"half\":1.5}");
	assert_int_equal(report_run_next(report), 0);
}

static void parameters_are_bound_and_the_rest_is_null(void **state)
{
	static const struct report_parameter parameters[] = { { "number", "-7" }, { "text", "7x" },
		{ "serial", "22" }, { "name", "hack" } };
	_cleanup_(store_closep) struct store *store = store_with_a_touch(*state);
	_cleanup_(report_run_freep) struct report_run *report = NULL;

	assert_int_equal(run(store,
				 "SELECT typeof(:number), typeof(:text), typeof(:none)"
				 " FROM touch WHERE serial = :serial AND container_name = :name",
				 parameters, ELEMENTS(parameters), &report, NULL),
		0);
	assert_int_equal(report_run_next(report), 1);
	assert_string_equal(report_run_cell(report, 0), "integer");
	assert_string_equal(report_run_cell(report, 1), "text");
	assert_string_equal(report_run_cell(report, 2), "null");
}

/* A filter that is silently ignored makes a wrong answer. */
static void a_parameter_that_a_report_does_not_have_is_an_error(void **state)
{
	static const struct report_parameter parameter = { "user", "alice" };
	_cleanup_(store_closep) struct store *store = store_with_a_touch(*state);
	struct report_run *report = NULL;

	assert_int_equal(run(store, "SELECT 1", &parameter, 1, &report, "'user'"), -EINVAL);
	assert_null(report);
}

static void a_report_can_do_nothing_but_ask(void **state)
{
	static const struct {
		const char *sql, *words;
	} refused[] = {
		{ "DELETE FROM touch_event", "not authorized" },
		{ "INSERT INTO meta VALUES ('a', 'b')", "not authorized" },
		{ "UPDATE meta SET value = 'x'", "not authorized" },
		{ "DROP TABLE text", "not authorized" },
		{ "CREATE TEMP TABLE t(x)", "not authorized" },
		{ "ATTACH '/tmp/other' AS other", "not authorized" },
		{ "PRAGMA journal_mode = DELETE", "not authorized" },
		{ "PRAGMA query_only", "not authorized" },
		{ "VACUUM INTO '/tmp/copy'", "not a SELECT" },
		{ "BEGIN", "not authorized" },
		{ "SELECT load_extension('/tmp/x.so')", "not authorized" },
		{ "SELECT 1; SELECT 2", "more than one statement" },
		{ "SELECT 1; DROP TABLE text", "more than one statement" },
		{ "SELECT 1; nonsense", "more than one statement" },
		{ "-- nothing", "no statement" },
		{ "SELECT no_such_column FROM touch", "no_such_column" },
		{ "SELEC 1", "syntax error" },
	};
	_cleanup_(store_closep) struct store *store = store_with_a_touch(*state);

	for (size_t i = 0; i < ELEMENTS(refused); i++) {
		struct report_run *report = NULL;

		assert_int_equal(
			run(store, refused[i].sql, NULL, 0, &report, refused[i].words), -EINVAL);
		assert_null(report);
	}
}

static void a_report_may_be_an_elaborate_question(void **state)
{
	_cleanup_(store_closep) struct store *store = store_with_a_touch(*state);
	_cleanup_(report_run_freep) struct report_run *report = NULL;

	assert_int_equal(
		run(store,
			"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < "
			"3)"
			" SELECT i, (SELECT group_concat(value) FROM touch, json_each(flags)),"
			" sum(i) OVER (ORDER BY i) FROM n ORDER BY i DESC",
			NULL, 0, &report, NULL),
		0);
	assert_int_equal(report_run_next(report), 1);
	assert_string_equal(report_run_cell(report, 0), "3");
	assert_string_equal(report_run_cell(report, 1), "host-write,daemon-spawned,privileged");
	assert_string_equal(report_run_cell(report, 2), "6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_has_a_head),
		cmocka_unit_test(a_report_without_a_title_is_none),
		cmocka_unit_test(a_report_is_text),
		cmocka_unit_test(a_head_without_end_is_refused),
		cmocka_unit_test(a_description_is_not_needed),
		store_test(a_file_gives_the_report_its_name),
		store_test(a_file_that_is_not_there_or_too_long_is_no_report),
		store_test(a_report_gives_rows),
		store_test(parameters_are_bound_and_the_rest_is_null),
		store_test(a_parameter_that_a_report_does_not_have_is_an_error),
		store_test(a_report_can_do_nothing_but_ask),
		store_test(a_report_may_be_an_elaborate_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
