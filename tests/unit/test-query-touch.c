/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A touch comes back from the store as it was put there, as a record and as JSON. */

#include "store-fixture.h"

static void assert_same_string(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same_arguments(const struct arguments *a, const struct arguments *b)
{
	assert_int_equal(!a->bytes, !b->bytes);
	if (!a->bytes)
		return;
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
	assert_int_equal(a->complete, b->complete);
}

static void assert_same_launcher(const struct touch_launcher *a, const struct touch_launcher *b)
{
	assert_int_equal(a->auid, b->auid);
	assert_same_string(a->login, b->login);
	assert_int_equal(a->pid, b->pid);
	assert_same_string(a->exe, b->exe);
	assert_same_arguments(&a->argv, &b->argv);
	assert_same_string(a->via, b->via);
	assert_int_equal(a->confidence, b->confidence);
	assert_same_arguments(&a->evidence, &b->evidence);
	assert_int_equal(a->content_trust, b->content_trust);
	assert_same_string(a->reason, b->reason);
}

static void assert_same_container(const struct touch_container *a, const struct touch_container *b)
{
	assert_same_string(a->id, b->id);
	assert_same_string(a->name, b->name);
	assert_same_string(a->runtime, b->runtime);
	assert_same_string(a->image, b->image);
	assert_int_equal(a->privileged, b->privileged);
	assert_int_equal(a->entry, b->entry);
	assert_int_equal(a->attributed_by, b->attributed_by);
}

static void assert_same_touch(const struct touch *a, const struct touch *b)
{
	assert_int_equal(a->time_msec, b->time_msec);
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->item, b->item);
	assert_same_string(a->node, b->node);
	assert_same_string(a->path, b->path);
	assert_same_string(a->path_seen, b->path_seen);
	assert_int_equal(a->path_by, b->path_by);
	assert_int_equal(a->inode, b->inode);
	assert_int_equal(a->dev_major, b->dev_major);
	assert_int_equal(a->dev_minor, b->dev_minor);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->success, b->success);
	assert_int_equal(a->error, b->error);
	assert_same_string(a->syscall, b->syscall);
	assert_same_string(a->watch, b->watch);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ppid, b->ppid);
	assert_same_string(a->comm, b->comm);
	assert_same_string(a->exe, b->exe);
	assert_same_arguments(&a->argv, &b->argv);
	assert_same_string(a->ancestors, b->ancestors);
	assert_int_equal(a->uid, b->uid);
	assert_same_string(a->user, b->user);
	assert_int_equal(a->auid, b->auid);
	assert_same_string(a->login, b->login);
	assert_int_equal(a->session, b->session);
	assert_same_container(&a->container, &b->container);
	assert_same_launcher(&a->launcher, &b->launcher);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->severity, b->severity);
	assert_same_string(a->suppressed, b->suppressed);
	assert_same_string(a->doubt, b->doubt);
}

static void assert_survives(const struct fixture *fixture, const struct touch *touch)
{
	struct query_filter filter = EVERYTHING;
	struct query *query = NULL;
	struct store *store;
	struct touch read;

	put_all(fixture, touch, 1);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next(query, &read), 1);
	assert_same_touch(&read, touch);
	assert_int_equal(query_next(query, &read), 0);
	assert_int_equal(query_next(query, &read), 0);
	query_free(query);
	store_close(store);
}

static void a_touch_that_knows_everything_comes_back_whole(void **state)
{
	struct touch touch = full_touch();

	touch.launcher.content_trust = CONTENT_TRUST_OFF;
	touch.suppressed = "nightly: it is the backup";
	assert_survives(*state, &touch);
}

static void what_is_unknown_comes_back_unknown(void **state)
{
	struct touch touch = plain_touch(1000, 1, NULL);

	assert_survives(*state, &touch);
}

static void what_failed_and_is_in_doubt_comes_back_so(void **state)
{
	struct touch touch = full_touch();

	touch.success = false;
	touch.error = EACCES;
	touch.auid = 0;
	touch.session = 0;
	touch.uid = 4294967294;
	touch.argv.complete = false;
	touch.launcher.confidence = CONFIDENCE_AMBIGUOUS;
	touch.launcher.auid = AUID_UNSET;
	touch.launcher.evidence =
		(struct arguments){ "alice: docker run\0bob: docker run", 33, true };
	touch.doubt = "the proc connector overran";
	touch.action = ACTION_DENIED;
	touch.path_by = PATH_AS_SEEN;
	assert_survives(*state, &touch);
}

static void bytes_come_back_as_they_were(void **state)
{
	struct touch touch = full_touch();

	touch.path = "/tmp/\xff\xfe";
	touch.path_seen = "/tmp/\n\033[31m\"'; DROP TABLE text; --";
	touch.comm = "\xc3";
	touch.container.name = "\x80";
	assert_survives(*state, &touch);
}

