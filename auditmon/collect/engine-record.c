/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/engine-record.h"

#include <string.h>

static const char *known_text(struct field_arena *arena, const char *value)
{
	return strcmp(value, "?") == 0 ? NULL : field_text(arena, value);
}

bool engine_record_field(struct engine_record *record, struct event_engine *ret,
	struct field_arena *arena, enum field_name field, const char *value)
{
	switch (field) {
	case FIELD_AUID:
		if (record->n_auid++ == 0)
			return false;
		ret->auid = (uint32_t)field_number(value);
		break;
	case FIELD_OP:
		ret->operation = known_text(arena, value);
		break;
	case FIELD_VM:
		ret->name = known_text(arena, value);
		break;
	case FIELD_UUID:
		ret->id = known_text(arena, value);
		break;
	case FIELD_HOSTNAME:
		/* The last is libaudit's, of the sender's own peer. */
		if (record->n_hostname++ == 0 && !ret->id)
			ret->id = known_text(arena, value);
		break;
	case FIELD_VM_PID:
		ret->pid = (pid_t)field_number(value);
		break;
	case FIELD_RES:
		ret->failed = strcmp(value, "success") != 0;
		break;
	default:
		/* What else could be the sender's own is so only before its auid. */
		return record->n_auid > 0;
	}
	return true;
}
