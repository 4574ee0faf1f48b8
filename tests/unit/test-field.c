/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "collect/field.h"

static int arena_setup(void **state)
{
	struct field_arena *arena = malloc(sizeof(*arena));

	*state = arena;
	return arena ? field_arena_init(arena) : -1;
}

static int arena_teardown(void **state)
{
	field_arena_done(*state);
	free(*state);
	return 0;
}

static void every_field_that_is_used_is_found(void **state)
{
	static const struct {
		const char *name;
		enum field_name field;
	} fields[] = {
		{ "a0", FIELD_A0 },
		{ "a1", FIELD_A1 },
		{ "a2", FIELD_A2 },
		{ "a3", FIELD_A3 },
		{ "arch", FIELD_ARCH },
		{ "auid", FIELD_AUID },
		{ "comm", FIELD_COMM },
		{ "cwd", FIELD_CWD },
		{ "dev", FIELD_DEV },
		{ "exe", FIELD_EXE },
		{ "exit", FIELD_EXIT },
		{ "inode", FIELD_INODE },
		{ "key", FIELD_KEY },
		{ "mode", FIELD_MODE },
		{ "name", FIELD_NAME },
		{ "nametype", FIELD_NAMETYPE },
		{ "oflag", FIELD_OFLAG },
		{ "op", FIELD_OP },
		{ "path", FIELD_PATH },
		{ "pid", FIELD_PID },
		{ "ppid", FIELD_PPID },
		{ "proctitle", FIELD_PROCTITLE },
		{ "saddr", FIELD_SADDR },
		{ "ses", FIELD_SES },
		{ "success", FIELD_SUCCESS },
		{ "syscall", FIELD_SYSCALL },
		{ "uid", FIELD_UID },
	};

	for (size_t i = 0; i < ELEMENTS(fields); i++)
		assert_int_equal(field_lookup(fields[i].name), fields[i].field);
}

static void a_field_that_is_not_used_is_other(void **state)
{
	static const char *const names[] = { "", "a", "a4", "a00", "AUID", "zzz", "uidx", "euid",
		"auditmon_enriched" };

	for (size_t i = 0; i < ELEMENTS(names); i++)
		assert_int_equal(field_lookup(names[i]), FIELD_OTHER);
}

static void a_quoted_string_is_what_stands_in_the_quotes(void **state)
{
	size_t len;

	assert_string_equal(field_string(*state, "\"/etc/passwd\"", &len), "/etc/passwd");
	assert_int_equal(len, 11);
	assert_string_equal(field_string(*state, "\"\"", &len), "");
	assert_int_equal(len, 0);
	assert_string_equal(field_string(*state, "\"2F\"", NULL), "2F");
}

static void a_hex_string_is_its_bytes(void **state)
{
	size_t len;

	assert_string_equal(field_string(*state, "2F746D702F6120620A", &len), "/tmp/a b\n");
	assert_int_equal(len, 9);
	assert_string_equal(field_string(*state, "fffe1b5b33316d", &len), "\xff\xfe\x1b[31m");
	assert_int_equal(len, 7);
}

static void a_hex_string_may_hold_a_nul(void **state)
{
	size_t len;
	const char *bytes = field_string(*state, "61006200", &len);

	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "a\0b\0", 5);
}

static void what_is_neither_quoted_nor_hex_is_no_string(void **state)
{
	static const char *const values[] = { "", "?", "(null)", "abc", "\"", "\"open", "open\"",
		"0x41", "4G", "-1", "root" };
	struct field_arena *arena = *state;

	for (size_t i = 0; i < ELEMENTS(values); i++)
		assert_null(field_string(arena, values[i], NULL));
	assert_int_equal(arena->used, 0);
	assert_false(arena->exhausted);
}