/* CONTRACT's example, byte by byte, and what was added to it. */
static void the_json_is_the_promised_one(void **state)
{
	static const char expected[] =
		"{\"time\":\"2026-11-23T11:23:22.342Z\",\"serial\":22,\"node\":\"web1\","
		"\"path\":\"/etc/passwd\",\"path_seen\":\"/host/etc/passwd\",\"action\":\"write\","
		"\"success\":true,\"errno\":null,\"syscall\":\"openat\",\"watch\":\"identity\","
		"\"process\":{\"pid\":6743,\"ppid\":6723,\"comm\":\"touch\","
		"\"exe\":\"/usr/bin/touch\",\"argv\":[\"touch\",\"/host/etc/passwd\"],"
		"\"ancestors\":[{\"pid\":6723,\"argv\":[\"sh\"],\"complete\":true}]},"
		"\"uid\":0,\"user\":\"root\",\"auid\":null,\"login\":null,\"session\":null,"
		"\"container\":{\"id\":"
		"\"df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df23\","
		"\"name\":\"hack\",\"runtime\":\"docker\",\"image\":\"ubi8-micro:latest\","
		"\"privileged\":true,\"entry\":\"init\",\"attributed_by\":\"lineage\","
		"\"outer_id\":null},"
		"\"launcher\":{\"auid\":3267,\"login\":\"dwalsh\",\"pid\":6700,"
		"\"exe\":\"/usr/bin/docker\",\"argv\":[\"docker\",\"run\",\"--privileged\"],"
		"\"via\":\"/run/docker.sock\",\"confidence\":\"certain\","
		"\"evidence\":[\"only client connected\"],\"content_trust\":null},"
		"\"flags\":[\"host-write\",\"daemon-spawned\",\"privileged\"],"
		"\"severity\":\"critical\",\"path_by\":\"identity\",\"doubt\":null,"
		"\"suppressed\":null,\"digest_before\":null,\"digest_after\":null,"
		"\"launcher_reason\":null,"
		"\"id\":\"1795433002.342:22:0:web1\"}";
	struct query_filter filter = EVERYTHING;
	struct fixture *fixture = *state;
	struct touch touch = full_touch();
	struct query *query = NULL;
	struct store *store;
	const char *json;

	put_all(fixture, &touch, 1);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next_json(query, &json), 1);
	assert_string_equal(json, expected);
	assert_int_equal(query_next_json(query, &json), 0);
	query_free(query);
	store_close(store);
}

static void assert_json_has(const struct fixture *fixture, const char *part)
{
	struct query_filter filter = EVERYTHING;
	struct query *query = NULL;
	struct store *store = open_store(fixture, STORE_READ);
	const char *json;

	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next_json(query, &json), 1);
	if (!strstr(json, part))
		fail_msg("no %s in %s", part, json);
	query_free(query);
	store_close(store);
}

static void absent_knowledge_is_null_in_json(void **state)
{
	struct touch touch = plain_touch(1000, 1, "/x");

	touch.pid = touch.ppid = 0;
	touch.uid = UINT32_MAX;
	put_all(*state, &touch, 1);
	assert_json_has(*state,
		"{\"time\":\"1970-01-01T00:00:01.000Z\",\"serial\":1,\"node\":null,"
		"\"path\":\"/x\",\"path_seen\":null,\"action\":\"write\","
		"\"success\":true,\"errno\":null,\"syscall\":null,\"watch\":null,"
		"\"process\":{\"pid\":null,\"ppid\":null,\"comm\":null,"
		"\"exe\":null,\"argv\":null,\"ancestors\":null},\"uid\":null,\"user\":null,"
		"\"auid\":null,\"login\":null,\"session\":null,"
		"\"container\":null,\"launcher\":null,\"flags\":[],"
		"\"severity\":\"info\",\"path_by\":\"seen\",\"doubt\":null,"
		"\"suppressed\":null,\"digest_before\":null,\"digest_after\":null,"
		"\"launcher_reason\":null,"
		"\"id\":\"1.000:1:0:\"}");
}

static void digests_content_trust_and_suppression_are_in_json(void **state)
{
	struct fixture *fixture = *state;
	struct touch touch = full_touch();
	struct touch_digest digest = { touch.time_msec, touch.serial, touch.item, touch.node,
		.has_before = true, .has_after = true };
	struct writer *writer = new_writer(fixture, &(struct writer_limits){ 0 });

	touch.flags |= FLAG_BIT(FLAG_TRUST_CHANGE);
	touch.suppressed = "nightly: it is the backup";
	touch.launcher.content_trust = CONTENT_TRUST_ON;
	digest.before[0] = 0xab;
	digest.after[31] = 0x01;
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_put_digest(writer, &digest), 0);
	assert_int_equal(writer_free(writer), 0);
	assert_json_has(fixture, "\"content_trust\":\"on\"");
	assert_json_has(fixture,
		"\"suppressed\":\"nightly: it is the backup\","
		"\"digest_before\":\"ab00000000000000000000000000000000000000000000000000000000000000\","
		"\"digest_after\":\"0000000000000000000000000000000000000000000000000000000000000001\"");
}

