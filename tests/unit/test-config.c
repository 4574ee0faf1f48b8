/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/config.h"
#include "place.h"

struct config_place {
	struct place place;
	struct config config;
	struct config_error error;
};

static int config_setup(void **state)
{
	struct config_place *place = calloc(1, sizeof(*place));

	*state = place;
	if (!place)
		return -1;
	config_init(&place->config);
	return place_init(&place->place);
}

static int config_teardown(void **state)
{
	struct config_place *place = *state;

	config_done(&place->config);
	place_done(&place->place);
	free(place);
	return 0;
}

static int read_bytes(struct config_place *place, const char *bytes, size_t len)
{
	place_put(&place->place, "conf", bytes, len);
	return config_read(&place->config, place_name(&place->place, "conf"), &place->error);
}

static int read_text(struct config_place *place, const char *text)
{
	return read_bytes(place, text, strlen(text));
}

static void assert_refused(
	struct config_place *place, const char *text, unsigned line, const char *reason)
{
	assert_int_equal(read_text(place, text), -EINVAL);
	assert_int_equal(place->error.line, line);
	assert_string_equal(place->error.reason, reason);
}

static void there_are_defaults(void **state)
{
	struct config_place *place = *state;

	assert_int_equal(place->config.backlog_limit, 8192);
	assert_int_equal(place->config.process_limit, 131072);
	assert_int_equal(place->config.container_limit, 16384);
	assert_int_equal(place->config.connector_buffer, 32 << 20);
	assert_null(place->config.node);
	assert_int_equal(place->config.docker_roots.n, 0);
	assert_int_equal(place->config.podman_roots.n, 0);
	assert_int_equal(place->config.redact.n, 0);
}

static void an_empty_file_changes_nothing(void **state)
{
	struct config_place *place = *state;

	assert_int_equal(read_text(place, ""), 0);
	assert_int_equal(read_text(place, "\n \n\t# a comment\n#backlog-limit = 1\n"), 0);
	assert_int_equal(place->config.backlog_limit, 8192);
}

static void every_key_is_read(void **state)
{
	struct config_place *place = *state;

	assert_int_equal(read_text(place, "docker-root = /srv/docker\n"
					  "docker-root=/data/docker\n"
					  "podman-root = /srv/storage with blank \n"
					  "  redact\t=  --password  \r\n"
					  "redact = *token=*\n"
					  "node = web1 # not a comment\n"
					  "backlog-limit = 64\n"
					  "container-limit = 16\n"
					  "connector-buffer = 65536\n"
					  "process-limit = 4194304"),
		0);
	assert_int_equal(place->config.container_limit, 16);
	assert_int_equal(place->config.connector_buffer, 65536);
	assert_int_equal(place->config.docker_roots.n, 2);
	assert_string_equal(place->config.docker_roots.items[0], "/srv/docker");
	assert_string_equal(place->config.docker_roots.items[1], "/data/docker");
	assert_string_equal(place->config.podman_roots.items[0], "/srv/storage with blank");
	assert_int_equal(place->config.redact.n, 2);
	assert_string_equal(place->config.redact.items[0], "--password");
	assert_string_equal(place->config.redact.items[1], "*token=*");
	assert_string_equal(place->config.node, "web1 # not a comment");
	assert_int_equal(place->config.backlog_limit, 64);
	assert_int_equal(place->config.process_limit, 4194304);
}

static void what_is_given_twice_counts_as_it_was_given_last(void **state)
{
	struct config_place *place = *state;

	assert_int_equal(read_text(place, "node = a\nnode = b\nbacklog-limit = 100\n"
					  "backlog-limit = 200\n"),
		0);
	assert_string_equal(place->config.node, "b");
	assert_int_equal(place->config.backlog_limit, 200);
}

static void an_unknown_key_is_refused_with_its_line(void **state)
{
	assert_refused(*state, "\n# x\nbacklog = 100\n", 3, "'backlog' is no such key");
	assert_refused(*state, "= 5\n", 1, "'' is no such key");
	assert_refused(*state, "Node = x\n", 1, "'Node' is no such key");
}

static void a_retention_is_a_span_and_a_size(void **state)
{
	struct config_place *place = *state;
	const struct config *config = &place->config;

	assert_int_equal(config->retention_msec, 0);
	assert_int_equal(config->retention_bytes, 0);
	assert_int_equal(read_text(place, "retention = 90d\nretention-size = 4G\n"), 0);
	assert_int_equal(config->retention_msec, 90 * 24 * 3600000ll);
	assert_int_equal(config->retention_bytes, 4ll << 30);
	assert_int_equal(read_text(place, "retention = forever"), 0);
	assert_int_equal(config->retention_msec, 0);
}

static void a_retention_that_keeps_nothing_is_refused(void **state)
{
	static const char *const sizes[] = { "x", "-1G", "1.5G", "4GB", "4 G", "4g" };
	char text[64];

	assert_refused(*state, "retention = 10s", 1, "'retention' must be at least 1h");
	assert_refused(*state, "retention = never", 1,
		"'retention' must be a span of time, such as 1h or 90s");
	assert_refused(*state, "retention-size = 1M", 1, "'retention-size' must be at least 64M");
	assert_refused(*state, "retention-size = 99999999999T", 1, "'retention-size' out of range");
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		snprintf(text, sizeof(text), "retention-size = %s", sizes[i]);
		assert_refused(
			*state, text, 1, "'retention-size' must be a size, such as 500M or 4G");
	}
}

