/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include <inttypes.h>
#include <time.h>

#include "store/query-filter.h"
#include "store/query.h"

#define EVERYTHING                                                                                 \
	(struct query_filter)                                                                      \
	{                                                                                          \
		.since_msec = INT64_MIN, .until_msec = INT64_MAX, .action = -1, .serial = -1,      \
		.limit = -1,                                                                       \
	}

static void put_all(const struct fixture *fixture, const struct touch *touches, size_t n)
{
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(writer_put_touch(writer, &touches[i]), 0);
	assert_int_equal(writer_free(writer), 0);
}

/* The serials of the answer, as text: "1 2 3". */
static void serials_of(
	const struct fixture *fixture, const struct query_filter *filter, char *buffer, size_t size)
{
	struct store *store = open_store(fixture, STORE_READ);
	struct query *query = NULL;
	struct touch touch;
	size_t len = 0;
	int r;

	assert_int_equal(query_new(store, filter, &query), 0);
	buffer[0] = '\0';
	while ((r = query_next(query, &touch)) > 0)
		len += (size_t)snprintf(
			buffer + len, size - len, "%s%" PRIu64, len > 0 ? " " : "", touch.serial);
	assert_int_equal(r, 0);
	query_free(query);
	store_close(store);
}

#define assert_answer(fixture, expected, ...)                                                      \
	do {                                                                                       \
		struct query_filter filter_ = EVERYTHING;                                          \
		char serials_[4096];                                                               \
		__VA_ARGS__;                                                                       \
		serials_of(fixture, &filter_, serials_, sizeof(serials_));                         \
		assert_string_equal(serials_, expected);                                           \
	} while (0)

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
	assert_int_equal(a->uid, b->uid);
	assert_same_string(a->user, b->user);
	assert_int_equal(a->auid, b->auid);
	assert_same_string(a->login, b->login);
	assert_int_equal(a->session, b->session);
	assert_same_container(&a->container, &b->container);
	assert_same_launcher(&a->launcher, &b->launcher);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->severity, b->severity);
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

static void what_is_suppressed_is_asked_for_or_not(void **state)
{
	struct touch touches[] = { plain_touch(1000, 1, "/x"), plain_touch(2000, 2, "/x"),
		plain_touch(3000, 3, "/x") };

	touches[0].flags = touches[1].flags = FLAG_BIT(FLAG_HOST_WRITE);
	touches[1].suppressed = "rule";
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2", filter_.flagged = true);
	assert_answer(*state, "1", filter_.flagged = true;
		      filter_.suppressed = QUERY_SUPPRESSED_NOT);
	assert_answer(*state, "2", filter_.flagged = true;
		      filter_.suppressed = QUERY_SUPPRESSED_ONLY);
	assert_answer(*state, "1 2 3", filter_.limit = -1);
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

static const char *const tree[] = {
	"/etc",
	"/etc/passwd",
	"/etc/passwd-",
	"/etc/passwd/x",
	"/etc.d/x",
	"/etc0",
	"/et",
	"/",
	"/etc/\xff",
	"/srv/\xff",
	"/srv/\xff/below",
	"/srv/\xfe",
};

static void put_tree(const struct fixture *fixture)
{
	struct touch touches[ELEMENTS(tree)];

	for (size_t i = 0; i < ELEMENTS(tree); i++)
		touches[i] = plain_touch(1000, i, tree[i]);
	put_all(fixture, touches, ELEMENTS(tree));
}

static void a_path_is_itself_and_what_is_below(void **state)
{
	put_tree(*state);
	assert_answer(*state, "1 3", filter_.path = "/etc/passwd");
	assert_answer(*state, "0 1 2 3 8", filter_.path = "/etc");
	assert_answer(*state, "0 1 2 3 8", filter_.path = "/etc/");
	assert_answer(*state, "0 1 2 3 4 5 6 7 8 9 10 11", filter_.path = "/");
	assert_answer(*state, "9 10", filter_.path = "/srv/\xff");
	assert_answer(*state, "", filter_.path = "/etc/pass");
	assert_answer(*state, "", filter_.path = "/ETC");
	assert_answer(*state, "", filter_.path = "/%");
}

static void a_path_may_have_a_second_name(void **state)
{
	put_tree(*state);
	assert_answer(*state, "1 3 5", filter_.path = "/etc0"; filter_.path_alias = "/etc/passwd");
	assert_answer(*state, "1 3", filter_.path = "/etc/passwd";
		      filter_.path_alias = "/etc/passwd");
}

static void times_include_their_ends(void **state)
{
	struct touch touches[5];

	for (size_t i = 0; i < ELEMENTS(touches); i++)
		touches[i] = plain_touch(1000 + (int64_t)i, i, "/x");
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2 3", filter_.since_msec = 1001; filter_.until_msec = 1003);
	assert_answer(*state, "4", filter_.since_msec = 1004);
	assert_answer(*state, "", filter_.since_msec = 1005);
	assert_answer(*state, "0", filter_.until_msec = 1000);
	assert_answer(*state, "", filter_.until_msec = 999);
}

static void touches_come_in_the_order_of_time_then_serial_then_item(void **state)
{
	struct touch touches[] = { plain_touch(2000, 9, "/x"), plain_touch(1000, 30, "/x"),
		plain_touch(1000, 4, "/y"), plain_touch(1000, 4, "/x") };

	touches[2].item = 1;
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "4 4 30 9", (void)0);
	assert_answer(*state, "4 30 9", filter_.path = "/x");
}