static void hostile_bytes_are_escaped_in_json(void **state)
{
	struct touch touch = plain_touch(1000, 1, "/tmp/\xff\n\"\xc3\xa9");

	touch.argv = (struct arguments){ "a\"b\0\\\0\x80\0\0\x1b", 10, true };
	put_all(*state, &touch, 1);
	assert_json_has(*state, "\"path\":\"/tmp/\\\\xff\\n\\\"\xc3\xa9\"");
	assert_json_has(*state, "\"argv\":[\"a\\\"b\",\"\\\\\",\"\\\\x80\",\"\",\"\\u001b\"]");
}

static void a_failure_has_the_name_of_its_errno(void **state)
{
	struct touch touch = plain_touch(1000, 1, "/x");

	touch.success = false;
	touch.error = EACCES;
	put_all(*state, &touch, 1);
	assert_json_has(*state, "\"success\":false,\"errno\":\"EACCES\"");
}

static void an_errno_without_a_name_is_its_number(void **state)
{
	struct touch touch = plain_touch(1000, 1, "/x");

	touch.success = false;
	touch.error = 512;
	put_all(*state, &touch, 1);
	assert_json_has(*state, "\"success\":false,\"errno\":\"512\"");
}

static void unknown_privilege_is_null_and_none_is_false(void **state)
{
	struct touch touch = full_touch();

	touch.container.privileged = TRISTATE_UNKNOWN;
	put_all(*state, &touch, 1);
	assert_json_has(*state, "\"privileged\":null");
	touch.serial++;
	touch.container.privileged = TRISTATE_NO;
	put_all(*state, &touch, 1);
	assert_json_has(*state, "\"privileged\":false");
}

/* Whoever writes SQL has no function of ours. */
static void the_view_works_in_a_plain_shell_that_trusts_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct touch touch = full_touch();
	sqlite3 *db;

	put_all(fixture, &touch, 1);
	db = open_sqlite(fixture);
	assert_int_equal(
		sqlite3_exec(db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
		integer(db, "SELECT count(*) FROM touch WHERE time = '2026-11-23T11:23:22.342Z'"
			    " AND path = '/etc/passwd' AND argv ->> 1 = '/host/etc/passwd'"
			    " AND flags = '[\"host-write\",\"daemon-spawned\",\"privileged\"]'"
			    " AND launcher_login = 'dwalsh' AND severity = 'critical'"
			    " AND auid IS NULL AND container_privileged = 1 AND errno IS NULL"),
		1);
	sqlite3_close(db);
}

/* Enums index arrays wherever a touch is printed. */
static void what_a_forged_database_says_stays_within_bounds(void **state)
{
	struct query_filter filter = EVERYTHING;
	struct fixture *fixture = *state;
	struct touch touch = full_touch();
	struct query *query = NULL;
	struct store *store;
	sqlite3 *db;

	put_all(fixture, &touch, 1);
	db = open_sqlite(fixture);
	assert_int_equal(
		sqlite3_exec(db,
			"UPDATE touch_event SET action = 99, severity = -7, path_by = 12;"
			"UPDATE container SET privileged = 55; UPDATE process SET entry = 'x'",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next(query, &touch), 1);
	assert_true(touch.action < ACTION_COUNT && touch.severity < SEVERITY_COUNT);
	assert_true(touch.path_by < PATH_BY_COUNT && touch.container.entry < ENTRY_COUNT);
	assert_int_equal(touch.container.privileged, TRISTATE_YES);
	query_free(query);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_touch_that_knows_everything_comes_back_whole),
		store_test(what_is_unknown_comes_back_unknown),
		store_test(what_failed_and_is_in_doubt_comes_back_so),
		store_test(bytes_come_back_as_they_were),
		store_test(the_json_is_the_promised_one),
		store_test(absent_knowledge_is_null_in_json),
		store_test(hostile_bytes_are_escaped_in_json),
		store_test(a_failure_has_the_name_of_its_errno),
		store_test(an_errno_without_a_name_is_its_number),
		store_test(unknown_privilege_is_null_and_none_is_false),
		store_test(the_view_works_in_a_plain_shell_that_trusts_nothing),
		store_test(what_a_forged_database_says_stays_within_bounds),
		store_test(digests_content_trust_and_suppression_are_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
