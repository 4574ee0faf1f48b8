/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "runtime/container.h"
#include "store/facts.h"
#include "store/former.h"

struct found {
	unsigned n;
	char text[256];
};

static void on_former(const char *id, uid_t of_user, void *userdata)
{
	struct found *found = userdata;
	size_t len = strlen(found->text);

	found->n++;
	snprintf(found->text + len, sizeof(found->text) - len, "%s %u;", id, of_user);
}

static void put(
	struct facts *facts, const char *id, const char *outer_id, uid_t of_user, int64_t msec)
{
	const struct container_info info = { .id = (char *)id,
		.runtime = (char *)"podman",
		.outer_id = (char *)outer_id,
		.of_user = of_user };

	assert_int_equal(facts_container(facts, &info, msec), 0);
}

static void the_containers_that_were_are_told_with_whose_they_were(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct found found = { 0 };

	assert_int_equal(facts_new(store_connection(store), &facts), 0);
	put(facts, "old", NULL, 0, 1000);
	put(facts, "users", NULL, 1000, 2000);
	put(facts, "inner", "old", 0, 3000);
	put(facts, "late", NULL, 0, 4000);
	assert_int_equal(former_each(store, 2, on_former, &found), 0);
	assert_string_equal(found.text, "late 0;users 1000;");
	facts_free(TAKE(facts));
	/* As it came from an earlier version: whose it was is not known. */
	assert_int_equal(sqlite3_exec(store_connection(store),
				 "UPDATE container SET of_user = NULL WHERE container_id = 'late'",
				 NULL, NULL, NULL),
		SQLITE_OK);
	found = (struct found){ 0 };
	assert_int_equal(former_each(store, 10, on_former, &found), 0);
	assert_string_equal(found.text, "users 1000;old 0;");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(the_containers_that_were_are_told_with_whose_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
