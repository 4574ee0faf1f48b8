/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/json.h"

static int reader_setup(void **state)
{
	return json_new((struct json **)state);
}

static int reader_teardown(void **state)
{
	json_free(*state);
	return 0;
}

static struct json *load(void **state, const char *text)
{
	assert_int_equal(json_load(*state, text, strlen(text)), 0);
	return *state;
}

static void a_string_is_found_by_its_path(void **state)
{
	struct json *json = load(state, "{\"a\":{\"b.c\":[1,\"x\\u00e9\\n\"]}}");
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(json_string(json, "$.a.\"b.c\"[1]", &text), 0);
	assert_string_equal(text, "x\xc3\xa9\n");
}

static void what_is_absent_or_null_is_enoent(void **state)
{
	struct json *json = load(state, "{\"a\":null}");
	int64_t number = 7;
	char *text = NULL;
	bool truth = true;
	size_t len = 7;

	assert_int_equal(json_string(json, "$.a", &text), -ENOENT);
	assert_int_equal(json_string(json, "$.b", &text), -ENOENT);
	assert_int_equal(json_string(json, "$.b.c[3]", &text), -ENOENT);
	assert_int_equal(json_text(json, "$.a", &text), -ENOENT);
	assert_int_equal(json_strings(json, "$.a", &text, &len), -ENOENT);
	assert_int_equal(json_int(json, "$.a", &number), -ENOENT);
	assert_int_equal(json_bool(json, "$.a", &truth), -ENOENT);
	assert_int_equal(json_array_len(json, "$.b", &len), -ENOENT);
	assert_null(text);
	assert_int_equal(number, 7);
	assert_true(truth);
	assert_int_equal(len, 7);
}

static void another_type_is_einval(void **state)
{
	struct json *json =
		load(state, "{\"s\":\"1\",\"n\":1,\"r\":1.5,\"t\":true,\"a\":[],\"o\":{}}");
	int64_t number;
	char *text;
	bool truth;
	size_t len;

	assert_int_equal(json_string(json, "$.n", &text), -EINVAL);
	assert_int_equal(json_string(json, "$.o", &text), -EINVAL);
	assert_int_equal(json_int(json, "$.s", &number), -EINVAL);
	assert_int_equal(json_int(json, "$.r", &number), -EINVAL);
	assert_int_equal(json_int(json, "$.t", &number), -EINVAL);
	assert_int_equal(json_bool(json, "$.n", &truth), -EINVAL);
	assert_int_equal(json_strings(json, "$.o", &text, &len), -EINVAL);
	assert_int_equal(json_array_len(json, "$.s", &len), -EINVAL);
}

static void a_path_that_is_none_is_einval(void **state)
{
	struct json *json = load(state, "{}");
	char *text;

	assert_int_equal(json_string(json, "a", &text), -EINVAL);
	assert_int_equal(json_string(json, "$[", &text), -EINVAL);
}

static void numbers_and_truth_values_are_read(void **state)
{
	struct json *json = load(state, "{\"n\":-9223372036854775807,\"t\":true,\"f\":false}");
	int64_t number;
	bool truth;

	assert_int_equal(json_int(json, "$.n", &number), 0);
	assert_true(number == -INT64_MAX);
	assert_int_equal(json_bool(json, "$.t", &truth), 0);
	assert_true(truth);
	assert_int_equal(json_bool(json, "$.f", &truth), 0);
	assert_false(truth);
}

static void an_integer_beyond_64_bits_is_einval(void **state)
{
	struct json *json = load(state, "[92233720368547758070]");
	int64_t number;

	assert_int_equal(json_int(json, "$[0]", &number), -EINVAL);
}

static void strings_come_one_after_another(void **state)
{
	struct json *json = load(state, "{\"a\":[\"sh\",\"-c\",7,null,\"\",\"x y\"],\"e\":[]}");
	_cleanup_(freep) char *bytes = NULL, *none = NULL;
	size_t len, n;

	assert_int_equal(json_strings(json, "$.a", &bytes, &len), 0);
	assert_int_equal(len, sizeof("sh\0-c\0\0x y"));
	assert_memory_equal(bytes, "sh\0-c\0\0x y", len);
	assert_int_equal(json_strings(json, "$.e", &none, &len), 0);
	assert_non_null(none);
	assert_int_equal(len, 0);
	assert_int_equal(json_array_len(json, "$.a", &n), 0);
	assert_int_equal(n, 6);
}

static void a_string_with_a_nul_cannot_become_two(void **state)
{
	struct json *json = load(state, "[\"a\\u0000--privileged\",\"b\"]");
	_cleanup_(freep) char *bytes = NULL;
	size_t len;

	assert_int_equal(json_strings(json, "$", &bytes, &len), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "a\0b", 4);
}

static void an_object_is_kept_as_text(void **state)
{
	struct json *json = load(state, "{\"l\": { \"a\" : \"b\\\"\" }, \"s\":\"x\"}");
	_cleanup_(freep) char *object = NULL, *string = NULL;

	assert_int_equal(json_text(json, "$.l", &object), 0);
	assert_string_equal(object, "{\"a\":\"b\\\"\"}");
	assert_int_equal(json_text(json, "$.s", &string), 0);
	assert_string_equal(string, "\"x\"");
}

static void what_is_no_json_is_refused_and_forgets_the_document(void **state)
{
	static const char *const bad[] = { "", "{", "{\"a\":}", "[1,]", "{}x", "\xff", "{'a':1}" };
	struct json *json = *state;
	char *text;

	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		load(state, "{\"a\":\"b\"}");
		assert_int_equal(json_load(json, bad[i], strlen(bad[i])), -EBADMSG);
		assert_int_equal(json_string(json, "$.a", &text), -ENOENT);
	}
	assert_int_equal(json_load(json, "{}\0{}", 5), -EBADMSG);
}

