/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/touch.h"
#include "store/sql.h"
#include "store/store.h"
#include "store/writer.h"

#define MAX_ERRNO 200

// clang-format off
/*
 * See store/arrival.h. AUTOINCREMENT: a number is never used again, also when all rows are gone. What
 * was recorded before there were arrivals is in the first.
 */
#define ARRIVAL \
	"CREATE TABLE arrival(" \
	"	id INTEGER PRIMARY KEY AUTOINCREMENT," \
	"	first_msec INTEGER NOT NULL," \
	"	last_msec INTEGER NOT NULL" \
	")"

/*
 * Each way into a container, with the human behind it, see store/entry.h: for a daemon that is
 * started while it lives still, and for `show`. argv and evidence are JSON arrays; boot and start
 * tell a process from another of that pid.
 */
#define ENTRY(ENTRY_TRUST) \
	"CREATE TABLE entry(" \
	"	id INTEGER PRIMARY KEY," \
	"	runtime TEXT NOT NULL, container_id TEXT NOT NULL," \
	"	boot TEXT NOT NULL, pid INTEGER NOT NULL, start_nsec INTEGER NOT NULL," \
	"	began_msec INTEGER NOT NULL," \
	"	kind INTEGER NOT NULL," \
	"	auid INTEGER, login TEXT, client_pid INTEGER, exe TEXT," \
	"	argv TEXT, argv_complete INTEGER NOT NULL," \
	"	via TEXT," \
	"	confidence INTEGER NOT NULL," \
	"	evidence TEXT, reason TEXT," ENTRY_TRUST \
	"	UNIQUE (container_id, runtime, boot, pid, start_nsec)" \
	")"

/* How far each destination of `export` is, see store/cursor.h. error: why it is not reached, since error_msec. */
#define CURSOR(CURSOR_ERROR) \
	"CREATE TABLE cursor(" \
	"	name TEXT PRIMARY KEY," \
	"	arrival INTEGER NOT NULL," \
	"	time_msec INTEGER NOT NULL," \
	"	serial INTEGER NOT NULL," \
	"	node INTEGER NOT NULL," \
	"	item INTEGER NOT NULL," \
	"	saved_msec INTEGER NOT NULL" CURSOR_ERROR \
	") WITHOUT ROWID"

/*
 * Of the touches of what decides about trust. before, after: SHA-256; NULL: not known, or no file.
 * arrival: the touch arrives once more, with them (0: it does not).
 */
#define DIGEST(DIGEST_ARRIVAL) \
	"CREATE TABLE digest(" \
	"	time_msec INTEGER NOT NULL," \
	"	serial INTEGER NOT NULL," \
	"	node INTEGER NOT NULL," \
	"	item INTEGER NOT NULL," \
	"	before BLOB, after BLOB," DIGEST_ARRIVAL \
	"	PRIMARY KEY (time_msec, serial, node, item)" \
	") WITHOUT ROWID"

/*
 * See store/client-record.h. start_nsec tells the process: its start by CLOCK_MONOTONIC, or where that
 * is not known (start_msec NULL) its first connect. argv and ancestors are JSON arrays.
 */
#define CLIENT \
	"CREATE TABLE client(" \
	"	id INTEGER PRIMARY KEY," \
	"	boot TEXT NOT NULL, pid INTEGER NOT NULL, start_nsec INTEGER NOT NULL," \
	"	start_msec INTEGER, end_msec INTEGER, first_msec INTEGER," \
	"	auid INTEGER, session INTEGER, uid INTEGER," \
	"	exe TEXT, argv TEXT, argv_complete INTEGER NOT NULL," \
	"	via TEXT, container_id TEXT, ancestors TEXT" \
	")"
#define CLIENT_BY_PROCESS "CREATE INDEX client_by_process ON client(boot, pid, start_nsec)"
#define ENTRY_BY_CLIENT "CREATE INDEX entry_by_client ON entry(boot, client_pid)"

/* As version 3 had them. */
#define ENTRY_OF_3 ENTRY("")
#define CURSOR_OF_3 CURSOR("")
#define DIGEST_OF_3 DIGEST("")

#define TOUCH_FLAGGED \
	"CREATE INDEX touch_flagged ON" \
	"	touch_event(time_msec, serial, node, item, severity, flags, suppressed)" \
	"	WHERE flags <> 0"

