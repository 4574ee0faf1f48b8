/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What security modules and seccomp refused
 *
 * SELinux's and AppArmor's records (type AVC) and seccomp's tell of refusals and of what was only
 * logged, in one form. Only a refusal counts: not SELinux's granted, nor its permissive mode, nor
 * AppArmor's complain mode, nor a filter that lets the call through.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collect/field.h"

/* Of one record; begins as {}. */
struct refusal {
	bool denied, permissive;
	const char *path; /* absolute, as the process has it; NULL: the record names none */
};

/* One field of a record of type AVC; what belongs to no refusal is passed over. */
void refusal_field(struct refusal *refusal, struct field_arena *arena, enum field_name field,
	const char *value);

bool refusal_is_real(const struct refusal *refusal);

/* Of a SECCOMP record's code=, the action that the filter chose. */
bool refusal_by_seccomp(uint32_t code);