static void the_limit_keeps_the_newest(void **state)
{
	struct touch touches[20];

	for (size_t i = 0; i < ELEMENTS(touches); i++)
		touches[i] = plain_touch(1000 + (int64_t)i / 4, i, i % 2 ? "/odd" : "/even");
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "17 18 19", filter_.limit = 3);
	assert_answer(*state, "14 16 18", filter_.limit = 3; filter_.path = "/even");
	assert_answer(*state, "2 3", filter_.limit = 2; filter_.until_msec = 1000);
	assert_answer(*state, "16 17 18 19", filter_.limit = 50; filter_.since_msec = 1004);
	assert_answer(*state, "", filter_.limit = 0);
}

static void containers_are_found_by_id_prefix_or_name(void **state)
{
	struct touch touches[4];

	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = full_touch();
		touches[i].serial = i;
	}
	touches[0].container.id = "aaaabbbb";
	touches[1].container.id = "aaaacccc";
	touches[1].container.name = "other";
	touches[2].container.id = "dddd";
	touches[2].container.name = NULL;
	touches[3].container = (struct touch_container){ .privileged = TRISTATE_UNKNOWN };
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "0", filter_.container = "aaaabbbb");
	assert_answer(*state, "0 1", filter_.container = "aaaa");
	assert_answer(*state, "", filter_.container = "aaa");
	assert_answer(*state, "1", filter_.container = "other");
	assert_answer(*state, "", filter_.container = "othe");
	assert_answer(*state, "2", filter_.container = "dddd");
	assert_answer(*state, "", filter_.container = "%");
}

static void people_are_found_by_name_number_or_absence(void **state)
{
	struct touch touches[4];

	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = plain_touch(1000, i, "/x");
		touches[i].user = "root";
	}
	touches[1].auid = 1000;
	touches[1].login = "alice";
	touches[2].user = "alice";
	touches[3].launcher = (struct touch_launcher){
		.auid = 3267,
		.login = "dwalsh",
		.confidence = CONFIDENCE_LIKELY,
	};
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "1 2", filter_.user = "alice");
	assert_answer(*state, "3", filter_.user = "dwalsh");
	assert_answer(*state, "1", filter_.user = "1000");
	assert_answer(*state, "3", filter_.user = "3267");
	assert_answer(*state, "0 2 3", filter_.user = "unset");
	assert_answer(*state, "", filter_.user = "bob");
	assert_answer(*state, "", filter_.user = "0");
	assert_answer(*state, "", filter_.user = "");
}

