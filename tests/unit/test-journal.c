/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The argument is the catalog, which must agree with the program. */

#include "store-fixture.h"

#include <ctype.h>
#include <poll.h>
#include <stdatomic.h>

#include "output/journal-entry.h"
#include "output/journal.h"

static const char *catalog_path;

static struct touch alert_touch(void)
{
	return (struct touch){
		.time_msec = 1764000000123,
		.serial = 7,
		.node = "web1",
		.path = "/etc/\xff\n=\x1b[31m",
		.path_seen = "/host/etc/\xff\n=\x1b[31m",
		.action = ACTION_WRITE,
		.success = true,
		.pid = 41,
		.ppid = 40,
		.comm = "s\nPRIORITY=0",
		.argv = { "sh\0-c\0\xfe\"\n", 9, true },
		.uid = 0,
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.container = { .id = "abc", .name = "hack", .privileged = TRISTATE_YES },
		.flags = FLAG_BIT(FLAG_HOST_WRITE) | FLAG_BIT(FLAG_PRIVILEGED),
		.severity = SEVERITY_CRITICAL,
	};
}

/* The value of the nth field of that name, NULL: none; not terminated. */
static const char *value_of(
	const struct journal_entry *entry, const char *name, unsigned nth, size_t *ret_len)
{
	size_t len = strlen(name);

	for (int i = 0; i < entry->n_fields; i++) {
		const char *field = entry->fields[i].iov_base;

		if (entry->fields[i].iov_len <= len || memcmp(field, name, len) != 0 ||
			field[len] != '=' || nth-- > 0)
			continue;
		*ret_len = entry->fields[i].iov_len - len - 1;
		return field + len + 1;
	}
	return NULL;
}

static void assert_field(const struct journal_entry *entry, const char *name, const char *expected)
{
	size_t len = 0;
	const char *value = value_of(entry, name, 0, &len);

	if (!expected) {
		assert_null(value);
		return;
	}
	if (!value || len != strlen(expected) || memcmp(value, expected, len) != 0)
		fail_msg("%s is '%.*s', not '%s'", name, (int)len, value ? value : "", expected);
}

static void an_entry_has_every_field_as_it_is(void **state)
{
	struct touch touch = alert_touch();
	struct journal_entry entry;
	size_t len;

	assert_int_equal(journal_entry_init(&entry, &touch), 0);
	assert_field(&entry, "MESSAGE_ID", journal_message_ids[FLAG_HOST_WRITE]);
	assert_field(&entry, "PRIORITY", "2");
	assert_field(&entry, "SYSLOG_IDENTIFIER", "auditmon");
	assert_field(&entry, "ERRNO", NULL);
	assert_field(&entry, "AUDITMON_TIME", "2025-11-24T16:00:00.123Z");
	assert_field(&entry, "AUDITMON_SERIAL", "7");
	assert_field(&entry, "AUDITMON_NODE", "web1");
	assert_field(&entry, "AUDITMON_PATH", touch.path);
	assert_field(&entry, "AUDITMON_PATH_SEEN", touch.path_seen);
	assert_field(&entry, "AUDITMON_COMM", touch.comm);
	assert_field(&entry, "AUDITMON_ARGV", "[\"sh\",\"-c\",\"\\\\xfe\\\"\\u000a\"]");
	assert_field(&entry, "AUDITMON_UID", "0");
	assert_field(&entry, "AUDITMON_AUID", NULL);
	assert_field(&entry, "AUDITMON_SESSION", NULL);
	assert_field(&entry, "AUDITMON_CONTAINER_NAME", "hack");
	assert_field(&entry, "AUDITMON_CONTAINER_PRIVILEGED", "true");
	assert_field(&entry, "AUDITMON_LAUNCHER_AUID", NULL);
	assert_field(&entry, "AUDITMON_FLAGS", "[\"host-write\",\"privileged\"]");
	assert_field(&entry, "AUDITMON_SEVERITY", "critical");
	assert_field(&entry, "AUDITMON_FLAG", "host-write");
	assert_memory_equal(value_of(&entry, "AUDITMON_FLAG", 1, &len), "privileged", 10);
	assert_null(value_of(&entry, "AUDITMON_FLAG", 2, &len));
	assert_field(&entry, "OBJECT_PID", NULL);
	journal_entry_done(&entry);
}

/* Nothing is unknown. */
static struct touch complete_touch(void)
{
	struct touch touch = full_touch();

	touch.success = false;
	touch.error = EACCES;
	touch.auid = touch.session = 1000;
	touch.login = "anna";
	touch.doubt = "doubt";
	touch.suppressed = "rule: why";
	touch.digest_before = touch.digest_after = "00";
	touch.container.outer_id = "outer";
	touch.launcher.content_trust = CONTENT_TRUST_ON;
	touch.launcher.reason = "reason";
	return touch;
}

