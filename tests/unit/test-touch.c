/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/touch.h"

static void a_name_is_found_by_its_text(void **state)
{
	for (int i = 0; i < ACTION_COUNT; i++)
		assert_int_equal(name_lookup(action_names, ACTION_COUNT, action_names[i]), i);
	assert_int_equal(name_lookup(flag_names, FLAG_COUNT, "host-write"), FLAG_HOST_WRITE);
	assert_int_equal(
		name_lookup(severity_names, SEVERITY_COUNT, "critical"), SEVERITY_CRITICAL);
}

static void an_unknown_name_is_refused(void **state)
{
	assert_int_equal(name_lookup(action_names, ACTION_COUNT, "writ"), -EINVAL);
	assert_int_equal(name_lookup(action_names, ACTION_COUNT, "writes"), -EINVAL);
	assert_int_equal(name_lookup(action_names, ACTION_COUNT, ""), -EINVAL);
	/* The first of these has no name. */
	assert_int_equal(name_lookup(confidence_names, CONFIDENCE_COUNT, ""), -EINVAL);
}

/* Only what the JSON calls null may be without a name. */
static void every_value_has_a_name(void **state)
{
	for (int i = 0; i < ACTION_COUNT; i++)
		assert_non_null(action_names[i]);
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_non_null(severity_names[i]);
	for (int i = 0; i < FLAG_COUNT; i++)
		assert_non_null(flag_names[i]);
	for (int i = 0; i < PATH_BY_COUNT; i++)
		assert_non_null(path_by_names[i]);
	for (int i = 0; i < ENTRY_COUNT; i++)
		assert_non_null(entry_names[i]);
	for (int i = 1; i < ATTRIBUTED_COUNT; i++)
		assert_non_null(attributed_by_names[i]);
	for (int i = 1; i < CONFIDENCE_COUNT; i++)
		assert_non_null(confidence_names[i]);
	assert_null(attributed_by_names[ATTRIBUTED_NONE]);
	assert_null(confidence_names[CONFIDENCE_NONE]);
}

#define STRINGS(touch)                                                                             \
	{                                                                                          \
		&(touch)->node, &(touch)->path, &(touch)->path_seen, &(touch)->syscall,            \
			&(touch)->watch, &(touch)->comm, &(touch)->exe, &(touch)->user,            \
			&(touch)->login, &(touch)->container.id, &(touch)->container.name,         \
			&(touch)->container.runtime, &(touch)->container.image,                    \
			&(touch)->launcher.login, &(touch)->launcher.exe, &(touch)->launcher.via,  \
			&(touch)->doubt,                                                           \
	}
#define ARGUMENTS(touch)                                                                           \
	{                                                                                          \
		&(touch)->argv, &(touch)->launcher.argv, &(touch)->launcher.evidence               \
	}

static void a_copy_owns_all_that_it_points_to(void **state)
{
	struct touch touch = { .time_msec = 42, .flags = FLAG_BIT(FLAG_FAILED), .inode = 7 };
	const char **strings[] = STRINGS(&touch);
	struct arguments *arguments[] = ARGUMENTS(&touch);
	_cleanup_(freep) struct touch *copy = NULL;
	char text[32];

	for (size_t i = 0; i < ELEMENTS(strings); i++) {
		snprintf(text, sizeof(text), "string %zu", i);
		*strings[i] = strdup(text);
	}
	for (size_t i = 0; i < ELEMENTS(arguments); i++) {
		snprintf(text, sizeof(text), "arguments%c%zu", '\0', i);
		*arguments[i] = (struct arguments){ memcpy(malloc(11), text, 11), 11, i == 1 };
	}

	assert_int_equal(touch_copy(&touch, &copy), 0);
	for (size_t i = 0; i < ELEMENTS(strings); i++)
		free((char *)*strings[i]);
	for (size_t i = 0; i < ELEMENTS(arguments); i++)
		free((char *)arguments[i]->bytes);

	const char **copied_strings[] = STRINGS(copy);
	struct arguments *copied_arguments[] = ARGUMENTS(copy);

	for (size_t i = 0; i < ELEMENTS(copied_strings); i++) {
		snprintf(text, sizeof(text), "string %zu", i);
		assert_string_equal(*copied_strings[i], text);
	}
	for (size_t i = 0; i < ELEMENTS(copied_arguments); i++) {
		snprintf(text, sizeof(text), "arguments%c%zu", '\0', i);
		assert_int_equal(copied_arguments[i]->len, 11);
		assert_memory_equal(copied_arguments[i]->bytes, text, 11);
		assert_int_equal(copied_arguments[i]->complete, i == 1);
	}
	assert_int_equal(copy->time_msec, 42);
	assert_int_equal(copy->flags, FLAG_BIT(FLAG_FAILED));
	assert_int_equal(copy->inode, 7);
}

static void absent_knowledge_stays_absent_in_a_copy(void **state)
{
	const struct touch touch = { .argv = { .bytes = "", .len = 0, .complete = true } };
	_cleanup_(freep) struct touch *copy = NULL;

	assert_int_equal(touch_copy(&touch, &copy), 0);
	assert_null(copy->path);
	assert_null(copy->container.id);
	assert_null(copy->launcher.argv.bytes);
	assert_non_null(copy->argv.bytes);
	assert_int_equal(copy->argv.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_by_its_text),
		cmocka_unit_test(an_unknown_name_is_refused),
		cmocka_unit_test(every_value_has_a_name),
		cmocka_unit_test(a_copy_owns_all_that_it_points_to),
		cmocka_unit_test(absent_knowledge_stays_absent_in_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
