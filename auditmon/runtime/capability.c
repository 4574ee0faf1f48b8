/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/capability.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* By number: include/uapi/linux/capability.h. */
static const char *const names[] = { "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
	"KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE",
	"NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO",
	"SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE",
	"AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
	"BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE" };

static const char *const defaults[] = { "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD",
	"NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT",
	"KILL", "AUDIT_WRITE" };

static bool is_default(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(defaults); i++)
		if (strcmp(defaults[i], name) == 0)
			return true;
	return false;
}

static uint64_t bit_of(const char *name, size_t len)
{
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return UINT64_C(1) << i;
	return 0;
}

int capability_beyond_default(uint64_t set, char **ret)
{
	_cleanup_(freep) char *json = NULL;
	unsigned n = 0;
	FILE *out = open_memstream(&json, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (unsigned i = 0; i < 64; i++) {
		if (!(set >> i & 1) || (i < ELEMENTS(names) && is_default(names[i])))
			continue;
		/* Newer than this table. */
		if (i >= ELEMENTS(names))
			fprintf(out, "%s\"%u\"", n++ ? "," : "", i);
		else
			fprintf(out, "%s\"%s\"", n++ ? "," : "", names[i]);
	}
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = TAKE(json);
	return 0;
}

int capability_names_beyond_default(const char *list, size_t len, char **ret)
{
	static const char prefix[] = "CAP_";
	uint64_t set = 0;

	for (size_t at = 0; at < len; at += strlen(list + at) + 1)
		if (strncmp(list + at, prefix, sizeof(prefix) - 1) == 0)
			set |= bit_of(list + at + sizeof(prefix) - 1,
				strlen(list + at) - (sizeof(prefix) - 1));
	return capability_beyond_default(set, ret);
}