static void the_arena_says_when_it_is_exhausted(void **state)
{
	struct field_arena *arena = *state;
	char value[64 * 1024 + 3];
	unsigned n = 0;

	memset(value, 'x', sizeof(value));
	value[0] = value[sizeof(value) - 2] = '"';
	value[sizeof(value) - 1] = '\0';
	while (field_string(arena, value, NULL))
		n++;
	assert_in_range(n, 2, 3);
	assert_true(arena->exhausted);
	field_arena_reset(arena);
	assert_false(arena->exhausted);
	assert_non_null(field_string(arena, value, NULL));
}

static void plain_text_loses_its_quotes_only(void **state)
{
	assert_string_equal(field_text(*state, "\"updated_rules\""), "updated_rules");
	assert_string_equal(field_text(*state, "updated_rules"), "updated_rules");
	assert_string_equal(field_text(*state, "6162"), "6162");
	assert_string_equal(field_text(*state, "\""), "\"");
	assert_string_equal(field_text(*state, ""), "");
}

static void several_keys_are_joined_by_commas(void **state)
{
	assert_string_equal(field_key(*state, NULL, "\"identity\""), "identity");
	assert_string_equal(field_key(*state, NULL, "6101620163"), "a,b,c");
	assert_string_equal(field_key(*state, "one", "\"two\""), "one,two");
	assert_null(field_key(*state, NULL, "(null)"));
	assert_string_equal(field_key(*state, "one", "(null)"), "one");
}

static void a_proctitle_is_an_argv(void **state)
{
	struct arguments argv = field_proctitle(*state, "7368002D63006563686F2078");

	assert_int_equal(argv.len, 12);
	assert_memory_equal(argv.bytes, "sh\0-c\0echo x", 12);
	assert_true(argv.complete);
	argv = field_proctitle(*state, "\"/bin/true\"");
	assert_int_equal(argv.len, 9);
	assert_true(argv.complete);
	argv = field_proctitle(*state, "(null)");
	assert_null(argv.bytes);
}

static void a_proctitle_of_full_length_may_be_cut(void **state)
{
	char value[2 * 128 + 1];

	memset(value, '7', sizeof(value));
	value[2 * 126] = '\0';
	assert_true(field_proctitle(*state, value).complete);
	value[2 * 126] = '7';
	value[2 * 127] = '\0';
	assert_false(field_proctitle(*state, value).complete);
	value[2 * 127] = '7';
	value[2 * 128] = '\0';
	assert_false(field_proctitle(*state, value).complete);
}

static void a_unix_socket_has_a_path(void **state)
{
	char value[512] = "0100";

	assert_string_equal(field_socket_path(*state, "01002F72756E2F646F636B65722E736F636B00"),
		"/run/docker.sock");
	/* The kernel gives the whole sockaddr, padding and all. */
	strcat(value, "2F61");
	for (size_t i = 0; i < 106; i++)
		strcat(value, "00");
	assert_string_equal(field_socket_path(*state, value), "/a");
	assert_string_equal(field_socket_path(*state, "01002F61"), "/a");
}

static void an_abstract_socket_begins_with_an_at(void **state)
{
	assert_string_equal(field_socket_path(*state, "0100002F746D702F78"), "@/tmp/x");
	assert_string_equal(field_socket_path(*state, "01000061000062"), "@a");
}

static void what_is_no_unix_socket_has_no_path(void **state)
{
	char value[600];

	assert_null(field_socket_path(*state, "100000000000000000000000"));
	assert_null(field_socket_path(*state, "020000357F000035"));
	assert_null(field_socket_path(*state, "0100"));
	assert_null(field_socket_path(*state, "01"));
	assert_null(field_socket_path(*state, ""));
	assert_null(field_socket_path(*state, "(null)"));
	memset(value, '0', sizeof(value));
	value[1] = '1';
	value[sizeof(value) - 1] = '\0';
	assert_null(field_socket_path(*state, value));
}

static void numbers_are_read_in_their_base(void **state)
{
	assert_int_equal(field_number("-13"), -13);
	assert_int_equal(field_number("4294967295"), UINT32_MAX);
	assert_int_equal(field_number("x"), 0);
	assert_int_equal(field_number("999999999999999999999999"), INT64_MAX);
	assert_int_equal(field_hex("ffffffffffffff9c"), UINT64_C(0xffffffffffffff9c));
	assert_int_equal(field_octal("0100644"), 0100644);
}