static void actions_flags_and_events_are_found(void **state)
{
	struct touch touches[] = { plain_touch(1000, 1, "/x"), plain_touch(1000, 2, "/x"),
		plain_touch(1000, 3, "/x") };

	touches[1].action = ACTION_RENAME;
	touches[2].flags = FLAG_BIT(FLAG_FAILED);
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "2", filter_.action = ACTION_RENAME);
	assert_answer(*state, "1 3", filter_.action = ACTION_WRITE);
	assert_answer(*state, "3", filter_.flagged = true);
	assert_answer(*state, "2", filter_.serial = 2);
	assert_answer(*state, "", filter_.serial = 4);
	assert_answer(*state, "", filter_.serial = 2; filter_.flagged = true);
}

static void the_worst_comes_first_within_its_day(void **state)
{
	const int64_t day = 24 * 3600 * 1000;
	struct touch touches[6];

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ELEMENTS(touches); i++) {
		touches[i] = plain_touch(((int64_t)i / 3) * day + (int64_t)i, i, "/x");
		touches[i].flags = 1;
		touches[i].severity = SEVERITY_NOTICE;
	}
	touches[1].severity = SEVERITY_CRITICAL;
	touches[4].severity = SEVERITY_WARNING;
	put_all(*state, touches, ELEMENTS(touches));
	assert_answer(*state, "4 5 3 1 2 0", filter_.order = QUERY_WORST_FIRST;
		      filter_.flagged = true);
	assert_answer(*state, "4 5 3 2", filter_.order = QUERY_WORST_FIRST; filter_.flagged = true;
		      filter_.limit = 4);
}

/* Days are those of who reads. */
static void a_day_is_a_local_one(void **state)
{
	const int64_t hour = 3600 * 1000;
	struct touch touches[] = { plain_touch(23 * hour, 1, "/x"),
		plain_touch(25 * hour, 2, "/x") };

	touches[0].flags = touches[1].flags = 1;
	touches[0].severity = SEVERITY_CRITICAL;
	put_all(*state, touches, ELEMENTS(touches));
	setenv("TZ", "UTC", 1);
	tzset();
	assert_answer(*state, "2 1", filter_.order = QUERY_WORST_FIRST);
	setenv("TZ", "XXX-2", 1);
	tzset();
	assert_answer(*state, "1 2", filter_.order = QUERY_WORST_FIRST);
	setenv("TZ", "UTC", 1);
	tzset();
}

#define MANY 3000

static void put_many(const struct fixture *fixture)
{
	struct touch *touches = calloc(MANY, sizeof(*touches));

	for (size_t i = 0; i < MANY; i++) {
		touches[i] = plain_touch(1000 + (int64_t)i / 7, i, i % 3 ? "/a/x" : "/a/y");
		touches[i].flags = 1;
		touches[i].severity = (enum severity)(i % SEVERITY_COUNT);
	}
	put_all(fixture, touches, MANY);
	free(touches);
}

/* Longer than one batch of keys: each row once, none left out. */
static void assert_complete(
	const struct fixture *fixture, const struct query_filter *filter, size_t n, bool in_order)
{
	struct store *store = open_store(fixture, STORE_READ);
	bool *seen = calloc(MANY, sizeof(*seen));
	struct query *query = NULL;
	struct touch touch;
	uint64_t last = 0;
	size_t count = 0;

	assert_int_equal(query_new(store, filter, &query), 0);
	for (; query_next(query, &touch) > 0; count++) {
		assert_true(touch.serial < MANY && !seen[touch.serial]);
		assert_true(!in_order || count == 0 || touch.serial > last);
		seen[touch.serial] = true;
		last = touch.serial;
	}
	assert_int_equal(count, n);
	free(seen);
	query_free(query);
	store_close(store);
}

static void a_long_answer_has_each_row_once(void **state)
{
	struct query_filter filter = EVERYTHING;

	put_many(*state);
	assert_complete(*state, &filter, MANY, true);
	filter.path = "/a";
	assert_complete(*state, &filter, MANY, true);
	filter.path = "/a/y";
	assert_complete(*state, &filter, MANY / 3, true);
	filter.limit = 700;
	assert_complete(*state, &filter, 700, true);
	filter.path = NULL;
	filter.flagged = true;
	filter.order = QUERY_WORST_FIRST;
	filter.limit = -1;
	assert_complete(*state, &filter, MANY, false);
}

