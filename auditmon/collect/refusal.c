/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/refusal.h"

#include <linux/seccomp.h>
#include <string.h>

void refusal_field(struct refusal *refusal, struct field_arena *arena, enum field_name field,
	const char *value)
{
	const char *path;

	switch (field) {
	case FIELD_SERESULT: /* libauparse's name for the word behind "avc:" */
		refusal->denied = strcmp(value, "denied") == 0;
		break;
	case FIELD_APPARMOR:
		refusal->denied = strcmp(value, "\"DENIED\"") == 0;
		break;
	case FIELD_PERMISSIVE:
		refusal->permissive = strcmp(value, "0") != 0;
		break;
	case FIELD_PATH:
	case FIELD_NAME:
		/* SELinux's name= is a last component only, its path= may be that of a pipe. */
		path = field_string(arena, value, NULL);
		if (path && path[0] == '/')
			refusal->path = path;
		break;
	default:
		break;
	}
}

bool refusal_is_real(const struct refusal *refusal)
{
	return refusal->denied && !refusal->permissive;
}

bool refusal_by_seccomp(uint32_t code)
{
	switch (code & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
		return true;
	default:
		return false;
	}
}