static void a_device_is_two_hex_numbers(void **state)
{
	uint32_t dev_major = 7, dev_minor = 7;

	field_device("fe:1f", &dev_major, &dev_minor);
	assert_int_equal(dev_major, 0xfe);
	assert_int_equal(dev_minor, 0x1f);
	field_device("?", &dev_major, &dev_minor);
	assert_int_equal(dev_major, 0xfe);
}

static void an_unheard_of_nametype_is_unknown(void **state)
{
	assert_int_equal(field_path_type("NORMAL"), PATH_TYPE_NORMAL);
	assert_int_equal(field_path_type("PARENT"), PATH_TYPE_PARENT);
	assert_int_equal(field_path_type("CREATE"), PATH_TYPE_CREATE);
	assert_int_equal(field_path_type("DELETE"), PATH_TYPE_DELETE);
	assert_int_equal(field_path_type("UNKNOWN"), PATH_TYPE_UNKNOWN);
	assert_int_equal(field_path_type("SIDEWAYS"), PATH_TYPE_UNKNOWN);
	assert_int_equal(field_path_type(""), PATH_TYPE_UNKNOWN);
}

static void a_stamp_is_told_from_what_only_looks_like_one(void **state)
{
	static const char *const good[] = { "msg=audit(1795470104.013:43):",
		"msg=audit(1.2:3): x" };
	static const char *const bad[] = { "", "msg=audit(", "msg=audit(1.2:3)",
		"msg=audit(.2:3):", "msg=audit(1.:3):", "msg=audit(1.2:):", "msg=audit(1:3):",
		"msg=audit(1.2.3):", "audit(1.2:3):", "msg=audit(-1.2:3):", "sg=audit(1.2:3): ",
		"msg=audit(123456789012345678901.2:3):" };

	for (size_t i = 0; i < ELEMENTS(good); i++)
		assert_true(field_is_stamp(good[i], strlen(good[i])));
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		assert_false(field_is_stamp(bad[i], strlen(bad[i])));
	/* No byte beyond len is looked at. */
	for (size_t len = 0; len < strlen(good[0]); len++)
		assert_false(field_is_stamp(good[0], len));
}

struct named {
	const char *name, *value;
};

static struct arguments collect(
	struct field_arena *arena, const struct named *fields, size_t n, struct arguments so_far)
{
	struct field_arguments arguments = { .arena = arena };

	field_arguments_continue(&arguments, &so_far);
	assert_non_null(arguments.bytes);
	for (size_t i = 0; i < n; i++)
		field_arguments_add(&arguments, fields[i].name, fields[i].value);
	return field_arguments_done(&arguments);
}

static void the_arguments_of_an_execve_are_joined_by_nul(void **state)
{
	static const struct named fields[] = { { "argc", "3" }, { "a0", "\"sh\"" },
		{ "a1", "\"-c\"" }, { "a2", "6563686F2078" }, { "audit", "\"x\"" } };
	struct arguments argv = collect(*state, fields, ELEMENTS(fields), (struct arguments){ 0 });

	assert_int_equal(argv.len, 13);
	assert_memory_equal(argv.bytes, "sh\0-c\0echo x\0", 13);
	assert_true(argv.complete);
}

static void a_long_argument_comes_in_pieces_over_several_records(void **state)
{
	static const struct named first[] = { { "a0", "\"sh\"" }, { "a1_len", "8" },
		{ "a1[0]", "6162" } };
	static const struct named second[] = { { "a1[1]", "6364" } };
	static const struct named third[] = { { "a1[2]", "6566" }, { "a2", "\"end\"" },
		{ "a3_len", "2" }, { "a3[0]", "\"x\"" }, { "a4_len", "2" }, { "a4[0]", "\"y\"" } };
	struct arguments argv = { 0 };

	argv = collect(*state, first, ELEMENTS(first), argv);
	argv = collect(*state, second, ELEMENTS(second), argv);
	argv = collect(*state, third, ELEMENTS(third), argv);
	assert_int_equal(argv.len, 3 + 7 + 4 + 2 + 2);
	assert_memory_equal(argv.bytes, "sh\0abcdef\0end\0x\0y\0", argv.len);
	assert_true(argv.complete);
}