/* A pager that nobody closes would make the WAL grow without end. */
static void a_slow_reader_holds_nothing(void **state)
{
	struct query_filter filter = EVERYTHING;
	struct fixture *fixture = *state;
	struct query *query = NULL;
	struct store *store;
	struct touch touch;
	const char *json;
	sqlite3 *db;

	put_many(fixture);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(query_next_json(query, &json), 1);
	db = open_sqlite(fixture);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO meta VALUES ('a', 'b')", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(integer(db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	sqlite3_close(db);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(touch.serial, 2);
	query_free(query);
	store_close(store);
}

/* An answer ends, even where the writer is faster than the reader. */
static void what_comes_later_is_not_part_of_the_answer(void **state)
{
	struct touch before = plain_touch(1000, 1, "/x"), after = plain_touch(2000, 2, "/x"), touch;
	struct query_filter filter = EVERYTHING;
	struct query *query = NULL;
	struct store *store;

	put_all(*state, &before, 1);
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_new(store, &filter, &query), 0);
	put_all(*state, &after, 1);
	assert_int_equal(query_next(query, &touch), 1);
	assert_int_equal(query_next(query, &touch), 0);
	query_free(query);
	store_close(store);
}

/* What SQLite means to do for the filter's keys, all lines of it. */
static void plan_of(
	struct store *store, const struct query_filter *filter, char *buffer, size_t size)
{
	sqlite3_stmt *keys = NULL, *plan = NULL;
	sqlite3 *db = store_connection(store);
	char *sql = NULL;

	assert_int_equal(filter_prepare(db, filter, FILTER_ANSWER, &keys), 0);
	assert_true(asprintf(&sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(keys)) > 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &plan, NULL), SQLITE_OK);
	buffer[0] = '\0';
	while (sqlite3_step(plan) == SQLITE_ROW) {
		size_t len = strlen(buffer);

		snprintf(buffer + len, size - len, "%s\n", sqlite3_column_text(plan, 3));
	}
	free(sql);
	sqlite3_finalize(plan);
	sqlite3_finalize(keys);
}

