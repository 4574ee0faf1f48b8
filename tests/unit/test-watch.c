/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * With the real kernel, so only where AUDITMON_TEST_KERNEL is set, as root, and with no other test
 * that counts rules beside it. All rules are about files of a directory of our own, and all are
 * taken away again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "watch/kernel.h"

struct fixture {
	char path[64];
	struct watch *watch, *other;
};

static int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	if (!getenv("AUDITMON_TEST_KERNEL"))
		return 0;
	strcpy(fixture->path, "/tmp/test-watch-XXXXXX");
	if (!mkdtemp(fixture->path))
		return -1;
	return watch_new(&fixture->watch) < 0 || watch_new(&fixture->other) < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	int r = 0;

	if (fixture->watch) {
		r = watch_clear(fixture->watch) || watch_clear(fixture->other);
		r |= nftw(fixture->path, remove_one, 4, FTW_DEPTH | FTW_PHYS);
	}
	watch_free(fixture->watch);
	watch_free(fixture->other);
	free(fixture);
	return r;
}

static struct fixture *fixture_of(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture->watch)
		skip();
	return fixture;
}

/* The path of name in our directory; good until the next call. */
static const char *at(const struct fixture *fixture, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", fixture->path, name);
	return path;
}

/* Lines in which '@' stands for our directory; NULL ends them. */
static struct rule_set *rules(const struct fixture *fixture, ...)
{
	struct rule_set *set = calloc(1, sizeof(*set));
	const char *line;
	va_list lines;

	va_start(lines, fixture);
	while ((line = va_arg(lines, const char *)) != NULL) {
		const char *sign = strchr(line, '@');
		struct rule_error error = { 0 };
		struct rule *rule = NULL;
		char text[256];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(sign - line), line, fixture->path,
			sign + 1);
		assert_int_equal(rule_parse(text, "test.rules", 1, &rule, &error), 0);
		assert_int_equal(rule_set_add(set, rule), 0);
	}
	va_end(lines);
	return set;
}

static void apply(struct watch *watch, struct rule_set *set)
{
	struct watch_refusal refusal;

	assert_int_equal(watch_apply(watch, set, &refusal), 0);
}

/* How many rules of the kernel are about our directory. */
static size_t count_in_kernel(const struct fixture *fixture)
{
	struct rule_set *set = NULL;
	size_t n = 0;

	assert_int_equal(watch_list_kernel(fixture->other, &set), 0);
	for (size_t i = 0; i < set->n_rules; i++)
		n += set->rules[i]->path &&
		     strncmp(set->rules[i]->path, fixture->path, strlen(fixture->path)) == 0;
	rule_set_free(set);
	return n;
}

static bool is_in_kernel(const struct fixture *fixture, const char *line)
{
	_cleanup_(rule_set_freep) struct rule_set *wanted = rules(fixture, line, NULL);
	struct rule_set *set = NULL;
	struct rule_index index;
	bool found;

	assert_int_equal(watch_list_kernel(fixture->other, &set), 0);
	assert_int_equal(rule_index_init(&index, set), 0);
	found = rule_index_find(&index, wanted->rules[0], NULL);
	rule_index_done(&index);
	rule_set_free(set);
	return found;
}

static bool is_loaded(const struct watch *watch, size_t index)
{
	bool loaded;

	watch_rule(watch, index, &loaded);
	return loaded;
}