static void a_document_that_is_too_deep_is_refused(void **state)
{
	enum { DEPTH = 100000 };
	_cleanup_(freep) char *text = malloc(2 * DEPTH);

	memset(text, '[', DEPTH);
	memset(text + DEPTH, ']', DEPTH);
	assert_int_equal(json_load(*state, text, 2 * DEPTH), -EBADMSG);
}

static void a_document_that_is_too_long_is_refused(void **state)
{
	_cleanup_(freep) char *text = malloc(JSON_LEN_MAX + 1);

	memset(text, ' ', JSON_LEN_MAX + 1);
	text[0] = '1';
	assert_int_equal(json_load(*state, text, JSON_LEN_MAX + 1), -EBADMSG);
	assert_int_equal(json_load(*state, text, JSON_LEN_MAX), 0);
}

static int collect_names(struct json *element, void *userdata)
{
	_cleanup_(freep) char *name = NULL;

	if (json_string(element, "$.n", &name) == 0)
		strcat(userdata, name);
	return name && *name == '!' ? 5 : 0;
}

static void each_object_of_an_array_or_object_is_visited(void **state)
{
	struct json *json = load(state, "{\"a\":[{\"n\":\"x\"},3,{\"n\":\"y\"},{}],\"o\":{\"k\":{"
					"\"n\":\"z\"}},\"s\":\"t\"}");
	char names[16] = "";

	assert_int_equal(json_each(json, "$.a", collect_names, names), 0);
	assert_int_equal(json_each(json, "$.o", collect_names, names), 0);
	assert_string_equal(names, "xyz");
	assert_int_equal(json_each(json, "$.s", collect_names, names), -EINVAL);
	assert_int_equal(json_each(json, "$.x", collect_names, names), -ENOENT);
}

static void a_walk_ends_where_its_function_says(void **state)
{
	struct json *json = load(state, "[{\"n\":\"a\"},{\"n\":\"!\"},{\"n\":\"c\"}]");
	char names[16] = "";

	assert_int_equal(json_each(json, "$", collect_names, names), 5);
	assert_string_equal(names, "a!");
}

static int walk_inner(struct json *element, void *userdata)
{
	return json_each(element, "$.i", collect_names, userdata);
}

static void walks_can_be_nested(void **state)
{
	struct json *json =
		load(state, "[{\"i\":[{\"n\":\"a\"},{\"n\":\"b\"}]},{\"i\":[{\"n\":\"c\"}]}]");
	char names[16] = "";

	assert_int_equal(json_each(json, "$", walk_inner, names), 0);
	assert_string_equal(names, "abc");
}

static void any_bytes_are_quoted_into_valid_json(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *quoted;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "a/b \"c\" \\d", 10, "\"a/b \\\"c\\\" \\\\d\"" },
		{ "\b\t\n\f\r\x1b\x7f", 7, "\"\\b\\t\\n\\f\\r\\u001b\\u007f\"" },
		{ "a\0b", 3, "\"a\\u0000b\"" },
		{ "\xc3\xa9\xff\xc3", 4, "\"\xc3\xa9\\\\xff\\\\xc3\"" },
		{ "\xe2\x80\xae", 3, "\"\\u202e\"" },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(freep) char *quoted = NULL;

		assert_int_equal(json_quote(cases[i].text, cases[i].len, &quoted), 0);
		assert_string_equal(quoted, cases[i].quoted);
		load(state, quoted);
	}
}

#define READER_TEST(test) cmocka_unit_test_setup_teardown(test, reader_setup, reader_teardown)

static int join_members(const char *key, const char *value, void *userdata)
{
	char *text = userdata;

	strcat(strcat(strcat(strcat(text, key), "="), value), ";");
	return strcmp(value, "stop") == 0 ? 7 : 0;
}

static void each_string_of_an_array_or_object_is_visited(void **state)
{
	struct json *json = load(state,
		"{\"o\":{\"a@b\":\"1\",\"n\":2,\"c\":\"3\"},\"a\":[\"x\",{},\"stop\",\"y\"]}");
	char text[64] = "";

	assert_int_equal(json_each_string(json, "$.o", join_members, text), 0);
	assert_string_equal(text, "a@b=1;c=3;");
	text[0] = '\0';
	assert_int_equal(json_each_string(json, "$.a", join_members, text), 7);
	assert_string_equal(text, "0=x;2=stop;");
	assert_int_equal(json_each_string(json, "$.o.n", join_members, text), -EINVAL);
	assert_int_equal(json_each_string(json, "$.x", join_members, text), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		READER_TEST(a_string_is_found_by_its_path),
		READER_TEST(what_is_absent_or_null_is_enoent),
		READER_TEST(another_type_is_einval),
		READER_TEST(a_path_that_is_none_is_einval),
		READER_TEST(numbers_and_truth_values_are_read),
		READER_TEST(an_integer_beyond_64_bits_is_einval),
		READER_TEST(strings_come_one_after_another),
		READER_TEST(a_string_with_a_nul_cannot_become_two),
		READER_TEST(an_object_is_kept_as_text),
		READER_TEST(what_is_no_json_is_refused_and_forgets_the_document),
		READER_TEST(a_document_that_is_too_deep_is_refused),
		READER_TEST(a_document_that_is_too_long_is_refused),
		READER_TEST(each_object_of_an_array_or_object_is_visited),
		READER_TEST(each_string_of_an_array_or_object_is_visited),
		READER_TEST(a_walk_ends_where_its_function_says),
		READER_TEST(walks_can_be_nested),
		READER_TEST(any_bytes_are_quoted_into_valid_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