static void no_question_looks_at_every_touch(void **state)
{
	static const struct {
		const char *expected;
		struct query_filter filter;
	} questions[] = {
		{ "SEARCH e USING COVERING INDEX touch_by_path (path=? AND (time_msec",
			{ .path = "/etc", .action = -1, .serial = -1 } },
		{ "SEARCH e USING INDEX touch_by_path (path=? AND (time_msec",
			{ .path = "/etc", .user = "root", .action = 1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_by_container (container=? AND (time_msec",
			{ .container = "web", .action = -1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_flagged ((time_msec",
			{ .flagged = true, .action = -1, .serial = -1 } },
		{ "SEARCH e USING COVERING INDEX touch_flagged ((time_msec",
			{ .flagged = true, .suppressed = QUERY_SUPPRESSED_NOT, .action = -1,
				.serial = -1 } },
		{ "SEARCH e USING PRIMARY KEY ((time_msec", { .action = -1, .serial = -1 } },
	};
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture, STORE_WRITE);
	char plan[4096];

	for (size_t i = 0; i < ELEMENTS(questions); i++) {
		plan_of(store, &questions[i].filter, plan, sizeof(plan));
		if (!strstr(plan, questions[i].expected) || strstr(plan, "SCAN e") ||
			strstr(plan, "SCAN text"))
			fail_msg("no '%s' in:\n%s", questions[i].expected, plan);
	}
	store_close(store);
}

static void containers_are_listed_with_what_they_did(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	struct container_mount mount = { (char *)"/", (char *)"/host", true, false };
	struct query_filter filter = EVERYTHING;
	struct touch touch = full_touch();
	struct container_row row;

	assert_int_equal(container_info_new(touch.container.id, "docker", &info), 0);
	info->privileged = TRISTATE_YES;
	info->created_msec = 1000;
	info->init_pid = 77;
	info->labels = strdup("{\"tier\":\"x\"}");
	info->command = memcpy(malloc(8), "sh\0-c\0x", 8);
	info->command_len = 7;
	assert_int_equal(container_info_add_mount(info, &mount), 0);
	assert_int_equal(writer_put_container(writer, info, 2000), 0);
	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(
		writer_put_container_end(writer, "docker", touch.container.id, touch.time_msec + 1),
		0);
	assert_int_equal(writer_free(writer), 0);

	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_containers_new(store, &filter, &list), 0);
	assert_int_equal(query_containers_next(list, &row), 1);
	assert_string_equal(row.id, touch.container.id);
	assert_string_equal(row.name, "hack");
	assert_string_equal(row.runtime, "docker");
	assert_string_equal(row.image, "ubi8-micro:latest");
	assert_int_equal(row.privileged, TRISTATE_YES);
	assert_int_equal(row.first_seen_msec, 2000);
	assert_int_equal(row.last_seen_msec, touch.time_msec + 1);
	assert_int_equal(row.ended_msec, touch.time_msec + 1);
	assert_int_equal(row.n_touches, 1);
	assert_int_equal(row.n_flagged, 1);
	assert_non_null(strstr(row.json, "\"created\":\"1970-01-01T00:00:01.000Z\""));
	assert_non_null(strstr(row.json, "\"command\":[\"sh\",\"-c\",\"x\"]"));
	assert_non_null(strstr(row.json, "\"labels\":{\"tier\":\"x\"}"));
	assert_non_null(strstr(row.json, "\"mounts\":[{\"source\":\"/\",\"destination\":\"/host\","
					 "\"writable\":true,\"recursive\":false}]"));
	assert_non_null(strstr(row.json, "\"rootfs\":null"));
	assert_int_equal(query_containers_next(list, &row), 0);
}

static void put_container(struct writer *writer, const char *id, int64_t since, int64_t until)
{
	_cleanup_(container_info_freep) struct container_info *info = NULL;

	assert_int_equal(container_info_new(id, "docker", &info), 0);
	assert_int_equal(writer_put_container(writer, info, since), 0);
	if (until)
		assert_int_equal(writer_put_container_end(writer, "docker", id, until), 0);
}

static void assert_containers(
	const struct fixture *fixture, const char *expected, const struct query_filter *filter)
{
	_cleanup_(store_closep) struct store *store = open_store(fixture, STORE_READ);
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	struct container_row row;
	char ids[256] = "";

	assert_int_equal(query_containers_new(store, filter, &list), 0);
	while (query_containers_next(list, &row) > 0) {
		strcat(ids, row.id);
		strcat(ids, " ");
	}
	assert_string_equal(ids, expected);
}

static void containers_are_those_that_lived_then(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct query_filter filter = EVERYTHING;

	put_container(writer, "first", 1000, 2000);
	put_container(writer, "second", 1500, 3000);
	put_container(writer, "alive", 1600, 0);
	assert_int_equal(writer_free(writer), 0);
	assert_containers(fixture, "first second alive ", &filter);
	filter.since_msec = 2001;
	assert_containers(fixture, "second alive ", &filter);
	filter.since_msec = 9000;
	assert_containers(fixture, "alive ", &filter);
	filter.since_msec = INT64_MIN;
	filter.until_msec = 1550;
	assert_containers(fixture, "first second ", &filter);
	filter = EVERYTHING;
	filter.limit = 2;
	assert_containers(fixture, "second alive ", &filter);
	filter.container = "firs";
	assert_containers(fixture, "first ", &filter);
	filter.container = "fir";
	assert_containers(fixture, "", &filter);
}

static void losses_are_those_that_overlap(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	const struct loss losses[] = { { LOSS_DOWNTIME, 1000, 2000, 0, NULL },
		{ LOSS_KERNEL, 5000, 6000, 12, "while \xff" } };
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_list_freep) struct query_list *list = NULL;
	_cleanup_(query_list_freep) struct query_list *none = NULL;
	struct loss_row row;

	for (size_t i = 0; i < ELEMENTS(losses); i++)
		assert_int_equal(writer_put_loss(writer, &losses[i]), 0);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_losses_new(store, 2001, 4999, &none), 0);
	assert_int_equal(query_losses_next(none, &row), 0);
	assert_int_equal(query_losses_new(store, 2000, 5000, &list), 0);
	assert_int_equal(query_losses_next(list, &row), 1);
	assert_int_equal(row.loss.kind, LOSS_DOWNTIME);
	assert_int_equal(row.loss.count, 0);
	assert_null(row.loss.detail);
	assert_string_equal(row.json,
		"{\"kind\":\"downtime\",\"since\":\"1970-01-01T00:00:01.000Z\","
		"\"until\":\"1970-01-01T00:00:02.000Z\",\"count\":null,"
		"\"detail\":null}");
	assert_int_equal(query_losses_next(list, &row), 1);
	assert_int_equal(row.loss.kind, LOSS_KERNEL);
	assert_int_equal(row.loss.count, 12);
	assert_string_equal(row.loss.detail, "while \xff");
	assert_non_null(strstr(row.json, "\"detail\":\"while \\\\xff\""));
	assert_int_equal(query_losses_next(list, &row), 0);
}

static void a_fact_is_there_or_not(void **state)
{
	struct fixture *fixture = *state;
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	_cleanup_(freep) char *value = NULL;
	struct store *store;

	assert_int_equal(writer_put_meta(writer, "source", "kernel"), 0);
	assert_int_equal(writer_put_meta(writer, "node", NULL), 0);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_meta(store, "none", &value), -ENOENT);
	assert_int_equal(query_meta(store, "node", &value), -ENOENT);
	assert_null(value);
	assert_int_equal(query_meta(store, "source", &value), 0);
	assert_string_equal(value, "kernel");
	store_close(store);
}

static void the_summary_counts(void **state)
{
	struct touch touches[] = { full_touch(), plain_touch(1000, 1, "/x") };
	struct store_summary summary;
	struct store *store;

	put_all(*state, touches, ELEMENTS(touches));
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_summary(store, &summary), 0);
	assert_int_equal(summary.n_touches, 2);
	assert_int_equal(summary.n_flagged, 1);
	assert_int_equal(summary.n_containers, 1);
	assert_int_equal(summary.n_losses, 0);
	assert_int_equal(summary.first_msec, 1000);
	assert_int_equal(summary.last_msec, touches[0].time_msec);
	assert_int_equal(summary.schema_version, STORE_SCHEMA_VERSION);
	assert_true(summary.size_bytes > 4096);
	store_close(store);
}

