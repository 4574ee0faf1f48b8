/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/query-filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sql.h"

#define KEY "e.time_msec, e.serial, e.node, e.item"
#define KEY_DOWN "e.time_msec DESC, e.serial DESC, e.node DESC, e.item DESC"
#define DAY "coalesce(unixepoch(e.time_msec / 1000, 'unixepoch', 'localtime', 'start of day'), 0)"

/*
 * Below a path: all that begins with it and a slash; '0' is the character after '/'. Names that are
 * no UTF-8 are blobs.
 */
#define BELOW(path)                                                                                \
	" OR (value >= " path " || '/' AND value < " path " || '0')"                               \
	" OR (value >= CAST(" path " || '/' AS BLOB) AND value < CAST(" path " || '0' AS BLOB))"

#define USER(condition)                                                                            \
	" AND EXISTS (SELECT 1 FROM process AS p LEFT JOIN launcher AS l ON l.id = p.launcher"     \
	" WHERE p.id = e.process AND (" condition "))"
#define USER_ID "(SELECT id FROM text WHERE value = :user)"

static bool has_path(const struct query_filter *filter)
{
	return filter->path;
}

static bool has_container(const struct query_filter *filter)
{
	return filter->container;
}

static bool is_flagged(const struct query_filter *filter)
{
	return filter->flagged;
}

static bool is_not_suppressed(const struct query_filter *filter)
{
	return filter->suppressed == QUERY_SUPPRESSED_NOT;
}

static bool is_suppressed(const struct query_filter *filter)
{
	return filter->suppressed == QUERY_SUPPRESSED_ONLY;
}

static bool is_unset(const char *user)
{
	return strcmp(user, "unset") == 0;
}

static bool is_number(const char *user)
{
	return *user && user[strspn(user, "0123456789")] == '\0';
}

static bool has_unset_user(const struct query_filter *filter)
{
	return filter->user && is_unset(filter->user);
}

static bool has_user_number(const struct query_filter *filter)
{
	return filter->user && is_number(filter->user);
}

static bool has_user_name(const struct query_filter *filter)
{
	return filter->user && !is_unset(filter->user) && !is_number(filter->user);
}

static bool has_action(const struct query_filter *filter)
{
	return filter->action >= 0;
}

static bool has_serial(const struct query_filter *filter)
{
	return filter->serial >= 0;
}

/* The first condition that has an index decides which is used. */
// clang-format off
static const struct {
	bool (*is_set)(const struct query_filter *filter);
	const char *index, *sql;
} conditions[] = {
	{ has_path, "touch_by_path",
		" AND e.path IN (SELECT id FROM text WHERE value = :path OR value = :alias"
		BELOW(":path") BELOW(":alias") ")" },
	{ has_container, "touch_by_container",
		" AND e.container IN (SELECT id FROM container"
		" WHERE container_id = :container OR name = :container"
		" OR (length(:container) >= :prefix_len"
		" AND substr(container_id, 1, length(:container)) = :container))" },
	{ is_flagged, "touch_flagged", " AND e.flags <> 0" },
	{ is_not_suppressed, NULL, " AND e.suppressed IS NULL" },
	{ is_suppressed, NULL, " AND e.suppressed IS NOT NULL" },
	{ has_unset_user, NULL, USER("p.auid IS NULL") },
	{ has_user_number, NULL, USER("p.auid = :auid OR l.auid = :auid") },
	{ has_user_name, NULL,
		USER("p.login = " USER_ID " OR p.user = " USER_ID " OR l.login = " USER_ID) },
	{ has_action, NULL, " AND e.action = :action" },
	{ has_serial, NULL, " AND e.serial = :event" },
};

static const struct {
	const char *columns, *previous, *order;
} orders[] = {
	[QUERY_OLDEST_FIRST] = { "0, 0, " KEY, "", " ORDER BY " KEY },
	[QUERY_WORST_FIRST] = {
		DAY ", e.severity, " KEY,
		" AND (" DAY ", e.severity, " KEY ")"
		" < (:last_day, :last_severity, :last_time, :last_serial, :last_node, :last_item)",
		" ORDER BY " DAY " DESC, e.severity DESC, " KEY_DOWN },
};
// clang-format on

