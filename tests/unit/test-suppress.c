/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "detect/suppress.h"
#include "place.h"

#define NO_FACTS (&(struct touch_facts){ 0 })

static struct touch backup_touch(void)
{
	return (struct touch){
		.time_msec = 1000,
		.path = "/etc/passwd",
		.path_by = PATH_BY_IDENTITY,
		.exe = "/bin/sh",
		.flags = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_DAEMON_SPAWNED),
		.container = { .id = "c", .name = "backup-1", .image = "backup:7" },
	};
}

/* What suppresses touch among the rules of text; copied for the test's life. */
static const char *found(
	const char *text, const struct touch *touch, const struct touch_facts *facts)
{
	static char buffer[256];
	struct suppress_error error = { 0 };
	struct suppressions *suppressions;
	_cleanup_(freep) char *copy = strdup(text);
	const char *name;

	assert_int_equal(suppressions_new(&suppressions), 0);
	assert_int_equal(suppressions_parse(suppressions, "f", copy, strlen(copy), &error), 0);
	name = suppressions_find(suppressions, touch, facts);
	if (name)
		snprintf(buffer, sizeof(buffer), "%s", name);
	suppressions_free(suppressions);
	return name ? buffer : NULL;
}

static void what_a_user_calls_his_own_containers_counts_only_with_the_user(void **state)
{
	const struct touch_facts users = { .of_user = 1000 };
	struct touch touch = backup_touch();

	touch.login = "dan";
	assert_non_null(found("[x]\ncomment = c\ncontainer = backup-*\n", &touch, NO_FACTS));
	assert_null(found("[x]\ncomment = c\ncontainer = backup-*\n", &touch, &users));
	assert_null(found("[x]\ncomment = c\ncontainer = backup-*\nlogin = eve\n", &touch, &users));
	assert_non_null(
		found("[x]\ncomment = c\ncontainer = backup-*\nlogin = dan\n", &touch, &users));
}

static void a_touch_that_fulfils_all_is_marked_with_name_and_comment(void **state)
{
	struct touch touch = backup_touch();

	assert_string_equal(
		found("# x\n[nightly]\ncomment = writes its stamp\ncontainer = backup-*\n"
		      "image = backup:*\nexe = /bin/sh\npath = /etc/*\n"
		      "flag = host-write\nflag = daemon-*\n",
			&touch, NO_FACTS),
		"nightly: writes its stamp");
	assert_string_equal(
		found("[a]\ncontainer=x\n[b]\ncontainer=x\ncontainer=backup-1", &touch, NO_FACTS),
		"b");
}

static void a_touch_that_misses_one_condition_is_not(void **state)
{
	static const char *const rules[] = { "container = web", "image = web:*", "exe = /bin/bash",
		"path = /srv/*", "login = anna", "label = role=backup", "flag = host-write",
		"flag = failed" };
	struct touch touch = backup_touch();

	for (size_t i = 0; i < ELEMENTS(rules); i++) {
		char text[128];

		snprintf(text, sizeof(text), "[a]\ncontainer = backup-1\n%s\n", rules[i]);
		/* Two names for one thing are alternatives. */
		if (i > 0)
			assert_null(found(text, &touch, NO_FACTS));
		snprintf(text, sizeof(text), "[a]\n%s\n", rules[i]);
		assert_null(found(text, &touch, NO_FACTS));
	}
}

static void what_is_not_flagged_is_not_suppressed(void **state)
{
	struct touch touch = backup_touch();

	touch.flags = 0;
	assert_null(found("[a]\ncontainer = *\n", &touch, NO_FACTS));
}

static void a_worse_flag_than_was_expected_is_told(void **state)
{
	struct touch touch = backup_touch();
	const char *rule = "[a]\ncontainer = backup-1\nflag = host-write\nflag = daemon-spawned\n";

	assert_string_equal(found(rule, &touch, NO_FACTS), "a");
	touch.flags |= FLAG_BIT(FLAG_CGROUP_ESCAPE);
	assert_null(found(rule, &touch, NO_FACTS));
}

static void labels_are_those_of_the_container(void **state)
{
	struct touch touch = backup_touch();
	const struct touch_facts facts = {
		.labels = "{\"role\":\"backup\",\"com.example.x\":\"1\"}"
	};
	const struct touch_facts broken = { .labels = "{\"role\":" };

	assert_string_equal(found("[a]\nlabel = role=back*\n", &touch, &facts), "a");
	assert_string_equal(found("[a]\nlabel = com.example.x=1\n", &touch, &facts), "a");
	assert_null(found("[a]\nlabel = role=web\n", &touch, &facts));
	assert_null(found("[a]\nlabel = other=*\n", &touch, &facts));
	assert_null(found("[a]\nlabel = role=backup\n", &touch, &broken));
}

static void what_a_container_can_choose_does_not_count(void **state)
{
	struct touch touch = backup_touch();

	/* A program of that name is anybody's, unless the container is the rule's. */
	assert_null(found("[a]\nexe = /bin/sh\n", &touch, NO_FACTS));
	assert_string_equal(found("[a]\nexe = /bin/sh\nimage = backup:7\n", &touch, NO_FACTS), "a");
	/* A path that was not found on the host. */
	assert_string_equal(found("[a]\npath = /etc/*\n", &touch, NO_FACTS), "a");
	touch.path_by = PATH_AS_SEEN;
	assert_null(found("[a]\npath = /etc/*\n", &touch, NO_FACTS));
	/* A login that the container gave itself. */
	touch.login = "anna";
	assert_string_equal(found("[a]\nlogin = anna\n", &touch, NO_FACTS), "a");
	assert_null(
		found("[a]\nlogin = anna\n", &touch, &(struct touch_facts){ .entry_unset = true }));
	touch.login = NULL;
	touch.launcher =
		(struct touch_launcher){ .login = "anna", .confidence = CONFIDENCE_LIKELY };
	assert_null(found("[a]\nlogin = anna\n", &touch, NO_FACTS));
	touch.launcher.confidence = CONFIDENCE_CERTAIN;
	assert_string_equal(found("[a]\nlogin = anna\n", &touch, NO_FACTS), "a");
	/* Of the host, or perhaps not. */
	touch = backup_touch();
	touch.container = (struct touch_container){ 0 };
	assert_string_equal(found("[a]\nexe = /bin/sh\n", &touch, NO_FACTS), "a");
	touch.doubt = "lost";
	assert_null(found("[a]\nexe = /bin/sh\n", &touch, NO_FACTS));
}