static const char *const tables[] = {
	"CREATE TABLE meta("
	"	name TEXT PRIMARY KEY,"
	"	value TEXT"
	") WITHOUT ROWID",

	"CREATE TABLE name("
	"	kind TEXT NOT NULL,"
	"	number INTEGER NOT NULL,"
	"	name TEXT NOT NULL,"
	"	PRIMARY KEY (kind, number)"
	") WITHOUT ROWID",

	/* TEXT leaves a BLOB as it is: what goes in comes out. argv and evidence are JSON arrays. */
	"CREATE TABLE text("
	"	id INTEGER PRIMARY KEY,"
	"	value TEXT NOT NULL UNIQUE"
	")",

	"CREATE TABLE container("
	"	id INTEGER PRIMARY KEY,"
	"	runtime TEXT NOT NULL,"
	"	container_id TEXT NOT NULL,"
	"	outer_id TEXT, pod_uid TEXT, pod_name TEXT, pod_namespace TEXT,"
	"	name TEXT, image TEXT, image_id TEXT, image_digest TEXT,"
	"	command TEXT, created_by TEXT, labels TEXT, mounts TEXT," /* JSON */
	"	rootfs TEXT, source TEXT,"
	"	created_msec INTEGER,"
	"	init_pid INTEGER,"
	"	privileged INTEGER,"
	"	first_seen_msec INTEGER NOT NULL,"
	"	last_seen_msec INTEGER NOT NULL,"
	"	ended_msec INTEGER,"
	"	touches INTEGER NOT NULL DEFAULT 0,"
	"	flagged INTEGER NOT NULL DEFAULT 0,"
	"	posture TEXT," /* JSON */
	"	of_user INTEGER," /* whose rootless engine's it is; 0: root's; NULL: not known */
	"	UNIQUE (container_id, runtime)"
	")",

	/* login, exe, argv, via, evidence, reason: text. With confidence 0 nobody is named, and there is a reason. */
	"CREATE TABLE launcher("
	"	id INTEGER PRIMARY KEY,"
	"	auid INTEGER, login INTEGER, pid INTEGER, exe INTEGER,"
	"	argv INTEGER, argv_complete INTEGER NOT NULL,"
	"	via INTEGER,"
	"	confidence INTEGER NOT NULL,"
	"	evidence INTEGER,"
	"	content_trust INTEGER,"
	"	reason INTEGER"
	")",

	/*
	 * comm, exe, argv, user, login, ancestors: text. One row for each content, not for each pid; now and
	 * then a content has two.
	 */
	"CREATE TABLE process("
	"	id INTEGER PRIMARY KEY,"
	"	pid INTEGER, ppid INTEGER, comm INTEGER, exe INTEGER,"
	"	argv INTEGER, argv_complete INTEGER NOT NULL,"
	"	uid INTEGER, user INTEGER, auid INTEGER, login INTEGER, session INTEGER,"
	"	entry INTEGER NOT NULL,"
	"	attributed_by INTEGER NOT NULL,"
	"	launcher INTEGER,"
	"	ancestors INTEGER"
	")",

	/*
	 * node, path, path_seen, syscall, watch, doubt, suppressed: text; node 0: none, as a key has no NULL. The
	 * key makes the same log twice the same rows, and keeps them in the order in which they are
	 * asked for. device is major << 20 | minor.
	 */
	"CREATE TABLE touch_event("
	"	time_msec INTEGER NOT NULL,"
	"	serial INTEGER NOT NULL,"
	"	node INTEGER NOT NULL,"
	"	item INTEGER NOT NULL,"
	"	path INTEGER, path_seen INTEGER,"
	"	path_by INTEGER NOT NULL,"
	"	device INTEGER, inode INTEGER,"
	"	action INTEGER NOT NULL,"
	"	success INTEGER NOT NULL,"
	"	error INTEGER,"
	"	syscall INTEGER, watch INTEGER,"
	"	process INTEGER NOT NULL,"
	"	container INTEGER,"
	"	flags INTEGER NOT NULL,"
	"	severity INTEGER NOT NULL,"
	"	doubt INTEGER,"
	"	arrival INTEGER NOT NULL DEFAULT 1,"
	"	suppressed INTEGER,"
	"	PRIMARY KEY (time_msec, serial, node, item)"
	") WITHOUT ROWID",

	/* Each index ends with what the key adds to it: serial, node, item. */
	"CREATE INDEX touch_by_path ON touch_event(path, time_msec)",
	"CREATE INDEX touch_by_container ON touch_event(container, time_msec)"
	"	WHERE container IS NOT NULL",
	TOUCH_FLAGGED,

	ARRIVAL,
	CURSOR(",	error TEXT, error_msec INTEGER"),
	DIGEST("	arrival INTEGER NOT NULL DEFAULT 0,"),
	ENTRY("	content_trust INTEGER,"),
	ENTRY_BY_CLIENT,
	CLIENT,
	CLIENT_BY_PROCESS,

	/* Counting ten million rows takes a second; one row knows. */
	"CREATE TABLE total(touches INTEGER NOT NULL, flagged INTEGER NOT NULL)",
	"INSERT INTO total VALUES (0, 0)",

	"CREATE TABLE loss("
	"	id INTEGER PRIMARY KEY,"
	"	kind INTEGER NOT NULL,"
	"	since_msec INTEGER NOT NULL,"
	"	until_msec INTEGER NOT NULL,"
	"	count INTEGER,"
	"	detail TEXT"
	")",
	"CREATE INDEX loss_by_kind ON loss(kind, until_msec)",
};

