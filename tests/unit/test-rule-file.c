/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "watch/rule.h"

/* A directory of its own for each test. */
struct place {
	char path[64];
	int fd;
	char *names[8]; /* what at() made */
	size_t n_names;
};

static int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/test-rule-file-XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return place->fd < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int place_teardown(void **state)
{
	struct place *place = *state;
	int r = nftw(place->path, remove_one, 4, FTW_DEPTH | FTW_PHYS);

	for (size_t i = 0; i < place->n_names; i++)
		free(place->names[i]);
	close(place->fd);
	free(place);
	return r;
}

/* The path of name in the place; the place frees it. */
static const char *at(struct place *place, const char *name)
{
	char *path;

	assert_true(place->n_names < ELEMENTS(place->names));
	assert_true(asprintf(&path, "%s/%s", place->path, name) > 0);
	place->names[place->n_names++] = path;
	return path;
}

static void put_bytes(const struct place *place, const char *name, const char *bytes, size_t len)
{
	int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void put(const struct place *place, const char *name, const char *text)
{
	put_bytes(place, name, text, strlen(text));
}

static struct rule_set *read_one(const char *path)
{
	struct rule_set *set = NULL;
	struct rule_error error;
	int r = rule_set_read(&path, 1, &set, &error);

	if (r != 0)
		fail_msg("%s:%u: %s", error.file, error.line, error.reason);
	assert_null(error.file);
	return set;
}

static void assert_refused(
	const char *path, int expected, const char *file, unsigned line, const char *why)
{
	struct rule_set *set = (struct rule_set *)&expected;
	struct rule_error error;

	assert_int_equal(rule_set_read(&path, 1, &set, &error), -expected);
	assert_ptr_equal(set, &expected);
	assert_string_equal(error.file, file);
	assert_int_equal(error.line, line);
	if (!strstr(error.reason, why))
		fail_msg("'%s', expected '%s'", error.reason, why);
	rule_error_done(&error);
	assert_null(error.file);
}

static void a_file_gives_its_rules_in_order_with_their_lines(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "x",
		"# head\n\n-w /dev/null -k a\n  -w /dev/zero -k b\r\n\t# c\n-w /dev/full -k c");
	set = read_one(at(place, "x"));
	assert_int_equal(set->n_rules, 3);
	assert_string_equal(set->rules[0]->key, "a");
	assert_int_equal(set->rules[0]->line, 3);
	assert_string_equal(set->rules[0]->file, at(place, "x"));
	assert_string_equal(set->rules[1]->path, "/dev/zero");
	assert_int_equal(set->rules[1]->line, 4);
	assert_int_equal(set->rules[2]->line, 6);
	assert_string_equal(set->rules[2]->text, "-w /dev/full -k c");
}

static void an_empty_file_gives_no_rules(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "x", "");
	set = read_one(at(place, "x"));
	assert_int_equal(set->n_rules, 0);
}

static void a_directory_is_read_in_the_order_of_names_as_people_count(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;
	char keys[8] = "";

	put(place, "10-c.rules", "-w /dev/null -k c\n");
	put(place, "9-b.rules", "-w /dev/null -k b\n");
	put(place, "z.rules", "-w /dev/null -k e\n");
	put(place, "1.rules", "-w /dev/null -k a\n");
	put(place, "A.rules", "-w /dev/null -k d\n");
	set = read_one(place->path);
	for (size_t i = 0; i < set->n_rules; i++)
		strcat(keys, set->rules[i]->key);
	assert_string_equal(keys, "abcde");
	assert_string_equal(set->rules[0]->file, at(place, "1.rules"));
}

static void only_files_called_rules_count_in_a_directory(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "a.rules.bak", "garbage\n");
	put(place, ".hidden.rules", "garbage\n");
	put(place, ".rules", "garbage\n");
	put(place, "README", "garbage\n");
	put(place, "rules", "garbage\n");
	set = read_one(place->path);
	assert_int_equal(set->n_rules, 0);
}

static void several_paths_are_read_one_after_the_other(void **state)
{
	struct place *place = *state;
	const char *paths[] = { at(place, "second"), at(place, "first") };
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;
	struct rule_error error;

	put(place, "first", "-w /dev/null -k 1\n");
	put(place, "second", "-w /dev/null -k 2\n");
	assert_int_equal(rule_set_read(paths, 2, &set, &error), 0);
	assert_int_equal(set->n_rules, 2);
	assert_string_equal(set->rules[0]->key, "2");
}

static void a_rule_that_stands_there_twice_is_kept_where_it_is_first(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "x",
		"-w /dev/null -k x\n-w /dev/zero -k x\n-A always,exit -F path=/dev/null -F "
		"perm=rwxa -k x\n"
		"-w /dev/full\n-w /dev/zero -p rwxa -k x\n-w /dev/null -k x\n");
	set = read_one(at(place, "x"));
	assert_int_equal(set->n_rules, 3);
	assert_int_equal(set->n_repeated, 3);
	assert_int_equal(set->rules[0]->line, 1);
	assert_int_equal(set->rules[1]->line, 2);
	assert_int_equal(set->rules[2]->line, 4);
}