static void an_empty_argument_stays(void **state)
{
	static const struct named fields[] = { { "a0", "\"x\"" }, { "a1", "\"\"" },
		{ "a2", "\"y\"" } };
	struct arguments argv = collect(*state, fields, ELEMENTS(fields), (struct arguments){ 0 });

	assert_int_equal(argv.len, 5);
	assert_memory_equal(argv.bytes, "x\0\0y\0", 5);
}

static void arguments_that_do_not_fit_are_cut_and_say_so(void **state)
{
	char value[8002];
	struct named fields[] = { { "a0", value }, { "a1", value }, { "a2", value },
		{ "a3", "\"end\"" } };
	struct arguments argv;

	memset(value, 'x', sizeof(value));
	value[0] = value[sizeof(value) - 2] = '"';
	value[sizeof(value) - 1] = '\0';
	argv = collect(*state, fields, ELEMENTS(fields), (struct arguments){ 0 });
	assert_int_equal(argv.len, 16 * 1024);
	assert_false(argv.complete);
	/* Nothing is glued to what was cut. */
	argv = collect(*state, fields + 3, 1, argv);
	assert_int_equal(argv.len, 16 * 1024);
	assert_false(argv.complete);
}

static void an_argument_that_cannot_be_read_ends_them(void **state)
{
	static const struct named fields[] = { { "a0", "\"x\"" }, { "a1", "4G" },
		{ "a2", "\"y\"" } };
	struct arguments argv = collect(*state, fields, ELEMENTS(fields), (struct arguments){ 0 });

	assert_false(argv.complete);
	assert_memory_equal(argv.bytes, "x", 2);
}

static void arguments_give_back_what_they_did_not_use(void **state)
{
	static const struct named fields[] = { { "a0", "\"x\"" } };
	struct field_arena *arena = *state;

	collect(arena, fields, ELEMENTS(fields), (struct arguments){ 0 });
	assert_int_equal(arena->used, 2);
}

#define arena_test(test) cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_that_is_used_is_found),
		cmocka_unit_test(a_field_that_is_not_used_is_other),
		arena_test(a_quoted_string_is_what_stands_in_the_quotes),
		arena_test(a_hex_string_is_its_bytes),
		arena_test(a_hex_string_may_hold_a_nul),
		arena_test(what_is_neither_quoted_nor_hex_is_no_string),
		arena_test(the_arena_says_when_it_is_exhausted),
		arena_test(plain_text_loses_its_quotes_only),
		arena_test(several_keys_are_joined_by_commas),
		arena_test(a_proctitle_is_an_argv),
		arena_test(a_proctitle_of_full_length_may_be_cut),
		arena_test(a_unix_socket_has_a_path),
		arena_test(an_abstract_socket_begins_with_an_at),
		arena_test(what_is_no_unix_socket_has_no_path),
		cmocka_unit_test(numbers_are_read_in_their_base),
		cmocka_unit_test(a_device_is_two_hex_numbers),
		cmocka_unit_test(an_unheard_of_nametype_is_unknown),
		cmocka_unit_test(a_stamp_is_told_from_what_only_looks_like_one),
		arena_test(the_arguments_of_an_execve_are_joined_by_nul),
		arena_test(a_long_argument_comes_in_pieces_over_several_records),
		arena_test(an_empty_argument_stays),
		arena_test(arguments_that_do_not_fit_are_cut_and_say_so),
		arena_test(an_argument_that_cannot_be_read_ends_them),
		arena_test(arguments_give_back_what_they_did_not_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