static void an_empty_database_answers_with_nothing(void **state)
{
	struct store_summary summary;
	struct store *store;

	put_all(*state, NULL, 0);
	store = open_store(*state, STORE_READ);
	assert_int_equal(query_summary(store, &summary), 0);
	assert_int_equal(summary.n_touches, 0);
	assert_int_equal(summary.first_msec, 0);
	store_close(store);
	assert_answer(*state, "", (void)0);
	assert_answer(*state, "", filter_.limit = 3);
	assert_answer(*state, "", filter_.order = QUERY_WORST_FIRST);
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
		store_test(a_path_is_itself_and_what_is_below),
		store_test(a_path_may_have_a_second_name),
		store_test(times_include_their_ends),
		store_test(touches_come_in_the_order_of_time_then_serial_then_item),
		store_test(the_limit_keeps_the_newest),
		store_test(containers_are_found_by_id_prefix_or_name),
		store_test(people_are_found_by_name_number_or_absence),
		store_test(actions_flags_and_events_are_found),
		store_test(the_worst_comes_first_within_its_day),
		store_test(a_day_is_a_local_one),
		store_test(a_long_answer_has_each_row_once),
		store_test(a_slow_reader_holds_nothing),
		store_test(what_comes_later_is_not_part_of_the_answer),
		store_test(no_question_looks_at_every_touch),
		store_test(containers_are_listed_with_what_they_did),
		store_test(containers_are_those_that_lived_then),
		store_test(losses_are_those_that_overlap),
		store_test(a_fact_is_there_or_not),
		store_test(the_summary_counts),
		store_test(an_empty_database_answers_with_nothing),
		store_test(what_a_forged_database_says_stays_within_bounds),
		store_test(digests_content_trust_and_suppression_are_in_json),
		store_test(what_is_suppressed_is_asked_for_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