static void settings_are_kept_with_their_line(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;
	const struct setting_value *values;

	put(place, "x",
		"-D\n-b 8192\n--backlog_wait_time 60000\n-f 2\n-w /dev/null\n-b 0x10\n-e 2\n"
		"--loginuid-immutable\n-c\n");
	set = read_one(at(place, "x"));
	values = set->settings.values;
	assert_int_equal(set->n_rules, 1);
	assert_int_equal(set->settings.n_without_effect, 2);
	/* Of two the last counts. */
	assert_int_equal(values[SETTING_BACKLOG_LIMIT].value, 16);
	assert_int_equal(values[SETTING_BACKLOG_LIMIT].line, 6);
	assert_string_equal(values[SETTING_BACKLOG_LIMIT].file, at(place, "x"));
	assert_int_equal(values[SETTING_BACKLOG_WAIT].value, 60000);
	assert_int_equal(values[SETTING_FAILURE].value, 2);
	assert_int_equal(values[SETTING_ENABLED].value, 2);
	assert_int_equal(values[SETTING_LOGINUID_IMMUTABLE].line, 8);
	assert_null(values[SETTING_RATE_LIMIT].file);
}

static void settings_that_the_kernel_refuses_are_told(void **state)
{
	struct place *place = *state;

	put(place, "a.rules", "-w /dev/null\n-e 3\n");
	assert_refused(
		place->path, EINVAL, at(place, "a.rules"), 2, "0 (off), 1 (on) or 2 (locked)");
	put(place, "a.rules", "-f panic\n");
	assert_refused(place->path, EINVAL, at(place, "a.rules"), 1, "2 (panic)");
	put(place, "a.rules", "-b 4294967296\n");
	assert_refused(place->path, EINVAL, at(place, "a.rules"), 1, "number of records");
	put(place, "a.rules", "-r -1\n");
	assert_refused(place->path, EINVAL, at(place, "a.rules"), 1, "a second");
}

static void a_link_to_a_file_is_followed(void **state)
{
	struct place *place = *state;
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "shipped", "-w /dev/null\n");
	assert_int_equal(symlinkat("shipped", place->fd, "mine.rules"), 0);
	set = read_one(place->path);
	assert_int_equal(set->n_rules, 1);
	assert_string_equal(set->rules[0]->file, at(place, "mine.rules"));
}

static void a_bad_line_is_told_with_file_and_line(void **state)
{
	struct place *place = *state;

	put(place, "a.rules", "-w /dev/null\n");
	put(place, "b.rules", "# b\n-w /dev/zero\n-w etc\n-w other\n");
	assert_refused(place->path, EINVAL, at(place, "b.rules"), 3, "must begin with '/'");
}

static void a_line_is_not_continued_on_the_next(void **state)
{
	struct place *place = *state;

	put(place, "x", "-w /dev/null \\\n-k x\n");
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 1, "cannot be continued");
}

static void bytes_that_are_no_text_are_refused_with_their_line(void **state)
{
	struct place *place = *state;

	put_bytes(place, "x", "-w /dev/null\n-w /dev/\0zero\n", 27);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 2, "NUL");
	put_bytes(place, "x", "\0", 1);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 1, "NUL");
	put_bytes(place, "x",
		"\x7f"
		"ELF\2\1\1\0\0\0\0",
		11);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 1, "NUL");
	put_bytes(place, "x", "# fine\n\xff\xfe\n", 10);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 2, "stands there");
}

static void a_long_line_is_refused_with_its_number(void **state)
{
	struct place *place = *state;
	char text[RULE_LINE_LEN_MAX + 16] = "-w /dev/null\n";

	memset(text + 13, '/', RULE_LINE_LEN_MAX + 1);
	put_bytes(place, "x", text, 13 + RULE_LINE_LEN_MAX + 1);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), 2, "longer than");
}

static void too_many_rules_are_refused(void **state)
{
	struct place *place = *state;
	FILE *file = fopen(at(place, "x"), "we");

	assert_non_null(file);
	for (int i = 0; i <= RULES_MAX; i++)
		fprintf(file, "-a always,exit -F pid=%d\n", i);
	assert_int_equal(fclose(file), 0);
	assert_refused(at(place, "x"), EINVAL, at(place, "x"), RULES_MAX + 1, "too many");
}

static void a_path_that_is_not_there_is_enoent(void **state)
{
	struct place *place = *state;

	assert_refused(at(place, "nothing"), ENOENT, at(place, "nothing"), 0, "No such file");
}

static void a_link_that_leads_nowhere_is_enoent(void **state)
{
	struct place *place = *state;

	put(place, "a.rules", "-w /dev/null\n");
	assert_int_equal(symlinkat("vanished", place->fd, "b.rules"), 0);
	assert_refused(place->path, ENOENT, at(place, "b.rules"), 0, "No such file");
}