static void a_rule_ends_when_it_expires(void **state)
{
	struct touch touch = backup_touch();

	assert_string_equal(
		found("[a]\ncontainer=*\nexpires=1970-01-01T00:00:02Z\n", &touch, NO_FACTS), "a");
	touch.time_msec = 2000;
	assert_null(found("[a]\ncontainer=*\nexpires=1970-01-01T00:00:02Z\n", &touch, NO_FACTS));
}

static void what_has_expired_is_told_once(void **state)
{
	char text[] = "[old]\ncontainer=*\nexpires=@5\n[new]\ncontainer=*\nexpires=@9\n";
	struct suppress_error error = { 0 };
	struct suppressions *suppressions;
	int64_t expiry;

	assert_int_equal(suppressions_new(&suppressions), 0);
	assert_int_equal(suppressions_parse(suppressions, "f", text, strlen(text), &error), 0);
	assert_null(suppressions_expired(suppressions, 4999, &expiry));
	assert_string_equal(suppressions_expired(suppressions, 5000, &expiry), "old");
	assert_int_equal(expiry, 5000);
	assert_null(suppressions_expired(suppressions, 5000, &expiry));
	suppressions_free(suppressions);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *reason;
	} cases[] = {
		{ "container = x", 1, "stands before the first '[name]'" },
		{ "[a]\nx", 2, "neither '[name]' nor 'key = value'" },
		{ "[a]\nname = x", 2, "'name' is no such key" },
		{ "[a]\ncontainer =", 2, "'container' has no value" },
		{ "\n[a]\ncomment = x", 2, "'a' has no condition" },
		{ "[a]\n[b]\ncontainer = x", 1, "'a' has no condition" },
		{ "[a]\ncontainer = x\n[a]", 3, "'a' is there already" },
		{ "[ ]\n", 1, "a rule without a name" },
		{ "[a\n", 1, "'[a' does not end with ']'" },
		{ "[a]\nflag = host-wrote", 2, "'flag' is no flag" },
		{ "[a]\nlabel = role", 2, "'label' must be KEY=GLOB" },
		{ "[a]\nlabel = a\"b=c", 2, "'label' has a quote or a backslash in its key" },
		{ "[a]\nexpires = tomorrow", 2,
			"'expires' must be a date (2027-01-31) or RFC 3339" },
		{ "[a]\nexpires = 2027-13-01", 2,
			"'expires' must be a date (2027-01-31) or RFC 3339" },
		{ "[a]\nexpires = @1\nexpires = @2", 3, "'expires' is given twice" },
		{ "[a]\ncontainer = \xff", 2, "is no UTF-8 text" },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(freep) char *copy = strdup(cases[i].text);
		struct suppress_error error = { 0 };
		struct suppressions *suppressions;

		assert_int_equal(suppressions_new(&suppressions), 0);
		assert_int_equal(
			suppressions_parse(suppressions, "f", copy, strlen(copy), &error), -EINVAL);
		assert_int_equal(error.line, cases[i].line);
		assert_string_equal(error.reason, cases[i].reason);
		assert_string_equal(error.file, "f");
		suppress_error_done(&error);
		suppressions_free(suppressions);
	}
}

static void a_directory_is_read_by_name(void **state)
{
	struct suppress_error error;
	struct suppressions *suppressions;
	struct place place;

	assert_int_equal(place_init(&place), 0);
	assert_int_equal(suppressions_read(place_name(&place, "none"), &suppressions, &error), 0);
	assert_int_equal(suppressions_count(suppressions), 0);
	suppressions_free(suppressions);
	place_put(&place, "b.conf", "[b]\ncontainer=x\n", 16);
	place_put(&place, "a.conf", "[a]\ncontainer=x", 15);
	place_put(&place, "c.conf.dpkg-old", "broken", 6);
	assert_int_equal(suppressions_read(place.path, &suppressions, &error), 0);
	assert_int_equal(suppressions_count(suppressions), 2);
	suppressions_free(suppressions);
	place_put(&place, "c.conf", "[c]\n", 4);
	assert_int_equal(suppressions_read(place.path, &suppressions, &error), -EINVAL);
	assert_string_equal(error.file, place_name(&place, "c.conf"));
	suppress_error_done(&error);
	place_done(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_touch_that_fulfils_all_is_marked_with_name_and_comment),
		cmocka_unit_test(what_a_user_calls_his_own_containers_counts_only_with_the_user),
		cmocka_unit_test(a_touch_that_misses_one_condition_is_not),
		cmocka_unit_test(what_is_not_flagged_is_not_suppressed),
		cmocka_unit_test(a_worse_flag_than_was_expected_is_told),
		cmocka_unit_test(labels_are_those_of_the_container),
		cmocka_unit_test(what_a_container_can_choose_does_not_count),
		cmocka_unit_test(a_rule_ends_when_it_expires),
		cmocka_unit_test(what_has_expired_is_told_once),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(a_directory_is_read_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