#define TEXT(column) "(SELECT value FROM text WHERE id = " column ")"
#define NAME(kind, column) \
	"(SELECT name FROM name WHERE kind = '" kind "' AND number = " column ")"

/* Looked for only where there may be one. */
#define DIGEST_OF(column) \
	"iif(e.flags >> " STRING(FLAG_TRUST_CHANGE_NUMBER) " & 1, (SELECT lower(hex(d." column ")) FROM digest AS d" \
	" WHERE d.time_msec = e.time_msec AND d.serial = e.serial AND d.node = e.node" \
	" AND d.item = e.item AND d." column " IS NOT NULL), NULL)"
#define STRING(number) STRING_OF(number)
#define STRING_OF(number) #number
#define FLAG_TRUST_CHANGE_NUMBER 7
_Static_assert(FLAG_TRUST_CHANGE_NUMBER == FLAG_TRUST_CHANGE, "the view knows the flag's bit");

/*
 * path is joined, not looked up, so that anyone's `WHERE path = ...` finds the index.
 * json_group_array() would do for the flags, but a connection that does not trust schemas refuses
 * it in a view (SQLite 3.40).
 */
static const char view[] =
	"CREATE VIEW touch AS SELECT"
	" strftime('%Y-%m-%dT%H:%M:%fZ', e.time_msec / 1000.0, 'unixepoch') AS time,"
	" e.time_msec AS time_msec, e.serial AS serial, e.item AS item,"
	" " TEXT("e.node") " AS node,"
	" path.value AS path,"
	" " TEXT("e.path_seen") " AS path_seen,"
	" " NAME("path_by", "e.path_by") " AS path_by,"
	" e.device >> 20 AS dev_major, e.device & 0xfffff AS dev_minor, e.inode AS inode,"
	" " NAME("action", "e.action") " AS action,"
	" e.success AS success,"
	" coalesce(" NAME("errno", "e.error") ", CAST(e.error AS TEXT)) AS errno,"
	" e.error AS error,"
	" " TEXT("e.syscall") " AS syscall,"
	" " TEXT("e.watch") " AS watch,"
	" p.pid AS pid, p.ppid AS ppid,"
	" " TEXT("p.comm") " AS comm,"
	" " TEXT("p.exe") " AS exe,"
	" " TEXT("p.argv") " AS argv, p.argv_complete AS argv_complete,"
	" " TEXT("p.ancestors") " AS ancestors,"
	" p.uid AS uid, " TEXT("p.user") " AS user,"
	" p.auid AS auid, " TEXT("p.login") " AS login, p.session AS session,"
	" c.container_id AS container_id, c.name AS container_name,"
	" c.runtime AS container_runtime, c.image AS container_image,"
	" c.image_id AS container_image_id, c.outer_id AS container_outer_id,"
	" c.privileged AS container_privileged,"
	" iif(e.container IS NULL, NULL, " NAME("entry", "p.entry") ") AS container_entry,"
	" " NAME("attributed_by", "p.attributed_by") " AS container_attributed_by,"
	" l.auid AS launcher_auid, " TEXT("l.login") " AS launcher_login,"
	" l.pid AS launcher_pid, " TEXT("l.exe") " AS launcher_exe,"
	" " TEXT("l.argv") " AS launcher_argv, l.argv_complete AS launcher_argv_complete,"
	" " TEXT("l.via") " AS launcher_via,"
	" " NAME("confidence", "l.confidence") " AS launcher_confidence,"
	" " TEXT("l.evidence") " AS launcher_evidence,"
	" " NAME("content_trust", "l.content_trust") " AS launcher_content_trust,"
	" " TEXT("l.reason") " AS launcher_reason,"
	" (SELECT '[' || coalesce(group_concat('\"' || name || '\"'), '') || ']'"
	"	FROM (SELECT name FROM name WHERE kind = 'flag' AND e.flags >> number & 1"
	"	ORDER BY number)) AS flags,"
	" e.flags AS flag_bits,"
	" " NAME("severity", "e.severity") " AS severity,"
	" " TEXT("e.doubt") " AS doubt,"
	" " TEXT("e.suppressed") " AS suppressed,"
	" " DIGEST_OF("before") " AS digest_before, " DIGEST_OF("after") " AS digest_after"
	" FROM touch_event AS e"
	" LEFT JOIN text AS path ON path.id = e.path"
	" LEFT JOIN process AS p ON p.id = e.process"
	" LEFT JOIN launcher AS l ON l.id = p.launcher"
	" LEFT JOIN container AS c ON c.id = e.container";