static void a_link_to_itself_is_eloop(void **state)
{
	struct place *place = *state;

	assert_int_equal(symlinkat("a.rules", place->fd, "a.rules"), 0);
	assert_refused(place->path, ELOOP, at(place, "a.rules"), 0, "symbolic links");
	assert_refused(at(place, "a.rules"), ELOOP, at(place, "a.rules"), 0, "symbolic links");
}

static void what_is_no_regular_file_is_refused(void **state)
{
	struct place *place = *state;

	assert_int_equal(mkdirat(place->fd, "a.rules", 0700), 0);
	assert_refused(place->path, ENOTSUP, at(place, "a.rules"), 0, "no regular file");
	assert_int_equal(mkfifoat(place->fd, "fifo", 0600), 0);
	assert_refused(at(place, "fifo"), ENOTSUP, at(place, "fifo"), 0, "no regular file");
}

static void a_file_that_anyone_may_write_to_is_refused(void **state)
{
	struct place *place = *state;

	put(place, "x", "-w /dev/null\n");
	assert_int_equal(fchmodat(place->fd, "x", 0602, 0), 0);
	assert_refused(at(place, "x"), EPERM, at(place, "x"), 0, "anyone may write");
}

static void a_file_beyond_the_limit_is_refused(void **state)
{
	struct place *place = *state;

	put(place, "x", "");
	assert_int_equal(truncate(at(place, "x"), (off_t)RULE_FILE_LEN_MAX + 1), 0);
	assert_refused(at(place, "x"), EFBIG, at(place, "x"), 0, "too large");
}

static void a_file_without_permission_is_refused(void **state)
{
	struct place *place = *state;
	const char *path = at(place, "x");
	int status = 0;
	pid_t pid;

	put(place, "x", "-w /dev/null\n");
	assert_int_equal(fchmodat(place->fd, "x", 0, 0), 0);
	assert_int_equal(fchmod(place->fd, 0755), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rule_set *set;
		struct rule_error error;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(rule_set_read(&path, 1, &set, &error) == -EACCES &&
					strcmp(error.file, path) == 0
				? 0
				: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct problems {
	char text[1024];
	unsigned n;
};

static void note_problem(const struct rule_error *error, void *userdata)
{
	struct problems *problems = userdata;
	const char *slash = strrchr(error->file, '/');

	problems->n++;
	sprintf(problems->text + strlen(problems->text), "%s:%u\n", slash + 1, error->line);
	assert_true(error->reason[0] != '\0');
}

static void a_check_tells_everything_that_is_wrong(void **state)
{
	struct place *place = *state;
	const char *paths[] = { at(place, "nothing"), place->path };
	struct problems problems = { 0 };
	struct rule_set *set = NULL;

	put(place, "a.rules", "-w etc\n-w /dev/null\n-F\n");
	put(place, "b.rules", "-w /dev/null\n");
	put(place, "c.rules", "\n-Q\n");
	assert_int_equal(rule_set_check(paths, 2, note_problem, &problems, &set), -ENOENT);
	assert_string_equal(problems.text, "nothing:0\na.rules:1\na.rules:3\nc.rules:2\n");
	assert_null(set);
}

static void a_check_of_good_files_tells_nothing(void **state)
{
	struct place *place = *state;
	const char *path = place->path;
	struct problems problems = { 0 };
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;

	put(place, "a.rules", "-w /dev/null\n");
	assert_int_equal(rule_set_check(&path, 1, note_problem, &problems, &set), 0);
	assert_int_equal(problems.n, 0);
	assert_int_equal(set->n_rules, 1);
}

#define place_test(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(a_file_gives_its_rules_in_order_with_their_lines),
		place_test(an_empty_file_gives_no_rules),
		place_test(a_directory_is_read_in_the_order_of_names_as_people_count),
		place_test(only_files_called_rules_count_in_a_directory),
		place_test(several_paths_are_read_one_after_the_other),
		place_test(a_rule_that_stands_there_twice_is_kept_where_it_is_first),
		place_test(settings_are_kept_with_their_line),
		place_test(settings_that_the_kernel_refuses_are_told),
		place_test(a_link_to_a_file_is_followed),
		place_test(a_bad_line_is_told_with_file_and_line),
		place_test(a_line_is_not_continued_on_the_next),
		place_test(bytes_that_are_no_text_are_refused_with_their_line),
		place_test(a_long_line_is_refused_with_its_number),
		place_test(too_many_rules_are_refused),
		place_test(a_path_that_is_not_there_is_enoent),
		place_test(a_link_that_leads_nowhere_is_enoent),
		place_test(a_link_to_itself_is_eloop),
		place_test(what_is_no_regular_file_is_refused),
		place_test(a_file_that_anyone_may_write_to_is_refused),
		place_test(a_file_beyond_the_limit_is_refused),
		place_test(a_file_without_permission_is_refused),
		place_test(a_check_tells_everything_that_is_wrong),
		place_test(a_check_of_good_files_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