static void a_line_without_value_is_refused(void **state)
{
	assert_refused(*state, "node\n", 1, "not a 'key = value' line");
	assert_refused(*state, "node =\n", 1, "'node' has no value");
	assert_refused(*state, "node =   \t\n", 1, "'node' has no value");
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const values[] = { "x", "-1", "+64", "0x100", "100k", "1 0", "1.5" };
	char text[64];

	for (size_t i = 0; i < ELEMENTS(values); i++) {
		snprintf(text, sizeof(text), "backlog-limit = %s", values[i]);
		assert_refused(*state, text, 1, "'backlog-limit' must be a number");
	}
	assert_refused(*state, "process-limit = 99999999999999999999999", 1,
		"'process-limit' must be a number");
}

static void a_number_out_of_range_is_refused(void **state)
{
	struct config_place *place = *state;

	assert_refused(place, "backlog-limit = 63", 1, "'backlog-limit' out of range");
	assert_refused(place, "backlog-limit = 10000001", 1, "'backlog-limit' out of range");
	assert_refused(place, "process-limit = 1023", 1, "'process-limit' out of range");
	assert_refused(place, "process-limit = 4194305", 1, "'process-limit' out of range");
	assert_refused(place, "container-limit = 15", 1, "'container-limit' out of range");
	assert_refused(place, "connector-buffer = 65535", 1, "'connector-buffer' out of range");
	assert_int_equal(place->config.backlog_limit, 8192);
	assert_int_equal(place->config.process_limit, 131072);
}

static void a_relative_directory_is_refused(void **state)
{
	assert_refused(*state, "docker-root = srv", 1, "'docker-root' must be an absolute path");
	assert_refused(*state, "podman-root = ~/x", 1, "'podman-root' must be an absolute path");
}

static void a_list_has_an_end(void **state)
{
	struct config_place *place = *state;
	char text[65 * 16] = "";

	for (unsigned i = 0; i < 65; i++)
		strcat(text, "redact = x\n");
	assert_refused(place, text, 65, "'redact' given too often");
	assert_int_equal(place->config.redact.n, 64);
}

static void a_nul_is_refused(void **state)
{
	static const char bytes[] = "node = a\nnode = b\0hidden\nbacklog-limit = 64\n";
	struct config_place *place = *state;

	assert_int_equal(read_bytes(place, bytes, sizeof(bytes) - 1), -EINVAL);
	assert_int_equal(place->error.line, 2);
	assert_string_equal(place->error.reason, "holds a NUL byte");
	assert_int_equal(read_bytes(place, "node = a\0", 9), -EINVAL);
	assert_int_equal(place->error.line, 1);
}

static void a_long_key_is_cut_in_the_message(void **state)
{
	struct config_place *place = *state;
	char text[4096];

	memset(text, 'k', sizeof(text));
	strcpy(text + sizeof(text) - 5, "=1\n");
	assert_int_equal(read_text(place, text), -EINVAL);
	assert_in_range(strlen(place->error.reason), 64, sizeof(place->error.reason) - 1);
}

static void a_file_that_is_not_there_is_enoent(void **state)
{
	struct config_place *place = *state;

	assert_int_equal(
		config_read(&place->config, place_name(&place->place, "absent"), &place->error),
		-ENOENT);
}

static void a_symlink_is_followed(void **state)
{
	struct config_place *place = *state;

	place_text(&place->place, "real", "node = linked\n");
	assert_int_equal(symlink("real", place_name(&place->place, "conf")), 0);
	assert_int_equal(
		config_read(&place->config, place_name(&place->place, "conf"), &place->error), 0);
	assert_string_equal(place->config.node, "linked");
}

static void what_is_no_file_or_too_long_is_refused(void **state)
{
	struct config_place *place = *state;
	static char text[1024 * 1024 + 1];

	assert_int_equal(config_read(&place->config, place->place.path, &place->error), -ENOTSUP);
	memset(text, '\n', sizeof(text));
	assert_int_equal(read_bytes(place, text, sizeof(text)), -EFBIG);
	assert_int_equal(read_bytes(place, text, sizeof(text) - 1), 0);
}

#define config_test(test) cmocka_unit_test_setup_teardown(test, config_setup, config_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(there_are_defaults),
		config_test(an_empty_file_changes_nothing),
		config_test(every_key_is_read),
		config_test(what_is_given_twice_counts_as_it_was_given_last),
		config_test(an_unknown_key_is_refused_with_its_line),
		config_test(a_retention_is_a_span_and_a_size),
		config_test(a_retention_that_keeps_nothing_is_refused),
		config_test(a_line_without_value_is_refused),
		config_test(what_is_no_number_is_refused),
		config_test(a_number_out_of_range_is_refused),
		config_test(a_relative_directory_is_refused),
		config_test(a_list_has_an_end),
		config_test(a_nul_is_refused),
		config_test(a_long_key_is_cut_in_the_message),
		config_test(a_file_that_is_not_there_is_enoent),
		config_test(a_symlink_is_followed),
		config_test(what_is_no_file_or_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