static void what_is_wanted_is_in_the_kernel_until_it_is_cleared(void **state)
{
	struct fixture *fixture = fixture_of(state);

	apply(fixture->watch,
		rules(fixture, "-w @/a -p wa -k x", "-w @ -p r -k x",
			"-a always,exit -F arch=b64 -S connect -F path=@/b -F auid!=unset -k x",
			"-A always,exit -F dir=@ -F perm=x -k x", NULL));
	assert_int_equal(watch_count(fixture->watch), 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(is_loaded(fixture->watch, i));
	assert_true(is_in_kernel(fixture, "-w @/a -p wa -k x"));
	assert_true(is_in_kernel(fixture, "-A always,exit -F dir=@ -F perm=x -k x"));
	assert_int_equal(count_in_kernel(fixture), 4);
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
	assert_false(is_loaded(fixture->watch, 0));
}

static void what_is_no_longer_wanted_is_removed(void **state)
{
	struct fixture *fixture = fixture_of(state);

	apply(fixture->watch, rules(fixture, "-w @/a", "-w @/b", NULL));
	apply(fixture->watch, rules(fixture, "-w @/b", "-w @/c", NULL));
	assert_false(is_in_kernel(fixture, "-w @/a"));
	assert_true(is_in_kernel(fixture, "-w @/b"));
	assert_true(is_in_kernel(fixture, "-w @/c"));
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
}

static void what_is_wanted_besides_is_added_alone(void **state)
{
	struct fixture *fixture = fixture_of(state);
	_cleanup_(rule_set_freep) struct rule_set *more =
		rules(fixture, "-w @/a", "-w @/b", "-w @/none/c", NULL);
	struct watch_refusal refusal;

	apply(fixture->watch, rules(fixture, "-w @/a", "-w @/d", NULL));
	assert_int_equal(watch_extend(fixture->watch, more, &refusal), 2);
	assert_int_equal(watch_count(fixture->watch), 4);
	assert_int_equal(count_in_kernel(fixture), 3);
	assert_true(is_in_kernel(fixture, "-w @/b"));
	assert_true(is_in_kernel(fixture, "-w @/d"));
	assert_int_equal(watch_extend(fixture->watch, more, &refusal), 0);
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
}

static void what_others_added_stays_theirs(void **state)
{
	struct fixture *fixture = fixture_of(state);

	apply(fixture->other, rules(fixture, "-w @/a", "-w @/b", NULL));
	apply(fixture->watch, rules(fixture, "-w @/a", "-w @/c", NULL));
	assert_true(is_loaded(fixture->watch, 0));
	apply(fixture->watch, rules(fixture, "-w @/c", NULL));
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_true(is_in_kernel(fixture, "-w @/a"));
	assert_true(is_in_kernel(fixture, "-w @/b"));
	assert_int_equal(count_in_kernel(fixture), 2);
}

static void a_refused_rule_undoes_the_whole_set(void **state)
{
	struct fixture *fixture = fixture_of(state);
	struct watch_refusal refusal;

	apply(fixture->watch, rules(fixture, "-w @/a", NULL));
	assert_int_equal(watch_apply(fixture->watch,
				 rules(fixture, "-w @/b", "-a always,exit -F uid=unset -F path=@/c",
					 "-w @/a", NULL),
				 &refusal),
		-EINVAL);
	assert_int_equal(refusal.error, -EINVAL);
	assert_non_null(strstr(refusal.rule->text, "uid=unset"));
	assert_int_equal(watch_count(fixture->watch), 1);
	assert_true(is_loaded(fixture->watch, 0));
	assert_true(is_in_kernel(fixture, "-w @/a"));
	assert_int_equal(count_in_kernel(fixture), 1);
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
}

static void a_rule_waits_for_its_path(void **state)
{
	struct fixture *fixture = fixture_of(state);

	apply(fixture->watch,
		rules(fixture, "-w @/later/file", "-a always,exit -F dir=@/later/tree", NULL));
	assert_false(is_loaded(fixture->watch, 0));
	assert_false(is_loaded(fixture->watch, 1));
	assert_int_equal(watch_retry(fixture->watch), 0);
	assert_int_equal(mkdir(at(fixture, "later"), 0700), 0);
	assert_int_equal(watch_retry(fixture->watch), 1);
	assert_true(is_loaded(fixture->watch, 0));
	assert_int_equal(mkdir(at(fixture, "later/tree"), 0700), 0);
	assert_int_equal(watch_retry(fixture->watch), 1);
	assert_true(is_loaded(fixture->watch, 1));
	assert_int_equal(watch_retry(fixture->watch), 0);
}

/* Of what is there again it is not known how long it has been. */
static void a_passing_rule_that_goes_with_its_directory_is_no_loss(void **state)
{
	struct fixture *fixture = fixture_of(state);
	struct rule_set *set;
	size_t n;

	for (int passing = 0; passing < 2; passing++) {
		assert_int_equal(mkdir(at(fixture, "place"), 0700), 0);
		set = rules(fixture, "-w @/place/file", NULL);
		set->rules[0]->passing = passing;
		apply(fixture->watch, set);
		assert_true(is_loaded(fixture->watch, 0));
		assert_int_equal(rmdir(at(fixture, "place")), 0);
		assert_int_equal(watch_retry(fixture->watch), 0);
		assert_int_equal(watch_gone(fixture->watch), !passing);
		assert_int_equal(mkdir(at(fixture, "place"), 0700), 0);
		assert_int_equal(watch_retry(fixture->watch), 1);
		/* Somebody else's deed is one. */
		assert_int_equal(watch_remove(fixture->other, set, &n), 0);
		assert_int_equal(watch_retry(fixture->watch), 1);
		assert_int_equal(watch_gone(fixture->watch), 1);
		assert_int_equal(watch_clear(fixture->watch), 0);
		assert_int_equal(rmdir(at(fixture, "place")), 0);
	}
}

static void a_rule_below_a_file_waits_too(void **state)
{
	struct fixture *fixture = fixture_of(state);
	FILE *file = fopen(at(fixture, "file"), "we");

	assert_non_null(file);
	fclose(file);
	apply(fixture->watch, rules(fixture, "-w @/file/x", NULL));
	assert_false(is_loaded(fixture->watch, 0));
}

static void what_was_lost_is_added_again(void **state)
{
	struct fixture *fixture = fixture_of(state);
	_cleanup_(rule_set_freep) struct rule_set *lost = rules(fixture, "-w @/a", "-w @/b", NULL);
	size_t n = 0;

	apply(fixture->watch, rules(fixture, "-w @/a", "-w @/b", NULL));
	assert_int_equal(watch_remove(fixture->other, lost, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(watch_retry(fixture->watch), 2);
	assert_int_equal(watch_remove(fixture->other, lost, &n), 0);
	apply(fixture->watch, rules(fixture, "-w @/a", "-w @/b", NULL));
	assert_int_equal(count_in_kernel(fixture), 2);
	assert_int_equal(watch_clear(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
	assert_int_equal(watch_remove(fixture->other, lost, &n), 0);
	assert_int_equal(n, 0);
}

static void a_watch_follows_its_path_from_file_to_directory_and_back(void **state)
{
	struct fixture *fixture = fixture_of(state);
	bool loaded;

	apply(fixture->watch, rules(fixture, "-w @/a -k x", NULL));
	assert_true(is_in_kernel(fixture, "-a always,exit -F path=@/a -F perm=rwxa -k x"));
	assert_int_equal(mkdir(at(fixture, "a"), 0700), 0);
	assert_int_equal(watch_retry(fixture->watch), 1);
	assert_true(is_in_kernel(fixture, "-a always,exit -F dir=@/a -F perm=rwxa -k x"));
	assert_int_equal(count_in_kernel(fixture), 1);
	assert_true(watch_rule(fixture->watch, 0, &loaded)->tree);

	/* The kernel drops the rule with the directory. */
	assert_int_equal(rmdir(at(fixture, "a")), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
	assert_int_equal(watch_retry(fixture->watch), 0);
	fclose(fopen(at(fixture, "a"), "we"));
	assert_int_equal(watch_retry(fixture->watch), 1);
	assert_true(is_in_kernel(fixture, "-a always,exit -F path=@/a -F perm=rwxa -k x"));
	assert_int_equal(count_in_kernel(fixture), 1);
}

static void a_tree_follows_its_name_to_another_directory(void **state)
{
	struct fixture *fixture = fixture_of(state);
	char moved[128];

	assert_int_equal(mkdir(at(fixture, "a"), 0700), 0);
	apply(fixture->watch, rules(fixture, "-w @/a", NULL));
	strcpy(moved, at(fixture, "moved"));
	assert_int_equal(rename(at(fixture, "a"), moved), 0);
	assert_int_equal(mkdir(at(fixture, "a"), 0700), 0);
	assert_int_equal(watch_retry(fixture->watch), 1);
	assert_int_equal(watch_retry(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 1);
	/* The kernel's rule goes with the directory that it is about: now the new one. */
	assert_int_equal(rmdir(moved), 0);
	assert_int_equal(count_in_kernel(fixture), 1);
	assert_int_equal(rmdir(at(fixture, "a")), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
}

static void an_empty_set_removes_what_was_ours(void **state)
{
	struct fixture *fixture = fixture_of(state);

	apply(fixture->watch, rules(fixture, "-w @/a", NULL));
	apply(fixture->watch, calloc(1, sizeof(struct rule_set)));
	assert_int_equal(watch_count(fixture->watch), 0);
	assert_int_equal(count_in_kernel(fixture), 0);
}

static void without_the_capability_nothing_begins(void **state)
{
	int status = 0;
	pid_t pid;

	fixture_of(state);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct watch *watch;

		_exit(setuid(65534) == 0 && watch_new(&watch) == -EPERM ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define fixture_test(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(what_is_wanted_is_in_the_kernel_until_it_is_cleared),
		fixture_test(what_is_no_longer_wanted_is_removed),
		fixture_test(what_is_wanted_besides_is_added_alone),
		fixture_test(what_others_added_stays_theirs),
		fixture_test(a_refused_rule_undoes_the_whole_set),
		fixture_test(a_rule_waits_for_its_path),
		fixture_test(a_passing_rule_that_goes_with_its_directory_is_no_loss),
		fixture_test(a_rule_below_a_file_waits_too),
		fixture_test(what_was_lost_is_added_again),
		fixture_test(a_watch_follows_its_path_from_file_to_directory_and_back),
		fixture_test(a_tree_follows_its_name_to_another_directory),
		fixture_test(an_empty_set_removes_what_was_ours),
		fixture_test(without_the_capability_nothing_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