static const struct {
	const char *kind;
	const char *const *names;
	int count;
} enums[] = {
	{ "action",        action_names,        ACTION_COUNT },
	{ "severity",      severity_names,      SEVERITY_COUNT },
	{ "flag",          flag_names,          FLAG_COUNT },
	{ "path_by",       path_by_names,       PATH_BY_COUNT },
	{ "entry",         entry_names,         ENTRY_COUNT },
	{ "attributed_by", attributed_by_names, ATTRIBUTED_COUNT },
	{ "confidence",    confidence_names,    CONFIDENCE_COUNT },
	{ "content_trust", content_trust_names, CONTENT_TRUST_COUNT },
	{ "loss",          loss_names,          LOSS_COUNT },
};
// clang-format on

static int add_name(sqlite3_stmt *insert, const char *kind, int number, const char *name)
{
	if (!name)
		return 0;
	sql_bind_string(insert, 1, kind);
	sqlite3_bind_int(insert, 2, number);
	sql_bind_string(insert, 3, name);
	return sql_run(insert);
}

int schema_add_names(sqlite3 *db)
{
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *insert = NULL;
	int r = sql_prepare(db, "INSERT OR IGNORE INTO name VALUES (?, ?, ?)", &insert);

	for (size_t i = 0; i < ELEMENTS(enums) && r == 0; i++)
		for (int number = 0; number < enums[i].count && r == 0; number++)
			r = add_name(insert, enums[i].kind, number, enums[i].names[number]);
	for (int error = 1; error <= MAX_ERRNO && r == 0; error++)
		r = add_name(insert, "errno", error, strerrorname_np(error));
	return r;
}

static int create(sqlite3 *db)
{
	char pragmas[128];
	int r = 0;

	for (size_t i = 0; i < ELEMENTS(tables) && r == 0; i++)
		r = sql_execute(db, tables[i]);
	r = r < 0 ? r : sql_execute(db, view);
	r = r < 0 ? r : schema_add_names(db);
	if (r < 0)
		return r;
	/* In the same transaction: a file is ours, with all its tables, or it is empty. */
	snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		STORE_APPLICATION_ID, STORE_SCHEMA_VERSION);
	return sql_execute(db, pragmas);
}

/* What made each version out of the one before; the view is made anew after all. */
static const struct {
	int version;
	const char *sql;
} upgrades[] = {
	{ 2, "ALTER TABLE process ADD COLUMN ancestors INTEGER;"
	     "ALTER TABLE container ADD COLUMN posture TEXT" },
	{ 3, ARRIVAL ";" CURSOR_OF_3 ";" ENTRY_OF_3 ";"
		     "ALTER TABLE touch_event ADD COLUMN arrival INTEGER NOT NULL DEFAULT 1;"
		     "ALTER TABLE touch_event ADD COLUMN suppressed INTEGER;"
		     "ALTER TABLE launcher ADD COLUMN content_trust INTEGER;"
		     "ALTER TABLE launcher ADD COLUMN reason INTEGER;" DIGEST_OF_3 ";"
		     "DROP INDEX IF EXISTS touch_flagged;" TOUCH_FLAGGED ";"
		     "INSERT INTO arrival SELECT 1, (SELECT min(time_msec) FROM touch_event),"
		     " (SELECT max(time_msec) FROM touch_event)"
		     " WHERE EXISTS (SELECT 1 FROM touch_event)" },
	{ 4, "ALTER TABLE digest ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;"
	     "ALTER TABLE container ADD COLUMN of_user INTEGER;"
	     "ALTER TABLE cursor ADD COLUMN error TEXT;"
	     "ALTER TABLE cursor ADD COLUMN error_msec INTEGER" },
	{ 5, "ALTER TABLE entry ADD COLUMN content_trust INTEGER;" ENTRY_BY_CLIENT ";" CLIENT
	     ";" CLIENT_BY_PROCESS },
};

int schema_upgrade(sqlite3 *db)
{
	char pragma[64];
	int64_t version;
	int r = sql_integer(db, "PRAGMA user_version", &version);

	if (r < 0 || version >= STORE_SCHEMA_VERSION)
		return r;
	for (size_t i = 0; i < ELEMENTS(upgrades) && r == 0; i++)
		if (upgrades[i].version > version)
			r = sql_execute(db, upgrades[i].sql);
	r = r < 0 ? r : sql_execute(db, "DROP VIEW touch");
	r = r < 0 ? r : sql_execute(db, view);
	if (r < 0)
		return r;
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", STORE_SCHEMA_VERSION);
	return sql_execute(db, pragma);
}

int schema_create(sqlite3 *db)
{
	int r = sql_execute(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = create(db);
	r = r < 0 ? r : sql_execute(db, "COMMIT");
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}
