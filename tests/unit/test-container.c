/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "runtime/container.h"

static struct container_info *new_info(void)
{
	struct container_info *info;

	assert_int_equal(container_info_new("0123", "docker", &info), 0);
	return info;
}

static int add_mount(
	struct container_info *info, const char *source, const char *destination, bool writable)
{
	return container_info_add_mount(info, &(struct container_mount){
						      .source = (char *)source,
						      .destination = (char *)destination,
						      .writable = writable,
					      });
}

static char *copy(const char *text, size_t len)
{
	char *bytes = malloc(len);

	memcpy(bytes, text, len);
	return bytes;
}

static void a_new_record_knows_its_id_and_runtime_alone(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = new_info();

	assert_string_equal(info->id, "0123");
	assert_string_equal(info->runtime, "docker");
	assert_null(info->name);
	assert_int_equal(info->privileged, TRISTATE_UNKNOWN);
	assert_int_equal(info->n_mounts, 0);
}

static void freeing_nothing_is_allowed(void **state)
{
	container_info_free(NULL);
}

static void a_copy_owns_all_that_it_holds(void **state)
{
	struct container_info *info = new_info();
	_cleanup_(container_info_freep) struct container_info *twin = NULL;

	info->name = strdup("web");
	info->labels = strdup("{}");
	info->command = copy("sh\0-c", 6);
	info->command_len = 6;
	info->created_by = copy("podman\0run", 11);
	info->created_by_len = 11;
	info->created_msec = 17;
	info->init_pid = 18;
	info->privileged = TRISTATE_YES;
	assert_int_equal(add_mount(info, "/srv", "/data", true), 0);
	assert_int_equal(container_info_add_source(info, "/a"), 0);
	assert_int_equal(container_info_copy(info, &twin), 0);
	container_info_free(info);

	assert_string_equal(twin->id, "0123");
	assert_string_equal(twin->name, "web");
	assert_string_equal(twin->labels, "{}");
	assert_null(twin->image);
	assert_int_equal(twin->command_len, 6);
	assert_memory_equal(twin->command, "sh\0-c", 6);
	assert_int_equal(twin->created_by_len, 11);
	assert_memory_equal(twin->created_by, "podman\0run", 11);
	assert_int_equal(twin->created_msec, 17);
	assert_int_equal(twin->init_pid, 18);
	assert_int_equal(twin->privileged, TRISTATE_YES);
	assert_int_equal(twin->n_mounts, 1);
	assert_string_equal(twin->mounts[0].source, "/srv");
	assert_string_equal(twin->mounts[0].destination, "/data");
	assert_true(twin->mounts[0].writable);
	assert_false(twin->mounts[0].recursive);
	assert_string_equal(twin->source, "/a");
}

static void what_was_said_first_of_a_destination_stays(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = new_info();

	assert_int_equal(add_mount(info, "/a", "/data", true), 0);
	assert_int_equal(add_mount(info, "/b", "/data", false), 0);
	assert_int_equal(info->n_mounts, 1);
	assert_string_equal(info->mounts[0].source, "/a");
}

static void mounts_over_the_limit_are_left_out(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = new_info();

	for (unsigned i = 0; i < CONTAINER_MOUNTS_MAX + 10; i++) {
		char destination[16];

		snprintf(destination, sizeof(destination), "/%u", i);
		assert_int_equal(add_mount(info, "/", destination, true), 0);
	}
	assert_int_equal(info->n_mounts, CONTAINER_MOUNTS_MAX);
}

static void sources_are_joined_by_commas(void **state)
{
	_cleanup_(container_info_freep) struct container_info *info = new_info();

	assert_int_equal(container_info_add_source(info, "/a"), 0);
	assert_int_equal(container_info_add_source(info, "/b"), 0);
	assert_string_equal(info->source, "/a,/b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_record_knows_its_id_and_runtime_alone),
		cmocka_unit_test(freeing_nothing_is_allowed),
		cmocka_unit_test(a_copy_owns_all_that_it_holds),
		cmocka_unit_test(what_was_said_first_of_a_destination_stays),
		cmocka_unit_test(mounts_over_the_limit_are_left_out),
		cmocka_unit_test(sources_are_joined_by_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
