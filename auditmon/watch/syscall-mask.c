/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/syscall-mask.h"

#include <libaudit.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "watch/rule-field.h"

static bool add(uint32_t *mask, int machine, const char *name, int number)
{
	int known = machine < 0 ? -1 : audit_name_to_syscall(name, machine);

	if (known < 0 && number > 0 && machine >= 0)
		known = number;
	if (known < 0 || known >= SYSCALLS_END)
		return false;
	mask[AUDIT_WORD(known)] |= AUDIT_BIT(known);
	return true;
}

bool syscall_mask_add(uint32_t *mask, int machine, const char *name, int number)
{
	static const char *const sizes[] = { "b64", "b32" };
	bool any = false;

	if (machine != ANY_MACHINE)
		return add(mask, machine, name, number);
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		any |= add(mask, audit_determine_machine(sizes[i]), name, number);
	return any;
}
