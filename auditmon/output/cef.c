/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * ArcSight Common Event Format
 *
 * "CEF:0|vendor|product|version|class|name|severity|key=value ...". Keys of the dictionary where it
 * has a fitting one, else our own, which begin with the product's name.
 */

#include <string.h>

#include "output/flat.h"
#include "output/format.h"
#include "output/touch-line.h"

static const struct flat_syntax syntax = { .special = "\\=" };

// clang-format off
static const char *const names[ACTION_COUNT] = {
	[ACTION_WRITE]   = "File written",
	[ACTION_ATTR]    = "File attributes changed",
	[ACTION_CREATE]  = "File created",
	[ACTION_DELETE]  = "File deleted",
	[ACTION_RENAME]  = "File renamed",
	[ACTION_LINK]    = "File linked",
	[ACTION_READ]    = "File read",
	[ACTION_EXEC]    = "Program executed",
	[ACTION_CONNECT] = "Socket connected to",
	[ACTION_MOUNT]   = "File system mounted",
	[ACTION_DENIED]  = "Access denied",
};

static const struct {
	const char *key;
	enum field field;
	const char *label;
} rows[] = {
	{ "rt",          FIELD_TIME_MSEC },
	{ "externalId",  FIELD_ID },
	{ "dvchost",     FIELD_NODE },
	{ "act",         FIELD_ACTION },
	{ "reason",      FIELD_ERRNO },
	{ "filePath",    FIELD_PATH },
	{ "spid",        FIELD_PID },
	{ "sproc",       FIELD_EXE },
	{ "suid",        FIELD_UID },
	{ "suser",       FIELD_USER },
	{ "cs1",         FIELD_FLAGS, "flags" },
	{ "cs2",         FIELD_CONTAINER_ID, "container id" },
	{ "cs3",         FIELD_CONTAINER_NAME, "container name" },
	{ "cs4",         FIELD_CONTAINER_IMAGE, "container image" },
	{ "cs5",         FIELD_LOGIN, "login" },
	{ "cs6",         FIELD_LAUNCHER_LOGIN, "launcher login" },
	{ "cn1",         FIELD_AUID, "loginuid" },
	{ "cn2",         FIELD_SESSION, "session" },
	{ "cn3",         FIELD_LAUNCHER_AUID, "launcher loginuid" },
	{ "auditmonTime",                  FIELD_TIME },
	{ "auditmonSerial",                FIELD_SERIAL },
	{ "auditmonPathSeen",              FIELD_PATH_SEEN },
	{ "auditmonPathBy",                FIELD_PATH_BY },
	{ "auditmonDevice",                FIELD_DEVICE },
	{ "auditmonInode",                 FIELD_INODE },
	{ "auditmonSuccess",               FIELD_SUCCESS },
	{ "auditmonSyscall",               FIELD_SYSCALL },
	{ "auditmonWatch",                 FIELD_WATCH },
	{ "auditmonPpid",                  FIELD_PPID },
	{ "auditmonComm",                  FIELD_COMM },
	{ "auditmonArgv",                  FIELD_ARGV },
	{ "auditmonArgvComplete",          FIELD_ARGV_COMPLETE },
	{ "auditmonAncestors",             FIELD_ANCESTORS },
	{ "auditmonContainerRuntime",      FIELD_CONTAINER_RUNTIME },
	{ "auditmonContainerImageId",      FIELD_CONTAINER_IMAGE_ID },
	{ "auditmonContainerOuterId",      FIELD_CONTAINER_OUTER_ID },
	{ "auditmonContainerPrivileged",   FIELD_CONTAINER_PRIVILEGED },
	{ "auditmonContainerEntry",        FIELD_CONTAINER_ENTRY },
	{ "auditmonContainerAttributedBy", FIELD_CONTAINER_ATTRIBUTED_BY },
	{ "auditmonLauncherPid",           FIELD_LAUNCHER_PID },
	{ "auditmonLauncherExe",           FIELD_LAUNCHER_EXE },
	{ "auditmonLauncherArgv",          FIELD_LAUNCHER_ARGV },
	{ "auditmonLauncherArgvComplete",  FIELD_LAUNCHER_ARGV_COMPLETE },
	{ "auditmonLauncherVia",           FIELD_LAUNCHER_VIA },
	{ "auditmonLauncherConfidence",    FIELD_LAUNCHER_CONFIDENCE },
	{ "auditmonLauncherEvidence",      FIELD_LAUNCHER_EVIDENCE },
	{ "auditmonLauncherReason",        FIELD_LAUNCHER_REASON },
	{ "auditmonSeverity",              FIELD_SEVERITY },
	{ "auditmonDoubt",                 FIELD_DOUBT },
	{ "auditmonSuppressed",            FIELD_SUPPRESSED },
	{ "auditmonDigestBefore",          FIELD_DIGEST_BEFORE },
	{ "auditmonDigestAfter",           FIELD_DIGEST_AFTER },
	{ "auditmonLauncherContentTrust",  FIELD_LAUNCHER_CONTENT_TRUST },
};
// clang-format on

static void print_pair(FILE *out, const char *key, enum field field, const struct value *value,
	struct flat_escaped *escaped)
{
	fprintf(out, " %s=", key);
	flat_print_field(out, field, value, &syntax, escaped);
}

void cef_print(FILE *out, const struct record *record, unsigned index)
{
	const struct touch *touch = record->touch;
	struct flat_escaped escaped = { 0 };
	struct value value;

	fprintf(out, "CEF:0|" FORMAT_PRODUCT "|" FORMAT_PRODUCT "|" AUDITMON_VERSION "|%s|%s|%d|",
		action_names[touch->action], names[touch->action],
		flat_severities[touch->severity]);
	fprintf(out, "outcome=%s", touch->success ? "success" : "failure");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		field_value(record, rows[i].field, &value);
		if (value.type == VALUE_NONE)
			continue;
		print_pair(out, rows[i].key, rows[i].field, &value, &escaped);
		if (rows[i].label)
			fprintf(out, " %sLabel=%s", rows[i].key, rows[i].label);
	}
	flat_escaped_value(&escaped, &value);
	if (value.type != VALUE_NONE)
		fprintf(out, " auditmonEscaped=%s", value.bytes);
}