/* The names of the JSON object's fields as the view has them, one a row. */
#define NAMES_OF_JSON                                                                              \
	"SELECT iif(p.key = 'process', '', p.key || '_') || c.key FROM json_each(?1) AS p,"        \
	" json_each(p.value) AS c WHERE p.type = 'object'"                                         \
	" UNION ALL SELECT key FROM json_each(?1) WHERE type <> 'object'"

static void assert_has_each_field(const struct journal_entry *entry, const char *json)
{
	sqlite3_stmt *names = NULL;
	unsigned n = 0;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, NAMES_OF_JSON, -1, &names, NULL), SQLITE_OK);
	sqlite3_bind_text(names, 1, json, -1, SQLITE_STATIC);
	for (; sqlite3_step(names) == SQLITE_ROW; n++) {
		char name[128];
		size_t len;

		snprintf(name, sizeof(name), "AUDITMON_%s",
			(const char *)sqlite3_column_text(names, 0));
		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		if (!value_of(entry, name, 0, &len))
			fail_msg("the journal has no %s", name);
	}
	assert_true(n > 40);
	sqlite3_finalize(names);
	sqlite3_close(db);
}

static void each_field_of_the_json_is_in_the_journal(void **state)
{
	struct fixture *fixture = *state;
	struct touch touch = complete_touch();
	const struct query_filter all = { .since_msec = INT64_MIN,
		.until_msec = INT64_MAX,
		.action = -1,
		.serial = -1,
		.limit = -1 };
	struct writer *writer = new_writer(fixture, WITHOUT_RESERVE);
	struct journal_entry entry;
	struct query *query;
	struct store *store;
	const char *json;

	assert_int_equal(writer_put_touch(writer, &touch), 0);
	assert_int_equal(writer_free(writer), 0);
	store = open_store(fixture, STORE_READ);
	assert_int_equal(query_new(store, &all, &query), 0);
	assert_int_equal(query_next_json(query, &json), 1);
	assert_int_equal(journal_entry_init(&entry, &touch), 0);
	assert_has_each_field(&entry, json);
	journal_entry_done(&entry);
	query_free(query);
	store_close(store);
}

static void the_message_is_one_harmless_line(void **state)
{
	struct touch touch = alert_touch();
	struct journal_entry entry;
	const char *message;
	size_t len;

	assert_int_equal(journal_entry_init(&entry, &touch), 0);
	message = value_of(&entry, "MESSAGE", 0, &len);
	assert_true(len > 20);
	assert_null(memchr(message, '\n', len));
	assert_null(memchr(message, '\x1b', len));
	journal_entry_done(&entry);
}

static void a_failure_has_its_errno(void **state)
{
	struct touch touch = alert_touch();
	struct journal_entry entry;

	touch.success = false;
	touch.error = EACCES;
	touch.flags = FLAG_BIT(FLAG_FAILED);
	touch.severity = SEVERITY_NOTICE;
	assert_int_equal(journal_entry_init(&entry, &touch), 0);
	assert_field(&entry, "ERRNO", "13");
	assert_field(&entry, "AUDITMON_ERRNO", "EACCES");
	assert_field(&entry, "PRIORITY", "5");
	assert_field(&entry, "MESSAGE_ID", journal_message_ids[FLAG_FAILED]);
	journal_entry_done(&entry);
}

static void names_are_such_as_journald_takes(void **state)
{
	struct touch touch = alert_touch();
	struct journal_entry entry;

	assert_int_equal(journal_entry_init(&entry, &touch), 0);
	for (int i = 0; i < entry.n_fields; i++) {
		const char *field = entry.fields[i].iov_base;
		size_t len = strspn(field, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

		assert_true(len > 0 && len <= 64 && field[len] == '=' && field[0] != '_');
	}
	journal_entry_done(&entry);
}

static void what_the_file_holds_follows_in_an_entry_of_its_own(void **state)
{
	struct touch touch = alert_touch();
	struct journal_entry entry;
	const char *message;
	size_t len;

	touch.digest_after = "abcdef0123456789";
	assert_int_equal(journal_entry_init_digest(&entry, &touch), 0);
	assert_field(&entry, "MESSAGE_ID", JOURNAL_DIGEST_ID);
	assert_field(&entry, "SYSLOG_IDENTIFIER", "auditmon");
	assert_field(&entry, "AUDITMON_ID", "1764000000.123:7:0:web1");
	assert_field(&entry, "AUDITMON_PATH", touch.path);
	assert_field(&entry, "AUDITMON_DIGEST_AFTER", "abcdef0123456789");
	assert_field(&entry, "AUDITMON_DIGEST_BEFORE", NULL);
	assert_field(&entry, "AUDITMON_COMM", NULL);
	message = value_of(&entry, "MESSAGE", 0, &len);
	assert_null(memchr(message, '\n', len));
	assert_null(memchr(message, '\x1b', len));
	journal_entry_done(&entry);
}

static void the_catalog_explains_each_flag(void **state)
{
	FILE *file = fopen(catalog_path, "r");
	unsigned n_entries = 0, found = 0;
	bool digest_found = false;
	char line[512];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "-- ", 3) != 0)
			continue;
		n_entries++;
		digest_found |= strcmp(line + 3, JOURNAL_DIGEST_ID) == 0;
		for (int i = 0; i < FLAG_COUNT; i++)
			if (strcmp(line + 3, journal_message_ids[i]) == 0)
				found |= FLAG_BIT(i);
	}
	fclose(file);
	assert_int_equal(n_entries, FLAG_COUNT + 1);
	assert_int_equal(found, (1u << FLAG_COUNT) - 1);
	assert_true(digest_found);
}

