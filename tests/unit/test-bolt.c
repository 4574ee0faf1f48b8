/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bolt-file.h"

static const char *const path[] = { "ctr", "id1", "config" };

/* Metas, a root with a bucket of its own pages behind a branch, one bucket within its value. */
static struct bolt_file *whole_file(void)
{
	struct bolt_file *file = bolt_file_new();

	bolt_file_put(file, "ctr", "id0", "config", "{}");
	bolt_file_put(file, "ctr", "id1", "config", "{\"name\":\"web\"}");
	bolt_file_put(file, "ctr", "id2", "config", "{\"name\":\"other\"}");
	bolt_file_finish(file, 7);
	return file;
}

static int get(
	const struct bolt_file *file, const char *const *keys, size_t n, struct bolt_value *value)
{
	struct bolt bolt;
	int r = bolt_open(file->bytes, file->len, &bolt);

	return r < 0 ? r : bolt_get(&bolt, keys, n, value);
}

static void a_value_is_found_through_its_buckets(void **state)
{
	struct bolt_file *file = whole_file();
	struct bolt_value value;

	assert_int_equal(get(file, path, 3, &value), 0);
	assert_int_equal(value.len, strlen("{\"name\":\"web\"}"));
	assert_memory_equal(value.bytes, "{\"name\":\"web\"}", value.len);
	bolt_file_free(file);
}

static void what_is_not_there_is_enoent(void **state)
{
	static const char *const absent[] = { "ctr", "id9", "config" };
	struct bolt_file *file = whole_file();
	struct bolt_value value;

	assert_int_equal(get(file, absent, 3, &value), -ENOENT);
	assert_int_equal(get(file, absent + 1, 1, &value), -ENOENT);
	/* A bucket is no value. */
	assert_int_equal(get(file, path, 1, &value), -ENOENT);
	bolt_file_free(file);
}

static void the_later_of_the_two_metas_counts(void **state)
{
	struct bolt_file *file = whole_file();
	struct bolt bolt;

	bolt_file_meta(file, 1, 8, 3);
	assert_int_equal(bolt_open(file->bytes, file->len, &bolt), 0);
	assert_int_equal(bolt.transaction, 8);
	/* Half written, its checksum is wrong. */
	file->bytes[BOLT_FILE_PAGE + 16 + 20] ^= 1;
	assert_int_equal(bolt_open(file->bytes, file->len, &bolt), 0);
	assert_int_equal(bolt.transaction, 7);
	/* The second alone is found without the first's page size. */
	bolt_file_meta(file, 1, 8, 3);
	file->bytes[16] ^= 1;
	assert_int_equal(bolt_open(file->bytes, file->len, &bolt), 0);
	assert_int_equal(bolt.transaction, 8);
	bolt_file_free(file);
}

static void bytes_that_are_no_such_file_are_ebadmsg(void **state)
{
	struct bolt_file *file = whole_file();
	struct bolt bolt;

	assert_int_equal(bolt_open(file->bytes, 0, &bolt), -EBADMSG);
	assert_int_equal(bolt_open(file->bytes, 40, &bolt), -EBADMSG);
	memset(file->bytes, 0, 2 * BOLT_FILE_PAGE);
	assert_int_equal(bolt_open(file->bytes, file->len, &bolt), -EBADMSG);
	bolt_file_free(file);
}

/* Every single byte of it wrong in turn: some other answer, and never a read outside (ASan). */
static void no_broken_byte_leads_outside(void **state)
{
	struct bolt_file *file = whole_file();
	uint8_t *exact = malloc(file->len);
	struct bolt_value value;

	for (size_t i = 0; i < file->len; i++)
		for (unsigned bit = 0; bit < 8; bit += 7) {
			struct bolt bolt;

			memcpy(exact, file->bytes, file->len);
			exact[i] ^= (uint8_t)(1u << bit);
			if (bolt_open(exact, file->len, &bolt) == 0 &&
				bolt_get(&bolt, path, 3, &value) == 0)
				assert_true(value.bytes >= exact &&
					    value.bytes + value.len <= exact + file->len);
		}
	free(exact);
	bolt_file_free(file);
}

static void a_page_that_leads_to_itself_ends(void **state)
{
	struct bolt_file *file = whole_file();
	struct bolt_value value;
	uint8_t *root = file->bytes + 3 * BOLT_FILE_PAGE;

	/* The root as a branch whose only child is itself. */
	memset(root, 0, BOLT_FILE_PAGE);
	root[8] = 1;
	root[10] = 1;
	root[16 + 8] = 3;
	assert_int_equal(get(file, path, 3, &value), -EBADMSG);
	bolt_file_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_found_through_its_buckets),
		cmocka_unit_test(what_is_not_there_is_enoent),
		cmocka_unit_test(the_later_of_the_two_metas_counts),
		cmocka_unit_test(bytes_that_are_no_such_file_are_ebadmsg),
		cmocka_unit_test(no_broken_byte_leads_outside),
		cmocka_unit_test(a_page_that_leads_to_itself_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
