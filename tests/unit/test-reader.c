/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reader.h"
#include "detect/policy.h"

static void all_words_are_read(void **state)
{
	struct reader reader;

	assert_null(reader_parse(
		"exe=/usr/bin/etcd  uid=0\tpath=/etc/kubernetes/* container=k8s_* image=etcd:*",
		&reader));
	assert_string_equal(reader.exe, "/usr/bin/etcd");
	assert_true(reader.has_uid);
	assert_int_equal(reader.uid, 0);
	assert_string_equal(reader.path, "/etc/kubernetes/*");
	assert_string_equal(reader.container, "k8s_*");
	assert_string_equal(reader.image, "etcd:*");
	reader_done(&reader);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "uid=0", "names no program (exe=)" },
		{ "", "names no program (exe=)" },
		{ "exe=/a exe=/b", "has a word twice" },
		{ "exe=/a uid=1 uid=2", "has a word twice" },
		{ "exe=", "has a word without a value" },
		{ "exe=/a uid=root", "has a uid that is no number" },
		{ "exe=/a uid=-1", "has a uid that is no number" },
		{ "exe=/a uid=4294967295", "has a uid that is no number" },
		{ "exe=/a uid=99999999999999999999", "has a uid that is no number" },
		{ "/a", "has a word that is none of exe=, uid=, path=, container=, image=" },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct reader reader = { 0 };

		assert_string_equal(reader_parse(cases[i].text, &reader), cases[i].wrong);
		assert_null(reader.exe);
	}
}

/* Each test of a reader that is configured. */
static bool may_read(const char *text, const struct touch *touch)
{
	struct config config = { .secret_readers = { (char *[]){ (char *)text }, 1 } };
	struct policy *policy;
	bool may;

	assert_int_equal(policy_new(&(struct policy_settings){ .config = &config }, &policy), 0);
	may = policy_may_read(policy, touch, &(struct touch_facts){ 0 });
	policy_free(policy);
	return may;
}

static void a_reader_is_who_fulfils_all_its_words(void **state)
{
	struct touch touch = {
		.path = "/etc/ssl/private/web.key", .exe = "/usr/sbin/nginx", .uid = 33
	};

	assert_true(may_read("exe=/usr/sbin/nginx", &touch));
	assert_true(may_read("exe=/usr/sbin/* uid=33 path=/etc/ssl/private/*", &touch));
	assert_false(may_read("exe=/usr/sbin/nginx uid=0", &touch));
	assert_false(may_read("exe=/usr/sbin/nginx path=/etc/pki/*", &touch));
	assert_false(may_read("exe=/usr/sbin/apache2", &touch));
	touch.exe = NULL;
	assert_false(may_read("exe=*", &touch));
}

static void a_container_is_a_reader_only_where_it_is_named(void **state)
{
	struct touch touch = { .path = "/k",
		.exe = "/nginx",
		.container = { .id = "c", .name = "web", .image = "nginx:1" } };

	assert_false(may_read("exe=/nginx", &touch));
	assert_true(may_read("exe=/nginx container=web", &touch));
	assert_true(may_read("exe=/nginx image=nginx:*", &touch));
	assert_false(may_read("exe=/nginx container=web image=apache", &touch));
	touch.container.name = NULL;
	assert_false(may_read("exe=/nginx container=*", &touch));
	touch.container.id = NULL;
	assert_false(may_read("exe=/nginx image=nginx:*", &touch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_words_are_read),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_reader_is_who_fulfils_all_its_words),
		cmocka_unit_test(a_container_is_a_reader_only_where_it_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