/* Or arrives once more with its digests, see store/arrival.h. */
#define ARRIVES                                                                                    \
	" AND (e.arrival = :arrival OR (e.flags & :trust_change AND EXISTS (SELECT 1 FROM digest"  \
	" AS d WHERE d.time_msec = e.time_msec AND d.serial = e.serial AND d.node = e.node"        \
	" AND d.item = e.item AND d.arrival = :arrival)))"

static void print_sql(FILE *out, const struct query_filter *filter, enum filter_use use)
{
	enum query_order order = use == FILTER_ARRIVAL ? QUERY_OLDEST_FIRST : filter->order;

	fprintf(out, "SELECT %s FROM touch_event AS e",
		use == FILTER_BOUND ? "0, 0, " KEY : orders[order].columns);
	/* An arrival is a short span of time: the key is its index. */
	for (size_t i = 0; i < ELEMENTS(conditions) && use != FILTER_ARRIVAL; i++)
		if (conditions[i].index && conditions[i].is_set(filter)) {
			fprintf(out, " INDEXED BY %s", conditions[i].index);
			break;
		}
	fputs(" WHERE (" KEY ") > (:time, :serial, :node, :item) AND e.time_msec <= :until", out);
	for (size_t i = 0; i < ELEMENTS(conditions); i++)
		if (conditions[i].is_set(filter))
			fputs(conditions[i].sql, out);
	if (use == FILTER_ARRIVAL)
		fputs(ARRIVES, out);
	if (use == FILTER_BOUND)
		fputs(" ORDER BY " KEY_DOWN " LIMIT 1 OFFSET :skip", out);
	else
		fprintf(out, "%s%s LIMIT :limit", orders[order].previous, orders[order].order);
}

/* Without slashes at the end; the root is the empty string, as everything is below it. */
static void bind_path(sqlite3_stmt *statement, const char *name, const char *path)
{
	size_t len = path ? strlen(path) : 0;

	while (len > 0 && path[len - 1] == '/')
		len--;
	sql_bind_bytes(statement, sqlite3_bind_parameter_index(statement, name), path, len);
}

static void bind(sqlite3_stmt *statement, const struct query_filter *filter)
{
	bind_path(statement, ":path", filter->path);
	bind_path(statement, ":alias", filter->path_alias);
	sql_bind_named_string(statement, ":container", filter->container);
	sql_bind_named(statement, ":prefix_len", QUERY_PREFIX_LEN);
	sql_bind_named_string(statement, ":user", filter->user);
	if (has_user_number(filter))
		sql_bind_named(statement, ":auid", strtoll(filter->user, NULL, 10));
	sql_bind_named(statement, ":action", filter->action);
	sql_bind_named(statement, ":event", filter->serial);
}

int filter_prepare(
	sqlite3 *db, const struct query_filter *filter, enum filter_use use, sqlite3_stmt **ret)
{
	_cleanup_(freep) char *sql = NULL;
	FILE *out = open_memstream(&sql, &(size_t){ 0 });
	int r;

	if (!out)
		return -ENOMEM;
	print_sql(out, filter, use);
	if (fclose(out) != 0)
		return -ENOMEM;
	r = sql_prepare(db, sql, ret);
	if (r == 0)
		bind(*ret, filter);
	return r;
}

static void bind_key(
	sqlite3_stmt *statement, const struct key *key, const char *const names[KEY_COLUMNS])
{
	for (size_t i = 0; i < KEY_COLUMNS; i++)
		if (names[i])
			sql_bind_named(statement, names[i], key->columns[i]);
}

void filter_bind_bounds(sqlite3_stmt *statement, const struct key *later_than, int64_t until_msec)
{
	static const char *const names[KEY_COLUMNS] = {
		[KEY_TIME] = ":time",
		[KEY_SERIAL] = ":serial",
		[KEY_NODE] = ":node",
		[KEY_ITEM] = ":item",
	};

	bind_key(statement, later_than, names);
	sql_bind_named(statement, ":until", until_msec);
}

void filter_bind_previous(sqlite3_stmt *statement, const struct key *previous)
{
	static const char *const names[KEY_COLUMNS] = {
		[KEY_DAY] = ":last_day",
		[KEY_SEVERITY] = ":last_severity",
		[KEY_TIME] = ":last_time",
		[KEY_SERIAL] = ":last_serial",
		[KEY_NODE] = ":last_node",
		[KEY_ITEM] = ":last_item",
	};

	bind_key(statement, previous, names);
}