struct receiver {
	atomic_int n;
	atomic_bool stuck, entered;
};

static int receive(const struct iovec *fields, int n_fields, void *userdata)
{
	struct receiver *receiver = userdata;

	atomic_store(&receiver->entered, true);
	while (atomic_load(&receiver->stuck))
		poll(NULL, 0, 5);
	atomic_fetch_add(&receiver->n, 1);
	return 0;
}

static void what_is_put_is_sent_before_the_end(void **state)
{
	struct receiver receiver = { 0 };
	struct touch touch = alert_touch();
	struct journal *journal;

	assert_int_equal(
		journal_new(&(struct journal_limits){ .send = receive, .userdata = &receiver },
			&journal),
		0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(journal_put(journal, &touch), 0);
	assert_int_equal(journal_free(journal), 0);
	assert_int_equal(atomic_load(&receiver.n), 1000);
}

static void a_stuck_journald_is_never_waited_for(void **state)
{
	static struct receiver receiver = { .stuck = true }; /* the thread outlives us */
	const struct journal_limits limits = {
		.max_entries = 4, .stop_msec = 50, .send = receive, .userdata = &receiver
	};
	struct touch touch = alert_touch();
	struct journal_counts counts;
	struct journal *journal;
	int n_taken = 0;

	assert_int_equal(journal_new(&limits, &journal), 0);
	/* One is in the thread's hand, however late that gets its turn. */
	n_taken += journal_put(journal, &touch) == 0;
	for (int i = 0; i < 2000 && !atomic_load(&receiver.entered); i++)
		poll(NULL, 0, 5);
	for (int i = 1; i < 100; i++)
		n_taken += journal_put(journal, &touch) == 0;
	journal_counts(journal, &counts);
	assert_int_equal(n_taken, 5);
	assert_int_equal(counts.dropped, 100 - n_taken);
	assert_int_equal(counts.sent, 0);
	assert_int_equal(journal_end(journal, &counts), n_taken);
	assert_int_equal(counts.dropped, 100);
	/* It gets on, sends what it had in hand, and ends. */
	atomic_store(&receiver.stuck, false);
	for (int i = 0; i < 2000 && atomic_load(&receiver.n) == 0; i++)
		poll(NULL, 0, 5);
	assert_int_equal(atomic_load(&receiver.n), 1);
	poll(NULL, 0, 50);
}

static void what_was_held_up_goes_on(void **state)
{
	struct receiver receiver = { .stuck = true };
	const struct journal_limits limits = { .send = receive, .userdata = &receiver };
	struct touch touch = alert_touch();
	struct journal *journal;

	assert_int_equal(journal_new(&limits, &journal), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(journal_put(journal, &touch), 0);
	atomic_store(&receiver.stuck, false);
	assert_int_equal(journal_free(journal), 0);
	assert_int_equal(atomic_load(&receiver.n), 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_every_field_as_it_is),
		store_test(each_field_of_the_json_is_in_the_journal),
		cmocka_unit_test(the_message_is_one_harmless_line),
		cmocka_unit_test(a_failure_has_its_errno),
		cmocka_unit_test(names_are_such_as_journald_takes),
		cmocka_unit_test(what_the_file_holds_follows_in_an_entry_of_its_own),
		cmocka_unit_test(the_catalog_explains_each_flag),
		cmocka_unit_test(what_is_put_is_sent_before_the_end),
		cmocka_unit_test(a_stuck_journald_is_never_waited_for),
		cmocka_unit_test(what_was_held_up_goes_on),
	};

	if (argc != 2)
		return 2;
	catalog_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
